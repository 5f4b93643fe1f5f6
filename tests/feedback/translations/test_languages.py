"""Which language a page speaks, and in which direction."""

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from feedback.languages import (
    LANGUAGES,
    SOURCE,
    by_preference,
    known_language,
    language_named,
    page_language,
)
from feedback.translations.catalogs import shipped_catalogs

EN, ES, HANS, HANT = (LANGUAGES[tag] for tag in ("en", "es", "zh-Hans", "zh-Hant"))
KO = LANGUAGES["ko"]


@pytest.mark.parametrize(
    ("wish", "tag"),
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
def test_a_tag_that_somebody_sent_is_understood(wish, tag):
    assert known_language(wish) is LANGUAGES[tag]


@pytest.mark.parametrize(
    "wish", [None, "", " ", "-", "--", "pt", "pt-BR", "e", "english", "x-es", "*", "<b>", "es\x00"]
)
def test_a_tag_of_no_language_here_is_none(wish):
    assert known_language(wish) is None


@given(st.text())
def test_an_unknown_tag_never_reaches_a_page(wish):
    offered = (EN, ES, HANT)
    assert page_language(wish, None, offered) in offered
    assert page_language(None, wish, offered) in offered
    assert known_language(wish) in (None, *LANGUAGES.values())


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
    ("wish", "link", "language"),
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
def test_the_wish_comes_before_the_link_and_the_link_before_english(wish, link, language):
    assert page_language(wish, link, (EN, ES, HANT)) is language


@pytest.mark.parametrize(
    ("header", "first"),
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
def test_the_chooser_begins_with_what_the_browser_wishes_for(header, first):
    assert by_preference((EN, ES, HANS, HANT, KO), header) == first


@given(st.one_of(st.text(), st.text("enskozh-*;q=0.19, ")))
def test_no_header_adds_hides_or_repeats_a_language(header):
    order = by_preference((EN, ES, HANT, KO), header)
    assert sorted(it.tag for it in order) == ["en", "es", "ko", "zh-Hant"]


def test_every_language_is_called_something_in_english_as_the_county_says_it():
    names = {tag: it.english for tag, it in LANGUAGES.items()}
    assert names["es"] == "Spanish"
    assert names["fa"] == "Farsi"
    assert (names["zh-Hans"], names["zh-Hant"]) == ("Chinese (simplified)", "Chinese (traditional)")
    assert names["fil"] == "Filipino"
    assert all(it.isascii() for it in names.values())
    assert len(set(names.values())) == len(LANGUAGES)
    for tag, name in names.items():
        assert language_named(name) is LANGUAGES[tag]
    assert language_named("Persian") is LANGUAGES["fa"]


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "en"])
def test_a_language_s_quotation_marks_are_those_that_its_own_words_are_written_with(tag):
    opening, closing = LANGUAGES[tag].quotes.split("…")
    text = "".join(form for it in shipped_catalogs()[tag].translations.values() for form in it.forms)
    assert text.count(opening) == text.count(closing) > 0
    assert not set(text) & set('"`')
