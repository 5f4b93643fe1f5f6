"""The file of a backup: its parts, and a list of them that nobody changes unseen.

The list holds the SHA-256 of every part and is sealed with a key of the staff secret, which is in no backup.
Whoever restores without that secret compares the list's fingerprint with the one that `backup` printed
(docs/decisions/0016-a-backup-that-cannot-be-changed-unseen.md).
"""

import hashlib
import hmac
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import msgspec

from feedback.storage import keys

_FORMAT, _LIST, _SEAL = "format", "parts.json", "seal"
_VERSION = "heard-backup-2"
_PURPOSE = "backup"
_SMALL = 64 << 20
_UNPACKS_TO = 100
"""Tables of ours unpack to about ten times their size; what goes beyond this was made to fill a disk."""


class BackupRefused(Exception):
    """A backup cannot be written or restored; nothing was changed."""


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a backup, their list, and what tells whether the list is the one that was written."""

    parts: dict[str, bytes]
    listed: bytes
    seal: str

    @property
    def fingerprint(self) -> str:
        return keys.fingerprint(self.listed)

    def is_sealed_with(self, secret: keys.StaffKeys) -> bool:
        return hmac.compare_digest(self.seal.encode(), _seal(self.listed, secret).encode())


def write_archive(opened: IO[bytes], parts: Iterable[tuple[str, bytes]], secret: keys.StaffKeys) -> str:
    """Write the parts one by one, then their list. Returns the list's fingerprint."""
    listed = {}
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ((_FORMAT, _VERSION.encode()), *parts):
            archive.writestr(name, content)
            listed[name] = hashlib.sha256(content).hexdigest()
        written = json.dumps(listed, indent=1).encode()
        archive.writestr(_LIST, written)
        archive.writestr(_SEAL, _seal(written, secret))
    return keys.fingerprint(written)


def read_archive(file: Path) -> Archive:
    """Read a backup that unpacks to no more than a backup does.

    Raises BackupRefused, and whatever zipfile and json raise for a file that is none.
    """
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        # zipfile unpacks no part beyond the size it declares, so these are what it would take.
        if sum(it.file_size for it in entries) > _SMALL + _UNPACKS_TO * file.stat().st_size:
            raise BackupRefused(f"{file} would unpack to far more than a backup does; nothing was restored.")
        if archive.read(_FORMAT).decode() != _VERSION:
            raise BackupRefused(f"{file} is a backup of another version.")
        listed = archive.read(_LIST)
        expected = json.loads(listed)
        names = [it.filename for it in entries if it.filename not in (_LIST, _SEAL)]
        parts = {name: archive.read(name) for name in names}
        found = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
        if found != expected or len(names) != len(parts):
            raise BackupRefused(
                f"{file} is not as it was written: a part differs from the list of its parts."
            )
        return Archive(parts=parts, listed=listed, seal=archive.read(_SEAL).decode())


def _seal(listed: bytes, secret: keys.StaffKeys) -> str:
    return hmac.new(secret.key(_PURPOSE), listed, hashlib.sha256).hexdigest()
