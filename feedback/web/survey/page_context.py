"""Where a page of the survey door stands: a person's own phone, a shared tablet, or inside another site."""

import re
from urllib.parse import urlencode

import msgspec

from feedback.languages import SOURCE, Language

_SLUG = re.compile(r"[0-9a-z]{1,40}")


class PageContext(msgspec.Struct, frozen=True):
    """Decides where Send, Leave and Thanks lead, and who may frame the page."""

    slug: str = ""
    kiosk: bool = False
    """A shared tablet: whoever comes next finds an empty page, and nothing leads elsewhere."""
    frames: tuple[str, ...] = ()
    """The sites that may show this page inside their own."""

    @property
    def send(self) -> str:
        if self.frames:
            return f"/e/{self.slug}"
        return f"/s/{self.slug}?kiosk=1" if self.kiosk else f"/s/{self.slug}"

    @property
    def leave(self) -> str:
        return f"/leave?{urlencode({'kiosk': self.slug})}" if self.kiosk else "/leave"

    def thanks(self, language: Language, about: str | None = None) -> str:
        """Where Send leads. `about` says what is told there instead of thanks.

        The slug goes along, so that the page can say under which name the results will be.
        """
        query = {}
        if self.slug and not self.frames:
            query["kiosk" if self.kiosk else "link"] = self.slug
        if language is not SOURCE:
            query["lang"] = language.tag
        if about:
            query["about"] = about
        page = f"/e/{self.slug}/thanks" if self.frames else "/thanks"
        return f"{page}?{urlencode(query)}" if query else page


ALONE = PageContext()


def on_phone(slug: str | None) -> PageContext:
    """A person's own phone, after this link; anything that is no slug is of no link."""
    return PageContext(slug) if slug and _SLUG.fullmatch(slug) else ALONE


def on_tablet(slug: str | None) -> PageContext:
    """The shared tablet that shows this link; anything that is no slug is nobody's tablet."""
    return PageContext(slug, kiosk=True) if slug and _SLUG.fullmatch(slug) else ALONE
