"""Comments are cut loose, redacted, and short enough for a row of one size."""

import msgspec

from analysis.comments import LONGEST_BYTES, cut_loose
from tests.support.ledger.county import INSTRUMENTS, content, response


def texts(words):
    it = response(answers=content(**{"should-change": words}))
    return [comment.text for comment in cut_loose("B00001", INSTRUMENTS[it.instrument], it)]


def test_what_somebody_wrote_stays_as_long_as_it_was():
    assert texts("Shorter waits. " * 60) == ["Shorter waits. " * 60]


def test_words_that_grow_when_addresses_are_taken_out_are_cut_and_say_so():
    (text,) = texts("@a.b " * 600)
    assert text.endswith("…")
    assert LONGEST_BYTES - 3 <= len(text.encode()) <= LONGEST_BYTES
    assert msgspec.json.decode(msgspec.json.encode(text)) == text, "no letter is cut in two"
