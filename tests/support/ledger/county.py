"""A small made-up county for tests of the release rule: programs, what they ask, and who answered what."""

import random

import msgspec

from analysis import draw, reading
from analysis.counting import Asking
from analysis.parameters import Parameters
from analysis.stream import response_digest
from analysis.text.themes import Codebook, Theme
from surveys.answers import Response
from surveys.domains import CORE_DOMAINS
from surveys.instruments import shipped_instruments
from surveys.periods import Period
from surveys.registry import Program

SECRET = bytes(range(32))
Q = Period(2026, 1)
YOUTH = shipped_instruments()["protocol-youth"]
CAREGIVER = shipped_instruments()["caregiver-experience"]
EXPERT = shipped_instruments()["expert-review"]
EVENT = shipped_instruments()["event"]
COURSE = msgspec.structs.replace(
    EVENT, id="before-class", questions=tuple(q for q in EVENT.questions if not q.is_core)
)
BOOK = Codebook(
    (
        Theme(
            id="housing", label="Housing", definition="A place.", strategies=(), words={"en": ("shelter",)}
        ),
        Theme(id="staff", label="Staff", definition="People.", strategies=(), words={"en": ("staff",)}),
        Theme(id="food", label="Food", definition="Meals.", strategies=(), words={"en": ("food",)}),
        Theme(id="court", label="Court", definition="Hearings.", strategies=(), words={"en": ("judge",)}),
    )
)
POOLS = {"ada": "courts", "ben": "courts", "cleo": "courts", "dov": "families"}


def program(name, ends=None):
    names = {"youth": name, "caregiver": name, "expert": name, "partner": name}
    return Program(
        id=name,
        name=name.title(),
        short=name,
        kind="court",
        pool=POOLS[name],
        public_slug=name,
        strategies=("6.1", "7.8"),
        audiences=tuple(names),
        respondent_names=names,
        ends=ends,
    )


PROGRAMS = {name: program(name) for name in POOLS}
INSTRUMENTS = {it.id: it for it in (YOUTH, CAREGIVER, EXPERT, EVENT, COURSE)}
SURVEYS = {
    **{(name, "youth"): ("protocol-youth",) for name in POOLS},
    **{(name, "caregiver"): ("caregiver-experience",) for name in POOLS},
    **{(name, "expert"): ("expert-review",) for name in POOLS},
    ("dov", "partner"): ("event", "before-class"),
    ("dov", "youth"): ("event", "before-class"),
}


def asking(**changes):
    defaults = {
        "surveys_of": SURVEYS,
        "pools": POOLS,
        "instruments": INSTRUMENTS,
        "codebook": BOOK,
        "parameters": Parameters(),
    }
    return Asking(**{**defaults, **changes})


def registry(closing=Q, **changes):
    defaults = {
        "programs": PROGRAMS,
        "contracts": (),
        "instruments": INSTRUMENTS,
        "first": Q,
        "today": closing + 1,
        "closing": closing,
    }
    return reading.ReadingRegistry(**{**defaults, **changes})


def content(good=True, *, of=8, **answers):
    """Answer `of` core questions, all well or none."""
    return {f"core-{domain}": "5" if good else "1" for domain in CORE_DOMAINS[:of]} | answers


def response(owner="ada", audience="youth", quarter=Q, answers=None, **changes):
    fields = {"instrument": SURVEYS[owner, audience][0], "language": "en", "origin": "live", **changes}
    return Response(
        program=owner,
        audience=audience,
        period=str(quarter),
        answers=content() if answers is None else answers,
        **fields,
    )


class County:
    """Rows as a database would hold them, and the ledger; `release` is what a release does with them."""

    def __init__(self, *, secret=SECRET, asks=None, contracts=(), programs=PROGRAMS):
        self.secret, self.asks, self.contracts = secret, asks or asking(), contracts
        self.programs = programs
        self.inbox, self.kept_rows, self.ledger, self.comments = {}, {}, [], []
        self.places, self.n_sent = {}, 0

    def send(self, number, *args, **fields):
        for _ in range(number):
            self.n_sent += 1
            self.inbox[self.n_sent.to_bytes(32)] = response(*args, **fields)
        return self

    def digest(self, key):
        return response_digest(key, b"salt" * 4, msgspec.msgpack.encode(self.inbox[key]))

    def plan(self, closing):
        county = registry(
            closing, programs=self.programs, instruments=self.asks.instruments, contracts=self.contracts
        )
        rows = [
            reading.read(key, it, county, *self.places.get(key, ())).pending for key, it in self.inbox.items()
        ]
        counts = reading.at_hand(((it.batch, it.language) for it in self.kept_rows.values()), self.ledger)
        pending = [row for row in rows if row]
        return draw.plan_release(
            pending, counts, self.ledger, closing, county.endings(), self.asks.parameters
        )

    def release(self, closing, drawing=draw.Drawing):
        """Run one release and return its rows of the ledger."""
        plan = self.plan(closing)
        under_way = drawing(plan, self.asks, self.secret)
        earlier, self.kept_rows = self.kept_rows, {}
        for planned in plan.pulses:
            for key in planned.keys:
                leftovers = under_way.add(
                    planned, draw.OpenRow(key=key, digest=self.digest(key), response=self.inbox[key])
                )
                self.comments += leftovers.comments
                self._keep(leftovers.kept_row)
        for row in earlier.values():
            self._keep(under_way.again(row))
        batches = under_way.close()
        self.ledger += batches
        pending = {it.key: it for it in plan.waiting}
        self.inbox = {key: it for key, it in self.inbox.items() if key in pending}
        self.places = {key: (it.place, str(it.since) if it.since else None) for key, it in pending.items()}
        return batches

    def _keep(self, row):
        if row is not None:
            self.kept_rows[row.key] = row


def chance_response(source: random.Random, owner, audience, quarter):
    """Someone made up: any answers, some of them blank, a few words."""
    scale = {f"core-{domain}": str(source.randint(1, 5)) for domain in CORE_DOMAINS if source.random() < 0.9}
    words = source.choice(["", "the shelter", "staff and food", "shelter, staff, food"])
    if words:
        scale["should-change"] = words
    language = source.choice(["en", "en", "es", "ko"])
    return response(owner, audience, quarter, scale, language=language)
