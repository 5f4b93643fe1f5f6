"""A page that came back: what becomes of it, and how it is answered."""

from collections.abc import Sequence

import msgspec
from litestar import Response
from sqlalchemy.exc import SQLAlchemyError

from feedback.inbox.sealing import SendOutcome
from feedback.web.rendering import see_other
from feedback.web.survey.public_pages import thank
from feedback.web.survey.survey_form import FilledForm, ReturnNote
from feedback.web.survey.survey_problem import not_yet, prove
from feedback.web.survey.survey_view import survey
from feedback.web.survey.visit import Visit
from surveys.answers import AnswersRefused, Problem, read_answers, read_consent
from surveys.answers import Response as SurveyResponse


class Submission(msgspec.Struct, frozen=True):
    """A page that came back: of which visit, and what it says."""

    visit: Visit
    filled: FilledForm

    async def answer(self) -> Response[str] | Response[None]:
        """Thank, or give the page back filled. Nothing that was read here is lost, whatever goes wrong."""
        page = await self._respond()
        prove(page, self.filled.submission_key, self.visit.page_context)
        return page

    async def _respond(self) -> Response[str] | Response[None]:
        filled, is_current = self.filled, self._is_current()
        if filled.to:
            return await self._thank_in_place(filled.about) if filled.about else self._back(ReturnNote.MOVED)
        if filled.by_enter:
            return self._back(ReturnNote.BY_ENTER)
        if filled.takes_back:
            return await self._take_back(is_current)
        if not is_current:
            return self._back(ReturnNote.OLD, filled.again(self.visit.new_submission_key()))
        try:
            response = self._response()
        except AnswersRefused as refused:
            return self._back(ReturnNote.REFUSED, problems=refused.problems)
        return await self._settle(response)

    async def _settle(self, response: SurveyResponse) -> Response[str] | Response[None]:
        """Store it, and say what became of it."""
        # Before anybody looks whether it was sent before: who empties a link's allowance learns nothing.
        if not self.visit.deployment.rate_limit.takes(self.visit.link.slug):
            return self._back(ReturnNote.DAMPED)
        try:
            outcome, later_version = await self._store(response)
        except (SQLAlchemyError, OSError):
            return self._back(ReturnNote.BUSY)
        if later_version is not None:
            # Who sees this went back to an older page: a Send that was held up is read by nobody.
            return self._back(
                ReturnNote.LATER, msgspec.structs.replace(self.filled, version=later_version).again()
            )
        if outcome is SendOutcome.THROWN_AWAY:
            return self._back(ReturnNote.THROWN, self.filled.again(self.visit.new_submission_key()))
        return await self._thank("late" if outcome is SendOutcome.LET_OUT else None)

    async def _thank(self, about: str | None) -> Response[str] | Response[None]:
        """Lead a browser to the thank-you page; give it to a script, which shows it in the place of the form.

        Not as a redirect: a script cannot tell ours from that of a network on the way.
        """
        language, page_context = self.visit.language, self.visit.page_context
        if not self.filled.by_script:
            return see_other(page_context.thanks(language, about))
        if about is None and not page_context.kiosk and not page_context.frames:
            return await self._thank_in_place("sent")
        return await thank(self.visit.deployment, language.tag, page_context, about)

    async def _thank_in_place(self, about: str) -> Response[str]:
        """The thank-you page in the place of the questions, from where all can be taken back."""
        visit, topic = self.visit, "wait" if about == "wait" else None
        key = self.filled.submission_key
        return await thank(visit.deployment, visit.language.tag, visit.page_context, topic, key)

    async def _take_back(self, is_current: bool) -> Response[str]:
        """Throw away what this page sent, unread, or say that it is too late, or that it has to wait.

        On the page itself and not at an address: the phone's history need not tell of it.
        """
        deployment, tag, slug = self.visit.deployment, self.visit.language.tag, self.visit.link.slug
        page_context = self.visit.page_context
        if not is_current:
            return await thank(deployment, tag, page_context, "late")
        if not deployment.rate_limit.takes(slug):
            return not_yet(deployment, tag, page_context, self.filled)
        async with deployment.database.transaction() as session:
            now = deployment.settings.period
            is_gone = await deployment.inbox.throw_away(session, slug, self.filled.submission_key, now)
        return await thank(deployment, tag, page_context, "back" if is_gone else "late")

    def _is_current(self) -> bool:
        deployment, slug = self.visit.deployment, self.visit.link.slug
        return deployment.submission_keys.is_current(
            slug, self.filled.submission_key, deployment.settings.period
        )

    def _response(self) -> SurveyResponse:
        link = self.visit.link
        return SurveyResponse(
            program=link.program.id,
            audience=link.audience,
            instrument=link.instrument.id,
            language=self.visit.language.tag,
            period=str(self.visit.deployment.settings.period),
            origin="live",
            answers=read_answers(link.instrument, self.filled.answers, wants_comments=link.comments),
            consent=read_consent(self.filled.consent),
        )

    async def _store(self, response: SurveyResponse) -> tuple[SendOutcome, int | None]:
        """What became of it, and the version that was meant later and stays, where one does."""
        filled, inbox, slug = self.filled, self.visit.deployment.inbox, self.visit.link.slug
        async with self.visit.deployment.database.transaction() as session:
            outcome = await inbox.store(session, slug, filled.submission_key, response, filled.version)
            # Asked for that one case alone: every Send waits for this transaction.
            is_older = outcome is SendOutcome.UNCHANGED
            return outcome, await inbox.version(session, slug, filled.submission_key) if is_older else None

    def _back(
        self, note: ReturnNote, filled: FilledForm | None = None, problems: Sequence[Problem] = ()
    ) -> Response[str]:
        return survey(self.visit, filled or self.filled.again(), note, problems)
