"""The commands, for every test of the service, and the clock of sessions and tries."""

import datetime as dt

import pytest

from feedback import clock as clock_module
from tests.support.commands import command, feedback

__all__ = ["command", "feedback"]
NOON = dt.datetime(2026, 8, 15, 12, 0)  # noqa: DTZ001 - stored without a zone, in UTC


@pytest.fixture
def clock(monkeypatch):
    """Moves the staff door's clock: `clock(hours=2)` is two hours after noon."""

    def at(**after):
        monkeypatch.setattr(clock_module, "now", lambda: NOON + dt.timedelta(**after))

    at()
    return at
