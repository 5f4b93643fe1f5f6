"""A feed as a file: entries with a day and a few words, as RFC 4287 has it."""

import datetime as dt
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec

_ATOM = "http://www.w3.org/2005/Atom"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of news."""

    id: str
    title: str
    summary: str
    day: dt.date


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """News, the latest first. `id` is its own address, and `page` the one that people read."""

    id: str
    page: str
    language: str
    title: str
    author: str
    since: dt.date
    """The day that a feed without an entry was last changed."""
    entries: tuple[Entry, ...]

    def text(self) -> bytes:
        root = Element("feed", {"xmlns": _ATOM, "xml:lang": self.language})
        _say(root, id=self.id, title=self.title, updated=_at(self._last_day))
        _say(SubElement(root, "author"), name=self.author)
        SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": self.id})
        SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": self.page})
        for it in self.entries:
            entry = SubElement(root, "entry")
            _say(entry, id=it.id, title=it.title, updated=_at(it.day), summary=it.summary)
            SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": self.page})
        return bytes(tostring(root, encoding="utf-8", xml_declaration=True))

    @property
    def _last_day(self) -> dt.date:
        return max((it.day for it in self.entries), default=self.since)


def _say(above: Element, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(above, name).text = text


def _at(day: dt.date) -> str:
    """Noon: the same day wherever it is read, and of no request."""
    return f"{day.isoformat()}T12:00:00Z"
