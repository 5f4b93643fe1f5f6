"""Which language a page speaks, in which direction, and where its words come from."""

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from feedback import languages as module
from feedback.languages import (
    LANGUAGES,
    SOURCE,
    by_preference,
    has_catalog,
    is_reviewed,
    known_language,
    offered_languages,
    page_language,
    translations,
)

EN, ES, HANS, HANT = (LANGUAGES[tag] for tag in ("en", "es", "zh-Hans", "zh-Hant"))
KO, FA, FIL = (LANGUAGES[tag] for tag in ("ko", "fa", "fil"))

PO = """# A catalog.
# Review: {review}
#
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Send"
msgstr "{send}"

#, fuzzy
msgid "Leave"
msgstr "a guess"
"""


@pytest.fixture
def catalogs(monkeypatch):
    """Spanish was reviewed, Farsi is a draft, Korean only half done, the rest have none."""
    held = {
        "es": PO.format(review="complete", send="Enviar"),
        "fa": PO.format(review="draft", send="فرستادن"),
        "ko": PO.format(review="completed in part", send="보내기"),
    }
    caches = (is_reviewed, translations)
    monkeypatch.setattr(
        module, "_catalog_bytes", lambda folder: held[folder].encode() if folder in held else None
    )
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize(
    ("sent", "tag"),
    [
        ("en", "en"),
        ("EN-us", "en"),
        ("es", "es"),
        ("es-MX", "es"),
        ("es_419", "es"),
        (" es ", "es"),
        ("tl", "fil"),
        ("tl-PH", "fil"),
        ("fil-PH", "fil"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh_sg", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("ZH-HANS-CN", "zh-Hans"),
        ("fa-AF", "fa"),
        ("hy-AM-arevela", "hy"),
    ],
)
def test_a_tag_that_somebody_sent_is_understood(sent, tag):
    assert known_language(sent) is LANGUAGES[tag]


@pytest.mark.parametrize(
    "sent", [None, "", " ", "-", "--", "pt", "pt-BR", "e", "english", "x-es", "*", "<b>", "es\x00"]
)
def test_a_tag_of_no_language_here_is_none(sent):
    assert known_language(sent) is None


@given(st.text())
def test_an_unknown_tag_never_reaches_a_page(sent):
    offered = (EN, ES, HANT)
    assert page_language(sent, None, offered) in offered
    assert page_language(None, sent, offered) in offered
    assert known_language(sent) in (None, *LANGUAGES.values())


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_knows_itself_and_its_regions(tag):
    assert known_language(tag) is LANGUAGES[tag]
    assert known_language(tag.upper() + "-ZZ") is LANGUAGES[tag]


def test_the_countys_threshold_languages_and_no_others_are_here():
    assert list(LANGUAGES) == [
        *("en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "hy", "fa"),
        *("ar", "ru", "fil", "km", "th", "ja", "hi"),
    ]
    assert SOURCE is EN


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
def test_every_language_is_written_in_its_own_direction_and_has_its_own_name(language):
    rightwards_to_left = {"fa", "ar"}
    assert language.direction == ("rtl" if language.tag in rightwards_to_left else "ltr")
    locale = Locale.parse(language.folder)
    assert language.direction == ("rtl" if locale.text_direction == "rtl" else "ltr")
    assert language.folder == language.tag.replace("-", "_")
    assert language.name


def test_no_two_languages_share_a_name_or_a_catalog():
    assert len({language.name for language in LANGUAGES.values()}) == 15
    assert len({language.folder for language in LANGUAGES.values()}) == 15


@pytest.mark.parametrize(
    ("asked", "linked", "spoken"),
    [
        (None, None, EN),
        ("es", None, ES),
        ("es", "zh-Hant", ES),  # what the person asks for comes first
        (None, "zh-Hant", HANT),
        ("", "es", ES),
        ("pt-BR", "es", ES),  # an unknown wish leaves the link's language
        ("ko", "es", ES),  # and so does one that is not offered
        ("ko", "ko", EN),
        ("pt", "xx", EN),
        ("en", "es", EN),
        ("es-MX", None, ES),
        ("zh-TW", "es", HANT),
    ],
)
def test_the_wish_comes_before_the_link_and_the_link_before_english(asked, linked, spoken):
    assert page_language(asked, linked, (EN, ES, HANT)) is spoken


@pytest.mark.parametrize(
    ("accepted", "first"),
    [
        ("", [EN, ES, HANS, HANT, KO]),
        ("es", [ES, EN, HANS, HANT, KO]),
        ("es-MX,es;q=0.9,en;q=0.8", [ES, EN, HANS, HANT, KO]),
        ("ko;q=0.5,zh-TW;q=0.9", [HANT, KO, EN, ES, HANS]),
        ("ko, es", [KO, ES, EN, HANS, HANT]),
        ("ko ; Q=0.5 , ES ;q=0.9", [ES, KO, EN, HANS, HANT]),
        ("ko;q=0.5, es;q=0.5", [KO, ES, EN, HANS, HANT]),
        ("pt-BR, vi, es;q=0.1", [ES, EN, HANS, HANT, KO]),
        ("*", [EN, ES, HANS, HANT, KO]),
        ("ko;q=0, es;q=0.1", [ES, EN, HANS, HANT, KO]),
        ("ko;q=0", [EN, ES, HANS, HANT, KO]),
        ("ko;q=soon, es;q=0.1", [ES, EN, HANS, HANT, KO]),
        ("ko;q=nan, hy;q=inf, es;q=-1, zh-TW;q=2", [EN, ES, HANS, HANT, KO]),
        (";;;,,q=,=;q=1", [EN, ES, HANS, HANT, KO]),
        ("pt," * 20 + "ko", [EN, ES, HANS, HANT, KO]),  # nobody has more than twenty wishes
    ],
)
def test_the_chooser_begins_with_what_the_browser_wishes_for(accepted, first):
    assert by_preference((EN, ES, HANS, HANT, KO), accepted) == first


@given(st.one_of(st.text(), st.text("enskozh-*;q=0.19, ")))
def test_no_header_adds_hides_or_repeats_a_language(accepted):
    ordered = by_preference((EN, ES, HANT, KO), accepted)
    assert sorted(it.tag for it in ordered) == ["en", "es", "ko", "zh-Hant"]


@pytest.mark.usefixtures("catalogs")
def test_drafts_are_offered_only_where_a_deployment_wants_them():
    assert offered_languages(drafts=False) == (EN, ES)
    assert offered_languages(drafts=True) == (EN, ES, KO, FA)


@pytest.mark.usefixtures("catalogs")
def test_a_catalog_is_reviewed_only_when_a_line_at_its_head_says_so():
    assert [is_reviewed(language) for language in (EN, ES, FA, KO, FIL)] == [True, True, False, False, False]
    assert [has_catalog(language) for language in (EN, ES, FA, KO, FIL)] == [True, True, True, True, False]


@pytest.mark.usefixtures("catalogs")
def test_words_come_from_the_catalog_and_a_guess_is_left_in_english():
    assert translations(ES).gettext("Send") == "Enviar"
    assert translations(FA).gettext("Send") == "فرستادن"
    assert translations(ES).gettext("Leave") == "Leave"
    assert translations(ES).gettext("Never translated") == "Never translated"


@pytest.mark.usefixtures("catalogs")
def test_english_and_a_language_without_a_catalog_speak_the_source():
    assert translations(EN).gettext("Send") == "Send"
    assert translations(FIL).gettext("Send") == "Send"


def test_a_catalog_is_read_from_its_own_folder(monkeypatch, tmp_path):
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "messages.po").write_bytes(b"# Spanish")
    monkeypatch.setattr(module.resources, "files", lambda package: {"locales": tmp_path}[package])
    read = module._catalog_bytes.__wrapped__
    assert read("es") == b"# Spanish"
    assert read("fa") is None


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
def test_every_catalog_that_is_shipped_can_be_spoken(language):
    assert translations(language).gettext("no such message") == "no such message"
