"""Requests that nobody meant to be sent, made by Hypothesis from what a door shows of itself."""

import json
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import quote, quote_from_bytes, urlencode

import msgspec
from hypothesis import strategies as st

from tests.support.attack.raw_http import Header, Sent
from tests.support.attack.site_map import Form, Route, SiteMap
from tests.support.sandbox import PASSWORD

T = TypeVar("T")
FORM = b"application/x-www-form-urlencoded"
SUBMISSION_KEY = "_once"
PRESSED = ("_enter", "_to", "_take_back")
"""The buttons of the survey door that have a name; Send has none."""
CSRF = "_csrf_token"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"]
STRANGE = [
    "", " ", "0", "-1", "1e9", "9" * 20, "9" * 5_000, "٣", "１", "NaN", "null", "true", "\0", "a\0b", "é",
    "😀" * 30, "\u202e\u2066", "\ufeff", "\ud800", "' OR 1=1 --", "<script>alert(1)</script>", "{{ 7*7 }}",
    "%s%n", "=1+1", "../../etc/passwd", "..", ".", "/", "\\", "%", "%zz", "%00", "a" * 300, "ﷺ" * 1_001,
    "x" * 5_000, "\r\nSet-Cookie: a=b", "2026Q3", "2026Q9", "0000Q1", "İ" * 200 + "@x.org", "İ@x.org",
    "a@b.c", "~", "-", "\t", "\x7f\x85", "staff.css/x", "nobody", "contractor/youth",
]  # fmt: skip
WORDS = ["Good people.", "They\r\nlistened.", "", PASSWORD, "2026Q3", "7", "123456", "new@county.example"]
PLACES = [
    b"//", b"/..", b"/.", b"/%", b"/%00", b"/%2e%2e/%2e%2e", b"/%zz", b"/\xff", b"/%ff", b"/s", b"/s/", b"*",
    b"?", b"/?", b"/#", b"http://elsewhere.example/", b"elsewhere.example:80", b"/" + b"a" * 9_000,
    b"/" + b"a/" * 2_000, b"/s/%f0%9f%98%80", b"/static/../app.py", b"/static/%2e%2e/app.py",
    b"/static/", b"/static//", b"/static/%00", b"/schema", b"/" + b"a" * 70_000,
]  # fmt: skip
TYPES = [
    b"", b"x", b";;;", b"text/plain", b"application/json", b"application/msgpack", b"multipart/form-data",
    b"multipart/form-data; boundary=x", b"multipart/form-data; boundary=", FORM + b"; charset=latin-1",
    FORM + b"; charset=utf-16", FORM + b"; charset=utf-7", FORM + b"; charset=klingon", FORM + b"; charset=",
    FORM + b";charset=\xff", FORM.upper(), FORM + b", " + FORM, b"application/x-www-form-urlencoded/x",
]  # fmt: skip
HEADERS: list[Header] = [
    (b"Accept-Language", b"es"), (b"Accept-Language", b"xx-" + b"y" * 300), (b"Accept-Language", b"*;q=\xff"),
    (b"Accept-Language", b"ar;q=nan,ko;q=1e999,-;q=-1,;;,"), (b"Accept-Encoding", b"br;q=0, gzip"),
    (b"Accept-Encoding", b"\xff"), (b"Accept", b"application/xml;q=2"), (b"Accept", b"////"),
    (b"Cookie", b"=;;; a; b==; =x"), (b"Cookie", b'heard-form="; heard-device=x.y'),
    (b"Cookie", b"\xff=\xfe"), (b"Cookie", b"heard-staff=%00"),
    (b"Cookie", b"heard-device=.\xff.; lang=es"), (b"Origin", b"null"),
    (b"Sec-Fetch-Site", b"cross-site"), (b"Sec-Fetch-Site", b"\xff"), (b"Sec-Fetch-Site", b"same-origin"),
    (b"Origin", b"https://elsewhere.example"), (b"Range", b"bytes=0-1"), (b"Range", b"bytes=9-1,-,x"),
    (b"If-None-Match", b"*"), (b"If-Modified-Since", b"Thu, 99 Foo 2026"), (b"If-Range", b"x"),
    (b"X-Forwarded-For", b"' OR 1"), (b"X-Forwarded-Host", b"elsewhere.example"),
    (b"X-HTTP-Method", b"PUT"), (b"Referer", b"\xff"), (b"X-CSRFToken", b"\xff" * 99),
    (b"HX-Request", b"true"), (b"User-Agent", b"a" * 4_000), (b"TE", b"trailers"),
    (b"Upgrade", b"websocket"), (b"Connection", b"Upgrade"), (b"Connection", b"close"),
]  # fmt: skip
QUERIES = [b"&&==", b"%", b"%zz=%ff", b"a" * 9_000, b"&".join([b"lang=es"] * 1_000), b"\xff", b"lang=%00"]
BROKEN = [b"%", b"%zz", b"\xff\xfe", b"\0", b"&&", b"=", b"", b"%ED%A0%80", b";", b"%00"]
PARTS = b'--x\r\nContent-Disposition: form-data; name="_once"; filename="x"\r\n\r\nx\r\n--x--'


class FuzzRequest(msgspec.Struct, frozen=True):
    """A request, who sends it, and whether it carries what a form of ours carries."""

    name: str
    sent: Sent
    who: str
    has_token: bool


class Drawn:
    """Bytes from Hypothesis, spent choice by choice: a strategy for each would take ten times as long."""

    def __init__(self, spent: bytes, texts: Sequence[str], blobs: Sequence[bytes]) -> None:
        self._left = int.from_bytes(spent)
        self.strange, self.blobs = [*STRANGE, *texts], blobs

    def below(self, number: int) -> int:
        self._left, found = divmod(self._left, number)
        return found

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def some_of(self, choices: Sequence[T], most: int) -> list[T]:
        return [self.one_of(choices) for _ in range(self.below(most + 1) if choices else 0)]

    def once_in(self, number: int) -> bool:
        return self.below(number) == 0


class FuzzRequests:
    """What one door may be asked: drawn from what it shows, and from what nobody would think of."""

    def __init__(
        self,
        shown: SiteMap,
        largest: int,
        people: Sequence[str] = (),
        token: str = "",
        page: Callable[[bytes, int], str] = lambda _target, number: f"page-{number}",
    ) -> None:
        """`page` is told an address and a number, and gives the number of a page of that address."""
        self.shown, self.largest, self.people, self.token = shown, largest, [*people, ""], token
        self.page = page
        self._actions = [sorted(it) for _, it in sorted(shown.actions.items())]
        self._known = {name: sorted(ids) for name, ids in self.shown.ids.items()}
        self._everything = sorted({it for ids in self.shown.ids.values() for it in ids})

    def batches(self, size: int) -> st.SearchStrategy[list[FuzzRequest]]:
        spent = st.lists(st.binary(min_size=64, max_size=64), min_size=size, max_size=size)
        texts = st.lists(st.text(max_size=12), max_size=8)
        blobs = st.lists(st.binary(max_size=60), min_size=1)
        return st.builds(
            lambda all_spent, *more: [self._asked(Drawn(it, *more)) for it in all_spent], spent, texts, blobs
        )

    def _asked(self, drawn: Drawn) -> FuzzRequest:
        route, target, form = self._place(drawn)
        method = drawn.one_of([*[it for it in route.methods if it != "OPTIONS"] * 20, *METHODS])
        has_token = bool(self.token) and not drawn.once_in(3)
        headers = drawn.some_of(HEADERS, 2)
        if has_token:
            headers = [it for it in headers if it[0] not in (b"Sec-Fetch-Site", b"Cookie")]
        kind, body = None, b""
        if method not in ("GET", "HEAD", "get") or drawn.once_in(30):
            kind, body = self._body(drawn, self._pairs(drawn, target, form, has_token=has_token))
        headers += [(b"Content-Type", kind)] if kind is not None else []
        sent = Sent(method.encode(), target, tuple(headers), body, chunked=bool(body) and drawn.once_in(10))
        likely = sorted(self.shown.seen_by.get(route.path, ())) or self.people
        who = drawn.one_of(likely if drawn.once_in(2) else self.people)
        return FuzzRequest(f"{method} {route.path}", sent, who, has_token)

    def _place(self, drawn: Drawn) -> tuple[Route, bytes, Form]:
        """A route, an address of it or of something near it, and the form that goes there."""
        kind = drawn.one_of(["form", "form", "route", "route", "route", "nowhere"])
        if kind == "form" and self._actions:
            action = drawn.one_of(drawn.one_of(self._actions))
            route = self.shown.learn_ids(action.partition("?")[0])
            assert route is not None
            return route, action.encode(), self.shown.forms[action]
        route = drawn.one_of(self.shown.routes)
        form = self.shown.by_route.get(route.path, Form({}, {}))
        if kind == "nowhere":
            return Route("nowhere", route.methods, ()), self._nowhere(drawn), form
        parts = [self._part(drawn, it) for it in route.parts]
        return route, b"/" + b"/".join(parts) + self._query(drawn, route, form), form

    def _part(self, drawn: Drawn, part: str) -> bytes:
        if not part.startswith("{"):
            return part.encode()
        known = self._known.get(part[1:].partition(":")[0]) or self._everything
        value = drawn.one_of(drawn.strange if drawn.once_in(3) else known)
        return quote(value, safe="/" if ":path" in part else "", errors="surrogatepass").encode()

    def _nowhere(self, drawn: Drawn) -> bytes:
        if drawn.once_in(2):
            return drawn.one_of(PLACES)
        return b"/" + quote_from_bytes(drawn.one_of(drawn.blobs), safe="/.?&=%").encode()

    def _query(self, drawn: Drawn, route: Route, form: Form) -> bytes:
        if drawn.once_in(2):
            return b""
        if drawn.once_in(20):
            return b"?" + drawn.one_of(QUERIES)
        names = [*route.names, *form.values, "lang", "kiosk", "search", "_method"]
        values = [*self._everything, "es", "1", "ar", "draft"]
        values = drawn.strange if drawn.once_in(2) else values
        pairs = [(it, drawn.one_of(values)) for it in drawn.some_of(names, 3)]
        return b"?" + urlencode(pairs, errors="surrogatepass").encode()

    def _pairs(self, drawn: Drawn, target: bytes, form: Form, *, has_token: bool) -> list[tuple[str, str]]:
        """A form filled as it came, with answers it offers, and in every second one something it does not."""
        names, filled = sorted(form.values), dict(form.came)
        filled.update({it: drawn.one_of(self._offered(form, it)) for it in drawn.some_of(names, 8)})
        filled.update({it: values[0] for it, values in form.values.items() if values == ["yes"]})
        if not drawn.once_in(4):
            # A person presses one button, and mostly Send.
            filled = {name: value for name, value in filled.items() if name not in PRESSED}
        if SUBMISSION_KEY in filled and not drawn.once_in(4):
            filled[SUBMISSION_KEY] = self.page(target, drawn.below(2**40))
        pairs = [it for it in filled.items() if it[0] != CSRF]
        if drawn.once_in(2):
            strange = [*names, *drawn.strange]
            pairs += [(it, drawn.one_of(drawn.strange)) for it in drawn.some_of(strange, 2)]
        return [*pairs, (CSRF, self.token)] if has_token else pairs

    @staticmethod
    def _offered(form: Form, name: str) -> list[str]:
        return form.values[name] if any(form.values[name]) else WORDS

    def _body(self, drawn: Drawn, pairs: list[tuple[str, str]]) -> tuple[bytes | None, bytes]:
        kind = drawn.one_of([*["form"] * 12, "broken", "broken", "typed", "typed", "json", "size", "many"])
        body = urlencode(pairs, errors="surrogatepass").encode()
        if kind == "broken":
            at = drawn.below(len(body) + 1)
            rest = body[at:] if drawn.once_in(2) else b""
            return FORM, body[:at] + drawn.one_of(BROKEN) + rest
        if kind == "typed":
            return drawn.one_of([*TYPES, None, FORM]), drawn.one_of([body, PARTS, *drawn.blobs])
        if kind == "json":
            return b"application/json", json.dumps(dict(pairs)).encode()
        if kind == "size":
            size = self.largest + drawn.one_of([-1, 0, 1, 50_000])
            return FORM, (body + b"&should-change=").ljust(size, drawn.one_of([b"x", b"%", b"&", b"\xff"]))
        if kind == "many":
            return FORM, body + b"".join(b"&f%d=1" % it for it in range(drawn.one_of([150, 201, 1_500])))
        return FORM, body
