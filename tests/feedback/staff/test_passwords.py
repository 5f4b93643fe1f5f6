"""Passwords: long enough, not a common one, and slow to guess at."""

import asyncio

import pytest
from argon2 import extract_parameters

from feedback.fieldwork.programs import names_in
from feedback.staff import passwords
from feedback.staff.passwords import PasswordRefused
from surveys.registry import shipped_programs

pytestmark = pytest.mark.usefixtures("slow_hashes")
CARLA = "carla.mendez@county.example"
NAMES = names_in(shipped_programs().programs, shipped_programs().contractors)
MOSTLY = "easy to guess: it is mostly a name that everybody here knows"


@pytest.fixture
def compared_hashes(monkeypatch):
    """The hashes that passwords were compared with, in order."""
    hashes = []

    class WatchedHasher:
        def __init__(self, hasher):
            self._hasher = hasher
            self.hash = hasher.hash

        def verify(self, password_hash, password):
            hashes.append(password_hash)
            return self._hasher.verify(password_hash, password)

    monkeypatch.setattr(passwords, "_HASHER", WatchedHasher(passwords._HASHER))
    return hashes


def fits(password_hash, password):
    return asyncio.run(passwords.fits(password_hash, password))


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
    passwords.check(password, CARLA, names=NAMES)


@pytest.mark.parametrize(
    "password",
    [
        "vistadelmar2026!",
        "Vista Del Mar 2026",
        "VISTA-DEL-MAR!!!",
        "v1st@D31Mar.2026",
        "Vista!Del!Mar!9",
        "V\u00edsta  del  M\u00e1r 1",
        "\uff36\uff49\uff53\uff54\uff41delmar2026",
        "ilovevistadelmar",
        "MyVistaDelMarLogin1",
        "welcome to vista del mar 2026",
        "OliveCrestRocks",
        "delmardelmar99",
        "vdm 2026-11-30",
        "vdmVDMvdm20261130",
        "ofays2026ofays",
        "DCFS DREAM Unit 1",
        "safeyouthzone2026",
        "SYZ-frp-SYZ-2026",
        "los angeles county",
    ],
)
def test_a_password_that_is_mostly_the_name_of_an_organization_or_a_program_is_refused(password):
    with pytest.raises(PasswordRefused, match=MOSTLY):
        passwords.check(password, CARLA, names=NAMES)


@pytest.mark.parametrize(
    "password", ["Probation2026!!", "vista2026vista", "optimistyouth1", "CAST training 2026"]
)
def test_a_password_that_is_to_three_quarters_single_words_of_names_is_refused(password):
    with pytest.raises(PasswordRefused, match=MOSTLY):
        passwords.check(password, CARLA, names=NAMES)


@pytest.mark.parametrize("password", ["ramledatsiv2026", "tserc evilo 2026"])
def test_a_name_turned_round_is_refused_as_a_password(password):
    passwords.check(password, CARLA)
    with pytest.raises(PasswordRefused, match=MOSTLY):
        passwords.check(password, CARLA, names=NAMES)


def test_a_name_beside_another_word_weighs_no_more_than_a_common_one():
    passwords.check("probationlamp9", CARLA)
    with pytest.raises(PasswordRefused, match="made of names that everybody here knows"):
        passwords.check("probationlamp9", CARLA, names=NAMES)


def test_one_s_own_address_is_a_name_too():
    for password in ("carlamendez2026", "mendez.county.example 1", "Carla!Mendez!99"):
        with pytest.raises(PasswordRefused, match=MOSTLY):
            passwords.check(password, CARLA)


@pytest.mark.parametrize(
    "password",
    [
        "vista del mar quietly seven lamp",
        "young people walk across rivers",
        "castle started community pepper",
        "optimal marmalade vistas forever",
        "k7vdm#Vq2!mZ9pL",
        "\u0442\u044b\u0441\u044f\u0447\u0430 \u0440\u0430\u0437\u043d\u044b\u0445 \u0441\u043b\u043e\u0432",
    ],
)
def test_a_password_that_only_holds_a_word_of_a_name_is_taken(password):
    passwords.check(password, CARLA, names=NAMES)


def test_a_password_is_mostly_a_name_from_half_of_its_letters_on_and_figures_do_not_count():
    names = ["Zimtstern Haus"]
    with pytest.raises(PasswordRefused, match=MOSTLY):
        passwords.check("zimtsternhaus" + "qwzkvjxpydgbf" + "583920174", "", names=names)
    passwords.check("zimtsternhaus" + "qwzkvjxpydgbfm", "", names=names)


def test_an_organization_of_one_word_or_of_other_letters_has_a_name_too():
    for name, password in (
        ("Zonta", "zontazonta2026"),
        ("\u5e0c\u671b\u4e4b\u5bb6", "\u5e0c\u671b\u4e4b\u5bb6 20261130!"),
    ):
        with pytest.raises(PasswordRefused, match=MOSTLY):
            passwords.check(password, "", names=[name])


def test_a_name_without_a_letter_refuses_nothing():
    passwords.check("lamp river quietly seven", "", names=["", "!!!", " - ", "2026"])


@pytest.mark.slow
def test_a_password_fits_what_was_kept_of_it_and_nothing_else():
    password_hash = asyncio.run(passwords.hash_of("lamp river quietly seven"))
    assert fits(password_hash, "lamp river quietly seven")
    assert not fits(password_hash, "lamp river quietly eight")
    assert not fits(password_hash, "")


@pytest.mark.slow
def test_where_no_password_is_kept_none_fits_and_the_comparison_costs_the_same(compared_hashes):
    password_hash = asyncio.run(passwords.hash_of("lamp river quietly seven"))
    assert not fits(password_hash, "wrong")
    assert not fits(None, "wrong")
    own_hash, stand_in = compared_hashes
    assert own_hash != stand_in
    assert extract_parameters(own_hash) == extract_parameters(stand_in)


def test_where_no_password_is_kept_not_even_the_stand_in_s_own_fits(monkeypatch):
    password_hash = asyncio.run(passwords.hash_of("lamp river quietly seven"))
    monkeypatch.setattr(passwords, "_nobody", lambda: password_hash)
    assert not fits(None, "lamp river quietly seven")


def test_a_very_long_password_is_refused_before_any_slow_work(compared_hashes):
    assert not fits(passwords._nobody(), "x" * 1_001)
    assert compared_hashes == []
