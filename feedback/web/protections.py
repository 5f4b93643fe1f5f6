"""What every response of both doors carries, errors included."""

from collections.abc import Awaitable, Callable

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from feedback.settings import Settings

BeforeSend = Callable[[Message, Scope], Awaitable[None]]

FORGET = {"Clear-Site-Data": '"cache"'}
"""Empties the back/forward cache, or Back shows what was typed (docs/respondent.md, “Leaving quickly”)."""
_ALWAYS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SURVEY = {
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Robots-Tag": "noindex, nofollow",
}
_STAFF = {
    # To our own pages alone. With none at all a browser would not say either from where a form comes.
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
}


_OVER_TLS = {"Strict-Transport-Security": f"max-age={2 * 365 * 24 * 60 * 60}"}
"""Two years, for the door's own name alone: other names of the County are not ours to decide about."""


def protect_survey_door(settings: Settings) -> BeforeSend:
    return _protecting(settings.survey_url, {**_ALWAYS, **_SURVEY})


def protect_staff_door(settings: Settings) -> BeforeSend:
    return _protecting(settings.staff_url, {**_ALWAYS, **_STAFF})


def _protecting(address: str, headers: dict[str, str]) -> BeforeSend:
    all_headers = {**headers, **(_OVER_TLS if address.startswith("https") else {})}

    async def protect(message: Message, _scope: Scope) -> None:
        _protect(message, all_headers)

    return protect


def _protect(message: Message, defaults: dict[str, str]) -> None:
    """Add what a page did not set itself; a page may be stricter for its own content."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in defaults.items():
        if name not in headers:
            headers[name] = value
