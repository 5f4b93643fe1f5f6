"""Staff accounts: an invitation once, a password that is slow to guess at, sessions that end."""

import datetime as dt

import pytest
from argon2 import Type, extract_parameters
from sqlalchemy import select

from feedback import accounts
from feedback.accounts import ROLES, Account, AccountRefused
from feedback.tables import InvitationRow, SessionRow, UserRow

GOOD = "four words for carla"
OTHER = "four words for olga!"
NOON = dt.datetime(2026, 8, 15, 12, 0)  # noqa: DTZ001 - stored without a zone, in UTC


@pytest.fixture
def clock(monkeypatch):
    """Moves the accounts' clock: `clock(hours=2)` is two hours after noon."""

    def at(**after):
        monkeypatch.setattr(accounts, "_now", lambda: NOON + dt.timedelta(**after))

    at()
    return at


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

    monkeypatch.setattr(accounts, "_HASHER", Watched(accounts._HASHER))
    return seen


def add(rehearsal, email="carla@county.example", role="ctlt", contractor=None):
    return rehearsal.in_transaction(lambda s: accounts.add_user(s, email, role, contractor))


def set_password(rehearsal, token, password=GOOD):
    rehearsal.in_transaction(lambda s: accounts.set_password(s, token, password))


def sign_in(rehearsal, email="carla@county.example", password=GOOD):
    return rehearsal.in_transaction(lambda s: accounts.sign_in(s, email, password))


def signed_in(rehearsal, token):
    return rehearsal.in_transaction(lambda s: accounts.signed_in(s, token))


def invited(rehearsal, token):
    return rehearsal.in_transaction(lambda s: accounts.invited(s, token))


def carla(rehearsal):
    """Carla has an account and a password; her session's token is returned."""
    set_password(rehearsal, add(rehearsal))
    return sign_in(rehearsal)


def disable(rehearsal):
    async def work(session):
        (await session.execute(select(UserRow))).scalars().one().disabled = True

    rehearsal.in_transaction(work)


def rows(rehearsal, table):
    async def read(session):
        return (await session.execute(select(table))).scalars().all()

    return rehearsal.in_transaction(read)


def test_a_password_is_kept_as_argon2id_of_at_least_46_mebibytes(rehearsal):
    carla(rehearsal)
    (user,) = rows(rehearsal, UserRow)
    parameters = extract_parameters(user.password)
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 46 * 1024
    assert GOOD not in user.password


def test_no_token_is_stored_as_it_is_handed_out(rehearsal):
    invitation = add(rehearsal)
    (kept,) = rows(rehearsal, InvitationRow)
    assert kept.token != invitation.encode()
    set_password(rehearsal, invitation)
    session = sign_in(rehearsal)
    (kept,) = rows(rehearsal, SessionRow)
    assert kept.token != session.encode()


def test_an_invitation_knows_whom_it_is_for(rehearsal):
    assert invited(rehearsal, add(rehearsal)) == "carla@county.example"
    assert invited(rehearsal, "made up") is None


def test_an_invitation_works_once(rehearsal):
    token = add(rehearsal)
    set_password(rehearsal, token)
    assert invited(rehearsal, token) is None
    with pytest.raises(AccountRefused, match="used already or is over"):
        set_password(rehearsal, token, OTHER)
    assert sign_in(rehearsal)
    assert sign_in(rehearsal, password=OTHER) is None


def test_an_invitation_ends_after_seven_days(rehearsal, clock):
    token = add(rehearsal)
    clock(days=7)
    assert invited(rehearsal, token) == "carla@county.example"
    clock(days=7, seconds=1)
    assert invited(rehearsal, token) is None
    with pytest.raises(AccountRefused, match="used already or is over"):
        set_password(rehearsal, token)


def test_before_a_password_is_set_nobody_signs_in(rehearsal):
    add(rehearsal)
    assert sign_in(rehearsal) is None
    assert sign_in(rehearsal, password="") is None


def test_a_password_of_a_wrong_length_is_refused_and_the_invitation_stays(rehearsal):
    token = add(rehearsal)
    for password in ("", "eleven char", "x" * 1_001):
        with pytest.raises(AccountRefused, match="12 characters or more, and at most 1,000"):
            set_password(rehearsal, token, password)
        assert invited(rehearsal, token) == "carla@county.example"


def test_the_shortest_and_the_longest_password_work(rehearsal):
    for who, password in (("short@county.example", "exactly 12 c"), ("long@county.example", "x" * 1_000)):
        set_password(rehearsal, add(rehearsal, who), password)
        assert sign_in(rehearsal, who, password)


def test_setting_a_password_ends_every_session(rehearsal):
    session = carla(rehearsal)

    async def invite_again(s):
        (user,) = (await s.execute(select(UserRow))).scalars()
        until = accounts._now() + dt.timedelta(days=1)
        s.add(InvitationRow(token=accounts._hash("again"), user=user.id, expires_at=until))

    rehearsal.in_transaction(invite_again)
    set_password(rehearsal, "again", OTHER)
    assert signed_in(rehearsal, session) is None
    assert sign_in(rehearsal, password=OTHER)


def test_an_address_is_the_same_in_capitals_and_with_spaces_around_it(rehearsal):
    set_password(rehearsal, add(rehearsal, "Carla@County.Example"))
    token = sign_in(rehearsal, "  CARLA@county.example ")
    assert signed_in(rehearsal, token).email == "carla@county.example"
    with pytest.raises(AccountRefused, match="has an account already"):
        add(rehearsal, "CARLA@COUNTY.EXAMPLE")


def test_a_session_belongs_to_its_account(rehearsal):
    set_password(rehearsal, add(rehearsal, "vera@vista.example", "contractor", "vista-del-mar"))
    account = signed_in(rehearsal, sign_in(rehearsal, "vera@vista.example"))
    assert (account.email, account.role, account.contractor) == (
        "vera@vista.example",
        "contractor",
        "vista-del-mar",
    )
    assert signed_in(rehearsal, "made up") is None


def test_signing_out_ends_the_session_and_no_other(rehearsal):
    phone, desk = carla(rehearsal), sign_in(rehearsal)
    rehearsal.in_transaction(lambda s: accounts.sign_out(s, phone))
    assert signed_in(rehearsal, phone) is None
    assert signed_in(rehearsal, desk).email == "carla@county.example"


def test_an_idle_session_ends_after_an_hour(rehearsal, clock):
    token = carla(rehearsal)
    clock(minutes=60)
    assert signed_in(rehearsal, token)
    clock(minutes=120)
    assert signed_in(rehearsal, token)
    clock(minutes=180, seconds=1)
    assert signed_in(rehearsal, token) is None
    assert rows(rehearsal, SessionRow) == []


def test_a_busy_session_ends_after_twelve_hours(rehearsal, clock):
    token = carla(rehearsal)
    for hour in range(1, 13):
        clock(hours=hour)
        assert signed_in(rehearsal, token)
    clock(hours=12, seconds=1)
    assert signed_in(rehearsal, token) is None


def test_a_disabled_person_is_out_at_once_and_stays_out(rehearsal):
    token = carla(rehearsal)
    disable(rehearsal)
    assert signed_in(rehearsal, token) is None
    assert sign_in(rehearsal) is None


def test_an_unknown_address_costs_what_a_known_one_does(rehearsal, verified):
    carla(rehearsal)
    verified.clear()
    assert sign_in(rehearsal, password="the wrong words for her") is None
    assert sign_in(rehearsal, "nobody@county.example") is None
    known, unknown = verified
    assert known != unknown
    assert extract_parameters(known) == extract_parameters(unknown)


def test_an_account_that_cannot_sign_in_costs_the_same_too(rehearsal, verified):
    invitation = add(rehearsal)
    assert sign_in(rehearsal) is None
    set_password(rehearsal, invitation)
    disable(rehearsal)
    assert sign_in(rehearsal) is None
    assert verified == [accounts._nobody(), accounts._nobody()]


def test_nobody_has_no_account_even_with_the_right_password(rehearsal, monkeypatch):
    guessed = accounts._HASHER.hash(GOOD)
    monkeypatch.setattr(accounts, "_nobody", lambda: guessed)
    assert sign_in(rehearsal, "nobody@county.example") is None
    assert rows(rehearsal, SessionRow) == []


def test_a_very_long_password_is_refused_before_any_slow_work(rehearsal, verified):
    carla(rehearsal)
    verified.clear()
    for email in ("carla@county.example", "nobody@county.example"):
        assert sign_in(rehearsal, email, "x" * 1_001) is None
    assert verified == []


def test_what_is_no_address_gets_no_account(rehearsal):
    at_sign_alone, no_dot, too_long = "@county.example", "carla@county", "c" * 251 + "@a.b"
    for email in (
        "",
        "carla",
        at_sign_alone,
        no_dot,
        "carla @county.example",
        "c@county.example\n",
        too_long,
    ):
        with pytest.raises(AccountRefused, match="is not an email address"):
            add(rehearsal, email)
    assert rows(rehearsal, UserRow) == []


def test_an_account_names_a_contractor_that_exists_when_and_only_when_it_is_a_contractors(rehearsal):
    for role, contractor in (("contractor", None), ("ctlt", "olive-crest")):
        with pytest.raises(AccountRefused, match="and no other, names its contractor"):
            add(rehearsal, role=role, contractor=contractor)
    with pytest.raises(AccountRefused, match="There is no contractor “nobody”"):
        add(rehearsal, role="contractor", contractor="nobody")


def test_only_ctlt_and_contractors_read_published_tables():
    viewers = {role: Account(1, "a@b.c", role, "olive-crest").viewer for role in ROLES}
    assert viewers == {
        "ctlt": "ctlt",
        "contractor": "contractor:olive-crest",
        "reviewer": None,
        "translator": None,
        "admin": None,
    }
