"""The survey door as a browser finds it, and two catalogs that no translator can break."""

import msgspec
import pytest

from feedback.fieldwork import instruments
from feedback.inbox.sealing import Envelope
from feedback.inbox.unsealing import Opener
from feedback.storage import keys
from surveys.instruments import Option, Question, shipped_instruments
from tests.support.catalogs import catalog, shipped
from tests.support.stored import waiting_rows

ON_BOTH = ("test_protections.py", "test_strange_requests.py", "test_survey_pages.py")
"""Every route of both doors is asked on PostgreSQL too, and the survey is answered there."""


def pytest_itemcollected(item):
    """Pages ask rooms that are tested on both databases, and hold no SQL of their own."""
    if item.get_closest_marker("postgresql") and item.path.name not in ON_BOTH:
        item.add_marker(pytest.mark.thorough)


@pytest.fixture
def door(sandbox):
    with sandbox.survey_door() as client:
        yield client


@pytest.fixture
def responses(sandbox):
    """Every response in the inbox, opened with the release key."""

    def open_all():
        opener = Opener(keys.read_private(sandbox.settings.keys / keys.RELEASE_PRIVATE, None))
        rows = sandbox.in_transaction(waiting_rows)
        return [opener.open(sealed, Envelope).response for _, sealed in rows]

    return open_all


@pytest.fixture
def every_kind(monkeypatch):
    """The name of an instrument with the kinds of question that no shipped one needs yet."""
    options = (
        Option(code="bus", text="By bus"),
        Option(code="car", text="By car"),
        Option(code="foot", text="On foot"),
    )
    more = (
        Question(id="came-by", kind="multiple", text="How did you come?", options=options),
        Question(id="one-word", kind="short-text", text="One word for today?"),
    )
    shipped = shipped_instruments()
    youth = shipped["youth-experience"]
    instrument = msgspec.structs.replace(youth, id="every-kind", questions=youth.questions + more)
    monkeypatch.setattr(instruments, "shipped_instruments", lambda: {**shipped, "every-kind": instrument})
    return "every-kind"


@pytest.fixture
def catalogs():
    """Spanish, reviewed by a person, and Arabic, a draft; no others."""
    with shipped(
        es=catalog("es", {"Send": "Enviar", "Leave": "Salir", "Help": "Ayuda"}, reviewed=True),
        ar=catalog("ar", {"Send": "إرسال"}),
    ):
        yield
