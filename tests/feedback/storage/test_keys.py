"""Keys are made once, wrapped, kept apart, and written down on paper."""

import stat
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from nacl.public import PrivateKey

from feedback.storage import keys
from feedback.storage.keys import KeyRefused

ROSAS_PASSPHRASE = "seven quiet geese cross the road"
FIXED, NOISE = PrivateKey(bytes(range(32))), bytes(range(32, 64))
OLDER_PAPER = "AAAQ EAYE AUDA OCAJ BIFQ\nYDIO B4IB CEQT CQKR MFYY\nDENB WHA5 DYP7 5XFG"
"""The paper copy of 0, 1, 2, 3 ... as it was printed before a secret lay beside the key."""
OLDER_NOISE = "8ab83e90ccd15c4b60286f0cf788b5cdb631562849f39282faf8ca03b4a8a2de"


def make_pair(folder, passphrase=None, beside=NOISE):
    """Make a pair; return its paper copy."""
    return keys.make_pair(folder, keys.RELEASE, passphrase, beside)


@pytest.fixture(scope="module")
def wrapped(tmp_path_factory):
    """Rosa's key, wrapped: made once, because stretching a passphrase is slow on purpose."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "paper").write_text(make_pair(folder, ROSAS_PASSPHRASE))
    return folder / keys.RELEASE_PRIVATE, keys.read_release(folder / "paper", None)


@pytest.fixture
def paper(tmp_path):
    def write_paper(text):
        (tmp_path / "paper").write_text(text, encoding="utf-8")
        return tmp_path / "paper"

    return write_paper


@pytest.mark.slow
def test_the_right_passphrase_opens_the_key_and_what_lies_beside_it(wrapped):
    file, key = wrapped
    assert keys.needs_passphrase(file)
    assert keys.read_release(file, ROSAS_PASSPHRASE) == key
    assert key.noise == NOISE
    assert keys.read_private(file, ROSAS_PASSPHRASE) == key.private
    assert keys.read_public((file.parent / keys.RELEASE_PUBLIC).read_text()) == key.private.public_key


@pytest.mark.slow
@pytest.mark.parametrize("read", [keys.read_private, keys.read_release])
def test_the_wrong_passphrase_opens_nothing_and_is_not_repeated(wrapped, read):
    file, _ = wrapped
    with pytest.raises(KeyRefused, match="is not opened by this passphrase") as refused:
        read(file, "seven quiet geese cross the rood")
    assert "geese" not in str(refused.value)


@pytest.mark.slow
def test_no_passphrase_does_not_open_a_wrapped_key(wrapped):
    file, _ = wrapped
    with pytest.raises(KeyRefused, match="is not opened by this passphrase"):
        keys.read_release(file, None)


@pytest.mark.slow
def test_a_wrapped_key_lies_nowhere_in_its_file_and_neither_does_its_noise(wrapped):
    file, key = wrapped
    wrapped_key = msgspec.json.decode(file.read_bytes(), type=keys.WrappedKey)
    assert bytes(key.private) not in wrapped_key.sealed
    assert NOISE not in wrapped_key.sealed
    assert wrapped_key.kind == "argon2id"
    assert len(wrapped_key.salt) == 16


def test_rehearsals_need_no_passphrase(tmp_path, paper):
    on_paper = paper(make_pair(tmp_path))
    file = tmp_path / keys.RELEASE_PRIVATE
    assert not keys.needs_passphrase(file)
    assert keys.read_release(file, None) == keys.read_release(on_paper, None)
    assert keys.read_release(file, None).noise == NOISE


def test_the_review_key_has_nothing_beside_it(tmp_path, paper):
    _, review = keys.PAIRS
    on_paper = paper(keys.make_pair(tmp_path, review, None))
    wrapped_key = msgspec.json.decode((tmp_path / keys.REVIEW_PRIVATE).read_bytes(), type=keys.WrappedKey)
    assert wrapped_key.sealed == bytes(keys.read_private(on_paper, None))
    assert len(on_paper.read_text().split()) == 14


def test_a_key_made_before_there_was_noise_to_repeat_still_opens_with_one_secret_each_time(tmp_path, paper):
    """Another secret at another time would draw another noise for the same rows."""
    file = tmp_path / "older.private"
    file.write_bytes(msgspec.json.encode(keys.WrappedKey(kind="plain", salt=b"", sealed=bytes(FIXED))))
    release_keys = [
        keys.read_release(it, None) for it in (file, file, paper(OLDER_PAPER), paper(OLDER_PAPER.lower()))
    ]
    assert {bytes(it.private) for it in release_keys} == {bytes(FIXED)}
    assert {it.noise.hex() for it in release_keys} == {OLDER_NOISE}
    assert blake2b(b"secret of the noise", key=bytes(FIXED), digest_size=32).hexdigest() == OLDER_NOISE


@pytest.mark.slow
def test_a_wrapped_key_made_before_there_was_noise_gives_one_secret_each_time(tmp_path):
    on_paper = make_pair(tmp_path, ROSAS_PASSPHRASE, b"")
    (tmp_path / "paper").write_text(on_paper)
    first, second = (
        keys.read_release(tmp_path / name, passphrase)
        for name, passphrase in ((keys.RELEASE_PRIVATE, ROSAS_PASSPHRASE), ("paper", None))
    )
    assert first == second
    assert first.noise not in (NOISE, bytes(first.private), bytes.fromhex(OLDER_NOISE))


def test_an_empty_passphrase_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(KeyRefused, match="An empty passphrase protects nothing"):
        make_pair(tmp_path, "")
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_may_read_a_key(tmp_path):
    make_pair(tmp_path)
    keys.make_secret(tmp_path, keys.INBOX_SECRET)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"release.public": 0o600, "release.private": 0o600, "inbox.secret": 0o600}


@pytest.mark.parametrize("there_already", [keys.RELEASE_PUBLIC, keys.RELEASE_PRIVATE])
def test_a_key_is_never_overwritten(tmp_path, there_already):
    (tmp_path / there_already).write_text("the only copy")
    with pytest.raises(FileExistsError):
        make_pair(tmp_path)
    assert (tmp_path / there_already).read_text() == "the only copy"


@pytest.mark.parametrize("name", [keys.INBOX_SECRET, keys.STAFF_SECRET])
def test_a_secret_is_never_overwritten(tmp_path, name):
    keys.make_secret(tmp_path, name)
    first = (tmp_path / name).read_text()
    with pytest.raises(FileExistsError):
        keys.make_secret(tmp_path, name)
    assert (tmp_path / name).read_text() == first
    assert len(keys.read_secret(first, name)) == 32


@pytest.mark.parametrize("text", ["", "ab" * 31, "ab" * 33, "zz" * 32])
def test_a_damaged_inbox_secret_is_refused(text):
    with pytest.raises(KeyRefused, match=r"inbox\.secret should hold 64 hexadecimal digits"):
        keys.read_secret(text, keys.INBOX_SECRET)


def on_paper(beside):
    """The paper copy of a key that is known, with what lies beside it."""
    with pytest.MonkeyPatch.context() as monkeypatch, TemporaryDirectory() as folder:
        monkeypatch.setattr(PrivateKey, "generate", lambda: FIXED)
        return keys.make_pair(Path(folder), keys.RELEASE, None, beside)


WITH_NOISE = on_paper(NOISE)
COPIES = pytest.mark.parametrize("copy", [WITH_NOISE, OLDER_PAPER], ids=["with the noise", "older"])


def test_the_paper_copy_is_groups_of_four_in_rows_of_five():
    assert on_paper(b"") == OLDER_PAPER
    rows = WITH_NOISE.split("\n")
    assert [len(row.split(" ")) for row in rows] == [5, 5, 5, 5, 5, 2]
    assert {len(group) for row in rows for group in row.split(" ")} == {4}
    assert rows[0] == "AAAQ EAYE AUDA OCAJ BIFQ"  # 0, 1, 2, 3 ... in base 32, worked out by hand


@COPIES
@pytest.mark.parametrize("as_typed", [str, str.lower, lambda text: text.replace(" ", "").replace("\n", "")])
def test_the_paper_copy_typed_in_again_is_the_key_and_its_noise(paper, as_typed, copy):
    file = paper(as_typed(copy))
    assert not keys.needs_passphrase(file)
    assert keys.read_private(file, None) == FIXED
    noise = NOISE if copy == WITH_NOISE else bytes.fromhex(OLDER_NOISE)
    assert keys.read_release(file, None) == keys.ReleaseKey(FIXED, noise)


@COPIES
def test_a_slip_in_any_letter_of_the_paper_copy_is_noticed(paper, copy):
    for at, letter in enumerate(copy):
        if letter.isspace():
            continue
        slip = copy[:at] + ("B" if letter == "A" else "A") + copy[at + 1 :]
        with pytest.raises(KeyRefused, match="no paper copy without a slip"):
            keys.read_release(paper(slip), None)


@pytest.mark.parametrize(
    "slip",
    [
        lambda text: text[:-1],
        lambda text: text + "A",
        lambda text: text[:4] + "AAAA" + text[4:],
        lambda text: text[5:9] + " " + text[:4] + text[9:],
        lambda text: text.replace("A", "8"),
        lambda text: text.rpartition("\n")[0],
        lambda text: text[: len(text) // 2],
        lambda _: "",
    ],
    ids=[
        "one short", "one more", "a group more", "two groups swapped", "no such letter", "a row short",
        "half of it", "nothing",
    ],
)  # fmt: skip
@COPIES
def test_a_paper_copy_with_too_little_too_much_or_swapped_groups_is_noticed(paper, slip, copy):
    for read in (keys.read_private, keys.read_release):
        with pytest.raises(KeyRefused, match="compare it with the paper"):
            read(paper(slip(copy)), None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{}", "is not a private key file"),
        ('{"kind": "plain", "salt": "", "sealed": "***"}', "is not a private key file"),
        ('{"kind": "plain", "salt": "", "sealed": "AAAA"}', "is damaged"),
        (f'{{"kind": "plain", "salt": "", "sealed": "{"AAAA" * 11}"}}', "is damaged"),  # one byte more
        (f'{{"kind": "plain", "salt": "", "sealed": "{"AAAA" * 21}"}}', "is damaged"),  # one byte less
        ('{"kind": "argon2id", "salt": "AAAA", "sealed": "AAAA"}', "or is damaged"),
        ("{é}", "cannot be read"),
    ],
)
def test_a_damaged_key_file_is_refused_with_its_name(paper, text, sentence):
    with pytest.raises(KeyRefused, match=f"paper.* {sentence}"):
        keys.read_release(paper(text), ROSAS_PASSPHRASE)


def test_a_missing_key_file_is_refused_with_its_name(tmp_path):
    with pytest.raises(KeyRefused, match=r"lost\.private cannot be read"):
        keys.needs_passphrase(tmp_path / "lost.private")


@pytest.mark.parametrize("text", ["", "ab", "zz" * 32, "ab" * 33])
def test_anything_but_64_digits_is_no_public_key(text):
    with pytest.raises(KeyRefused, match="A public key is 64 hexadecimal digits"):
        keys.read_public(text)


def test_the_staff_door_has_a_key_for_each_purpose_and_no_two_deployments_share_one(tmp_path):
    keys.make_secret(tmp_path, keys.STAFF_SECRET)
    ours, others = keys.read_staff_keys(tmp_path), keys.StaffKeys(b"b" * 32)
    assert ours.key("forms") == ours.key("forms")
    assert len({it.key(purpose) for it in (ours, others) for purpose in ("forms", "tries")}) == 4


def test_words_that_are_cut_elsewhere_have_another_hash():
    staff_keys = keys.StaffKeys(b"b" * 32)
    cuts = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("\udcff",), ("?",)]
    assert len({staff_keys.hash("tries", *parts) for parts in cuts}) == len(cuts)
    assert staff_keys.hash("tries", "abc") != staff_keys.hash("device", "abc")


def test_a_lost_staff_secret_is_named(tmp_path):
    with pytest.raises(KeyRefused, match=r"staff\.secret cannot be read"):
        keys.read_staff_keys(tmp_path)
