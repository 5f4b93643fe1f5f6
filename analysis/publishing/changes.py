"""Change: the last four releases against the four before, and against the first four.

Source: docs/disclosure.md, “Figures”. Nothing is ranked, and a single release is compared with nothing:
about one release in six shows one change by chance, and the page says so.
"""

from collections.abc import Iterable, Mapping, Sequence

from analysis.batch_ledger import Batch, add_up
from analysis.figures import SHOWN, TOO_FEW, WIDEST, Figure, Share, difference, overall
from surveys.periods import Period

WINDOW = 4
"""How many releases the last ones are."""
BEFORE, FIRST = "change:four-before", "change:first-four"
AGAINST: Mapping[str, str] = {BEFORE: "the four releases before", FIRST: "the first four releases"}
HIGHER, LOWER, NONE = "clearly higher", "clearly lower", "no clear change"
BY_CHANCE = "About one release in six shows one change by chance."


def changes(pulses: Iterable[Batch], release: str, first: str, county: float) -> list[Figure]:
    """Compare the overall of one unit's pulses of one sort. Nothing before eight releases have been.

    `first` is the first release ever; `county` the spread of scores in the county. Where a change is clear
    the figure has its points, with the 99 % interval of the difference.
    """
    now, start = Period.parse(release), Period.parse(first)
    if now - start < 2 * WINDOW - 1:
        return []
    batches = list(pulses)
    lately = _between(batches, now + (1 - WINDOW), now)
    begins = {BEFORE: now + (1 - 2 * WINDOW), FIRST: start}
    return [
        _change(measure, overall(add_up(lately), county), overall(add_up(earlier), county))
        for measure, begin in begins.items()
        for earlier in [_between(batches, begin, begin + (WINDOW - 1))]
    ]


def _between(pulses: Iterable[Batch], begins: Period, ends: Period) -> Sequence[Batch]:
    return [batch for batch in pulses if str(begins) <= batch.release <= str(ends)]


def _change(measure: str, lately: Share | None, earlier: Share | None) -> Figure:
    if lately is None or earlier is None:
        return Figure(measure=measure, display=TOO_FEW)
    low, high = difference(lately, earlier)
    if low <= 0 <= high:
        is_wide = any(_width(share) > WIDEST for share in (lately, earlier))
        return Figure(measure=measure, display=TOO_FEW if is_wide else NONE)
    return Figure(
        measure=measure,
        display=HIGHER if low > 0 else LOWER,
        value=round(100 * (lately.middle - earlier.middle)),
        low=round(100 * low),
        high=round(100 * high),
    )


def _width(share: Share) -> float:
    low, high = share.roots(SHOWN)
    return 100 * (high - low)
