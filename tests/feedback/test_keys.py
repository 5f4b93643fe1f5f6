"""Keys are made once, wrapped, kept apart, and written down on paper."""

import stat

import msgspec
import pytest
from nacl.public import PrivateKey

from feedback import keys
from feedback.keys import KeyRefused

ROSAS_PASSPHRASE = "seven quiet geese cross the road"
FIXED = PrivateKey(bytes(range(32)))


@pytest.fixture(scope="module")
def wrapped(tmp_path_factory):
    """Rosa's key, wrapped: made once, because stretching a passphrase is slow on purpose."""
    folder = tmp_path_factory.mktemp("keys")
    key = keys.make_pair(folder, keys.RELEASE_PUBLIC, keys.RELEASE_PRIVATE, ROSAS_PASSPHRASE)
    return folder, key


@pytest.fixture
def paper(tmp_path):
    def typed(text):
        (tmp_path / "paper").write_text(text, encoding="utf-8")
        return tmp_path / "paper"

    return typed


@pytest.mark.slow
def test_the_right_passphrase_opens_the_key(wrapped):
    folder, key = wrapped
    assert keys.needs_passphrase(folder / keys.RELEASE_PRIVATE)
    assert keys.read_private(folder / keys.RELEASE_PRIVATE, ROSAS_PASSPHRASE) == key
    assert keys.read_public((folder / keys.RELEASE_PUBLIC).read_text()) == key.public_key


@pytest.mark.slow
def test_the_wrong_passphrase_opens_nothing_and_is_not_repeated(wrapped):
    folder, _ = wrapped
    with pytest.raises(KeyRefused, match="is not opened by this passphrase") as refused:
        keys.read_private(folder / keys.RELEASE_PRIVATE, "seven quiet geese cross the rood")
    assert "geese" not in str(refused.value)


@pytest.mark.slow
def test_no_passphrase_does_not_open_a_wrapped_key(wrapped):
    folder, _ = wrapped
    with pytest.raises(KeyRefused, match="is not opened by this passphrase"):
        keys.read_private(folder / keys.RELEASE_PRIVATE, None)


@pytest.mark.slow
def test_a_wrapped_key_lies_nowhere_in_its_file(wrapped):
    folder, key = wrapped
    held = msgspec.json.decode((folder / keys.RELEASE_PRIVATE).read_bytes(), type=keys.Wrapped)
    assert bytes(key) not in held.sealed
    assert held.kind == "argon2id"
    assert len(held.salt) == 16


def test_rehearsals_need_no_passphrase(tmp_path):
    key = keys.make_pair(tmp_path, "public", "private", None)
    assert not keys.needs_passphrase(tmp_path / "private")
    assert keys.read_private(tmp_path / "private", None) == key


def test_an_empty_passphrase_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(KeyRefused, match="An empty passphrase protects nothing"):
        keys.make_pair(tmp_path, "public", "private", "")
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_may_read_a_key(tmp_path):
    keys.make_pair(tmp_path, "public", "private", None)
    keys.make_secret(tmp_path, keys.INBOX_SECRET)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"public": 0o600, "private": 0o600, "inbox.secret": 0o600}


@pytest.mark.parametrize("there_already", ["public", "private"])
def test_a_key_is_never_overwritten(tmp_path, there_already):
    (tmp_path / there_already).write_text("the only copy")
    with pytest.raises(FileExistsError):
        keys.make_pair(tmp_path, "public", "private", None)
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


def test_the_paper_copy_is_fourteen_groups_of_four_in_rows_of_five():
    rows = keys.paper_copy(FIXED).split("\n")
    assert [len(row.split(" ")) for row in rows] == [5, 5, 4]
    assert {len(group) for row in rows for group in row.split(" ")} == {4}
    assert rows[0] == "AAAQ EAYE AUDA OCAJ BIFQ"  # 0, 1, 2, 3 ... in base 32, worked out by hand


@pytest.mark.parametrize("as_typed", [str, str.lower, lambda text: text.replace(" ", "").replace("\n", "")])
def test_the_paper_copy_typed_in_again_is_the_key(paper, as_typed):
    typed = paper(as_typed(keys.paper_copy(FIXED)))
    assert not keys.needs_passphrase(typed)
    assert keys.read_private(typed, None) == FIXED


def test_a_slip_in_any_letter_of_the_paper_copy_is_noticed(paper):
    letters = keys.paper_copy(FIXED)
    for at, letter in enumerate(letters):
        if letter.isspace():
            continue
        slip = letters[:at] + ("B" if letter == "A" else "A") + letters[at + 1 :]
        with pytest.raises(KeyRefused, match="no paper copy without a slip"):
            keys.read_private(paper(slip), None)


@pytest.mark.parametrize(
    "slip",
    [
        lambda text: text[:-1],
        lambda text: text + "A",
        lambda text: text[:4] + "AAAA" + text[4:],
        lambda text: text[5:9] + " " + text[:4] + text[9:],
        lambda text: text.replace("A", "8"),
        lambda _: "",
    ],
    ids=["one short", "one more", "a group more", "two groups swapped", "no such letter", "nothing"],
)
def test_other_slips_are_noticed(paper, slip):
    with pytest.raises(KeyRefused, match="compare it with the paper"):
        keys.read_private(paper(slip(keys.paper_copy(FIXED))), None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{}", "is not a private key file"),
        ('{"kind": "plain", "salt": "", "sealed": "***"}', "is not a private key file"),
        ('{"kind": "plain", "salt": "", "sealed": "AAAA"}', "is damaged"),
        ('{"kind": "argon2id", "salt": "AAAA", "sealed": "AAAA"}', "or is damaged"),
        ("{é}", "cannot be read"),
    ],
)
def test_a_damaged_key_file_is_refused_with_its_name(paper, text, sentence):
    with pytest.raises(KeyRefused, match=f"paper.* {sentence}"):
        keys.read_private(paper(text), ROSAS_PASSPHRASE)


def test_a_missing_key_file_is_refused_with_its_name(tmp_path):
    with pytest.raises(KeyRefused, match=r"lost\.private cannot be read"):
        keys.needs_passphrase(tmp_path / "lost.private")


@pytest.mark.parametrize("text", ["", "ab", "zz" * 32, "ab" * 33])
def test_anything_but_64_digits_is_no_public_key(text):
    with pytest.raises(KeyRefused, match="A public key is 64 hexadecimal digits"):
        keys.read_public(text)


def test_the_staff_door_has_a_key_for_each_purpose_and_no_two_deployments_share_one(tmp_path):
    keys.make_secret(tmp_path, keys.STAFF_SECRET)
    here, there = keys.read_staff_keys(tmp_path), keys.StaffKeys(b"b" * 32)
    assert here.key("forms") == here.key("forms")
    assert len({it.key(purpose) for it in (here, there) for purpose in ("forms", "tries")}) == 4


def test_words_that_are_cut_elsewhere_have_another_hash():
    it = keys.StaffKeys(b"b" * 32)
    told = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("\udcff",), ("?",)]
    assert len({it.hash("tries", *parts) for parts in told}) == len(told)
    assert it.hash("tries", "abc") != it.hash("device", "abc")


def test_a_lost_staff_secret_is_named(tmp_path):
    with pytest.raises(KeyRefused, match=r"staff\.secret cannot be read"):
        keys.read_staff_keys(tmp_path)
