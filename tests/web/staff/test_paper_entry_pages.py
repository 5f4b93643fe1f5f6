"""Typing in paper. Vera works for Vista Del Mar; Ada runs the machine; Carla is CTLT."""

import re
from urllib.parse import quote

import msgspec
import pytest
from sqlalchemy import select

from feedback.fieldwork.links import close_link
from feedback.fieldwork.programs import asked_instruments, store_programs
from feedback.storage.staff_tables import AuditRow
from surveys.answers import Response
from surveys.instruments import shipped_instruments
from surveys.registry import shipped_programs
from tests.support.forms.pages import Page
from tests.support.forms.paper_forms import filled, store

OWN = "advocacy-vista"


@pytest.fixture
def vera(sandbox):
    with sandbox.staff_door(sandbox.user("vera@vista.example", "contractor", "vista-del-mar")) as door:
        yield door


@pytest.fixture
def ada(sandbox):
    with sandbox.staff_door(sandbox.user("ada@county.example", "admin")) as door:
        yield door


@pytest.fixture
def paper_path(sandbox):
    """The address at which Vera types in paper of her own program."""
    return f"/links/{sandbox.link(OWN)}/paper"


def paper_entries(sandbox):
    async def read(session):
        rows = await session.execute(select(AuditRow.action, AuditRow.object).order_by(AuditRow.id))
        return [tuple(row) for row in rows]

    return [entry for entry in sandbox.in_transaction(read) if entry[0] == "paper.enter"]


def landing(door, answer):
    """The words of the page one is led to."""
    assert answer.status_code == 303, Page(answer.text).text
    return Page(door.get(answer.headers["location"]).text).text


# The page


def test_every_sheet_asks_every_question_by_its_code(sandbox, vera, paper_path):
    instrument = shipped_instruments()["youth-experience"]
    for sheets in (1, 5, 10):
        page = Page(vera.get(f"{paper_path}?sheets={sheets}").text)
        for number in range(1, sheets + 1):
            for question in instrument.questions:
                name = f"{number}.{question.id}"
                if question.is_text:
                    assert page.filled[name] == [""]
                else:
                    assert page.choices(name) == ["", *question.codes, "-"]
                    assert page.filled[name] == [""]
            assert page.choices(f"{number}._consent") == ["private", "changed", "as-written"]
            assert page.filled[f"{number}._consent"] == ["private"]
        assert f"{sheets + 1}.core-safety" not in page.filled
        assert not page.all("script")


def test_a_number_of_sheets_that_is_not_offered_is_one(vera, paper_path):
    for sheets in ("0", "-1", "7", "1000000"):
        assert Page(vera.get(f"{paper_path}?sheets={sheets}").text).text.count("What is going well?") == 1


def test_nothing_typed_is_remembered_by_a_browser(vera, paper_path):
    page = Page(vera.get(paper_path).text)
    own = [it for it in page.fields if it["name"] != "_csrf_token"]
    assert len(own) > 100
    assert {it.get("autocomplete") for it in own} == {"off"}


def test_a_stack_is_in_the_language_of_its_link_until_somebody_says_otherwise(sandbox, vera):
    slug = sandbox.link(OWN, language="en")
    assert '<option value="en" selected>' in vera.get(f"/links/{slug}/paper?language=xx").text


# Storing


def test_a_stack_is_stored_sealed_and_marked_as_entered(sandbox, vera, paper_path, responses):
    answer = store(
        vera,
        f"{paper_path}?sheets=5",
        **{
            "1.core-safety": "4",
            "1.going-well": " They listen. ",
            "1._consent": "changed",
            "3.core-voice": "-",
        },
    )
    assert "2 sheets stored. 3 were blank and left out. Destroy the paper now" in landing(vera, answer)
    survey = {"program": OWN, "audience": "youth", "instrument": "youth-experience", "language": "en"}
    when = {"period": "2026Q3", "origin": "entered", "entered": "2026Q3"}
    skipped = {"understood-court": "~"}
    assert sorted(responses(), key=lambda it: it.consent) == [
        Response(
            **survey,
            **when,
            answers={"core-safety": "4", "going-well": "They listen.", **skipped},
            consent="changed",
        ),
        Response(**survey, **when, answers={"core-voice": "-", **skipped}),
    ]
    assert sandbox.in_transaction(asked_instruments)[OWN, "youth"] == ["youth-experience"]


def test_ten_full_sheets_are_stored_at_once(vera, paper_path, responses):
    words = "語" * 1_000
    fields = {f"{n}.{name}": words for n in range(1, 11) for name in ("going-well", "should-change")}
    assert "10 sheets stored." in landing(vera, store(vera, f"{paper_path}?sheets=10", **fields))
    assert len(responses()) == 10


def test_storing_twice_stores_once(sandbox, vera, paper_path, responses):
    fields = filled(vera, f"{paper_path}?sheets=5", **{"1.core-safety": "4", "2.core-safety": "5"})
    answers = [vera.post(paper_path, data=fields) for _ in range(2)]
    assert "2 sheets stored." in landing(vera, answers[0])
    assert "2 of them had been stored before; they were not changed and count once." in landing(
        vera, answers[1]
    )
    fields = {**fields, "1.core-safety": "1", "3.core-safety": "3"}
    assert "3 sheets stored. 2 of them had been stored before" in landing(
        vera, vera.post(paper_path, data=fields)
    )
    assert sorted(it.answers["core-safety"] for it in responses()) == ["3", "4", "5"]
    assert len(paper_entries(sandbox)) == 2


def test_another_page_of_sheets_is_another_stack(vera, paper_path, responses):
    for _ in range(2):
        assert store(vera, paper_path, **{"1.core-safety": "4"}).status_code == 303
    assert len(responses()) == 2


@pytest.mark.slow
def test_a_form_without_its_number_still_counts_each_time(vera, paper_path, responses):
    for _ in range(2):
        fields = filled(vera, paper_path, **{"1.core-safety": "4"})
        assert vera.post(paper_path, data={**fields, "_once": ""}).status_code == 303
    assert len(responses()) == 2


def test_a_blank_sheet_is_not_stored(sandbox, vera, paper_path, responses):
    fields = {"1.going-well": "  ", "2._consent": "as-written", "3.understood-court": "4"}
    assert "0 sheets stored. 5 were blank and left out." in landing(
        vera, store(vera, f"{paper_path}?sheets=5", **fields)
    )
    assert responses() == []
    assert paper_entries(sandbox) == []


def test_what_was_typed_is_in_no_address_and_on_no_later_page(sandbox, vera, paper_path):
    answer = store(vera, paper_path, **{"1.core-safety": "4", "1.going-well": "They listen."})
    place = answer.headers["location"]
    assert place == f"{paper_path}?sheets=5&language=en&period=2026Q3&stored=1&blank=4&before=0"
    page = vera.get(place)
    # Back would show the form as it was typed.
    assert page.headers["clear-site-data"] == '"cache"'
    assert "They listen." not in page.text
    assert Page(page.text).filled["1.core-safety"] == [""]
    (entry,) = paper_entries(sandbox)
    assert entry[1] == f"{paper_path.split('/')[2]} {OWN}", "and not how many"


def test_paper_without_room_for_words_takes_none(sandbox, vera, responses):
    path = f"/links/{sandbox.link(OWN, comments=False)}/paper"
    page = vera.get(path).text
    assert "<textarea" not in page
    assert "_consent" not in page
    answer = store(vera, path, **{"1.core-safety": "4", "1.going-well": "They listen."})
    assert answer.status_code == 400
    assert "Something was sent for this sheet that the link does not ask." in Page(answer.text).text
    assert responses() == []


def test_several_codes_are_kept_where_several_may_be_marked(every_kind, sandbox, ada, responses):
    path = f"/links/{sandbox.link('ctu', 'youth', instrument=every_kind)}/paper?sheets=1"
    assert Page(ada.get(path).text).choices("1.came-by") == ["bus", "car", "foot", "-"]
    landing(ada, store(ada, path, **{"1.came-by": ["foot", "bus"]}))
    assert [it.answers["came-by"] for it in responses()] == [("bus", "foot")]


@pytest.mark.slow
def test_entered_paper_is_released_apart_from_what_came_live(sandbox, vera):
    slug = sandbox.link(OWN)
    sandbox.answer(11, program=OWN, instrument="youth-experience")
    fields = {f"{n}.core-safety": "5" for n in range(1, 11)}
    store(vera, f"/links/{slug}/paper?sheets=10", **fields)
    store(vera, f"/links/{slug}/paper?sheets=1", **{"1.core-safety": "5"})
    sandbox.on("2026-10-15").release()
    assert sorted((b.origin, b.n) for b in sandbox.ledger() if b.kind == "pulse") == [
        ("entered", 11),
        ("live", 11),
    ]


# What cannot be taken


CANNOT_BE_TAKEN = [
    ({"2.core-safety": "6"}, "This answer is not one of the choices here."),
    ({"2.core-safety": ["1", "2"]}, "Please choose one answer here."),
    ({"2.going-well": "x" * 1_001}, "This is longer than we can keep."),
]


@pytest.mark.slow
def test_every_fault_is_marked_at_its_sheet_and_nothing_typed_is_lost(sandbox, vera, paper_path, responses):
    fields = {
        "1.core-safety": "4",
        "1._consent": "changed",
        "3.going-well": "The <b>food",
        "3.core-voice": "-",
    }
    for wrong, sentence in CANNOT_BE_TAKEN:
        answer = store(vera, paper_path, **fields, **wrong)
        page = Page(answer.text)
        assert answer.status_code == 400, wrong
        assert page.text.count(sentence) == 1
        assert sentence in page.text.partition("Sheet 2 1. ")[2].partition("Sheet 3 1. ")[0]
        assert "#sheet-2" in page.addresses
        assert "#sheet-1" not in page.addresses
        for name, value in fields.items():
            assert page.filled[name] == [value]
        assert "_outside" in page.filled
    assert responses() == []
    assert paper_entries(sandbox) == []


@pytest.mark.slow
def test_faults_on_many_sheets_are_all_marked_and_can_be_mended(vera, paper_path, responses):
    answer = store(vera, paper_path, **{"1.core-safety": "9", "2.core-safety": "4", "4.core-voice": "no"})
    page = Page(answer.text)
    assert page.text.count("This answer is not one of the choices here.") == 2
    fields = {
        **page.filled,
        "_language": "en",
        "_period": "2026Q3",
        "1.core-safety": "1",
        "4.core-voice": "2",
    }
    assert "3 sheets stored." in landing(vera, vera.post(paper_path, data=fields))
    assert len(responses()) == 3


def test_the_promise_of_the_paper_has_to_be_kept(vera, paper_path, responses):
    fields = filled(vera, paper_path, **{"1.core-safety": "4"})
    del fields["_outside"]
    answer = vera.post(paper_path, data=fields)
    assert answer.status_code == 400
    assert "tick the box" in Page(answer.text).text
    assert Page(answer.text).filled["1.core-safety"] == ["4"]
    assert responses() == []


@pytest.mark.slow
def test_what_holds_for_the_stack_is_checked_and_named(vera, paper_path, responses):
    for wrong, sentence in (
        ({"_language": "tlh"}, "Choose the language of the stack."),
        ({"_period": "2026Q4"}, "Choose the quarter in which the paper was filled in."),
        ({"_period": "soon"}, "Choose the quarter in which the paper was filled in."),
        ({"shoe-size": "44"}, "Something was sent that does not belong here."),
        ({"11.core-safety": "4"}, "Something was sent that does not belong here."),
    ):
        answer = store(vera, paper_path, **{"1.core-safety": "4"}, **wrong)
        assert answer.status_code == 400, wrong
        assert sentence in Page(answer.text).text
        assert Page(answer.text).filled["1.core-safety"] == ["4"]
    assert responses() == []


def test_broken_letters_break_nothing(vera, paper_path, responses):
    fields = filled(vera, paper_path)
    token = f"_csrf_token={fields['_csrf_token'][0]}"
    for body in ("1.core-safety=%ff", "1.going-well=%00%ff", "%ff=1", "1.=4", "_once=%00"):
        answer = vera.post(
            paper_path,
            content=f"{token}&{body}".encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code == 400, body
    assert responses() == []


# Quarters and closed links


def quarters_on(page):
    return re.findall(r'<option value="(\d{4}Q\d)"', page)


def test_the_county_types_in_this_quarter_and_the_four_before(sandbox, ada):
    page = ada.get(f"/links/{sandbox.link('frp')}/paper").text
    assert quarters_on(page) == ["2026Q3", "2026Q2", "2026Q1", "2025Q4", "2025Q3"]


def test_a_contractor_types_in_what_was_answered_under_its_contract(sandbox, responses):
    path = f"/links/{sandbox.link(OWN)}/paper"
    email = sandbox.user("vera@vista.example", "contractor", "vista-del-mar")
    with sandbox.on("2027-02-01").staff_door(email) as vera:
        assert quarters_on(vera.get(path).text) == ["2027Q1", "2026Q4", "2026Q3"]
        assert store(vera, f"{path}?period=2026Q4", **{"1.core-safety": "4"}).status_code == 303
        assert store(vera, path, **{"_period": "2026Q2", "1.core-safety": "4"}).status_code == 400
    (response,) = responses()
    assert (response.period, response.entered) == ("2026Q4", "2027Q1")


def test_where_no_quarter_is_left_the_page_says_so_and_takes_nothing(sandbox, responses):
    path = f"/links/{sandbox.link(OWN)}/paper"
    email = sandbox.user("vera@vista.example", "contractor", "vista-del-mar")
    shipped = shipped_programs()
    programs = tuple(msgspec.structs.replace(it, ends="2026Q3") for it in shipped.programs)
    file = msgspec.structs.replace(shipped, programs=programs)
    sandbox.in_transaction(lambda session: store_programs(session, file, sandbox.settings.period))
    with sandbox.on("2028-01-01").staff_door(email) as vera:
        page = Page(vera.get(path).text)
        assert "There is no quarter to type in for" in page.text
        assert "under your contract" in page.text
        assert not page.all("textarea")
        fields = {"_outside": "yes", "_language": "en", "_period": "2026Q3", "1.core-safety": "4"}
        assert sandbox.submit(vera, "/links", path, **fields).status_code == 400
    assert responses() == []


def test_paper_of_a_closed_link_can_still_be_typed_in(sandbox, vera, responses):
    slug = sandbox.link(OWN)
    sandbox.in_transaction(lambda session: close_link(session, slug, sandbox.settings.today))
    assert f"/links/{slug}/paper" in Page(vera.get("/links").text).addresses
    assert store(vera, f"/links/{slug}/paper", **{"1.core-safety": "4"}).status_code == 303
    assert len(responses()) == 1


# Who may


def test_nobody_types_in_paper_of_a_program_that_is_not_theirs(sandbox, vera, responses):
    other = sandbox.link("frp")
    for path in (f"/links/{other}/paper", "/links/22222222/paper", "/links/%00/paper"):
        assert vera.get(path).status_code == 404
        assert sandbox.submit(vera, "/links", path, **{"1.core-safety": "4"}).status_code == 404
    assert responses() == []


def test_carla_reads_results_and_types_nothing(sandbox, paper_path):
    with sandbox.staff_door(sandbox.user()) as door:
        assert door.get(paper_path).status_code == 404
        assert paper_path not in Page(door.get("/links").text).addresses
    with sandbox.staff_door() as nobody:
        assert nobody.get(paper_path).headers["location"] == f"/sign-in?to={quote(paper_path, safe='')}"


def test_no_sheet_is_stored_from_somebody_else_s_page(vera, paper_path, responses):
    fields = filled(vera, paper_path, **{"1.core-safety": "4"})
    assert vera.post(paper_path, data={**fields, "_csrf_token": "made-up"}).status_code == 403
    assert responses() == []
