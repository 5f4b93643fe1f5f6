"""The menu of the staff door: an entry comes with its page, and only for whoever may open it."""

from collections.abc import Sequence

import msgspec

from feedback.staff.access import Action, may
from feedback.staff.accounts import Account


class MenuEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the menu, and what somebody has to be allowed to see it there."""

    path: str
    name: str
    action: Action
    is_here: bool = False


_ENTRIES = (
    MenuEntry(path="/", name="Overview", action="come in"),
    MenuEntry(path="/programs", name="Programs", action="read results"),
    MenuEntry(path="/strategies", name="Strategies", action="read strategies"),
    MenuEntry(path="/who-was-heard", name="Who was heard", action="read measures"),
    MenuEntry(path="/measures", name="Measures", action="read measures"),
    MenuEntry(path="/served", name="Work", action="report work"),
    MenuEntry(path="/links", name="Links", action="make links"),
    MenuEntry(path="/releases", name="Releases", action="read releases"),
    MenuEntry(path="/audit", name="Audit log", action="read audit"),
    MenuEntry(path="/words", name="Words", action="translate"),
    MenuEntry(path="/people", name="People", action="invite people"),
)


def menu_of(account: Account, path: str) -> Sequence[MenuEntry]:
    """What an account finds in the menu of a page, with the place of that page marked."""
    open_to = [it for it in _ENTRIES if may(account, it.action)]
    return [msgspec.structs.replace(it, is_here=_holds(it.path, path)) for it in open_to]


def _holds(entry: str, path: str) -> bool:
    return path == entry or (entry != "/" and path.startswith(f"{entry}/"))
