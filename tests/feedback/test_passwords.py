"""Passwords: long enough, not a common one, and slow to guess at."""

import asyncio

import pytest
from argon2 import extract_parameters

from feedback import passwords
from feedback.passwords import PasswordRefused

pytestmark = pytest.mark.usefixtures("slow_hashes")
CARLA = "carla.mendez@county.example"


@pytest.fixture
def verified(monkeypatch):
    """The hashes that passwords were compared with, in order."""
    seen = []

    class Watched:
        def __init__(self, hasher):
            self._hasher = hasher
            self.hash = hasher.hash

        def verify(self, hashed, password):
            seen.append(hashed)
            return self._hasher.verify(hashed, password)

    monkeypatch.setattr(passwords, "_HASHER", Watched(passwords._HASHER))
    return seen


def fits(kept, password):
    return asyncio.run(passwords.fits(kept, password))


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 1_001])
def test_a_password_of_a_wrong_length_is_refused(password):
    with pytest.raises(PasswordRefused, match="12 characters or more, and at most 1,000"):
        passwords.check(password, CARLA)


@pytest.mark.parametrize(
    "password",
    [
        "password12345",
        "P@ssw0rd2026!",
        "qwertyuiop123",
        "123456789012",
        "aaaaaaaaaaaaaaaa",
        "iloveyou2026",
        "carla.mendez1",
        "heardfeedback",
        "losangeles2026",
        "abcabcabcabcabc",
    ],
)
def test_a_common_password_a_pattern_or_one_s_own_address_is_refused(password):
    with pytest.raises(PasswordRefused, match="easy to guess"):
        passwords.check(password, CARLA)


@pytest.mark.parametrize(
    "password",
    [
        "four words for rehearsals",
        "lamp river quietly seven",
        "k7#Vq2!mZ9pL",
        "kaj hundo kuras rapide",
        "sólo cuatro palabras raras",
        "x9" + "lamp river " * 80,
    ],
)
def test_words_that_do_not_belong_together_are_taken(password):
    passwords.check(password, CARLA)


@pytest.mark.slow
def test_a_password_fits_what_was_kept_of_it_and_nothing_else():
    kept = asyncio.run(passwords.hashed("lamp river quietly seven"))
    assert fits(kept, "lamp river quietly seven")
    assert not fits(kept, "lamp river quietly eight")
    assert not fits(kept, "")


@pytest.mark.slow
def test_where_nothing_is_kept_nothing_fits_and_it_costs_the_same(verified):
    kept = asyncio.run(passwords.hashed("lamp river quietly seven"))
    assert not fits(kept, "wrong")
    assert not fits(None, "wrong")
    known, unknown = verified
    assert known != unknown
    assert extract_parameters(known) == extract_parameters(unknown)


def test_nobody_has_no_account_even_with_the_right_password(monkeypatch):
    guessed = asyncio.run(passwords.hashed("lamp river quietly seven"))
    monkeypatch.setattr(passwords, "_nobody", lambda: guessed)
    assert not fits(None, "lamp river quietly seven")


def test_a_very_long_password_is_refused_before_any_slow_work(verified):
    assert not fits(passwords._nobody(), "x" * 1_001)
    assert verified == []
