"""An instrument written as a file reads back as itself, whatever its words are made of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.characters import is_readable
from surveys.instruments import Instrument, Option, Question, ShowIf, parse_instrument, shipped_instruments
from surveys.toml_text import write_instrument

SHIPPED = shipped_instruments()
CORE = tuple(question for question in SHIPPED["protocol-youth"].questions if question.is_core)
# What cannot be read is refused before it is written (tests/web/test_stored_text.py).
texts = st.text(st.characters().filter(is_readable), min_size=1, max_size=40).filter(str.strip)


@pytest.mark.parametrize("instrument", SHIPPED.values(), ids=SHIPPED)
def test_a_shipped_instrument_reads_back_as_itself(instrument):
    assert parse_instrument(write_instrument(instrument), "written.toml") == instrument


@pytest.mark.slow
@settings(deadline=None)
@given(texts, texts, texts, st.sampled_from(["single", "multiple"]))
def test_any_words_read_back_as_they_were(text, option, notice, kind):
    question = Question(
        id="ways",
        kind=kind,
        text=text,
        options=(Option(code="a", text=option), Option(code="b", text=text)),
        notice=notice,
    )
    follow_up = Question(
        id="then", kind="short-text", text=option, hint=notice, show_if=ShowIf("ways", ("b",))
    )
    instrument = Instrument(
        id="mine",
        version=7,
        title=text,
        audiences=("youth", "partner"),
        minutes=2,
        questions=(*CORE, question, follow_up),
    )
    assert parse_instrument(write_instrument(instrument), "written.toml") == instrument
