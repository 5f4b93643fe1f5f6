"""redact and themes: what happens to a comment, one JSON line at a time."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from feedback.commands.running import EXISTING


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One comment as it comes in."""

    text: str
    lang: str = "en"


@click.command()
def redact() -> None:
    """Take out what could lead to a person. JSON lines in, JSON lines out."""
    from analysis.text.redaction import redact as take_out

    _each_line(lambda line: take_out(line.text, line.lang))


@click.command()
@click.option("--codebook", "file", type=EXISTING, help="Another codebook than the shipped one.")
def themes(file: Path | None) -> None:
    """Say which themes a comment mentions and in which tone. JSON lines in, JSON lines out."""
    from analysis.text.sentiment import polarity
    from analysis.text.themes import load_codebook

    codebook = load_codebook(file)
    _each_line(
        lambda line: {
            "themes": codebook.themes_in(line.text, line.lang),
            "polarity": polarity(line.text, line.lang),
        }
    )


def _each_line(answer: Callable[[Line], Any]) -> None:
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        if not raw.strip():
            continue
        try:
            line = msgspec.json.decode(raw, type=Line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            # What a decoder says may show a letter of the comment.
            why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            raise click.ClickException(f"Line {number} is not an object with text and lang: {why}.") from None
        sys.stdout.buffer.write(msgspec.json.encode(answer(line)) + b"\n")
        sys.stdout.buffer.flush()


COMMANDS = (redact, themes)
