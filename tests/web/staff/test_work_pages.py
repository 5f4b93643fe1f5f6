"""Reporting work. Carla is CTLT, Ada an admin, Vera works for Vista Del Mar, Olga for Olive Crest."""

import re
import threading

import msgspec
import pytest
from sqlalchemy import select

from feedback.fieldwork.programs import store_programs
from feedback.fieldwork.totals import work_totals
from feedback.results.queries import read_measures
from feedback.storage.staff_tables import AuditRow
from surveys.registry import Programs, WorkTotal, shipped_programs
from tests.support.forms.pages import Page
from tests.support.forms.staff_forms import form_at

OWN = "advocacy-vista"
WORK = {"period": "2026Q3", "served": "60", "offered": "40", "minutes": "90"}
STORED = {"served": 60, "offered": 40, "minutes": 90}


@pytest.fixture
def carla(sandbox):
    with sandbox.staff_door(sandbox.user()) as door:
        yield door


@pytest.fixture
def vera(sandbox):
    with sandbox.staff_door(sandbox.user("vera@vista.example", "contractor", "vista-del-mar")) as door:
        yield door


def report(sandbox, door, program="frp", **fields):
    """Open the page of a program and send its form with these numbers, as a browser would."""
    form = form_at(
        door.get(f"/served/{program}?quarter={fields.get('period', '')}").text,
        f"/served/{program}",
    )
    return door.post(f"/served/{program}", data={**form.fields, **fields})


def again(door, answer, program="frp", **fields):
    """Send the form of a page that came back, with what is said now."""
    return door.post(
        f"/served/{program}",
        data={**form_at(answer.text, f"/served/{program}").fields, **fields},
    )


def totals(sandbox):
    return sandbox.in_transaction(work_totals)


def entries(sandbox, action="work"):
    async def read(session):
        rows = (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars()
        return [(row.who, row.action, row.object) for row in rows if row.action.startswith(f"{action}.")]

    return sandbox.in_transaction(read)


def text(answer):
    return Page(answer.text).text


@pytest.mark.parametrize("role", ["ctlt", "admin"])
def test_leadership_and_admins_report_programs_that_have_no_contractor(sandbox, role):
    email = sandbox.user("ada@county.example", role)
    with sandbox.staff_door(email) as door:
        assert 'href="/served"' in door.get("/").text
        answer = report(sandbox, door, **WORK)
        assert (answer.status_code, answer.headers["location"]) == (303, "/served/frp?reported=2026Q3")
        page = text(door.get(answer.headers["location"]))
    assert totals(sandbox) == [WorkTotal(program="frp", period="2026Q3", **STORED)]
    assert entries(sandbox) == [(email, "work.report", "frp 2026Q3: served 60, offered 40, minutes 90")]
    assert "July to September 2026 is reported: people served 60, people offered the survey 40" in page
    assert "It enters the measures with the release of July to September 2026." in page
    assert "July to September 2026 60 40 90" in page


def test_a_contractor_reports_its_own_programs_and_finds_no_other(sandbox, vera):
    assert report(sandbox, vera, OWN, **WORK).status_code == 303
    listed = {it for it in Page(vera.get("/served").text).addresses if it.startswith("/served/")}
    assert listed == {f"/served/{OWN}"}
    nothing = vera.get("/served/nothing")
    for program in ("frp", "isfc-olive-crest"):
        assert vera.get(f"/served/{program}").text == nothing.text
        assert sandbox.submit(vera, "/served", f"/served/{program}", **WORK).status_code == 404
    assert [it.program for it in totals(sandbox)] == [OWN]


@pytest.mark.parametrize("role", ["reader", "reviewer", "translator"])
def test_nobody_else_reports_work_or_is_led_there(sandbox, role):
    with sandbox.staff_door(sandbox.user("nina@county.example", role)) as door:
        assert 'href="/served"' not in door.get("/").text
        assert [door.get(it).status_code for it in ("/served", "/served/frp")] == [404, 404]
        assert sandbox.submit(door, "/account", "/served/frp", **WORK).status_code == 404
    assert totals(sandbox) == []


def test_the_page_of_a_program_leads_to_its_form(sandbox, carla, vera):
    for door, program in ((carla, "frp"), (carla, OWN), (vera, OWN)):
        assert f"/served/{program}" in Page(door.get(f"/programs/{program}").text).addresses


@pytest.mark.slow
def test_programs_with_missing_quarters_come_first_and_lead_to_each(sandbox, carla):
    sandbox.on("2027-02-15")
    with sandbox.staff_door("carla@county.example") as door:
        for quarter in ("2026Q3", "2026Q4"):
            report(sandbox, door, "frp", **{**WORK, "period": quarter})
        report(sandbox, door, "detention", **WORK)
        page = door.get("/served")
        incomplete, complete = text(page).split("Nothing is missing")
        assert "Law Enforcement First Responder Protocol" in complete
        assert "Victim Witness Testimony Protocol Missing: July to September 2026 , October" in incomplete
        assert re.search(r"Detention Interagency [\w ]+ Missing: October to December 2026", incomplete)
        assert "Last reported, October to December 2026: people served 60" in complete
        assert incomplete.index("Detention") < incomplete.index("Victim Witness"), "in the plan's order"
        assert "/served/victim-witness?quarter=2026Q4" in Page(page.text).addresses
        form = form_at(door.get("/served/detention").text, "/served/detention")
        assert form.fields["period"] == "2026Q4", "the oldest that is missing"
        assert form_at(door.get("/served/frp?quarter=x").text, "/served/frp").fields["period"] == "2027Q1"


def test_a_long_absence_is_said_in_short(sandbox):
    carla = sandbox.user()
    with sandbox.on("2028-02-15").staff_door(carla) as door:
        assert "Missing: July to September 2026 , October to December 2026 , January" in text(
            door.get("/served")
        )
        assert "and 2 more." in text(door.get("/served"))


def test_every_fault_is_said_at_its_field_and_nothing_is_lost(sandbox, carla):
    wrong = {**WORK, "served": "39", "minutes": "an hour"}
    answer = report(sandbox, carla, **wrong)
    assert answer.status_code == 400
    form = form_at(answer.text, "/served/frp")
    assert form.problems == {
        "offered": "More were offered the survey than were served: 39.",
        "minutes": "Write a whole number, without a sign or a point.",
    }
    assert {**form.fields, **wrong} == form.fields
    assert "Nothing was stored yet, and everything you typed is still here" in text(answer)
    assert totals(sandbox) == entries(sandbox) == []


@pytest.mark.slow
def test_numbers_far_from_the_quarter_before_are_asked_about_once(sandbox, carla):
    report(sandbox, carla, **WORK)
    sandbox.on("2026-11-15")
    with sandbox.staff_door("carla@county.example") as door:
        far = {**WORK, "period": "2026Q4", "served": "600"}
        assert "These numbers are right" not in door.get("/served/frp").text
        answer = report(sandbox, door, **far)
        form = form_at(answer.text, "/served/frp")
        assert form.problems == {
            "sure": "Far from the quarter before: people served, 600 after 60."
            " Is this right? Then tick the box."
        }
        assert {**form.fields, **far} == form.fields
        assert "sure" not in form.fields, "nobody ticks it for them"
        assert again(door, answer).status_code == 400, "a second press is no yes"
        sure = re.search(r'name="sure" value="([^"]+)"', answer.text)[1]
        other = again(door, answer, served="6000", sure=sure)
        assert "6000 after 60" in form_at(other.text, "/served/frp").problems["sure"]
        assert again(door, answer, sure=sure).status_code == 303
    assert [(it.period, it.served) for it in totals(sandbox)] == [("2026Q3", 60), ("2026Q4", 600)]


def test_what_was_reported_stands_in_the_form_and_the_same_again_changes_nothing(sandbox, carla):
    report(sandbox, carla, **WORK)
    form = form_at(carla.get("/served/frp?quarter=2026Q3").text, "/served/frp")
    assert {**form.fields, **WORK} == form.fields
    assert carla.post("/served/frp", data=form.fields).status_code == 303
    assert len(entries(sandbox)) == 1


def test_two_tabs_never_replace_what_the_other_reported_unseen(sandbox, carla):
    blank = form_at(carla.get("/served/frp").text, "/served/frp").fields
    assert carla.post("/served/frp", data={**blank, **WORK}).status_code == 303
    answer = carla.post("/served/frp", data={**blank, **WORK, "served": "61"})
    form = form_at(answer.text, "/served/frp")
    assert (answer.status_code, form.fields["served"]) == (400, "61")
    assert form.problems["period"].startswith("July to September 2026 was reported already: people served 60")
    assert totals(sandbox)[0].served == 60
    assert again(carla, answer).status_code == 303
    assert totals(sandbox)[0].served == 61
    assert entries(sandbox)[-1][1:] == (
        "work.change",
        "frp 2026Q3: served 60 to 61, offered 40, minutes 90",
    )


@pytest.mark.slow
def test_of_two_who_report_at_once_one_is_shown_what_the_other_wrote(sandbox, carla):
    form = form_at(carla.get("/served/frp").text, "/served/frp").fields
    answers = []

    def send(served):
        answers.append(carla.post("/served/frp", data={**form, **WORK, "served": served}))

    threads = [threading.Thread(target=send, args=(served,)) for served in ("60", "70")]
    for it in threads:
        it.start()
    for it in threads:
        it.join()
    assert sorted(it.status_code for it in answers) == [303, 400]
    (total,) = totals(sandbox)
    (refused,) = [it for it in answers if it.status_code == 400]
    assert f"was reported already: people served {total.served}," in text(refused)
    assert len(entries(sandbox)) == 1


@pytest.mark.slow
def test_a_change_after_the_release_needs_a_reason_and_what_was_published_stays(sandbox, carla):
    sandbox.answer(30)
    report(sandbox, carla, **WORK)
    sandbox.on("2026-10-15").release()
    published = measures(sandbox, "2026Q3")
    assert published["offered"] == "40 of 60"
    assert published["answered"] == "about 50 %"
    with sandbox.staff_door("carla@county.example") as door:
        form = form_at(door.get("/served/frp?quarter=2026Q3").text, "/served/frp")
        changed = door.post("/served/frp", data={**form.fields, "served": "100"})
        problems = form_at(changed.text, "/served/frp").problems
        assert problems == {
            "reason": "The release of July to September 2026 counted other numbers: say why they change."
        }
        reason = "=A site “reported” <b>late</b>"
        done = again(door, changed, reason=reason)
        assert done.status_code == 303
        page = text(door.get(done.headers["location"]))
        assert (
            "What was published of that quarter stays as it was published. From the release of October"
            in page
        )
        assert reason not in page, "why it changed is for the audit log"
        assert reason in text(door.get("/audit"))
    entry = f"frp 2026Q3: served 60 to 100, offered 40, minutes 90; reason: {reason}"
    assert entries(sandbox)[-1] == ("carla@county.example", "work.change", entry)
    assert measures(sandbox, "2026Q3") == published
    sandbox.on("2027-01-15").release()
    assert measures(sandbox, "2026Q3") == published
    assert measures(sandbox, "2026Q4")["answered"] == "about 30 %"


def measures(sandbox, release, viewer="ctlt", **scope):
    rows = sandbox.in_transaction(lambda s: read_measures(s, viewer, release))
    return {it.measure: it.display for it in rows if it.scope == ({"program": "frp"} | scope)}


@pytest.mark.slow
def test_partners_of_a_class_stand_apart_from_the_form_to_the_measures(sandbox, carla):
    sandbox.answer(45, "training-cast", "partner", "event")
    sandbox.answer(12, "training-cast", "youth", "event")
    labels = {it["name"] for it in Page(carla.get("/served/training-cast").text).all("input")}
    assert {"partners_served", "partners_offered"} <= labels
    assert "partners_served" not in carla.get("/served/frp").text
    numbers = {**WORK, "served": "24", "offered": "24", "partners_served": "90", "partners_offered": "80"}
    assert report(sandbox, carla, "training-cast", **numbers).status_code == 303
    for path in ("/served/training-cast", "/programs/training-cast"):
        assert "July to September 2026 24 24 90 80 90" in text(carla.get(path))
    sandbox.on("2026-10-15").release()
    young = measures(sandbox, "2026Q3", program="training-cast")
    partners = measures(sandbox, "2026Q3", program="training-cast", audience="partner")
    assert (young["offered"], young["answered"]) == ("24 of 24", "about 50 %")
    assert partners == {"offered": "80 of 90", "answered": "about 50 %"}


@pytest.mark.slow
def test_whoever_takes_a_program_over_neither_reads_nor_replaces_the_work_of_the_one_before(sandbox, vera):
    report(sandbox, vera, OWN, **WORK)
    sandbox.on("2026-11-15")
    sandbox.hand_over(OWN, "olive-crest")
    olga = sandbox.user("olga@olive.example", "contractor", "olive-crest")
    with sandbox.staff_door(olga) as door:
        answer = report(sandbox, door, OWN, **{**WORK, "served": "1"})
        problem = form_at(answer.text, f"/served/{OWN}").problems["period"]
        assert problem == "July to September 2026 is no quarter of your contract for this program."
        for path in ("/served", f"/served/{OWN}", f"/programs/{OWN}"):
            assert not re.search(r"60 40 90|served 60|Press a quarter", text(door.get(path))), path
        own = {**WORK, "period": "2026Q4", "served": "700", "offered": "7"}
        assert report(sandbox, door, OWN, **own).status_code == 303, "held against no quarter of another's"
        assert "October to December 2026 700 7 90" in text(door.get(f"/programs/{OWN}"))
    assert [(it.period, it.served) for it in totals(sandbox)] == [("2026Q3", 60), ("2026Q4", 700)]
    with sandbox.staff_door(sandbox.user()) as door:
        page = text(door.get(f"/programs/{OWN}"))
        assert "Vista Del Mar reports this program itself" in text(door.get("/served/advocacy-vista"))
    lines = ("July to September 2026 60 40 90", "October to December 2026 700 7 90")
    assert all(line in page for line in lines)


def test_an_address_puts_no_words_of_its_own_on_the_page(sandbox, carla):
    for address in ("2026Q3", "2026Q4", "<b>All your money</b>"):
        page = carla.get("/served/frp", params={"reported": address, "quarter": address})
        assert page.status_code == 200
        assert 'class="done"' not in page.text
        assert "All your money" not in page.text


def test_a_program_that_ended_before_the_first_quarter_has_no_form(sandbox, carla):
    shipped = shipped_programs()
    ended = [msgspec.structs.replace(it, ends="2026Q2") for it in shipped.programs if it.id == "frp"]
    file = Programs(tuple(ended), shipped.contractors)
    sandbox.in_transaction(lambda s: store_programs(s, file, sandbox.settings.period))
    page = carla.get("/served/frp")
    assert "There is no quarter to report: the program ended before anybody was asked here." in text(page)
    assert 'name="served"' not in page.text
    answer = sandbox.submit(carla, "/served/syz", "/served/frp", **WORK)
    assert answer.status_code == 400
