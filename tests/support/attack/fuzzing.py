"""Requests that nobody meant to be sent, made by Hypothesis from what a door shows of itself."""

import json
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import quote, quote_from_bytes, urlencode

import msgspec
from hypothesis import strategies as st

from tests.support.attack.raw_http import Header, RawRequest
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
    raw: RawRequest
    who: str
    has_token: bool


class Dice:
    """Bytes from Hypothesis, spent choice by choice: a strategy for each would take ten times as long."""

    def __init__(self, entropy: bytes, texts: Sequence[str], blobs: Sequence[bytes]) -> None:
        self._entropy = int.from_bytes(entropy)
        self.strange, self.blobs = [*STRANGE, *texts], blobs

    def below(self, number: int) -> int:
        self._entropy, side = divmod(self._entropy, number)
        return side

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
        site_map: SiteMap,
        largest: int,
        people: Sequence[str] = (),
        token: str = "",
        page: Callable[[bytes, int], str] = lambda _target, number: f"page-{number}",
    ) -> None:
        """`page` is told an address and a number, and gives the number of a page of that address."""
        self.site_map, self.largest, self.people, self.token = site_map, largest, [*people, ""], token
        self.page = page
        self._actions = [sorted(it) for _, it in sorted(site_map.actions.items())]
        self._ids = {name: sorted(ids) for name, ids in self.site_map.ids.items()}
        self._all_ids = sorted({it for ids in self.site_map.ids.values() for it in ids})

    def batches(self, size: int) -> st.SearchStrategy[list[FuzzRequest]]:
        entropy = st.lists(st.binary(min_size=64, max_size=64), min_size=size, max_size=size)
        texts = st.lists(st.text(max_size=12), max_size=8)
        blobs = st.lists(st.binary(max_size=60), min_size=1)
        return st.builds(
            lambda blocks, *pools: [self._request(Dice(it, *pools)) for it in blocks], entropy, texts, blobs
        )

    def _request(self, dice: Dice) -> FuzzRequest:
        route, target, form = self._place(dice)
        method = dice.one_of([*[it for it in route.methods if it != "OPTIONS"] * 20, *METHODS])
        has_token = bool(self.token) and not dice.once_in(3)
        headers = dice.some_of(HEADERS, 2)
        if has_token:
            headers = [it for it in headers if it[0] not in (b"Sec-Fetch-Site", b"Cookie")]
        kind, body = None, b""
        if method not in ("GET", "HEAD", "get") or dice.once_in(30):
            kind, body = self._body(dice, self._pairs(dice, target, form, has_token=has_token))
        headers += [(b"Content-Type", kind)] if kind is not None else []
        is_chunked = bool(body) and dice.once_in(10)
        raw = RawRequest(method.encode(), target, tuple(headers), body, chunked=is_chunked)
        likely = sorted(self.site_map.people.get(route.path, ())) or self.people
        who = dice.one_of(likely if dice.once_in(2) else self.people)
        return FuzzRequest(f"{method} {route.path}", raw, who, has_token)

    def _place(self, dice: Dice) -> tuple[Route, bytes, Form]:
        """A route, an address of it or of something near it, and the form that goes there."""
        kind = dice.one_of(["form", "form", "route", "route", "route", "nowhere"])
        if kind == "form" and self._actions:
            action = dice.one_of(dice.one_of(self._actions))
            route = self.site_map.learn_ids(action.partition("?")[0])
            assert route is not None
            return route, action.encode(), self.site_map.forms[action]
        route = dice.one_of(self.site_map.routes)
        form = self.site_map.by_route.get(route.path, Form({}, {}))
        if kind == "nowhere":
            return Route("nowhere", route.methods, ()), self._nowhere(dice), form
        parts = [self._part(dice, it) for it in route.parts]
        return route, b"/" + b"/".join(parts) + self._query(dice, route, form), form

    def _part(self, dice: Dice, part: str) -> bytes:
        if not part.startswith("{"):
            return part.encode()
        ids = self._ids.get(part[1:].partition(":")[0]) or self._all_ids
        value = dice.one_of(dice.strange if dice.once_in(3) else ids)
        return quote(value, safe="/" if ":path" in part else "", errors="surrogatepass").encode()

    def _nowhere(self, dice: Dice) -> bytes:
        if dice.once_in(2):
            return dice.one_of(PLACES)
        return b"/" + quote_from_bytes(dice.one_of(dice.blobs), safe="/.?&=%").encode()

    def _query(self, dice: Dice, route: Route, form: Form) -> bytes:
        if dice.once_in(2):
            return b""
        if dice.once_in(20):
            return b"?" + dice.one_of(QUERIES)
        names = [*route.names, *form.values, "lang", "kiosk", "search", "_method"]
        values = [*self._all_ids, "es", "1", "ar", "draft"]
        values = dice.strange if dice.once_in(2) else values
        pairs = [(it, dice.one_of(values)) for it in dice.some_of(names, 3)]
        return b"?" + urlencode(pairs, errors="surrogatepass").encode()

    def _pairs(self, dice: Dice, target: bytes, form: Form, *, has_token: bool) -> list[tuple[str, str]]:
        """A form filled as it came, with answers it offers, and in every second one something it does not."""
        names, fields = sorted(form.values), dict(form.initial)
        fields.update({it: dice.one_of(self._offered(form, it)) for it in dice.some_of(names, 8)})
        fields.update({it: values[0] for it, values in form.values.items() if values == ["yes"]})
        if not dice.once_in(4):
            # A person presses one button, and mostly Send.
            fields = {name: value for name, value in fields.items() if name not in PRESSED}
        if SUBMISSION_KEY in fields and not dice.once_in(4):
            fields[SUBMISSION_KEY] = self.page(target, dice.below(2**40))
        pairs = [it for it in fields.items() if it[0] != CSRF]
        if dice.once_in(2):
            strange = [*names, *dice.strange]
            pairs += [(it, dice.one_of(dice.strange)) for it in dice.some_of(strange, 2)]
        return [*pairs, (CSRF, self.token)] if has_token else pairs

    @staticmethod
    def _offered(form: Form, name: str) -> list[str]:
        return form.values[name] if any(form.values[name]) else WORDS

    def _body(self, dice: Dice, pairs: list[tuple[str, str]]) -> tuple[bytes | None, bytes]:
        kind = dice.one_of([*["form"] * 12, "broken", "broken", "typed", "typed", "json", "size", "many"])
        body = urlencode(pairs, errors="surrogatepass").encode()
        if kind == "broken":
            at = dice.below(len(body) + 1)
            rest = body[at:] if dice.once_in(2) else b""
            return FORM, body[:at] + dice.one_of(BROKEN) + rest
        if kind == "typed":
            return dice.one_of([*TYPES, None, FORM]), dice.one_of([body, PARTS, *dice.blobs])
        if kind == "json":
            return b"application/json", json.dumps(dict(pairs)).encode()
        if kind == "size":
            size = self.largest + dice.one_of([-1, 0, 1, 50_000])
            return FORM, (body + b"&should-change=").ljust(size, dice.one_of([b"x", b"%", b"&", b"\xff"]))
        if kind == "many":
            return FORM, body + b"".join(b"&f%d=1" % it for it in range(dice.one_of([150, 201, 1_500])))
        return FORM, body
