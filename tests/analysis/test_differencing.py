"""Whoever compares what is published, in any way and over years, never comes to a group of one to ten.

docs/disclosure.md, “Attacks it must meet”: differences, time, viewers, roles, what is the same, all but one.
Every published set is compared with every other at once: people whom no set tells apart are one group, and
no sum or difference of sets can be about less than a whole group.
"""

import random
from collections import defaultdict
from itertools import chain

import msgspec
import pytest

from analysis import draw
from analysis.parameters import Parameters
from analysis.publishing.publication import Publication
from analysis.publishing.registry import Registry
from analysis.publishing.tables import published_rows
from surveys.periods import Period
from surveys.registry import Contract
from tests.support.ledger.county import PROGRAMS, SURVEYS, County, Q, asking, chance_response

pytestmark = pytest.mark.slow
K = 11
YEARS = 3
LANGUAGE_TABLE = "T8"
"""It is about languages and not about who answered where: docs/disclosure.md says what it tells."""


class Changing(County):
    """Years in which everything changes that may: programs, audiences, contracts, surveys, rules."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.sizes = [0, 3, 9, 12, 15, 40] if seed % 2 else [0, 0, 0, 0, 1, 1, 14]
        super().__init__(contracts=self._contracts())
        self.people_of: dict[str, frozenset[bytes]] = {}
        self.published: list[list] = []
        """Of each release, as everything was at that time: every row, with whom it is about."""
        for step in range(4 * YEARS):
            self._change(Q + step)
            self._arrive(Q + step)
            self.release(Q + step, self._noting)
            self.published.append(list(self._publish(Q + step)))

    def _contracts(self):
        turn = self.chance.randint(2, 8)
        return (
            Contract(program="ada", contractor="casa-luz", first=Q, last=Q + turn),
            Contract(program="ada", contractor="olive", first=Q + turn + 1, last=None),
            Contract(program="dov", contractor="casa-luz", first=Q + 1, last=Q + 6),
        )

    def _change(self, now: Period) -> None:
        name = self.chance.choice(list(PROGRAMS))
        it = self.programs[name]
        change = self.chance.choice(
            [
                {"strategies": (self.chance.choice(["6.2", "7.4", "3.4"]), "7.8")},
                {"audiences": tuple(self.chance.sample(it.audiences, min(2, len(it.audiences))))},
                {"ends": str(now)} if now - Q > 5 else {},
                {"pool": self.chance.choice(["courts", "families"])},
            ]
        )  # fmt: skip
        self.programs = {**self.programs, name: msgspec.structs.replace(it, **change)}
        surveys = {id_: self._revised(survey) for id_, survey in self.asks.instruments.items()}
        stricter = {"k": self.chance.choice([11, 11, 14]), "fields_n": self.chance.choice([80, 90])}
        self.asks = asking(
            instruments=surveys,
            pools={name: it.pool for name, it in self.programs.items()},
            parameters=Parameters(**stricter),
        )

    def _revised(self, survey):
        """A question that is no core question leaves the survey, or stays."""
        droppable = [q for q in survey.questions if not q.is_core and not q.is_text]
        gone = self.chance.choice(droppable) if droppable and self.chance.random() < 0.1 else None
        questions = tuple(q for q in survey.questions if q is not gone)
        return msgspec.structs.replace(survey, questions=questions)

    def _arrive(self, now: Period) -> None:
        for (owner, audience), surveys in SURVEYS.items():
            for _ in range(self.chance.choice(self.sizes)):
                response = chance_response(self.chance, owner, audience, now)
                response = msgspec.structs.replace(
                    response,
                    instrument=self.chance.choice(surveys),
                    wave=self.chance.choice([None] * 9 + ["after"]),
                )
                if self.chance.random() < 0.1:
                    response = msgspec.structs.replace(response, origin="entered", entered=str(now))
                self.n_sent += 1
                self.inbox[self.n_sent.to_bytes(32)] = response

    def _noting(self, plan, asks, secret) -> draw.Drawing:
        """Say of every batch whom it is about, from the rows that are opened for it."""
        self.people_of |= {it.head.id: frozenset(map(_person, it.keys)) for it in plan.pulses}
        self.people_of |= {it.head.id: self.whom(it.head) for it in plan.unions}
        return draw.Drawing(plan, asks, secret)

    def whom(self, batch) -> frozenset[bytes]:
        """The people of a batch; of one that joins others all of theirs."""
        people = self.people_of.get(batch.id)
        return people or frozenset().union(*(self.people_of[name] for name in batch.of))

    def _publish(self, closing: Period):
        """Yield every row that is published, with whom it is about and whom its questions are."""
        asks = {name: list(self.asks.instruments.values()) for name in self.programs}
        contractors = {"ada": ["casa-luz", "olive"], "dov": ["casa-luz"]}
        registry = Registry(
            list(self.programs.values()), contractors, asks, ("en", "es"), {"ben": ["probation"]}
        )
        whole = Publication(
            ledger=self.ledger, release=str(closing), released_on="2027-01-15", registry=registry
        )
        units = []
        with pytest.MonkeyPatch.context() as patch:
            original = Publication.row
            patch.setattr(
                Publication, "row", lambda its, *parts: _noted(units, parts[2], original(its, *parts))
            )
            published = published_rows(whole)
        assert [it.row for it in published if it.row.n is not None] == [row for _, row in units]
        for unit, row in units:
            for part in (unit.pulses, unit.joined):
                yield row, frozenset().union(*(self.whom(batch) for batch in part))


def _person(key: bytes) -> bytes:
    """Whose row it is: copies of a row under other keys are the same person's."""
    return key[16:]


def _noted(units, unit, row):
    units.append((unit, row))
    return row


def _smallest_group(sets) -> int:
    """How few people some sum and difference of the sets is about, at least one of whom is in a set."""
    sets_of = defaultdict(list)
    for number, people in enumerate(set(sets)):
        for one in people:
            sets_of[one].append(number)
    sizes = defaultdict(int)
    for numbers in sets_of.values():
        sizes[tuple(numbers)] += 1
    return min(sizes.values())


def _published(lot):
    """Every set of people that a row or the ledger is about, over all releases, whoever may read it."""
    sets = [lot.whom(batch) for batch in lot.ledger if batch.kind != "language"]
    for row, people in chain(*lot.published):
        if row.table != LANGUAGE_TABLE and people:
            sets.append(people)
    return sets


def test_no_two_published_sets_differ_by_one_to_ten_people(how_many):
    for seed in range(how_many(3, thorough=60)):
        lot = Changing(seed)
        assert _smallest_group(_published(lot)) >= K, seed


def test_a_row_says_as_many_people_as_it_is_about():
    lot = Changing(99)
    pairs = [it for it in lot.published[-1] if it[0].table != LANGUAGE_TABLE]
    for (row, people), (_, people_of_details) in zip(pairs[::2], pairs[1::2], strict=True):
        assert row.n == len(people), row.filters
        assert (row.n_details or 0) == len(people_of_details), row.filters


def test_mutant_whoever_was_let_out_stays_and_is_let_out_again(monkeypatch):
    """A batch that overlaps another leaves the difference of the two in sight."""
    original = County.plan
    released = {}

    def again(self, closing):
        some = [key for key in released if key[:16] == bytes(16)][:10]
        self.inbox |= {bytes(15) + bytes([closing - Q + 1]) + _person(key): released[key] for key in some}
        plan = original(self, closing)
        released.update({key: self.inbox[key] for it in plan.pulses for key in it.keys})
        return plan

    monkeypatch.setattr(Changing, "plan", again)
    assert _smallest_group(_published(Changing(1))) < K


def test_the_years_have_every_table_and_every_kind_of_batch():
    lots = [Changing(seed) for seed in range(3)]
    assert {b.kind for lot in lots for b in lot.ledger} == {"pulse", "fields", "detail", "themes", "language"}
    assert {b.scope for lot in lots for b in lot.ledger} == {"program", "pool", "county"}
    tables = {row.table for lot in lots for row, _ in chain(*lot.published)}
    assert tables == {"T1", "T1d", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "themes"}
