"""What waits for somebody on the overview, and how many were not heard."""

import datetime as dt

import pytest

from analysis.publishing.process_measures import Measure
from feedback.results.queries import PublishedRelease
from feedback.results.schedule import Schedule
from feedback.staff.accounts import Account
from feedback.web.staff.results.to_do import silent, to_do
from feedback.web.staff.results.view import ReleaseView
from feedback.web.staff.results.who_was_heard import hearings
from surveys.periods import Period
from surveys.registry import shipped_programs
from tests.support.published import FRP, link, row

LATEST = Period(2026, 3)
CARLA = Account(id=1, email="carla@county.example", role="ctlt", contractor=None)
FLAG = Measure(measure="over-answered", release="2026Q3", scope={"program": "frp"}, origin="live", display="")
EVERY_LINK = [link(audience) for audience in FRP.audiences]


def view(today=dt.date(2026, 11, 1), period=LATEST, account=CARLA):
    upcoming = Schedule(
        today,
        Period(2025, 1),
        Period(2026, 4),
        dt.date(2027, 1, 1),
        dt.date(2027, 1, 15),
        LATEST,
    )
    return ReleaseView(
        account=account,
        upcoming=upcoming,
        release=PublishedRelease(
            period=str(period),
            released_on="2026-10-15",
            operator="Rosa",
            rule="2",
            batches=1,
            joined=0,
            ledger_sha256="",
            chain_sha256="",
        ),
        yearly_due_on=dt.date(2027, 1, 15),
    )


def waiting(flags=(), programs=(FRP,), links=EVERY_LINK, unreported=(), last_heard=None, **options):
    parts = {"flags": flags, "programs": programs, "links": links, "unreported": unreported}
    heard = None
    if last_heard is not None:
        heard = hearings(programs, last_heard, links, first=Period(2025, 1), latest=LATEST)
    return to_do(view(**options), **parts, hearings=heard or ())


def sentences(*parts, **options):
    return [it.sentence for it in waiting(*parts, **options)]


def test_where_nothing_waits_nothing_is_named():
    assert sentences() == []


@pytest.mark.parametrize(("today", "waits"), [(dt.date(2027, 1, 14), False), (dt.date(2027, 1, 15), True)])
def test_a_release_waits_from_the_day_on_which_it_is_due(today, waits):
    due = "The release of October to December 2026, FY 2026-27 Q2 is due since 2027-01-15."
    assert sentences(today=today) == ([due] if waits else [])


def test_a_flagged_program_is_named_once_with_its_page():
    (it,) = waiting([FLAG, FLAG])
    assert it.address == "/programs/frp"
    assert it.sentence.startswith(f"{FRP.name} has more answers than people served")


def test_programs_with_an_audience_that_no_open_link_asks_are_counted():
    assert sentences(links=EVERY_LINK[1:]) == ["One program has an audience without an open link."]
    programs = shipped_programs().programs
    assert sentences(programs=programs) == [
        f"{len(programs) - 1} programs have an audience without an open link."
    ]


def test_work_that_nobody_reported_waits_where_it_is_reported():
    (it,) = waiting(unreported=[FRP])
    assert (it.sentence, it.address) == (
        "One program has not reported the work of the last quarter.",
        "/served",
    )
    (it,) = waiting(unreported=[FRP, FRP])
    assert it.sentence.startswith("2 programs have not reported")


def test_audiences_that_nobody_heard_for_a_year_wait_and_who_came_with_others_does_not():
    heard = {("frp", it): Period(2026, 1) for it in FRP.audiences}
    assert waiting(last_heard=heard) == []
    heard["frp", "youth"] = Period(2025, 3)
    (it,) = waiting(last_heard=heard)
    assert (it.sentence, it.address) == (
        "One audience of programs was not heard for a year or more.",
        "/who-was-heard",
    )
    assert waiting(last_heard={**heard, ("frp", "mixed"): Period(2025, 4)}) == []
    heard["frp", "expert"] = Period(2025, 3)
    (it,) = waiting(last_heard={**heard, ("frp", "mixed"): Period(2025, 4)})
    assert it.sentence.startswith("One audience"), "experts are never mixed with anybody"
    (it,) = waiting(last_heard={})
    assert it.sentence.startswith(f"{len(FRP.audiences)} audiences of programs were not heard")


def test_each_is_sent_to_a_page_that_they_may_open():
    vera = Account(id=2, email="vera@vista.example", role="contractor", contractor="vista-del-mar")
    assert [it.address for it in waiting(links=[])] == ["/who-was-heard"]
    assert [it.address for it in waiting(links=[], account=vera)] == ["/links"]


def test_for_a_reader_nothing_waits_because_a_reader_can_do_none_of_it():
    stella = Account(id=3, email="stella@county.example", role="reader", contractor=None)
    assert waiting([FLAG], links=[], unreported=[FRP], account=stella) == []


def test_of_an_earlier_release_nothing_waits_any_more():
    assert sentences([FLAG], links=[], period=Period(2026, 1), today=dt.date(2027, 2, 1)) == []


def test_an_audience_is_silent_when_no_row_of_its_own_has_answers():
    rows = [row("2026Q3", "youth"), row("2026Q3", "caregiver", n=None), row("2026Q3", "youth", table="T2")]
    assert silent(rows) == (1, 2)
    assert silent([]) == (0, 0)
