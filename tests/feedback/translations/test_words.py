"""The words of a deployment: what its translators write is laid over what is shipped, for every door."""

import msgspec
import pytest
from sqlalchemy import event, text

from feedback.fieldwork.programs import all_programs
from feedback.languages import LANGUAGES
from feedback.storage.facts import Fact
from feedback.translations.catalogs import (
    Message,
    Translation,
    message_of,
    shipped_catalogs,
    shipped_messages,
)
from feedback.translations.sections import sections, texts_of
from feedback.translations.words import (
    CatalogCache,
    behind,
    by_one_alone,
    last_written,
    messages_here,
    read_words,
    shipped_words,
    source_changed,
    store_translations,
    together,
)
from surveys.instruments import shipped_instruments
from surveys.registry import shipped_programs
from tests.support.catalogs import catalog, shipped

ES, AR, KO = (LANGUAGES[tag] for tag in ("es", "ar", "ko"))
SEND, LEAVE = Message(source="Send"), Message(source="Leave")


@pytest.fixture
def catalogs():
    """Spanish is reviewed, Arabic a draft, the English of a Korean word changed, no others."""
    with shipped(
        es=catalog("es", {"Send": "Enviar"}, reviewed=True),
        ar=catalog("ar", {"Send": "إرسال"}),
        ko=catalog("ko", {"Send": "보내기"}, flags={"Send": ("fuzzy",)}, previous={"Send": "Sent"}),
    ):
        yield


def write(sandbox, language, message, *forms, state="draft", made_for="", who="tam@county.example"):
    translation = Translation(forms, state, made_for)
    sandbox.in_transaction(lambda s: store_translations(s, language, [(message, translation)], who))


def words_of(sandbox, *, drafts=True):
    return sandbox.in_transaction(lambda session: read_words(session, drafts=drafts))


@pytest.mark.usefixtures("catalogs")
def test_a_language_is_offered_when_it_is_whole_and_reviewed_or_drafts_are_wanted(sandbox):
    assert [it.tag for it in words_of(sandbox, drafts=False).offered()] == ["en", "es"]
    assert [it.tag for it in words_of(sandbox).offered()] == ["en", "es", "ar"]


@pytest.mark.usefixtures("catalogs")
def test_one_edit_of_a_reviewed_language_takes_it_back_until_a_person_reviewed_it(sandbox):
    write(sandbox, ES, SEND, "Mandar")
    assert [it.tag for it in words_of(sandbox, drafts=False).offered()] == ["en"]
    write(sandbox, ES, SEND, "Mandar", state="reviewed")
    words = words_of(sandbox, drafts=False)
    assert [it.tag for it in words.offered()] == ["en", "es"]
    assert words.spoken(ES).gettext("Send") == "Mandar"
    assert words.spoken(ES).gettext("Leave") == "Leave"


@pytest.mark.usefixtures("catalogs")
def test_a_translator_mends_what_an_update_changed_and_the_language_is_offered(sandbox):
    assert KO not in words_of(sandbox).offered()
    write(sandbox, KO, SEND, "보내기")
    assert KO in words_of(sandbox).offered()
    write(sandbox, KO, SEND, "보내기", state="changed")
    assert KO not in words_of(sandbox).offered()


@pytest.mark.usefixtures("catalogs")
def test_what_was_written_here_for_the_old_english_is_nearer_than_what_was_shipped_for_it(sandbox):
    write(sandbox, KO, Message(source="Sent"), "보냈어요", state="reviewed")
    translation = words_of(sandbox).spoken(KO).translations["Send"]
    assert translation == Translation(("보냈어요",), "changed", "Sent")


@pytest.mark.usefixtures("catalogs")
def test_an_open_door_speaks_new_words_from_its_next_page_on_and_asks_for_one_row(sandbox):
    wording = CatalogCache(drafts=True)

    async def read_now(deployment):
        statements = []
        engine = deployment.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
        async with deployment.database.snapshot() as session:
            words = await wording.now(session)
        return words, [it for it in statements if "FROM" in it]

    first, statements = sandbox.run(read_now)
    assert len(statements) == 1
    assert first is shipped_words(drafts=True)
    write(sandbox, ES, SEND, "Mandar")
    second, statements = sandbox.run(read_now)
    assert len(statements) == 2
    assert second.spoken(ES).gettext("Send") == "Mandar"
    assert wording.last_read is second
    third, statements = sandbox.run(read_now)
    assert third is second
    assert len(statements) == 1


@pytest.mark.usefixtures("catalogs")
def test_an_edit_leaves_the_other_languages_as_they_are_in_memory(sandbox):
    before = shipped_words(drafts=True)
    write(sandbox, ES, SEND, "Mandar")
    after = words_of(sandbox)
    assert [tag for tag, it in after.catalogs.items() if it is not before.catalogs[tag]] == ["es"]


def test_two_edits_never_leave_the_same_edition(sandbox):
    editions = set()
    for form in ("a", "b", "a"):
        write(sandbox, ES, SEND, form)
        editions.add(words_of(sandbox).edition)
    assert len(editions) == 3


def test_what_was_written_for_other_plural_forms_is_left_out(sandbox):
    write(sandbox, ES, Message(source="Send", plural="Sends"), "Mandar", "Mandan")
    assert words_of(sandbox).spoken(ES).gettext("Send") == shipped_catalogs()["es"].gettext("Send")


def test_a_text_of_the_deployment_s_own_counts_where_it_is_used_and_nowhere_else(sandbox):
    assert ES in words_of(sandbox).offered()
    assert ES not in words_of(sandbox).offered(["Send", "Our own question?"])
    write(sandbox, ES, Message(source="Our own question?"), "¿Nuestra pregunta?")
    assert ES in words_of(sandbox).offered(["Send", "Our own question?"])
    assert words_of(sandbox).spoken(ES).gettext("Our own question?") == "¿Nuestra pregunta?"


def test_an_english_text_that_the_deployment_changed_keeps_its_words_as_changed(sandbox):
    (program, *_) = sandbox.in_transaction(all_programs)
    was = next(iter(program.respondent_names.values()))
    write(sandbox, ES, Message(source=was), "el programa", state="reviewed")
    sandbox.in_transaction(lambda session: source_changed(session, was, "the new name", "Rosa"))
    words = words_of(sandbox)
    assert words.spoken(ES).translations["the new name"] == Translation(("el programa",), "changed", was)
    assert words.spoken(AR).translations["the new name"].state == "changed"
    assert "the new name" not in words.spoken(LANGUAGES["en"]).translations
    sandbox.in_transaction(lambda session: source_changed(session, was, "Send", "Rosa"))
    assert words_of(sandbox).spoken(ES).gettext("Send") == shipped_catalogs()["es"].gettext("Send")


def test_who_wrote_last_is_told_and_nobody_where_the_words_are_the_shipped_ones(sandbox):
    assert sandbox.in_transaction(lambda s: last_written(s, ES, SEND)) == ""
    write(sandbox, ES, SEND, "Mandar")
    writer = sandbox.in_transaction(lambda s: last_written(s, ES, SEND))
    assert writer.startswith("tam@county.example, 2")
    assert sandbox.in_transaction(lambda s: last_written(s, KO, SEND)) == ""


def test_who_stands_behind_words_is_told_one_by_one_and_who_stands_there_alone(sandbox):
    two = together("tam@county.example", "bea@county.example")
    assert sandbox.in_transaction(lambda s: behind(s, ES, SEND)) == ()
    write(sandbox, ES, SEND, "Mandar", state="reviewed")
    write(sandbox, KO, SEND, "보내기", state="reviewed", who=two)
    write(sandbox, KO, LEAVE, "나가기")
    assert sandbox.in_transaction(lambda s: behind(s, ES, SEND)) == ("tam@county.example",)
    assert sandbox.in_transaction(lambda s: behind(s, KO, SEND)) == (
        "tam@county.example",
        "bea@county.example",
    )
    (alone,) = sandbox.in_transaction(by_one_alone)
    assert (alone.language, alone.key, alone.source, alone.who) == (
        "es",
        SEND.key,
        "Send",
        "tam@county.example",
    )


def test_every_message_stands_once_in_the_order_in_which_a_person_reads(sandbox):
    parts = sandbox.in_transaction(messages_here)
    sources = [message.source for section in parts for message in section.messages]
    assert len(sources) == len(set(sources))
    assert set(sources) >= {message.source for message in shipped_messages()}
    assert [section.instrument for section in parts if section.instrument] == list(shipped_instruments())
    titles = [section.title for section in parts]
    assert titles[0] == "On every page, and the pages around the surveys"
    assert titles[-3:] == ["Help", "What programs are called", "Themes, which staff and the public read"]
    by_title = {section.title: [it.source for it in section.messages] for section in parts}
    assert "Send" in by_title[titles[0]]
    assert "Housing" in by_title[titles[-1]]
    first, *others = (it for it in parts if it.instrument)
    assert by_title[first.title] == texts_of(shipped_instruments()[first.instrument])
    for section in others:
        texts = texts_of(shipped_instruments()[section.instrument])
        section_sources = [it.source for it in section.messages]
        assert section_sources == [it for it in texts if it in section_sources]


def test_a_message_says_each_place_where_it_stands():
    parts = sections(shipped_instruments().values(), shipped_programs().programs)
    (never,) = [it for section in parts for it in section.messages if it.source == "Never"]
    assert len(never.places) == 3
    assert all(place.endswith(", answer 1") for place in never.places)
    assert len(never.places) == len(set(never.places))


def test_the_names_of_a_deployment_s_own_programs_are_messages_of_it(sandbox):
    own = msgspec.structs.replace(
        shipped_programs().programs[0], respondent_names={"youth": "the Thursday group"}
    )
    parts = sections([], [own])
    (names,) = [section for section in parts if section.title == "What programs are called"]
    assert names.messages[0] == Message(
        source="the Thursday group", places=("How a program is called to: youth",)
    )


def test_the_texts_of_an_instrument_are_all_that_a_respondent_reads_of_it():
    instrument = shipped_instruments()["protocol-youth"]
    texts = texts_of(instrument)
    assert texts[0] == instrument.title
    assert len(texts) == len(set(texts))
    assert {option.text for question in instrument.questions for option in question.options} <= set(texts)
    assert "" not in texts
    assert all(message_of(it) in shipped_messages() or message_of(it).source == it for it in texts)


def test_the_table_of_translations_keeps_who_and_when_of_staff_alone(sandbox):
    write(sandbox, ES, SEND, "Mandar")
    (row,) = sandbox.in_transaction(_rows)
    assert (row.language, row.key, row.source, row.state) == ("es", SEND.key, "Send", "draft")
    assert (row.who, row.made_for) == ("tam@county.example", "")
    assert row.at is not None
    assert Fact.WORDS_EDITION == "words"


async def _rows(session):
    return (await session.execute(text("SELECT * FROM translations"))).all()
