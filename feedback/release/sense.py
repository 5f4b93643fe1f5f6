"""Whether what a sealed row holds can be: the public key is public, so anybody may have sealed it.

One row that names a program nobody knows, or a quarter that never was, would otherwise hold up everybody.
"""

import functools
from collections.abc import Collection, Mapping

import msgspec

from analysis.kept_answers import KeptAnswers
from analysis.parameters import GRAIN, MOST_THEMES
from analysis.stream import DIGEST_BYTES
from feedback.inbox.sealing import Envelope
from feedback.languages import LANGUAGES
from surveys.answers import DECLINED, LONGEST_TEXT_BYTES, NOT_SHOWN, Answer, Answers
from surveys.instruments import Instrument, Question
from surveys.periods import Period


class Sense(msgspec.Struct, frozen=True, dict=True):
    """What a deployment knows, and so what a row may speak of."""

    programs: Collection[str]
    instruments: Mapping[str, Instrument]
    batches: Collection[str]
    """The pulse batches of the ledger."""
    released_keys: Collection[bytes]
    """The keys of responses that were let out: a second copy of one is nobody's second answer."""

    def of_waiting(self, key: bytes, it: Envelope) -> bool:
        response = it.response
        quarters = (response.period, response.entered, it.since)
        return (
            key not in self.released_keys
            and it.key in (key, b"")
            and response.program in self.programs
            and response.instrument in self.instruments
            and response.language in LANGUAGES
            and all(quarter is None or _is_quarter(quarter) for quarter in quarters)
            and len(it.digest) in (0, DIGEST_BYTES)
            and self._of_answers(response.answers)
        )

    def of_kept(self, key: bytes, it: KeptAnswers) -> bool:
        return (
            it.key == key
            and len(it.digest) == DIGEST_BYTES
            and it.batch in self.batches
            and it.language in (*LANGUAGES, "")
            and 0 <= (it.score or 0) <= GRAIN
            and len(it.themes) == len(set(it.themes)) <= MOST_THEMES
            and self._of_answers(it.answers or {})
            and not any(self._questions[name].is_text for name in it.answers or {})
        )

    def _of_answers(self, answers: Answers) -> bool:
        questions = self._questions
        return all(name in questions and _fits(questions[name], answer) for name, answer in answers.items())

    @functools.cached_property
    def _questions(self) -> dict[str, Question]:
        return {question.id: question for it in self.instruments.values() for question in it.questions}


def _is_quarter(text: str) -> bool:
    try:
        Period.parse(text)
    except ValueError:
        return False
    return True


def _fits(question: Question, answer: Answer) -> bool:
    """Whether it is an answer that the survey door would have taken: a longer one fits no row further on."""
    if isinstance(answer, tuple):
        return question.kind == "multiple" and len(set(answer) & set(question.codes)) == len(answer)
    if question.is_text:
        return len(answer.encode()) <= LONGEST_TEXT_BYTES
    return answer in (*question.codes, DECLINED, NOT_SHOWN)
