import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.text.sentiment import polarity


@pytest.mark.parametrize("text", ["The staff are wonderful and kind.", "I love my mentor. Great people!"])
def test_plain_praise_is_positive(text):
    assert polarity(text, "en-US") == "positive"


@pytest.mark.parametrize("text", ["This was horrible.", "The food is disgusting. The building is awful."])
def test_plain_complaint_is_negative(text):
    assert polarity(text, "en") == "negative"


def test_praise_and_complaint_in_one_comment_are_mixed():
    assert polarity("My mentor is wonderful, but the waiting room is awful.", "en") == "mixed"


@pytest.mark.parametrize(
    "text",
    [
        "Be more supportive and quicker service",
        "Nothing bad to say",
        "I took the bus.",
        "",
        "...",
        "😀",
        "\x00",
    ],
)
def test_what_textblob_misreads_is_not_scored(text):
    assert polarity(text, "en") == "not scored"


@pytest.mark.parametrize("language", ["es", "ar", "ko", "th", "", "enm"])
def test_no_other_language_is_scored(language):
    assert polarity("wonderful", language) == "not scored"


@given(st.text(max_size=200))
def test_a_tone_is_never_called_neutral_and_never_fails(text):
    assert polarity(text, "en") in {"positive", "negative", "mixed", "not scored"}


def test_textblob_is_loaded_only_when_english_is_scored():
    code = (
        "import sys, analysis.text.sentiment as s, analysis.text.redaction as r\n"
        "s.polarity('x', 'es'); r.redact('Ana', 'en')\n"
        "sys.exit('textblob' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
