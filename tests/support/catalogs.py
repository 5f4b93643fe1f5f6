"""Catalogs for tests, which no translator can break: every message says its English, but for a few."""

from contextlib import contextmanager

import pytest
from babel.messages.catalog import Catalog

from feedback.languages import known_language
from feedback.translations import catalogs, words
from feedback.translations.catalogs import form_count, shipped_messages
from feedback.translations.pofiles import write_file

_CACHES = (catalogs.shipped_translations, catalogs.shipped_catalogs, words.shipped_words)


def catalog(tag, texts, *, reviewed=False, flags=None, left_out=(), previous=None) -> bytes:
    """A whole catalog. `texts`, `flags` and `previous` go by the English."""
    language = known_language(tag)
    babel_catalog = Catalog(locale=language.folder, fuzzy=False)
    for it in shipped_messages():
        if it.source in left_out:
            continue
        text = texts.get(it.source, it.source)
        message_flags = (flags or {}).get(it.source, ("reviewed",) if reviewed else ())
        previous_source = (previous or {}).get(it.source)
        babel_catalog.add(
            (it.source, it.plural) if it.plural else it.source,
            (text,) * form_count(language) if it.plural else text,
            flags=message_flags,
            previous_id=(previous_source,) if previous_source else (),
        )
    return write_file(babel_catalog)


@contextmanager
def shipped(**files: bytes):
    """Ship these catalogs, by folder, and no others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogs, "catalog_bytes", files.get)
        _forget()
        yield
    _forget()


def _forget():
    for cache in _CACHES:
        cache.cache_clear()
