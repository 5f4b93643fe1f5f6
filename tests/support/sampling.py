"""What `make test` takes of what `make thorough` takes whole."""

from collections.abc import Iterable

import pytest


def marked(whole: Iterable, *sample) -> list:
    """Values to parametrize a test by; those outside the sample are left to `make thorough`."""
    return [it if it in sample else pytest.param(it, marks=pytest.mark.thorough) for it in whole]
