"""Who of the staff may do what, on which programs: one table and one function that every page asks."""

from typing import Literal

from feedback.accounts import Account, Role
from surveys.registry import Program

Action = Literal[
    "read results", "read releases", "read measures", "make links", "enter paper", "report work", "translate",
    "read audit",
]  # fmt: skip

ACCESS: dict[Action, frozenset[Role]] = {
    "read results": frozenset({"ctlt", "contractor"}),
    "read releases": frozenset({"ctlt", "contractor", "admin"}),
    "read measures": frozenset({"ctlt"}),
    "make links": frozenset({"ctlt", "contractor", "admin"}),
    "enter paper": frozenset({"contractor", "admin"}),
    "report work": frozenset({"contractor", "admin"}),
    "translate": frozenset({"translator", "admin"}),
    # CTLT too: somebody has to look over the shoulder of those who run this.
    "read audit": frozenset({"ctlt", "admin"}),
}


class NotYours(Exception):
    """What was asked for does not exist, or not for this person; the two look alike from outside."""


def check(account: Account, action: Action, program: Program | None = None) -> None:
    """Raise NotYours unless this account may do this. A contractor only ever touches its own programs."""
    if account.role not in ACCESS[action]:
        raise NotYours
    if program is not None and not is_own(account, program):
        raise NotYours


def may(account: Account, action: Action) -> bool:
    return account.role in ACCESS[action]


def is_own(account: Account, program: Program) -> bool:
    return account.role != "contractor" or program.contractor_id == account.contractor
