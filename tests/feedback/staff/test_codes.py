"""Second factors: the six digits of a phone, each good once, and recovery codes."""

import datetime as dt

import pyotp
import pytest

from feedback.staff import codes
from feedback.storage.keys import StaffKeys

KEYS, OTHERS = StaffKeys(b"k" * 32), StaffKeys(b"o" * 32)
SECRET = b"12345678901234567890"
"""The secret of RFC 6238's own test vectors."""
NOON = dt.datetime(2026, 8, 15, 12, 0)  # noqa: DTZ001 - as the database keeps it, in UTC


@pytest.mark.parametrize(
    ("at", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_codes_are_those_of_the_standard(at, digits):
    moment = dt.datetime.fromtimestamp(at, dt.UTC).replace(tzinfo=None)
    assert codes.shown_at(SECRET, moment) == digits
    assert codes.step_of(SECRET, digits, moment, None) == at // 30


def test_a_phone_may_be_half_a_minute_off_and_no_more():
    steps = []
    for late in (-60, -30, 0, 30, 60):
        code = codes.shown_at(SECRET, NOON + dt.timedelta(seconds=late))
        steps.append(codes.step_of(SECRET, code, NOON, None))
    assert [it is not None for it in steps] == [False, True, True, True, False]


def test_a_code_is_good_once_and_no_older_one_after_it():
    code = codes.shown_at(SECRET, NOON)
    step = codes.step_of(SECRET, code, NOON, None)
    assert codes.step_of(SECRET, code, NOON, step) is None
    before = codes.shown_at(SECRET, NOON - dt.timedelta(seconds=30))
    assert codes.step_of(SECRET, before, NOON, step) is None
    after = codes.shown_at(SECRET, NOON + dt.timedelta(seconds=30))
    assert codes.step_of(SECRET, after, NOON, step) == step + 1


@pytest.mark.parametrize("text", ["", "12", "abcdef", "１２３４５６", "0" * 1_000, "\0\0\0\0\0\0", "12345６"])
def test_what_is_no_code_is_refused(text):
    assert codes.step_of(SECRET, text, NOON, None) is None


def test_a_code_may_be_typed_with_a_space():
    code = codes.shown_at(SECRET, NOON)
    assert codes.step_of(SECRET, f" {code[:3]} {code[3:]} ", NOON, None) is not None


def test_a_phone_that_reads_the_square_code_shows_what_we_expect():
    phone = pyotp.parse_uri(codes.provisioning_uri(SECRET, "carla@county.example"))
    assert (phone.name, phone.issuer) == ("carla@county.example", "Heard")
    assert phone.at(NOON.replace(tzinfo=dt.UTC)) == codes.shown_at(SECRET, NOON)
    assert pyotp.TOTP(codes.manual_key(SECRET).replace(" ", "")).secret == phone.secret


def clock_of(seconds, *, ahead=False, last=None):
    """What is said of the code of a phone whose clock is so many seconds off."""
    code = codes.shown_at(SECRET, NOON + dt.timedelta(seconds=seconds))
    try:
        codes.check_clock(SECRET, code, NOON, last, ahead=ahead)
    except codes.ClockOff as off:
        return str(off)
    return None


def test_a_code_that_is_wrong_by_the_phone_s_clock_is_told_apart_from_a_wrong_one():
    assert clock_of(-300).startswith("The clock of your phone is about 5 min behind")
    assert clock_of(300, ahead=True).startswith("The clock of your phone is about 5 min ahead")
    assert clock_of(-60), "a minute is just too much"
    assert clock_of(-3_600) is None, "an hour is told from a code that is simply wrong no longer"
    codes.check_clock(SECRET, "000000", NOON, None, ahead=True)


def test_somebody_who_guesses_is_told_of_no_code_that_comes_to_be_good():
    assert clock_of(300) is None


def test_a_code_that_was_used_is_no_fault_of_the_clock():
    step = codes.step_of(SECRET, codes.shown_at(SECRET, NOON), NOON, None)
    assert clock_of(0, last=step) is None
    assert clock_of(-300, last=step) is None


def test_a_new_secret_is_the_same_for_the_same_invitation_and_for_nothing_else():
    one = codes.new_secret(KEYS, "invitation", "token")
    assert one == codes.new_secret(KEYS, "invitation", "token")
    others = [
        codes.new_secret(KEYS, "invitation", "another"),
        codes.new_secret(OTHERS, "invitation", "token"),
        codes.new_secret(KEYS, "invitationtoken"),
    ]
    assert len({one, *others}) == 4
    assert len(one) == 20


def test_a_second_factor_opens_with_the_key_that_sealed_it_alone():
    sealed = codes.seal(KEYS, SECRET)
    assert SECRET not in sealed
    assert codes.unseal(KEYS, sealed) == SECRET
    assert codes.unseal(OTHERS, sealed) is None
    assert codes.unseal(KEYS, sealed[:-1]) is None
    assert codes.unseal(KEYS, None) is None


def test_recovery_codes_are_ten_hard_to_guess_and_forgiving_to_type():
    recovery_codes = codes.new_recovery_codes()
    assert len(set(recovery_codes)) == 10
    assert all(len(it.replace("-", "")) == 12 for it in recovery_codes)
    digest = codes.recovery_hash(KEYS, recovery_codes[0])
    assert codes.recovery_hash(KEYS, f" {recovery_codes[0].upper().replace('-', ' ')} ") == digest
    assert codes.recovery_hash(OTHERS, recovery_codes[0]) != digest
    assert codes.recovery_hash(KEYS, recovery_codes[1]) != digest
