"""A stack of paper as it was typed: read whole, or refused with every fault named."""

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.entering.stacks import SHEETS, StackRefused, blank_stack, quarters, read_stack, typed_stack
from feedback.fieldwork.links import Link
from surveys.answers import DECLINED, NOT_SHOWN
from surveys.instruments import shipped_instruments
from surveys.periods import Period
from surveys.registry import Contract, shipped_programs

NOW = Period(2026, 3)
INSTRUMENT = shipped_instruments()["youth-experience"]
PROGRAM = next(it for it in shipped_programs().programs if it.id == "advocacy-vista")
LINK = Link(
    slug="abcdefgh",
    program=PROGRAM,
    audience="youth",
    instrument=INSTRUMENT,
    language=None,
    place="",
    embed=(),
    comments=True,
    reading=None,
    made_on=dt.date(2026, 8, 1),
    expires_on=None,
    closed_on=None,
)
ABOUT = {"_once": ["n"], "_language": ["es"], "_period": ["2026Q3"], "_outside": ["yes"]}
CHOICES = [question for question in INSTRUMENT.questions if not question.is_text]


def read(fields):
    return read_stack(typed_stack({**ABOUT, **fields}), LINK, [NOW], NOW)


sheet = st.fixed_dictionaries(
    {question.id: st.sampled_from(["", *question.codes, DECLINED]) for question in CHOICES}
)


@pytest.mark.slow
@given(st.lists(sheet, min_size=1, max_size=10), st.randoms())
def test_what_is_typed_is_what_is_read_in_whatever_order_the_fields_come(sheets, chance):
    fields = [(f"{n}.{name}", [code]) for n, it in enumerate(sheets, start=1) for name, code in it.items()]
    chance.shuffle(fields)
    responses = {entry.place: entry.response for entry in read(dict(fields))}
    for number, codes in enumerate(sheets, start=1):
        answers = {name: code for name, code in codes.items() if code}
        if codes["court-or-meeting"] != "yes":
            answers.pop("understood-court", None)
        if not answers:
            assert f"n/{number}" not in responses
            continue
        response = responses.pop(f"n/{number}")
        assert {k: v for k, v in response.answers.items() if v != NOT_SHOWN} == answers
        assert (response.origin, response.language, response.period) == ("entered", "es", "2026Q3")
        assert response.consent == "private"
    assert responses == {}


names = st.one_of(
    st.sampled_from(
        [*ABOUT, *(f"{n}.{q.id}" for n in (1, 3, 10) for q in INSTRUMENT.questions), "2._consent"]
    ),
    st.text(max_size=12),
)


@pytest.mark.slow
@given(st.dictionaries(names, st.lists(st.text(max_size=8), min_size=1, max_size=3), max_size=8))
def test_no_form_breaks_anything_or_lets_in_what_is_no_answer(fields):
    try:
        entries = read(fields)
    except StackRefused as refused:
        is_named = bool(refused.problems or refused.sheet_problems) and bool(str(refused))
        entries = []
    else:
        is_named = True
    assert is_named
    for entry in entries:
        assert entry.response.consent in ("private", "changed", "as-written")
        for question in CHOICES:
            assert entry.response.answers.get(question.id, DECLINED) in (*question.codes, DECLINED, NOT_SHOWN)


def test_every_fault_of_a_stack_is_named_at_once():
    with pytest.raises(StackRefused) as caught:
        read_stack(
            typed_stack({"2.core-safety": ["9"], "3.core-voice": ["1", "2"], "x": [""]}), LINK, [NOW], NOW
        )
    assert len(caught.value.problems) == 4
    assert {n: [it.question for it in problems] for n, problems in caught.value.sheet_problems.items()} == {
        2: ["core-safety"],
        3: ["core-voice"],
    }


def test_two_pages_of_sheets_never_share_a_number():
    stacks = [blank_stack(1, "en", "2026Q3") for _ in range(3)] + [typed_stack({}) for _ in range(3)]
    assert len({stack.submission_key for stack in stacks}) == 6


def test_a_page_takes_as_many_sheets_as_were_chosen():
    assert [len(blank_stack(sheets, "en", "2026Q3").sheets) for sheets in SHEETS] == [1, 5, 10]


# Which quarters the paper may be from


def texts_of(periods):
    return [str(it) for it in periods]


def test_paper_is_taken_for_this_quarter_and_the_four_before():
    assert texts_of(quarters(PROGRAM, [], NOW, None)) == ["2026Q3", "2026Q2", "2026Q1", "2025Q4", "2025Q3"]


def test_a_program_that_ended_has_paper_of_its_own_time_only():
    assert texts_of(quarters(msgspec.structs.replace(PROGRAM, ends="2026Q1"), [], NOW, None)) == [
        "2026Q1",
        "2025Q4",
        "2025Q3",
    ]
    assert quarters(msgspec.structs.replace(PROGRAM, ends="2024Q1"), [], NOW, None) == []


def test_a_contractor_types_in_the_quarters_of_its_own_contracts():
    contracts = [
        Contract(program=PROGRAM.id, contractor="vista-del-mar", first=Period(2020, 1), last=Period(2025, 4)),
        Contract(program=PROGRAM.id, contractor="olive-crest", first=Period(2026, 1), last=Period(2026, 1)),
        Contract(program=PROGRAM.id, contractor="vista-del-mar", first=Period(2026, 2), last=None),
        Contract(program="frp", contractor="optimist", first=Period(2020, 1), last=None),
    ]
    assert texts_of(quarters(PROGRAM, contracts, NOW, "vista-del-mar")) == [
        "2026Q3",
        "2026Q2",
        "2025Q4",
        "2025Q3",
    ]
    assert texts_of(quarters(PROGRAM, contracts, NOW, "olive-crest")) == ["2026Q1"]
    assert quarters(PROGRAM, contracts, NOW, "optimist") == []
