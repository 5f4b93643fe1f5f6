"""Templates in one language at a time, and the Content-Security-Policy that fits what was rendered."""

import base64
import functools
import hashlib
from importlib import resources
from pathlib import Path
from typing import Any

from babel.dates import format_date
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response
from litestar.response import Redirect
from markupsafe import Markup, escape
from rjsmin import jsmin

from feedback.catalogs import Catalog, english
from feedback.languages import SOURCE
from feedback.web.surroundings import ALONE, Surroundings
from surveys.domains import MEASURE_NAMES

_LOADER = PackageLoader("feedback")
_NUMBER = Markup('<bdi dir="ltr">{}</bdi>')
"""A telephone number keeps its order in a line that runs from right to left."""
STATIC = Path(str(resources.files("feedback") / "web" / "static"))


@functools.lru_cache(maxsize=16)
def environment(catalog: Catalog) -> Environment:
    """One environment per catalog, so that no request can change the words of another.

    A translator's edit makes another catalog of one language; in time that of the old is forgotten.
    """
    made = Environment(
        loader=_LOADER,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.globals["gettext"] = lambda source, /, **places: _filled(catalog.gettext(source), source, places)
    made.globals["ngettext"] = lambda one, many, number, /, **places: _filled(
        catalog.ngettext(one, many, number), one if number == 1 else many, {"num": number, **places}
    )
    # For words that come from data: the other gettext would take a percent sign for a placeholder.
    made.globals["say"] = lambda text: catalog.gettext(text) if text else ""
    made.filters["say"] = made.globals["say"]
    made.globals["reviewed"] = catalog.is_reviewed
    made.globals["measure_names"] = MEASURE_NAMES
    made.globals["day"] = functools.partial(format_date, format="long", locale=catalog.language.folder)
    made.globals["language"] = catalog.language
    made.globals["own"] = "" if catalog.language is SOURCE else f"?lang={catalog.language.tag}"
    made.globals["number"] = _NUMBER.format
    return made


def _filled(words: str, english: str, places: dict[str, Any]) -> Markup:
    """Words as text, whatever somebody wrote: the library's own gettext takes a translation for markup.

    Where their places cannot be filled it is said in English: one sentence is lost, and not the page.
    """
    try:
        return escape(words) % places
    except (KeyError, TypeError, ValueError):
        return escape(english) % places


@functools.cache
def inline(name: str) -> str:
    """A stylesheet or script to stand inside the page: one request is all a slow phone has to make."""
    text = (resources.files("feedback") / "templates" / name).read_text(encoding="utf-8")
    return jsmin(text) if name.endswith(".js") else "\n".join(filter(None, map(str.strip, text.splitlines())))


_ALONE: dict[str, Any] = {"keeps": False, "turned": lambda other: f"?lang={other.tag}"}
"""What most pages are: one that loses nothing when another takes its place, and that `?lang` turns."""


def survey_page(
    template: str,
    catalog: Catalog,
    *,
    around: Surroundings = ALONE,
    sheet: str = "survey/style.css",
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
    script = "\n".join(inline(name) for name in ("survey/leave.js", *scripts))
    page = (
        environment(catalog)
        .get_template(template)
        .render(style=Markup(whole), script=Markup(script), around=around, **{**_ALONE, **context})  # noqa: S704 - our own files
    )
    framed_by = " ".join(around.frames) or "'none'"
    allowed = " ".join(map(_hash, (script, *map(inline, fetched))))
    policy = (
        f"default-src 'none'; style-src {_hash(whole)}; script-src {allowed}; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {framed_by}"
    )
    headers = {"Content-Security-Policy": policy, "Content-Language": catalog.language.tag}
    if around.frames:
        # A site that isolates itself may still show what it was given to show.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return Response(page, media_type=MediaType.HTML, status_code=status, headers=headers)


def _hash(inside: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"


def staff_page(template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """Render a page of the staff door, which speaks English and takes its style from its own host."""
    page = environment(english()).get_template(template).render(**context)
    return Response(page, media_type=MediaType.HTML, status_code=status)


def to_type(address: str) -> str:
    """An address as people type it from paper."""
    return address.partition("://")[2]


def see_other(path: str) -> Redirect:
    return Redirect(path, status_code=303)
