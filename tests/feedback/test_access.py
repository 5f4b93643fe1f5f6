"""Who of the staff may do what: the whole table, written out by hand."""

import itertools

import pytest

from feedback.access import ACCESS, NotYours, check, is_own, may
from feedback.accounts import ROLES, Account
from surveys.registry import shipped_programs

PROGRAMS = {program.id: program for program in shipped_programs().programs}
VISTA = PROGRAMS["advocacy-vista"]
OLIVE = PROGRAMS["isfc-olive-crest"]
FRP = PROGRAMS["frp"]

CARLA = Account(1, "carla@county.example", "ctlt", None)
VERA = Account(2, "vera@vista.example", "contractor", "vista-del-mar")
OLGA = Account(3, "olga@olive.example", "contractor", "olive-crest")
RITA = Account(4, "rita@county.example", "reviewer", None)
TARIQ = Account(5, "tariq@county.example", "translator", None)
ADA = Account(6, "ada@county.example", "admin", None)
EVERYONE = (CARLA, VERA, RITA, TARIQ, ADA)

ALLOWED = {
    ("read results", "ctlt"), ("read results", "contractor"),
    ("read releases", "ctlt"), ("read releases", "contractor"), ("read releases", "admin"),
    ("read measures", "ctlt"),
    ("make links", "ctlt"), ("make links", "contractor"), ("make links", "admin"),
    ("enter paper", "contractor"), ("enter paper", "admin"),
    ("report work", "contractor"), ("report work", "admin"),
    ("translate", "translator"), ("translate", "admin"),
    ("read audit", "ctlt"), ("read audit", "admin"),
}  # fmt: skip


def test_the_table_speaks_of_every_role_that_can_be_given():
    assert {account.role for account in EVERYONE} == set(ROLES)
    assert {role for roles in ACCESS.values() for role in roles} <= set(ROLES)


@pytest.mark.parametrize(("action", "account"), list(itertools.product(ACCESS, EVERYONE)))
def test_each_role_may_do_what_the_table_says_and_nothing_else(action, account):
    allowed = (action, account.role) in ALLOWED
    assert may(account, action) is allowed
    if allowed:
        check(account, action)
    else:
        with pytest.raises(NotYours):
            check(account, action)


def test_a_contractor_touches_its_own_program():
    check(VERA, "make links", VISTA)
    assert is_own(VERA, VISTA)


@pytest.mark.parametrize("action", ["read results", "make links", "enter paper", "report work"])
@pytest.mark.parametrize(("who", "program"), [(OLGA, VISTA), (VERA, OLIVE), (VERA, FRP)])
def test_a_contractor_never_touches_the_program_of_another_or_of_the_county(action, who, program):
    assert not is_own(who, program)
    with pytest.raises(NotYours):
        check(who, action, program)


@pytest.mark.parametrize("program", [VISTA, OLIVE, FRP])
def test_the_county_touches_every_program(program):
    check(CARLA, "read results", program)
    check(ADA, "make links", program)


def test_a_role_without_the_action_is_refused_on_any_program():
    with pytest.raises(NotYours):
        check(RITA, "read results", VISTA)


def test_a_refusal_says_nothing_about_what_was_asked_for():
    with pytest.raises(NotYours) as refused:
        check(OLGA, "read results", VISTA)
    assert str(refused.value) == ""
