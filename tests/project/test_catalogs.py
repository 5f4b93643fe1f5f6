"""The words of every language: all there, with the same places to fill, easy, and none that is banned."""

import ast
import gettext
import re
from email import message_from_string
from email.message import Message as Header
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as PoMessage

from feedback.languages import LANGUAGES, SOURCE
from feedback.translations.catalogs import Message, form_count, form_for, shipped_catalogs, shipped_messages
from feedback.translations.pofiles import read_file
from feedback.translations.proofreading import ambiguous_options, problems
from surveys.checking import banned_words
from surveys.instruments import Instrument, shipped_instruments
from surveys.reading import EASY_IN_SPANISH, perspicuity

LOCALES = Path(__file__).parents[2] / "locales"
TEMPLATE = LOCALES / "messages.pot"
FOLDERS = sorted(path.parent.name for path in LOCALES.glob("*/messages.po"))

# wording.toml bans some of these only inside a phrase; the words of our own pages do without them altogether.
ALSO_BANNED_IN_SPANISH = re.compile(
    r"(?<!\w)(?:trata|tr[aá]fico|v[ií]ctimas?|sobrevivientes?|explotaci[oó]n|abusos?|sexual(?:es)?)(?!\w)",
    re.IGNORECASE,
)
BY_FOLDER = {language.folder: language for language in LANGUAGES.values()}

each_language = pytest.mark.parametrize("folder", FOLDERS)
each_instrument = pytest.mark.parametrize(
    "instrument", shipped_instruments().values(), ids=lambda instrument: instrument.id
)


def catalog_of(folder: str) -> Catalog:
    return read_file((LOCALES / folder / "messages.po").read_bytes())


def messages(catalog: Catalog) -> list[PoMessage]:
    return [message for message in catalog if message.id]


def forms(words: object) -> tuple[str, ...]:
    """The singular and plural forms of a text, or the one form it has."""
    return tuple(words) if isinstance(words, (list, tuple)) else (str(words or ""),)


def header_of(folder: str) -> Header:
    """The header as it is written: Babel forgets the lines that it does not know."""
    text = (LOCALES / folder / "messages.po").read_text(encoding="utf-8")
    header = re.search(r'^msgid ""\nmsgstr ""\n((?:".*"\n)+)', text, re.MULTILINE)
    assert header, f"{folder} has no header."
    return message_from_string("".join(ast.literal_eval(line) for line in header[1].splitlines()))


def plural_rule(folder: str) -> tuple[int, str]:
    plurals = re.fullmatch(r"nplurals=(\d+); plural=(.+?);?", header_of(folder)["Plural-Forms"].strip())
    assert plurals, f"{folder} does not say how many plural forms it has."
    return int(plurals[1]), plurals[2]


def is_for_reviewers(message: PoMessage) -> bool:
    """Whether it is a theme of the codebook, which stands on the staff door alone."""
    return bool(message.auto_comments) and all(it.endswith(", label") for it in message.auto_comments)


def test_there_is_a_catalog_for_each_of_the_countys_languages():
    assert sorted(it.folder for it in LANGUAGES.values() if it is not SOURCE) == FOLDERS


@each_language
def test_a_catalog_is_in_the_folder_of_a_language_we_know(folder):
    assert folder in {language.folder for language in LANGUAGES.values()}
    assert header_of(folder)["Language"] == folder


@each_language
def test_a_catalog_has_every_message_of_the_template_translated(folder):
    """Missing, or made for another English: a live deployment would offer the language to nobody."""
    catalog = shipped_catalogs()[BY_FOLDER[folder].tag]
    states = {it.source: catalog.state(it.source) for it in shipped_messages()}
    assert {source: state for source, state in states.items() if state in ("missing", "changed")} == {}
    assert set(catalog.translations) == set(states), "and none besides"


@each_language
def test_no_translation_has_a_fault_that_a_program_can_see(folder):
    language = BY_FOLDER[folder]
    words = shipped_catalogs()[language.tag].translations
    mistakes = [
        problem for it in shipped_messages() for problem in problems(language, it, words[it.source].forms)
    ]
    assert mistakes == []


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('msgid "Send"\nmsgstr "<b>Mandar</b>"', "es, “Send”: holds markup; a message is words alone."),
        (
            'msgid "Question %(number)s of %(count)s"\nmsgstr "Pregunta %(number)s"',
            "es, “Question %(number)s of %(count)s”: the place %(count)s is missing.",
        ),
        (
            'msgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c"',
            "es, “%(n)s day”: has 3 plural forms; the language has 2.",
        ),
    ],
)
def test_a_broken_catalog_fails_by_message_and_language(entry, problem):
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    head += '"Plural-Forms: nplurals=3; plural=0;\\n"\n\n'
    (message,) = messages(read_file(f"{head}{entry}\n".encode()))
    one, *several = forms(message.id)
    english = Message(source=one, plural="".join(several))
    assert problems(LANGUAGES["es"], english, forms(message.string)) == [problem]


def test_the_english_words_hold_no_banned_word():
    mistakes = [
        (word, form)
        for message in messages(read_file(TEMPLATE.read_bytes()))
        if not is_for_reviewers(message)
        for form in forms(message.id)
        for word in banned_words(form)
    ]
    assert mistakes == []


@each_language
def test_the_words_of_a_language_hold_no_banned_word(folder):
    texts = [
        form
        for message in messages(catalog_of(folder))
        if not is_for_reviewers(message)
        for form in forms(message.string)
    ]
    assert [(word, text) for text in texts for word in banned_words(text)] == []


def test_the_spanish_words_hold_no_banned_word():
    texts = [form for message in messages(catalog_of("es")) for form in forms(message.string)]
    assert [text for text in texts if ALSO_BANNED_IN_SPANISH.search(text)] == []


@each_language
def test_each_message_is_a_draft_or_reviewed_by_a_person_and_nothing_else(folder):
    flags = {flag for message in messages(catalog_of(folder)) for flag in message.flags}
    assert flags <= {"reviewed", "python-format"}


@each_language
def test_the_header_counts_as_many_plural_forms_as_the_language_has(folder):
    count, _ = plural_rule(folder)
    assert count == form_count(BY_FOLDER[folder])


@each_language
def test_the_plural_rule_of_the_header_gives_each_number_the_form_of_cldr(folder):
    """Our pages count by CLDR; a translator's tool counts by the header."""
    _, rule = plural_rule(folder)
    form_of = gettext.c2py(rule)
    assert [form_of(n) for n in range(300)] == [form_for(BY_FOLDER[folder], n) for n in range(300)]


@each_language
@each_instrument
def test_the_answers_to_a_question_stay_distinct(folder, instrument: Instrument):
    language = BY_FOLDER[folder]
    assert list(ambiguous_options(language, instrument, shipped_catalogs()[language.tag].gettext)) == []


@each_instrument
def test_the_spanish_questions_are_easy_to_read(instrument: Instrument):
    catalog = catalog_of("es")
    ease = [perspicuity(catalog[question.text].string) for question in instrument.questions]
    assert sum(ease) / len(ease) >= EASY_IN_SPANISH
