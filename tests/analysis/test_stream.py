"""The same rows and definitions give the same noise; one changed bit of anything gives another."""

import hashlib
import hmac
import random
from collections import Counter
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.gaussian import discrete_gaussian
from analysis.stream import (
    Definition,
    Stream,
    encoded,
    meaning_digest,
    members_digest,
    response_digest,
)

SECRET = bytes(range(32))
SALT = b"s" * 16
ROWS = [response_digest(b"key%d" % it, SALT, b"content %d" % it) for it in range(11)]
SCORE = Definition(
    kind="pulse", name="score", meaning=meaning_digest("core", 8), variance=Fraction(7_840_000, 9)
)


def noise(definition=SCORE, rows=ROWS, secret=SECRET, members=None):
    value = encoded(definition, len(rows) if members is None else members, members_digest(rows))
    stream = Stream(secret, value)
    return tuple(discrete_gaussian(Fraction(10**12), stream.below) for _ in range(3))


def test_the_same_rows_and_definitions_give_the_same_noise_in_whatever_order_they_came():
    shuffled = random.Random(1).sample(ROWS, len(ROWS))
    assert noise() == noise() == noise(rows=shuffled)


@given(st.integers(0, 10), st.integers(0, 255))
def test_one_changed_bit_of_a_row_gives_other_noise(row, bit):
    changed = bytearray(ROWS[row])
    changed[bit // 8] ^= 1 << bit % 8
    assert noise(rows=[*ROWS[:row], bytes(changed), *ROWS[row + 1 :]]) != noise()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "detail"},
        {"name": "spread"},
        {"name": "score "},
        {"meaning": meaning_digest("core", 7)},
        {"variance": Fraction(7_840_001, 9)},
        {"variance": Fraction(7_840_000, 81)},
    ],
)
def test_another_definition_gives_other_noise(change):
    assert noise(msgspec.structs.replace(SCORE, **change)) != noise()


def test_another_secret_other_members_or_another_number_of_them_give_other_noise():
    flipped = bytes([SECRET[0] ^ 1, *SECRET[1:]])
    noises = {noise(), noise(secret=flipped), noise(rows=ROWS[:-1]), noise(members=12)}
    assert len(noises) == 4


def test_a_response_is_told_apart_by_its_key_its_content_and_the_random_bytes_of_its_seal():
    digests = {
        response_digest(b"k", SALT, b"content"),
        response_digest(b"kc", SALT, b"ontent"),
        response_digest(b"k", b"t" * 16, b"content"),
        response_digest(b"k", SALT, b"contenu"),
    }
    assert len(digests) == 4


def test_parts_of_a_meaning_do_not_run_together():
    assert meaning_digest("ab", "c") != meaning_digest("a", "bc") != meaning_digest(["a", "bc"])


def test_what_defines_a_value_always_has_one_length():
    other = Definition(
        kind="themes", name="theme:housing-and-shelter", meaning=meaning_digest(), variance=Fraction(400, 81)
    )
    assert {len(encoded(it, n, members_digest([]))) for it in (SCORE, other) for n in (11, 10_000)} == {268}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (lambda: Stream(b"short", b""), "noise secret"),
        (lambda: response_digest(b"k", b"salt", b""), "random bytes"),
        (lambda: encoded(SCORE, 11, b"short"), "digest"),
        (lambda: encoded(msgspec.structs.replace(SCORE, meaning=b""), 11, b"w" * 32), "digest"),
    ],
)
def test_a_part_of_the_wrong_length_is_refused(wrong, why):
    with pytest.raises(ValueError, match=why):
        wrong()


def test_the_stream_is_shake_256_keyed_by_hkdf():
    """Written out from RFC 5869 with SHA-256, one block, and FIPS 202."""
    key = hmac.new(
        hmac.new(b"heard/noise/2", SECRET, "sha256").digest(), b"value\x01", hashlib.sha256
    ).digest()
    first = hashlib.shake_256(key + bytes(8)).digest(272)
    second = hashlib.shake_256(key + (1).to_bytes(8)).digest(272)
    stream = Stream(SECRET, b"value")
    assert bytes(stream.below(256) for _ in range(544)) == first + second


@pytest.mark.parametrize("bound", [1, 2, 3, 7, 840])
def test_numbers_under_a_bound_all_come_as_often(bound):
    stream = Stream(SECRET, b"%d" % bound)
    counts = Counter(stream.below(bound) for _ in range(200 * bound))
    assert set(counts) == set(range(bound))
    squares = sum((count - 200) ** 2 / 200 for count in counts.values())
    assert squares < bound + 5 * (2 * bound) ** 0.5
