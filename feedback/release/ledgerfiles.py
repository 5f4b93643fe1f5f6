"""The ledger of each release in a file beside the database. No answers are in it.

Whoever restores an older backup and releases again might let the same people out in other company, and both
releases together would say more than either. The newest of these files says what was let out already.
"""

import os
import re
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.batch_ledger import Batch
from feedback.release.ledgers import read_ledger
from feedback.settings import Settings
from feedback.storage.tables import ReleaseRow
from surveys.periods import Period

_NAME = re.compile(r"ledger-([0-9]{4}Q[1-4])\.json")


class LedgerFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything let out so far, and the fingerprint of the release that let out the last of it."""

    release: str
    fingerprint: str
    ledger: list[Batch]


NEVER_RELEASED = LedgerFile(release="", fingerprint="", ledger=[])


class LedgerFileRefused(Exception):
    """A file is not the ledger of a release; the message says why."""


def ledger_path(settings: Settings, release: str) -> Path:
    return settings.home / f"ledger-{release}.json"


def newest_beside(settings: Settings) -> str | None:
    """The release of the newest ledger file that lies beside the database."""
    names = (_NAME.fullmatch(path.name) for path in settings.home.glob("ledger-*.json"))
    return max((name[1] for name in names if name), default=None)


def read_ledger_file(path: Path) -> LedgerFile:
    """Read what a release left. Raises LedgerFileRefused."""
    try:
        ledger_file = msgspec.json.decode(path.read_bytes(), type=LedgerFile)
        Period.parse(ledger_file.release)
    except OSError as error:
        raise LedgerFileRefused(f"{path} cannot be read.") from error
    except ValueError as error:
        raise LedgerFileRefused(f"{path} is not a ledger that a release left, or a damaged one.") from error
    return ledger_file


async def leave_ledger(session: AsyncSession, settings: Settings) -> Path | None:
    """Write the file of the latest release unless it is there: one that was killed may not have.

    Returns where it is; None before the first release.
    """
    latest = select(ReleaseRow).order_by(ReleaseRow.period.desc()).limit(1)
    release = (await session.execute(latest)).scalars().first()
    if release is None:
        return None
    path = ledger_path(settings, release.period)
    if not path.exists():
        ledger_file = LedgerFile(
            release=release.period, fingerprint=release.chain_sha256, ledger=await read_ledger(session)
        )
        _write_whole(path, msgspec.json.format(msgspec.json.encode(ledger_file), indent=1))
    return path


def _write_whole(path: Path, content: bytes) -> None:
    """The owner's alone, and whole or not there: half a ledger would be taken for all that was let out."""
    half = path.with_suffix(".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
