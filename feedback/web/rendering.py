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
from markupsafe import Markup

from feedback.catalogs import Catalog, english
from surveys.domains import MEASURE_NAMES

_LOADER = PackageLoader("feedback")
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
    made.install_gettext_translations(catalog, newstyle=True)  # type: ignore[attr-defined]
    # For words that come from data: the other gettext would take a percent sign for a placeholder.
    made.globals["say"] = lambda text: catalog.gettext(text) if text else ""
    made.filters["say"] = made.globals["say"]
    made.globals["reviewed"] = catalog.is_reviewed
    made.globals["measure_names"] = MEASURE_NAMES
    made.globals["day"] = functools.partial(format_date, format="long", locale=catalog.language.folder)
    made.globals["language"] = catalog.language
    return made


@functools.cache
def inline_style(name: str) -> str:
    """A stylesheet to stand inside the page: one request is all a slow phone has to make."""
    text = (resources.files("feedback") / "templates" / name).read_text(encoding="utf-8")
    return "".join(line.strip() for line in text.splitlines())


def survey_page(
    template: str, catalog: Catalog, *, style: str = "", status: int = 200, **context: Any
) -> Response[str]:
    """Render a page of the survey door. Its one style is inside it, and allowed by hash and not otherwise."""
    whole = inline_style("survey/style.css") + style
    page = environment(catalog).get_template(template).render(style=Markup(whole), **context)  # noqa: S704 - our own file
    allowed = base64.b64encode(hashlib.sha256(whole.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{allowed}'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Content-Language": catalog.language.tag}
    return Response(page, media_type=MediaType.HTML, status_code=status, headers=headers)


def staff_page(template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """Render a page of the staff door, which speaks English and takes its style from its own host."""
    page = environment(english()).get_template(template).render(**context)
    return Response(page, media_type=MediaType.HTML, status_code=status)


def see_other(path: str) -> Redirect:
    return Redirect(path, status_code=303)
