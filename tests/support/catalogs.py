"""Catalogs for tests, which no translator can break: every message says its English, but for a few."""

from contextlib import contextmanager

import pytest
from babel.messages.catalog import Catalog

from feedback.languages import known_language
from feedback.translations import catalogs, words
from feedback.translations.catalogs import form_count, shipped_messages
from feedback.translations.pofiles import write_file

_CACHES = (catalogs.shipped_translations, catalogs.shipped_catalogs, words.shipped_words)


def catalog(tag, said, *, reviewed=False, flags=None, left_out=(), previous=None) -> bytes:
    """A whole catalog. `said`, `flags` and `previous` go by the English."""
    language = known_language(tag)
    made = Catalog(locale=language.folder, fuzzy=False)
    for it in shipped_messages():
        if it.source in left_out:
            continue
        text = said.get(it.source, it.source)
        own = (flags or {}).get(it.source, ("reviewed",) if reviewed else ())
        before = (previous or {}).get(it.source)
        made.add(
            (it.source, it.plural) if it.plural else it.source,
            (text,) * form_count(language) if it.plural else text,
            flags=own,
            previous_id=(before,) if before else (),
        )
    return write_file(made)


@contextmanager
def shipped(**written: bytes):
    """Ship these catalogs, by folder, and no others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogs, "catalog_bytes", written.get)
        _forget()
        yield
    _forget()


def _forget():
    for cache in _CACHES:
        cache.cache_clear()
