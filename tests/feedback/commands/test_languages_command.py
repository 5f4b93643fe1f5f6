"""`feedback languages`: how far each language is, and its words as files, out and in."""

import json
from importlib import resources

import pytest
from sqlalchemy import select

from feedback.languages import LANGUAGES
from feedback.storage.staff_tables import AuditRow, ProposalRow, TranslationRow
from feedback.translations.catalogs import Message, Translation, shipped_messages
from feedback.translations.proposals import keep_waiting
from feedback.translations.words import read_words, store_translations
from tests.support.catalogs import catalog
from tests.support.doors import run
from tests.support.translators import review_all, say, words_of

pytestmark = pytest.mark.slow
ES = LANGUAGES["es"]
TOTAL = len(shipped_messages())
SAFE = {"Police, probation and court": "Policía y corte"}
"""The one English message, of the staff's codebook, that no page for respondents may show."""
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where the promise is about files and words, one database is enough."""


_COLUMNS = ("messages", "reviewed", "draft", "changed", "missing", "waiting")


def does(process):
    assert (process.returncode, process.stderr) == (0, "")
    return process.stdout


def refuses(process):
    assert (process.returncode, process.stdout) == (1, "")
    assert "Traceback" not in process.stderr
    return process.stderr


def rows(sandbox, table):
    async def read(session):
        return list((await session.execute(select(table))).scalars())

    return sandbox.in_transaction(read)


def standing(settings):
    return {it["language"]: it for it in json.loads(does(run(settings, "languages", "--json")))}


def replace_in(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@ON_SQLITE
def test_without_a_deployment_the_shipped_languages_are_told_of(settings):
    by_tag = standing(settings)
    assert list(by_tag) == list(LANGUAGES)
    assert all(it["messages"] == TOTAL for it in by_tag.values())
    assert (by_tag["en"]["reviewed"], by_tag["en"]["offered"]) == (TOTAL, True)
    assert not settings.home.exists()


@ON_SQLITE
def test_every_language_says_how_far_it_is(sandbox):
    review = Translation(("Mandar",), "reviewed")
    change = Translation(("Salir",), "changed", "Left")
    translations = [(Message(source="Send"), review), (Message(source="Leave"), change)]
    sandbox.in_transaction(lambda session: store_translations(session, ES, translations, "Tam"))
    waits = [(Message(source="Send"), ("Mandar ya",))]
    sandbox.in_transaction(lambda session: keep_waiting(session, ES, waits, "Tam"))
    by_tag = standing(sandbox.settings)
    assert by_tag["ko"]["waiting"] == 0
    assert by_tag["es"] == {
        "language": "es",
        "name": "Español",
        "messages": TOTAL,
        "offered": False,
        "reviewed": 1,
        "draft": TOTAL - 2,
        "changed": 1,
        "missing": 0,
        "waiting": 1,
    }
    lines = does(run(sandbox.settings, "languages")).splitlines()
    assert lines[0].split() == [*_COLUMNS, "offered"]
    table = {line.split()[0]: line.split()[1:] for line in lines[1:]}
    assert table["es"] == [str(TOTAL), "1", str(TOTAL - 2), "1", "0", "1", "no"]
    assert table["en"][-1] == "source"
    offering = run(sandbox.settings, "languages", FEEDBACK_OFFER_DRAFT_LANGUAGES="true")
    table = {line.split()[0]: line.split()[1:] for line in does(offering).splitlines()[1:]}
    assert (table["es"][-1], table["ko"][-1]) == ("no", "yes")


@pytest.mark.parametrize("kind", ["po", "xliff"])
def test_words_go_out_are_changed_and_come_in_again(sandbox, tmp_path, kind):
    file = tmp_path / f"es.{kind}"
    out = run(sandbox.settings, "languages", "export", "es", "--format", kind, "--out", str(file))
    assert does(out) == f"{TOTAL} messages were written to {file}.\n"
    same = does(run(sandbox.settings, "languages", "import", "es", str(file)))
    assert same == (
        f"0 messages were stored (0 as reviewed, 0 as drafts, 0 as changed); {TOTAL} were there already.\n"
    )
    assert rows(sandbox, TranslationRow) == []
    target = {"po": 'msgstr "{}"', "xliff": '<target state="translated">{}</target>'}[kind]
    replace_in(file, target.format("Enviar"), target.format("Mandar"))
    text = does(run(sandbox.settings, "languages", "import", "es", str(file)))
    assert text.startswith("1 message was stored (0 as reviewed, 1 as drafts, 0 as changed);")
    (row,) = rows(sandbox, TranslationRow)
    assert (row.source, row.forms, row.state) == ("Send", ["Mandar"], "draft")
    assert row.who.startswith("command line: ")
    words = sandbox.in_transaction(lambda session: read_words(session, drafts=True))
    assert words.spoken(ES).gettext("Send") == "Mandar"


@ON_SQLITE
def test_a_file_cannot_prove_a_review_and_a_named_person_can(sandbox, tmp_path):
    file = tmp_path / "es.po"
    file.write_bytes(catalog("es", {"Send": "Mandar", **SAFE}, reviewed=True, left_out=["Help"]))
    replace_in(file, 'msgid "Leave"\nmsgstr "Leave"', 'msgid "Leave"\nmsgstr ""')
    process = run(sandbox.settings, "languages", "import", "es", str(file))
    assert process.returncode == 0
    assert "1 message has no translation in the file and stayed as before." in process.stdout
    assert f"{TOTAL - 2} messages say “reviewed”. A file cannot prove" in process.stderr
    assert {row.state for row in rows(sandbox, TranslationRow)} == {"draft"}
    does(run(sandbox.settings, "languages", "import", "es", str(file), "--reviewed-by", "Rosa Díaz"))
    translations = rows(sandbox, TranslationRow)
    (who,) = {row.who for row in translations}
    assert who.startswith("command line: ")
    assert who.endswith(", Rosa Díaz")
    assert {row.state for row in translations} == {"reviewed"}
    assert len(translations) == TOTAL - 2
    assert [it.object for it in rows(sandbox, AuditRow) if it.action == "words.import"] == [
        f"es {TOTAL - 2} messages from {file.name}",
        f"es {TOTAL - 2} messages reviewed by Rosa Díaz from {file.name}",
    ]


def test_a_file_that_nobody_vouched_for_leaves_reviewed_words_in_force_and_waits(sandbox, tmp_path):
    review_all(sandbox, "es")
    before = words_of(sandbox, "es").translations
    file = tmp_path / "es.po"
    file.write_bytes(catalog("es", {"Send": "Mandar", "Leave": "Irse"}, left_out=_all_but("Send", "Leave")))
    text = does(run(sandbox.settings, "languages", "import", "es", str(file)))
    assert text.splitlines() == [
        "0 messages were stored (0 as reviewed, 0 as drafts, 0 as changed); 0 were there already.",
        "2 messages wait for a second person on the staff door: the words there were reviewed.",
    ]
    assert words_of(sandbox, "es").translations == before
    assert "es" in [it.tag for it in sandbox.in_transaction(_offered)]
    proposals = rows(sandbox, ProposalRow)
    assert {(it.source, *it.forms) for it in proposals} == {("Send", "Mandar"), ("Leave", "Irse")}
    assert all(it.who.startswith("command line: ") for it in proposals)
    assert standing(sandbox.settings)["es"]["waiting"] == 2
    assert _entries(sandbox)[-1] == "es 0 messages, 2 wait, from es.po"
    text = does(run(sandbox.settings, "languages", "import", "es", str(file), "--reviewed-by", "Rosa"))
    assert text.startswith("2 messages were stored (2 as reviewed,")
    assert rows(sandbox, ProposalRow) == [], "what is in force waits no more"


@ON_SQLITE
def test_a_file_takes_nobody_s_proposal_over_who_wrote_the_same(sandbox, tmp_path):
    review_all(sandbox, "es")
    mine = [(Message(source="Send"), ("Mandar",)), (Message(source="Leave"), ("Irse ya",))]
    sandbox.in_transaction(lambda session: keep_waiting(session, ES, mine, "tam@county.example"))
    file = tmp_path / "es.po"
    file.write_bytes(catalog("es", {"Send": "Mandar", "Leave": "Irse"}, left_out=_all_but("Send", "Leave")))
    does(run(sandbox.settings, "languages", "import", "es", str(file)))
    authors = {it.source: it.who for it in rows(sandbox, ProposalRow)}
    assert authors["Send"] == "tam@county.example", "he could else agree to his own words"
    assert authors["Leave"].startswith("command line: ")


@ON_SQLITE
def test_drafts_that_a_named_person_read_become_reviewed_as_they_stand(sandbox, tmp_path):
    file = tmp_path / "ko.po"
    out = run(sandbox.settings, "languages", "export", "ko", "--format", "po", "--out", str(file))
    does(out)
    text = does(run(sandbox.settings, "languages", "import", "ko", str(file), "--reviewed-by", "Kim Minji"))
    assert text == (
        f"{TOTAL} messages were stored ({TOTAL} as reviewed, 0 as drafts, 0 as changed);"
        " 0 were there already.\n"
    )
    assert standing(sandbox.settings)["ko"]["reviewed"] == TOTAL
    assert standing(sandbox.settings)["ko"]["offered"]


@ON_SQLITE
def test_nobody_reviews_their_own_file_and_a_name_is_a_name(sandbox, tmp_path):
    file = tmp_path / "es.po"
    file.write_bytes(
        b'msgid ""\nmsgstr ""\n"Language: es\\n"\n"Last-Translator: Rosa <rosa@example.org>\\n"\n'
        b'\nmsgid "Send"\nmsgstr "Mandar"\n'
    )
    for name in ("rosa", "ROSA@example.org"):
        process = run(sandbox.settings, "languages", "import", "es", str(file), "--reviewed-by", name)
        assert "Rosa <rosa@example.org> translated it. Nobody reviews their own words" in refuses(process)
    for name in ("", "  ", "x" * 101, "Ana\u202eRuiz"):
        process = run(sandbox.settings, "languages", "import", "es", str(file), "--reviewed-by", name)
        assert "a name is one line of 1 to 100 characters, all of them visible." in refuses(process)
    assert rows(sandbox, TranslationRow) == []


@ON_SQLITE
def test_reviewed_words_of_one_person_alone_are_listed(sandbox):
    say(sandbox, "es", {Message(source="Send"): "Mandar"}, "reviewed", "tam@county.example")
    say(sandbox, "es", {Message(source="Leave"): "Irse"}, "draft", "tam@county.example")
    say(
        sandbox,
        "ko",
        {Message(source="Leave"): "나가기"},
        "reviewed",
        "tam@county.example, bea@county.example",
    )
    line, total = does(run(sandbox.settings, "languages", "alone")).splitlines()
    columns = line.split("  ")
    assert (columns[0], *columns[2:]) == (
        "es",
        "tam@county.example",
        f"/words/es/{Message(source='Send').key}",
        "“Send”",
    )
    assert total == "1 message with one person alone behind reviewed words."


def _all_but(*sources):
    return [it.source for it in shipped_messages() if it.source not in sources]


async def _offered(session):
    return (await read_words(session, drafts=False)).offered()


def _entries(sandbox):
    return [it.object for it in rows(sandbox, AuditRow) if it.action == "words.import"]


@ON_SQLITE
def test_a_file_with_any_fault_changes_nothing_and_every_fault_is_named(sandbox, tmp_path):
    file = tmp_path / "es.po"
    words = {"Send": "<b>Mandar</b>", "Help": "%(who)s", "Leave": "Irse", **SAFE}
    file.write_bytes(catalog("es", words))
    text = refuses(run(sandbox.settings, "languages", "import", "es", str(file)))
    lines = text.splitlines()
    assert "es, “Send”: holds markup; a message is words alone." in lines
    assert "es, “Help”: %(who)s is no place of the English, or stands there less often." in lines
    assert all(line.startswith("es, “") for line in lines)
    assert not any("Leave" in line for line in lines)
    assert rows(sandbox, TranslationRow) == []
    assert [it for it in rows(sandbox, AuditRow) if it.action == "words.import"] == []


@ON_SQLITE
def test_what_makes_no_sense_is_refused_in_a_sentence(sandbox, tmp_path):
    settings, file = sandbox.settings, tmp_path / "ko.po"
    file.write_bytes(catalog("ko", {}))
    for tag in ("en", "tlh"):
        sentence = refuses(run(settings, "languages", "export", tag, "--format", "po", "--out", str(file)))
        assert f"“{tag}” is not one of es, zh-Hans" in sentence
    assert "says that it is in “ko”" in refuses(run(settings, "languages", "import", "es", str(file)))
    file.write_bytes(b"no catalog")
    assert "is no .po file" in refuses(run(settings, "languages", "import", "ko", str(file)))
    sentence = refuses(run(settings, "languages", "export", "es", "--format", "po", "--out", "/nowhere/x"))
    assert sentence == "/nowhere/x: No such file or directory.\n"


@ON_SQLITE
def test_a_program_that_gets_another_name_keeps_its_old_words_as_changed(sandbox, tmp_path):
    plan = resources.files("surveys") / "county_plan" / "programs.json"
    registry = json.loads(plan.read_text(encoding="utf-8"))
    frp = next(it for it in registry["programs"] if it["id"] == "frp")
    before, frp["said_as"]["youth"] = frp["said_as"]["youth"], "the Thursday group"
    public, frp["public_name"] = frp["public_name"], "Groups on a Thursday"
    file = tmp_path / "programs.json"
    file.write_text(json.dumps(registry), encoding="utf-8")
    does(run(sandbox.settings, "programs", "import", str(file)))
    words = sandbox.in_transaction(lambda session: read_words(session, drafts=True))
    translation = words.spoken(ES).translations["the Thursday group"]
    assert (translation.state, translation.made_for) == ("changed", before)
    translation = words.spoken(ES).translations["Groups on a Thursday"]
    assert (translation.state, translation.made_for) == ("changed", public)
    assert standing(sandbox.settings)["es"]["changed"] == 2
