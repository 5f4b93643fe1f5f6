"""The survey door as a browser finds it, and two catalogs that no translator can break."""

import io

import msgspec
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from analysis.batches import Envelope
from feedback import instruments, keys, languages
from feedback.inbox import ROW_BYTES, waiting_rows
from feedback.unsealing import Opener
from feedback.web import rendering
from surveys.instruments import Option, Question, shipped_instruments


@pytest.fixture
def door(rehearsal):
    with rehearsal.survey_door() as client:
        yield client


@pytest.fixture
def stored(rehearsal):
    """Every response in the inbox, opened with the release key."""

    def opened():
        opener = Opener(keys.read_private(rehearsal.settings.keys / keys.RELEASE_PRIVATE, None))
        rows = rehearsal.in_transaction(waiting_rows)
        return [opener.open(sealed, Envelope, ROW_BYTES).response for _, sealed in rows]

    return opened


@pytest.fixture
def every_kind(monkeypatch):
    """The name of an instrument with the kinds of question that no shipped one needs yet."""
    options = (Option("bus", "By bus"), Option("car", "By car"), Option("foot", "On foot"))
    more = (
        Question("came-by", "multiple", "How did you come?", options=options),
        Question("one-word", "short-text", "One word for today?"),
    )
    shipped = shipped_instruments()
    youth = shipped["youth-experience"]
    made = msgspec.structs.replace(youth, id="every-kind", questions=youth.questions + more)
    monkeypatch.setattr(instruments, "shipped_instruments", lambda: {**shipped, "every-kind": made})
    return "every-kind"


def _catalog(**words: str) -> bytes:
    catalog = Catalog()
    for source, said in words.items():
        catalog.add(source, said)
    written = io.BytesIO()
    write_po(written, catalog)
    return written.getvalue()


@pytest.fixture
def catalogs(monkeypatch):
    """Spanish, reviewed by a person, and Arabic, a draft; no others."""
    written = {
        "es": _catalog(Send="Enviar", Leave="Salir", Help="Ayuda"),
        "ar": _catalog(Send="إرسال"),
    }
    cached = (languages.translations, rendering.environment)
    for function in cached:
        function.cache_clear()
    monkeypatch.setattr(languages, "_catalog_bytes", written.get)
    for module in (languages, rendering):
        monkeypatch.setattr(module, "is_reviewed", lambda language: language.tag in ("en", "es"))
    yield
    for function in cached:
        function.cache_clear()
