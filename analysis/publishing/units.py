"""A unit: the batches that one published row adds up, and the figures they allow.

Every figure of a row is arithmetic on the ledger and nothing else (docs/disclosure.md, “Definitions”).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from analysis import figures, values
from analysis.batch_ledger import Batch, add_up
from analysis.figures import Figure, Share, Sums
from surveys.instruments import Question
from surveys.periods import Period


class Unit(msgspec.Struct, frozen=True):
    """Disjoint pulse batches of one sort, and the details or fields that join pulses of the same unit."""

    pulses: Sequence[Batch]
    joined: Sequence[Batch] = ()
    with_overall: bool = True

    @property
    def n(self) -> int:
        return sum(batch.n for batch in self.pulses)

    @property
    def n_details(self) -> int | None:
        return sum(batch.n for batch in self.joined) or None

    @property
    def periods(self) -> list[str]:
        return quarters(self.pulses)

    @property
    def detail_periods(self) -> tuple[str, ...]:
        return tuple(quarters(self.joined))

    def figures(
        self, questions: Mapping[str, Question], county: float, only: Collection[str] | None = None
    ) -> tuple[Figure, ...]:
        """Return every figure of the unit; of its questions `only` those, where that is given."""
        shares = [figures.overall(add_up(self.pulses), county)] if self.with_overall else []
        sums = add_up(self.joined)
        counted = [q for name, q in questions.items() if _holds(sums, q) and (only is None or name in only)]
        shares += _fields(sums, counted)
        shares += _singles(sums, counted)
        return tuple(share.figure() for share in shares if share)


def quarters(batches: Sequence[Batch]) -> list[str]:
    """Every quarter from the first to the last that the batches' people answered in."""
    if not batches:
        return []
    first = min(Period.parse(batch.first) for batch in batches)
    last = max(Period.parse(batch.last) for batch in batches)
    return [str(first + step) for step in range(last - first + 1)]


def _holds(sums: Sums, question: Question) -> bool:
    return any(name in sums for name in values.value_names(question))


def _fields(sums: Sums, questions: Sequence[Question]) -> Iterator[Share | None]:
    """Pool the scales of each domain that the same people were asked."""
    domains: dict[str, list[str]] = {}
    for question in questions:
        if question.kind == "scale":
            domains.setdefault(question.domain or "", []).append(question.id)
    for domain, names in domains.items():
        yield figures.question(f"domain:{domain}", sums, names)


def _singles(sums: Sums, questions: Sequence[Question]) -> Iterator[Share | None]:
    for question in questions:
        if question.kind == "scale":
            yield figures.question(f"item:{question.id}", sums, [question.id])
        else:
            yield from (figures.option(question.id, code, sums) for code in question.codes)
