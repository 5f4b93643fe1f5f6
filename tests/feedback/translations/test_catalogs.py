"""What every message says, how far a person has checked that, and which plural form goes with a number."""

import gettext

import pytest

from feedback.languages import LANGUAGES
from feedback.translations import catalogs as module
from feedback.translations.catalogs import (
    Catalog,
    Message,
    Translation,
    english,
    examples,
    form_count,
    form_for,
    message_of,
    shipped_catalogs,
    shipped_messages,
    shipped_translations,
)
from tests.support.catalogs import catalog, shipped

EN, ES, FA, KO, FIL, RU = (LANGUAGES[tag] for tag in ("en", "es", "fa", "ko", "fil", "ru"))
EVERY = [message.source for message in shipped_messages()]


@pytest.fixture
def catalogs():
    """Spanish is reviewed but for one word, Farsi lacks one, the English of a Korean one changed."""
    with shipped(
        es=catalog("es", {"Send": "Enviar"}, reviewed=True, flags={"Leave": ()}),
        fa=catalog("fa", {"Send": "فرستادن"}, left_out=["Help"]),
        ko=catalog(
            "ko", {"Send": "보내기"}, flags={"Send": ("fuzzy", "reviewed")}, previous={"Send": "Sent"}
        ),
    ):
        yield


@pytest.mark.usefixtures("catalogs")
def test_each_message_is_reviewed_or_a_draft_or_changed_or_missing():
    spanish, farsi, korean, filipino = (shipped_catalogs()[tag] for tag in ("es", "fa", "ko", "fil"))
    assert (spanish.state("Send"), spanish.state("Leave")) == ("reviewed", "draft")
    assert (farsi.state("Send"), farsi.state("Help")) == ("draft", "missing")
    assert korean.state("Send") == "changed", "a changed source is never a reviewed one"
    assert korean.translations["Send"].made_for == "Sent"
    assert filipino.count(["Send", "Help"]).missing == 2


@pytest.mark.usefixtures("catalogs")
def test_a_language_is_reviewed_when_every_message_is():
    assert english().is_reviewed
    assert not shipped_catalogs()["es"].is_reviewed
    counts = shipped_catalogs()["es"].count(EVERY)
    assert (counts.messages, counts.reviewed, counts.draft) == (len(EVERY), len(EVERY) - 1, 1)
    assert counts.is_whole
    assert not counts.is_reviewed
    assert not shipped_catalogs()["fa"].count(EVERY).is_whole
    assert not shipped_catalogs()["ko"].count(EVERY).is_whole


@pytest.mark.usefixtures("catalogs")
@pytest.mark.parametrize(("tag", "drafts"), [("en", (False, True)), ("es", (True,)), ("fa", ()), ("ko", ())])
def test_a_language_with_a_missing_or_changed_message_speaks_to_nobody(tag, drafts):
    spoken = shipped_catalogs()[tag]
    assert tuple(it for it in (False, True) if spoken.speaks((), drafts=it)) == drafts


def test_a_page_s_own_words_count_too_for_whether_a_language_speaks():
    whole = {source: Translation((source,), "reviewed") for source in EVERY}
    assert Catalog(ES, whole).speaks((), drafts=False)
    for state, drafts in (("reviewed", (False, True)), ("draft", (True,)), ("changed", ()), (None, ())):
        translations = whole | ({"Ours": Translation(("Nuestro",), state)} if state else {})
        spoken = Catalog(ES, translations)
        assert tuple(it for it in (False, True) if spoken.speaks(["Ours"], drafts=it)) == drafts, state


@pytest.mark.usefixtures("catalogs")
def test_words_come_from_the_catalog_and_a_guess_is_left_in_english():
    spanish, farsi, korean, filipino = (shipped_catalogs()[tag] for tag in ("es", "fa", "ko", "fil"))
    assert (spanish.gettext("Send"), farsi.gettext("Send")) == ("Enviar", "فرستادن")
    assert korean.gettext("Send") == "Send", "words made for another English may say the opposite of it"
    assert filipino.gettext("Send") == english().gettext("Send") == "Send"
    assert spanish.gettext("Never translated") == "Never translated"


def test_a_plural_form_goes_with_its_number():
    translations = {"%(n)s day": Translation(("%(n)s день", "%(n)s дня", "%(n)s дней"))}
    russian = Catalog(RU, translations)
    forms = [
        russian.ngettext("%(n)s day", "%(n)s days", n).removeprefix("%(n)s ") for n in (1, 3, 5, 11, 21, 22)
    ]
    assert forms == ["день", "дня", "дней", "дней", "день", "дня"]
    empty = Catalog(RU, {})
    assert [empty.ngettext("one", "many", n) for n in (0, 1, 2)] == ["many", "one", "many"]


@pytest.mark.parametrize(
    ("tag", "count"),
    [("en", 2), ("es", 2), ("hy", 2), ("fa", 2), ("hi", 2), ("fil", 2), ("ru", 3), ("ar", 6)]
    + [(tag, 1) for tag in ("zh-Hans", "zh-Hant", "ko", "vi", "km", "th", "ja")],
)
def test_whole_numbers_have_as_many_plural_forms_as_cldr_gives_them(tag, count):
    language = LANGUAGES[tag]
    assert form_count(language) == count == len(examples(language))
    assert {form_for(language, number) for number in range(200)} == set(range(count))


@pytest.mark.parametrize("tag", ["hy", "fa"])
def test_armenian_and_farsi_count_none_as_one(tag):
    """CLDR says so; Babel's own table for catalogs knows a single form."""
    assert [form_for(LANGUAGES[tag], number) for number in (0, 1, 2)] == [0, 0, 1]
    assert examples(LANGUAGES[tag])[0] == "0, 1"


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "en"])
def test_a_written_plural_rule_gives_every_number_the_same_form(tag):
    from babel.plural import to_gettext

    rule = to_gettext(module.plural_rule(LANGUAGES[tag])).partition("plural=")[2].rstrip(";")
    form_of = gettext.c2py(rule)
    assert [form_of(n) for n in range(300)] == [form_for(LANGUAGES[tag], n) for n in range(300)]


def test_a_message_s_key_stands_for_the_words_and_holds_none_of_them():
    assert Message(source="Send").key == Message(source="Send", places=("somewhere",)).key
    assert (
        len(
            {
                Message(source="Send").key,
                Message(source="Sent").key,
                Message(source="Send", plural="Sends").key,
            }
        )
        == 3
    )
    assert message_of("Send") in shipped_messages()
    assert message_of("Words of our own") == Message(source="Words of our own")


def test_a_catalog_is_read_from_its_own_folder(monkeypatch, tmp_path):
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "messages.po").write_bytes(b"# Spanish")
    monkeypatch.setattr(module.resources, "files", lambda package: {"locales": tmp_path}[package])
    assert module.catalog_bytes("es") == b"# Spanish"
    assert module.catalog_bytes("fa") is None


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
def test_every_catalog_that_is_shipped_can_be_spoken(language):
    assert shipped_catalogs()[language.tag].gettext("no such message") == "no such message"
    assert bool(shipped_translations(language)) is (language is not EN)
