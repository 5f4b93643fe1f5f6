"""The survey on paper. Ana fills it in with a pen; Omar finds a sheet on the floor."""

import re

import brotli
import msgspec
import pytest

from feedback.fieldwork.links import close_link
from feedback.languages import LANGUAGES
from surveys.checking import _matches
from surveys.help import help_lines
from surveys.instruments import shipped_instruments
from surveys.reading import reading_grade
from surveys.registry import shipped_programs
from tests.support.forms.pages import Page


@pytest.fixture
def every_language(sandbox):
    sandbox.settings = msgspec.structs.replace(sandbox.settings, offer_draft_languages=True)


def first_words(html):
    """What stands in the frame that everyone reads first."""
    return re.sub("<[^>]+>", " ", html.partition('<div class="promise">')[2].partition("</div>")[0])


@pytest.mark.slow
def test_the_paper_asks_what_the_phone_asks_under_the_same_codes(sandbox, door):
    for name, instrument in shipped_instruments().items():
        path = f"/s/{sandbox.link('community', instrument.audiences[0], instrument=name)}"
        page, phone = Page(door.get(f"{path}/print").text), Page(door.get(path).text)
        place = -1
        for question in instrument.questions:
            place = page.text.index(question.text, place + 1)
            for option in question.options:
                assert f"{option.text} {option.code}" in page.text.replace("\xa0", " ")
            assert question.is_text or phone.choices(question.id) == [*question.codes, "-"]
        choices = sum(not question.is_text for question in instrument.questions)
        assert page.text.replace("\xa0", " ").count("I’d rather not say -") == choices


def test_numbers_on_paper_are_those_on_the_phone(sandbox, door):
    path = f"/s/{sandbox.link('ctu', 'youth', instrument='youth-experience')}"
    on_phone = re.findall(r"Question (\d+) of 13</span>([^<]+)<", door.get(path).text)
    on_paper = re.findall(r"<h2>(\d+)\. ([^<]+)</h2>", door.get(f"{path}/print").text)
    assert on_paper[:11] == on_phone[:11]
    assert [number for number, _ in on_paper] == [str(number) for number in range(1, 14)]


def test_a_follow_up_says_its_condition_in_words(sandbox, door):
    slug = sandbox.link("ctu", "youth", instrument="youth-experience")
    page = Page(door.get(f"/s/{slug}/print").text)
    assert "Only if you chose before: Yes How well did you understand" in page.text


def test_where_several_may_be_marked_the_paper_says_so(every_kind, sandbox, door):
    html = door.get(f"/s/{sandbox.link('ctu', 'youth', instrument=every_kind)}/print").text
    assert "You can choose more than one." in Page(html).text
    # Two boxes for long words, one for a short one.
    assert html.count('class="line"') == 4 + 4 + 1


@pytest.mark.slow
def test_the_first_words_are_true_of_paper_and_few(sandbox, door):
    for program in shipped_programs().programs:
        for audience in program.audiences:
            html = door.get(f"/s/{sandbox.link(program.id, audience)}/print").text
            first = first_words(html)
            assert "Los Angeles County asks" in first
            assert program.respondent_names[audience] in first.replace("&#39;", "'")
            assert "do not write your name" in first
            assert "skip any question" in first
            assert "closed box or envelope" in first
            assert "Someone outside the program types it in." in first
            assert len(first.split()) <= 60, program.id
            assert reading_grade(first) <= 5
            # True on a phone, and not on paper.
            assert "never see your answers" not in html


def test_the_paper_says_what_happens_next_and_where_help_is(sandbox, door):
    page = Page(door.get(f"/s/{sandbox.link()}/print").text)
    after = page.text.partition("What happens next")[2]
    assert "Whoever types it in has to shred this paper." in after
    assert "127.0.0.1:8001/heard In the results this is called “The team that meets people first”." in after
    for line in help_lines():
        assert line.name in after
        assert line.call in after


def test_what_is_written_stays_private_when_nothing_is_marked(sandbox, door):
    text = Page(door.get(f"/s/{sandbox.link()}/print").text).text
    assert "If you mark nothing here, your words stay private." in text
    for code in ("private", "changed", "as-written"):
        assert re.search(rf"\w\xa0?\s{code}\b", text)


def test_a_link_without_comments_prints_no_lines_to_write_on(sandbox, door):
    html = door.get(f"/s/{sandbox.link(comments=False)}/print").text
    assert 'class="line"' not in html
    assert "as-written" not in html


def test_no_number_or_code_tells_one_sheet_from_another(sandbox, door):
    path = f"/s/{sandbox.link()}/print"
    sheets = {door.get(path).text for _ in range(5)}
    assert len(sheets) == 1
    (html,) = sheets
    assert path.split("/")[2] not in html
    assert not Page(html).fields


def test_the_paper_needs_no_script_and_no_second_request(sandbox, door):
    answer = door.get(f"/s/{sandbox.link()}/print")
    page = Page(answer.text)
    assert page.all("script") == [{}], "it covers the page on Leave"
    assert not page.all("iframe", "img", "object", "form")
    assert all(re.match(r"(/[^/]|\?lang=|tel:|sms:|data:,$)", it) for it in page.addresses), page.addresses
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.slow
def test_a_sheet_on_the_floor_tells_omar_nothing(sandbox, door):
    every = shipped_programs().programs
    names = {name for p in every for name in (p.id, p.name, p.short, p.contractor, p.contractor_id) if name}
    sign = next(line.what for line in help_lines() if line.id == "safe-place")
    for program in every:
        for audience in program.audiences:
            html = door.get(f"/s/{sandbox.link(program.id, audience)}/print").text
            page = Page(html)
            assert page.title == "Feedback"
            assert _matches("banned", html) == []
            text = page.text.replace(sign, "")
            assert [n for n in names if re.search(rf"(?<![\w-]){re.escape(n)}(?![\w-])", text)] == []


@pytest.mark.slow
def test_the_paper_fits_the_first_packets_in_every_language(every_language, sandbox):
    sizes = {}
    with sandbox.survey_door() as door:
        for name, instrument in shipped_instruments().items():
            slug = sandbox.link("community", instrument.audiences[0], instrument=name)
            for tag in LANGUAGES:
                page = door.get(f"/s/{slug}/print?lang={tag}", headers={"Accept-Encoding": "br"})
                assert page.headers["content-encoding"] == "br"
                sizes[name, tag] = len(brotli.compress(page.content, quality=7))
    assert len(sizes) == 6 * 15
    assert max(sizes.values()) < 14_336, max(sizes, key=sizes.get)


def test_the_paper_speaks_and_runs_as_its_language_does(every_language, sandbox):
    slug = sandbox.link(language="es")
    with sandbox.survey_door() as door:
        for lang, tag, direction in (("", "es", "ltr"), ("?lang=ar", "ar", "rtl"), ("?lang=xx", "es", "ltr")):
            answer = door.get(f"/s/{slug}/print{lang}")
            assert answer.headers["content-language"] == tag
            assert f'<html lang="{tag}" dir="{direction}">' in answer.text
    # The points of a scale run as its language is read; whoever types finds them by their codes.
    assert "direction:" not in answer.text


def test_drafts_are_printed_only_where_the_deployment_wants_them_and_say_so(catalogs, sandbox, door):
    path = f"/s/{sandbox.link()}/print?lang=ar"
    assert '<html lang="en"' in door.get(path).text
    sandbox.settings = msgspec.structs.replace(sandbox.settings, offer_draft_languages=True)
    with sandbox.survey_door() as wanting:
        answer = wanting.get(path)
        assert '<html lang="ar" dir="rtl">' in answer.text
        assert "No person has checked this translation yet." in answer.text


def test_an_unknown_or_closed_link_prints_what_it_says_on_the_phone(sandbox, door):
    slug = sandbox.link()
    sandbox.in_transaction(lambda session: close_link(session, slug, sandbox.settings.today))
    for wrong, status, sentence in (
        ("22222222", 404, "There is nothing at this address"),
        ("%00", 404, "There is nothing at this address"),
        (slug, 410, "This link is closed"),
    ):
        answer = door.get(f"/s/{wrong}/print")
        assert answer.status_code == status
        assert sentence in Page(answer.text).text
        assert "If you want help now" in answer.text
