"""Signing in: a password and then a code, each good once, each try counted. Mallory should not get in."""

import asyncio
import datetime as dt
import re
from contextlib import suppress

import pytest
from sqlalchemy import select

from feedback import clock
from feedback.deployment import open_deployment
from feedback.staff import accounts, passwords, sign_in_backoff
from feedback.staff.sign_in_backoff import FREE, TooSoon
from feedback.staff.signing_in import PendingSessionOver, SigningIn
from feedback.storage.staff_tables import AuditRow, SessionRow, TriesRow
from tests.support.people import Person
from tests.support.sandbox import PASSWORD

CARLA = "carla@county.example"


@pytest.fixture
def carla(sandbox, clock):
    clock()
    person = Person(sandbox)
    clock(minutes=5)
    return person


def rows(sandbox, table):
    async def read(session):
        return (await session.execute(select(table))).scalars().all()

    return sandbox.in_transaction(read)


def test_a_password_alone_opens_nothing(carla):
    pending = carla.give_password()
    assert carla.session_of(pending) is None


def test_a_password_and_a_code_begin_a_session_under_a_new_id(carla):
    pending = carla.give_password()
    signed_in = carla.give_code(pending, carla.code(0))
    assert carla.session_of(signed_in.token) == CARLA
    assert signed_in.token != pending
    with pytest.raises(PendingSessionOver):
        carla.give_code(pending, carla.code(1))


def test_a_replayed_code_is_refused(carla):
    code = carla.code(0)
    assert carla.give_code(carla.give_password(), code)
    assert carla.give_code(carla.give_password(), code) is None
    assert carla.give_code(carla.give_password(), carla.code(1))


def test_two_who_send_one_code_at_once_begin_one_session(sandbox, carla):
    halves, code = [carla.give_password() for _ in range(2)], carla.code(0)

    async def race():
        async with open_deployment(sandbox.settings) as deployment:
            it = SigningIn(deployment.database, carla.keys, "")
            return await asyncio.gather(*(it.with_code(pending, code) for pending in halves))

    assert sum(it is not None for it in asyncio.run(race())) == 1


def test_each_recovery_code_is_good_once(carla):
    for code in carla.recovery[:2]:
        assert carla.give_code(carla.give_password(), code.upper())
        assert carla.give_code(carla.give_password(), code) is None


def test_nobody_s_code_opens_somebody_else_s_account(sandbox, carla):
    ada = Person(sandbox, "ada@county.example", "admin")
    for code in (ada.code(1), ada.recovery[0]):
        assert carla.give_code(carla.give_password(), code) is None
    assert ada.give_code(ada.give_password(), ada.recovery[0]), "nor was it used up"


def test_a_wrong_password_an_unknown_address_and_an_account_without_one_look_alike(sandbox, carla):
    sandbox.in_transaction(lambda s: accounts.add_user(s, "new@county.example", "ctlt", None))
    assert carla.give_password("the wrong words for her") is None
    assert carla.give_password(email="nobody@county.example") is None
    assert carla.give_password("", email="new@county.example") is None
    assert carla.give_password("x" * 2_000) is None
    assert rows(sandbox, SessionRow) == []


def test_an_address_may_be_typed_in_capitals_and_with_spaces(carla):
    assert carla.give_password(email="  CARLA@County.Example ")


def test_a_person_kept_out_while_the_password_was_compared_stays_out(sandbox, carla, monkeypatch):
    slow = passwords.fits

    async def interrupt(password_hash, password, line):
        sandbox.in_transaction(lambda s: accounts.set_disabled(s, CARLA, disabled=True))
        return await slow(password_hash, password, line)

    monkeypatch.setattr(passwords, "fits", interrupt)
    assert carla.give_password() is None
    assert rows(sandbox, SessionRow) == []


def test_a_person_kept_out_between_password_and_code_stays_out(sandbox, carla):
    pending = carla.give_password()
    sandbox.in_transaction(lambda s: accounts.set_disabled(s, CARLA, disabled=True))
    with pytest.raises(PendingSessionOver):
        carla.give_code(pending, carla.code(0))


def test_after_a_few_failures_the_next_try_has_to_wait(carla, clock):
    for _ in range(FREE):
        assert carla.give_password("wrong") is None
    with pytest.raises(TooSoon, match=r"Too many tries with this address\. Wait a minute"):
        carla.give_password()
    clock(minutes=5, seconds=31)
    assert carla.give_password(), "the right one after the wait is taken"


def test_an_address_without_an_account_has_to_wait_after_a_few_failures_too(carla):
    for _ in range(FREE):
        assert carla.give_password(email="nobody@county.example") is None
    with pytest.raises(TooSoon):
        carla.give_password(email="nobody@county.example")


def test_codes_are_counted_with_the_passwords(carla):
    pending = carla.give_password()
    for _ in range(FREE - 1):
        assert carla.give_code(pending, "000000") is None
    with pytest.raises(TooSoon):
        carla.give_code(pending, carla.code(0))


def test_a_right_password_alone_forgives_nothing(carla):
    pending = ""
    for _ in range(FREE):
        pending = carla.give_password()
    with pytest.raises(TooSoon):
        carla.give_code(pending, "000000")


def test_signing_in_forgives_what_failed_before(sandbox, carla):
    for _ in range(FREE - 2):
        carla.give_password("wrong")
    carla.sign_in()
    assert rows(sandbox, TriesRow) == []


def test_nobody_s_failures_slow_anybody_else_down(sandbox, carla):
    ada = Person(sandbox, "ada@county.example", "admin")
    for _ in range(FREE):
        carla.give_password("wrong")
    assert ada.give_password()


def test_mallory_s_guesses_keep_carla_out_of_no_device_she_used_before(carla):
    device = carla.sign_in().device
    for _ in range(FREE):
        carla.give_password("wrong")
    with pytest.raises(TooSoon):
        carla.give_password()
    assert carla.sign_in(device)


def test_a_made_up_device_or_another_person_s_is_no_known_device(sandbox, carla):
    ada = Person(sandbox, "ada@county.example", "admin")
    hers = ada.sign_in().device
    for _ in range(FREE):
        carla.give_password("wrong", device=hers)
    for device in ("", "made.up", hers, "\udcff.x", "x" * 5_000):
        with pytest.raises(TooSoon):
            carla.give_password(device=device)


def test_many_tries_at_once_are_many_tries(sandbox, carla):
    async def race():
        async with open_deployment(sandbox.settings) as deployment:
            it = SigningIn(deployment.database, carla.keys, "")
            tries = (it.with_password(CARLA, f"wrong {number}") for number in range(FREE + 4))
            return await asyncio.gather(*tries, return_exceptions=True)

    outcomes = asyncio.run(race())
    assert sum(isinstance(it, TooSoon) for it in outcomes) == 4
    assert outcomes.count(None) == FREE


def test_waits_double_up_to_an_hour_and_are_forgotten_after_a_day(carla, clock):
    waits = [
        sign_in_backoff.wait_after(number) for number in (0, FREE - 1, FREE, FREE + 1, FREE + 2, 50, 10_000)
    ]
    half_a_minute = dt.timedelta(seconds=30)
    assert waits[:5] == [dt.timedelta(0)] * 2 + [half_a_minute, half_a_minute * 2, half_a_minute * 4]
    assert waits[5:] == [dt.timedelta(hours=1)] * 2
    for _ in range(FREE):
        carla.give_password("wrong")
    clock(days=1, minutes=6)
    for _ in range(FREE):
        assert carla.give_password("wrong") is None


@pytest.mark.slow
def test_no_flood_of_made_up_addresses_drives_out_the_tries_of_an_account(sandbox, carla, monkeypatch):
    monkeypatch.setattr(sign_in_backoff, "BUCKETS", 20)
    for _ in range(FREE):
        carla.give_password("wrong")

    async def flood(session):
        for number in range(400):
            address = sign_in_backoff.bucket_key(carla.keys, f"{number}@county.example")
            with suppress(TooSoon):
                await sign_in_backoff.count_try(session, address, clock.now())

    sandbox.in_transaction(flood)
    assert len(rows(sandbox, TriesRow)) <= 20 + 1, "addresses without an account share a few rows"
    with pytest.raises(TooSoon):
        carla.give_password()


@pytest.mark.slow
def test_a_hundred_guesses_meet_every_wait_however_full_the_table_is(sandbox, carla, clock, monkeypatch):
    """A guess a second: of a hundred, five are free, and each of the others waits longer."""
    monkeypatch.setattr(sign_in_backoff, "BUCKETS", 20)
    n_looked_at = 0
    for second in range(100):
        clock(minutes=5, seconds=second)
        carla.give_password("wrong", email=f"{second}@elsewhere.example") if second % 20 < 4 else None
        with suppress(TooSoon):
            assert carla.give_password("wrong") is None
            n_looked_at += 1
    assert n_looked_at == FREE + 2, "after 30 seconds, and after 60 more"


@pytest.mark.slow
def test_a_hundred_codes_of_somebody_with_the_password_meet_every_wait(carla, clock):
    """Beginning again and again: tries are counted for the account, not for a session."""
    n_looked_at, pending = 0, None
    for second in range(100):
        clock(minutes=5, seconds=second)
        with suppress(TooSoon):
            if pending is None:
                pending = carla.give_password()
            else:
                assert carla.give_code(pending, "000000") is None
                pending = None
            n_looked_at += 1
    assert n_looked_at == FREE + 2


def test_a_half_session_ends_after_five_wrong_codes(carla, clock):
    pending = carla.give_password()
    for number in range(FREE - 1):
        clock(minutes=6 + number)
        assert carla.give_code(pending, "000000") is None
    clock(minutes=6 + FREE - 2, seconds=45)
    with pytest.raises(PendingSessionOver, match="Five codes were wrong"):
        carla.give_code(pending, "000000")
    with pytest.raises(PendingSessionOver, match="Please begin again"):
        carla.give_code(pending, carla.code(0))


def test_an_endless_password_costs_its_owner_no_try(sandbox, carla):
    for _ in range(FREE * 2):
        assert carla.give_password("x" * 1_001) is None
    assert rows(sandbox, TriesRow) == []
    assert carla.give_password()


def test_tries_are_kept_without_the_address(sandbox, carla):
    carla.give_password("wrong", email="nobody@county.example")
    (row,) = rows(sandbox, TriesRow)
    assert b"nobody" not in row.address
    assert len(row.address) == 32


def test_the_audit_log_tells_of_a_sign_in_how_it_was_done_and_of_somebody_guessing(sandbox, carla):
    carla.sign_in()
    carla.give_code(carla.give_password(), carla.recovery[0])
    carla.give_code(carla.give_password(), "000000")
    for _ in range(FREE):
        with suppress(TooSoon):
            carla.give_password("wrong")
        with suppress(TooSoon):
            carla.give_password("wrong", email="nobody@county.example")
    entries = [(it.who, it.action, it.object) for it in rows(sandbox, AuditRow)]
    assert entries == [
        (CARLA, "sign-in", "password and code"),
        (CARLA, "sign-in", "password and recovery code"),
        ("somebody", "sign-in.failed", f"{CARLA}, code"),
        *[("somebody", "sign-in.failed", f"{CARLA}, password")] * 2,
        ("somebody", "sign-in.slowed", CARLA),
        ("somebody", "sign-in.failed", f"{CARLA}, password"),
    ]
    assert PASSWORD not in str(entries)


def test_after_the_fifth_failure_the_audit_log_has_one_count_a_day(sandbox, carla, clock):
    for hour in range(30):
        clock(hours=hour, minutes=6)
        carla.give_password("wrong")
    clock(days=3)
    carla.sign_in()
    objects = [it.object for it in rows(sandbox, AuditRow) if it.action == "sign-in.failed"]
    assert objects[:FREE] == [f"{CARLA}, password"] * FREE
    assert len(objects) <= FREE + 3, "one for each day, and what was left when she signed in"
    total = sum(int(re.findall(r", (\d+)", it)[0]) if re.search(r", \d", it) else 1 for it in objects)
    assert total == 30
