"""A county with several releases: every kind of table and measure, and programs of three contractors.

Vera works for Vista Del Mar, Olga for Olive Crest; one of Vera's programs becomes one of Olga's.
"""

import datetime as dt
from pathlib import Path

from feedback.fieldwork.instruments import add_instrument
from feedback.fieldwork.totals import report_work
from feedback.settings import Settings
from surveys.registry import WorkTotal
from tests.support.instruments import OWN
from tests.support.sandbox import DOMAINS, Sandbox

VIEWERS = ("public", "reader", "ctlt", "contractor:vista-del-mar", "contractor:olive-crest")
STAFF = {
    "carla@county.example": ("ctlt", None),
    "vera@vista.example": ("contractor", "vista-del-mar"),
    "olga@olive.example": ("contractor", "olive-crest"),
}
VISTA, OLIVE, FRP, EVENT = "advocacy-vista", "isfc-olive-crest", "frp", "training-cast"
DAYS = ("2026-10-15", "2027-01-15", "2027-04-15")
"""Of the releases; the second one is yearly."""
BAD = {f"core-{domain}": "1" for domain in DOMAINS}
_HOUSING = {"should-change": "I need housing, an apartment, a place to stay. The shelter was full."}


def released_county(folder: Path) -> Sandbox:
    """Made in a moment, on SQLite; the door of staff is set up for each of STAFF."""
    sandbox = Sandbox(Settings(home=folder / "home", today_is=dt.date(2026, 8, 15)))
    sandbox.in_transaction(lambda session: add_instrument(session, OWN, sandbox.settings.today))
    for number, day in enumerate(DAYS):
        if number == len(DAYS) - 1:
            sandbox.hand_over(VISTA, "olive-crest")
        _answer(sandbox, number)
        sandbox.on(day).release()
    for email, (role, contractor) in STAFF.items():
        sandbox.user(email, role, contractor)
    return sandbox


def _answer(sandbox: Sandbox, number: int) -> None:
    own, family = {"instrument": "youth-experience"}, {"instrument": "caregiver-experience"}
    sandbox.answer(30 + number, VISTA, **own, answers=_HOUSING)
    sandbox.answer(16, VISTA, **own, language="es", answers=BAD)
    sandbox.answer(24, VISTA, "caregiver", **family)
    sandbox.answer(12, VISTA, **own, origin="entered")
    sandbox.answer(40, OLIVE, instrument=OWN.id, answers={**_HOUSING, "ride": "bus"})
    sandbox.answer(20, OLIVE, **own, answers=BAD)
    sandbox.answer(26, FRP)
    sandbox.answer(14, FRP, "caregiver", **family, answers=BAD)
    sandbox.answer(20, FRP, "expert", instrument="expert-review")
    sandbox.answer(20, EVENT, "partner", instrument="event")
    for program in (VISTA, OLIVE, FRP):
        total = WorkTotal(
            program=program, period=str(sandbox.settings.period), served=90, offered=70, minutes=200
        )
        sandbox.in_transaction(lambda session, total=total: report_work(session, total))
