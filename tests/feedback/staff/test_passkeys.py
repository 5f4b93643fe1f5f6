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

    def add(self, key=None, asked=None):
        asked = asked or self.door.ask_to_add(self.user, CARLA, self.known())
        told = (self.user, "My phone", (key or self.key).make(asked), self.sandbox.settings.today)
        self.sandbox.in_transaction(lambda s: self.door.add(s, *told))

    def sign_in(self, answered: str) -> str:
        async def signed(session):
            return (await self.door.sign_in(session, answered)).email

        return self.sandbox.in_transaction(signed)

    def known(self):
        return self.sandbox.in_transaction(lambda s: passkeys_of(s, self.user))


@pytest.fixture
def desk(sandbox, clock):
    clock()
    made = Desk(sandbox)
    made.add()
    return made


def refused(desk, answered, why=UNKNOWN):
    with pytest.raises(PasskeyRefused, match=why):
        desk.sign_in(answered)


def test_a_passkey_signs_in_whoever_added_it(desk):
    assert desk.sign_in(desk.key.sign(desk.door.ask_to_sign_in())) == CARLA
    assert desk.sign_in(desk.key.sign(desk.door.ask_to_sign_in())) == CARLA


def test_an_answer_is_good_once(desk):
    answered = desk.key.sign(desk.door.ask_to_sign_in())
    assert desk.sign_in(answered) == CARLA
    refused(desk, answered)


def test_an_answer_is_good_for_five_minutes(desk, clock):
    asked = desk.door.ask_to_sign_in()
    clock(minutes=5, seconds=1)
    refused(desk, desk.key.sign(asked))
    clock(minutes=5)
    assert desk.sign_in(desk.key.sign(asked)) == CARLA


def test_a_passkey_answers_to_no_other_site(desk):
    for origin, place in (
        ("https://heard.evil.example", PLACE),
        ("http://localhost:8001", PLACE),
        (STAFF, "evil.example"),
    ):
        desk.key.origin, desk.key.place = origin, place
        refused(desk, desk.key.sign(desk.door.ask_to_sign_in()))


def test_a_passkey_makes_sure_of_the_person(desk):
    desk.key.flags = PRESENT
    refused(desk, desk.key.sign(desk.door.ask_to_sign_in()))


def test_a_challenge_that_is_not_ours_or_for_something_else_is_refused(desk):
    elsewhere = Passkeys(StaffKeys(b"x" * 32), STAFF)
    for asked in (
        elsewhere.ask_to_sign_in(),
        desk.door.ask_to_add(desk.user, CARLA, ()),
        '{"challenge": ""}',
        json.dumps({"challenge": "A" * 54}),
    ):
        refused(desk, desk.key.sign(asked))


def test_another_key_under_carla_s_id_is_refused(desk):
    mallory = Authenticator(STAFF, PLACE)
    refused(desk, mallory.sign(desk.door.ask_to_sign_in()))
    mallory.id = desk.key.id
    refused(desk, mallory.sign(desk.door.ask_to_sign_in()))


def test_a_copied_passkey_is_noticed_by_its_counter(desk):
    assert desk.sign_in(desk.key.sign(desk.door.ask_to_sign_in())) == CARLA
    desk.key.uses = 0
    refused(desk, desk.key.sign(desk.door.ask_to_sign_in()), "This passkey was copied")


def test_a_passkey_that_counts_nothing_is_taken(desk):
    for _ in range(2):
        desk.key.uses = -1
        assert desk.sign_in(desk.key.sign(desk.door.ask_to_sign_in())) == CARLA


def test_a_disabled_person_s_passkey_opens_nothing(desk):
    desk.sandbox.in_transaction(lambda s: accounts.set_disabled(s, CARLA, disabled=True))
    refused(desk, desk.key.sign(desk.door.ask_to_sign_in()))


def test_a_passkey_is_added_once_with_an_answer_that_is_good_once(desk):
    with pytest.raises(PasskeyRefused, match="is here already"):
        desk.add()
    asked = desk.door.ask_to_add(desk.user, CARLA, ())
    desk.add(Authenticator(STAFF, PLACE), asked)
    with pytest.raises(PasskeyRefused, match="could not be taken"):
        desk.add(Authenticator(STAFF, PLACE), asked)
    assert len(desk.known()) == 2


def test_nobody_adds_a_passkey_with_somebody_else_s_challenge(desk):
    for asked in (desk.door.ask_to_add(desk.user + 1, CARLA, ()), desk.door.ask_to_sign_in()):
        with pytest.raises(PasskeyRefused, match="could not be taken"):
            desk.add(Authenticator(STAFF, PLACE), asked)
    assert len(desk.known()) == 1


def test_the_browser_is_told_which_passkeys_are_here_already(desk):
    asked = json.loads(desk.door.ask_to_add(desk.user, CARLA, desk.known()))
    assert [it["id"] for it in asked["excludeCredentials"]] == [it.id for it in desk.known()]
    assert CARLA not in asked["user"]["id"]


@pytest.mark.slow
def test_there_is_an_end_to_passkeys(desk):
    for _ in range(MOST - 1):
        desk.add(Authenticator(STAFF, PLACE))
    with pytest.raises(PasskeyRefused, match="remove one first"):
        desk.add(Authenticator(STAFF, PLACE))


def test_one_removes_one_s_own_passkey_and_nobody_else_s(desk):
    (own,) = desk.known()

    def taken_away(user):
        return desk.sandbox.in_transaction(lambda s: remove(s, user, own.id))

    assert not taken_away(desk.user + 1)
    assert len(desk.known()) == 1
    assert taken_away(desk.user)
    refused(desk, desk.key.sign(desk.door.ask_to_sign_in()))


def test_a_new_invitation_takes_old_passkeys_away(desk):
    token = desk.sandbox.in_transaction(lambda s: accounts.invite_again(s, CARLA))
    assert len(desk.known()) == 1
    desk.person.accept(token)
    assert desk.known() == []


def test_only_the_public_half_is_stored(desk):
    async def read(session):
        return (await session.execute(select(PasskeyRow))).scalars().all()

    (row,) = desk.sandbox.in_transaction(read)
    private = desk.key.key.private_numbers().private_value.to_bytes(32)
    assert private not in row.credential
    assert row.added_on == desk.sandbox.settings.today


@pytest.mark.parametrize(
    "answered", ["", "{", "null", "[1]", '{"rawId": 1}', '{"rawId": "AA", "response": []}']
)
def test_what_is_no_answer_is_refused(desk, answered):
    refused(desk, answered)


@pytest.mark.slow
@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_an_answer_with_a_byte_changed_anywhere_is_refused(desk, part):
    whole = json.loads(desk.key.sign(desk.door.ask_to_sign_in()))
    written = websafe_decode(whole["response"][part])
    for at in range(0, len(written), 5):
        changed = bytes([*written[:at], written[at] ^ 1, *written[at + 1 :]])
        response = {**whole["response"], part: websafe_encode(changed)}
        refused(desk, json.dumps({**whole, "response": response}))
