"""Every way out of a deployment: what anybody can read of it, as text that two of them are compared by."""

import io
import re
import zipfile
from collections.abc import Iterator

import msgspec
from sqlalchemy import func, select

from analysis.publishing.viewers import parse
from feedback.operations.backups import write_backup
from feedback.release.ledgerfiles import ledger_path
from feedback.results.queries import read_measures, read_tables
from feedback.staff.audit import entries
from feedback.storage.staff_tables import EVERY_TABLE
from tests.support.commands import run_here
from tests.support.sandbox import Sandbox

VIEWERS = ("public", "reader", "ctlt", "contractor:vista-del-mar", "contractor:olive-crest")
STAFF = (
    "/",
    "/county",
    "/programs",
    "/programs/{program}",
    "/strategies",
    "/strategies/4.3",
    "/strategies/7.8",
    "/who-was-heard",
    "/measures",
    "/releases",
    "/links",
    "/served",
    "/served/{program}",
    "/served/{program}?quarter=2026Q3&reported=2026Q3",
)
DOWNLOADS = (
    "/download/results.csv",
    "/download/measures.csv",
    "/download/results.xlsx",
    "/download/results.zip",
    "/download/results.csv?table=T2,T3&program={program}",
    "/download/results.xlsx?table=T4,measures&strategy=4.3&release={release}",
)
SURVEY = (
    "/heard",
    "/heard/{slug}",
    "/heard/calendar.ics",
    "/heard/feed.xml",
    "/thanks",
    "/thanks?link={link}",
    "/s/{link}",
    "/help",
)
_EACH_TIME = (
    (re.compile(r'name="_(csrf_token|once)" value="[^"]*"'), ""),
    (re.compile(r"fingerprint [0-9a-f ]{20,70}"), "fingerprint"),
    (re.compile(r"[0-9a-f]{64}"), "hash"),
)
"""What is random or another folder's: it comes anew with each page, and holds nothing of an answer."""


_RANDOM = ("content-length", "set-cookie")
"""Headers that follow random numbers in a page: how well they are compressed."""


class WaysOut(msgspec.Struct, frozen=True):
    """One deployment and where to look: a program of it, its public address, a link."""

    sandbox: Sandbox
    program: str
    slug: str
    link: str
    staff: tuple[str, ...]
    """Addresses of staff who are signed in, one page after another."""
    release: str

    def read(self) -> dict[str, str]:
        where = str(self.sandbox.settings.home.parent)
        texts = {name: text.replace(where, "") for name, text in self._read()}
        for pattern, replacement in _EACH_TIME:
            texts = {name: pattern.sub(replacement, text) for name, text in texts.items()}
        return texts

    def _read(self) -> Iterator[tuple[str, str]]:
        yield from self._tables()
        yield from self._pages()
        yield from self._commands()
        yield from self._at_rest()

    def _tables(self) -> Iterator[tuple[str, str]]:
        for viewer in map(parse, VIEWERS):
            rows = self.sandbox.in_transaction(lambda s, v=viewer: read_tables(s, v))
            yield f"tables of {viewer}", msgspec.json.encode(rows).decode()
            measures = self.sandbox.in_transaction(lambda s, v=viewer: read_measures(s, v, self.release))
            yield f"measures of {viewer}", msgspec.json.encode(measures).decode()

    def _pages(self) -> Iterator[tuple[str, str]]:
        parts = {"program": self.program, "slug": self.slug, "link": self.link, "release": self.release}
        for email in self.staff:
            with self.sandbox.staff_door(email) as door:
                for path in STAFF:
                    yield f"{path} for {email}", self._page(door.get(path.format(**parts)))
                for path in DOWNLOADS:
                    answer = door.get(path.format(**parts))
                    yield f"{path} for {email}", f"{self._head(answer)} {_readable(answer.content)}"
        with self.sandbox.survey_door() as door:
            for path in SURVEY:
                yield path, self._page(door.get(path.format(**parts)))

    @classmethod
    def _page(cls, answer) -> str:
        return f"{cls._head(answer)} {answer.text}"

    @staticmethod
    def _head(answer) -> str:
        headers = {name: value for name, value in answer.headers.items() if name not in _RANDOM}
        return f"{answer.status_code} {sorted(headers.items())}"

    def _commands(self) -> Iterator[tuple[str, str]]:
        out = self.sandbox.settings.home.parent / "exported"
        words = [
            ("ledger", "--json"),
            ("doctor",),
            ("audit", "verify"),
            ("release", "--dry-run"),
        ]
        words += [(name, "--viewer", it, "--json") for it in VIEWERS for name in ("tables", "measures")]
        for it in words:
            ending = run_here(self.sandbox.settings, *it)
            yield " ".join(it), f"{ending.status} {ending.out} {ending.err}"
        for viewer in VIEWERS:
            for form, suffix in (("csv", ".csv"), ("csv", ".zip"), ("xlsx", ".xlsx")):
                file = out.with_suffix(suffix)
                words = ("export", "--viewer", viewer, "--format", form, "--out", str(file))
                run_here(self.sandbox.settings, *words)
                yield f"export {suffix} of {viewer}", _readable(file.read_bytes())

    def _at_rest(self) -> Iterator[tuple[str, str]]:
        """What a thief sees of sealed rows: how many and how long. And what a backup shows of itself."""
        self.sandbox.shut()
        for table in EVERY_TABLE.sorted_tables:
            sizes = [func.length(it) for it in table.columns if it.name == "sealed"]
            query = select(func.count(), *sizes).select_from(table)
            query = query.group_by(*sizes) if sizes else query
            rows = self.sandbox.in_transaction(lambda s, q=query: _all(s, q))
            yield f"rows of {table.name}", str(sorted(map(tuple, rows)))
        log = self.sandbox.in_transaction(_log)
        yield "audit log", str(log)
        path = ledger_path(self.sandbox.settings, self.release)
        if path.exists():
            yield "ledger file", str(msgspec.json.decode(path.read_bytes())["ledger"])
        backup = self.sandbox.settings.home.parent / "ways-out.zip"
        backup.unlink(missing_ok=True)
        self.sandbox.run(lambda deployment: write_backup(deployment, backup, "Rosa"))
        with zipfile.ZipFile(backup) as parts:
            yield "backup", str([(it.filename, _about(it)) for it in parts.infolist()])


def _about(part: zipfile.ZipInfo) -> int:
    """A part's size, where it is not of random letters that JSON writes in more or fewer bytes."""
    return part.file_size if "audit" not in part.filename and "releases" not in part.filename else 0


async def _all(session, query):
    return (await session.execute(query)).all()


async def _log(session):
    rows = [it async for batch in entries(session) for it in batch]
    return [(it.who, it.action, re.sub(r"[0-9a-f]{64}", "", it.object)) for it in rows]


def _readable(content: bytes) -> str:
    """A file as text, of an archive every part; the mark of an archive is that of PKZIP."""
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return str([(name, parts.read(name).decode()) for name in sorted(parts.namelist())])
