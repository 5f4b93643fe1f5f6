"""What holds for every page of the survey door in every language: its weight, its words, its addresses."""

import gzip
import re

import brotli
import pytest

from feedback.app import create_survey_app
from feedback.languages import LANGUAGES
from feedback.web.survey.page import inline
from surveys.checking import banned_words
from surveys.instruments import shipped_instruments
from surveys.registry import shipped_programs
from tests.support.browser.every_page import FULL
from tests.support.browser.pseudo import outside_brackets
from tests.support.forms.pages import Page
from tests.support.voices import PSEUDO

pytestmark = [pytest.mark.slow, pytest.mark.uncounted]
FIRST_PACKETS = 14_336
LARGEST_SCRIPT = 4_096
HEADERS = 1_200
"""More than the headers of any page take: they travel in the same packets."""


def test_every_page_comes_in_every_language(pages):
    count = len(pages.addresses) + len(["nothing yet"]) + len(FULL)
    assert len(pages.of(*LANGUAGES)) == count * len(LANGUAGES)


def test_every_page_fits_the_first_packets_of_a_slow_phone(pages):
    for page in pages.of(*LANGUAGES):
        raw = page.body.encode()
        sizes = (len(brotli.compress(raw, quality=7)), len(gzip.compress(raw, 9)))
        assert max(sizes) + HEADERS < FIRST_PACKETS, (page.name, page.voice, sizes)
        assert sum(len(name) + len(value) + 4 for name, value in page.headers.items()) < HEADERS


@pytest.mark.parametrize(("encoding", "most"), [("br", 9_000), ("gzip", 10_000)])
def test_the_door_sends_a_page_compressed_as_it_was_measured(pages, encoding, most):
    with pages.sandbox.survey_door() as door:
        answer = door.get(
            pages.addresses["survey"], params={"lang": "km"}, headers={"Accept-Encoding": encoding}
        )
    assert answer.headers["content-encoding"] == encoding
    assert 2_000 < answer.num_bytes_downloaded < most


def test_the_script_of_every_page_is_small(pages):
    sizes = {
        page.name: len(page.body.partition("<script>")[2].partition("</script>")[0])
        for page in pages.of("en")
    }
    assert max(sizes.values()) <= LARGEST_SCRIPT, max(sizes, key=sizes.get)
    assert sizes["survey on a tablet"] > sizes["survey"] > sizes["help"] > 500
    assert len(inline("aloud.js")) <= LARGEST_SCRIPT, "what one more request may bring"


def test_no_page_holds_a_banned_word_of_any_language(pages):
    for page in pages.of(*LANGUAGES):
        read = Page(page.body)
        assert banned_words(f"{read.title} {page.body}") == [], (page.name, page.voice)


def test_no_address_or_file_name_of_the_door_holds_a_banned_word(pages):
    app = create_survey_app(pages.sandbox.settings)
    programs = shipped_programs().programs
    names = [
        *(route.path for route in app.routes),
        *(it for it in pages.addresses.values() if isinstance(it, str)),
        *(program.public_slug for program in programs),
        *(words for program in programs for words in program.respondent_names.values()),
        *(program.results_name for program in programs),
        *(words for it in shipped_instruments().values() for words in (it.id, it.title)),
    ]
    assert {"/thanks.gif", "/s/{slug:str}"} <= set(names)
    assert [(word, name) for name in names for word in banned_words(name.replace("-", " "))] == []


def test_the_linter_knows_the_plain_words_of_every_language():
    plain_words = {
        "zh-Hans": "人口贩卖的受害者",
        "zh-Hant": "性剝削的倖存者",
        "ko": "인신매매 피해자를",
        "vi": "Nạn nhân buôn người",
        "hy": "թրաֆիքինգի զոհերը",
        "fa": "قربانیان قاچاق انسان",
        "ar": "ضحايا الاتجار بالبشر",
        "ru": "жертвы торговли людьми",
        "fil": "mga biktima ng pang-aabuso",
        "km": "ជនរងគ្រោះនៃការជួញដូរ",
        "th": "เหยื่อการค้ามนุษย์",
        "ja": "人身取引の被害者",
        "hi": "तस्करी के पीड़ितों",
        "es": "víctimas",
        "en": "survivors",
    }
    assert set(plain_words) == set(LANGUAGES)
    assert [tag for tag, words in plain_words.items() if not banned_words(words)] == []


# Words that no translator wrote

UNTRANSLATED = re.compile(r'<small lang="en">.*?</small>|<bdi dir="ltr">.*?</bdi>')
"""Codes on paper, numbers to dial and addresses to type are the same in every language."""


def test_no_words_stand_outside_the_catalogs(pages):
    names = {it.name for it in LANGUAGES.values()}
    for page in pages.of(*PSEUDO):
        # Before anything else: what the person typed comes back as it was.
        read = Page(UNTRANSLATED.sub("", page.body))
        texts = [
            read.title,
            read.text,
            *(words for field in read.all("form") for words in attribute_words(field)),
        ]
        for name in sorted(names, key=len, reverse=True):
            texts = [it.replace(name, " ") for it in texts]
        leftovers = [outside_brackets(it) for it in texts]
        assert [it for it in leftovers if any(letter.isalpha() for letter in it)] == [], (
            page.name,
            page.voice,
        )
        assert "⟦" in read.title


def attribute_words(form):
    return [form[name] for name in ("data-stop", "data-sending", "data-waiting") if name in form]


def test_what_stands_outside_the_catalogs_would_be_seen():
    assert outside_brackets("⟦Öné ⟦twö⟧⟧ three") == "three"
