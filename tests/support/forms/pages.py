"""A page as a browser without script reads it: its words, its fields, its addresses."""

import re
from html.parser import HTMLParser

SILENT = ("script", "style", "title")
ALONE = ("area", "base", "br", "hr", "img", "input", "link", "meta")


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.title = ""
        self._words: list[str] = []
        self._open: list[str] = []
        self._area: str | None = None
        self._texts: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        fields = {name: value or "" for name, value in attrs}
        self.tags.append((tag, fields))
        if tag not in ALONE:
            self._open.append(tag)
        if tag == "textarea" and "name" in fields:
            self._area = fields["name"]
            self._texts[self._area] = ""

    def handle_endtag(self, tag):
        assert self._open.pop() == tag, f"</{tag}> closes something else"
        self._area = None if tag == "textarea" else self._area

    def handle_data(self, data):
        if self._area:
            self._texts[self._area] += data
        elif self._open and self._open[-1] == "title":
            self.title += data
        elif not self._open or self._open[-1] not in SILENT:
            self._words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self._words)).strip()

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [fields for tag, fields in self.tags if tag in tags]

    @property
    def fields(self) -> list[dict[str, str]]:
        return self.all("input", "textarea", "select")

    def choices(self, name: str) -> list[str]:
        return [it["value"] for it in self.all("input") if it["name"] == name]

    @property
    def filled(self) -> dict[str, list[str]]:
        """What Send would send."""
        fields: dict[str, list[str]] = {name: [text] for name, text in self._texts.items()}
        for it in self.all("input"):
            if it["type"] == "hidden" or "checked" in it:
                fields.setdefault(it["name"], []).append(it["value"])
        return fields

    @property
    def addresses(self) -> list[str]:
        """Everything the page loads or leads to."""
        links = [f[name] for _, f in self.tags for name in ("href", "src", "action", "srcset") if name in f]
        return links + re.findall(r"url\(([^)]*)\)|@import ([^;]*)", self.html)
