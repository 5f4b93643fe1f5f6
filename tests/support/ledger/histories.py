"""Made-up histories of three years, released with the real core, beside what was true.

The people are the demonstration's; another seed is another county. What is measured on them is what the
release rule costs: how far off figures are, how long programs wait, how many are heard.
"""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from analysis import draw
from analysis.batch_ledger import OWN, Batch, add_up, sort_of
from analysis.counting import Asking
from analysis.figures import COMPARED, SHOWN, county_spread, overall
from analysis.parameters import GRAIN, Parameters
from analysis.publishing.changes import changes
from analysis.text.themes import shipped_codebook
from analysis.values import SCORE, closed_answers, score, scored_questions
from feedback.demo import model
from feedback.demo.people import fill_in, made_up_person
from feedback.demo.traits import traits_of
from surveys.answers import Response, read_answers
from surveys.instruments import shipped_instruments
from surveys.periods import Period
from surveys.registry import default_instrument, shipped_programs
from tests.support.ledger.county import County

FIRST = Period(2026, 1)
QUARTERS = 12
SPOKEN = ("en", "es", "ko", "hy", "fil", "vi")
LIVE = sort_of("live", OWN, "youth", None)
PROGRAMS = {program.id: program for program in shipped_programs().programs}
SIZES = ((11, 17), (18, 30), (31, 60), (61, 10_000))
"""People in a pulse batch: the classes that the table of costs has."""


class History(County):
    """One seed's three years: the ledger, and the exact sums that it was drawn from."""

    def __init__(self, seed: int) -> None:
        secret = hashlib.sha256(b"history %d" % seed).digest()
        super().__init__(secret=secret, asks=_asking(), programs=PROGRAMS)
        self.seed = seed
        self.exact: dict[str, Counter[str]] = {}
        for step in range(QUARTERS):
            self._live(FIRST + step)
            self.release(FIRST + step, self._drawing)

    def digest(self, key):
        return key

    def _drawing(self, plan, asking, secret) -> "_Exactly":
        return _Exactly(plan, asking, secret, self.exact)

    def _live(self, quarter: Period) -> None:
        for program in PROGRAMS.values():
            for it in model.made_up_quarter(program, quarter, FIRST, self.seed, SPOKEN).answers:
                self.n_sent += 1
                key = hashlib.sha256(b"%d %d" % (self.seed, self.n_sent)).digest()
                answers = read_answers(shipped_instruments()[it.instrument], it.fields)
                self.inbox[key] = Response(
                    program=program.id,
                    audience=it.audience,
                    instrument=it.instrument,
                    language=it.language,
                    period=str(quarter),
                    origin="entered" if it.on_paper else "live",
                    answers=answers,
                    consent=it.consent,
                    entered=str(quarter) if it.on_paper else None,
                )

    # --- What is measured.

    def pulses(self) -> list[Batch]:
        """Pulse batches of live answers of people's own experience, of one program each."""
        return [b for b in self.ledger if (b.kind, b.scope, b.sort) == ("pulse", "program", LIVE)]

    def spread(self, release: str) -> float:
        return county_spread(
            add_up(b for b in self.ledger if b.kind == "pulse" and b.sort == LIVE and b.release <= release)
        )

    def errors(self) -> Iterator[tuple[int, float]]:
        """People and points that the noise moved the overall by, of every pulse."""
        for batch in self.pulses():
            shift = batch.values[SCORE] - self.exact[batch.id][SCORE]
            yield batch.n, 100 * shift / GRAIN / batch.n

    def waits(self) -> Iterator[tuple[str, int, int | None]]:
        """Program, its live answers a quarter, and after how many months a pulse has its questions.

        None where it is told in other programs' company, or never.
        """
        details = [it for it in self.ledger if (it.kind, it.scope) == ("detail", "program")]
        releases = {name: Period.parse(it.release) for it in details for name in it.of}
        sizes = Counter()
        for batch in self.pulses():
            sizes[batch.owner] += batch.n
        for batch in self.pulses():
            release = releases.get(batch.id)
            months = None if release is None else 3 * (release - Period.parse(batch.release))
            yield batch.owner, round(sizes[batch.owner] / QUARTERS), months

    def heard(self) -> dict[str, float]:
        """Share of all live own-experience answers that are in figures of their own program."""
        total = sum(b.n for b in self.ledger if b.kind == "pulse" and b.sort == LIVE)
        total += sum(r.origin == "live" and r.audience in ("youth", "caregiver") for r in self.inbox.values())
        batches = [b for b in self.ledger if b.scope == "program" and b.sort == LIVE]
        return {
            kind: sum(b.n for b in batches if b.kind == kind) / total
            for kind in ("pulse", "detail", "themes")
        }

    def changes(self, closing: Period) -> dict[str, list[int | None]]:
        """By program, what is said of its overall at one release: against the four before, the first four."""
        county = self.spread(str(closing))
        points = {}
        for program in PROGRAMS:
            pulses = [b for b in self.pulses() if b.owner == program and b.release <= str(closing)]
            points[program] = [it.value for it in changes(pulses, str(closing), str(FIRST), county)]
        return points

    def covered(self, every: int, people: int) -> Iterator[tuple[bool, bool]]:
        """Whether the intervals that are shown and compared hold the mean of endlessly many people.

        Of every so-many-th pulse of one audience; the mean is that of `people` more of the same.
        """
        pulses = [b for b in self.pulses() if b.audience in ("youth", "caregiver") and b.first == b.last]
        for batch in pulses[:: max(1, every)]:
            share = overall(add_up([batch]), self.spread(batch.release))
            truth = self._endlessly(batch, people)
            yield tuple(low <= truth <= high for low, high in map(share.roots, (SHOWN, COMPARED)))

    def _endlessly(self, batch: Batch, people: int) -> float:
        """The mean score of as many more people of one program, audience and quarter."""
        program, quarter = PROGRAMS[batch.owner], Period.parse(batch.first)
        traits, since = traits_of(program), quarter - FIRST
        rng = model._dice(self.seed, program.id, since)
        level = traits.level_after(since) + rng.gauss(0, 0.06)
        effects = model._effects(program, self.seed)
        instrument = shipped_instruments()[default_instrument(program, batch.audience)]
        dice = model._dice("more", self.seed, batch.id)
        total = 0
        for _ in range(people):
            language = model._language(dice, batch.audience, SPOKEN, on_paper=False)
            person = made_up_person(
                dice, level, batch.audience, language, effects, on_site=traits.on_site, on_paper=False
            )
            answers = read_answers(instrument, fill_in(dice, person, instrument))
            total += score(scored_questions(instrument), closed_answers(instrument, answers))[0]
        return total / GRAIN / people


class _Exactly(draw.Drawing):
    """A release that also tells the sums before the noise; nothing but a measurement may see them."""

    def __init__(self, plan, asking, secret, exact: dict[str, Counter[str]]) -> None:
        super().__init__(plan, asking, secret)
        self._exact = exact

    def close(self) -> list[Batch]:
        tallies = [*self._pulses.values(), *(joining.tally for joining in self._joinings)]
        self._exact |= {it.head.id: Counter(it._sums) for it in tallies}
        return super().close()


def _asking() -> Asking:
    surveys = {
        (program.id, audience): (default_instrument(program, audience),)
        for program in PROGRAMS.values()
        for audience in program.audiences
    }
    pools = {name: program.pool for name, program in PROGRAMS.items()}
    return Asking(surveys, pools, shipped_instruments(), shipped_codebook(), Parameters())


class Costs(msgspec.Struct, frozen=True):
    """What some histories cost, added up."""

    error: dict[str, float]
    """Root mean square of the points that noise moved a pulse's overall by, by people in it."""
    months: dict[str, float]
    """Mean months from a pulse to its questions, by the program's answers a quarter."""
    never: dict[str, float]
    """Share of pulses whose questions are told in other programs' company or not at all, likewise."""
    heard: dict[str, float]


def costs(histories: list[History]) -> Costs:
    errors, waits, never, counts = defaultdict(list), defaultdict(list), Counter(), Counter()
    for history in histories:
        for people, points in history.errors():
            errors[_size(people)].append(points**2)
        for _, size, months in history.waits():
            counts[_size(size)] += 1
            never[_size(size)] += months is None
            if months is not None:
                waits[_size(size)].append(months)
    shares = [history.heard() for history in histories]
    return Costs(
        {size: math.sqrt(sum(it) / len(it)) for size, it in sorted(errors.items())},
        {size: sum(it) / len(it) for size, it in sorted(waits.items())},
        {size: never[size] / count for size, count in sorted(counts.items())},
        {kind: sum(it[kind] for it in shares) / len(shares) for kind in ("pulse", "detail", "themes")},
    )


def _size(people: int) -> str:
    return next((f"{low}-{high}" for low, high in SIZES if low <= people <= high), "under 11")
