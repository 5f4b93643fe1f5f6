"""Doctor says what is well and what needs somebody, and nothing about anybody's answers."""

import msgspec
import pytest
from sqlalchemy import update

from feedback import deployment
from feedback.fieldwork.reading_plans import ReadingPlan, record_plan
from feedback.languages import LANGUAGES
from feedback.operations.doctor import Finding, examine
from feedback.staff.audit import read_chain, record
from feedback.storage import keys
from feedback.storage.facts import Fact, forget, note
from feedback.storage.staff_tables import AuditRow
from feedback.storage.tables import ValueRow
from feedback.translations.catalogs import shipped_messages
from tests.support.catalogs import catalog, shipped
from tests.support.unguarded import unguard

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where the promise is about files and words, one database is enough."""
TOTAL = len(shipped_messages())
FOLDERS = {it.tag: it.folder for it in LANGUAGES.values() if it.tag != "en"}


@pytest.fixture(autouse=True)
def unread(sandbox):
    sandbox.end_reading()


@ON_SQLITE
def test_reading_plans_of_made_up_answers_need_somebody_where_answers_are_real(sandbox):
    made_up = msgspec.structs.replace(sandbox.settings, made_up=True)
    plan = ReadingPlan(
        program="frp", readers="Two advisers", days=9, danger="They call 988.", recorded_on=made_up.today
    )
    sandbox.in_transaction(lambda session: record_plan(session, made_up, plan))
    (finding,) = (it for it in sandbox.run(examine) if it.sentence.startswith("Words are asked for"))
    assert "about frp, and nobody can open one yet" in finding.sentence
    sandbox.settings = made_up
    assert not any(it.sentence.startswith("Words are asked for") for it in sandbox.run(examine))


def diagnose(sandbox, *, rewritten_on="today", **changes):
    """What doctor says where a survey door has run today, unless told otherwise."""
    day = sandbox.settings.today.isoformat() if rewritten_on == "today" else rewritten_on
    sandbox.settings = msgspec.structs.replace(sandbox.settings, **changes)
    sandbox.in_transaction(lambda session: note(session, Fact.INBOX_REWRITTEN, day))
    return sandbox.run(examine)


def language_findings(sandbox, **changes):
    return [it for it in diagnose(sandbox, **changes) if "messages are reviewed by a person" in it.sentence]


def to_do(findings):
    return [finding.sentence for finding in findings if not finding.well]


def well(findings):
    return [finding.sentence for finding in findings if finding.well]


def test_a_new_deployment_is_well_but_for_its_unwrapped_key(sandbox, database_url):
    kind = "postgresql" if database_url else "sqlite"
    findings = diagnose(sandbox)
    assert well(findings)[:3] == [
        f"The database answers: {kind}.",
        "The next release is 2026Q3, due on 2026-10-15.",
        "The inbox was last rewritten in random order on 2026-08-15.",
    ]
    assert f"The audit log is unbroken: 0 entries, last hash {'0' * 64}." in well(findings)[3]
    assert to_do(findings) == [
        f"The private {name} key has no passphrase: for rehearsals and tests only."
        for name in ("release", "review")
    ]


@ON_SQLITE
def test_where_answers_are_made_up_an_unwrapped_key_is_well(sandbox):
    assert to_do(diagnose(sandbox, made_up=True)) == []


@ON_SQLITE
def test_a_wrapped_key_on_this_machine_is_well_but_better_kept_elsewhere(sandbox):
    for name in keys.PRIVATE:
        private = sandbox.settings.keys / name
        private.write_bytes(
            msgspec.json.encode(keys.WrappedKey(kind="argon2id", salt=b"s" * 16, sealed=b"sealed"))
        )
    findings = diagnose(sandbox)
    assert to_do(findings) == []
    for name in ("release", "review"):
        assert (
            f"The private {name} key is on this machine, wrapped; in production keep it elsewhere."
            in well(findings)
        )


@ON_SQLITE
def test_a_key_that_is_not_on_this_machine_is_not_spoken_of(sandbox):
    for name in keys.PRIVATE:
        (sandbox.settings.keys / name).unlink()
    findings = diagnose(sandbox)
    assert to_do(findings) == []
    assert not any("private" in sentence for sentence in well(findings))


@ON_SQLITE
def test_a_damaged_key_file_is_one_finding_among_the_others(sandbox):
    for name in keys.PRIVATE:
        (sandbox.settings.keys / name).write_text("{")
    findings = diagnose(sandbox)
    assert [sentence.rpartition("/")[2] for sentence in to_do(findings)] == [
        "release.private is not a private key file.",
        "review.private is not a private key file.",
    ]
    assert "The audit log is unbroken" in " ".join(well(findings))


@ON_SQLITE
def test_a_release_that_is_due_needs_somebody(sandbox):
    assert to_do(diagnose(sandbox.on("2026-10-14"), made_up=True)) == []
    for day in ("2026-10-15", "2026-12-31"):
        assert to_do(diagnose(sandbox.on(day), made_up=True)) == [
            "The release of 2026Q3 is due since 2026-10-15: run `feedback release`."
        ]


@pytest.mark.slow
def test_a_ledger_is_compared_with_what_the_last_release_left(sandbox):
    sandbox.answer(11)
    sandbox.on("2026-10-15").release()
    findings = diagnose(sandbox, made_up=True)
    assert to_do(findings) == []
    assert any(it.startswith("The ledger is as the last release left it") for it in well(findings))


def test_a_ledger_somebody_changed_is_found(sandbox):
    sandbox.answer(11)
    sandbox.on("2026-10-15").release()

    async def embellish(session):
        better = update(ValueRow).where(ValueRow.item == "score").values(value=ValueRow.value + 1)
        await session.execute(better)

    sandbox.in_transaction(embellish)
    assert to_do(diagnose(sandbox, made_up=True)) == ["The ledger is NOT as the release of 2026Q3 left it."]


def test_an_inbox_left_in_order_of_arrival_for_three_days_needs_somebody(sandbox):
    inbox = "The inbox was last rewritten in random order on"
    who = "a running survey door does it every day: see that one runs"
    for day, finding in (
        ("2026-08-13", Finding(True, f"{inbox} 2026-08-13.")),
        ("2026-08-12", Finding(False, f"{inbox} 2026-08-12; {who}.")),
    ):
        assert finding in diagnose(sandbox, rewritten_on=day)


@ON_SQLITE
def test_an_inbox_of_a_version_that_did_not_rewrite_needs_somebody(sandbox):
    sandbox.in_transaction(lambda session: forget(session, Fact.INBOX_REWRITTEN))
    sentences = [finding.sentence for finding in sandbox.run(examine) if not finding.well]
    assert (
        "The inbox was never rewritten in random order; a running survey door does it every day: "
        "see that one runs." in sentences
    )


def test_what_a_stopped_release_did_not_overwrite_is_named(sandbox):
    sandbox.in_transaction(lambda session: note(session, Fact.COMPACTION_DUE, "2026Q3"))
    assert to_do(diagnose(sandbox, made_up=True)) == [
        "What was deleted last is not overwritten yet; a running survey door tries again every hour."
    ]


def test_a_broken_audit_log_is_found_where_it_breaks(sandbox):
    async def write(session):
        await record(session, "Alice", "link.add", "k3mw9xab")
        await record(session, "Ben", "link.close", "k3mw9xab")

    async def change(session):
        await unguard(session)
        await session.execute(update(AuditRow).where(AuditRow.id == 2).values(who="Alice"))
        return (await read_chain(session)).last

    sandbox.in_transaction(write)
    last = sandbox.in_transaction(change)
    breaks, unguarded = to_do(diagnose(sandbox, made_up=True))
    assert breaks.startswith(f"The audit log breaks at entry 2: 2 entries, last hash {last}.")
    assert unguarded.startswith("The database does not refuse changes to the audit log any more")


@ON_SQLITE
def test_the_sentence_about_the_log_says_what_its_chain_cannot_show(sandbox):
    (sentence,) = [it for it in well(diagnose(sandbox)) if it.startswith("The audit log")]
    assert sentence.endswith(
        "A log whose end was cut off looks unbroken too: compare both with what you wrote down."
    )


@ON_SQLITE
def test_every_variable_is_named_with_what_holds(sandbox):
    (sentence,) = [it for it in well(diagnose(sandbox)) if it.startswith("Settings: ")]
    assert "FEEDBACK_SURVEY_URL=http://127.0.0.1:8001, " in sentence
    assert "FEEDBACK_TODAY=2026-08-15, " in sentence
    assert "FEEDBACK_RELEASE_PUBLIC_KEY=-, " in sentence


@ON_SQLITE
def test_a_language_nobody_has_reviewed_is_named(sandbox):
    catalogs = {folder: catalog(tag, {}, reviewed=True) for tag, folder in FOLDERS.items()}
    with shipped(**catalogs | {"hy": catalog("hy", {}, flags={"Send": ("reviewed",)})}):
        for drafts, ending in ((False, "not offered"), (True, "it is offered")):
            (finding,) = language_findings(sandbox, offer_draft_languages=drafts)
            assert finding == Finding(
                True, f"hy: 1 of {TOTAL} messages are reviewed by a person; {ending} to respondents."
            )


@pytest.mark.slow
@ON_SQLITE
def test_a_language_that_respondents_would_have_but_for_a_few_messages_needs_somebody(sandbox):
    catalogs = {folder: catalog(tag, {}, reviewed=True) for tag, folder in FOLDERS.items()}
    words = catalog("hy", {}, reviewed=True, flags={"Send": ("fuzzy",)}, left_out=["Leave", "Help"])
    with shipped(**catalogs | {"hy": words}):
        (finding,) = language_findings(sandbox)
    assert finding == Finding(
        False,
        f"hy: {TOTAL - 3} of {TOTAL} messages are reviewed by a person, the English of 1 changed since, "
        "2 are missing; not offered to respondents.",
    )
    drafts_alone = catalog("hy", {}, left_out=["Leave"])
    for drafts in (False, True):
        with shipped(**catalogs | {"hy": drafts_alone}):
            (finding,) = language_findings(sandbox, offer_draft_languages=drafts)
        assert finding.well is not drafts, "a draft that is not offered may wait"


@ON_SQLITE
def test_doctor_says_the_same_however_many_have_answered(sandbox):
    before = diagnose(sandbox)
    sandbox.answer(12)
    assert diagnose(sandbox) == before


@ON_SQLITE
def test_a_deployment_of_a_survey_door_alone_can_be_examined(sandbox):
    """It has no private key at all, and its release key may come from the settings."""
    for name in (keys.RELEASE_PRIVATE, keys.REVIEW_PRIVATE, keys.RELEASE_PUBLIC):
        (sandbox.settings.keys / name).unlink()
    assert to_do(diagnose(sandbox, release_public_key="ab" * 32)) == []
    assert deployment.read_deployment(sandbox.settings).inbox.public


@ON_SQLITE
def test_a_help_line_whose_review_is_due_is_named(sandbox):
    assert not [it for it in to_do(diagnose(sandbox.on("2026-12-31"))) if "Help line" in it]
    sentences = [it for it in to_do(diagnose(sandbox.on("2027-01-01"))) if "Help line" in it]
    assert sentences[0] == (
        "Help line 988: call it and compare; the review was due on 2026-12-31 (surveys/help.toml)."
    )
    assert len(sentences) == 6
