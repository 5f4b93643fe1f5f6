"""Templates in one language at a time, and the Content-Security-Policy that fits what was rendered."""

import datetime as dt
import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

from babel.dates import format_date, format_skeleton
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar.response import Redirect
from markupsafe import Markup, escape

from feedback.languages import SOURCE, Language
from feedback.translations.catalogs import Catalog
from surveys.domains import MEASURE_NAMES
from surveys.periods import Period


class _Loader(PackageLoader):
    """Leaves out what only a reader of the file needs: a page weighs no more for how it is indented."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool] | None]:
        text, path, is_fresh = super().get_source(environment, template)
        return "\n".join(filter(None, map(str.strip, text.splitlines()))), path, is_fresh


_LOADER = _Loader("feedback")
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]+")
"""What stands in no line and in no XML, whoever wrote it."""
_NUMBER = Markup('<bdi dir="ltr">{}</bdi>')
"""A telephone number keeps its order in a line that runs from right to left."""


@functools.lru_cache(maxsize=16)
def environment(catalog: Catalog) -> Environment:
    """One environment per catalog, so that no request can change the words of another.

    A translator's edit makes another catalog of one language; in time that of the old is forgotten.
    """
    jinja = Environment(
        loader=_LOADER,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    jinja.globals["gettext"] = lambda source, /, **places: _fill(catalog.gettext(source), source, places)
    jinja.globals["ngettext"] = lambda one, many, number, /, **places: _fill(
        catalog.ngettext(one, many, number), one if number == 1 else many, {"num": number, **places}
    )
    # For words that come from data: the other gettext would take a percent sign for a placeholder.
    jinja.globals["say"] = lambda text: catalog.gettext(text) if text else ""
    jinja.filters["say"] = jinja.globals["say"]
    jinja.globals["reviewed"] = catalog.is_reviewed
    jinja.globals["measure_names"] = MEASURE_NAMES
    jinja.globals["day"] = functools.partial(in_day, catalog.language)
    jinja.globals["language"] = catalog.language
    jinja.globals["own"] = "" if catalog.language is SOURCE else f"?lang={catalog.language.tag}"
    jinja.globals["number"] = _NUMBER.format
    return jinja


def _fill(words: str, english: str, places: dict[str, Any]) -> Markup:
    """Words as text, whatever somebody wrote: the library's own gettext takes a translation for markup.

    Where their places cannot be filled it is said in English: one sentence is lost, and not the page.
    """
    try:
        return escape(words) % places
    except (KeyError, TypeError, ValueError):
        return escape(english) % places


def plain_words(catalog: Catalog, english: str, **places: str) -> str:
    """Say a message in a file that is no page: on one line and without markup.

    A line that ended inside it would begin something of the file's own.
    """
    try:
        words = catalog.gettext(english) % places
    except (KeyError, TypeError, ValueError):
        words = english % places
    return _NO_TEXT.sub(" ", words)


def to_type(address: str) -> str:
    """An address as people type it from paper."""
    return address.partition("://")[2]


def see_other(path: str) -> Redirect:
    return Redirect(path, status_code=303)


def in_day(language: Language, day: dt.date) -> str:
    """Say a day as people write it."""
    return format_date(day, format="long", locale=language.folder)


def in_months(language: Language, quarters: Sequence[str]) -> str:
    """Say from which month to which month; Babel's own intervals name one month twice in Farsi."""
    first, last = Period.parse(quarters[0]), Period.parse(quarters[-1])
    begins = dt.date(first.year, 3 * first.quarter - 2, 1)
    return " – ".join(format_skeleton("yMMMM", day, locale=language.folder) for day in (begins, last.ends))
