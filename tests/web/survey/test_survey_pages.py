"""The survey: one link, one document, one Send. Ana answers; Omar looks over her shoulder."""

import datetime as dt
import re
from urllib.parse import urlencode

import brotli
import msgspec
import pytest

from feedback.fieldwork.links import close_link
from surveys.checking import _matches
from surveys.help import help_lines
from surveys.instruments import shipped_instruments
from surveys.registry import shipped_programs
from tests.support.forms.pages import Page
from tests.support.forms.survey_forms import FORM, everywhere, send, submission_key

# The page


def each_instrument(sandbox):
    for name, instrument in shipped_instruments().items():
        yield instrument, f"/s/{sandbox.link('community', instrument.audiences[0], instrument=name)}"


@pytest.mark.slow
def test_the_whole_survey_is_one_page_that_asks_every_question(sandbox, door):
    for instrument, path in each_instrument(sandbox):
        page = Page(door.get(path).text)
        for question in instrument.questions:
            assert question.text in page.text
            if question.is_text:
                assert page.filled[question.id] == [""]
            else:
                assert page.choices(question.id) == [*question.codes, "-"]
                assert all(option.text in page.text for option in question.options)
        assert page.text.count("I’d rather not say") == sum(not q.is_text for q in instrument.questions)
        assert [it["action"] for it in page.all("form")] == [path]


def test_the_survey_works_without_script_and_needs_no_second_request(sandbox, door):
    page = Page(door.get(f"/s/{sandbox.link()}").text)
    assert not page.all("iframe", "img", "object", "video", "audio")
    assert page.all("script") == [{}], "one, inside the page"
    assert not [name for _, fields in page.tags for name in fields if name.startswith("on")]
    assert [it["rel"] for it in page.all("link")] == ["icon"]
    assert [it["href"] for it in page.all("link")] == ["data:,"]


def test_nothing_is_required_and_nothing_is_preset_but_private(sandbox, door):
    page = Page(door.get(f"/s/{sandbox.link()}").text)
    assert not [it for it in page.fields if {"required", "pattern", "minlength"} & set(it)]
    answers = {
        name: values for name, values in page.filled.items() if not name.startswith("_") and any(values)
    }
    assert answers == {}
    assert page.filled["_consent"] == ["private"]


def test_no_browser_is_asked_to_remember_an_answer(sandbox, door):
    page = Page(door.get(f"/s/{sandbox.link()}").text)
    assert len(page.fields) > 60
    assert {it.get("autocomplete") for it in page.fields + page.all("form")} == {"off"}


def test_the_first_screen_says_who_asks_and_is_short(sandbox, door):
    html = door.get(f"/s/{sandbox.link()}").text
    before, _, rest = html.partition('<div class="promise">')
    about = re.sub("<[^>]+>", " ", before.rpartition("</h1>")[2] + rest.partition("</div>")[0])
    assert "Los Angeles County" in about
    assert "The team that met you" in about
    assert "The people who work with you never see your answers" in about
    assert "skip any question" in about
    assert "leave at any time" in about
    assert len(about.split()) <= 60


@pytest.mark.slow
def test_every_page_fits_the_first_packets_of_a_slow_phone(sandbox, door):
    for program, audience, name in everywhere():
        page = door.get(f"/s/{sandbox.link(program.id, audience)}", headers={"Accept-Encoding": "br"})
        assert page.headers["content-encoding"] == "br"
        assert len(brotli.compress(page.content, quality=7)) < 14_336, name


def test_follow_up_questions_stay_hidden_until_they_apply(sandbox, door):
    slug = sandbox.link("ctu", "youth", instrument="youth-experience")
    html = door.get(f"/s/{slug}").text
    hidden = (
        'form:not(:has([name="court-or-meeting"][value="yes"]:checked)) '
        "#ask-understood-court:not(.marked){display:none}"
    )
    assert f"@supports selector(:has(a)){{{hidden}" in html
    assert "Only if you chose before: Yes" in html


def test_no_number_is_missing_between_the_questions(sandbox, door):
    for instrument, path in each_instrument(sandbox):
        numbers = re.findall(r"Question (\d+) of (\d+)</span>", door.get(path).text)
        count = sum(question.show_if is None for question in instrument.questions)
        assert numbers == [(str(number), str(count)) for number in range(1, count + 1)]


def test_a_link_without_comments_has_no_text_boxes(sandbox, door, responses):
    path = f"/s/{sandbox.link(comments=False)}"
    page = Page(door.get(path).text)
    assert not page.all("textarea")
    assert not page.choices("_consent")
    answer = send(door, path, **{"going-well": "They listen."})
    assert answer.status_code == 400
    assert responses() == []


# What it never says


@pytest.mark.slow
def test_no_page_tells_omar_what_ana_is_part_of(sandbox, door):
    every = shipped_programs().programs
    names = {name for p in every for name in (p.id, p.name, p.short, p.contractor, p.contractor_id) if name}
    for program, audience, name in everywhere():
        html = door.get(f"/s/{sandbox.link(program.id, audience)}").text
        page = Page(html)
        assert page.title == "Your feedback"
        assert _matches("banned", html) == [], name
        # The sign of a safe place is what to look for in the street, whoever asks.
        text = page.text.replace(next(line.what for line in help_lines() if line.id == "safe-place"), "")
        assert [it for it in names if re.search(rf"(?<![\w-]){re.escape(it)}(?![\w-])", text)] == [], name
        hidden = [value for _, fields in page.tags for value in fields.values()]
        assert names.isdisjoint(hidden), name


def test_no_page_keeps_or_fetches_anything(sandbox, door):
    sandbox.answer(11)
    slug = sandbox.link()
    paths = [f"/s/{slug}", "/s/22222222", "/thanks", "/help", "/heard", "/heard/meeting-team", "/leave"]
    answers = [door.get(path) for path in paths] + [send(door, f"/s/{slug}", **{"core-safety": "9"})]
    assert [it.status_code for it in answers] == [200, 404, 200, 200, 200, 200, 200, 400]
    for answer in answers:
        page = Page(answer.text)
        assert "set-cookie" not in answer.headers
        assert not re.search(
            r"<script |localStorage|document\.cookie|sessionStorage|indexedDB|serviceWorker", answer.text
        )
        assert all(re.match(r"(/[^/]|/$|\?lang=|#ask-|tel:|sms:|data:,$)", it) for it in page.addresses), (
            page.addresses
        )


# Sending


@pytest.mark.slow
def test_send_stores_one_response_and_thanks(sandbox, door, responses):
    slug = sandbox.link()
    answer = send(door, f"/s/{slug}", **{"core-safety": "4", "core-voice": "-", "going-well": " Ana "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/thanks?link={slug}")
    (response,) = responses()
    assert (response.program, response.audience, response.instrument) == ("frp", "youth", "protocol-youth")
    assert (response.language, response.period, response.origin) == ("en", "2026Q3", "live")
    assert response.answers == {"core-safety": "4", "core-voice": "-", "going-well": "Ana"}
    assert response.consent == "private"


def test_every_question_can_be_declined_which_is_not_a_blank(sandbox, door, responses):
    path = f"/s/{sandbox.link()}"
    ids = {q.id for q in shipped_instruments()["protocol-youth"].questions if not q.is_text}
    assert send(door, path).status_code == 303
    assert send(door, path, **dict.fromkeys(ids, "-")).status_code == 303
    blank, declined = sorted((it.answers for it in responses()), key=len)
    assert blank == {}
    assert declined == dict.fromkeys(ids, "-")


def test_a_double_tap_stores_one_response(sandbox, door, responses):
    path = f"/s/{sandbox.link()}"
    fields = {**Page(door.get(path).text).filled, "core-safety": "4"}
    assert [door.post(path, data=fields).status_code for _ in range(3)] == [303, 303, 303]
    assert len(responses()) == 1


def test_two_people_on_one_phone_are_two_responses(sandbox, door, responses):
    path = f"/s/{sandbox.link()}"
    assert [send(door, path, **{"core-safety": "4"}).status_code for _ in range(2)] == [303, 303]
    assert len(responses()) == 2


def test_a_retry_after_the_release_counts_nobody_twice(sandbox, responses):
    sandbox.answer(10)
    slug = sandbox.link()
    with sandbox.survey_door() as door:
        fields = {**Page(door.get(f"/s/{slug}").text).filled, "core-safety": "4"}
        assert door.post(f"/s/{slug}", data=fields).status_code == 303
    sandbox.on("2026-10-15").release()
    with sandbox.survey_door() as door:
        assert door.post(f"/s/{slug}", data=fields).status_code == 303
    assert responses() == []
    assert [batch.n for batch in sandbox.ledger()] == [11]


def test_a_page_opened_before_the_quarter_ended_counts_when_it_is_sent(sandbox, responses):
    slug = sandbox.link()
    with sandbox.survey_door() as door:
        fields = Page(door.get(f"/s/{slug}").text).filled
    with sandbox.on("2026-10-01").survey_door() as door:
        assert door.post(f"/s/{slug}", data=fields).status_code == 303
    assert [it.period for it in responses()] == ["2026Q4"]


def test_words_are_private_unless_ana_clearly_says_otherwise(sandbox, door, responses):
    path = f"/s/{sandbox.link()}"
    for number, consent in enumerate(("changed", "as-written", "yes", ""), start=1):
        send(door, path, _consent=consent, **{"core-safety": str(number)})
    consents = {it.answers["core-safety"]: it.consent for it in responses()}
    assert consents == {"1": "changed", "2": "as-written", "3": "private", "4": "private"}


def test_an_answer_to_a_question_that_no_longer_applies_is_not_kept(sandbox, door, responses):
    path = f"/s/{sandbox.link('ctu', 'youth', instrument='youth-experience')}"
    for court in ("yes", "no"):
        send(door, path, **{"court-or-meeting": court, "understood-court": "4"})
    answers = {it.answers["court-or-meeting"]: it.answers["understood-court"] for it in responses()}
    assert answers == {"yes": "4", "no": "~"}


def test_several_answers_are_kept_where_several_may_be_given(every_kind, sandbox, door, responses):
    path = f"/s/{sandbox.link('ctu', 'youth', instrument=every_kind)}"
    page = Page(door.get(path).text)
    assert "You can choose more than one." in page.text
    assert page.choices("came-by") == ["bus", "car", "foot", "-"]
    send(door, path, **{"came-by": ["foot", "bus"], "one-word": " calm "})
    (response,) = responses()
    assert response.answers["came-by"] == ("bus", "foot")
    assert response.answers["one-word"] == "calm"


# What cannot be taken: a sentence, everything still there, nothing stored


CANNOT_BE_TAKEN = [
    ({"core-safety": "6"}, "This answer is not one of the choices here."),
    ({"core-safety": "~"}, "This answer is not one of the choices here."),
    ({"core-safety": ["1", "2"]}, "Please choose one answer here."),
    ({"core-safety": ["1", "-"]}, "Please choose one answer here."),
    ({"should-change": "x" * 1_001}, "This is longer than we can keep."),
    ({"should-change": "語" * 1_000 + "a"}, "This is longer than we can keep."),
]


def test_an_answer_that_cannot_be_taken_is_marked_in_its_place(sandbox, door, responses):
    path = f"/s/{sandbox.link()}"
    for wrong, sentence in CANNOT_BE_TAKEN:
        answer = send(door, path, **{"core-voice": "2", "going-well": "The <b>food", **wrong})
        assert answer.status_code == 400
        page = Page(answer.text)
        assert page.text.count(sentence) == 1, wrong
        assert "Go to it" in page.text
        assert page.filled["core-voice"] == ["2"]
        assert page.filled["going-well"] == ["The <b>food"]
    assert responses() == []


def test_the_marked_page_can_be_mended_and_sent_once(sandbox, door, responses):
    path = f"/s/{sandbox.link()}"
    answer = send(door, path, **{"core-voice": "2", "_consent": "changed", "should-change": "x" * 1_001})
    again = {**Page(answer.text).filled, "should-change": "x" * 1_000}
    assert [door.post(path, data=again).status_code for _ in range(2)] == [303, 303]
    (response,) = responses()
    assert response.answers == {"core-voice": "2", "should-change": "x" * 1_000}
    assert response.consent == "changed"


def test_a_field_we_never_asked_for_is_refused_without_a_mark(sandbox, door, responses):
    path = f"/s/{sandbox.link()}"
    answer = send(door, path, **{"core-voice": "2", "shoe-size": "44"})
    page = Page(answer.text)
    assert answer.status_code == 400
    assert "Something was sent that does not belong here." in page.text
    assert "Go to it" not in page.text
    assert "shoe-size" not in answer.text
    assert page.filled["core-voice"] == ["2"]
    assert responses() == []
    assert door.post(path, data=page.filled).status_code == 303


def test_broken_letters_are_refused_and_not_changed_behind_ana_s_back(sandbox, door, responses):
    path = f"/s/{sandbox.link()}"
    head = f"_once={submission_key(door, path)}&".encode()
    for body in (b"going-well=caf%E9+open&core-voice=2", b"going-well=caf\xe9+open&core-voice=2"):
        answer = door.post(path, content=head + body, headers=FORM)
        page = Page(answer.text)
        assert answer.status_code == 400
        assert "This holds letters that we cannot read." in page.text
        assert page.filled["going-well"] == ["caf? open"]
        assert page.filled["core-voice"] == ["2"]
    assert responses() == []


def test_broken_letters_in_any_field_break_nothing(sandbox, door):
    path = f"/s/{sandbox.link()}"
    for field in ("_once", "_language", "_consent", "core-voice", "other", "%ff"):
        body = f"_once={submission_key(door, path)}&{field}=%ff%fe%00"
        answer = door.post(path, content=body.encode(), headers=FORM)
        assert answer.status_code == (409 if field == "_once" else 303 if field[0] == "_" else 400), field


NOT_A_PAGE_OF_OURS = [
    (b'{"core-voice": "2"}', {"Content-Type": "application/json"}, 415, "That could not be read"),
    (b"core-voice=2", {"Content-Type": "text/plain"}, 415, "That could not be read"),
    (b"core-voice=2", {"Content-Type": "multipart/form-data; boundary=x"}, 415, "That could not be read"),
    (b"core-voice=2", {}, 415, "That could not be read"),
    (b"a=1&" * 201, FORM, 400, "That could not be read"),
    (b"core-voice=" + b"%" * 9, FORM, 400, "That could not be read"),
    (b"going-well=" + b"x" * 300_001, FORM, 413, "That was too long"),
]


def test_what_is_not_a_filled_in_page_is_refused_with_a_sentence(sandbox, door, responses):
    path = f"/s/{sandbox.link()}"
    for body, headers, status, sentence in NOT_A_PAGE_OF_OURS:
        answer = door.post(path, content=body, headers=headers)
        page = Page(answer.text)
        assert answer.status_code == status, headers
        assert sentence in page.text
        assert "What you just sent was not stored." in page.text
        assert "If you want help now" in page.text
    assert responses() == []


def test_the_longest_honest_answer_is_never_too_large(sandbox, door, responses):
    path = f"/s/{sandbox.link()}"
    fields = {name: values[0] for name, values in Page(door.get(path).text).filled.items()}
    body = urlencode({**fields, "going-well": "語" * 1_000, "should-change": "語" * 1_000})
    assert door.post(path, content=body, headers=FORM).status_code == 303
    assert len(responses()[0].answers["going-well"]) == 1_000


def test_the_enter_key_brings_the_page_back_as_it_is(sandbox, door, responses):
    path = f"/s/{sandbox.link()}"
    answer = send(door, path, **{"core-voice": "4", "going-well": "Ana", "_enter": "1"})
    page = Page(answer.text)
    assert answer.status_code == 200
    assert (page.filled["core-voice"], page.filled["going-well"]) == (["4"], ["Ana"])
    assert "Nothing is kept until you press Send." in page.text
    assert responses() == []


def test_words_are_shown_again_as_words(sandbox, door):
    words = '</textarea><script>alert("%s")</script> 100 % %(number)s {{ 7919 * 7907 }}'
    answer = send(door, f"/s/{sandbox.link()}", **{"going-well": words, "core-voice": "9"})
    page = Page(answer.text)
    assert page.filled["going-well"] == [words]
    assert page.all("script") == [{}], "its own"


# Links that lead nowhere


def test_an_unknown_link_is_answered_kindly(door):
    for slug in ("22222222", "short", "x" * 300, "ABCDEFGH", "%00", "%ff%ff", "..", "a%2Fb", "'--"):
        for answer in (door.get(f"/s/{slug}"), door.post(f"/s/{slug}", content=b"", headers=FORM)):
            page = Page(answer.text)
            assert answer.status_code == 404, slug
            assert "There is nothing at this address" in page.text
            assert "If you want help now" in page.text


def test_a_closed_link_says_so_and_takes_nothing(sandbox, door, responses):
    slug = sandbox.link()
    fields = Page(door.get(f"/s/{slug}").text).filled
    sandbox.in_transaction(lambda session: close_link(session, slug, sandbox.settings.today))
    for answer in (door.get(f"/s/{slug}"), door.post(f"/s/{slug}", data=fields)):
        assert answer.status_code == 410
        assert "This link is closed" in Page(answer.text).text
    assert responses() == []


def test_a_link_lives_through_its_last_day_and_no_longer(sandbox):
    slug = sandbox.link(expires_on=dt.date(2026, 8, 15))
    with sandbox.survey_door() as door:
        assert door.get(f"/s/{slug}").status_code == 200
    with sandbox.on("2026-08-16").survey_door() as door:
        assert door.get(f"/s/{slug}").status_code == 410


# Languages


def test_the_reader_s_wish_comes_before_the_link_s_language(catalogs, sandbox, door):
    english, spanish = sandbox.link(), sandbox.link(language="es")
    languages = {
        f"/s/{english}": "en",
        f"/s/{english}?lang=es": "es",
        f"/s/{english}?lang=es-MX": "es",
        f"/s/{spanish}": "es",
        f"/s/{spanish}?lang=en": "en",
        f"/s/{spanish}?lang=xx": "es",
    }
    for path, language in languages.items():
        answer = door.get(path)
        assert answer.headers["content-language"] == language, path
        assert f'<html lang="{language}" dir="ltr">' in answer.text
        assert ("Enviar" in answer.text) == (language == "es")


def test_a_language_we_do_not_offer_is_english(catalogs, sandbox, door):
    path = f"/s/{sandbox.link()}"
    for lang in ("", "xx", "prs", "hyw", "en-XA", "ko", "ar", "../es", "<script>", "x" * 2_000, "\0", "%ff"):
        answer = door.get(path, params={"lang": lang})
        assert answer.status_code == 200
        assert '<html lang="en" dir="ltr">' in answer.text, lang
        assert answer.text.count("<script>") == 1
    assert door.get(f"{path}?lang=%ff&lang=&lang").status_code == 200


def test_no_header_chooses_a_language_but_accept_language_orders_the_chooser(catalogs, sandbox, door):
    path = f"/s/{sandbox.link()}"
    plain = door.get(path)
    spanish = door.get(path, headers={"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"})
    for answer, order, beside in ((plain, ["en", "es"], []), (spanish, ["es", "en"], ["es"])):
        assert '<html lang="en"' in answer.text
        buttons = [it["value"] for it in Page(answer.text).all("button") if it.get("name") == "_to"]
        assert buttons == [*order, *beside]


def test_drafts_are_offered_only_where_the_deployment_wants_them_and_say_so(catalogs, sandbox):
    slug = sandbox.link()
    sandbox.settings = msgspec.structs.replace(sandbox.settings, offer_draft_languages=True)
    with sandbox.survey_door() as door:
        arabic, spanish = (door.get(f"/s/{slug}?lang={tag}").text for tag in ("ar", "es"))
    assert '<html lang="ar" dir="rtl">' in arabic
    assert "No person has checked this translation yet." in arabic
    assert "No person has checked" not in spanish


def test_an_answer_remembers_the_language_it_was_read_in(catalogs, sandbox, door, responses):
    slug = sandbox.link()
    answer = send(door, f"/s/{slug}?lang=es")
    assert answer.headers["location"] == f"/thanks?link={slug}&lang=es"
    assert [it.language for it in responses()] == ["es"]
    assert '<html lang="es"' in door.get(answer.headers["location"]).text


def test_what_cannot_be_taken_is_said_in_the_language_of_the_page(catalogs, sandbox, door):
    answer = send(door, f"/s/{sandbox.link()}?lang=es", **{"core-voice": "9"})
    assert answer.status_code == 400
    assert '<html lang="es"' in answer.text
    assert Page(answer.text).filled["_language"] == ["es"]
