"""Who of the staff may do what, on which programs: the whole table, written out by hand."""

import itertools
import re

import pytest

from feedback.staff.access import ACCESS, ACTIONS, IN_WORDS, NotYours, check, may
from feedback.staff.accounts import ROLES, Account
from surveys.registry import shipped_programs

PROGRAMS = {program.id: program for program in shipped_programs().programs}
VISTA = PROGRAMS["advocacy-vista"]
OLIVE = PROGRAMS["isfc-olive-crest"]
FRP = PROGRAMS["frp"]

CARLA = Account(id=1, email="carla@county.example", role="ctlt", contractor=None)
STELLA = Account(id=8, email="stella@county.example", role="reader", contractor=None)
VERA = Account(id=2, email="vera@vista.example", role="contractor", contractor="vista-del-mar")
OLGA = Account(id=3, email="olga@olive.example", role="contractor", contractor="olive-crest")
RITA = Account(id=4, email="rita@county.example", role="reviewer", contractor=None)
TARIQ = Account(id=5, email="tariq@county.example", role="translator", contractor=None)
ADA = Account(id=6, email="ada@county.example", role="admin", contractor=None)
EVERYONE = (CARLA, STELLA, VERA, RITA, TARIQ, ADA)

ALLOWED = {
    ("come in", "ctlt"): "no program",
    ("come in", "reader"): "no program",
    ("come in", "contractor"): "no program",
    ("come in", "reviewer"): "no program",
    ("come in", "translator"): "no program",
    ("come in", "admin"): "no program",
    ("keep own account", "ctlt"): "no program",
    ("keep own account", "reader"): "no program",
    ("keep own account", "contractor"): "no program",
    ("keep own account", "reviewer"): "no program",
    ("keep own account", "translator"): "no program",
    ("keep own account", "admin"): "no program",
    ("read results", "ctlt"): "every program",
    ("read results", "reader"): "every program",
    ("read results", "contractor"): "own programs",
    ("read strategies", "ctlt"): "no program",
    ("read strategies", "reader"): "no program",
    ("read releases", "ctlt"): "no program",
    ("read releases", "reader"): "no program",
    ("read releases", "contractor"): "no program",
    ("read releases", "admin"): "no program",
    ("read measures", "ctlt"): "every program",
    ("make links", "ctlt"): "every program",
    ("make links", "contractor"): "own programs",
    ("make links", "admin"): "every program",
    ("enter paper", "contractor"): "own programs",
    ("enter paper", "admin"): "every program",
    ("report work", "ctlt"): "every program",
    ("report work", "contractor"): "own programs",
    ("report work", "admin"): "every program",
    ("translate", "translator"): "no program",
    ("translate", "admin"): "no program",
    ("read audit", "ctlt"): "no program",
    ("read audit", "admin"): "no program",
    ("invite people", "admin"): "no program",
}


def test_the_table_says_what_is_written_here_and_nothing_else():
    table = {(action, role): reach for action, roles in ACCESS.items() for role, reach in roles.items()}
    assert table == ALLOWED


def test_the_table_speaks_of_every_action_and_every_role_that_can_be_given():
    assert {account.role for account in EVERYONE} == set(ROLES)
    assert set(ACCESS) == set(ACTIONS)


@pytest.mark.parametrize(("action", "account"), list(itertools.product(ACTIONS, EVERYONE)))
def test_each_role_may_do_what_the_table_says_and_nothing_else(action, account):
    allowed = (action, account.role) in ALLOWED
    assert may(account, action) is allowed
    if allowed:
        check(account, action)
    else:
        with pytest.raises(NotYours):
            check(account, action)


@pytest.mark.parametrize(
    ("action", "account", "program"), list(itertools.product(ACTIONS, (*EVERYONE, OLGA), (VISTA, OLIVE, FRP)))
)
def test_each_account_reaches_the_programs_that_the_table_says(action, account, program):
    reach = ALLOWED.get((action, account.role))
    own = account.contractor is not None and account.contractor == program.contractor_id
    assert may(account, action, program) is (reach == "every program" or (reach == "own programs" and own))


PHRASES = {
    "read results": r"[Rr]eads (the )?results",
    "read strategies": "strategies",
    "read releases": "releases",
    "read measures": "measures",
    "make links": "makes links",
    "enter paper": "types in paper",
    "report work": "reports work",
    "translate": "words",
    "read audit": "audit log",
    "invite people": "[Ii]nvites people",
}
"""How the sentence of a role says that it may do something. Everybody comes in and keeps an account."""


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_one_sentence_that_says_what_the_table_says(role):
    sentence = IN_WORDS[role]
    assert re.fullmatch(r"[A-Z][^.]+\.", sentence), "one sentence"
    assert set(PHRASES) == set(ACTIONS) - {"come in", "keep own account"}
    assert {action for action, words in PHRASES.items() if re.search(words, sentence)} == {
        action for action, it in ALLOWED if it == role and action in PHRASES
    }
    reaches = {ALLOWED[action, role] for action in PHRASES if (action, role) in ALLOWED}
    assert ("every program" in reaches) is ("every program" in sentence)
    assert ("own programs" in reaches) is ("its own programs alone" in sentence)
    assert ("sees no results" in sentence) is (("read results", role) not in ALLOWED)


def test_a_reader_reads_and_does_nothing_else():
    actions = {action for action in ACTIONS if may(STELLA, action)}
    assert actions == {"come in", "keep own account", "read results", "read strategies", "read releases"}


def test_nothing_that_is_not_in_the_table_may_be_done():
    for account in EVERYONE:
        with pytest.raises(NotYours):
            check(account, "read responses")


def test_a_program_of_the_county_s_own_is_no_contractor_s():
    nobody_s = Account(id=7, email="odd@county.example", role="contractor", contractor=None)
    assert FRP.contractor_id is None
    assert not may(nobody_s, "read results", FRP)


def test_a_refusal_says_nothing_about_what_was_asked_for():
    with pytest.raises(NotYours) as refused:
        check(OLGA, "read results", VISTA)
    assert str(refused.value) == ""
