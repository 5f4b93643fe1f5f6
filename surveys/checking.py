"""The linter behind `feedback survey check`: every rule for respondents that a machine can see.

It judges the English source of an instrument. What it cannot see (is this kind? is it worth asking?) stays
with the lived experience experts who review each instrument.
"""

import functools
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from importlib import resources

import msgspec

from surveys.answers import CONSENTS, DECLINED, LONGEST_TEXT_BYTES, Answer, Response
from surveys.instruments import AUDIENCES, Instrument, Question
from surveys.reading import reading_grade, sentences, words
from surveys.registry import LONGEST_ID, county_plan

MOST_SCALES = 10
MOST_MINUTES = 3
MOST_TEXTS = 2
HIGHEST_GRADE = 6.0
LONGEST_SENTENCE = 20
"""Words. Plain language guides put the average at 15 to 20; we take it as the most."""
SEALED_BYTES = 8_191
"""Every response is padded to 8,192 bytes before it is sealed, and the padding takes at least one."""

_LONGEST_PROGRAM = "p" * LONGEST_ID
_LONGEST_LANGUAGE = "zh-Hant-TW"


def check_instrument(instrument: Instrument) -> list[str]:
    """Return a sentence for every rule the instrument breaks, naming instrument, question and rule."""
    problems = [f"{instrument.id}: {problem}" for rule in _INSTRUMENT_RULES for problem in rule(instrument)]
    return problems + [
        f"{instrument.id}, {question.id}: {problem}"
        for question in instrument.questions
        for rule in _QUESTION_RULES
        for problem in rule(question)
    ]


def longest_response(instrument: Instrument) -> int:
    """Return the bytes of the longest response anyone could give, as it is packed before it is sealed."""
    response = Response(
        program=_LONGEST_PROGRAM,
        audience=max(AUDIENCES, key=len),
        instrument=instrument.id,
        language=_LONGEST_LANGUAGE,
        period="2026Q3",
        origin="entered",
        answers={question.id: _longest_answer(question) for question in instrument.questions},
        consent=max(CONSENTS, key=len),
        entered="2026Q4",
    )
    return len(msgspec.msgpack.encode(response))


def _longest_answer(question: Question) -> Answer:
    if question.is_text:
        return "x" * LONGEST_TEXT_BYTES
    if question.kind == "multiple":
        return question.codes
    return max((*question.codes, DECLINED), key=len)


def _unknown_strategies(question: Question) -> Iterator[str]:
    numbers = {strategy.number for strategy in county_plan().strategies}
    for number in question.strategies:
        if number not in numbers:
            yield f"informs strategy {number}, which the plan does not have."


def _banned_in_heading(instrument: Instrument) -> Iterator[str]:
    for text in (instrument.id, instrument.title):
        yield from _word_problems(text)


def _too_many_questions(instrument: Instrument) -> Iterator[str]:
    scales = sum(question.kind == "scale" for question in instrument.questions)
    for_youth = "youth" in instrument.audiences
    if for_youth and scales > MOST_SCALES:
        yield f"asks youth {scales} scale questions; {MOST_SCALES} is the most."
    if for_youth and instrument.minutes > MOST_MINUTES:
        yield f"takes youth {instrument.minutes} minutes; {MOST_MINUTES} is the most."
    texts = sum(question.is_text for question in instrument.questions)
    if texts > MOST_TEXTS:
        yield f"has {texts} text boxes; {MOST_TEXTS} is the most."


def _no_question_about_freedom(instrument: Instrument) -> Iterator[str]:
    questions = [question for question in instrument.questions if question.id == "answered-freely"]
    if not any(question.kind == "scale" and question.domain == "freely" for question in questions):
        yield "does not ask answered-freely, a scale in the domain freely (how far to trust the rest)."


def _core_scales_that_turn(instrument: Instrument) -> Iterator[str]:
    if len({question.favourable for question in instrument.questions if question.is_core}) > 1:
        yield "some core scales run from good to bad and others from bad to good; let all run the same way."


def _text_boxes_out_of_place(instrument: Instrument) -> Iterator[str]:
    after_box = False
    for question in instrument.questions:
        if not question.is_text and after_box:
            yield f"{question.id} comes after a text box; text boxes come last."
        if question.is_text and not question.notice.strip():
            yield f"{question.id} is a text box with no notice before it (no names, where help is)."
        after_box = after_box or question.is_text


def _unannounced_questions(instrument: Instrument) -> Iterator[str]:
    for question in instrument.questions:
        if _is_sensitive(question) and not _is_announced(question, instrument):
            yield f"{question.id} touches police, court, detention or safety with no content note before it."


def _is_sensitive(question: Question) -> bool:
    return question.domain == "safety" or any(_matches("sensitive", text) for text in _texts(question))


def _is_announced(question: Question, instrument: Instrument) -> bool:
    if question.notice.strip():
        return True
    # Whoever is shown this question has read the notice of the one it hangs on.
    return question.show_if is not None and bool(
        instrument.question(question.show_if.question).notice.strip()
    )


def _too_long_to_seal(instrument: Instrument) -> Iterator[str]:
    size = longest_response(instrument)
    if size > SEALED_BYTES:
        yield f"the longest possible answer takes {size} bytes; {SEALED_BYTES} fit into one sealed row."


def _banned_words(question: Question) -> Iterator[str]:
    for text in (question.id, *question.codes, *_all_texts(question)):
        yield from _word_problems(text)


def _word_problems(text: str) -> Iterator[str]:
    yield from (f"the word “{word}” may not appear on a page for respondents." for word in banned_words(text))


def _event_questions(question: Question) -> Iterator[str]:
    for text in _texts(question):
        for phrase in _matches("events", text):
            yield f"“{phrase}” asks about events or reasons; ask about the service and its people."


def _agreement(question: Question) -> Iterator[str]:
    if any(_matches("agreement", option.text) for option in question.options):
        yield "asks people to agree or disagree; ask directly and name each point."


def _points_without_words(question: Question) -> Iterator[str]:
    texts = [option.text for option in question.options]
    if not all(any(letter.isalpha() for letter in text) for text in texts):
        yield "an option is not in words."
    if len({_plain(text).strip() for text in texts}) < len(texts):
        yield "two options read the same."


def _double_negatives(question: Question) -> Iterator[str]:
    for text in _all_texts(question):
        for sentence in sentences(text):
            # “No, not yet” is one plain answer.
            if len(_matches("negations", re.sub(r"^No, ", "", sentence))) > 1:
                yield f"“{sentence}” is a double negative."


def _long_sentences(question: Question) -> Iterator[str]:
    for text in _all_texts(question):
        for sentence in sentences(text):
            if (length := len(words(sentence))) > LONGEST_SENTENCE:
                yield f"a sentence has {length} words; {LONGEST_SENTENCE} is the most."


def _hard_words(question: Question) -> Iterator[str]:
    if not words(question.text):
        yield "the question has no words."
        return
    # Twice, because a long row of easy options would hide a hard question.
    wording = f"{question.notice}\n{question.text}\n{question.hint}"
    for part, text in (
        ("its words", wording),
        ("its words and options", "\n".join((wording, *_options(question)))),
    ):
        if (grade := reading_grade(text)) > HIGHEST_GRADE:
            yield f"{part} read at grade {grade:.1f}; {HIGHEST_GRADE:.0f} is the most."


_INSTRUMENT_RULES: tuple[Callable[[Instrument], Iterator[str]], ...] = (
    _banned_in_heading,
    _too_many_questions,
    _no_question_about_freedom,
    _core_scales_that_turn,
    _text_boxes_out_of_place,
    _unannounced_questions,
    _too_long_to_seal,
)
_QUESTION_RULES: tuple[Callable[[Question], Iterator[str]], ...] = (
    _unknown_strategies,
    _banned_words,
    _event_questions,
    _agreement,
    _points_without_words,
    _double_negatives,
    _long_sentences,
    _hard_words,
)


def _options(question: Question) -> tuple[str, ...]:
    return tuple(option.text for option in question.options)


def _texts(question: Question) -> tuple[str, ...]:
    return (question.text, question.hint, *_options(question))


def _all_texts(question: Question) -> tuple[str, ...]:
    return (question.notice, *_texts(question))


def banned_words(text: str) -> list[str]:
    """Return the words of a text that no page for respondents may hold, as far as they are listed."""
    return _matches("banned", text)


def _matches(group: str, text: str) -> list[str]:
    return [match[0] for match in _patterns()[group].finditer(_plain(text))]


@functools.cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """One pattern for each group of words, in every language: a page can quote another language."""
    file = resources.files("surveys") / "wording.toml"
    groups = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        group: _pattern([w for words in lists.values() for w in words]) for group, lists in groups.items()
    }


def _pattern(entries: list[str]) -> re.Pattern[str]:
    longest_first = sorted(map(_plain, entries), key=len, reverse=True)
    forms = (re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]+") for word in longest_first)
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)")


def _plain(text: str) -> str:
    """Fold case and accents, and drop invisible characters, so that no spelling of a word slips past."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Cf")).casefold()
