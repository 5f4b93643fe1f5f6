"""Comments: cut loose from the answers they came with, at the pulse, and looked through for themes once."""

from collections.abc import Iterator

import msgspec

from analysis.text.redaction import redact
from analysis.text.themes import Codebook
from analysis.values import counted_themes
from surveys.answers import DECLINED, NOT_SHOWN, Consent, Response
from surveys.instruments import Instrument

LONGEST_BYTES = 3_600
"""Of a redacted text: what stands for an address may be longer than the address, and a row has one size."""
_CUT = "…"


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """One text, redacted, and nothing of its writer but language and consent. The batch is sealed with it."""

    batch: str
    question: str
    text: str
    language: str
    consent: Consent


def cut_loose(batch: str, instrument: Instrument, response: Response) -> tuple[Comment, ...]:
    """Return what a response wrote, each text by itself and redacted."""
    return tuple(
        Comment(
            batch=batch,
            question=question,
            text=_redacted(text, response.language),
            language=response.language,
            consent=response.consent,
        )
        for question, text in _texts(instrument, response)
    )


def _redacted(text: str, language: str) -> str:
    readable = redact(text, language).text
    encoded = readable.encode()
    if len(encoded) <= LONGEST_BYTES:
        return readable
    return encoded[: LONGEST_BYTES - len(_CUT.encode())].decode(errors="ignore") + _CUT


def themes_of(instrument: Instrument, response: Response, codebook: Codebook) -> tuple[str, ...]:
    """Return the themes that a response counts in: two at most."""
    return counted_themes(
        {box: codebook.themes_in(text, response.language) for box, text in _texts(instrument, response)}
    )


def _texts(instrument: Instrument, response: Response) -> Iterator[tuple[str, str]]:
    for question in instrument.boxes:
        answer = response.answers.get(question.id)
        if isinstance(answer, str) and answer not in (DECLINED, NOT_SHOWN):
            yield question.id, answer
