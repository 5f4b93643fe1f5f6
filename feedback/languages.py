"""Which language a page speaks, and in which direction.

The County's threshold languages. An own table rather than a guess from a locale library: Babel does not know
some tags people send, and an unknown one must never reach a page.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from babel import Locale


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """One language: its tag on pages, its name in its own script, its catalog's folder."""

    tag: str
    name: str
    folder: str
    direction: str = "ltr"
    speech: str = ""
    """What phones call its voices, in lower case, where that is not the tag."""
    quotes: str = "“…”"
    """How its quotation marks are written. A straight one could end an attribute of a page."""

    @property
    def voice(self) -> str:
        return self.speech or self.tag

    @property
    def english(self) -> str:
        """What it is called in English, for staff who cannot read its script."""
        return _IN_ENGLISH.get(self.tag) or _known_in_english(self.folder) or self.name


_IN_ENGLISH = {"fa": "Farsi", "zh-Hans": "Chinese (simplified)", "zh-Hant": "Chinese (traditional)"}
"""Where the County says it otherwise than Babel."""


def _known_in_english(folder: str) -> str | None:
    return Locale("en").languages.get(folder)


LANGUAGES: Mapping[str, Language] = {
    language.tag: language
    for language in (
        Language(tag="en", name="English", folder="en"),
        Language(tag="es", name="Español", folder="es"),
        Language(tag="zh-Hans", name="简体中文", folder="zh_Hans", speech="zh-cn"),
        Language(tag="zh-Hant", name="繁體中文", folder="zh_Hant", speech="zh-tw", quotes="「…」"),
        Language(tag="ko", name="한국어", folder="ko", quotes="‘…’"),
        Language(tag="vi", name="Tiếng Việt", folder="vi"),
        Language(tag="hy", name="Հայերեն", folder="hy", quotes="«…»"),
        Language(tag="fa", name="فارسی", folder="fa", direction="rtl", quotes="«…»"),
        Language(tag="ar", name="العربية", folder="ar", direction="rtl", quotes="«…»"),
        Language(tag="ru", name="Русский", folder="ru", quotes="«…»"),
        Language(tag="fil", name="Filipino", folder="fil"),
        Language(tag="km", name="ខ្មែរ", folder="km"),
        Language(tag="th", name="ไทย", folder="th"),
        Language(tag="ja", name="日本語", folder="ja", quotes="「…」"),
        Language(tag="hi", name="हिन्दी", folder="hi"),
    )
}
SOURCE = LANGUAGES["en"]
_ALIASES = {"tl": "fil", "zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-tw": "zh-Hant",
            "zh-hk": "zh-Hant", "zh-mo": "zh-Hant"}  # fmt: skip


LONGEST_TAG = 35
"""What a program has to be ready for (RFC 5646, 4.4.1). A longer one would be looked up for seconds."""


def known_language(tag: str | None) -> Language | None:
    """Return the language of a tag that somebody sent, or None. `es-MX` is Spanish, `tl` is Filipino."""
    if tag is not None and len(tag) > LONGEST_TAG:
        return None
    lowered = (tag or "").strip().replace("_", "-").lower()
    by_tag = {language.tag.lower(): language for language in LANGUAGES.values()}
    while lowered:
        language = by_tag.get(_ALIASES.get(lowered, lowered).lower())
        if language:
            return language
        lowered, _, _ = lowered.rpartition("-")
    return None


@functools.cache
def _tags_by_name() -> Mapping[str, str]:
    """What people call our languages, in English and in their own script, by lower-case name."""
    in_english = {(_known_in_english(it.folder) or it.name).lower(): it.tag for it in LANGUAGES.values()}
    names = {name.lower(): it.tag for it in LANGUAGES.values() for name in (it.english, it.name)}
    return {**in_english, **names, "tagalog": "fil"}


def language_named(name: str) -> Language | None:
    """Return the language that a form calls `Español (es)`, `Spanish` or `es`, or None."""
    whole, _, tag = name.strip().rstrip(")").partition("(")
    for wish in (name.strip(), tag.strip(), whole.strip()):
        language = known_language(_tags_by_name().get(wish.lower(), wish))
        if language:
            return language
    return None


def page_language(query_tag: str | None, link_tag: str | None, offered: Sequence[Language]) -> Language:
    """`?lang` first, then the link's language, else English. Never a cookie, never a guess by address."""
    for tag in (query_tag, link_tag):
        language = known_language(tag)
        if language is not None and language in offered:
            return language
    return SOURCE


def by_preference(offered: Iterable[Language], header: str) -> list[Language]:
    """Order the chooser by an Accept-Language header, which is read and forgotten."""
    ranked = _wishes(header)
    return sorted(offered, key=lambda it: ranked.index(it.tag) if it.tag in ranked else len(ranked))


def first_screen(offered: Sequence[Language], header: str, spoken: Language) -> list[Language]:
    """What stands beside the page's own language where everybody sees it: the phone's, and English."""
    by_tag = {it.tag: it for it in offered}
    first = next((by_tag[tag] for tag in _wishes(header) if tag in by_tag), SOURCE)
    return [it for it in dict.fromkeys((first, SOURCE)) if it is not spoken]


def _wishes(header: str) -> list[str]:
    """The tags of an Accept-Language header, the most wished for first."""
    wishes = []
    for number, part in enumerate("".join(header.lower().split()).split(",")[:20]):
        tag, _, weight = part.partition(";q=")
        language = known_language(tag)
        # 0 means “not this one”; what is no weight at all is no wish.
        if language and 0 < _weight(weight) <= 1:
            wishes.append((-_weight(weight), number, language.tag))
    return [tag for _, _, tag in sorted(wishes)]


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
