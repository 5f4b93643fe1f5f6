"""The optional script in a real browser: one question at a time, a Send that survives, nothing left."""

import asyncio
from contextlib import suppress

import pytest
from playwright.sync_api import Error

from feedback.app import create_survey_app
from feedback.web.survey import public_pages
from tests.support.browser.every_page import in_every_language
from tests.support.browser.survey_steps import on, thanks, walk_to_the_end
from tests.support.doors import served_here
from tests.support.sampling import marked
from tests.support.sandbox import flood, move_the_clock
from tests.support.stored import sealed_rows, waiting_rows

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TWO_VOICES = """
const voices = [
  {lang: 'en-US', localService: false, name: 'far'}, {lang: 'en_US', localService: true, name: 'near'},
  {lang: 'es-MX', localService: true, name: 'vecina'}];
window.said = [];
window.SpeechSynthesisUtterance = function (words) { this.words = words; };
const speak = it => said.push([it.words, it.voice.name, it.lang]);
Object.defineProperty(window, 'speechSynthesis', {value: {getVoices: () => voices, cancel: () => {}, speak}});
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One deployment for all of this file: what a script does is the same on every database."""
    folder = tmp_path_factory.mktemp("asking")
    sandbox = in_every_language(folder)
    door = create_survey_app(sandbox.settings)
    with served_here(door) as address:
        yield sandbox, address, door.state.deployment.rate_limit


@pytest.fixture
def survey(running):
    sandbox, door, _ = running
    return f"{door}/s/{sandbox.link('ctu', 'youth', instrument='youth-experience')}"


@pytest.fixture
def let_a_minute_pass(running, survey):
    """A link that takes no more until this is called, as if a minute had gone by."""
    rate_limit = running[2]
    assert flood(rate_limit, survey.rpartition("/")[2]) > 100
    return lambda: move_the_clock(rate_limit, 60)


@pytest.fixture
def count_stored(running):
    """How many responses came in since the test began."""
    before = rows_in(running[0])
    return lambda: rows_in(running[0]) - before


@pytest.fixture
def phone(phone_with_script):
    return phone_with_script


def rows_in(sandbox):
    return len(sandbox.in_transaction(waiting_rows))


def heading(page):
    return page.locator(".ask h2:visible").inner_text().split("\n")[0]


def test_one_question_at_a_time_and_back_again(phone, survey):
    phone.goto(survey)
    assert phone.locator(".promise").is_visible()
    assert phone.locator(".ask h2:visible").count() == 0
    assert not phone.locator(".send").is_visible()
    on(phone)
    assert heading(phone) == "Question 1 of 13"
    assert phone.locator(".ask h2:visible").count() == 1
    assert phone.evaluate("document.activeElement.tagName") == "H2"
    phone.locator("[name=core-access][value='2']").check()
    on(phone)
    assert heading(phone) == "Question 2 of 13"
    phone.get_by_role("button", name="Back").click()
    assert heading(phone) == "Question 1 of 13"
    assert phone.locator("[name=core-access][value='2']").is_checked()


def test_a_question_that_follows_up_is_asked_of_those_it_is_for(phone, survey):
    questions = {}
    for answer in ("yes", "no"):
        phone.goto(survey)
        names = []
        while not phone.locator(".send").is_visible():
            names.append(phone.locator(".ask:visible").get_attribute("id"))
            if names[-1] == "ask-court-or-meeting":
                phone.locator(f"[name=court-or-meeting][value={answer}]").check()
            on(phone)
        questions[answer] = names
    assert "ask-understood-court" in questions["yes"]
    assert questions["no"] == [it for it in questions["yes"] if it != "ask-understood-court"]


def test_what_may_be_done_with_words_is_asked_of_those_who_wrote_some(phone, survey):
    phone.goto(survey)
    walk_to_the_end(phone)
    assert not phone.locator(".consent").is_visible()
    phone.get_by_role("button", name="Back").click()
    phone.locator("[name=should-change]").fill("More chairs.")
    on(phone)
    assert phone.locator(".consent").is_visible()
    assert phone.locator("[value=private]").is_checked()


def test_a_cut_network_loses_nothing_and_three_tries_are_one_response(phone, survey, count_stored):
    phone.goto(survey)
    on(phone)
    phone.locator("[name=core-access][value='2']").check()
    walk_to_the_end(phone)
    tries = []

    def cut(route):
        tries.append(route.request.method)
        # The first try is lost on the way, the second arrives and only its answer is lost.
        if len(tries) == 2:
            route.fetch(max_redirects=0)
        route.abort() if len(tries) <= 2 else route.continue_()

    phone.route("**/s/*", cut)
    phone.locator(".send").click()
    phone.get_by_text("Not sent yet. Your answers are still on this page, and we keep trying.").wait_for()
    assert phone.locator("[name=core-access][value='2']").is_checked()
    thanks(phone).wait_for(timeout=20_000)
    assert tries == ["POST"] * 3
    assert count_stored() == 1


NETWORKS = {
    "a log-in page": {"status": 302, "headers": {"Location": "http://127.0.0.1:9/log-in"}},
    "a page of its own": {"status": 200, "body": "<h1>Welcome to our Wi-Fi</h1>"},
    "a filter": {"status": 403, "body": "This site is not for school."},
    "a proxy that stored something else": {"status": 201, "body": "/nothing"},
    "a proxy that is full": {"status": 503, "body": "Later."},
}


@pytest.mark.parametrize("name", marked(NETWORKS, "a proxy that stored something else"))
def test_whoever_answers_in_our_place_thanks_nobody(phone, survey, count_stored, name):
    phone.goto(survey)
    on(phone)
    phone.locator("[name=core-access][value='2']").check()
    walk_to_the_end(phone)
    tries = []

    def answer_elsewhere(route):
        tries.append(route.request.method)
        route.fulfill(**NETWORKS[name]) if len(tries) == 1 else route.continue_()

    phone.route("**/s/*", answer_elsewhere)
    phone.locator(".send").click()
    phone.get_by_text("Not sent yet. Your answers are still on this page, and we keep trying.").wait_for()
    assert count_stored() == 0
    thanks(phone).wait_for(timeout=20_000)
    assert count_stored() == 1


def test_what_was_edited_after_a_lost_reply_is_what_is_stored(phone, running, survey, count_stored):
    phone.goto(survey)
    walk_to_the_end(phone)
    phone.get_by_role("button", name="Back").click()
    phone.locator("[name=should-change]").fill("The first words.")
    on(phone)
    tries = []

    def lose(route):
        tries.append(route.request.method)
        if len(tries) == 1:
            route.fetch(max_redirects=0)
            return route.abort()
        return route.continue_()

    phone.route("**/s/*", lose)
    phone.locator(".send").click()
    phone.get_by_text("Not sent yet.").wait_for()
    assert count_stored() == 1
    phone.get_by_role("button", name="Back").click()
    phone.locator("[name=should-change]").fill("The last wor")
    phone.wait_for_timeout(2_500)
    assert len(tries) == 1, "nothing goes out in the middle of a word"
    assert phone.locator(".status").inner_text() == ""
    phone.locator("[name=should-change]").fill("The last words.")
    on(phone)
    phone.locator("[value=as-written]").check()
    phone.locator(".send").click()
    thanks(phone).wait_for()
    assert count_stored() == 1
    comments = {(it.answers.get("should-change"), it.consent) for it in sealed_rows(running[0]).values()}
    assert ("The last words.", "as-written") in comments
    assert "The first words." not in {words for words, _ in comments}


@pytest.mark.parametrize(
    ("script", "pattern"),
    [(True, "**/s/*"), (True, "**/thanks.gif"), (False, "**/s/*")],
    ids=["script on, the Send", "script on, what the thanks load", "script off, the Send"],
)
def test_nothing_of_ours_appears_after_leave_however_late_a_reply_comes(
    phone_with_script, phone_without_script, survey, script, pattern
):
    page = phone_with_script if script else phone_without_script
    routes = []
    open_to_leave(page, survey)
    page.route(pattern, lambda route: routes.append(route))  # noqa: PLW0108 - the driver marks it
    send_and(page, script, lambda: bool(routes))
    for route in routes:
        with suppress(Error):
            route.continue_()
    page.wait_for_timeout(1_500)
    assert page.get_by_text("Weather").is_visible()


def test_nothing_of_ours_appears_after_leave_where_thanks_are_late(phone_without_script, survey, monkeypatch):
    """The browser follows a redirect by itself, where no test can hold it up: so the door does."""
    page, thank, calls = phone_without_script, public_pages.thank, []

    async def thank_late(*args):
        calls.append(args)
        await asyncio.sleep(2)
        return await thank(*args)

    monkeypatch.setattr(public_pages, "thank", thank_late)
    open_to_leave(page, survey)
    send_and(page, False, lambda: bool(calls))
    page.wait_for_timeout(2_500)
    assert page.get_by_text("Weather").is_visible()


def open_to_leave(page, survey):
    page.route("**/leave", lambda route: route.fulfill(body="<h1>Weather</h1>", content_type="text/html"))
    page.goto(survey)


def send_and(page, script, is_held_up):
    """Press Send, and Leave as soon as its reply is held up."""
    if script:
        walk_to_the_end(page)
    leave = page.locator(".leave").bounding_box()
    page.locator(".send").click(no_wait_after=True)
    for _ in range(200):
        if is_held_up():
            break
        page.wait_for_timeout(20)
    else:
        raise AssertionError("Nothing was held up.")
    # By the mouse alone: the driver's own click would wait for the page that is held up.
    page.mouse.click(leave["x"] + 20, leave["y"] + 20)
    page.get_by_text("Weather").wait_for()


def test_a_damped_send_is_tried_again_by_itself_and_stores_one_response(
    phone, survey, let_a_minute_pass, count_stored
):
    phone.goto(survey)
    on(phone)
    phone.locator("[name=core-access][value='2']").check()
    walk_to_the_end(phone)
    statuses = []
    phone.on("response", lambda it: it.request.method == "POST" and statuses.append(it.status))
    phone.locator(".send").click()
    phone.get_by_text("Not sent yet. Your answers are still on this page, and we keep trying.").wait_for()
    assert phone.locator("[name=core-access][value='2']").is_checked()
    assert count_stored() == 0
    let_a_minute_pass()
    thanks(phone).wait_for(timeout=30_000)
    assert statuses[0] == 429
    assert count_stored() == 1


def test_without_script_a_damped_page_is_sent_again_by_hand(
    phone_without_script, survey, let_a_minute_pass, count_stored
):
    page = phone_without_script
    page.goto(survey)
    page.locator("[name=core-access][value='2']").check()
    page.locator(".send").click()
    page.get_by_text("Many people are sending at this moment.").wait_for()
    assert page.locator("[name=core-access][value='2']").is_checked()
    assert count_stored() == 0
    let_a_minute_pass()
    page.locator(".send").click()
    page.wait_for_url("**/thanks?link=*")
    assert count_stored() == 1


def test_a_page_that_came_back_without_a_mark_only_has_to_be_sent_again(phone, survey, count_stored):
    phone.goto(survey)
    walk_to_the_end(phone)
    phone.evaluate("document.querySelector('[name=_website]').value = 'https://buy.example'")
    phone.locator(".send").click()
    phone.get_by_text("Something was sent that does not belong here.").wait_for()
    assert count_stored() == 0
    assert phone.locator("[name=_website]").input_value() == ""
    phone.locator(".send").click()
    thanks(phone).wait_for()
    assert count_stored() == 1


def test_no_eye_key_or_screen_reader_meets_the_box_that_is_not_for_people(phone_without_script, survey):
    page = phone_without_script
    page.goto(survey)
    assert not page.locator("[name=_website]").is_visible()
    assert page.get_by_role("textbox").count() == 2, "what is going well, what should change"
    names = set()
    for _ in range(200):
        page.keyboard.press("Tab")
        names.add(page.evaluate("document.activeElement.name"))
    assert {"core-access", "going-well", "should-change"} <= names
    assert "_website" not in names


def test_pressing_send_twice_stores_one_response(phone, survey, count_stored):
    phone.goto(survey)
    walk_to_the_end(phone)
    phone.evaluate("document.querySelector('.send').click(); document.querySelector('.send').click()")
    thanks(phone).wait_for()
    assert count_stored() == 1


def test_an_answer_that_cannot_be_taken_is_shown_in_its_place(phone, survey, count_stored):
    phone.goto(survey)
    phone.evaluate("document.querySelector('[name=core-voice]').value = '9'")
    on(phone)
    while not phone.locator("[name=core-voice]:visible").count():
        on(phone)
    phone.locator("[name=core-voice][value='9']").check()
    walk_to_the_end(phone)
    phone.locator(".send").click()
    phone.get_by_text("This answer is not one of the choices here.").wait_for()
    assert phone.locator(".ask:visible").get_attribute("id") == "ask-core-voice"
    assert count_stored() == 0


def test_the_whole_survey_is_done_by_keyboard_alone(phone, survey, count_stored):
    phone.goto(survey)
    for _ in range(400):
        phone.keyboard.press("Tab")
        focused = phone.evaluate_handle("document.activeElement").as_element()
        if focused.evaluate("it => it.matches('input[type=radio]:not([name=_consent])')"):
            phone.keyboard.press("Space")
        elif focused.evaluate("it => it.matches('textarea')"):
            phone.keyboard.type("Fine.")
        elif focused.evaluate("it => it.matches('button.on')"):
            last = focused.evaluate("it => it.matches('.send')")
            phone.keyboard.press("Enter")
            if last:
                break
    thanks(phone).wait_for()
    assert count_stored() == 1


def test_the_enter_key_never_sends_by_accident(phone_without_script, survey, count_stored):
    page = phone_without_script
    page.goto(survey)
    page.locator("[name=core-access][value='2']").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.locator(".wrong", has_text="Nothing is kept until you press Send.").wait_for()
    assert page.url == survey
    assert page.locator("[name=core-access][value='2']").is_checked()
    assert count_stored() == 0
    page.locator(".send").click()
    page.wait_for_url("**/thanks?link=*")
    assert count_stored() == 1


def test_with_script_the_enter_key_goes_on(phone, survey, count_stored):
    phone.goto(survey)
    on(phone)
    phone.locator("[name=core-access][value='2']").focus()
    phone.keyboard.press("Enter")
    assert heading(phone) == "Question 2 of 13"
    assert count_stored() == 0


@pytest.mark.parametrize("how", ["button", "escape"])
def test_leaving_empties_the_page_in_the_same_moment(phone, survey, how):
    phone.route("**/leave", lambda route: route.abort())
    phone.goto(survey)
    on(phone)
    phone.locator("[name=core-access][value='2']").check()
    press = {
        "button": "document.querySelector('.leave').click()",
        "escape": "for (let i = 0; i < 3; i++) dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}))",
    }[how]
    markup = phone.evaluate(f"() => {{ {press}; return document.body.innerHTML; }}")
    assert markup == '<p class="cover" role="status">Leaving …</p>', "said, and seen by nobody"


def test_escape_twice_or_slowly_is_no_leaving(phone, survey):
    phone.goto(survey)
    phone.keyboard.press("Escape")
    phone.keyboard.press("Escape")
    phone.keyboard.press("a")
    phone.keyboard.press("Escape")
    assert phone.locator(".promise").is_visible()


def test_a_tablet_left_alone_for_a_minute_is_empty(phone, survey):
    phone.clock.install()
    phone.goto(f"{survey}?kiosk=1")
    on(phone)
    phone.locator("[name=core-access][value='2']").check()
    phone.clock.run_for(39_000)
    assert not phone.locator(".rest").is_visible()
    phone.clock.run_for(2_000)
    assert phone.locator(".rest").is_visible(), "it asks before it empties the page"
    phone.locator(".rest").click()
    phone.clock.run_for(39_000)
    assert not phone.locator(".rest").is_visible()
    phone.clock.run_for(20_000)
    assert phone.locator("[name=core-access][value='2']").is_checked()
    phone.clock.run_for(3_000)
    phone.locator(".promise").wait_for()
    assert phone.url == f"{survey}?kiosk=1"
    assert phone.locator(":checked").count() == 1, "the choice to keep words private"
    phone.go_back()
    assert phone.locator("[name=core-access]:checked").count() == 0


def test_the_phone_reads_a_question_aloud_with_a_voice_of_its_own(phone, survey):
    phone.add_init_script(TWO_VOICES)
    phone.goto(f"{survey}?lang=en")
    on(phone)
    phone.get_by_role("button", name="Read aloud").click()
    ((words, voice, language),) = phone.evaluate("said")
    assert (voice, language) == ("near", "en_US")
    assert words.startswith("Question 1 of 13\nHow easy was it to get help when you needed it?")
    assert "Very easy" in words
    phone.get_by_role("button", name="Stop reading").click()
    assert phone.get_by_role("button", name="Read aloud").is_visible()
    phone.goto(f"{survey}?lang=hy")
    assert phone.locator(".aloud:visible").count() == 0, "no voice on this phone speaks Armenian"


TRANSLATE = """
document.documentElement.lang = 'es';
const all = document.querySelectorAll('.aloud, .ask h2');
for (const it of all) it.innerHTML = '<font>' + it.textContent + '</font>';
"""


def test_reading_aloud_survives_a_browser_that_translates_the_page(phone, survey):
    phone.add_init_script(TWO_VOICES)
    phone.goto(f"{survey}?lang=en")
    on(phone)
    phone.evaluate(TRANSLATE)
    phone.locator(".aloud:visible font").click()
    phone.wait_for_function("said.length == 1")
    assert phone.evaluate("said[0].slice(1)") == ["vecina", "es-MX"]
    phone.locator(".aloud:visible").click()
    assert phone.locator(".aloud:visible").inner_text() == "Read aloud"


def test_what_answers_in_the_place_of_the_reader_runs_nowhere_and_is_asked_once(phone, survey):
    phone.add_init_script(TWO_VOICES)
    requests = []
    portal = {"body": "window.ran = 1", "content_type": "text/javascript"}
    phone.route("**/aloud.js", lambda route: (requests.append(1), route.fulfill(**portal)))
    phone.goto(f"{survey}?lang=en")
    on(phone)
    phone.locator(".aloud:visible").click()
    phone.locator(".aloud").first.wait_for(state="hidden")
    phone.wait_for_timeout(300)
    assert phone.evaluate("window.ran") is None
    assert requests == [1]


def test_nothing_is_kept_on_the_phone_over_a_whole_session(phone, survey):
    urls = []
    phone.on("request", lambda request: urls.append(request.url))
    phone.goto(survey)
    walk_to_the_end(phone)
    phone.locator(".send").click()
    thanks(phone).wait_for()
    storage = phone.evaluate(
        "async () => [document.cookie, localStorage.length, sessionStorage.length,"
        " (await indexedDB.databases()).length, (await caches.keys()).length,"
        " (await navigator.serviceWorker.getRegistrations()).length]"
    )
    assert storage == ["", 0, 0, 0, 0, 0]
    assert phone.context.cookies() == []
    phone.goto(survey.replace("/s/", "/help?"))
    phone.goto(survey.replace("/s/", "/heard?"))
    assert {url.split("/")[2] for url in urls if not url.startswith("data:")} == {survey.split("/")[2]}
