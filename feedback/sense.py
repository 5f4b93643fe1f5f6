"""Whether what a sealed row holds can be: the public key is public, so anybody may have sealed it.

One row that names a program nobody knows, or a quarter that never was, would otherwise hold up everybody.
"""

from collections.abc import Collection, Mapping

import msgspec

from analysis.batches import Envelope
from analysis.release import Kept
from feedback.languages import LANGUAGES
from surveys.answers import DECLINED, LONGEST_TEXT_BYTES, NOT_SHOWN, Answer, Answers
from surveys.instruments import Instrument, Question
from surveys.periods import Period


class Sense(msgspec.Struct, frozen=True):
    """What a deployment knows, and so what a row may speak of."""

    programs: Collection[str]
    instruments: Mapping[str, Instrument]
    batches: Collection[str]
    let_out: Collection[bytes]
    """The keys of responses that were let out: a second copy of one is nobody's second answer."""

    def of_waiting(self, key: bytes, it: Envelope) -> bool:
        response = it.response
        quarters = (response.period, response.entered, it.since)
        return (
            key not in self.let_out
            and response.program in self.programs
            and response.instrument in self.instruments
            and response.language in LANGUAGES
            and all(quarter is None or _is_quarter(quarter) for quarter in quarters)
            and self._of_answers(response.answers)
        )

    def of_kept(self, _: bytes, it: Kept) -> bool:
        return it.batch in self.batches and it.language in LANGUAGES and self._of_answers(it.answers)

    def _of_answers(self, answers: Answers) -> bool:
        asked = {question.id: question for it in self.instruments.values() for question in it.questions}
        return all(name in asked and _fits(asked[name], given) for name, given in answers.items())


def _is_quarter(text: str) -> bool:
    try:
        Period.parse(text)
    except ValueError:
        return False
    return True


def _fits(question: Question, given: Answer) -> bool:
    """Whether it is an answer that the survey door would have taken: a longer one fits no row further on."""
    if isinstance(given, tuple):
        return question.kind == "multiple" and set(given) <= set(question.codes)
    if question.is_text:
        return len(given.encode()) <= LONGEST_TEXT_BYTES
    return given in (*question.codes, DECLINED, NOT_SHOWN)


def stamped(
    opened: Mapping[bytes, Envelope], first: Period, closing: Period, today: Period
) -> tuple[dict[bytes, Envelope], bool]:
    """Let rows whose quarter cannot be, by the fault of a clock, count as the closing quarter.

    One stamped 1971 would else be destroyed unread as too old, and one stamped 2036 wait ten years. Returns
    also whether there was any.
    """
    seen = {key: _seen(it, first, closing, today) for key, it in opened.items()}
    return seen, any(seen[key] is not it for key, it in opened.items())


def _seen(it: Envelope, first: Period, closing: Period, today: Period) -> Envelope:
    response = it.response
    since = it.since and str(closing) if it.since and Period.parse(it.since) > closing else it.since
    counted = Period.parse(response.entered or response.period)
    if first <= counted <= today and since == it.since and Period.parse(response.period) <= counted:
        return it
    kept = counted if first <= counted <= today else closing
    if response.entered is None:
        stamp = {"period": str(kept)}
    else:
        # When paper was filled in is what its typist says; it is only never later than the typing.
        stamp = {"period": str(min(Period.parse(response.period), kept)), "entered": str(kept)}
    return Envelope(msgspec.structs.replace(response, **stamp), it.place, since)
