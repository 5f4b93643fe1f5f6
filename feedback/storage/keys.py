"""The keys of a deployment: made once by `feedback init`, kept apart ever after.

Public keys and the inbox secret are for the serving processes, the staff secret for the staff door alone and
in no backup. The private keys, one that opens every sealed answer and one that opens every comment, are kept
alike: wrapped with a passphrase, printed once for paper, in no backup, and in production moved to another
machine (docs/operating.md).
"""

import base64
import hashlib
import secrets
from pathlib import Path

import msgspec
from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey
from nacl.secret import SecretBox

RELEASE_PUBLIC, RELEASE_PRIVATE = "release.public", "release.private"
REVIEW_PUBLIC, REVIEW_PRIVATE = "review.public", "review.private"
INBOX_SECRET = "inbox.secret"  # noqa: S105 - a file's name
STAFF_SECRET = "staff.secret"  # noqa: S105 - a file's name
SECRET_BYTES = 32
_LENGTHS = (PrivateKey.SIZE, PrivateKey.SIZE + SECRET_BYTES)
_CHECK_BYTES = 3
_PAPER_GROUP = 4
_SHOWN, _SHOWN_GROUP = 24, 6
"""96 bits: nobody finds a second key or list with the same ones."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """The two halves of a key, in two files."""

    name: str
    public: str
    private: str
    opens: str


RELEASE = Pair(name="release", public=RELEASE_PUBLIC, private=RELEASE_PRIVATE, opens="every sealed answer")
PAIRS = (
    RELEASE,
    Pair(
        name="review",
        public=REVIEW_PUBLIC,
        private=REVIEW_PRIVATE,
        opens="every comment that waits for its review",
    ),
)
PRIVATE = tuple(pair.private for pair in PAIRS)
"""Files that no backup holds."""


class ReleaseKey(msgspec.Struct, frozen=True):
    """What a release needs: the key that opens every sealed answer, and the secret of the noise."""

    private: PrivateKey
    noise: bytes


class KeyRefused(Exception):
    """A key or passphrase cannot be used; the message says why."""


class WrappedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A private key as it lies in a file. Argon2id, moderate limits (256 MiB), then a secret box."""

    kind: str
    salt: bytes
    sealed: bytes


def make_pair(folder: Path, pair: Pair, passphrase: str | None, beside: bytes = b"") -> str:
    """Make a key pair in two new files of `folder` and return the paper copy of the private half.

    `beside` lies with the private half, wrapped and printed with it: the secret of the noise.
    """
    key = PrivateKey.generate()
    wrapped = _wrap(bytes(key) + beside, passphrase)
    write_new(folder / pair.public, bytes(key.public_key).hex())
    write_new(folder / pair.private, msgspec.json.encode(wrapped).decode())
    return _paper_copy(bytes(key) + beside)


class StaffKeys(msgspec.Struct, frozen=True):
    """What the staff door signs, seals and hashes with: one secret, and a key of its own for each purpose."""

    secret: bytes

    def key(self, purpose: str) -> bytes:
        return hashlib.blake2b(purpose.encode(), key=self.secret, digest_size=32).digest()

    def hash(self, purpose: str, *parts: str) -> bytes:
        """A keyed hash (32 bytes) of some words, which no other words have; letters may be broken."""
        words = [part.encode("utf-8", "surrogatepass") for part in parts]
        content = b"".join(len(it).to_bytes(8) + it for it in words)
        return hashlib.blake2b(content, key=self.key(purpose), digest_size=32).digest()


def make_secret(folder: Path, name: str) -> None:
    write_new(folder / name, secrets.token_hex(SECRET_BYTES))


def read_staff_keys(folder: Path) -> StaffKeys:
    """Read the staff door's secret. Raises KeyRefused."""
    return StaffKeys(read_secret(_read(folder / STAFF_SECRET), STAFF_SECRET))


def write_new(path: Path, text: str) -> None:
    """Write a file that only its owner may read. Raises FileExistsError: a key is never overwritten."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text + "\n", encoding="ascii")


def _wrap(key: bytes, passphrase: str | None) -> WrappedKey:
    if passphrase is None:
        return WrappedKey(kind="plain", salt=b"", sealed=key)
    if not passphrase:
        raise KeyRefused("An empty passphrase protects nothing; nothing was written.")
    salt = secrets.token_bytes(pwhash.argon2id.SALTBYTES)
    return WrappedKey(
        kind="argon2id", salt=salt, sealed=bytes(SecretBox(_stretch(passphrase, salt)).encrypt(key))
    )


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return pwhash.argon2id.kdf(
        SecretBox.KEY_SIZE,
        passphrase.encode(),
        salt,
        opslimit=pwhash.argon2id.OPSLIMIT_MODERATE,
        memlimit=pwhash.argon2id.MEMLIMIT_MODERATE,
    )


def needs_passphrase(path: Path) -> bool:
    """Whether a private key file is wrapped. A paper copy typed in again is not."""
    text = _read(path)
    return text.startswith("{") and _decode(text, path).kind == "argon2id"


def read_private(path: Path, passphrase: str | None) -> PrivateKey:
    """Read a wrapped key file or a paper copy typed into a file. Raises KeyRefused."""
    return PrivateKey(_unwrap(path, passphrase)[: PrivateKey.SIZE])


def read_release(path: Path, passphrase: str | None) -> ReleaseKey:
    """Read the release key and the secret of the noise that lies with it. Raises KeyRefused.

    A key made before there was noise to repeat has none beside it: its secret follows from the key itself.
    """
    content = _unwrap(path, passphrase)
    key, noise = content[: PrivateKey.SIZE], content[PrivateKey.SIZE :]
    derived = hashlib.blake2b(b"secret of the noise", key=key, digest_size=SECRET_BYTES).digest()
    return ReleaseKey(PrivateKey(key), noise or derived)


def _unwrap(path: Path, passphrase: str | None) -> bytes:
    text = _read(path)
    if not text.startswith("{"):
        return _from_paper(text, path)
    wrapped = _decode(text, path)
    content = wrapped.sealed
    if wrapped.kind != "plain":
        try:
            content = SecretBox(_stretch(passphrase or "", wrapped.salt)).decrypt(content)
        except CryptoError as error:
            raise KeyRefused(
                f"The key file {path} is not opened by this passphrase, or is damaged."
            ) from error
    if len(content) not in _LENGTHS:
        raise KeyRefused(f"The key file {path} is damaged.")
    return content


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyRefused(f"The key file {path} cannot be read.") from error


def _decode(text: str, path: Path) -> WrappedKey:
    try:
        return msgspec.json.decode(text, type=WrappedKey)
    except msgspec.DecodeError as error:
        raise KeyRefused(f"{path} is not a private key file.") from error


def read_public(text: str) -> PublicKey:
    """Read a public key written as 64 hexadecimal digits. Raises KeyRefused."""
    try:
        return PublicKey(bytes.fromhex(text.strip()))
    except (ValueError, TypeError) as error:
        raise KeyRefused("A public key is 64 hexadecimal digits; this one is not.") from error


def read_secret(text: str, name: str) -> bytes:
    """Read the secret in the file of this name. Raises KeyRefused: an empty one would protect nothing."""
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise KeyRefused(f"{name} should hold {2 * SECRET_BYTES} hexadecimal digits; it does not.")
    return secret


def _paper_copy(content: bytes) -> str:
    """Write a private key for paper: groups of four capitals and digits, which end in a check."""
    letters = base64.b32encode(content + _check(content)).decode().rstrip("=")
    groups = [letters[at : at + _PAPER_GROUP] for at in range(0, len(letters), _PAPER_GROUP)]
    return "\n".join(" ".join(groups[at : at + 5]) for at in range(0, len(groups), 5))


def _from_paper(text: str, path: Path) -> bytes:
    letters = "".join(text.split()).upper()
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError:
        raw = b""
    content, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
    if len(content) not in _LENGTHS or check != _check(content):
        raise KeyRefused(
            f"{path} is no key file and no paper copy without a slip; compare it with the paper."
        )
    return content


def fingerprint(content: bytes) -> str:
    """A short name for a public key, or for the list of a backup's parts, that two people can compare."""
    digits = hashlib.sha256(content).hexdigest()
    return " ".join(digits[at : at + _SHOWN_GROUP] for at in range(0, _SHOWN, _SHOWN_GROUP))


def _check(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_CHECK_BYTES).digest()
