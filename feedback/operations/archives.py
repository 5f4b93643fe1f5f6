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
    part_list: bytes
    seal: str

    @property
    def fingerprint(self) -> str:
        return keys.fingerprint(self.part_list)

    def is_sealed_with(self, secret: keys.StaffKeys) -> bool:
        return hmac.compare_digest(self.seal.encode(), _seal(self.part_list, secret).encode())


def write_archive(file: IO[bytes], parts: Iterable[tuple[str, bytes]], secret: keys.StaffKeys) -> str:
    """Write the parts one by one, then their list. Returns the list's fingerprint."""
    digests = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ((_FORMAT, _VERSION.encode()), *parts):
            archive.writestr(name, content)
            digests[name] = hashlib.sha256(content).hexdigest()
        part_list = json.dumps(digests, indent=1).encode()
        archive.writestr(_LIST, part_list)
        archive.writestr(_SEAL, _seal(part_list, secret))
    return keys.fingerprint(part_list)


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
        part_list = archive.read(_LIST)
        listed_digests = json.loads(part_list)
        names = [it.filename for it in entries if it.filename not in (_LIST, _SEAL)]
        parts = {name: archive.read(name) for name in names}
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
        if digests != listed_digests or len(names) != len(parts):
            raise BackupRefused(
                f"{file} is not as it was written: a part differs from the list of its parts."
            )
        return Archive(parts=parts, part_list=part_list, seal=archive.read(_SEAL).decode())


def _seal(part_list: bytes, secret: keys.StaffKeys) -> str:
    return hmac.new(secret.key(_PURPOSE), part_list, hashlib.sha256).hexdigest()
