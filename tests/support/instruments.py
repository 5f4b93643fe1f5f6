"""An instrument that a deployment made for itself."""

import msgspec

from surveys.instruments import Option, Question, shipped_instruments

PROTOCOL = shipped_instruments()["protocol-youth"]
RIDE = Question(
    id="ride",
    kind="single",
    text="How did you get here?",
    options=(Option(code="bus", text="Bus"), Option(code="van", text="Van")),
)
OWN = msgspec.structs.replace(PROTOCOL, id="vista-visit", questions=(RIDE, *PROTOCOL.questions))


def _of(instrument: str, question: str) -> Question:
    return shipped_instruments()[instrument].question(question)


EVERY_KIND = msgspec.structs.replace(
    PROTOCOL,
    id="every-kind",
    questions=(
        *(it for it in PROTOCOL.questions if not it.is_text),
        _of("event", "how-heard"),
        msgspec.structs.replace(_of("event", "how-heard"), id="heard-too", kind="multiple"),
        _of("youth-experience", "court-or-meeting"),
        msgspec.structs.replace(_of("youth-experience", "going-well"), id="one-word", kind="short-text"),
        _of("youth-experience", "should-change"),
    ),
)
"""A question of every kind, in words that every language has."""
