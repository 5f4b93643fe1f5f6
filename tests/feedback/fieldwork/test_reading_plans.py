"""Nobody is asked for words that nobody will read."""

import msgspec
import pytest

from feedback.fieldwork.reading_plans import PlanRefused, ReadingPlan, all_plans, end_plan, record_plan
from tests.support.forms.pages import Page
from tests.support.forms.survey_forms import send

PROMISES = ("small team", "reads")
"""Words that stand only where somebody reads."""


def plan(sandbox, **changes):
    usual = ReadingPlan(
        program="frp",
        readers="Two youth advisers",
        days=14,
        danger="They call 988.",
        recorded_on=sandbox.settings.today,
    )
    return msgspec.structs.replace(usual, **changes)


def record(sandbox, plan, *, made_up=True):
    settings = msgspec.structs.replace(sandbox.settings, made_up=made_up)
    sandbox.in_transaction(lambda session: record_plan(session, settings, plan))


@pytest.fixture
def unread(sandbox):
    """Nobody reads what is written about one program."""
    assert sandbox.in_transaction(lambda session: end_plan(session, "frp"))
    return sandbox


def test_only_a_made_up_deployment_can_record_a_plan_until_there_is_a_room_for_reading(unread):
    with pytest.raises(PlanRefused, match="Nobody can open a comment yet"):
        record(unread, plan(unread), made_up=False)
    assert "frp" not in {it.program for it in unread.in_transaction(all_plans)}


def test_without_a_plan_no_link_or_paper_asks_for_words_or_names_a_reader(unread):
    slug = unread.link()
    with unread.survey_door() as door:
        for path in (f"/s/{slug}", f"/s/{slug}?kiosk=1", f"/s/{slug}/print"):
            page = Page(door.get(path).text)
            assert not page.all("textarea"), path
            assert "Who may see what you wrote?" not in page.text
            assert not any(it in page.text for it in PROMISES), path
        assert send(door, f"/s/{slug}", **{"going-well": "They listen."}).status_code == 400
    carla = unread.user()
    with unread.staff_door(carla) as staff:
        assert "going-well" not in staff.get(f"/links/{slug}/paper").text


def test_with_a_plan_every_box_says_from_which_day_somebody_reads(unread):
    record(unread, plan(unread))
    assert {it.program: it for it in unread.in_transaction(all_plans)}["frp"] == plan(unread)
    with unread.survey_door() as door:
        page = Page(door.get(f"/s/{unread.link()}").text)
    assert len(page.all("textarea")) == 2
    assert page.text.count("A small team reads this from October 29, 2026 on, not today.") == 2
    assert page.text.count("Please leave out names.") == 2


def test_a_link_that_was_made_without_words_asks_for_none_whatever_the_plan(sandbox):
    with sandbox.survey_door() as door:
        assert not Page(door.get(f"/s/{sandbox.link(comments=False)}").text).all("textarea")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"days": -1}, "0 to 92 days"),
        ({"days": 93}, "0 to 92 days"),
        ({"readers": " "}, "Who reads"),
        ({"danger": "x" * 401}, "danger to life"),
        ({"danger": "a\nb"}, "danger to life"),
    ],
)
def test_a_plan_that_says_nothing_or_too_much_is_refused(unread, changes, says):
    with pytest.raises(PlanRefused, match=says):
        record(unread, plan(unread, **changes))


def test_importing_programs_again_keeps_the_plans(sandbox):
    before = sandbox.in_transaction(all_plans)
    assert len(before) == 17
    sandbox.hand_over("frp", "optimist-family-and-youth-services")
    assert sandbox.in_transaction(all_plans) == before
