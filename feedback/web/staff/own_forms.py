"""Takes the forms of our own pages and no other's: each carries a token, bound to whoever it was made for.

Bound to the session of somebody who is signed in, and to a cookie of a visitor who is not: a token of one
session is good in no other (OWASP, Cross-Site Request Forgery Prevention, “signed double-submit cookie”).
Where a browser says from where a form comes, that is asked first.
"""

import hmac
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import PermissionDeniedException
from markupsafe import Markup

from feedback.storage.keys import StaffKeys

CSRF = "_csrf_token"


class NotOurs(PermissionDeniedException):
    """A page of another site sent the form."""


def is_proven_ours(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether the browser says that a page of ours sent this; False where it says nothing. Raises NotOurs."""
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if site not in (None, "same-origin"):
        raise NotOurs
    # “null” is what a browser says that hides the address for its reader; then the other header decides.
    if origin is not None and not (origin == "null" and site) and not _is_own(connection, origin):
        raise NotOurs
    return site is not None or origin is not None


def _is_own(connection: ASGIConnection[Any, Any, Any, Any], origin: str) -> bool:
    """Whether it is the door's own address, as its settings have it or as this browser called it."""
    own = urlsplit(connection.app.state.deployment.settings.staff_url).netloc
    return urlsplit(origin).netloc in (own, connection.headers.get("host"))


def token_for(keys: StaffKeys, cookie: str) -> str:
    """The token of every form of one session, or of one visitor: `cookie` is what theirs holds."""
    return keys.hash("form", cookie).hex()


def token_field(keys: StaffKeys, cookie: str) -> Markup:
    """The hidden field that a form of ours carries and nobody else's can."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF, token_for(keys, cookie))


async def has_token(request: Request[Any, Any, Any], keys: StaffKeys, cookie: str) -> bool:
    """Whether the form that was sent was made for whoever sends it."""
    token = str((await request.form()).get(CSRF, ""))
    # None of ours has other letters, and comparing such texts in constant time fails on them.
    return bool(cookie) and token.isascii() and hmac.compare_digest(token, token_for(keys, cookie))
