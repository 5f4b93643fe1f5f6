"""Joins the parts into the two doors. Nothing opens at import, and neither door knows the other's pages."""

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.static_files import create_static_files_router

from feedback.deployment import Deployment, read_deployment, read_staff_keys
from feedback.inbox.shuffle import daily_rewriting
from feedback.settings import Settings
from feedback.staff.access import OPEN
from feedback.web import protections
from feedback.web.staff.account_pages import account_router, own_account
from feedback.web.staff.admission import DOES, admit, own_link, own_program, signed_in_account, undeclared
from feedback.web.staff.audit_pages import audit_router
from feedback.web.staff.glossary_page import glossary_router
from feedback.web.staff.link_pages import contractor_router
from feedback.web.staff.page import STATIC, OwnFiles, StaffRequest
from feedback.web.staff.paper_entry_pages import stack_router
from feedback.web.staff.people_pages import people_router
from feedback.web.staff.poster_pages import poster_router
from feedback.web.staff.problem import elsewhere, staff_problem
from feedback.web.staff.results.county_pages import county_router
from feedback.web.staff.results.downloads import download_router
from feedback.web.staff.results.pages import leadership_router
from feedback.web.staff.results.strategy_pages import strategy_router
from feedback.web.staff.results.who_was_heard_pages import who_was_heard_router
from feedback.web.staff.sign_in_pages import one_try, own_passkeys, sign_in_router
from feedback.web.staff.welcome_pages import welcome_router
from feedback.web.staff.words.word_pages import word_router
from feedback.web.staff.work_pages import work_router
from feedback.web.survey.heard_pages import heard_router
from feedback.web.survey.news_pages import news_router
from feedback.web.survey.paper_pages import paper_router
from feedback.web.survey.public_pages import public_router
from feedback.web.survey.survey_pages import survey_router
from feedback.web.survey.survey_problem import problem
from feedback.web.survey.survey_view import preview

LARGEST_SURVEY_BODY = 300_000
"""Two text boxes, each pasted twelve times too full with letters of four bytes, and every choice."""
LARGEST_STAFF_BODY = 600_000
"""A page of sheets with boxes as full as they may be, once more where it goes through sign-in."""


def create_survey_app(settings: Settings) -> Litestar:
    """The door for respondents and the public: no accounts, no cookies, no log."""
    return Litestar(
        [survey_router, paper_router, public_router, heard_router, news_router],
        dependencies=_DEPENDENCIES,
        state=State({"deployment": read_deployment(settings)}),
        lifespan=[lambda door: daily_rewriting(door.state.deployment.database, settings)],
        on_shutdown=[_close],
        before_send=[protections.protect_survey_door(settings)],
        exception_handlers={Exception: problem},
        compression_config=CompressionConfig(backend="brotli", brotli_quality=7),
        request_max_body_size=LARGEST_SURVEY_BODY,
        openapi_config=None,
        # Litestar's own logging writes bodies and User-Agents.
        logging_config=None,
    )


def create_staff_app(settings: Settings) -> Litestar:
    """The door for CTLT, contractors and the two people who run this: sign-in, roles, audit log.

    Raises LookupError when a route does not say what it does: nobody could tell whom to let in.
    """
    staff_keys = read_staff_keys(settings)
    door = Litestar(
        [
            sign_in_router,
            welcome_router,
            account_router,
            people_router,
            leadership_router,
            strategy_router,
            county_router,
            who_was_heard_router,
            glossary_router,
            download_router,
            contractor_router,
            poster_router,
            stack_router,
            word_router,
            work_router,
            audit_router,
            elsewhere,
            create_static_files_router(
                "/static", directories=[STATIC], file_system=OwnFiles(), opt={DOES: OPEN}
            ),
        ],
        guards=[admit],
        dependencies={
            **_DEPENDENCIES,
            "staff_keys": Provide(lambda: staff_keys, sync_to_thread=False),
            "account": Provide(signed_in_account),
            "link": Provide(own_link),
            "program": Provide(own_program),
            "signing_in": Provide(one_try),
            "passkeys": Provide(own_passkeys),
            "own": Provide(own_account),
            "preview": Provide(lambda: preview, sync_to_thread=False),
        },
        state=State({"deployment": read_deployment(settings), "staff_keys": staff_keys}),
        on_shutdown=[_close],
        before_send=[protections.protect_staff_door(settings)],
        exception_handlers={Exception: staff_problem},
        request_class=StaffRequest,
        request_max_body_size=LARGEST_STAFF_BODY,
        openapi_config=None,
        logging_config=None,
    )
    if silent := undeclared(door):
        raise LookupError(f"These routes do not say what they do: {', '.join(silent)}.")
    return door


def _deployment_of(state: State) -> Deployment:
    deployment: Deployment = state.deployment
    return deployment


async def _close(door: Litestar) -> None:
    await _deployment_of(door.state).database.close()


_DEPENDENCIES = {"deployment": Provide(_deployment_of, sync_to_thread=False)}
