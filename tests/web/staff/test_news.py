"""The overview says once what is new since somebody last looked. Carla is CTLT."""

import pytest

from tests.support.forms.pages import Page

pytestmark = pytest.mark.slow  # each makes a release

NEW = "New since you last looked: the release of July to September 2026, published on 2026-10-15."


def news_of(door):
    page = Page(door.get("/").text).text
    assert page.count("New since you last looked") <= 1
    return NEW in page


@pytest.fixture
def released(sandbox):
    """Everybody looked before the first release."""
    for email, role, contractor in (
        ("carla@county.example", "ctlt", None),
        ("stella@county.example", "reader", None),
        ("vera@vista.example", "contractor", "vista-del-mar"),
    ):
        with sandbox.staff_door(sandbox.user(email, role, contractor)) as door:
            assert not news_of(door)
    sandbox.on("2026-10-15").release()
    return sandbox


@pytest.mark.parametrize("email", ["carla@county.example", "stella@county.example", "vera@vista.example"])
def test_a_new_release_is_told_once_to_whoever_reads_results(released, email):
    with released.staff_door(email) as door:
        assert news_of(door)
        assert not news_of(door)


def test_another_page_is_no_look_at_the_overview(released):
    with released.staff_door("carla@county.example") as door:
        for path in ("/programs/frp", "/releases", "/account", "/nothing"):
            assert "New since you last looked" not in door.get(path).text
        assert news_of(door)


def test_signing_out_and_in_again_tells_nothing_twice_and_forgets_nothing(released):
    with released.staff_door("carla@county.example") as door:
        assert released.submit(door, "/releases", "/sign-out").status_code == 303
        assert door.get("/").status_code == 303
    with released.staff_door("carla@county.example") as door:
        assert news_of(door)
        released.submit(door, "/account", "/sign-out")
    with released.staff_door("carla@county.example") as door:
        assert not news_of(door)


def test_a_second_tab_and_a_second_device_are_told_no_more(released):
    with released.staff_door("carla@county.example") as phone, released.staff_door() as desk:
        assert news_of(phone)
        desk.cookies.update(phone.cookies)
        assert not news_of(desk)
    with released.staff_door("carla@county.example") as elsewhere:
        assert not news_of(elsewhere)


@pytest.mark.slow
def test_two_releases_between_two_looks_stand_in_one_line(released):
    released.on("2027-01-15").release()
    with released.staff_door("carla@county.example") as door:
        page = Page(door.get("/").text).text
    assert (
        "New since you last looked: the releases of July to September 2026, published on 2026-10-15 and"
        " October to December 2026, published on 2027-01-15."
    ) in page


def test_a_full_release_and_an_empty_one_are_told_in_the_same_words(sandbox):
    with sandbox.staff_door(sandbox.user()) as door:
        door.get("/")
    sandbox.answer(30)
    sandbox.on("2026-10-15").release()
    with sandbox.staff_door("carla@county.example") as door:
        assert news_of(door)


def test_whoever_sees_no_results_is_told_nothing(sandbox):
    ada = sandbox.user("ada@county.example", "admin")
    with sandbox.staff_door(ada) as door:
        door.get("/")
        sandbox.on("2026-10-15").release()
        assert not news_of(door)
