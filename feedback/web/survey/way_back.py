"""Where a reader of results came from, so that each page can lead back there.

It stands in the address and nowhere else, and names no link: whoever is handed the address of a page of
results learns of nobody's survey.
"""

from urllib.parse import urlencode

import msgspec

from feedback.languages import SOURCE, Language
from feedback.web.survey.page_context import ALONE

SENT = "sent"
_THANKED = (SENT, "late", "back", "wait")
"""What the thank-you page may have said, and has to say again."""


class WayBack(msgspec.Struct, frozen=True, kw_only=True):
    """The page before: one that is still open in another tab, or the thank-you that stood in this one."""

    tab: bool = False
    thanks: str = ""
    """What the thank-you said; empty where nobody came from there."""

    def to(self, path: str, language: Language) -> str:
        """Another page of results, from which the same way leads back."""
        return self._with(path, {} if language is SOURCE else {"lang": language.tag})

    def turned(self, language: Language) -> str:
        """The same page in another language."""
        return self._with("", {"lang": language.tag})

    def back(self, language: Language) -> str:
        """The thank-you page as it stood."""
        return ALONE.thanks(language, None if self.thanks == SENT else self.thanks)

    def _with(self, path: str, query: dict[str, str]) -> str:
        if self.tab:
            query["tab"] = "1"
        if self.thanks:
            query["back"] = self.thanks
        return f"{path}?{urlencode(query)}" if query else path


def way_back(tab: str | None, thanks: str | None) -> WayBack:
    """Read the way back from an address; what is none of ours leads nowhere."""
    return WayBack(tab=tab is not None, thanks=thanks if thanks in _THANKED else "")
