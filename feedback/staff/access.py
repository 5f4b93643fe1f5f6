"""Who of the staff may do what, on which programs: one table and one function that every route asks.

Each route of the staff door names its action (`does="make links"`), and `feedback.web.staff.admission` lets
nobody reach a route that names none. What is not in the table is nobody's.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from feedback.staff.accounts import ROLES, Account, Role
from surveys.registry import Program

Action = Literal[
    "come in", "keep own account", "read results", "read strategies", "read releases",
    "read measures", "make links", "enter paper", "report work", "translate", "read audit", "invite people",
]  # fmt: skip
ACTIONS: tuple[Action, ...] = get_args(Action)
Reach = Literal["every program", "own programs", "no program"]
OPEN = "open to anybody"
"""What a route does that needs no account: signing in, and the style of the pages."""
NOWHERE = "nothing is there"
"""What every address does that is none: nobody has a page there, and whoever is signed in keeps the menu."""

_EVERY: Reach = "every program"
_OWN: Reach = "own programs"
_NONE: Reach = "no program"

ACCESS: Mapping[Action, Mapping[Role, Reach]] = {
    "come in": dict.fromkeys(ROLES, _NONE),
    "keep own account": dict.fromkeys(ROLES, _NONE),
    "read results": {"ctlt": _EVERY, "reader": _EVERY, "contractor": _OWN},
    "read strategies": {"ctlt": _NONE, "reader": _NONE},
    "read releases": {"ctlt": _NONE, "reader": _NONE, "contractor": _NONE, "admin": _NONE},
    "read measures": {"ctlt": _EVERY},
    "make links": {"ctlt": _EVERY, "contractor": _OWN, "admin": _EVERY},
    "enter paper": {"contractor": _OWN, "admin": _EVERY},
    "report work": {"ctlt": _EVERY, "contractor": _OWN, "admin": _EVERY},
    "translate": {"translator": _NONE, "admin": _NONE},
    "read audit": {"ctlt": _NONE, "admin": _NONE},
    "invite people": {"admin": _NONE},
}
"""Leadership reads the audit log because somebody has to see what admins do.

A reader may open the page of every program; what stands there of it is what the public reads. Who reports
work, and why: docs/decisions/0027-who-reports-work.md.
"""

IN_WORDS: Mapping[Role, str] = {
    "ctlt": "Reads the results of every program and of the strategies, the measures, the releases and the"
    " audit log, and makes links and reports work for every program.",
    "reader": "Reads the results of the whole County and of the strategies, of every program what the public"
    " reads, and the list of releases, for the Steering Committee and the Youth Commission.",
    "contractor": "Reads results, makes links, types in paper and reports work for its own programs alone,"
    " and reads the list of releases.",
    "reviewer": "Signs in and sees no results: there is nothing to review on this door yet.",
    "translator": "Writes the words of the surveys in other languages, and sees no results.",
    "admin": "Invites people, makes links, types in paper and reports work for every program, writes the"
    " words in other languages, reads the list of releases and the audit log, and sees no results.",
}
"""The table for whoever gives somebody a role. A test holds each sentence to what the table says."""


class NotYours(Exception):
    """What was asked for does not exist, or not for this person; the two look alike from outside."""


def may(account: Account, action: Action, program: Program | None = None) -> bool:
    """Whether this account may do this, and with this program where one is meant."""
    reach = ACCESS.get(action, {}).get(account.role)
    if program is None or reach == _EVERY:
        return reach is not None
    # A program of the County's own has no contractor, and is not everybody's for that.
    return reach == _OWN and program.contractor_id is not None and program.contractor_id == account.contractor


def check(account: Account, action: Action, program: Program | None = None) -> None:
    """Raise NotYours unless this account may do this."""
    if not may(account, action, program):
        raise NotYours
