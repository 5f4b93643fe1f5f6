"""The tone of a comment, and only where it can be told: a baseline for English, for nothing else.

TextBlob called 80 % of negative comments positive or neutral when its number was taken as it comes. So
its number is never shown, and these rules say "not scored" wherever it was wrong too often. Measured on
3,357 hand-labelled English comments: "positive" was right for 0.96 of 1,024, "negative" for 0.93 of 57
(0.98 counting middling ones), and of 54 called "mixed" 0.85 were labelled less than very positive; two of
three comments stay "not scored", and most complaints among them. The rules were chosen on the same comments.
The tone of an answer comes first from the question ("What is going well?", "What should change?"), in
every language; software proposes, people decide.
"""

import re
from typing import Literal

Polarity = Literal["positive", "negative", "mixed", "not scored"]

_PARTS = re.compile(r"[.!?;\n]+|\b(?:but|however|although)\b", re.IGNORECASE)
# "Could be more supportive" is a wish, and to TextBlob it is praise.
_WISH_OR_NO = re.compile(
    r"\b(?:no|not|never|nothing|none|without|but|however|although|though|except|should|could|would|need|needs"
    r"|needed|wish|if|more|less|better|improve\w*|\w+n['’]t|dont|cant|didnt|wasnt|lack\w*|too|instead|only"
    r"|please|why|at least)\b",
    re.IGNORECASE,
)
# "Nothing bad to say", "took me seriously": to TextBlob they are complaints.
_MISREAD = re.compile(
    r"\b(?:nothing|seriously|desperate\w*|difficult|help\w*|improve\w*|tough|stop)\b", re.IGNORECASE
)
_PRAISE, _CLEAR_PRAISE, _COMPLAINT = 0.2, 0.5, -0.3


def polarity(text: str, language: str) -> Polarity:
    """Positive, negative or mixed where that was measured to hold; else "not scored", never "neutral"."""
    if language.partition("-")[0].lower() != "en":
        return "not scored"
    tones = [_tone(part) for part in _PARTS.split(text) if part.strip()]
    if not tones:
        return "not scored"
    whole, best, worst = _tone(text), max(tones), min(tones)
    if whole >= _PRAISE and worst >= 0 and not _WISH_OR_NO.search(text):
        return "positive"
    if whole <= _COMPLAINT and best <= 0 and not _MISREAD.search(text):
        return "negative"
    if best >= _CLEAR_PRAISE and worst <= _COMPLAINT:
        return "mixed"
    return "not scored"


def _tone(text: str) -> float:
    # Imported here: only the release and the command ask for tone, and no door should carry its 30 MB.
    from textblob import TextBlob

    # `.sentiment` needs no corpus; most other properties of a TextBlob fail without a download.
    return float(TextBlob(text).sentiment.polarity)
