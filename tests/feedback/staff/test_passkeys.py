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


class Desk:
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
def desk(sandbox, clock):
    clock()
    new_desk = Desk(sandbox)
    new_desk.add()
    return new_desk


def expect_refusal(desk, answer, why=UNKNOWN):
    with pytest.raises(PasskeyRefused, match=why):
        desk.sign_in(answer)


def test_a_passkey_signs_in_whoever_added_it(desk):
    assert desk.sign_in(desk.key.sign(desk.door.ask_to_sign_in())) == CARLA
    assert desk.sign_in(desk.key.sign(desk.door.ask_to_sign_in())) == CARLA


def test_an_answer_is_good_once(desk):
    answer = desk.key.sign(desk.door.ask_to_sign_in())
    assert desk.sign_in(answer) == CARLA
    expect_refusal(desk, answer)


def test_an_answer_is_good_for_five_minutes(desk, clock):
    options = desk.door.ask_to_sign_in()
    clock(minutes=5, seconds=1)
    expect_refusal(desk, desk.key.sign(options))
    clock(minutes=5)
    assert desk.sign_in(desk.key.sign(options)) == CARLA


def test_a_passkey_answers_to_no_other_site(desk):
    for origin, place in (
        ("https://heard.evil.example", PLACE),
        ("http://localhost:8001", PLACE),
        (STAFF, "evil.example"),
    ):
        desk.key.origin, desk.key.place = origin, place
        expect_refusal(desk, desk.key.sign(desk.door.ask_to_sign_in()))


def test_a_passkey_makes_sure_of_the_person(desk):
    desk.key.flags = PRESENT
    expect_refusal(desk, desk.key.sign(desk.door.ask_to_sign_in()))


def test_a_challenge_that_is_not_ours_or_for_something_else_is_refused(desk):
    elsewhere = Passkeys(StaffKeys(b"x" * 32), STAFF)
    for options in (
        elsewhere.ask_to_sign_in(),
        desk.door.ask_to_add(desk.user, CARLA, ()),
        '{"challenge": ""}',
        json.dumps({"challenge": "A" * 54}),
    ):
        expect_refusal(desk, desk.key.sign(options))


def test_another_key_under_carla_s_id_is_refused(desk):
    mallory = Authenticator(STAFF, PLACE)
    expect_refusal(desk, mallory.sign(desk.door.ask_to_sign_in()))
    mallory.id = desk.key.id
    expect_refusal(desk, mallory.sign(desk.door.ask_to_sign_in()))


def test_a_copied_passkey_is_noticed_by_its_counter(desk):
    assert desk.sign_in(desk.key.sign(desk.door.ask_to_sign_in())) == CARLA
    desk.key.uses = 0
    expect_refusal(desk, desk.key.sign(desk.door.ask_to_sign_in()), "This passkey was copied")


def test_a_passkey_that_counts_nothing_is_taken(desk):
    for _ in range(2):
        desk.key.uses = -1
        assert desk.sign_in(desk.key.sign(desk.door.ask_to_sign_in())) == CARLA


def test_a_disabled_person_s_passkey_opens_nothing(desk):
    desk.sandbox.in_transaction(lambda s: accounts.set_disabled(s, CARLA, disabled=True))
    expect_refusal(desk, desk.key.sign(desk.door.ask_to_sign_in()))


def test_a_passkey_is_added_once_with_an_answer_that_is_good_once(desk):
    with pytest.raises(PasskeyRefused, match="is here already"):
        desk.add()
    options = desk.door.ask_to_add(desk.user, CARLA, ())
    desk.add(Authenticator(STAFF, PLACE), options)
    with pytest.raises(PasskeyRefused, match="could not be taken"):
        desk.add(Authenticator(STAFF, PLACE), options)
    assert len(desk.passkeys()) == 2


def test_nobody_adds_a_passkey_with_somebody_else_s_challenge(desk):
    for options in (desk.door.ask_to_add(desk.user + 1, CARLA, ()), desk.door.ask_to_sign_in()):
        with pytest.raises(PasskeyRefused, match="could not be taken"):
            desk.add(Authenticator(STAFF, PLACE), options)
    assert len(desk.passkeys()) == 1


def test_the_browser_is_told_which_passkeys_are_here_already(desk):
    options = json.loads(desk.door.ask_to_add(desk.user, CARLA, desk.passkeys()))
    assert [it["id"] for it in options["excludeCredentials"]] == [it.id for it in desk.passkeys()]
    assert CARLA not in options["user"]["id"]


@pytest.mark.slow
def test_nobody_has_more_than_ten_passkeys(desk):
    for _ in range(MOST - 1):
        desk.add(Authenticator(STAFF, PLACE))
    with pytest.raises(PasskeyRefused, match="remove one first"):
        desk.add(Authenticator(STAFF, PLACE))


def test_one_removes_one_s_own_passkey_and_nobody_else_s(desk):
    (own,) = desk.passkeys()

    def remove_as(user):
        return desk.sandbox.in_transaction(lambda s: remove(s, user, own.id))

    assert not remove_as(desk.user + 1)
    assert len(desk.passkeys()) == 1
    assert remove_as(desk.user)
    expect_refusal(desk, desk.key.sign(desk.door.ask_to_sign_in()))


def test_a_new_invitation_takes_old_passkeys_away(desk):
    token = desk.sandbox.in_transaction(lambda s: accounts.invite_again(s, CARLA))
    assert len(desk.passkeys()) == 1
    desk.person.accept(token)
    assert desk.passkeys() == []


def test_only_the_public_half_of_a_passkey_is_stored(desk):
    async def read(session):
        return (await session.execute(select(PasskeyRow))).scalars().all()

    (row,) = desk.sandbox.in_transaction(read)
    private = desk.key.key.private_numbers().private_value.to_bytes(32)
    assert private not in row.credential
    assert row.added_on == desk.sandbox.settings.today


@pytest.mark.parametrize(
    "answer", ["", "{", "null", "[1]", '{"rawId": 1}', '{"rawId": "AA", "response": []}']
)
def test_what_is_no_answer_of_a_passkey_is_refused(desk, answer):
    expect_refusal(desk, answer)


@pytest.mark.slow
@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_an_answer_with_a_byte_changed_anywhere_is_refused(desk, part):
    whole = json.loads(desk.key.sign(desk.door.ask_to_sign_in()))
    original = websafe_decode(whole["response"][part])
    for at in range(0, len(original), 5):
        changed = bytes([*original[:at], original[at] ^ 1, *original[at + 1 :]])
        response = {**whole["response"], part: websafe_encode(changed)}
        expect_refusal(desk, json.dumps({**whole, "response": response}))
