"""Which language a page speaks, in which direction, and where its words come from.

The County's threshold languages. An own table rather than a guess from a locale library: Babel does not know
some tags people send, and an unknown one must never reach a page.
"""

import functools
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib import resources

import msgspec
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations


class Language(msgspec.Struct, frozen=True):
    """One language: its tag on pages, its name in its own script, its catalog's folder."""

    tag: str
    name: str
    folder: str
    direction: str = "ltr"
    speech: str = ""
    """What phones call its voices, in lower case, where that is not the tag."""

    @property
    def voice(self) -> str:
        return self.speech or self.tag


LANGUAGES: Mapping[str, Language] = {
    language.tag: language
    for language in (
        Language("en", "English", "en"),
        Language("es", "Español", "es"),
        Language("zh-Hans", "简体中文", "zh_Hans", speech="zh-cn"),
        Language("zh-Hant", "繁體中文", "zh_Hant", speech="zh-tw"),
        Language("ko", "한국어", "ko"),
        Language("vi", "Tiếng Việt", "vi"),
        Language("hy", "Հայերեն", "hy"),
        Language("fa", "فارسی", "fa", "rtl"),
        Language("ar", "العربية", "ar", "rtl"),
        Language("ru", "Русский", "ru"),
        Language("fil", "Filipino", "fil"),
        Language("km", "ខ្មែរ", "km"),
        Language("th", "ไทย", "th"),
        Language("ja", "日本語", "ja"),
        Language("hi", "हिन्दी", "hi"),
    )
}
SOURCE = LANGUAGES["en"]
_ALIASES = {"tl": "fil", "zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-tw": "zh-Hant",
            "zh-hk": "zh-Hant", "zh-mo": "zh-Hant"}  # fmt: skip


def known_language(tag: str | None) -> Language | None:
    """Return the language of a tag that somebody sent, or None. `es-MX` is Spanish, `tl` is Filipino."""
    lowered = (tag or "").strip().replace("_", "-").lower()
    by_tag = {language.tag.lower(): language for language in LANGUAGES.values()}
    while lowered:
        found = by_tag.get(_ALIASES.get(lowered, lowered).lower())
        if found:
            return found
        lowered, _, _ = lowered.rpartition("-")
    return None


@functools.cache
def _called() -> Mapping[str, str]:
    """What people call our languages, in English and in their own script, by lower-case name."""
    english = Locale("en").languages
    names = {(english.get(it.folder) or it.name).lower(): it.tag for it in LANGUAGES.values()}
    own = {it.name.lower(): it.tag for it in LANGUAGES.values()}
    others = {"farsi": "fa", "tagalog": "fil"}
    scripts = {"chinese (simplified)": "zh-Hans", "chinese (traditional)": "zh-Hant"}
    return {**names, **own, **others, **scripts}


def language_named(name: str) -> Language | None:
    """Return the language that a form calls `Español (es)`, `Spanish` or `es`, or None."""
    whole, _, tag = name.strip().rstrip(")").partition("(")
    for wished in (name.strip(), tag.strip(), whole.strip()):
        found = known_language(_called().get(wished.lower(), wished))
        if found:
            return found
    return None


@functools.cache
def _catalog_bytes(folder: str) -> bytes | None:
    file = resources.files("locales") / folder / "messages.po"
    return file.read_bytes() if file.is_file() else None


def has_catalog(language: Language) -> bool:
    return language is SOURCE or _catalog_bytes(language.folder) is not None


@functools.cache
def is_reviewed(language: Language) -> bool:
    """Whether a person has reviewed every message; the comment at the catalog's head says so.

    A comment, because Babel keeps it when it merges new words and forgets header fields of our own.
    """
    if language is SOURCE:
        return True
    catalog = read_po(io.BytesIO(_catalog_bytes(language.folder) or b""))
    return "# Review: complete" in catalog.header_comment.splitlines()


@functools.cache
def _translated(folder: str) -> frozenset[str]:
    catalog = read_po(io.BytesIO(_catalog_bytes(folder) or b""))
    return frozenset(message.id for message in catalog if isinstance(message.id, str) and message.string)


def speaks(language: Language, texts: Collection[str]) -> bool:
    """Whether the catalog has a translation of every one of these texts."""
    return language is SOURCE or _translated(language.folder).issuperset(texts)


def offered_languages(*, drafts: bool) -> tuple[Language, ...]:
    """Languages a page may speak: English, the reviewed ones, and drafts where the deployment wants them."""
    return tuple(
        language
        for language in LANGUAGES.values()
        if has_catalog(language) and (drafts or is_reviewed(language))
    )


def page_language(asked: str | None, linked: str | None, offered: Sequence[Language]) -> Language:
    """`?lang` first, then the link's language, else English. Never a cookie, never a guess by address."""
    for tag in (asked, linked):
        language = known_language(tag)
        if language is not None and language in offered:
            return language
    return SOURCE


def by_preference(offered: Iterable[Language], accepted: str) -> list[Language]:
    """Order the chooser by an Accept-Language header, which is read and forgotten."""
    wishes = []
    for number, part in enumerate("".join(accepted.lower().split()).split(",")[:20]):
        tag, _, weight = part.partition(";q=")
        language = known_language(tag)
        # 0 means “not this one”; what is no weight at all is no wish.
        if language and 0 < _weight(weight) <= 1:
            wishes.append((-_weight(weight), number, language.tag))
    ranked = [tag for _, _, tag in sorted(wishes)]
    return sorted(offered, key=lambda it: ranked.index(it.tag) if it.tag in ranked else len(ranked))


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


@functools.cache
def translations(language: Language) -> NullTranslations:
    """The catalog, compiled in memory from its .po file; the source language has none."""
    raw = _catalog_bytes(language.folder)
    if language is SOURCE or raw is None:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(raw), locale=language.folder))
    compiled.seek(0)
    return Translations(compiled)
