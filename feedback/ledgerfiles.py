"""The ledger of each release in a file beside the database. No answers are in it.

Whoever restores an older backup and releases again would draw other random adjustments for the same people,
and both together say more than either. The newest of these files says what was let out already.
"""

import os
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.batch_ledger import Batch
from feedback.ledgers import read_ledger
from feedback.settings import Settings
from feedback.tables import ReleaseRow


class LedgerFile(msgspec.Struct, frozen=True):
    """Everything let out so far, and the fingerprint of the release that let out the last of it."""

    release: str
    fingerprint: str
    ledger: list[Batch]


def ledger_path(settings: Settings, release: str) -> Path:
    return settings.home / f"ledger-{release}.json"


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
        held = LedgerFile(release.period, release.chain_sha256, await read_ledger(session))
        _write_whole(path, msgspec.json.format(msgspec.json.encode(held), indent=1))
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
