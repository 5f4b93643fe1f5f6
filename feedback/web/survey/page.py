"""A page of the survey door: its style and script stand inside it, and one request is all it takes."""

import base64
import functools
import hashlib
from importlib import resources
from typing import Any

from litestar import MediaType, Response
from markupsafe import Markup
from rcssmin import cssmin
from rjsmin import jsmin

from feedback.translations.catalogs import Catalog
from feedback.web.rendering import environment
from feedback.web.survey.page_context import ALONE, PageContext


@functools.cache
def inline(name: str) -> str:
    """A stylesheet or script to stand inside the page: one request is all a slow phone has to make."""
    text = (resources.files("feedback.web.survey") / "inline" / name).read_text(encoding="utf-8")
    return str(jsmin(text) if name.endswith(".js") else cssmin(text))


_ALONE: dict[str, Any] = {"keeps": False, "turned": lambda other: f"?lang={other.tag}"}
"""What most pages are: one that loses nothing when another takes its place, and that `?lang` turns."""


def survey_page(
    template: str,
    catalog: Catalog,
    *,
    page_context: PageContext = ALONE,
    sheet: str = "survey.css",
    style: str = "",
    scripts: tuple[str, ...] = (),
    fetched: tuple[str, ...] = (),
    status: int = 200,
    **context: Any,
) -> Response[str]:
    """Render a page of the survey door. Its style and script are inside it, and allowed by hash alone.

    So is a script that is `fetched` by a phone that can use it.
    """
    whole = inline(sheet) + style
    script = "\n".join(inline(name) for name in ("leave.js", *scripts))
    context = {**_ALONE, "page_context": page_context, **context}
    inside = {"style": Markup(whole), "script": Markup(script)}  # noqa: S704 - our own files
    page = environment(catalog).get_template(template).render(**inside, **context)
    framed_by = " ".join(page_context.frames) or "'none'"
    allowed = " ".join(map(_hash, (script, *map(inline, fetched))))
    policy = (
        f"default-src 'none'; style-src {_hash(whole)}; script-src {allowed}; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {framed_by}"
    )
    headers = {"Content-Security-Policy": policy, "Content-Language": catalog.language.tag}
    if page_context.frames:
        # A site that isolates itself may still show what it was given to show.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return Response(page, media_type=MediaType.HTML, status_code=status, headers=headers)


def _hash(inside: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"
