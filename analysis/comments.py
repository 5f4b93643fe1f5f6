"""Comments: cut loose from the answers they came with, at the pulse, and looked through for themes once."""

from collections.abc import Iterator

import msgspec

from analysis.redaction import redact
from analysis.themes import Codebook
from analysis.values import counted_themes
from surveys.answers import DECLINED, NOT_SHOWN, Consent, Response
from surveys.instruments import Instrument


class Comment(msgspec.Struct, frozen=True):
    """One text, redacted, and nothing of its writer but language and consent. The batch is sealed with it."""

    batch: str
    question: str
    text: str
    language: str
    consent: Consent


def cut_loose(batch: str, instrument: Instrument, response: Response) -> tuple[Comment, ...]:
    """Return what a response wrote, each text by itself and redacted."""
    return tuple(
        Comment(batch, question, redact(text, response.language).text, response.language, response.consent)
        for question, text in _texts(instrument, response)
    )


def themes_of(instrument: Instrument, response: Response, codebook: Codebook) -> tuple[str, ...]:
    """Return the themes that a response counts in: two at most."""
    found = {box: codebook.themes_in(text, response.language) for box, text in _texts(instrument, response)}
    return counted_themes(found)


def _texts(instrument: Instrument, response: Response) -> Iterator[tuple[str, str]]:
    for question in instrument.boxes:
        given = response.answers.get(question.id)
        if isinstance(given, str) and given not in (DECLINED, NOT_SHOWN):
            yield question.id, given
