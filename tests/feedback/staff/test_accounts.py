"""Staff accounts: an invitation once, everything set up or nothing, and out at once when kept out."""

import datetime as dt

import pytest
from argon2 import Type, extract_parameters
from sqlalchemy import select

from analysis.publishing.viewers import CTLT, READER, Viewer
from feedback import clock
from feedback.deployment import read_staff_keys
from feedback.fieldwork.programs import store_programs
from feedback.staff import accounts
from feedback.staff.accounts import ROLES, Account, AccountRefused
from feedback.staff.own_account import OwnAccount
from feedback.staff.passwords import PasswordRefused
from feedback.staff.signing_in import SigningIn
from feedback.storage.staff_tables import InvitationRow, RecoveryCodeRow, SessionRow, UserRow
from surveys.registry import Contractor, Programs
from tests.support.people import Person
from tests.support.sandbox import PASSWORD

OTHER = "another four words for her"
CARLA = "carla@county.example"


def add(sandbox, email=CARLA, role="ctlt", contractor=None):
    return sandbox.in_transaction(lambda s: accounts.add_user(s, email, role, contractor))


def invited_email(sandbox, token):
    return sandbox.in_transaction(lambda s: accounts.invited_email(s, token))


def rows(sandbox, table):
    async def read(session):
        return (await session.execute(select(table))).scalars().all()

    return sandbox.in_transaction(read)


@pytest.mark.slow
@pytest.mark.usefixtures("slow_hashes")
def test_a_password_is_kept_as_argon2id_of_at_least_46_mebibytes(sandbox):
    Person(sandbox)
    (user,) = rows(sandbox, UserRow)
    parameters = extract_parameters(user.password)
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 46 * 1024
    assert PASSWORD not in user.password


def test_no_token_code_or_secret_is_stored_as_it_is_handed_out(sandbox):
    invitation = add(sandbox)
    (row,) = rows(sandbox, InvitationRow)
    assert row.token != invitation.encode()
    carla = Person(sandbox, "ada@county.example", "admin")
    token = sandbox.session(carla.email)
    (row,) = rows(sandbox, SessionRow)
    assert row.token != token.encode()
    second_factor = next(it.second_factor for it in rows(sandbox, UserRow) if it.email == carla.email)
    assert carla.secret not in second_factor
    hashes = {it.code for it in rows(sandbox, RecoveryCodeRow)}
    assert len(hashes) == len(carla.recovery) == 10
    assert not hashes & {it.encode() for it in carla.recovery}


def test_an_invitation_knows_whom_it_is_for(sandbox):
    assert invited_email(sandbox, add(sandbox)) == CARLA
    assert invited_email(sandbox, "made up") is None


def test_an_invitation_works_once(sandbox):
    token = add(sandbox)
    sandbox.set_up(token)
    assert invited_email(sandbox, token) is None
    with pytest.raises(AccountRefused, match="used already or is over"):
        sandbox.set_up(token, OTHER)


def test_an_invitation_ends_after_seven_days(sandbox, clock):
    token = add(sandbox)
    clock(days=7)
    assert invited_email(sandbox, token) == CARLA
    clock(days=7, seconds=1)
    assert invited_email(sandbox, token) is None
    with pytest.raises(AccountRefused, match="used already or is over"):
        sandbox.set_up(token)


def test_everything_is_set_up_or_nothing(sandbox):
    token, own = add(sandbox), read_staff_keys(sandbox.settings)
    for password, code, why in (
        ("eleven char", "000000", "12 characters or more, and at most 1,000"),
        ("x" * 1_001, "000000", "12 characters or more, and at most 1,000"),
        ("password12345", "000000", "easy to guess"),
        ("vistadelmar2026!", "000000", "mostly a name that everybody here knows"),
        ("Dream-Court-2026", "000000", "mostly a name that everybody here knows"),
        (PASSWORD, "000000", "not the ones your phone shows now"),
        (PASSWORD, "", "not the ones your phone shows now"),
    ):
        with pytest.raises(PasswordRefused, match=why):
            sandbox.run(lambda d, fields=(password, code): accounts.set_up(d.database, own, token, *fields))
    (user,) = rows(sandbox, UserRow)
    assert (user.password, user.second_factor) == (None, None)
    assert invited_email(sandbox, token) == CARLA, "and the address is still good"


def test_after_a_second_set_up_what_opened_the_account_before_is_good_no_longer(sandbox):
    carla = Person(sandbox)
    before, old_codes = sandbox.session(CARLA), carla.recovery
    again = sandbox.in_transaction(lambda s: accounts.invite_again(s, CARLA))
    assert carla.session_of(before) == CARLA, "an invitation alone changes nothing"
    carla.accept(again, OTHER)
    assert carla.session_of(before) is None
    assert carla.give_password(PASSWORD) is None
    pending = carla.give_password(OTHER)
    assert carla.give_code(pending, old_codes[0]) is None
    assert carla.give_code(pending, carla.recovery[0])


def test_nobody_changes_a_password_to_the_name_of_an_organization(sandbox):
    carla = Person(sandbox)

    async def change(deployment, new):
        signing_in = SigningIn(deployment.database, carla.keys, "")
        own = OwnAccount(Account(id=1, email=CARLA, role="ctlt", contractor=None), signing_in, "")
        await own.change_password(PASSWORD, new)

    for name in ("vistadelmar2026!", "Olive Crest 2026"):
        with pytest.raises(PasswordRefused, match="mostly a name that everybody here knows"):
            sandbox.run(lambda d, name=name: change(d, name))
    assert carla.give_password()
    sandbox.run(lambda d: change(d, OTHER))
    assert carla.give_password(OTHER)


def test_a_newer_invitation_replaces_an_older_one(sandbox):
    first = add(sandbox)
    second = sandbox.in_transaction(lambda s: accounts.invite_again(s, CARLA))
    assert invited_email(sandbox, first) is None
    assert invited_email(sandbox, second) == CARLA


def test_an_address_is_the_same_in_capitals(sandbox):
    add(sandbox, "Carla@County.Example")
    with pytest.raises(AccountRefused, match="has an account already"):
        add(sandbox, "CARLA@COUNTY.EXAMPLE")


def disable(sandbox, *, disabled=True):
    sandbox.in_transaction(lambda s: accounts.set_disabled(s, CARLA, disabled=disabled))


def test_a_disabled_person_is_out_at_once_and_stays_out(sandbox):
    carla = Person(sandbox)
    sessions_of_hers = [sandbox.session(CARLA) for _ in range(3)]
    disable(sandbox)
    assert rows(sandbox, SessionRow) == []
    assert [carla.session_of(it) for it in sessions_of_hers] == [None] * 3
    assert carla.give_password() is None
    with pytest.raises(AccountRefused, match="enable the account first"):
        sandbox.in_transaction(lambda s: accounts.invite_again(s, CARLA))
    disable(sandbox, disabled=False)
    assert carla.give_password()


def test_a_disabled_person_s_invitation_opens_nothing(sandbox):
    token = add(sandbox)
    disable(sandbox)
    disable(sandbox, disabled=False)
    assert invited_email(sandbox, token) is None, "enabling does not bring it back"


def test_another_role_ends_every_session(sandbox):
    carla = Person(sandbox)
    session = sandbox.session(CARLA)
    sandbox.in_transaction(lambda s: accounts.change_role(s, CARLA, "contractor", "olive-crest"))
    assert carla.session_of(session) is None
    (person,) = sandbox.in_transaction(accounts.people)
    assert (person.role, person.contractor) == ("contractor", "olive-crest")


def test_an_admin_sees_how_far_everybody_is(sandbox):
    add(sandbox, "new@county.example", "reviewer")
    Person(sandbox)
    people = {it.email: (it.is_set_up, it.disabled) for it in sandbox.in_transaction(accounts.people)}
    assert people == {CARLA: (True, False), "new@county.example": (False, False)}


@pytest.mark.parametrize(
    "email",
    [
        "",
        "carla",
        "@county.example",
        "carla@county",
        "carla @county.example",
        "c@county.example\n",
        "c\x07@county.example",
        "c\u202e@county.example",
        "c" * 251 + "@a.b",
    ],
)
def test_what_is_no_address_gets_no_account(sandbox, email):
    with pytest.raises(AccountRefused, match="is not an email address"):
        add(sandbox, email)
    assert rows(sandbox, UserRow) == []


def test_an_account_names_a_contractor_that_exists_when_and_only_when_it_is_a_contractors(sandbox):
    for role, contractor, why in (
        ("contractor", None, "An account of the role contractor needs its contractor."),
        ("ctlt", "olive-crest", "An account of the role ctlt has no contractor."),
    ):
        with pytest.raises(AccountRefused, match=why) as refused:
            add(sandbox, role=role, contractor=contractor)
        assert refused.value.problems == {"contractor": why}
    with pytest.raises(AccountRefused, match="There is no contractor “nobody”"):
        add(sandbox, role="contractor", contractor="nobody")
    with pytest.raises(AccountRefused, match="“queen” is not one of the roles"):
        add(sandbox, role="queen")
    with pytest.raises(AccountRefused, match="No role was chosen"):
        add(sandbox, role="")


def test_every_fault_of_an_account_is_told_by_its_field_and_at_once(sandbox):
    with pytest.raises(AccountRefused) as refused:
        add(sandbox, "carla", "contractor")
    assert refused.value.problems == {
        "email": "“carla” is not an email address.",
        "contractor": "An account of the role contractor needs its contractor.",
    }
    assert str(refused.value) == " ".join(refused.value.problems.values())


def test_an_organization_that_came_later_is_no_password_either(sandbox):
    sandbox.run(lambda d: accounts.check_password(d.database, "zimtsternhaus 26", CARLA))
    haus = Programs((), (Contractor(id="zimtstern-haus", name="Zimtstern Haus"),))
    sandbox.in_transaction(lambda s: store_programs(s, haus, sandbox.settings.period))
    with pytest.raises(PasswordRefused, match="mostly a name"):
        sandbox.run(lambda d: accounts.check_password(d.database, "zimtsternhaus 26", CARLA))


def test_who_has_no_account_cannot_be_changed(sandbox):
    for change in (
        lambda s: accounts.invite_again(s, CARLA),
        lambda s: accounts.set_disabled(s, CARLA, disabled=True),
        lambda s: accounts.change_role(s, CARLA, "admin", None),
    ):
        with pytest.raises(AccountRefused, match=r"carla@county\.example has no account"):
            sandbox.in_transaction(change)


def test_two_who_open_an_invitation_at_once_set_up_one_account(sandbox, monkeypatch):
    token = add(sandbox)
    slow = accounts.passwords.hash_of

    async def interrupt(password):
        monkeypatch.setattr(accounts.passwords, "hash_of", slow)
        (row,) = [it async for it in _used_by_somebody_else(sandbox, token)]
        assert row
        return await slow(password)

    async def _used_by_somebody_else(sandbox, token):
        yield sandbox.set_up(token, OTHER)

    monkeypatch.setattr(accounts.passwords, "hash_of", interrupt)
    with pytest.raises(AccountRefused, match="used already or is over"):
        sandbox.set_up(token)


def test_only_ctlt_readers_and_contractors_read_published_tables():
    viewers = {
        role: Account(id=1, email="a@b.c", role=role, contractor="olive-crest").viewer for role in ROLES
    }
    assert viewers == {
        "ctlt": CTLT,
        "reader": READER,
        "contractor": Viewer(kind="contractor", organization="olive-crest"),
        "reviewer": None,
        "translator": None,
        "admin": None,
    }


def test_a_session_is_of_this_moment_and_in_utc():
    assert abs(clock.now() - dt.datetime.now(dt.UTC).replace(tzinfo=None)) < dt.timedelta(minutes=1)
