"""One program in a few sentences: who answered, what is good, what is not, and what changed.

Every number is one of the tables below it. A field is called good or weak only where the chance in both
numbers leaves no doubt which of the two is higher.
"""

from collections.abc import Iterable

from analysis.figures import Figure
from analysis.publishing.rows import Row
from feedback.web.staff.results import words
from surveys.domains import CORE_DOMAINS, MEASURE_NAMES


def first(rows: Iterable[Row]) -> Row | None:
    """The live row of own experience: what a program is about, where it has several."""
    return next((row for row in rows if row.is_own and row.origin == "live"), None)


def in_short(last_four: Row | None, so_far: Row | None) -> list[str]:
    """The sentences of own experience, live: of the last four releases, else of all so far. Empty without."""
    row = next((it for it in (last_four, so_far) if it and it.n), None)
    if row is None:
        return []
    sentences = [f"{row.n} answers came in {words.span(row.filters['periods'])}."]
    if overall := row.figure("overall"):
        sentences[0] += f" Over the core questions {words.in_words(overall)}."
    if so_far and (changed := words.change(so_far.figures)):
        sentences.append(f"The last four releases: {changed}.")
    return sentences + _fields(row)


def _fields(row: Row) -> list[str]:
    fields = [it for name in CORE_DOMAINS if (it := row.figure(f"domain:{name}")) and it.low is not None]
    if not fields:
        return []
    best, weakest = max(fields, key=_middle), min(fields, key=_middle)
    about = (
        f"by {row.n_details} answers of {words.span(row.detail_periods)}, whose single questions are known"
    )
    if not _is_above(best, weakest):
        return [f"No field stands out from the others, {about}."]
    return [f"Weakest is {_name(weakest)}, best {_name(best)}, {about}."]


def _name(figure: Figure) -> str:
    return f"“{MEASURE_NAMES[figure.measure]}” with {words.share(figure)}"


def _middle(figure: Figure) -> int:
    return figure.value or 0


def _is_above(one: Figure, other: Figure) -> bool:
    """Whether even the lower end of one is above the upper end of the other."""
    return (one.low or 0) > (other.high or 0)
