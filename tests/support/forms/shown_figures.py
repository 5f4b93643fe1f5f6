"""What a page of results shows: under each heading its tables, and the files that lie beside them.

The one place that knows how a page writes a figure; whoever writes pages anew changes it here.
"""

import re
from html.parser import HTMLParser

import msgspec

WELL = r"([6-9]\d % \(\d\d to \d\d %\)|nearly all)"
"""What a page may say where everybody answered well: chance moves the share, and may move it to its end."""
HARDLY_ANY, NEARLY_ALL = 3, 97
"""Nearer to none or all nothing is told apart (docs/disclosure.md, “Figures”)."""
_SHARE = re.compile(r"(\d+) % \((\d+) to (\d+) %\)|(hardly any|nearly all)|about \d+-\d+")


class Section(msgspec.Struct):
    """What stands under one heading of the second level."""

    title: str
    files: list[str] = []
    rows: list[list[str]] = []
    """Of every table, each line of cells as text, the heads left out."""
    items: list[str] = []
    """Of every list."""

    @property
    def figures(self) -> set[tuple[str, ...]]:
        """Each figure: what is said, and how sure it is where that is said."""
        texts = [*(cell for row in self.rows for cell in row), *self.items]
        return {_figure(match) for text in texts for match in _SHARE.finditer(text)}


def _figure(match: re.Match[str]) -> tuple[str, ...]:
    if match[1]:
        return (f"{match[1]} %", match[2], match[3])
    return (match[0],)


def as_shown(line: dict[str, str]) -> set[tuple[str, ...]]:
    """In which ways a page may say the figure of a line: with its interval, alone, or at an end in words."""
    ways = {(line["display"], line["low"], line["high"]), (line["display"],)}
    if line["low"]:
        ends = {"hardly any": int(line["high"]) <= HARDLY_ANY, "nearly all": int(line["low"]) >= NEARLY_ALL}
        ways |= {(words,) for words, holds in ends.items() if holds}
    return ways


class _Sections(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sections = [Section("")]
        self._is_row = False
        self._words: list[str] = []

    def handle_starttag(self, tag, attrs):
        fields = dict(attrs)
        if tag == "h2":
            self.sections.append(Section(""))
        if tag == "tr":
            self.sections[-1].rows.append([])
        if tag == "a" and (fields.get("href") or "").startswith("/download/"):
            self.sections[-1].files.append(fields["href"])
        self._is_row = tag == "td" or (tag == "th" and fields.get("scope") == "row") or self._is_row
        if tag in ("h2", "td", "th", "li"):
            self._words = []
        if tag == "br":
            self._words.append(" ")

    def handle_endtag(self, tag):
        text = re.sub(r"\s+", " ", "".join(self._words)).strip()
        section = self.sections[-1]
        if tag == "h2":
            section.title = text
        if tag in ("td", "th"):
            if self._is_row:
                section.rows[-1].append(text)
            self._is_row = False
        if tag == "li":
            section.items.append(text)

    def handle_data(self, data):
        self._words.append(data)


def sections_of(html: str) -> list[Section]:
    parser = _Sections()
    parser.feed(html)
    return parser.sections
