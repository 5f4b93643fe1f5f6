"""One release of version 2, in pure form: decide from counts, then open, tally and forget row by row.

    plan = plan_release(pending, at_hand, ...)     # pass 1: no answers
    drawing = Drawing(plan, asking, secret)
    for pulse in plan.pulses:                      # pass 2: one response at a time
        remnant = drawing.add(pulse, row)          # comments to seal, a row to keep
    kept_row = drawing.again(row)                  # each row kept by an earlier release
    batches = drawing.close()                      # what the ledger is added

Deterministic: the same rows, definitions and noise secret give the same ledger. What stays in memory of a
response is its place, its key and its digest.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from analysis import values
from analysis.batch_ledger import Batch, batch_id
from analysis.closing import Endings, Group, Pending, close_pulses
from analysis.comments import Comment, cut_loose, themes_of
from analysis.counting import Asking
from analysis.kept_answers import KeptAnswers, Retention
from analysis.parameters import RULE_VERSION, Parameters
from analysis.tally import Tally
from analysis.unions import Languages, Union, Unions
from surveys.answers import Response
from surveys.instruments import Question
from surveys.periods import Period


class PlannedPulse(msgspec.Struct, frozen=True):
    """A pulse batch to be: its row of the ledger without values, and whose rows it opens."""

    head: Batch
    members: tuple[Pending, ...]

    @property
    def keys(self) -> list[bytes]:
        return [member.key for member in self.members]


class PlannedUnion(msgspec.Struct, frozen=True):
    head: Batch
    union: Union


class ReleasePlan(msgspec.Struct, frozen=True):
    """What one release will do, decided before any answer is looked at."""

    closing: Period
    pulses: tuple[PlannedPulse, ...]
    unions: tuple[PlannedUnion, ...]
    waiting: tuple[Pending, ...]
    destroyed: tuple[Pending, ...]
    earlier: tuple[Batch, ...]
    """Pulse batches of the ledger."""
    detailed: frozenset[str]
    """Pulse batches whose detail is drawn in this release or before."""
    yearly: bool
    parameters: Parameters


class OpenRow(msgspec.Struct, frozen=True, kw_only=True):
    """One response in memory, for as long as it takes to add it up."""

    key: bytes
    digest: bytes
    response: Response


class Remnant(msgspec.Struct, frozen=True):
    """What a pulse leaves of one response."""

    comments: tuple[Comment, ...]
    kept_row: KeptAnswers | None


def plan_release(
    pending: Iterable[Pending],
    at_hand: Languages,
    ledger: Sequence[Batch],
    closing: Period,
    endings: Endings,
    parameters: Parameters,
) -> ReleasePlan:
    """Decide which batches close: pulses first, then what joins them. `at_hand` counts kept rows."""
    closed = close_pulses(pending, closing, endings, parameters)
    pulses = tuple(
        PlannedPulse(_pulse(number, group, closing), group.members)
        for number, group in enumerate(closed.groups, start=len(ledger) + 1)
    )
    earlier = tuple(batch for batch in ledger if batch.kind == "pulse")
    before = frozenset(name for batch in ledger if batch.kind == "detail" for name in batch.of)
    fresh = {it.head.id: Counter(member.language for member in it.members) for it in pulses}
    heads = [*earlier, *(it.head for it in pulses)]
    unions = Unions(heads, before, {**at_hand, **fresh}, closing, endings.pools, parameters)
    planned = tuple(
        PlannedUnion(_union(number, union, closing), union)
        for number, union in enumerate(unions.close(), start=len(ledger) + len(pulses) + 1)
    )
    now = (name for it in planned if it.union.kind == "detail" for name in it.union.of)
    return ReleasePlan(
        closing,
        pulses,
        planned,
        closed.waiting,
        closed.destroyed,
        earlier,
        before.union(now),
        unions.is_yearly,
        parameters,
    )


def _pulse(number: int, group: Group, closing: Period) -> Batch:
    sort = group.sort
    return Batch(
        id=batch_id(number),
        kind="pulse",
        scope=group.scope,
        owner=group.owner,
        audience=group.audience,
        class_=sort.class_,
        wave=group.members[0].wave,
        origin=sort.origin,
        first=str(group.first),
        last=str(group.last),
        release=str(closing),
        n=len(group.members),
        rule=RULE_VERSION,
        contract=group.contract,
    )


def _union(number: int, union: Union, closing: Period) -> Batch:
    return Batch(
        id=batch_id(number),
        kind=union.kind,
        scope=union.scope,
        owner=union.owner,
        audience=union.audience,
        class_=union.sort.class_,
        wave=union.joined[0].wave,
        origin=union.sort.origin,
        first=union.first,
        last=union.last,
        release=str(closing),
        n=union.n,
        of=union.of,
        rule=RULE_VERSION,
        contract=union.contract,
    )


class _Joining(msgspec.Struct, frozen=True):
    """A union being counted, and how it reads a row."""

    union: Union
    tally: Tally

    @property
    def is_of_questions(self) -> bool:
        return self.union.kind in ("fields", "detail")

    def add(self, row: KeptAnswers, contributions: Sequence[tuple[str, int]]) -> None:
        """Count a row; `contributions` are what it adds to questions, whichever of them are counted here."""
        union = self.union
        if union.languages is None or row.language in union.languages:
            self.tally.add(row.digest, contributions if self.is_of_questions else self._adds(row))

    def _adds(self, row: KeptAnswers) -> Sequence[tuple[str, int]]:
        if self.union.kind == "language":
            return ((values.SCORE, row.score or 0),)
        return [(values.theme(name), 1) for name in row.themes]


class Drawing:
    """One release under way. What it holds of a response is a digest; what it holds of answers are sums."""

    def __init__(self, plan: ReleasePlan, asking: Asking, secret: bytes) -> None:
        self._asking = asking
        self._secret = secret
        self._questions: dict[str, Question] = {
            q.id: q for it in asking.instruments.values() for q in it.closed
        }
        self._scored = {name: values.scored_questions(it) for name, it in asking.instruments.items()}
        self._pulses = {it.head.id: Tally(it.head, asking.pulse(it.head.sort)) for it in plan.pulses}
        self._retentions = {
            head.id: Retention(plan.closing, head, head.id in plan.detailed, plan.yearly, plan.parameters)
            for head in (*plan.earlier, *(it.head for it in plan.pulses))
        }
        self._joinings = [
            _Joining(planned.union, Tally(planned.head, asking.union(planned.union)))
            for planned in plan.unions
        ]
        self._by_pulse: dict[str, list[_Joining]] = defaultdict(list)
        for joining in self._joinings:
            for batch in joining.union.joined:
                self._by_pulse[batch.id].append(joining)

    def add(self, pulse: PlannedPulse, row: OpenRow) -> Remnant:
        """Count one response of a pulse batch; return its comments and what is kept of it."""
        batch, response = pulse.head.id, row.response
        instrument = self._asking.instruments[response.instrument]
        answers = values.closed_answers(instrument, response.answers)
        score, spread = values.score(self._scored[instrument.id], answers)
        self._pulses[batch].add(row.digest, ((values.SCORE, score), (values.SPREAD, spread)))
        kept_row = KeptAnswers(
            key=row.key,
            digest=row.digest,
            batch=batch,
            answers=answers,
            language=response.language,
            score=score,
            themes=themes_of(instrument, response, self._asking.codebook),
        )
        return Remnant(cut_loose(batch, instrument, response), self.again(kept_row))

    def again(self, row: KeptAnswers) -> KeptAnswers | None:
        """Count a row that was let out, in what joins its batch; return what is sealed of it anew.

        A row of a batch that the ledger does not know comes back as it is.
        """
        joinings = self._by_pulse.get(row.batch, ())
        contributions: Sequence[tuple[str, int]] = ()
        if any(joining.is_of_questions for joining in joinings):
            questions = (self._questions[name] for name in row.answers or {} if name in self._questions)
            contributions = [(name, 1) for name in values.counted_values(questions, row.answers or {})]
        for joining in joinings:
            joining.add(row, contributions)
        retention = self._retentions.get(row.batch)
        return retention.of(row) if retention else row

    def close(self) -> list[Batch]:
        """Return the rows that the ledger is added. Raises TallyIncomplete where a row was left out."""
        tallies = [*self._pulses.values(), *(joining.tally for joining in self._joinings)]
        return [tally.close(self._secret) for tally in tallies]
