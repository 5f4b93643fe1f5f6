"""Words that got past every check, as in a database that was changed by hand, are words on every page."""

import re
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import pytest
from markupsafe import Markup

from feedback.languages import LANGUAGES
from feedback.translations.catalogs import message_of
from feedback.translations.proofreading import problems
from feedback.web import rendering
from surveys.instruments import shipped_instruments
from tests.support.browser.every_page import (
    all_addresses,
    each_survey,
    every_page,
    in_every_language,
    with_results,
)
from tests.support.sampling import marked
from tests.support.translators import lay, said_of

pytestmark = pytest.mark.slow
ES = LANGUAGES["es"]
BREAKING = (
    "\"'`<b onclick=x()>&lt;&#34;&amp;<!-- ]]></script></title></style></textarea></a><svg/onload=x()>"
    "\n{{ 7 * 7 }}{# javascript:x() onfocus=x() autofocus\tx=\"y\" x='y' \\"
    "\u2067\u202e\u202a\u200b\u00ad\U000e0041"
)
"""Quotes of each kind, ends of everything, templates, marks that turn or hide, and no percent sign: below."""
PERCENT = "100% %(nothing)s %d {% raw %} %"
WORDS_STAND_IN = re.compile(r"data-(cover|stop|title|left|over|sending|waiting)")
"""The attributes that words are put into. No other may change with the words of a page."""
_OF_THE_MOMENT = ("_once", "_csrf_token", "seen")


class Structure(HTMLParser):
    """Every element with the names of its attributes, and the values of those that hold no words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts, self.words, self._raw = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        is_momentary = attributes.get("name") in _OF_THE_MOMENT
        comparable = [
            (name, None if WORDS_STAND_IN.fullmatch(name) or (is_momentary and name == "value") else value)
            for name, value in attrs
        ]
        self.parts.append((tag, comparable))
        self.words += [value for name, value in attrs if WORDS_STAND_IN.fullmatch(name)]
        self._raw = tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag):
        self.parts.append(("/", tag))
        self._raw = ""

    def handle_comment(self, data):
        self.parts.append(("!--", data))

    def handle_decl(self, decl):
        self.parts.append(("!", decl))

    def handle_data(self, data):
        if self._raw:
            self.parts.append((self._raw, data))
        else:
            self.words.append(data)


class Stage:
    """A deployment with results, and the pages of both doors that show words of a language."""

    def __init__(self, folder) -> None:
        self.sandbox = with_results(in_every_language(folder))
        self.survey = {**all_addresses(self.sandbox), **each_survey(self.sandbox)}
        slug = self.sandbox.link("ctu", "youth", instrument="youth-experience", language="es")
        self.sandbox.user("ada@county.example", "admin")
        with_marks = ("Send", "Question %(number)s of %(count)s", "Call %(number)s", "%(value)s %%")
        self.staff = (
            "/words",
            "/words/es",
            "/words/es?only=waiting",
            *(f"/words/es/{message_of(it).key}" for it in with_marks),
            *(f"/words/es/preview/{it}" for it in shipped_instruments()),
            f"/links/{slug}/poster?lang=es&beside=ar",
            f"/links/{slug}/paper",
            "/links",
        )
        self.plain = self.pages("plain words")

    def pages(self, words):
        lay(self.sandbox, "es", words)
        bodies = {it.name: it.body for it in every_page(self.sandbox, self.survey, "es")}
        with self.sandbox.staff_door("ada@county.example") as door:
            for path in self.staff:
                answer = door.get(path)
                assert answer.status_code == 200, path
                bodies[path] = answer.text
        return {name: Structure(body) for name, body in bodies.items()}

    def broken(self, pages):
        return [name for name, page in pages.items() if page.parts != self.plain[name].parts]


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return Stage(tmp_path_factory.mktemp("stage"))


def test_no_check_would_take_hostile_words():
    send = message_of("Send")
    for character in '"`<>\n\t\u2067\u202e\u202a\u00ad\U000e0041':
        assert problems(ES, send, [f"Enviar{character}ya"]), hex(ord(character))
    assert problems(ES, send, [PERCENT])


@pytest.mark.parametrize("words", marked([BREAKING, *BREAKING.split("<")], BREAKING))
def test_whatever_words_hold_the_structure_of_every_page_is_that_of_plain_ones(stage, words):
    pages = stage.pages(words)
    assert stage.broken(pages) == []
    text = " ".join(" ".join(word for page in pages.values() for word in page.words).split())
    for source in ("Leaving …", "If you want help now", "Never"):
        sentence = said_of(message_of(source), words)
        assert " ".join(sentence.split()) in text, "the control: they are shown"


def test_words_whose_places_cannot_be_filled_are_said_in_english_and_the_page_stands(stage):
    pages = stage.pages(PERCENT)
    assert stage.broken(pages) == []
    words = " ".join(pages["help"].words)
    assert "Call" in words
    assert PERCENT in words, "what comes from data is no template, so there a percent sign is one"


@pytest.mark.parametrize("words", ["<b></b>", '" onclick="x()'])
def test_the_control_without_escaping_the_structure_would_not_be_the_same(stage, monkeypatch, words):
    monkeypatch.setattr(rendering, "escape", Markup)
    lay(stage.sandbox, "es", words)
    addresses = {name: stage.survey[name] for name in ("survey", "survey on a tablet", "survey in a frame")}
    pages = {it.name: Structure(it.body) for it in every_page(stage.sandbox, addresses, "es")}
    assert set(stage.broken(pages)) == set(addresses)


def test_the_words_in_attributes_are_those_that_a_script_reads_as_text():
    """No script of ours takes an attribute for markup, and no page hands words to a script otherwise."""
    folder, own = (Path(str(resources.files(it))) for it in ("feedback", "feedback.web"))
    scripts = "\n".join(it.read_text() for it in sorted(own.rglob("*.js")))
    assert "dataset" in scripts
    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function", scripts
    )
    inside = re.findall(r"<script[^>]*>(.*?)</script>", _templates(folder / "templates"))
    assert set(inside) == {"{{ script }}"}


def _templates(folder):
    survey = ("survey", "parts", "questions", "public", "paper")
    return "\n".join(it.read_text() for name in survey for it in sorted((folder / name).rglob("*.html")))
