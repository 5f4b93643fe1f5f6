"""What is reported of work is checked before it counts: no slip is stored, and none of it in silence."""

import msgspec
import pytest

from feedback.fieldwork.totals import Calendar, ProgramWork, programs_work, report_work
from feedback.fieldwork.work_reports import (
    LONGEST_REASON,
    ReportRefused,
    TypedReport,
    asked_numbers,
    mark,
    read_report,
)
from feedback.staff.audit import LONGEST
from surveys.periods import Period
from surveys.registry import WorkTotal, shipped_programs

PROGRAMS = {it.id: it for it in shipped_programs().programs}
FRP, CLASS = PROGRAMS["frp"], PROGRAMS["training-cast"]
Q1, Q2, Q3, Q4 = (Period(2026, number) for number in (1, 2, 3, 4))
NUMBERS = {"served": "60", "offered": "40", "minutes": "90"}
IN_A_CLASS = {**NUMBERS, "partners_served": "200", "partners_offered": "150"}


def total(period, served=60, offered=40, minutes=90, program=FRP, **more):
    return WorkTotal(
        program=program.id, period=str(period), served=served, offered=offered, minutes=minutes, **more
    )


def work(*totals, program=FRP, released=Q2, quarters=(Q3, Q2, Q1), **changes):
    return ProgramWork(
        program=msgspec.structs.replace(program, **changes),
        quarters=quarters,
        totals={it.period: it for it in totals},
        missing=(),
        calendar=Calendar(first=Q1, now=Q3, released=released),
    )


def typed(period=Q3, *, seen="", reason="", sure="", **numbers):
    return TypedReport(
        period=str(period), numbers={**NUMBERS, **numbers}, seen=seen, reason=reason, sure=sure
    )


def problems(form, before):
    with pytest.raises(ReportRefused) as refused:
        read_report(form, before)
    assert all(sentence.endswith((".", "?")) for sentence in refused.value.problems.values())
    assert str(refused.value) == " ".join(refused.value.problems.values())
    return refused.value.problems


def test_a_first_report_is_taken_as_it_is():
    report = read_report(typed(served=" 61 "), work())
    assert report.total == total(Q3, served=61)
    assert (report.is_new, report.action) == (True, "work.report")
    assert report.entry == "frp 2026Q3: served 61, offered 40, minutes 90"


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1,000", "٣", "1" * 7, "many"])
@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_no_whole_number_is_said_at_its_field(name, text):
    whole = "Write a whole number, without a sign or a point."
    assert problems(typed(**{name: text}), work()) == {name: whole}


def test_everything_that_is_wrong_is_said_at_once():
    form = typed("soon", served="-1", minutes="", reason="x" * 301)
    assert set(problems(form, work())) == {"period", "served", "minutes", "reason"}


def test_nobody_is_offered_a_survey_who_was_not_served():
    more = problems(typed(served="39"), work())
    assert more == {"offered": "More were offered the survey than were served: 39."}
    assert read_report(typed(served="40"), work()).total.served == 40


@pytest.mark.parametrize(
    ("period", "sentence"),
    [
        ("soon", "“soon” is not a quarter; write it like 2026Q3."),
        ("2026Q4", "October to December 2026 has not come yet."),
        ("2025Q4", "Nobody was asked here before January to March 2026."),
        ("2026Q3", "The program ended with April to June 2026."),
        ("2026Q1", "January to March 2026 is no quarter of your contract for this program."),
    ],
)
def test_a_quarter_outside_of_the_program_s_life_is_refused_with_the_reason(period, sentence):
    before = work(quarters=(Q2,), ends="2026Q2")
    assert problems(typed(period), before) == {"period": sentence}


@pytest.mark.parametrize(
    ("before", "number", "is_asked"),
    [
        (60, "120", False),
        (60, "121", True),
        (60, "30", False),
        (60, "29", True),
        (5, "24", False),
        (5, "25", True),
        (0, "19", False),
        (0, "20", True),
        (19, "0", False),
        (20, "0", True),
    ],
)
def test_far_from_the_quarter_before_is_more_than_double_or_less_than_half_and_by_twenty(
    before, number, is_asked
):
    earlier = work(total(Q2, served=before, offered=0), quarters=(Q3, Q2))
    form = typed(served=number, offered="0")
    assert ("sure" in _problems(form, earlier)) is is_asked


def _problems(form, before):
    try:
        read_report(form, before)
    except ReportRefused as refused:
        return refused.problems
    return {}


def test_what_is_far_is_asked_about_and_taken_when_somebody_says_that_it_is_right():
    before = work(total(Q2))
    form = typed(served="600", minutes="9")
    asked = problems(form, before)
    assert asked == {
        "sure": "Far from the quarter before: people served, 600 after 60, staff minutes spent on asking, 9"
        " after 90. Is this right? Then tick the box."
    }
    far = mark(total(Q3, served=600, minutes=9))
    assert read_report(msgspec.structs.replace(form, sure=far), before).total.served == 600
    other = typed(served="6000", minutes="9", sure=far)
    assert "6000 after 60" in problems(other, before)["sure"], "it was said of other numbers"


def test_a_quarter_is_held_against_the_one_before_it_and_no_other():
    assert read_report(typed(served="600"), work(total(Q1))).is_new


def test_a_report_takes_the_place_of_one_that_its_writer_saw_and_of_no_other():
    before = work(total(Q3, served=50))
    unseen = problems(typed(), before)
    assert unseen == {
        "period": "July to September 2026 was reported already: people served 50, people offered the survey"
        " 40, staff minutes spent on asking 90. Send once more to replace that."
    }
    stale = mark(total(Q3, served=49))
    assert set(problems(typed(seen=stale), before)) == {"period"}
    report = read_report(typed(seen=mark(total(Q3, served=50))), before)
    assert (report.action, report.earlier) == ("work.change", total(Q3, served=50))
    assert report.entry == "frp 2026Q3: served 50 to 60, offered 40, minutes 90"


def test_the_same_numbers_again_change_nothing_and_ask_nothing():
    report = read_report(typed(), work(total(Q3), total(Q2, served=6, offered=6, minutes=6), released=Q3))
    assert not report.is_new


def test_a_change_after_the_release_needs_a_reason_and_a_first_report_none():
    before = work(total(Q2))
    form = typed(Q2, served="65", seen=mark(total(Q2)))
    assert problems(form, before) == {
        "reason": "The release of April to June 2026 counted other numbers: say why they change."
    }
    assert set(problems(msgspec.structs.replace(form, reason=" \n "), before)) == {"reason"}
    with_reason = msgspec.structs.replace(form, reason=" A site\nreported\x07 late ")
    entry = read_report(with_reason, before).entry
    assert entry == "frp 2026Q2: served 60 to 65, offered 40, minutes 90; reason: A site reported late"
    assert read_report(typed(Q1), work(total(Q2))).reason == "", "a quarter that was missing is no change"
    assert read_report(typed(seen=mark(total(Q3, served=61))), work(total(Q3, served=61))).is_new


def test_the_longest_reason_fits_whole_into_the_audit_log():
    largest = dict.fromkeys(IN_A_CLASS, "999999")
    reason = "x" * LONGEST_REASON
    before = total(Q2, 999_998, 999_998, 999_998, CLASS, partners_served=999_998, partners_offered=999_998)
    form = typed(Q2, seen=mark(before), reason=reason, **largest)
    entry = read_report(form, work(before, program=CLASS, id="x" * 80)).entry
    assert entry.endswith(reason)
    assert len(entry) <= LONGEST


def test_partners_are_reported_apart_by_programs_that_ask_them():
    assert asked_numbers(FRP) == ["served", "offered", "minutes"]
    assert asked_numbers(CLASS) == ["served", "offered", "partners_served", "partners_offered", "minutes"]
    partners_alone = msgspec.structs.replace(CLASS, audiences=("partner",))
    assert asked_numbers(partners_alone) == ["partners_served", "partners_offered", "minutes"]
    report = read_report(typed(**IN_A_CLASS), work(program=CLASS)).total
    assert report == total(Q3, program=CLASS, partners_served=200, partners_offered=150)
    alone = read_report(typed(**IN_A_CLASS), work(program=partners_alone)).total
    assert (alone.served, alone.offered, alone.partners_served) == (0, 0, 200)
    assert read_report(typed(partners_served="7"), work()).total.partners_served is None


def test_partners_are_checked_as_everybody_and_held_against_partners():
    fewer = problems(typed(**{**IN_A_CLASS, "partners_served": "149"}), work(program=CLASS))
    assert fewer == {"partners_offered": "More were offered the survey than were served: 149."}
    mixed = total(Q2, program=CLASS)
    assert read_report(typed(**IN_A_CLASS), work(mixed, program=CLASS)).is_new, "nobody was told apart then"
    told_apart = total(Q2, program=CLASS, partners_served=20, partners_offered=20)
    far = problems(typed(**IN_A_CLASS), work(told_apart, program=CLASS))["sure"]
    assert "partners served, 200 after 20" in far
    assert "people served" not in far


def test_a_report_from_before_partners_were_told_apart_says_so_when_it_is_changed():
    mixed = total(Q3, program=CLASS)
    report = read_report(typed(seen=mark(mixed), **IN_A_CLASS), work(mixed, program=CLASS))
    assert "partners served none to 200" in report.entry


# Which quarters there are to report.


def works(sandbox, *program_ids, contractor=None, first=Q3, now=Q4):
    calendar = Calendar(first=first, now=now)
    programs = [PROGRAMS[it] for it in program_ids]
    return sandbox.in_transaction(lambda s: programs_work(s, programs, contractor, calendar))


def test_what_is_missing_is_every_quarter_that_has_ended_without_a_report(sandbox):
    sandbox.in_transaction(lambda s: report_work(s, total(Q4)))
    frp, syz = works(sandbox, "frp", "syz", now=Q4 + 1)
    assert list(frp.quarters) == [Q4 + 1, Q4, Q3], "the present one can be reported, and is not missing"
    assert (frp.missing, syz.missing) == ([Q3], [Q3, Q4])
    assert (frp.latest, syz.latest) == (total(Q4), None)


def test_a_program_that_ended_has_no_later_quarters(sandbox):
    ended = msgspec.structs.replace(FRP, ends="2026Q3")
    before = msgspec.structs.replace(FRP, ends="2026Q2")
    calendar = Calendar(first=Q3, now=Q4)
    one, other = sandbox.in_transaction(lambda s: programs_work(s, [ended, before], None, calendar))
    assert (list(one.quarters), list(other.quarters)) == ([Q3], [])


def test_a_contractor_has_the_quarters_of_its_own_contracts_and_the_county_all(sandbox):
    program = PROGRAMS["advocacy-vista"]
    sandbox.in_transaction(lambda s: report_work(s, total(Q3, program=program)))
    sandbox.on("2026-11-15").hand_over(program.id, "olive-crest")
    quarters = {}
    for contractor in ("vista-del-mar", "olive-crest", None):
        (it,) = works(sandbox, program.id, contractor=contractor)
        quarters[contractor] = (list(it.quarters), list(it.totals))
    assert quarters == {
        "vista-del-mar": ([Q3], ["2026Q3"]),
        "olive-crest": ([Q4], []),
        None: ([Q4, Q3], ["2026Q3"]),
    }
