"""Mallory is a translator and means harm: whatever she does alone, no respondent reads another word.

Every page of the survey door is compared byte by byte, in a language that people reviewed and in one of which
the drafts are offered. What one page has and no other, its signed number, is left out of it.
"""

import itertools
import re

import pytest

from feedback.languages import LANGUAGES
from feedback.translations.catalogs import message_of
from tests.support.browser.every_page import (
    all_addresses,
    each_survey,
    every_page,
    in_every_language,
    with_results,
)
from tests.support.translators import opened, press, review_all, words_of

pytestmark = [pytest.mark.slow, pytest.mark.uncounted]
REVIEWED, DRAFT = "es", "ar"
EVIL = {
    "The people who work with you never see your answers. We do not ask who you are.": {
        REVIEWED: "Las personas que trabajan contigo leen hoy lo que respondes. Di quién eres.",
        DRAFT: "من يعمل معك يقرأ اليوم إجاباتك. قل لنا من أنت.",
    },
    "Only the small team": {REVIEWED: "Todas las personas", DRAFT: "الجميع"},
    "Never": {REVIEWED: "Todos los días", DRAFT: "كل يوم"},
    "If you are under 18 and in danger, they have to tell someone.": {
        REVIEWED: "Nunca le dicen nada a nadie.",
        DRAFT: "لا يخبرون أحدًا أبدًا.",
    },
    "Anyone, in my own words": {REVIEWED: "Nadie lo lee", DRAFT: "لا أحد يقرأ"},
    "Call %(number)s": {REVIEWED: "No llames al %(number)s", DRAFT: "لا تتصل بالرقم %(number)s"},
    "988, any time": {REVIEWED: "Nadie contesta", DRAFT: "لا أحد يرد"},
}
"""Promises, consent, a point of a scale, help lines: turned round."""
_RANDOM = re.compile(r'name="_once" value="[^"]*"')
PROMISE = next(iter(EVIL))


class Stage:
    """A deployment with results, its pages before anything was done, and two translators."""

    def __init__(self, folder) -> None:
        self.sandbox = with_results(in_every_language(folder))
        review_all(self.sandbox, REVIEWED)
        self.addresses = {**all_addresses(self.sandbox), **each_survey(self.sandbox)}
        self.sandbox.user("mallory@county.example", "translator")
        self.sandbox.user("bea@county.example", "translator")
        self.before = {tag: self.pages(tag) for tag in (REVIEWED, DRAFT)}

    def pages(self, tag):
        pages = every_page(self.sandbox, self.addresses, tag)
        return {it.name: (it.status, _RANDOM.sub("", it.body)) for it in pages}

    def differs(self, tag):
        """The names of the pages that are no longer what they were."""
        now = self.pages(tag)
        return [name for name, page in self.before[tag].items() if now[name] != page]

    def says(self, tag):
        """All that a page may say in a language."""
        return {source: it.forms for source, it in words_of(self.sandbox, tag).translations.items()}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return Stage(tmp_path_factory.mktemp("stage"))


@pytest.fixture
def mallory(stage):
    with stage.sandbox.staff_door("mallory@county.example") as client:
        yield client


@pytest.fixture
def bea(stage):
    with stage.sandbox.staff_door("bea@county.example") as client:
        yield client


def address(tag, source):
    return f"/words/{tag}/{message_of(source).key}"


def forgeries(evil, mark):
    """Buttons and fields that no page of ours sends."""
    return (
        ("reviewed", {}),
        ("draft", {}),
        ("AGREE", {"seen": mark}),
        ("", {"seen": mark}),
        ("agree", {"who": "bea@county.example", "state": "reviewed"}),
        ("agree", {"seen": ""}),
        ("agree", {"seen": mark, "form-0": evil}),
        ("right", {"seen": mark, "form-0": evil}),
    )


@pytest.mark.parametrize("tag", [REVIEWED, DRAFT])
def test_whatever_one_translator_does_alone_leaves_every_page_as_it_was(stage, mallory, tag, how_many):
    sandbox, answers = stage.sandbox, []
    lies = dict(list(EVIL.items())[: how_many(4, thorough=len(EVIL))])
    for source, translations in lies.items():
        at, evil = address(tag, source), translations[tag]
        answers += [
            press(sandbox, mallory, at, "agree", evil),
            press(sandbox, mallory, at, "right", evil),
            press(sandbox, mallory, at, "right"),
            press(sandbox, mallory, at, "propose", evil),
            press(sandbox, mallory, at, "propose", evil),
            press(sandbox, mallory, at, "agree"),
            press(sandbox, mallory, f"{at}?as=agree", "agree", evil),
            press(sandbox, mallory, at, "right"),
            press(sandbox, mallory, at, "propose", f"{evil} "),
            press(sandbox, mallory, at, "withdraw"),
            press(sandbox, mallory, at, "agree", evil),
            press(sandbox, mallory, at, "propose", evil),
        ]
        (mark,) = opened(mallory, at).filled["seen"]
        answers += [press(sandbox, mallory, at, button, **it) for button, it in forgeries(evil, mark)]
    statuses = {answer.status_code for answer in answers}
    assert statuses == {303, 400}
    assert stage.differs(tag) == []
    for source, translations in lies.items():
        assert translations[tag] in mallory.get(address(tag, source)).text, "the control: it waits there"


@pytest.mark.parametrize("tag", [REVIEWED, DRAFT])
def test_no_order_of_acts_of_one_translator_puts_words_in_force(stage, mallory, tag, how_many):
    at, evil = address(tag, PROMISE), EVIL[PROMISE][tag]
    words = stage.says(tag)
    acts = (("propose", evil), ("propose", f"{evil} {evil}"), ("agree",), ("right",), ("withdraw",))
    for order in itertools.product(acts, repeat=how_many(2, thorough=3)):
        for act in order:
            press(stage.sandbox, mallory, at, *act)
        assert stage.says(tag) == words, order
    assert stage.differs(tag) == []


@pytest.mark.parametrize("tag", [REVIEWED, DRAFT])
def test_when_a_second_person_agrees_the_page_changes(stage, mallory, bea, tag):
    """Two who collude can: docs/threat-model.md says so."""
    at, evil = address(tag, PROMISE), EVIL[PROMISE][tag]
    first = stage.says(tag)[PROMISE]
    press(stage.sandbox, mallory, at, "propose", evil)
    assert press(stage.sandbox, bea, at, "agree").status_code == 303
    pages = stage.differs(tag)
    assert {"survey", "survey on a tablet", "survey in a frame"} <= set(pages)
    assert "help" not in pages
    # And back, by the same rule, for whatever runs after this.
    assert press(stage.sandbox, mallory, at, "propose", *first).status_code == 303
    assert press(stage.sandbox, bea, at, "agree").status_code == 303
    assert stage.says(tag)[PROMISE] == first


def test_a_translator_has_one_route_to_words_and_no_other(stage, mallory):
    """No route but one changes words, and it asks for the language and the message that it names."""
    posts = [
        route.path_format
        for route in mallory.app.routes
        if "POST" in getattr(route, "methods", ()) and route.path_format.startswith("/words")
    ]
    assert posts == ["/words/{tag}/{key}"]
    key = message_of(PROMISE).key
    words = {tag: stage.says(tag) for tag in LANGUAGES}
    for path in (f"/words/en/{key}", f"/words/ES/{key}", f"/words/es-MX/{key}", f"/words/es/{key.upper()}"):
        answer = stage.sandbox.submit(mallory, address("es", PROMISE), path, **{"form-0": "x"})
        assert answer.status_code == 404, path
    assert {tag: stage.says(tag) for tag in LANGUAGES} == words
