"""A page that came back: what becomes of it, and how it is answered."""

from collections.abc import Sequence

import msgspec
from litestar import Response
from sqlalchemy.exc import SQLAlchemyError

from feedback.deployment import Deployment
from feedback.fieldwork.links import Link
from feedback.inbox.sealing import SendOutcome
from feedback.web.rendering import see_other
from feedback.web.survey.page_context import PageContext
from feedback.web.survey.public_pages import thank
from feedback.web.survey.survey_form import Filled, Note
from feedback.web.survey.survey_problem import not_yet, prove
from feedback.web.survey.survey_view import Spoken, survey
from surveys.answers import AnswersRefused, Problem, read_answers, read_consent
from surveys.answers import Response as Answered


class Sent(msgspec.Struct, frozen=True):
    """A page that came back: what it says, and in which words it is answered."""

    deployment: Deployment
    link: Link
    page_context: PageContext
    filled: Filled
    spoken: Spoken

    async def answer(self) -> Response[str] | Response[None]:
        """Thank, or give the page back filled. Nothing that was read here is lost, whatever goes wrong."""
        page = await self._answered()
        prove(page, self.filled.submission_key, self.page_context)
        return page

    async def _answered(self) -> Response[str] | Response[None]:
        filled, now, numbers = self.filled, self.deployment.settings.period, self.deployment.submission_keys
        if filled.to:
            return await self._told(filled.done) if filled.done else self._back(Note.MOVED)
        if filled.by_enter:
            return self._back(Note.BY_ENTER)
        if filled.takes_back:
            return await self._take_back(numbers.is_current(self.link.slug, filled.submission_key, now))
        if not numbers.is_current(self.link.slug, filled.submission_key, now):
            return self._back(Note.OLD, filled.again(self._new_number()))
        try:
            response = self._response()
        except AnswersRefused as refused:
            return self._back(Note.REFUSED, problems=refused.problems)
        return await self._settle(response)

    async def _settle(self, response: Answered) -> Response[str] | Response[None]:
        """Store it, and say what became of it."""
        # Before anybody looks whether it was sent before: who empties a link's allowance learns nothing.
        if not self.deployment.rate_limit.takes(self.link.slug):
            return self._back(Note.DAMPED)
        try:
            stored, later = await self._stored(response)
        except (SQLAlchemyError, OSError):
            return self._back(Note.BUSY)
        if later is not None:
            # Who sees this went back to an older page: a Send that was held up is read by nobody.
            return self._back(Note.LATER, msgspec.structs.replace(self.filled, version=later).again())
        if stored is SendOutcome.THROWN_AWAY:
            return self._back(Note.THROWN, self.filled.again(self._new_number()))
        return await self._thank("late" if stored is SendOutcome.LET_OUT else None)

    async def _thank(self, about: str | None) -> Response[str] | Response[None]:
        """Lead a browser to the thank-you page; give it to a script, which shows it in the place of the form.

        Not as a redirect: a script cannot tell ours from that of a network on the way.
        """
        language, page_context = self.spoken.catalog.language, self.page_context
        if not self.filled.by_script:
            return see_other(page_context.thanks(language, about))
        if about is None and not page_context.kiosk and not page_context.frames:
            return await self._told("sent")
        return await thank(self.deployment, language.tag, page_context, about)

    async def _told(self, about: str) -> Response[str]:
        """The thank-you page in the place of the questions, from where all can be taken back."""
        told = "wait" if about == "wait" else None
        tag = self.spoken.catalog.language.tag
        return await thank(self.deployment, tag, self.page_context, told, self.filled.submission_key)

    async def _take_back(self, is_current: bool) -> Response[str]:
        """Throw away what this page sent, unread, or say that it is too late, or that it has to wait.

        On the page itself and not at an address: the phone's history need not tell of it.
        """
        deployment, tag = self.deployment, self.spoken.catalog.language.tag
        if not is_current:
            return await thank(deployment, tag, self.page_context, "late")
        if not deployment.rate_limit.takes(self.link.slug):
            return not_yet(deployment, tag, self.page_context, self.filled)
        async with deployment.database.transaction() as session:
            now = deployment.settings.period
            gone = await deployment.inbox.throw_away(session, self.link.slug, self.filled.submission_key, now)
        return await thank(deployment, tag, self.page_context, "back" if gone else "late")

    def _new_number(self) -> str:
        return self.deployment.submission_keys.new(self.link.slug, self.deployment.settings.period)

    def _response(self) -> Answered:
        link = self.link
        return Answered(
            program=link.program.id,
            audience=link.audience,
            instrument=link.instrument.id,
            language=self.spoken.catalog.language.tag,
            period=str(self.deployment.settings.period),
            origin="live",
            answers=read_answers(link.instrument, self.filled.given, wants_comments=link.comments),
            consent=read_consent(self.filled.consent),
        )

    async def _stored(self, response: Answered) -> tuple[SendOutcome, int | None]:
        """What became of it, and the version that was meant later and stays, where one does."""
        filled, inbox, slug = self.filled, self.deployment.inbox, self.link.slug
        async with self.deployment.database.transaction() as session:
            stored = await inbox.store(session, slug, filled.submission_key, response, filled.version)
            # Asked for that one case alone: every Send waits for this transaction.
            is_older = stored is SendOutcome.KEPT
            return stored, await inbox.version(session, slug, filled.submission_key) if is_older else None

    def _back(
        self, note: Note, filled: Filled | None = None, problems: Sequence[Problem] = ()
    ) -> Response[str]:
        filled = filled or self.filled.again()
        return survey(self.deployment, self.link, self.page_context, self.spoken, filled, note, problems)
