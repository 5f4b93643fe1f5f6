"""Disclosure control: the one door through which a figure about answers leaves.

Turns sums over frozen batches into the figures that may be shown, with the rules of disclosure.md, “Figures”.
Whatever is not returned here cannot be asked for anywhere else.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from analysis import items
from analysis.ledger import Sums
from surveys.domains import CORE_DOMAINS
from surveys.instruments import Question

DETAILED_FROM = 25
"""People in a unit before domains and single questions have figures."""
COUNTED_FROM = 20
"""Counted answers (favourable or not) a domain or question needs besides."""
NOT_RELEASED = "Not enough answers yet (fewer than 11)"
"""The same words for every cause: which cause it was would be a count."""
_Z = 1.959964
_SPREAD = 260
_LANGUAGE_SPREAD = 530
"""Points of a 95 % interval that one random adjustment takes at one counted answer (1.96 deviations).

disclosure.md gives 260, measured for epsilon 1; language batches draw with epsilon 0.5, where the same
formula is 196 * 2.66 = 521 points.
"""
_BANDS = ((51, "51+"), (21, "21-50"), (11, "11-20"), (0, "a few"))


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One figure. `value`, `low`, `high` are whole percents; `bound` says that the true value lies beyond."""

    measure: str
    display: str
    value: int | None = None
    low: int | None = None
    high: int | None = None
    bound: str | None = None


class Share(msgspec.Struct, frozen=True):
    """A share of counted answers, before it is rounded and top-coded."""

    measure: str
    part: int
    base: int
    draws: int
    questions: int = 1
    spread: int = _SPREAD

    def figure(self) -> Figure | None:
        """Return what may be shown, or None when so few counted answers would need both bounds at once."""
        if self.base <= 6:  # noqa: PLR2004 - three from either end
            return None
        value, bound = _top_coded(self.part, self.base)
        low, high = self._interval(value)
        display = f"{ {'>=': 'at least ', '<=': 'at most '}.get(bound or '', '') }{value} %"
        return Figure(self.measure, display, value, low, high, bound)

    def _interval(self, value: int) -> tuple[int, int]:
        """Wilson, 95 %, widened for the random adjustment; rounded outwards.

        The base is counted answers per question: the eight answers of one person are no eight people, so
        pooling questions narrows the adjustment (by sqrt(questions)) and not the sampling error.
        """
        base = self.base / self.questions
        low, high = wilson(value / 100, base)
        widened = math.ceil(self.spread * math.sqrt(self.draws) / base) / math.sqrt(self.questions)
        return max(0, math.floor(100 * low - widened)), min(100, math.ceil(100 * high + widened))


def wilson(share: float, base: float) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22, 209-212)."""
    spread = _Z * _Z / base
    middle = share + spread / 2
    half = _Z * math.sqrt(share * (1 - share) / base + spread / (4 * base))
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)


def _top_coded(part: int, base: int) -> tuple[int, str | None]:
    """Within three answers of all or none, only a bound is said: “everybody” would speak for each person."""
    if part >= base - 3:
        return math.floor(100 * (base - 3) / base), ">="
    if part <= 3:  # noqa: PLR2004
        return math.ceil(300 / base), "<="
    return round(100 * part / base), None


def figures(
    sums: Sums, questions: Mapping[str, Question], *, themes: bool, language: bool = False
) -> list[Figure]:
    """Return every figure a released unit may show."""
    spread = _LANGUAGE_SPREAD if language else _SPREAD
    asked = [question for name, question in questions.items() if sums.draws(_any_item(question))]
    overall = _pooled("overall", sums, [f"core-{domain}" for domain in CORE_DOMAINS], spread)
    shares = [overall, *_detailed(sums, asked, spread)]
    found = [figure for share in shares if (figure := share.figure())]
    return found + (list(_themes(sums)) if themes else [])


def _detailed(sums: Sums, asked: Sequence[Question], spread: int) -> Iterator[Share]:
    scales = [q for q in asked if q.kind == "scale" and _enough(sums, items.favourable(q.id))]
    domains: dict[str, list[str]] = {}
    for question in scales:
        domains.setdefault(question.domain or "", []).append(question.id)
    pooled = [_pooled(f"domain:{domain}", sums, names, spread) for domain, names in domains.items()]
    pooled += [_pooled(f"item:{question.id}", sums, [question.id], spread) for question in scales]
    yield from (share for share in pooled if share.base >= COUNTED_FROM)
    for question in asked:
        yield from _of_everyone(sums, question, spread)


def _of_everyone(sums: Sums, question: Question, spread: int) -> Iterator[Share]:
    """Shares of all people of the unit: who declined, and who chose an option."""
    names = {items.option(question.id, code): f"option:{question.id}:{code}" for code in question.codes}
    if question.kind == "scale":
        names = {items.declined(question.id): f"declined:{question.id}"}
    for item, measure in names.items():
        if _enough(sums, item):
            yield Share(measure, sums.count(item), sums.people(item), sums.draws(item), spread=spread)


def _pooled(measure: str, sums: Sums, names: Sequence[str], spread: int) -> Share:
    part = sum(sums.count(items.favourable(name)) for name in names)
    rest = sum(sums.count(items.other(name)) for name in names)
    draws = max(sums.draws(items.favourable(name)) for name in names)
    return Share(measure, part, part + rest, draws, len(names), spread)


def _enough(sums: Sums, item: str) -> bool:
    return sums.people(item) >= DETAILED_FROM


def _any_item(question: Question) -> str:
    if question.kind == "scale":
        return items.favourable(question.id)
    return items.option(question.id, question.codes[0]) if question.codes else ""


def share_of_items(measure: str, sums: Sums, part: str, base: Sequence[str]) -> Figure | None:
    """Return the share of one item among others, by the rule of single questions."""
    counted = sum(sums.count(item) for item in base)
    share = Share(measure, sums.count(part), counted, sums.draws(part))
    return share.figure() if _enough(sums, part) and counted >= COUNTED_FROM else None


def unanswered(sums: Sums, question: str) -> Figure | None:
    """Return the share of people a scale question did not hear, whatever the reason."""
    heard, rest = items.favourable(question), items.other(question)
    people = sums.people(heard)
    silent = people - sums.count(heard) - sums.count(rest)
    draws = sums.draws(heard) + sums.draws(rest)
    return Share("unanswered", silent, people, draws).figure() if _enough(sums, heard) else None


def _themes(sums: Sums) -> Iterator[Figure]:
    """Themes in bands. Clamping at zero adds about 0.43 a batch, so the bar rises with the batches."""
    for item in sums.held:
        kind, _, name = item.partition(":")
        count, draws = sums.count(item), sums.draws(item)
        if kind == "theme" and count >= 6 + draws:
            yield Figure(f"theme:{name}", _band(round(count - draws / 2)))


def _band(count: int) -> str:
    return next(words for least, words in _BANDS if count >= least)


def differ(one: Figure, two: Figure) -> bool:
    """Whether two figures differ: the 95 % interval of their difference, adjustment included, excludes zero.

    Newcombe's square-and-add interval (1998, Statistics in Medicine 17, 873-890) on the widened intervals.
    """
    if one.value is None or two.value is None:
        return False  # bands of themes are not compared
    (lower, _, top), (higher, bottom, _) = sorted(
        (it.value or 0, it.low or 0, it.high or 0) for it in (one, two)
    )
    return higher - lower > math.hypot(higher - bottom, top - lower)


def response_rate(people: int, served: int, k: int) -> int | None:
    """Answers of those served, cumulative, in steps of 5 percent; None unless k or more did not answer."""
    if served - people < k:
        return None
    return 5 * round(20 * people / served)
