"""A backup holds everything but what opens an answer, and comes back as it was."""

import asyncio
import hashlib
import json
import stat
import zipfile

import msgspec
import pytest
from sqlalchemy import delete, select

from feedback.deployment import NotReady, read_staff_keys
from feedback.fieldwork.instruments import add_instrument, known_instruments
from feedback.languages import LANGUAGES
from feedback.operations import backups as module
from feedback.operations.archives import BackupRefused
from feedback.operations.backups import read_backup, write_backup
from feedback.release.ledgerfiles import NEVER_RELEASED, ledger_path, read_ledger_file
from feedback.results.queries import read_releases
from feedback.settings import Settings
from feedback.staff.accounts import add_user
from feedback.staff.audit import read_chain, record
from feedback.storage import keys
from feedback.storage.facts import Fact
from feedback.storage.staff_tables import EVERY_TABLE, AuditRow, UserRow
from feedback.storage.tables import DeploymentRow, InboxRow
from feedback.translations.catalogs import Message
from feedback.translations.proposals import all_proposals, keep_waiting
from surveys.answers import Response
from surveys.instruments import shipped_instruments
from tests.support.databases import new_database
from tests.support.people import Person
from tests.support.sandbox import Sandbox
from tests.support.stored import put_sealed_before, sealed_rows
from tests.support.translators import say, words_of

HER_WORDS = "the van came late and nobody told me"

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where the promise is about files and words, one database is enough."""


@pytest.fixture
def lived_in(sandbox):
    """Eleven people were let out, five wait (Mia wrote something), Carla has an account, a link hangs."""
    sandbox.answer(11)
    sandbox.user("carla@county.example")
    sandbox.on("2026-10-15").release()
    sandbox.answer(5, program="syz", answers={"going-well": HER_WORDS})
    return sandbox


def write(sandbox, file):
    sandbox.run(lambda deployment: write_backup(deployment, file, "Rosa"))
    return file


def restore(file, settings, fingerprint=None):
    asyncio.run(read_backup(settings, file, "Rosa", fingerprint))
    return RestoredCopy(settings)


class RestoredCopy(Sandbox):
    """A deployment that was not made but restored."""

    def __init__(self, settings):
        self.settings = settings


@pytest.fixture
def elsewhere(sandbox, tmp_path, request):
    """Another machine: an empty home, and an empty database of the same kind."""
    url = sandbox.settings.database_url and new_database(request.getfixturevalue("postgres"))
    return msgspec.structs.replace(sandbox.settings, home=tmp_path / "elsewhere", database_url=url)


def everything(sandbox):
    """Every row of every table, but what a restore itself leaves: its entry, and that it was one."""

    async def read(session):
        queries = {
            table.name: select(table).order_by(*table.primary_key) for table in EVERY_TABLE.sorted_tables
        }
        queries["audit"] = queries["audit"].where(AuditRow.action != "restore")
        queries["deployment"] = queries["deployment"].where(DeploymentRow.name != Fact.RESTORED)
        return {name: [tuple(row) for row in await session.execute(it)] for name, it in queries.items()}

    return sandbox.in_transaction(read)


def log_entries(sandbox):
    async def entries(session):
        rows = (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars()
        return [(row.who, row.action, row.object) for row in rows]

    return sandbox.in_transaction(entries)


def chain_of(sandbox):
    return sandbox.in_transaction(read_releases)[0].chain_sha256


def contents(file):
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(file, changes, *, lists_it=True):
    """Write a backup with some parts changed, or left out where the change is None.

    Somebody who can do that can also list the new parts, but not seal the list.
    """
    parts = {name: content for name, content in {**contents(file), **changes}.items() if content is not None}
    parts = {name: it.encode() if isinstance(it, str) else it for name, it in parts.items()}
    if lists_it:
        digests = {
            name: hashlib.sha256(it).hexdigest()
            for name, it in parts.items()
            if name not in ("parts.json", "seal")
        }
        parts["parts.json"] = json.dumps(digests).encode()
    other = file.with_name("other.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return other


@pytest.mark.slow
def test_everything_comes_back_in_another_home(lived_in, elsewhere, tmp_path):
    file = write(lived_in, tmp_path / "heard.zip")
    restored = restore(file, elsewhere)
    assert everything(restored) == everything(lived_in)
    assert len(everything(restored)["inbox"]) == 5
    assert restored.tables() == lived_in.tables()
    assert restored.ledger() == lived_in.ledger()
    assert restored.in_transaction(read_chain).broken is None
    for name in ("settings.toml", "keys/release.public", "keys/review.public", "keys/inbox.secret"):
        assert (elsewhere.home / name).read_bytes() == (lived_in.settings.home / name).read_bytes()


def test_a_restore_is_the_next_entry_of_the_log_it_brought_back(lived_in, elsewhere, tmp_path):
    restored = restore(write(lived_in, tmp_path / "heard.zip"), elsewhere)

    assert log_entries(restored) == [
        ("Rosa", "release", f"2026Q3, fingerprint {chain_of(restored)}"),
        ("Rosa", "backup", "heard.zip"),
        ("Rosa", "restore", "heard.zip, not checked"),
    ]
    chain = restored.in_transaction(read_chain)
    assert (chain.entries, chain.broken, chain.guarded) == (3, None, True)


@pytest.mark.slow
def test_a_deployment_s_own_instrument_comes_back_and_an_older_backup_has_none(sandbox, elsewhere, tmp_path):
    own = msgspec.structs.replace(shipped_instruments()["protocol-youth"], id="vista-visit")
    sandbox.in_transaction(lambda session: add_instrument(session, own, sandbox.settings.today))
    file = write(sandbox, tmp_path / "own.zip")
    older = restore(rewrite(file, {"tables/instruments.json": None}), elsewhere)
    assert older.in_transaction(known_instruments) == shipped_instruments()
    again = msgspec.structs.replace(elsewhere, home=tmp_path / "again", database_url="")
    assert restore(file, again).in_transaction(known_instruments)["vista-visit"] == own


@pytest.mark.slow
def test_words_in_force_and_those_that_wait_come_back_and_an_older_backup_has_none_that_wait(
    sandbox, elsewhere, tmp_path
):
    send, leave = Message(source="Send"), Message(source="Leave")
    say(sandbox, "es", {send: "Mandar"}, "reviewed", "tam@county.example, bea@county.example")
    waits = [(send, ("Mandar ya",)), (leave, ("Irse",))]
    sandbox.in_transaction(lambda s: keep_waiting(s, LANGUAGES["es"], waits, "tam@county.example"))
    before = sandbox.in_transaction(all_proposals)
    assert set(before["es"]) == {send.key, leave.key}
    file = write(sandbox, tmp_path / "words.zip")
    older = restore(rewrite(file, {"tables/proposals.json": None}), elsewhere)
    assert older.in_transaction(all_proposals) == {}
    assert words_of(older, "es").gettext("Send") == "Mandar"
    again = restore(file, msgspec.structs.replace(elsewhere, home=tmp_path / "again", database_url=""))
    assert again.in_transaction(all_proposals) == before
    assert words_of(again, "es").translations == words_of(sandbox, "es").translations


@pytest.mark.slow
def test_a_restored_deployment_goes_on_working(lived_in, elsewhere, tmp_path):
    """PostgreSQL counts rows by itself and must be told where to go on."""
    restored = restore(write(lived_in, tmp_path / "heard.zip"), elsewhere)

    async def work(session):
        await record(session, "Rosa", "restore", "heard.zip")
        await add_user(session, "dana@county.example", "reviewer", None)
        entries = (await session.execute(select(AuditRow.id).order_by(AuditRow.id))).scalars().all()
        return entries, (await session.execute(select(UserRow.id).order_by(UserRow.id))).scalars().all()

    assert restored.in_transaction(work) == ([1, 2, 3, 4], [1, 2])
    assert restored.in_transaction(read_chain).broken is None


@pytest.mark.slow
def test_an_empty_table_counts_from_one_after_a_restore(sandbox, tmp_path, request):
    url = sandbox.settings.database_url and new_database(request.getfixturevalue("postgres"))
    target = msgspec.structs.replace(sandbox.settings, home=tmp_path / "elsewhere", database_url=url)
    restored = restore(write(sandbox, tmp_path / "heard.zip"), target)
    restored.user("carla@county.example")
    assert [row[0] for row in everything(restored)["users"]] == [1]


@pytest.mark.slow
def test_the_release_key_put_back_releases_what_was_restored(lived_in, elsewhere, tmp_path):
    lived_in.answer(11, program="detention")
    restored = restore(write(lived_in, tmp_path / "heard.zip"), elsewhere)
    private = lived_in.settings.keys / keys.RELEASE_PRIVATE
    (elsewhere.keys / keys.RELEASE_PRIVATE).write_bytes(private.read_bytes())
    newest = read_ledger_file(ledger_path(lived_in.settings, "2026Q3"))
    restored.on("2027-01-15").release(newest=newest)
    batches = [(it.owner, it.n, it.release) for it in restored.ledger() if it.kind == "pulse"]
    assert batches == [("frp", 11, "2026Q3"), ("detention", 11, "2026Q4")]


@pytest.mark.slow
@ON_SQLITE
def test_no_private_key_is_in_a_backup_under_whatever_name(lived_in, tmp_path):
    folder = lived_in.settings.keys
    (folder / "release.private.old").write_bytes((folder / keys.RELEASE_PRIVATE).read_bytes())
    parts = contents(write(lived_in, tmp_path / "heard.zip"))
    assert {name for name in parts if not name.startswith("tables/")} == {
        "format",
        "parts.json",
        "seal",
        "home/settings.toml",
        "home/keys/release.public",
        "home/keys/review.public",
        "home/keys/inbox.secret",
    }
    content = b"".join(parts.values())
    for name in keys.PRIVATE:
        sealed_key = msgspec.json.decode((folder / name).read_bytes())["sealed"]
        assert sealed_key.encode() not in content
        assert bytes(keys.read_private(folder / name, None)) not in content
    assert (folder / keys.STAFF_SECRET).read_bytes().strip() not in content


@pytest.mark.slow
def test_whoever_restores_a_backup_is_not_signed_in_and_makes_no_codes(lived_in, elsewhere, tmp_path):
    carla = Person(lived_in, "nina@county.example")
    token = lived_in.session(carla.email)
    restored = restore(write(lived_in, tmp_path / "heard.zip"), elsewhere)
    assert read_staff_keys(elsewhere) != carla.keys, "the restored door has a secret of its own"
    carla.sandbox, carla.keys = restored, read_staff_keys(elsewhere)
    assert carla.session_of(token) is None
    half = carla.give_password()
    assert [carla.give_code(half, code) for code in (carla.code(), carla.recovery[0])] == [None, None]


@pytest.mark.slow
def test_with_the_old_staff_secret_put_back_everybody_signs_in_as_before(lived_in, elsewhere, tmp_path):
    carla = Person(lived_in, "nina@county.example")
    restored = restore(write(lived_in, tmp_path / "heard.zip"), elsewhere)
    old = (lived_in.settings.keys / keys.STAFF_SECRET).read_bytes()
    (elsewhere.keys / keys.STAFF_SECRET).write_bytes(old)
    carla.sandbox = restored
    assert carla.sign_in()


def test_no_answer_is_readable_in_a_backup(lived_in, tmp_path):
    parts = contents(write(lived_in, tmp_path / "heard.zip"))
    rows = json.loads(parts["tables/inbox.json"])
    assert len(rows) == 5
    assert {len(row["sealed"]) for row in rows} == {10_988}  # 8,240 bytes in base 64
    assert [row["key"] for row in rows] == [
        row["key"] for row in sorted(rows, key=lambda row: module.base64.b64decode(row["key"]))
    ]
    content = b"".join(parts.values())
    assert HER_WORDS.encode() not in content
    assert b"core-safety" not in parts["tables/inbox.json"]


@ON_SQLITE
def test_only_the_owner_may_read_a_backup(sandbox, tmp_path):
    file = write(sandbox, tmp_path / "heard.zip")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.parametrize("there_already", [False, True])
def test_only_the_owner_may_read_what_was_restored(lived_in, elsewhere, tmp_path, there_already):
    if there_already:
        elsewhere.keys.mkdir(mode=0o755, parents=True)
        elsewhere.home.chmod(0o755)
        (elsewhere.home / "settings.toml").touch(mode=0o644)
    restore(write(lived_in, tmp_path / "heard.zip"), elsewhere)
    modes = {str(it.relative_to(elsewhere.home)): it.stat().st_mode for it in elsewhere.home.rglob("*")}
    open_to_others = {name: oct(mode) for name, mode in modes.items() if stat.S_IMODE(mode) & 0o077}
    assert open_to_others == {}
    assert "feedback.db" in modes
    assert stat.S_IMODE(elsewhere.home.stat().st_mode) == 0o700


OTHER_KEY = {"home/keys/release.public": "ab" * 32 + "\n"}


@pytest.mark.slow
def test_a_changed_backup_is_not_restored_where_the_staff_secret_is(lived_in, elsewhere, tmp_path):
    """With a release key of its own, whoever changed the backup would read every later answer."""
    backup = write(lived_in, tmp_path / "heard.zip")
    elsewhere.keys.mkdir(parents=True)
    secret = elsewhere.keys / keys.STAFF_SECRET
    secret.write_bytes((lived_in.settings.keys / keys.STAFF_SECRET).read_bytes())
    with pytest.raises(BackupRefused, match="was changed since it was written"):
        restore(rewrite(backup, OTHER_KEY), elsewhere)
    assert list(elsewhere.keys.iterdir()) == [secret]
    restored = restore(backup, elsewhere)
    assert everything(restored) == everything(lived_in)
    (log,) = [row for row in log_entries(restored) if row[1] == "restore"]
    assert log == ("Rosa", "restore", "heard.zip")


@ON_SQLITE
def test_a_changed_backup_does_not_have_the_fingerprint_that_was_written_down(lived_in, elsewhere, tmp_path):
    file = tmp_path / "heard.zip"
    fingerprint = lived_in.run(lambda deployment: write_backup(deployment, file, "Rosa"))
    for change in (
        OTHER_KEY,
        {"tables/users.json": "[]"},
        {"home/settings.toml": "leave_to = 'https://x.example'"},
    ):
        with pytest.raises(BackupRefused, match="does not have this fingerprint"):
            restore(rewrite(file, change), elsewhere, fingerprint)
        assert not elsewhere.home.exists()
    restore(file, elsewhere, fingerprint.replace(" ", "").upper())


@ON_SQLITE
def test_a_part_that_its_list_does_not_have_is_refused_by_everybody(lived_in, elsewhere, tmp_path):
    backup = write(lived_in, tmp_path / "heard.zip")
    for change in (OTHER_KEY, {"home/keys/release.private": "more"}, {"tables/passkeys.json": None}):
        with pytest.raises(BackupRefused, match="a part differs from the list of its parts"):
            restore(rewrite(backup, change, lists_it=False), elsewhere)
    assert not elsewhere.home.exists()


@pytest.mark.slow
@ON_SQLITE
def test_a_restore_nothing_could_check_says_which_fingerprints_to_compare(lived_in, elsewhere, tmp_path):
    file = tmp_path / "heard.zip"
    fingerprint = lived_in.run(lambda deployment: write_backup(deployment, file, "Rosa"))
    report = asyncio.run(read_backup(elsewhere, file, "Rosa"))
    assert (report.fingerprint, report.is_checked) == (fingerprint, False)
    private = keys.read_private(lived_in.settings.keys / keys.RELEASE_PRIVATE, None)
    assert report.release_key == keys.fingerprint(bytes(private.public_key))


@pytest.mark.slow
@ON_SQLITE
def test_a_backup_that_unpacks_without_bound_is_refused_before_it_is_unpacked(
    lived_in, elsewhere, tmp_path, monkeypatch
):
    backup = write(lived_in, tmp_path / "heard.zip")
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents(backup).items():
            archive.writestr(name, content)
        with archive.open("tables/more.json", "w", force_zip64=True) as part:
            for _ in range(200):
                part.write(bytes(1 << 20))
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(BackupRefused, match="would unpack to far more than a backup does"):
        restore(bomb, elsewhere)
    assert not elsewhere.home.exists()


@ON_SQLITE
def test_a_backup_is_in_the_audit_log_and_the_log_in_the_backup(sandbox, tmp_path):
    parts = contents(write(sandbox, tmp_path / "heard.zip"))
    (entry,) = json.loads(parts["tables/audit.json"])
    assert (entry["who"], entry["action"], entry["object"]) == ("Rosa", "backup", "heard.zip")


@ON_SQLITE
def test_a_backup_never_replaces_another(sandbox, tmp_path):
    file = write(sandbox, tmp_path / "heard.zip")
    before = file.read_bytes(), everything(sandbox)
    with pytest.raises(BackupRefused, match="a backup never replaces another"):
        write(sandbox, file)
    assert (file.read_bytes(), everything(sandbox)) == before


@ON_SQLITE
def test_a_backup_that_cannot_be_finished_leaves_no_half_of_itself(sandbox, tmp_path):
    (sandbox.settings.home / "settings.toml").unlink()
    with pytest.raises(FileNotFoundError):
        write(sandbox, tmp_path / "heard.zip")
    assert not (tmp_path / "heard.zip").exists()


@pytest.mark.slow
def test_a_backup_is_of_one_moment(lived_in, tmp_path, monkeypatch):
    """A release between two tables would leave its people both waiting and let out: released twice later."""
    real = module._dump
    tables = []

    async def dump(session, table):
        if not tables:
            tables.append(table.name)
            await session.execute(select(AuditRow.id))
            await asyncio.to_thread(lived_in.in_transaction, empty_the_inbox)
        return await real(session, table)

    async def empty_the_inbox(session):
        await session.execute(delete(InboxRow))

    monkeypatch.setattr(module, "_dump", dump)
    parts = contents(write(lived_in, tmp_path / "heard.zip"))
    assert tables
    assert len(json.loads(parts["tables/inbox.json"])) == 5
    assert everything(lived_in)["inbox"] == []


@pytest.mark.slow
@ON_SQLITE
def test_a_deployment_is_never_restored_over_another(lived_in, tmp_path):
    file = write(lived_in, tmp_path / "heard.zip")
    before = everything(lived_in)
    with pytest.raises(BackupRefused, match=r"There is a deployment in .* already"):
        restore(file, lived_in.settings)
    assert everything(lived_in) == before


@pytest.mark.slow
def test_a_database_that_is_in_use_is_not_restored_into(lived_in, tmp_path):
    file = write(lived_in, tmp_path / "heard.zip")
    before = everything(lived_in)
    same_database = msgspec.structs.replace(
        lived_in.settings, home=tmp_path / "elsewhere", database_url=lived_in.settings.url
    )
    with pytest.raises(BackupRefused, match=r"The database holds .* already; restore into an empty one"):
        restore(file, same_database)
    assert everything(lived_in) == before
    assert not same_database.keys.exists()


def row_of(table, **changes):
    """A change to the first row of a table in a backup."""

    def change(parts):
        rows = json.loads(parts[f"tables/{table}.json"])
        rows[0].update(changes)
        return {f"tables/{table}.json": json.dumps(rows)}

    return change


def twice(table):
    return lambda parts: {f"tables/{table}.json": json.dumps(json.loads(parts[f"tables/{table}.json"]) * 2)}


GOOD = Response(
    program="frp",
    audience="youth",
    instrument="protocol-youth",
    language="es",
    period="2026Q3",
    origin="live",
    answers={"core-safety": "5"},
)
VERSION_1 = {"tables/batch_values.json": None, "tables/tallies.json": "[]"}
"""What tells a backup of version 1 of the release rule from one of today, where nothing was released."""


@pytest.mark.slow
def test_a_backup_of_the_version_before_is_restored_where_nothing_was_released(sandbox, elsewhere, tmp_path):
    sandbox.user("carla@county.example")
    sandbox.link("syz")
    put_sealed_before(sandbox, [GOOD] * 11)
    older = rewrite(write(sandbox, tmp_path / "heard.zip"), VERSION_1)
    restored = restore(older, elsewhere)
    assert everything(restored) == everything(sandbox)
    private = sandbox.settings.keys / keys.RELEASE_PRIVATE
    (elsewhere.keys / keys.RELEASE_PRIVATE).write_bytes(private.read_bytes())
    assert list(sealed_rows(restored).values()) == [GOOD] * 11
    outcome = restored.on("2026-10-15").release(newest=NEVER_RELEASED)
    assert (outcome.batches, outcome.unreadable) == (1, 0)


OF_VERSION_1 = {
    "tables/releases.json": [
        {
            "period": "2026Q3",
            "released_at": "2026-10-15T12:00:00",
            "released_on": "2026-10-15",
            "operator": "Rosa",
            "rule": "frozen-batches-1",
            "policy": {},
            "batches": [],
            "entered": 0,
            "ledger_sha256": "",
            "published_sha256": "",
            "chain_sha256": "",
        }
    ],
    "tables/batches.json": [
        {
            "id": "B00001",
            "kind": "program",
            "owner": "frp",
            "audience": "youth",
            "origin": "live",
            "first": "2026Q3",
            "last": "2026Q3",
            "release": "2026Q3",
            "n": 11,
            "contractor": None,
            "rule": "frozen-batches-1",
        }
    ],
    "tables/tallies.json": [{"batch": "B00001", "item": "core-safety:favourable", "count": 7}],
    "tables/published.json": [
        {"release": "2026Q3", "position": 0, "name": "T1", "contractor": None, "row": {}}
    ],
}


@pytest.mark.parametrize("holds", [1, len(OF_VERSION_1)], ids=["a release of nothing", "a ledger"])
def test_a_backup_with_a_release_under_the_version_before_is_refused_and_restores_nothing(
    sandbox, elsewhere, tmp_path, holds
):
    sandbox.answer(5)
    old_tables = {name: json.dumps(rows) for name, rows in list(OF_VERSION_1.items())[:holds]}
    older = rewrite(write(sandbox, tmp_path / "heard.zip"), {**VERSION_1, **old_tables})
    with pytest.raises(BackupRefused) as refused:
        restore(older, elsewhere)
    assert str(refused.value) == (
        f"{older} holds a release under another version of the release rule (frozen-batches-1, not 2), and no"
        " ledger of that version can be brought to this one: it was drawn with other noise than is promised"
        " now. Nothing was restored."
    )
    assert not elsewhere.home.exists()
    restored = restore(rewrite(older, dict.fromkeys(old_tables, "[]")), elsewhere)
    assert everything(restored) == everything(sandbox), (
        "nothing stands in the way, not in the database either"
    )


DAMAGED = "is not a backup, or a damaged one"
DAMAGES = (
    (lambda _: {"format": b"heard-backup-9"}, "is a backup of another version"),
    (lambda _: {"format": None}, DAMAGED),
    (lambda _: {"tables/inbox.json": None}, DAMAGED),
    (lambda _: {"tables/inbox.json": b"["}, DAMAGED),
    (lambda _: {"tables/inbox.json": b"[1]"}, DAMAGED),
    (lambda _: {"tables/inbox.json": b'[{"key": "a"}]'}, DAMAGED),
    (lambda _: {"tables/inbox.json": b'[{"key": "*", "sealed": ""}]'}, DAMAGED),
    (lambda _: {"home/keys/release.public": None}, DAMAGED),
    (lambda _: {"home/settings.toml": b"= 1"}, DAMAGED),
    (row_of("programs", position="first"), DAMAGED),
    (row_of("releases", released_on="soon"), DAMAGED),
    (lambda _: {"tables/releases.json": None}, DAMAGED),
    (lambda _: {"tables/releases.json": b"[1]"}, DAMAGED),
    (lambda _: {"tables/releases.json": b"[]"}, "is a damaged backup; nothing was restored"),
    (row_of("releases", rule="1"), r"another version of the release rule \(1, not 2\)"),
    (row_of("releases", rule=None), r"another version of the release rule \(None, not 2\)"),
    (row_of("batches", release="2019Q1"), "is a damaged backup; nothing was restored"),
    (row_of("programs", position=None), "is a damaged backup; nothing was restored"),
    (twice("batch_values"), "is a damaged backup; nothing was restored"),
)


@pytest.mark.slow
def test_a_damaged_backup_restores_nothing(lived_in, elsewhere, tmp_path):
    backup = write(lived_in, tmp_path / "heard.zip")
    for change, sentence in DAMAGES:
        with pytest.raises(BackupRefused, match=sentence):
            restore(rewrite(backup, change(contents(backup))), elsewhere)
        assert not elsewhere.keys.exists()
    assert everything(restore(backup, elsewhere)) == everything(lived_in)  # nothing stands in the way


@pytest.mark.parametrize("content", [b"", b"a letter", b"PK\x05\x06"])
def test_another_file_is_no_backup(tmp_path, content):
    (tmp_path / "letter.txt").write_bytes(content)
    with pytest.raises(BackupRefused, match=r"letter\.txt is not a backup, or a damaged one"):
        restore(tmp_path / "letter.txt", Settings(home=tmp_path / "home"))
    assert not (tmp_path / "home").exists()


@pytest.mark.slow
@ON_SQLITE
def test_a_file_in_a_backup_cannot_climb_out_of_the_home(lived_in, elsewhere, tmp_path):
    climbing = rewrite(write(lived_in, tmp_path / "heard.zip"), {"home/../../climbed": b"out"})
    restore(climbing, elsewhere)
    assert not list(tmp_path.parent.rglob("climbed"))


@ON_SQLITE
def test_settings_that_name_a_database_need_one_named_for_the_restore(sandbox, tmp_path):
    """Otherwise the restored deployment would open the old database and not what was restored."""
    with (sandbox.settings.home / "settings.toml").open("a") as file:
        file.write(f'database_url = "{sandbox.settings.url}"\n')
    file = write(sandbox, tmp_path / "heard.zip")
    with pytest.raises(BackupRefused, match="name the one to restore into in FEEDBACK_DATABASE_URL"):
        restore(file, Settings(home=tmp_path / "elsewhere"))
    assert not (tmp_path / "elsewhere").exists()
    settings = Settings(
        home=tmp_path / "elsewhere", database_url=f"sqlite+aiosqlite:///{tmp_path}/elsewhere/restored.db"
    )
    assert everything(restore(file, settings)) == everything(sandbox)


@ON_SQLITE
def test_a_newer_database_is_not_restored_into(lived_in, elsewhere, tmp_path, monkeypatch):
    file = write(lived_in, tmp_path / "heard.zip")

    def newer(_connection):
        raise NotReady("The database is of a newer version than this program; update the program.")

    monkeypatch.setattr(module, "upgrade", newer)
    with pytest.raises(NotReady, match="newer version"):
        restore(file, elsewhere)
    assert not elsewhere.keys.exists()
