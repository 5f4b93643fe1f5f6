"""The words of every language: all there, with the same places to fill, easy, and none that is banned."""

import ast
import gettext
import io
import re
from collections import Counter
from email import message_from_string
from email.message import Message as Header
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from feedback.languages import LANGUAGES, SOURCE
from surveys.checking import _found
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
PLACE = re.compile(r"%\((\w+)\)([#0 +-]*\d*(?:\.\d+)?[a-zA-Z])|%(.?)", re.DOTALL)

each_language = pytest.mark.parametrize("folder", FOLDERS)
each_instrument = pytest.mark.parametrize(
    "instrument", shipped_instruments().values(), ids=lambda instrument: instrument.id
)


def read(path: Path, locale: str | None = None) -> Catalog:
    return read_po(io.BytesIO(path.read_bytes()), locale=locale, abort_invalid=True)


def catalog_of(folder: str) -> Catalog:
    return read(LOCALES / folder / "messages.po", folder)


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def forms(words: object) -> tuple[str, ...]:
    """The singular and plural forms of a text, or the one form it has."""
    return tuple(words) if isinstance(words, (list, tuple)) else (str(words or ""),)


def header_of(folder: str) -> Header:
    """The header as it is written: Babel forgets the lines that it does not know."""
    text = (LOCALES / folder / "messages.po").read_text(encoding="utf-8")
    found = re.search(r'^msgid ""\nmsgstr ""\n((?:".*"\n)+)', text, re.MULTILINE)
    assert found, f"{folder} has no header."
    return message_from_string("".join(ast.literal_eval(line) for line in found[1].splitlines()))


def plural_rule(folder: str) -> tuple[int, str]:
    found = re.fullmatch(r"nplurals=(\d+); plural=(.+?);?", header_of(folder)["Plural-Forms"].strip())
    assert found, f"{folder} does not say how many plural forms it has."
    return int(found[1]), found[2]


def places_to_fill(text: str) -> Counter[tuple[str, ...]]:
    """Each place as (name, kind, ""); a percent sign outside one as ("", "", what follows it)."""
    return Counter(PLACE.findall(text))


def is_for_reviewers(message: Message) -> bool:
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
    catalog = catalog_of(folder)
    left_out = [
        message.id
        for message in messages(read(TEMPLATE))
        if not (found := catalog.get(message.id, message.context))
        or found.fuzzy
        or not all(form.strip() for form in forms(found.string))
    ]
    assert left_out == []


@each_language
def test_a_translation_has_the_same_places_to_fill_as_the_english(folder):
    differing = {
        form: forms(message.id)
        for message in messages(catalog_of(folder))
        for form in forms(message.string)
        if places_to_fill(form) not in map(places_to_fill, forms(message.id))
    }
    assert differing == {}


@pytest.mark.parametrize(
    "mistaken",
    [
        "%(nummer)s de",
        "%(number)d de",
        "%(number)s",
        "%(number) de",
        "%(number)s %(number)s %% de",
        "%(number)s % de",
    ],
)
def test_a_place_that_was_renamed_doubled_dropped_or_broken_is_noticed(mistaken):
    assert places_to_fill(mistaken) != places_to_fill("%(number)s %%")


def test_places_may_stand_in_another_order():
    assert places_to_fill("%(count)s ... %(number)s") == places_to_fill("%(number)s of %(count)s")


@each_language
def test_a_translation_holds_no_markup(folder):
    found = [
        form for it in messages(catalog_of(folder)) for form in forms(it.string) if set("<>") & set(form)
    ]
    assert found == []


def test_the_english_words_hold_no_banned_word():
    found = [
        (word, form)
        for message in messages(read(TEMPLATE))
        if not is_for_reviewers(message)
        for form in forms(message.id)
        for word in _found("banned", form)
    ]
    assert found == []


@each_language
def test_the_words_of_a_language_hold_no_banned_word(folder):
    said = [it for it in messages(catalog_of(folder)) if not is_for_reviewers(it)]
    texts = [form for message in said for form in forms(message.string)]
    assert [(word, text) for text in texts for word in _found("banned", text)] == []


def test_the_spanish_words_hold_no_banned_word():
    texts = [form for message in messages(catalog_of("es")) for form in forms(message.string)]
    assert [text for text in texts if ALSO_BANNED_IN_SPANISH.search(text)] == []


@each_language
def test_the_header_says_whether_a_person_reviewed_it(folder):
    said = re.findall(r"^# Review: (.+)$", catalog_of(folder).header_comment, re.MULTILINE)
    assert said in (["draft"], ["complete"])


@each_language
def test_a_text_has_as_many_plural_forms_as_the_header_says(folder):
    count, _ = plural_rule(folder)
    miscounted = [
        message.id
        for message in messages(catalog_of(folder))
        if len(forms(message.string)) != (count if message.pluralizable else 1)
    ]
    assert miscounted == []


@each_language
def test_the_plural_rule_of_the_header_picks_only_forms_that_exist(folder):
    count, rule = plural_rule(folder)
    assert {gettext.c2py(rule)(number) for number in range(201)} == set(range(count))


@each_language
@each_instrument
def test_the_answers_to_a_question_stay_distinct(folder, instrument: Instrument):
    catalog = catalog_of(folder)
    for question in instrument.questions:
        said = [catalog[option.text].string.casefold() for option in question.options]
        assert len(set(said)) == len(said), f"{question.id}: {said}"


@each_instrument
def test_the_spanish_questions_are_easy_to_read(instrument: Instrument):
    catalog = catalog_of("es")
    measured = [perspicuity(catalog[question.text].string) for question in instrument.questions]
    assert sum(measured) / len(measured) >= EASY_IN_SPANISH
