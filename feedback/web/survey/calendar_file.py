"""A calendar as a file: days and words, folded and escaped as RFC 5545 has it."""

import datetime as dt
from collections.abc import Iterable, Iterator

import msgspec

_LONGEST_LINE = 75
"""Octets (RFC 5545, 3.1)."""
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One whole day."""

    uid: str
    """Stays, whatever day the event moves to: a calendar knows it again by this."""
    day: dt.date
    known_since: dt.date
    """Since when this day was known: no clock of ours, and of no reader's."""
    summary: str
    description: str
    address: str
    has_been: bool
    """Before, its day is the one on which it is expected."""


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar to read; nobody is invited to anything."""

    name: str
    language: str
    events: tuple[Event, ...]

    def text(self) -> str:
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Heard//Heard//EN",
            "CALSCALE:GREGORIAN",
            f"X-WR-CALNAME:{_escaped(self.name)}",
            *(line for event in self.events for line in self._lines(event)),
            "END:VCALENDAR",
        ]
        return "".join(f"{folded}\r\n" for folded in _folded(lines))

    def _lines(self, event: Event) -> Iterator[str]:
        yield from ("BEGIN:VEVENT", f"UID:{event.uid}", f"DTSTAMP:{event.known_since:%Y%m%d}T000000Z")
        # The day that was expected and the day on which it came are two states of one event.
        yield from (f"SEQUENCE:{int(event.has_been)}", f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}")
        for name, words in (("SUMMARY", event.summary), ("DESCRIPTION", event.description)):
            yield f"{name};LANGUAGE={self.language}:{_escaped(words)}"
        yield f"URL:{event.address}"
        yield f"STATUS:{'CONFIRMED' if event.has_been else 'TENTATIVE'}"
        yield from ("TRANSP:TRANSPARENT", "END:VEVENT")


def _escaped(words: str) -> str:
    return words.translate(_ESCAPES)


def _folded(lines: Iterable[str]) -> Iterator[str]:
    """Break lines that are too long, and never inside a letter."""
    for line in lines:
        part = ""
        for letter in line:
            if len((part + letter).encode()) > _LONGEST_LINE:
                yield part
                part = " "
            part += letter
        yield part
