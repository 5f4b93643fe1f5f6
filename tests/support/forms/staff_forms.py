"""The forms of a staff page as a browser holds them: what each would send, and what is said at its fields."""

from html.parser import HTMLParser

import msgspec

_CHECKABLE = ("radio", "checkbox")


class Form(msgspec.Struct):
    """One form: its fields as they would be sent, and the sentence that a field is tied to."""

    action: str
    method: str
    pairs: list[tuple[str, str]]
    problem_ids: dict[str, str]
    """The id of the sentence that a field marked as wrong says is its own."""
    problems: dict[str, str] = {}

    @property
    def fields(self) -> dict[str, str]:
        return dict(self.pairs)


class _Forms(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.texts: dict[str, str] = {}
        self._form: Form | None = None
        self._select = self._text = self._id = ""
        self._within = 0
        self.feed(html)
        for form in self.forms:
            form.problems = {name: " ".join(self.texts[it].split()) for name, it in form.problem_ids.items()}

    def handle_starttag(self, tag, attrs):
        fields = {name: value or "" for name, value in attrs}
        if "id" in fields and fields["id"].startswith("problem-"):
            self._id, self.texts[fields["id"]] = fields["id"], ""
        if tag == "form":
            self._form = Form(fields.get("action", ""), fields.get("method", "get"), [], {})
            self.forms.append(self._form)
        if self._form is not None:
            self._read(self._form, tag, fields)

    def _read(self, form, tag, fields):
        name = fields.get("name", self._select)
        if fields.get("aria-invalid") == "true":
            problem_id = fields["aria-describedby"].split()[-1]
            form.problem_ids[fields.get("name") or problem_id.removeprefix("problem-")] = problem_id
        if tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in fields or name not in form.fields):
            form.pairs.append((name, fields["value"]))
        elif tag == "textarea":
            self._text = name
            form.pairs.append((name, ""))
        elif tag == "input" and (fields.get("type") not in _CHECKABLE or "checked" in fields):
            form.pairs.append((name, fields.get("value", "on" if fields.get("type") == "checkbox" else "")))

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
            self.texts[self._id] += data
        if self._text and self._form is not None:
            name, text = self._form.pairs[-1]
            self._form.pairs[-1] = (name, text + data)


def forms_of(html: str) -> list[Form]:
    return _Forms(html).forms


def form_at(html: str, action: str) -> Form:
    """The form of a page that sends to this address."""
    forms = [it for it in forms_of(html) if it.action == action]
    assert len(forms) == 1, f"{len(forms)} forms send to {action}"
    return forms[0]
