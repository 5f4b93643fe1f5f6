"""Passkeys: they answer to this door alone, each answer is good once, and a copy is noticed."""

import json

import pytest
from fido2.utils import websafe_decode, websafe_encode
from sqlalchemy import select

from feedback.deployment import read_staff_keys
from feedback.staff import accounts
from feedback.staff.passkeys import MOST, PasskeyRefused, Passkeys, passkeys_of, remove
from feedback.storage.keys import StaffKeys
from feedback.storage.staff_tables import PasskeyRow
from tests.support.authenticator import PRESENT, Authenticator
from tests.support.people import Person

CARLA = "carla@county.example"
STAFF, PLACE = "http://localhost:8002", "localhost"
UNKNOWN = "This passkey is not known here."


class Workstation:
    """Carla at the staff door with a passkey."""

    def __init__(self, sandbox) -> None:
        self.sandbox = sandbox
        self.person = Person(sandbox, CARLA)
        self.door = Passkeys(read_staff_keys(sandbox.settings), STAFF)
        self.user = sandbox.in_transaction(lambda s: accounts.user_by_email(s, CARLA)).id
        self.key = Authenticator(STAFF, PLACE)

    def add(self, key=None, options=None):
        options = options or self.door.ask_to_add(self.user, CARLA, self.passkeys())
        fields = (self.user, "My phone", (key or self.key).make(options), self.sandbox.settings.today)
        self.sandbox.in_transaction(lambda s: self.door.add(s, *fields))

    def sign_in(self, answer: str) -> str:
        async def email(session):
            return (await self.door.sign_in(session, answer)).email

        return self.sandbox.in_transaction(email)

    def passkeys(self):
        return self.sandbox.in_transaction(lambda s: passkeys_of(s, self.user))


@pytest.fixture
def workstation(sandbox, clock):
    clock()
    new_workstation = Workstation(sandbox)
    new_workstation.add()
    return new_workstation


def expect_refusal(workstation, answer, why=UNKNOWN):
    with pytest.raises(PasskeyRefused, match=why):
        workstation.sign_in(answer)


def test_a_passkey_signs_in_whoever_added_it(workstation):
    assert workstation.sign_in(workstation.key.sign(workstation.door.ask_to_sign_in())) == CARLA
    assert workstation.sign_in(workstation.key.sign(workstation.door.ask_to_sign_in())) == CARLA


def test_an_answer_is_good_once(workstation):
    answer = workstation.key.sign(workstation.door.ask_to_sign_in())
    assert workstation.sign_in(answer) == CARLA
    expect_refusal(workstation, answer)


def test_an_answer_is_good_for_five_minutes(workstation, clock):
    options = workstation.door.ask_to_sign_in()
    clock(minutes=5, seconds=1)
    expect_refusal(workstation, workstation.key.sign(options))
    clock(minutes=5)
    assert workstation.sign_in(workstation.key.sign(options)) == CARLA


def test_a_passkey_answers_to_no_other_site(workstation):
    for origin, place in (
        ("https://heard.evil.example", PLACE),
        ("http://localhost:8001", PLACE),
        (STAFF, "evil.example"),
    ):
        workstation.key.origin, workstation.key.place = origin, place
        expect_refusal(workstation, workstation.key.sign(workstation.door.ask_to_sign_in()))


def test_a_passkey_makes_sure_of_the_person(workstation):
    workstation.key.flags = PRESENT
    expect_refusal(workstation, workstation.key.sign(workstation.door.ask_to_sign_in()))


def test_a_challenge_that_is_not_ours_or_for_something_else_is_refused(workstation):
    elsewhere = Passkeys(StaffKeys(b"x" * 32), STAFF)
    for options in (
        elsewhere.ask_to_sign_in(),
        workstation.door.ask_to_add(workstation.user, CARLA, ()),
        '{"challenge": ""}',
        json.dumps({"challenge": "A" * 54}),
    ):
        expect_refusal(workstation, workstation.key.sign(options))


def test_another_key_under_carla_s_id_is_refused(workstation):
    mallory = Authenticator(STAFF, PLACE)
    expect_refusal(workstation, mallory.sign(workstation.door.ask_to_sign_in()))
    mallory.id = workstation.key.id
    expect_refusal(workstation, mallory.sign(workstation.door.ask_to_sign_in()))


def test_a_copied_passkey_is_noticed_by_its_counter(workstation):
    assert workstation.sign_in(workstation.key.sign(workstation.door.ask_to_sign_in())) == CARLA
    workstation.key.uses = 0
    expect_refusal(
        workstation, workstation.key.sign(workstation.door.ask_to_sign_in()), "This passkey was copied"
    )


def test_a_passkey_that_counts_nothing_is_taken(workstation):
    for _ in range(2):
        workstation.key.uses = -1
        assert workstation.sign_in(workstation.key.sign(workstation.door.ask_to_sign_in())) == CARLA


def test_a_disabled_person_s_passkey_opens_nothing(workstation):
    workstation.sandbox.in_transaction(lambda s: accounts.set_disabled(s, CARLA, disabled=True))
    expect_refusal(workstation, workstation.key.sign(workstation.door.ask_to_sign_in()))


def test_a_passkey_is_added_once_with_an_answer_that_is_good_once(workstation):
    with pytest.raises(PasskeyRefused, match="is here already"):
        workstation.add()
    options = workstation.door.ask_to_add(workstation.user, CARLA, ())
    workstation.add(Authenticator(STAFF, PLACE), options)
    with pytest.raises(PasskeyRefused, match="could not be taken"):
        workstation.add(Authenticator(STAFF, PLACE), options)
    assert len(workstation.passkeys()) == 2


def test_nobody_adds_a_passkey_with_somebody_else_s_challenge(workstation):
    for options in (
        workstation.door.ask_to_add(workstation.user + 1, CARLA, ()),
        workstation.door.ask_to_sign_in(),
    ):
        with pytest.raises(PasskeyRefused, match="could not be taken"):
            workstation.add(Authenticator(STAFF, PLACE), options)
    assert len(workstation.passkeys()) == 1


def test_the_browser_is_told_which_passkeys_are_here_already(workstation):
    options = json.loads(workstation.door.ask_to_add(workstation.user, CARLA, workstation.passkeys()))
    assert [it["id"] for it in options["excludeCredentials"]] == [it.id for it in workstation.passkeys()]
    assert CARLA not in options["user"]["id"]


@pytest.mark.slow
def test_nobody_has_more_than_ten_passkeys(workstation):
    for _ in range(MOST - 1):
        workstation.add(Authenticator(STAFF, PLACE))
    with pytest.raises(PasskeyRefused, match="remove one first"):
        workstation.add(Authenticator(STAFF, PLACE))


def test_one_removes_one_s_own_passkey_and_nobody_else_s(workstation):
    (own,) = workstation.passkeys()

    def remove_as(user):
        return workstation.sandbox.in_transaction(lambda s: remove(s, user, own.id))

    assert not remove_as(workstation.user + 1)
    assert len(workstation.passkeys()) == 1
    assert remove_as(workstation.user)
    expect_refusal(workstation, workstation.key.sign(workstation.door.ask_to_sign_in()))


def test_a_new_invitation_takes_old_passkeys_away(workstation):
    token = workstation.sandbox.in_transaction(lambda s: accounts.invite_again(s, CARLA))
    assert len(workstation.passkeys()) == 1
    workstation.person.accept(token)
    assert workstation.passkeys() == []


def test_only_the_public_half_of_a_passkey_is_stored(workstation):
    async def read(session):
        return (await session.execute(select(PasskeyRow))).scalars().all()

    (row,) = workstation.sandbox.in_transaction(read)
    private = workstation.key.key.private_numbers().private_value.to_bytes(32)
    assert private not in row.credential
    assert row.added_on == workstation.sandbox.settings.today


@pytest.mark.parametrize(
    "answer", ["", "{", "null", "[1]", '{"rawId": 1}', '{"rawId": "AA", "response": []}']
)
def test_what_is_no_answer_of_a_passkey_is_refused(workstation, answer):
    expect_refusal(workstation, answer)


@pytest.mark.slow
@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_an_answer_with_a_byte_changed_anywhere_is_refused(workstation, part):
    whole = json.loads(workstation.key.sign(workstation.door.ask_to_sign_in()))
    original = websafe_decode(whole["response"][part])
    for at in range(0, len(original), 5):
        changed = bytes([*original[:at], original[at] ^ 1, *original[at + 1 :]])
        response = {**whole["response"], part: websafe_encode(changed)}
        expect_refusal(workstation, json.dumps({**whole, "response": response}))
