"""What somebody had typed when their session ran out: it goes through sign-in inside the pages, and back.

Never stored: typed paper holds answers, and nobody's answers are readable at rest.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from litestar import Request

from feedback.web.staff.page import form_lists

TO, AT, PREFIX = "to", "at", "k."
"""The fields that say which page they wanted, or where a form of theirs was sent; how its fields begin."""
MOST = 2_000
"""Fields: ten sheets of the longest survey have some hundred; a stranger's hundred thousand take seconds."""
_OWN = 5
"""Fields of sign-in itself."""
_SECRET = ("password", "current", "code", "answer")
"""Never in a page: the page of the account asks for them again."""
_PATH = re.compile(r"/(?![/\\])[!-~]*", re.ASCII)
_SAFE = "/:@!$&'()*+,;=-._~"


class TypedPage(msgspec.Struct, frozen=True):
    """Where somebody was, and what they had filled in there; None for a page that was only looked at."""

    path: str
    fields: Sequence[tuple[str, str]] | None = None

    @property
    def query(self) -> str:
        """What to add to an address so that sign-in leads back here."""
        return "" if self.path == "/" else f"?{urlencode({TO: self.path})}"


async def typed_at(request: Request[Any, Any, Any], *, is_ours: bool) -> TypedPage:
    """What a request wanted that cannot be let in now. Only a page proven ours has its fields shown again."""
    path = quote(request.url.path, safe=_SAFE) + f"?{request.url.query}" * bool(request.url.query)
    if request.method != "POST":
        return typed_back({TO: [path]}) or TypedPage("/")
    if not is_ours or path == "/sign-out" or len(await request.form()) > MOST:
        return TypedPage("/")
    fields = [(name, value) for name, values in (await form_lists(request)).items() for value in values]
    if path.startswith("/account"):
        others = [(name, value) for name, value in fields if name not in _SECRET]
        return TypedPage(f"/account?{urlencode(others)}" if others else "/account")
    return TypedPage(path, fields)


def typed_back(fields: Mapping[str, Sequence[str]]) -> TypedPage | None:
    """The same as a page of sign-in carried it. An address of another site is none."""
    path = fields.get(AT, fields.get(TO, [""]))[-1]
    if not _PATH.fullmatch(path) or sum(map(len, fields.values())) > MOST + _OWN:
        return None
    if AT not in fields:
        return TypedPage(path)
    lists = {name.removeprefix(PREFIX): values for name, values in fields.items() if name.startswith(PREFIX)}
    return TypedPage(path, [(name, value) for name, values in lists.items() for value in values])
