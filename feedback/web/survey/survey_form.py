"""The form of a survey: what came back from it, and how it is shown, filled, for the next try."""

import asyncio
import enum
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

import msgspec
from litestar import Request
from litestar.exceptions import ClientException

from feedback.inbox.sealing import MOST_VERSIONS
from surveys.answers import Problem
from surveys.asking import AskedQuestion
from surveys.instruments import Question, ShowIf

SUBMISSION_KEY, VERSION, LANGUAGE, CONSENT, ENTER = "_once", "_version", "_language", "_consent", "_enter"
"""The form's own fields; a question's id cannot begin with an underscore."""
TO, STEP, TAKE_BACK, DONE = "_to", "_step", "_take_back", "_done"
"""The language somebody pressed, the step that the script shows, and two of the thank-you page."""
SCRIPT = "_script"
"""Says that the optional script sent it, which goes on by itself."""
UNSEEN = "_website"
"""A box that people never see and simple programs fill in; no phone offers to fill in a website by itself."""
MOST_FIELDS = 200
PATIENCE = 120
"""Seconds in which a whole page has to arrive: longer than the slowest phone takes."""
_FORM = "application/x-www-form-urlencoded"
_NUMBER = re.compile(r"[0-9]{1,5}", re.ASCII)
_CODE = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)
_OURS = ("same-origin", "none")


PROOF = "Feedback-Page"
"""The header in which a reply says the number of the page that was sent: nobody else's reply knows it."""


class ReturnNote(enum.Enum):
    """Why a page comes back, and with which status."""

    MOVED = 0
    """Another language was chosen: nothing has to be said."""
    BY_ENTER = 200
    REFUSED = 400
    OLD = 409
    THROWN = 410
    """What it sent was taken back, and can be sent again under a new number."""
    LATER = 412
    """What it sent later is stored: somebody without script went back to an older page and edited that."""
    DAMPED = 429
    BUSY = 503


class NotAForm(ClientException):
    """Something was sent that is not a filled-in page of ours."""

    status_code = 415


class NotOurs(ClientException):
    """A page of another site sent the form."""

    status_code = 403


class TooSlow(ClientException):
    """Half a page arrived, and then nothing."""

    status_code = 408


class FilledForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a person sent: the page's own fields, and the rest by question."""

    submission_key: str
    """The number of the page."""
    version: int
    """How often the page was sent after an edit, or given back: the highest is what was last meant."""
    language: str
    consent: str
    answers: Mapping[str, Sequence[str]]
    by_enter: bool = False
    """The Enter key sent it, which people press without meaning Send."""
    by_script: bool = False
    to: str = ""
    """The language to go on in; all else stays as it is."""
    step: int = 0
    """Which step the script showed: 0 is the first screen, then each question, then one to send."""
    takes_back: bool = False
    about: str = ""
    """What the thank-you page says from which it comes; empty for a survey."""

    def again(self, submission_key: str | None = None) -> "FilledForm":
        """As it is given back: what is sent from it was meant later. A `submission_key` begins anew."""
        return msgspec.structs.replace(
            self,
            submission_key=submission_key or self.submission_key,
            version=0 if submission_key else min(self.version + 1, MOST_VERSIONS),
        )

    @property
    def answer_language(self) -> str:
        """The language to answer in: the one pressed, or the page's own."""
        return self.to or self.language

    @property
    def words(self) -> list[str]:
        """What was written in boxes: all that is no code of a choice."""
        values = (_readable(value).strip() for values in self.answers.values() for value in values)
        return [it for it in values if it and not _CODE.fullmatch(it)]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """All that has to be sent again but the language, for a page that cannot show the questions."""
        own = {
            SUBMISSION_KEY: self.submission_key,
            VERSION: str(self.version),
            CONSENT: self.consent,
            STEP: str(self.step),
        }
        answers = [(name, _readable(value)) for name, values in self.answers.items() for value in values]
        return [*own.items(), *answers]


class QuestionView(msgspec.Struct, frozen=True):
    """A question as the page shows it, filled with what was sent before."""

    question: Question
    number: int | None
    """Its place in the survey; one that follows up on another has none, so that no number is ever missing."""
    answers: Sequence[str]
    problem: Problem | None
    conditions: tuple[str, ...]
    """What one must have answered before, in words, for a browser that cannot hide the question."""
    applies: str
    """The same as a selector that finds something when the question applies; empty when it always does."""

    @property
    def has_details(self) -> bool:
        """Whether something more is said of it than its text."""
        return bool(self.conditions or self.question.hint or self.question.kind == "multiple" or self.problem)

    @property
    def described_by(self) -> str:
        """Ids of all that a screen reader has to say with the field."""
        parts = {
            "notice": self.question.notice,
            "details": self.has_details,
            "room": self.question.is_text,
        }
        return " ".join(f"{self.question.id}-{part}" for part, there in parts.items() if there)


def nothing_filled(submission_key: str) -> FilledForm:
    return FilledForm(submission_key=submission_key, version=0, language="", consent="", answers={})


def check_origin(request: Request, own: str) -> None:  # type: ignore[type-arg]
    """Raise NotOurs for a form that a page of another site sent, as far as the browser says.

    What it says is looked at and not kept. `Sec-Fetch-Site` comes over https from every browser of the last
    years, and knows the name that the browser was told; `Origin` is mostly `null`, as our pages give no
    address along, and is asked where the other is missing.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    hosts = {request.headers.get("host"), urlsplit(own).netloc}
    if site is None and origin not in ("null", ""):
        site = "none" if urlsplit(origin).netloc in hosts else "cross-site"
    if site not in (None, *_OURS):
        raise NotOurs


async def read_form(request: Request) -> FilledForm:  # type: ignore[type-arg]
    """Read what was sent, and remember it for an error that comes later.

    Raises NotAForm, TooSlow, and ClientException when there are too many fields.
    """
    if request.content_type[0] != _FORM:
        raise NotAForm
    try:
        async with asyncio.timeout(PATIENCE):
            body = (await request.body()).decode("utf-8", "surrogateescape")
    except TimeoutError as error:
        raise TooSlow from error
    if body.count("%") * 3 > len(body):
        # No browser writes this, and to read percent signs that mean nothing takes the longest.
        raise ClientException
    try:
        # Broken letters are kept as they are, so that the answer they stand in is refused and not changed.
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="surrogateescape")
    except ValueError as error:
        raise ClientException from error
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    if not any(fields.get(UNSEEN, ())):
        # Filled in, it stays among the answers and is refused there like anything that was never asked for.
        fields.pop(UNSEEN, None)
    filled = request.state.filled = _form_of(fields)
    return filled


def sent_with(request: Request) -> FilledForm | None:  # type: ignore[type-arg]
    """What was sent with a request that failed afterwards."""
    return getattr(request.state, "filled", None)


def _form_of(fields: dict[str, list[str]]) -> FilledForm:
    def text_of(name: str) -> str:
        return _readable(fields.pop(name, [""])[-1])

    def number_of(name: str, most: int) -> int:
        number = text_of(name)
        return min(int(number), most) if _NUMBER.fullmatch(number) else 0

    return FilledForm(
        submission_key=text_of(SUBMISSION_KEY),
        version=number_of(VERSION, MOST_VERSIONS),
        language=text_of(LANGUAGE),
        consent=text_of(CONSENT),
        by_enter=bool(text_of(ENTER)),
        by_script=bool(text_of(SCRIPT)),
        to=text_of(TO),
        step=number_of(STEP, MOST_FIELDS),
        takes_back=bool(text_of(TAKE_BACK)),
        about=text_of(DONE),
        answers=fields,
    )


def question_views(
    questions: Sequence[AskedQuestion], filled: FilledForm, problems: Sequence[Problem]
) -> list[QuestionView]:
    """The questions in order, each with what was given and what is wrong with it."""
    by_question = {problem.question: problem for problem in problems}
    return [
        QuestionView(
            it.question,
            it.number,
            [_readable(value) for value in filled.answers.get(it.question.id, ())],
            by_question.get(it.question.id),
            it.conditions,
            _selector(it.question.show_if),
        )
        for it in questions
    ]


def show_if_style(questions: Sequence[QuestionView]) -> str:
    """Hide what does not apply, without a script; a browser that cannot shows it with its condition."""
    rules = "".join(
        f"form:not(:has({it.applies})) #ask-{it.question.id}:not(.marked){{display:none}}"
        for it in questions
        if it.applies
    )
    # Where it is hidden from all others nobody is told whom it is for, but who is asked to mend it.
    only = ".ask:not(.marked) .only{display:none}"
    return f"@supports selector(:has(a)){{{rules}{only}}}" if rules else ""


def step_to_open(questions: Sequence[QuestionView], filled: FilledForm, note: ReturnNote | None) -> int:
    """Where the script begins: at the marked place, at the end when it has to be sent again, or as it was."""
    marked_step = next((number for number, it in enumerate(questions, start=1) if it.problem), 0)
    end = len(questions) + 1
    is_to_send = note is not None and note not in (ReturnNote.MOVED, ReturnNote.BY_ENTER)
    return marked_step or (end if is_to_send else min(filled.step, end))


def _readable(text: str) -> str:
    """The text with a question mark for every broken letter, so that a page can hold it."""
    return text.encode("utf-8", "replace").decode()


def _selector(condition: ShowIf | None) -> str:
    if condition is None:
        return ""
    return ",".join(f'[name="{condition.question}"][value="{code}"]:checked' for code in condition.any_of)
