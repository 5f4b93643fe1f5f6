"""The staff door's cookies. Where TLS is, under names that no other site of the County's domain can set.

`__Host-` (RFC 6265bis, 4.1.3.2): a browser takes it from this one host alone, over TLS, for all its pages.
"""

from typing import Any, TypeVar

from litestar import Response
from litestar.connection import ASGIConnection

from feedback.settings import Settings

SESSION, DEVICE, FORM = "heard-staff", "heard-device", "heard-form"
"""A session, whole or half; a device that signed in before; and what the forms of a visitor are bound to."""
Answer = TypeVar("Answer", bound=Response[Any])


def is_over_tls(settings: Settings) -> bool:
    return settings.staff_url.startswith("https")


def name_of(settings: Settings, name: str) -> str:
    """How a cookie is called on this deployment."""
    return f"__Host-{name}" if is_over_tls(settings) else name


def read(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> str:
    settings = connection.app.state.deployment.settings
    return connection.cookies.get(name_of(settings, name), "")


def put(answer: Answer, settings: Settings, name: str, value: str, max_age: int | None = None) -> Answer:
    key, secure = name_of(settings, name), is_over_tls(settings)
    answer.set_cookie(key, value, max_age, secure=secure, httponly=True, samesite="strict")
    return answer


def drop(answer: Answer, settings: Settings, name: str) -> Answer:
    # Said as it was set: a browser refuses to touch a __Host- cookie without Secure, and would keep it.
    return put(answer, settings, name, "", 0)
