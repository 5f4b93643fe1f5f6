"""The forms of a staff page as a browser holds them: what each would send, and what is said at its fields."""

from html.parser import HTMLParser

import msgspec

_CHOSEN = ("radio", "checkbox")


class Form(msgspec.Struct):
    """One form: its fields as they would be sent, and the sentence that a field is tied to."""

    action: str
    method: str
    pairs: list[tuple[str, str]]
    tied: dict[str, str]
    """The id of the sentence that a field marked as wrong says is its own."""
    problems: dict[str, str] = {}

    @property
    def sent(self) -> dict[str, str]:
        return dict(self.pairs)


class _Forms(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.said: dict[str, str] = {}
        self._form: Form | None = None
        self._select = self._text = self._id = ""
        self._within = 0
        self.feed(html)
        for form in self.forms:
            form.problems = {name: " ".join(self.said[told].split()) for name, told in form.tied.items()}

    def handle_starttag(self, tag, attrs):
        told = {name: value or "" for name, value in attrs}
        if "id" in told and told["id"].startswith("problem-"):
            self._id, self.said[told["id"]] = told["id"], ""
        if tag == "form":
            self._form = Form(told.get("action", ""), told.get("method", "get"), [], {})
            self.forms.append(self._form)
        if self._form is not None:
            self._read(self._form, tag, told)

    def _read(self, form, tag, told):
        name = told.get("name", self._select)
        if told.get("aria-invalid") == "true":
            said = told["aria-describedby"].split()[-1]
            form.tied[told.get("name") or said.removeprefix("problem-")] = said
        if tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in told or name not in form.sent):
            form.pairs.append((name, told["value"]))
        elif tag == "textarea":
            self._text = name
            form.pairs.append((name, ""))
        elif tag == "input" and (told.get("type") not in _CHOSEN or "checked" in told):
            form.pairs.append((name, told.get("value", "on" if told.get("type") == "checkbox" else "")))

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._text = ""
        elif tag in ("span", "p"):
            self._id = ""

    def handle_data(self, data):
        if self._id:
            self.said[self._id] += data
        if self._text and self._form is not None:
            name, before = self._form.pairs[-1]
            self._form.pairs[-1] = (name, before + data)


def forms_of(html: str) -> list[Form]:
    return _Forms(html).forms


def form_at(html: str, action: str) -> Form:
    """The form of a page that sends to this address."""
    found = [it for it in forms_of(html) if it.action == action]
    assert len(found) == 1, f"{len(found)} forms send to {action}"
    return found[0]
