"""Words as translators read and write them.

Tam is a translator, Ada an admin. They see strings and nothing else; respondents see what they wrote at once.
"""

import re

import msgspec
import pytest
from sqlalchemy import select

from feedback.catalogs import Message, message_of, shipped_catalogs, shipped_messages
from feedback.programs import store_programs
from feedback.staff_tables import AuditRow, TranslationRow
from surveys.instruments import shipped_instruments
from surveys.registry import Programs, shipped_programs
from tests.support.catalogs import catalog, shipped
from tests.support.pages import Page

SEND, NUMBERED = Message("Send"), message_of("Question %(number)s of %(count)s")
AT = f"/words/es/{SEND.key}"


@pytest.fixture
def tam(rehearsal):
    with rehearsal.staff_door(rehearsal.user("tam@county.example", "translator")) as client:
        yield client


@pytest.fixture
def reviewed():
    """Spanish was reviewed, Arabic is a draft with a changed message, no others."""
    with shipped(
        es=catalog("es", {"Send": "Enviar"}, reviewed=True),
        ar=catalog("ar", {"Send": "إرسال"}, flags={"Send": ("fuzzy",)}, previous={"Send": "Sent"}),
    ):
        yield


def seen(client, at):
    return re.search(r'name="seen" value="(\w*)"', client.get(at).text)[1]


def save(rehearsal, client, at, *forms, state="draft", **more):
    """Open the page of a message, type, and press one of its two buttons."""
    typed = {f"form-{number}": form for number, form in enumerate(forms)}
    fields = {"as": state, "seen": seen(client, at.partition("?")[0]), **typed, **more}
    return rehearsal.submit(client, at, at, **fields)


def stored(rehearsal):
    async def rows(session):
        return list((await session.execute(select(TranslationRow).order_by(TranslationRow.key))).scalars())

    return rehearsal.in_transaction(rows)


def entries(rehearsal):
    async def rows(session):
        return [(it.action, it.object) for it in (await session.execute(select(AuditRow))).scalars()]

    return [it for it in rehearsal.in_transaction(rows) if it[0].startswith("words")]


def test_every_language_is_listed_with_its_counts(reviewed, rehearsal, tam):
    page = Page(tam.get("/words").text)
    total = len(shipped_messages())
    assert f"Español es {total} 0 0 0 yes" in page.text
    assert f"العربية ar 0 {total - 1} 1 0 no" in page.text
    assert f"한국어 ko 0 0 0 {total} no" in page.text
    assert {it["href"] for it in page.all("a")} >= {"/words/es", "/words/zh-Hant"}
    assert {it["lang"] for it in page.all("bdi")} >= {"es", "ar", "zh-Hant"}


def test_the_list_stands_in_reading_order_and_in_its_own_direction(rehearsal, tam):
    answer = tam.get("/words/ar")
    page = Page(answer.text)
    cells = [it for it in page.all("div") if "lang" in it]
    assert len(cells) >= len(shipped_messages())
    assert {(it["lang"], it["dir"]) for it in cells} == {("ar", "rtl")}
    headings = re.findall(r"<h2>(.*?)</h2>", answer.text)
    assert headings[0].startswith("On every page")
    assert [it for it in headings if it.startswith("Survey: ")] == [
        f"Survey: {it.replace('-', ' ')}" for it in shipped_instruments()
    ]
    assert "core-access, text" in page.text
    assert len([it for it in page.all("tr") if it.get("id", "").startswith("m")]) >= len(shipped_messages())


def test_the_list_can_be_narrowed_by_state_and_by_words_of_either_language(reviewed, rehearsal, tam):
    def found(query, tag="ar"):
        return len([it for it in Page(tam.get(f"/words/{tag}{query}").text).all("tr") if "id" in it])

    total = len(shipped_messages())
    assert found("?only=changed") == 1
    assert found("?only=draft") == total - 1
    assert found("?only=nonsense") == total
    assert found("?only=missing", "ko") == total
    assert found("?search=SEND&only=changed") == 1
    assert found("?search=إرسال") == 1
    assert found("?search=core-access, text") >= 1
    assert found("?search=no+such+words") == 0
    page = Page(tam.get("/words/ar?search=%22%3E%3Cb&only=draft").text)
    assert [it["value"] for it in page.fields if it["name"] == "search"] == ['"><b']
    assert "No message is like that." in page.text


def test_one_message_shows_all_that_its_translator_needs(reviewed, rehearsal, tam):
    page = Page(tam.get(f"/words/ar/{SEND.key}").text)
    (area,) = page.all("textarea")
    assert (area["lang"], area["dir"]) == ("ar", "rtl")
    assert page.filled["form-0"] == ["إرسال"]
    assert "The English these words were made for Sent" in page.text
    assert "the English changed since these words were made" in page.text
    assert "I am a person who reads this language well, and this is right: reviewed" in page.text
    question = shipped_instruments()["protocol-youth"].questions[0]
    page = Page(tam.get(f"/words/es/{message_of(question.text).key}").text)
    assert f"Where it stands {question.id}, text" in page.text
    assert not page.all("script")


@pytest.mark.slow
def test_a_saved_word_is_on_the_next_page_of_both_doors_without_a_restart(reviewed, rehearsal, tam):
    slug = rehearsal.link()
    with rehearsal.survey_door() as door:
        assert "Enviar" in door.get(f"/s/{slug}?lang=es").text
        answer = save(rehearsal, tam, AT, "  Mandar ya\r\n", state="reviewed")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/words/es#m{SEND.key}")
        page = door.get(f"/s/{slug}?lang=es").text
        assert '<html lang="es"' in page
        assert ">Mandar ya<" in page
        assert ">Enviar<" not in page
        assert '<html lang="es"' in door.get("/help?lang=es").text
    assert "Mandar ya" in tam.get("/words/es").text
    (row,) = stored(rehearsal)
    assert (row.language, row.source, row.forms, row.state) == ("es", "Send", ["Mandar ya"], "reviewed")
    assert row.who == "tam@county.example"


@pytest.mark.slow
def test_an_edit_of_a_reviewed_message_is_a_draft_again_and_the_language_waits(reviewed, rehearsal, tam):
    slug = rehearsal.link()
    with rehearsal.survey_door() as door:
        assert '<html lang="es"' in door.get(f"/s/{slug}?lang=es").text
        assert save(rehearsal, tam, AT, "Mandar").status_code == 303
        for path in (f"/s/{slug}", "/thanks", "/help", "/heard", "/nothing"):
            assert '<html lang="en"' in door.get(f"{path}?lang=es").text, path
        assert save(rehearsal, tam, AT, "Mandar", state="reviewed").status_code == 303
        assert '<html lang="es"' in door.get(f"/s/{slug}?lang=es").text


def test_where_drafts_are_offered_the_page_says_so_as_soon_as_one_message_is_a_draft(
    reviewed, rehearsal, tam
):
    slug = rehearsal.link()
    rehearsal.settings = msgspec.structs.replace(rehearsal.settings, offer_draft_languages=True)
    checking = "No person has checked this translation yet."
    with rehearsal.survey_door() as door:
        assert checking not in door.get(f"/s/{slug}?lang=es").text
        save(rehearsal, tam, AT, "Mandar")
        page = door.get(f"/s/{slug}?lang=es").text
    assert checking in page
    assert ">Mandar<" in page


@pytest.mark.slow
def test_a_survey_speaks_only_languages_that_say_all_of_its_own_words(reviewed, rehearsal, tam):
    programs = shipped_programs()
    frp = next(it for it in programs.programs if it.id == "frp")
    own = msgspec.structs.replace(frp, said_as={**frp.said_as, "youth": "the Thursday group"})
    changed = Programs((own,), programs.contractors, programs.pools)
    rehearsal.in_transaction(lambda s: store_programs(s, changed, rehearsal.settings.period))
    slug, other = rehearsal.link(), rehearsal.link("ctu")
    with rehearsal.survey_door() as door:
        assert '<html lang="en"' in door.get(f"/s/{slug}?lang=es").text
        assert '<html lang="es"' in door.get(f"/s/{other}?lang=es").text
        at = f"/words/es/{Message('the Thursday group').key}"
        assert "How a program is called to: youth" in tam.get(at).text
        save(rehearsal, tam, at, "el grupo de los jueves", state="reviewed")
        page = door.get(f"/s/{slug}?lang=es").text
    assert "el grupo de los jueves" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ("", "is empty."),
        ("Pregunta %(number)s", "the place %(count)s is missing."),
        ("%(number)s de %(count)s %(more)s", "%(more)s is no place of the English"),
        ("<b>%(number)s</b> de %(count)s", "holds markup"),
        ("víctima %(number)s de %(count)s", "the word “victima” may not appear"),
        ("%(number)s de %(count)s \x07", "holds a character that cannot be read."),
    ],
)
def test_what_is_wrong_is_said_by_message_and_language_and_what_was_typed_stays(rehearsal, tam, form, fault):
    answer = save(rehearsal, tam, f"/words/es/{NUMBERED.key}", form, state="reviewed")
    assert answer.status_code == 400
    page = Page(answer.text)
    assert f"es, “Question %(number)s of %(count)s”: {fault}" in page.text
    assert page.filled["form-0"] == [form]
    assert stored(rehearsal) == []
    assert entries(rehearsal) == []


def test_two_points_of_a_scale_cannot_be_made_to_read_the_same(rehearsal, tam):
    first, second, *_ = shipped_instruments()["youth-experience"].questions[0].options
    same = shipped_catalogs()["es"].gettext(second.text)
    answer = save(rehearsal, tam, f"/words/es/{message_of(first.text).key}", same)
    assert answer.status_code == 400
    assert "two of its answers read" in Page(answer.text).text


def test_what_somebody_else_wrote_in_between_is_not_lost(rehearsal, tam):
    before = seen(tam, AT)
    assert save(rehearsal, tam, AT, "Mandar").status_code == 303
    answer = save(rehearsal, tam, AT, "Enviar ya", seen=before)
    assert answer.status_code == 400
    assert "Somebody else changed this message since you opened it." in Page(answer.text).text
    (row,) = stored(rehearsal)
    assert row.forms == ["Mandar"]


def test_a_message_with_plural_forms_asks_for_each_with_an_example(monkeypatch, rehearsal, tam):
    counted = Message("%(n)s day", "%(n)s days")
    from feedback import catalogs, sections

    by_source = {**catalogs.shipped_by_source(), counted.source: counted}
    monkeypatch.setattr(catalogs, "shipped_by_source", lambda: by_source)
    monkeypatch.setattr(sections, "shipped_by_source", lambda: by_source)
    at = f"/words/ru/{counted.key}"
    page = Page(tam.get(at).text)
    assert len(page.all("textarea")) == 3
    assert "For 1, 21, 31, 41" in page.text
    assert "For 0, 5, 6, 7" in page.text
    said = ["%(n)s день", "%(n)s дня", "%(n)s дней"]
    answer = save(rehearsal, tam, at, *said[:2])
    assert "ru, “%(n)s day”: is empty." in Page(answer.text).text
    assert save(rehearsal, tam, at, *said).status_code == 303
    assert stored(rehearsal)[0].forms == said
    assert said[2] in Page(tam.get("/words/ru?search=день").text).text


def test_what_was_looked_for_is_kept_while_one_works_through_it(rehearsal, tam):
    at = f"{AT}?only=draft&search=Send"
    page = Page(tam.get(at).text)
    assert f"/words/es?only=draft&search=Send#m{SEND.key}" in page.addresses
    answer = save(rehearsal, tam, at, "Mandar")
    assert answer.headers["location"] == f"/words/es?only=draft&search=Send#m{SEND.key}"


@pytest.mark.slow
def test_a_preview_is_the_page_of_a_respondent_that_cannot_be_sent(reviewed, rehearsal, tam):
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


def test_the_words_can_be_taken_away_as_a_file(rehearsal, tam):
    for kind, suffix, begins in (("po", "po", b"# "), ("xliff", "xlf", b"<?xml")):
        answer = tam.get(f"/words/es/file/{kind}")
        assert answer.headers["content-disposition"] == f'attachment; filename="heard-es.{suffix}"'
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.content.startswith(begins)
        assert b"Enviar" in answer.content
    assert tam.get("/words/es/file/exe").status_code == 404
    assert entries(rehearsal) == [("words.export", "es po"), ("words.export", "es xliff")]


def test_the_audit_log_names_who_and_which_message_and_holds_no_words(rehearsal, tam):
    save(rehearsal, tam, AT, "Mandar")
    save(rehearsal, tam, AT, "Mandar", state="reviewed")
    assert entries(rehearsal) == [
        ("words.save", f"es {SEND.key} draft"),
        ("words.save", f"es {SEND.key} reviewed"),
    ]


def test_there_is_nothing_at_a_language_or_message_that_is_not_there(rehearsal, tam):
    said = set()
    for path in ("en", "xx", "es/nothing", f"en/{SEND.key}", "es/%00", "en/file/po", "en/preview/event"):
        answer = tam.get(f"/words/{path}")
        assert answer.status_code == 404, path
        said.add(answer.text)
    assert len(said) == 1
    for path in ("es/nothing", f"en/{SEND.key}"):
        assert rehearsal.submit(tam, "/words", f"/words/{path}", **{"form-0": "x"}).status_code in (403, 404)


@pytest.mark.slow
def test_nobody_but_translators_and_admins_comes_in_and_translators_see_nothing_else(rehearsal, tam):
    paths = ("/words", "/words/es", AT, "/words/es/file/po", "/words/es/preview/event")
    people = (
        rehearsal.user(),
        rehearsal.user("vera@vista.example", "contractor", "vista-del-mar"),
        rehearsal.user("rita@county.example", "reviewer"),
    )
    for email in people:
        with rehearsal.staff_door(email) as door:
            assert [door.get(path).status_code for path in paths] == [404] * 5, email
            assert rehearsal.submit(door, "/", AT, **{"form-0": "x", "as": "reviewed"}).status_code == 404
    with rehearsal.staff_door(rehearsal.user("ada@county.example", "admin")) as door:
        assert [door.get(path).status_code for path in paths] == [200] * 5
    others = ("/links", "/releases", "/measures", "/programs/frp", "/strategies/4.3")
    assert [tam.get(path).status_code for path in others] == [404] * 5
    assert stored(rehearsal) == []


def test_no_word_is_saved_from_somebody_else_s_page(rehearsal, tam):
    fields = {"form-0": "Mandar", "as": "reviewed", "seen": seen(tam, AT)}
    assert tam.post(AT, data=fields).status_code == 403
    assert stored(rehearsal) == []


def test_when_the_database_is_gone_a_page_still_speaks_the_language_it_knew(reviewed, rehearsal, monkeypatch):
    slug = rehearsal.link()
    with rehearsal.survey_door() as door:
        deployment = door.app.state.deployment

        async def write(_):
            raise OSError("gone")

        door.get(f"/s/{slug}?lang=es")
        monkeypatch.setattr(type(deployment.words), "now", write)
        answer = door.get(f"/s/{slug}?lang=es")
    assert answer.status_code == 500
    assert '<html lang="es"' in answer.text
