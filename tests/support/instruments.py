"""An instrument that a deployment made for itself."""

import msgspec

from surveys.instruments import Option, Question, shipped_instruments

PROTOCOL = shipped_instruments()["protocol-youth"]
RIDE = Question(
    "ride", "single", "How did you get here?", options=(Option("bus", "Bus"), Option("van", "Van"))
)
OWN = msgspec.structs.replace(PROTOCOL, id="vista-visit", questions=(RIDE, *PROTOCOL.questions))
