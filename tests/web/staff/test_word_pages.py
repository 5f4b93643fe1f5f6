"""Words as translators read and write them.

Tam and Bea are translators, Ada an admin. They see strings and nothing else; respondents see what two of them
stand behind.
"""

import re
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from sqlalchemy import select

from feedback.fieldwork.programs import store_programs
from feedback.storage.staff_tables import AuditRow, TranslationRow
from feedback.translations.catalogs import Message, message_of, shipped_catalogs, shipped_messages
from feedback.translations.proposals import all_proposals
from feedback.web.staff.words.word_marks import MEANINGS, OTHERWISE, marks_in, pieces
from surveys.instruments import shipped_instruments
from surveys.registry import Programs, shipped_programs
from tests.support.catalogs import catalog, shipped
from tests.support.forms.pages import Page
from tests.support.translators import buttons, opened, press, say, words_of

pytestmark = pytest.mark.slow
SEND, NUMBERED = Message(source="Send"), message_of("Question %(number)s of %(count)s")
AT = f"/words/es/{SEND.key}"


@pytest.fixture
def tam(sandbox):
    with sandbox.staff_door(sandbox.user("tam@county.example", "translator")) as client:
        yield client


@pytest.fixture
def reviewed():
    """Spanish was reviewed, Arabic is a draft with a changed message, no others."""
    with shipped(
        es=catalog("es", {"Send": "Enviar"}, reviewed=True),
        ar=catalog("ar", {"Send": "إرسال"}, flags={"Send": ("fuzzy",)}, previous={"Send": "Sent"}),
    ):
        yield


@pytest.fixture
def bea(sandbox):
    with sandbox.staff_door(sandbox.user("bea@county.example", "translator")) as client:
        yield client


def put_in_force(sandbox, writer, second, at, *forms):
    """One proposes, the other agrees."""
    assert press(sandbox, writer, at, "propose", *forms).status_code == 303
    assert press(sandbox, second, at, "agree").status_code == 303


def proposals(sandbox, tag="es"):
    rows = sandbox.in_transaction(all_proposals).get(tag, {})
    return {key: (it.forms, it.who) for key, it in rows.items()}


def translations(sandbox):
    async def rows(session):
        return list((await session.execute(select(TranslationRow).order_by(TranslationRow.key))).scalars())

    return sandbox.in_transaction(rows)


def entries(sandbox):
    async def rows(session):
        return [(it.action, it.object) for it in (await session.execute(select(AuditRow))).scalars()]

    return [it for it in sandbox.in_transaction(rows) if it[0].startswith("words")]


def test_every_language_is_listed_with_its_counts(reviewed, sandbox, tam):
    page = Page(tam.get("/words").text)
    total = len(shipped_messages())
    assert f"Español , Spanish es 0 {total} 0 0 0 yes" in page.text
    assert f"العربية , Arabic ar 0 0 {total - 1} 1 0 no" in page.text
    assert f"한국어 , Korean ko 0 0 0 0 {total} no" in page.text
    assert "Filipino fil 0 0" in page.text
    assert {it["href"] for it in page.all("a")} >= {"/words/es", "/words/zh-Hant"}
    press(sandbox, tam, AT, "propose", "Mandar")
    page = Page(tam.get("/words").text)
    assert f"Español , Spanish es 1 {total} 0 0 0 yes" in page.text
    assert "/words/es?only=waiting" in page.addresses
    assert {it["lang"] for it in page.all("bdi")} >= {"es", "ar", "zh-Hant"}


def test_the_messages_of_a_language_stand_in_reading_order_and_in_its_own_direction(sandbox, tam):
    answer = tam.get("/words/ar")
    page = Page(answer.text)
    cells = [it for it in page.all("div") if "lang" in it]
    assert "العربية , Arabic" in page.text
    assert len(cells) >= len(shipped_messages())
    assert {(it["lang"], it["dir"]) for it in cells} == {("ar", "rtl")}
    headings = re.findall(r"<h2>(.*?)</h2>", answer.text)
    assert headings[0].startswith("On every page")
    assert [it for it in headings if it.startswith("Survey: ")] == [
        f"Survey: {it.replace('-', ' ')}" for it in shipped_instruments()
    ]
    assert "core-access, text" in page.text
    assert len([it for it in page.all("tr") if it.get("id", "").startswith("m")]) >= len(shipped_messages())


def test_the_list_of_messages_can_be_narrowed_by_state_and_by_words_of_either_language(
    reviewed, sandbox, tam
):
    def n_rows(query, tag="ar"):
        return len([it for it in Page(tam.get(f"/words/{tag}{query}").text).all("tr") if "id" in it])

    total = len(shipped_messages())
    assert n_rows("?only=changed") == 1
    assert n_rows("?only=draft") == total - 1
    assert n_rows("?only=nonsense") == total
    assert n_rows("?only=missing", "ko") == total
    assert n_rows("?search=SEND&only=changed") == 1
    assert n_rows("?search=إرسال") == 1
    assert n_rows("?search=core-access, text") >= 1
    assert n_rows("?search=no+such+words") == 0
    page = Page(tam.get("/words/ar?search=%22%3E%3Cb&only=draft").text)
    assert [it["value"] for it in page.fields if it["name"] == "search"] == ['"><b']
    assert "No message is like that." in page.text


def test_one_message_shows_all_that_its_translator_needs(reviewed, sandbox, tam):
    page = Page(tam.get(f"/words/ar/{SEND.key}").text)
    (area,) = page.all("textarea")
    assert (area["lang"], area["dir"]) == ("ar", "rtl")
    assert page.filled["form-0"] == ["إرسال"]
    assert "The English that the words here were made for Sent" in page.text
    assert "The English changed since, so nobody is shown them" in page.text
    assert buttons(page) == {"propose"}, "nobody has said that the old words are right for the new English"
    (help_line,) = (it for it in shipped_messages() if it.source == "988, any time")
    page = opened(tam, f"/words/ar/{help_line.key}")
    assert "I am a person who reads this language well, and this is right: reviewed" in page.text
    assert buttons(page) == {"propose", "right"}
    question = shipped_instruments()["protocol-youth"].questions[0]
    page = Page(tam.get(f"/words/es/{message_of(question.text).key}").text)
    assert f"Where it stands {question.id}, text" in page.text
    assert not page.all("script")


@pytest.mark.slow
def test_what_one_wrote_and_another_agreed_to_is_on_the_next_page_of_both_doors(reviewed, sandbox, tam, bea):
    slug = sandbox.link()
    with sandbox.survey_door() as door:
        assert "Enviar" in door.get(f"/s/{slug}?lang=es").text
        assert press(sandbox, tam, AT, "propose", "  Mandar ya\r\n").status_code == 303
        assert ">Enviar<" in door.get(f"/s/{slug}?lang=es").text
        assert translations(sandbox) == []
        assert press(sandbox, bea, AT, "agree").status_code == 303
        page = door.get(f"/s/{slug}?lang=es").text
        assert '<html lang="es"' in page
        assert ">Mandar ya<" in page
        assert ">Enviar<" not in page
        assert '<html lang="es"' in door.get("/help?lang=es").text
    assert "Mandar ya" in tam.get("/words/es").text
    assert "last written by tam@county.example, bea@county.example, 2" in Page(tam.get(AT).text).text
    (row,) = translations(sandbox)
    assert (row.language, row.source, row.forms, row.state) == ("es", "Send", ["Mandar ya"], "reviewed")
    assert row.who == "tam@county.example, bea@county.example"
    assert proposals(sandbox) == {}


@pytest.mark.slow
def test_whatever_is_proposed_a_reviewed_language_stays_reviewed_and_offered(reviewed, sandbox, tam, bea):
    slug = sandbox.link()
    paths = (f"/s/{slug}", "/thanks", "/help", "/heard", "/nothing")
    with sandbox.survey_door() as door:
        pages = {path: door.get(f"{path}?lang=es").text for path in paths[1:]}
        press(sandbox, tam, AT, "propose", "Mandar")
        for path in paths:
            assert '<html lang="es"' in door.get(f"{path}?lang=es").text, path
        assert {path: door.get(f"{path}?lang=es").text for path in pages} == pages
        press(sandbox, bea, AT, "agree")
        assert '<html lang="es"' in door.get(f"/s/{slug}?lang=es").text


@pytest.mark.slow
def test_while_one_message_of_a_reviewed_language_is_a_draft_the_language_waits(reviewed, sandbox, tam, bea):
    """As a file can leave it where the English had changed."""
    slug = sandbox.link()
    with sandbox.survey_door() as door:
        assert '<html lang="es"' in door.get(f"/s/{slug}?lang=es").text
        say(sandbox, "es", {SEND: "Mandar"}, who="tam@county.example")
        for path in (f"/s/{slug}", "/thanks", "/help", "/heard", "/nothing"):
            assert '<html lang="en"' in door.get(f"{path}?lang=es").text, path
        assert press(sandbox, tam, AT, "right").status_code == 400
        assert '<html lang="en"' in door.get(f"/s/{slug}?lang=es").text
        assert press(sandbox, bea, AT, "right").status_code == 303
        assert '<html lang="es"' in door.get(f"/s/{slug}?lang=es").text


def test_where_drafts_are_offered_the_page_says_so_as_soon_as_one_message_is_a_draft(reviewed, sandbox, tam):
    slug = sandbox.link()
    sandbox.settings = msgspec.structs.replace(sandbox.settings, offer_draft_languages=True)
    checking = "No person has checked this translation yet."
    with sandbox.survey_door() as door:
        assert checking not in door.get(f"/s/{slug}?lang=es").text
        press(sandbox, tam, AT, "propose", "Mandar")
        assert checking not in door.get(f"/s/{slug}?lang=es").text
        say(sandbox, "es", {SEND: "Mandar"})
        page = door.get(f"/s/{slug}?lang=es").text
    assert checking in page
    assert ">Mandar<" in page


def test_both_translators_see_both_texts_side_by_side_and_only_the_second_can_agree(
    reviewed, sandbox, tam, bea
):
    press(sandbox, tam, AT, "propose", "Mandar")
    hers, his = opened(bea, AT), opened(tam, AT)
    sentence = "Words in force Enviar Reviewed. {} Mandar By tam@county.example, 2"
    assert sentence.format("Proposed words") in hers.text
    assert sentence.format("What you proposed") in his.text
    assert buttons(hers) == {"agree", "propose", "withdraw"}
    assert "I am a person who reads this language well, and this is right: agree" in hers.text
    assert buttons(his) == {"propose", "withdraw"}
    assert "Waits for a second person." in his.text
    answer = press(sandbox, tam, AT, "agree")
    assert answer.status_code == 400
    assert "You wrote these words. A second person has to say that they are right." in Page(answer.text).text
    assert translations(sandbox) == []


def test_the_list_of_messages_shows_what_waits_beside_the_words_in_force_and_who_wrote_it(
    reviewed, sandbox, tam
):
    press(sandbox, tam, AT, "propose", "Mandar")
    page = opened(tam, "/words/es?only=waiting")
    assert [it["id"] for it in page.all("tr") if "id" in it] == [f"m{SEND.key}"]
    assert "Enviar Proposed by tam@county.example, 2" in page.text
    assert "Mandar reviewed; waits for a second person" in page.text
    assert "For one of them other words wait for a second person." in page.text
    assert f"m{SEND.key}" in tam.get("/words/es?search=mandar").text
    assert "They hold the words in force, and none that wait." in page.text


def test_a_later_proposal_takes_the_place_of_an_earlier_and_its_writer_cannot_agree(
    reviewed, sandbox, tam, bea
):
    press(sandbox, tam, AT, "propose", "Mandar")
    press(sandbox, bea, AT, "propose", "Mandar ya")
    assert proposals(sandbox) == {SEND.key: (("Mandar ya",), "bea@county.example")}
    assert press(sandbox, bea, AT, "agree").status_code == 400
    assert press(sandbox, tam, AT, "agree").status_code == 303
    assert translations(sandbox)[0].who == "bea@county.example, tam@county.example"


def test_whoever_types_what_waits_already_does_not_become_its_writer(reviewed, sandbox, tam, bea):
    press(sandbox, tam, AT, "propose", "Mandar")
    for client in (tam, bea):
        answer = press(sandbox, client, AT, "propose", "Mandar")
        assert answer.status_code == 400
        assert "Exactly these words were proposed already." in Page(answer.text).text
    assert proposals(sandbox) == {SEND.key: (("Mandar",), "tam@county.example")}


def test_whoever_proposes_the_words_in_force_proposes_nothing(reviewed, sandbox, tam):
    answer = press(sandbox, tam, AT, "propose", " Enviar ")
    assert answer.status_code == 400
    assert "These are the words in force. Nothing was proposed." in Page(answer.text).text
    assert (proposals(sandbox), entries(sandbox)) == ({}, [])


def test_the_old_words_of_a_changed_message_are_in_force_nowhere_and_can_be_proposed(
    reviewed, sandbox, tam, bea
):
    at = f"/words/ar/{SEND.key}"
    assert press(sandbox, tam, at, "right").status_code == 400
    assert press(sandbox, tam, at, "propose").status_code == 303
    assert "For one of them other words wait" in opened(tam, "/words/ar").text
    assert "1 whose English changed since" in opened(tam, "/words/ar").text
    press(sandbox, bea, at, "agree")
    assert "0 whose English changed since" in opened(tam, "/words/ar").text


def test_one_s_own_proposal_can_be_taken_back_and_another_s_put_aside(reviewed, sandbox, tam, bea):
    for client in (tam, bea):
        press(sandbox, tam, AT, "propose", "Mandar")
        answer = press(sandbox, client, AT, "withdraw")
        assert answer.headers["location"] == f"/words/es/{SEND.key}?done=withdraw&of={SEND.key}"
        assert proposals(sandbox) == {}
        assert "Nothing waits any more." in opened(client, answer.headers["location"]).text
    answer = press(sandbox, tam, AT, "withdraw")
    assert "Nothing waits here." in Page(answer.text).text
    assert translations(sandbox) == []


def test_shipped_drafts_are_marked_as_they_stand_by_one_person_since_another_wrote_them(sandbox, tam):
    leave = f"/words/ar/{Message(source='Leave').key}"
    assert press(sandbox, tam, leave, "right", "changed").status_code == 400
    assert press(sandbox, tam, leave, "right").status_code == 303
    (row,) = translations(sandbox)
    assert (row.state, row.who) == ("reviewed", "Heard, tam@county.example")
    assert row.forms == [shipped_catalogs()["ar"].gettext("Leave")]
    answer = press(sandbox, tam, leave, "right")
    assert "Only a draft can be marked as reviewed as it stands." in Page(answer.text).text


def test_a_draft_of_one_s_own_from_before_there_had_to_be_two_is_marked_by_somebody_else(sandbox, tam, bea):
    say(sandbox, "es", {SEND: "Mandar"}, who="tam@county.example")
    assert buttons(opened(tam, AT)) == {"propose"}
    answer = press(sandbox, tam, AT, "right")
    assert "You wrote these words." in Page(answer.text).text
    assert press(sandbox, bea, AT, "right").status_code == 303
    assert translations(sandbox)[0].who == "tam@county.example, bea@county.example"


def test_words_that_their_writer_reviewed_before_stay_and_a_second_person_can_stand_behind_them(
    sandbox, tam, bea
):
    say(sandbox, "es", {SEND: "Mandar"}, state="reviewed", who="tam@county.example")
    assert "One person alone stands behind them." in opened(bea, AT).text
    assert press(sandbox, tam, AT, "right").status_code == 400
    assert press(sandbox, bea, AT, "right").status_code == 303
    assert (translations(sandbox)[0].state, translations(sandbox)[0].who) == (
        "reviewed",
        "tam@county.example, bea@county.example",
    )
    assert "One person alone" not in opened(bea, AT).text
    with sandbox.staff_door(sandbox.user("ada@county.example", "admin")) as ada:
        assert press(sandbox, ada, AT, "right").status_code == 400, "two are enough"


def test_an_admin_can_be_the_second_person(sandbox, tam):
    press(sandbox, tam, AT, "propose", "Mandar")
    with sandbox.staff_door(sandbox.user("ada@county.example", "admin")) as ada:
        assert press(sandbox, ada, AT, "agree").status_code == 303
    assert translations(sandbox)[0].forms == ["Mandar"]


def test_nobody_can_swap_the_words_between_a_look_and_an_agreement(sandbox, tam, bea):
    press(sandbox, tam, AT, "propose", "Mandar")
    form = opened(bea, AT).filled
    press(sandbox, tam, AT, "propose", "Nunca lo sabemos")
    for changes in ({}, {"form-0": "Nunca lo sabemos"}):
        fields = {"form-0": form["form-0"][0], "seen": form["seen"][0], "as": "agree", **changes}
        answer = sandbox.submit(bea, AT, AT, **fields)
        assert answer.status_code == 400
        assert "Somebody else changed this message since you opened it." in Page(answer.text).text
    assert translations(sandbox) == []
    assert proposals(sandbox)[SEND.key][0] == ("Nunca lo sabemos",)


def test_two_translators_at_once_never_put_in_force_what_the_second_did_not_see(sandbox, tam, bea):
    """The writer swaps the words in the very moment in which somebody agrees to what they were."""
    old_words = shipped_catalogs()["es"].gettext("Send")
    for number in range(6):
        good, evil = f"Mandar {number}", f"Nunca lo mandes {number}"
        press(sandbox, tam, AT, "propose", good)
        presses = [
            (client, {name: it[-1] for name, it in opened(client, AT).filled.items()} | changes)
            for client, changes in ((bea, {"as": "agree"}), (tam, {"as": "propose", "form-0": evil}))
        ]
        with ThreadPoolExecutor() as pool:
            answers = list(pool.map(lambda it: it[0].post(AT, data=it[1]).status_code, presses))
        in_force = words_of(sandbox, "es").gettext("Send")
        if answers[0] == 303:
            assert in_force == good
        else:
            assert (answers[0], in_force) == (400, old_words)
            assert proposals(sandbox)[SEND.key][0] == (evil,)
            press(sandbox, tam, AT, "withdraw")
        old_words = in_force


def test_a_look_is_one_person_s_and_nobody_agrees_with_another_s(sandbox, tam, bea):
    """A form may lie in a browser in which somebody else signs in and goes on."""
    press(sandbox, tam, AT, "propose", "Mandar")
    (his,) = opened(tam, AT).filled["seen"]
    (hers,) = opened(bea, AT).filled["seen"]
    assert his != hers
    answer = press(sandbox, bea, AT, "agree", seen=his)
    assert answer.status_code == 400
    assert translations(sandbox) == []
    assert press(sandbox, bea, AT, "agree", seen=hers).status_code == 303


def test_two_texts_cannot_have_the_same_mark(sandbox, tam):
    press(sandbox, tam, AT, "propose", "Mandar")
    (mark,) = opened(tam, AT).filled["seen"]
    assert len(mark) == 64, "a shorter one could be met by trying"


def test_whoever_agrees_to_words_that_they_changed_is_asked_which_they_mean(sandbox, tam, bea):
    press(sandbox, tam, AT, "propose", "Mandar")
    answer = press(sandbox, bea, AT, "agree", "Mandar ya")
    page = Page(answer.text)
    assert answer.status_code == 400
    assert "You changed the words. Propose yours, or put them back as they were." in page.text
    assert page.filled["form-0"] == ["Mandar ya"]
    assert translations(sandbox) == []


def test_words_are_checked_again_when_somebody_agrees(sandbox, tam, bea):
    first, second, *_ = shipped_instruments()["youth-experience"].questions[0].options
    at = f"/words/es/{message_of(first.text).key}"
    press(sandbox, tam, at, "propose", "Igual")
    say(sandbox, "es", {message_of(second.text): "Igual"})
    answer = press(sandbox, bea, at, "agree")
    assert answer.status_code == 400
    assert "Somebody else" not in Page(answer.text).text
    assert "two of its answers read “igual”" in Page(answer.text).text


def test_after_each_act_the_next_message_of_the_same_list_comes_with_what_was_done(sandbox, tam, bea):
    messages = [Message(source=it) for it in ("Send", "Leave", "Help")]
    for message in messages:
        press(sandbox, tam, f"/words/es/{message.key}", "propose", f"{message.source} 2")
    order = [it["id"][1:] for it in opened(bea, "/words/es?only=waiting").all("tr") if "id" in it]
    assert sorted(order) == sorted(it.key for it in messages)
    first, second, last = order
    page = opened(bea, f"/words/es/{second}?only=waiting")
    assert {f"/words/es/{it}?only=waiting" for it in (first, last)} <= set(page.addresses)
    answer = press(sandbox, bea, f"/words/es/{first}?only=waiting", "agree")
    assert answer.headers["location"] == f"/words/es/{second}?only=waiting&done=agree&of={first}"
    page = opened(bea, answer.headers["location"])
    assert page.all("p")[1]["role"] == "status"
    source = next(it.source for it in messages if it.key == first)
    assert f"Agreed. These words are in force now. “{source}”" in page.text
    assert buttons(page) >= {"agree"}
    answer = press(sandbox, bea, f"/words/es/{last}?only=waiting", "propose", "3")
    assert answer.headers["location"].startswith(f"/words/es/{last}?only=waiting&done=propose")
    page = opened(bea, answer.headers["location"])
    assert "Saved. It waits for a second person." in page.text
    assert "This is the last one here." in page.text


def test_a_message_that_is_none_of_those_looked_for_still_has_neighbours(sandbox, tam):
    press(sandbox, tam, AT, "propose", "Mandar")
    first, *_, last = (it for it in shipped_messages() if it.source in ("Leave", "Yes"))
    neighbours = {}
    for message in (first, last):
        page = opened(tam, f"/words/es/{message.key}?only=waiting")
        neighbours[message.key] = [it["rel"] for it in page.all("a") if "rel" in it]
    assert sorted(neighbours.values()) == [["next"], ["prev"]]


def test_a_page_says_what_its_marks_stand_for_with_an_example_in_the_language(sandbox, tam):
    page = opened(tam, f"/words/es/{message_of('Last checked on %(day)s.').key}")
    assert "%(day)s a day, such as 15 de octubre de 2026" in page.text
    assert "In English it then reads: “Last checked on October 15, 2026.”" in page.text
    page = opened(tam, f"/words/hy/{NUMBERED.key}")
    assert "%(number)s the number of the question, such as 3" in page.text
    assert "Quotation marks are written «…» in Armenian; a straight one is refused." in page.text
    assert "U+2068" not in page.text
    page = opened(tam, f"/words/ar/{message_of('Call %(number)s').key}")
    assert "%(number)s a telephone number, such as 988" in page.text
    assert "has to stand between the unseen marks U+2068 and U+2069, always both" in page.text
    assert "\u2068…\u2069" in {it.get("value") for it in page.fields}, "to copy: nobody can type them"
    page = opened(tam, f"/words/es/{message_of('%(value)s %%').key}")
    assert "%% one percent sign, such as %" in page.text


def test_a_mark_keeps_its_direction_where_it_is_read(sandbox, tam):
    page = opened(tam, f"/words/ar/{NUMBERED.key}")
    assert [it for it in page.all("bdi") if it == {"dir": "ltr"}] == [{"dir": "ltr"}] * 2
    assert "In the box a mark may look turned round." in page.text
    assert pieces(NUMBERED, "a %(number)s b %(other)s") == [
        ("a ", False),
        ("%(number)s", True),
        (" b ", False),
        ("%(other)s", False),
    ]


def test_every_mark_of_every_shipped_message_is_documented():
    for message in shipped_messages():
        for mark in marks_in(shipped_catalogs()["fa"], message):
            assert mark.meaning != "something that the page fills in", (message.source, mark.notation)
            assert mark.example, mark.notation
    assert {source for source, _ in OTHERWISE} <= {it.source for it in shipped_messages()}
    assert set(MEANINGS) == {
        mark.notation[2:-2]
        for it in shipped_messages()
        for mark in marks_in(shipped_catalogs()["fa"], it)
        if mark.notation != "%%"
    }


def test_what_only_a_program_reads_is_said_beside_the_words(sandbox, tam, bea):
    at = f"/words/ar/{SEND.key}"
    press(sandbox, tam, at, "propose", "\u2067إرسال\u2069")
    sentence = "Unseen characters: RIGHT-TO-LEFT ISOLATE × 1, POP DIRECTIONAL ISOLATE × 1."
    assert sentence in opened(bea, at).text


@pytest.mark.slow
def test_a_preview_shows_what_waits_and_the_links_say_so(reviewed, sandbox, tam):
    question = shipped_instruments()["youth-experience"].questions[0]
    at = f"/words/es/{message_of(question.text).key}"
    preview = "/words/es/preview/youth-experience"
    page = opened(tam, at)
    press(sandbox, tam, at, "propose", "¿Y esto?")
    answer = tam.get(preview)
    assert "¿Y esto?" in answer.text
    assert answer.headers["content-security-policy"].endswith("; sandbox")
    assert "as if somebody had agreed" not in page.text
    assert "with the words that wait (1), as if somebody had agreed to them" in opened(tam, at).text
    assert "It shows the words that wait (1)" in opened(tam, "/words/es").text
    press(sandbox, tam, at, "withdraw")
    assert "¿Y esto?" not in tam.get(preview).text


@pytest.mark.slow
def test_a_survey_speaks_only_languages_that_say_all_of_its_own_words(reviewed, sandbox, tam, bea):
    programs = shipped_programs()
    frp = next(it for it in programs.programs if it.id == "frp")
    own = msgspec.structs.replace(
        frp, respondent_names={**frp.respondent_names, "youth": "the Thursday group"}
    )
    file = Programs((own,), programs.contractors, programs.pools)
    sandbox.in_transaction(lambda s: store_programs(s, file, sandbox.settings.period))
    slug, other = sandbox.link(), sandbox.link("ctu")
    with sandbox.survey_door() as door:
        assert '<html lang="en"' in door.get(f"/s/{slug}?lang=es").text
        assert '<html lang="es"' in door.get(f"/s/{other}?lang=es").text
        at = f"/words/es/{Message(source='the Thursday group').key}"
        assert "How a program is called to: youth" in tam.get(at).text
        press(sandbox, tam, at, "propose", "el grupo de los jueves")
        assert '<html lang="en"' in door.get(f"/s/{slug}?lang=es").text
        press(sandbox, bea, at, "agree")
        page = door.get(f"/s/{slug}?lang=es").text
    assert "el grupo de los jueves" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ("", "is empty."),
        ("Pregunta %(number)s", "the place %(count)s is missing."),
        ("%(number)s de %(count)s %(more)s", "%(more)s is no place of the English"),
        ("<b>%(number)s</b> de %(count)s", "holds markup"),
        ("víctima %(number)s de %(count)s", "the word “victima” may not appear"),
        ("%(number)s de %(count)s \x07", "holds a character that cannot be read."),
        ('"%(number)s" de %(count)s', 'holds ", which could end a part of the page. Quotes are “…” here.'),
        ("%(number)s de %(count)s\u2067", "opens an isolate"),
    ],
)
def test_what_is_wrong_is_said_by_message_and_language_and_what_was_typed_stays(sandbox, tam, form, problem):
    answer = press(sandbox, tam, f"/words/es/{NUMBERED.key}", "propose", form)
    assert answer.status_code == 400
    page = Page(answer.text)
    assert f"es, “Question %(number)s of %(count)s”: {problem}" in page.text
    assert page.filled["form-0"] == [form]
    assert (translations(sandbox), proposals(sandbox), entries(sandbox)) == ([], {}, [])


def test_two_points_of_a_scale_cannot_be_made_to_read_the_same(sandbox, tam):
    first, second, *_ = shipped_instruments()["youth-experience"].questions[0].options
    same = shipped_catalogs()["es"].gettext(second.text)
    answer = press(sandbox, tam, f"/words/es/{message_of(first.text).key}", "propose", same)
    assert answer.status_code == 400
    assert "two of its answers read" in Page(answer.text).text


def test_what_somebody_else_wrote_in_between_is_not_lost(sandbox, tam, bea):
    (mark,) = opened(tam, AT).filled["seen"]
    assert press(sandbox, bea, AT, "propose", "Mandar").status_code == 303
    answer = press(sandbox, tam, AT, "propose", "Enviar ya", seen=mark)
    page = Page(answer.text)
    assert answer.status_code == 400
    assert "Somebody else changed this message since you opened it. It stands here as it is now." in page.text
    assert "Proposed words Mandar By bea@county.example" in page.text
    assert page.filled["form-0"] == ["Enviar ya"]
    assert proposals(sandbox) == {SEND.key: (("Mandar",), "bea@county.example")}


def test_a_message_with_plural_forms_asks_for_each_with_an_example(monkeypatch, sandbox, tam, bea):
    message = Message(source="%(n)s day", plural="%(n)s days")
    from feedback.translations import catalogs, sections

    by_source = {**catalogs.shipped_by_source(), message.source: message}
    monkeypatch.setattr(catalogs, "shipped_by_source", lambda: by_source)
    monkeypatch.setattr(sections, "shipped_by_source", lambda: by_source)
    at = f"/words/ru/{message.key}"
    page = Page(tam.get(at).text)
    assert len(page.all("textarea")) == 3
    assert "For 1, 21, 31, 41" in page.text
    assert "For 0, 5, 6, 7" in page.text
    forms = ["%(n)s день", "%(n)s дня", "%(n)s дней"]
    answer = press(sandbox, tam, at, "propose", *forms[:2])
    assert "ru, “%(n)s day”: is empty." in Page(answer.text).text
    put_in_force(sandbox, tam, bea, at, *forms)
    assert translations(sandbox)[0].forms == forms
    assert forms[2] in Page(tam.get("/words/ru?search=день").text).text


def test_what_was_looked_for_is_kept_while_one_works_through_it(sandbox, tam):
    at = f"{AT}?only=draft&search=Send"
    page = Page(tam.get(at).text)
    assert f"/words/es?only=draft&search=Send#m{SEND.key}" in page.addresses
    answer = press(sandbox, tam, at, "propose", "Mandar")
    following = answer.headers["location"]
    assert re.fullmatch(rf"/words/es/\w{{16}}\?only=draft&search=Send&done=propose&of={SEND.key}", following)
    page = Page(tam.get(following).text)
    assert f"{following.partition('&done')[0]}" in page.addresses, "the next form keeps it too"


@pytest.mark.slow
def test_a_preview_is_the_page_of_a_respondent_that_cannot_be_sent(reviewed, sandbox, tam):
    answer = tam.get("/words/ar/preview/youth-experience")
    page = Page(answer.text)
    assert '<html lang="ar" dir="rtl">' in answer.text, "though respondents cannot choose it"
    assert {"core-safety", "going-well"} <= {it.get("name") for it in page.fields}
    assert answer.headers["content-security-policy"].endswith("; sandbox")
    assert tam.post("/s/preview", data={"core-safety": "5"}).status_code in (403, 404)
    previews = [it for it in Page(tam.get("/words/ar").text).addresses if "/preview/" in str(it)]
    assert previews == [f"/words/ar/preview/{it}" for it in shipped_instruments()]
    for path in previews:
        assert tam.get(path).status_code == 200, path
    assert tam.get("/words/ar/preview/nothing").status_code == 404


def test_the_words_can_be_taken_away_as_a_file(sandbox, tam):
    for kind, suffix, begins in (("po", "po", b"# "), ("xliff", "xlf", b"<?xml")):
        answer = tam.get(f"/words/es/file/{kind}")
        assert answer.headers["content-disposition"] == f'attachment; filename="heard-es.{suffix}"'
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.content.startswith(begins)
        assert b"Enviar" in answer.content
    assert tam.get("/words/es/file/exe").status_code == 404
    assert entries(sandbox) == [("words.export", "es po"), ("words.export", "es xliff")]


def test_the_audit_log_names_who_and_which_message_and_holds_no_words(sandbox, tam, bea):
    put_in_force(sandbox, tam, bea, AT, "Mandar")
    press(sandbox, tam, f"/words/es/{NUMBERED.key}", "right")
    press(sandbox, bea, AT, "propose", "Mandar ya")
    press(sandbox, tam, AT, "withdraw")
    assert entries(sandbox) == [
        ("words.propose", f"es {SEND.key}"),
        ("words.agree", f"es {SEND.key}, written by tam@county.example"),
        ("words.review", f"es {NUMBERED.key}"),
        ("words.propose", f"es {SEND.key}"),
        ("words.withdraw", f"es {SEND.key}, written by bea@county.example"),
    ]


def test_there_is_nothing_at_a_language_or_message_that_is_not_there(sandbox, tam):
    pages = set()
    for path in ("en", "xx", "es/nothing", f"en/{SEND.key}", "es/%00", "en/file/po", "en/preview/event"):
        answer = tam.get(f"/words/{path}")
        assert answer.status_code == 404, path
        pages.add(answer.text)
    assert len(pages) == 1
    for path in ("es/nothing", f"en/{SEND.key}"):
        assert sandbox.submit(tam, "/words", f"/words/{path}", **{"form-0": "x"}).status_code in (403, 404)


@pytest.mark.slow
def test_nobody_but_translators_and_admins_comes_to_the_words_and_translators_see_nothing_else(sandbox, tam):
    paths = ("/words", "/words/es", AT, "/words/es/file/po", "/words/es/preview/event")
    people = (
        sandbox.user(),
        sandbox.user("vera@vista.example", "contractor", "vista-del-mar"),
        sandbox.user("rita@county.example", "reviewer"),
    )
    for email in people:
        with sandbox.staff_door(email) as door:
            assert [door.get(path).status_code for path in paths] == [404] * 5, email
            for button in ("propose", "agree", "right", "withdraw", "reviewed"):
                answer = sandbox.submit(door, "/", AT, **{"form-0": "x", "as": button})
                assert answer.status_code == 404, (email, button)
    with sandbox.staff_door(sandbox.user("ada@county.example", "admin")) as door:
        assert [door.get(path).status_code for path in paths] == [200] * 5
    others = ("/links", "/releases", "/measures", "/programs/frp", "/strategies/4.3")
    assert [tam.get(path).status_code for path in others] == [404] * 5
    assert (translations(sandbox), proposals(sandbox)) == ([], {})


def test_no_word_is_saved_from_somebody_else_s_page(sandbox, tam):
    fields = {"form-0": "Mandar", "as": "propose", "seen": opened(tam, AT).filled["seen"][0]}
    assert tam.post(AT, data=fields).status_code == 403
    assert proposals(sandbox) == {}


def test_when_the_database_is_gone_a_page_still_speaks_the_language_it_knew(reviewed, sandbox, monkeypatch):
    slug = sandbox.link()
    with sandbox.survey_door() as door:
        deployment = door.app.state.deployment

        async def write(_):
            raise OSError("gone")

        door.get(f"/s/{slug}?lang=es")
        monkeypatch.setattr(type(deployment.words), "now", write)
        answer = door.get(f"/s/{slug}?lang=es")
    assert answer.status_code == 500
    assert '<html lang="es"' in answer.text
