"""What every response of both doors carries, errors included."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

FORGET = {"Clear-Site-Data": '"cache"'}
"""Empties the back/forward cache, or Back would show what was typed (respondent.md)."""
_ALWAYS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SURVEY = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Robots-Tag": "noindex, nofollow",
}
_STAFF = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
}


async def protect_survey_door(message: Message, _scope: Scope) -> None:
    _protect(message, {**_ALWAYS, **_SURVEY})


async def protect_staff_door(message: Message, _scope: Scope) -> None:
    _protect(message, {**_ALWAYS, **_STAFF})


def _protect(message: Message, wanted: dict[str, str]) -> None:
    """Add what a page did not set itself; a page may be stricter for its own content."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in wanted.items():
        if name not in headers:
            headers[name] = value
