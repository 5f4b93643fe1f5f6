"""Quarters. The finest time we ever keep about an answer: a day plus a sign-in sheet is a name."""

import datetime as dt
import functools
import re
from typing import Self

_FORMAT = re.compile(r"([12][0-9]{3})Q([1-4])")
_HALF = 2
"""After so many quarters of a calendar year a fiscal year begins."""


@functools.total_ordering
class Period:
    """One calendar quarter, written `2026Q3`."""

    __slots__ = ("_index",)

    def __init__(self, year: int, quarter: int) -> None:
        self._index = year * 4 + quarter - 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2026Q3`. Raises ValueError with a sentence for anything else."""
        match = _FORMAT.fullmatch(text)
        if match is None:
            raise ValueError(f"“{text}” is not a quarter; write it like 2026Q3.")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: dt.date) -> Self:
        return cls(day.year, (day.month + 2) // 3)

    @property
    def year(self) -> int:
        return self._index // 4

    @property
    def quarter(self) -> int:
        return self._index % 4 + 1

    @property
    def ends(self) -> dt.date:
        """The last day of the quarter."""
        after = self + 1
        return dt.date(after.year, 3 * after.quarter - 2, 1) - dt.timedelta(days=1)

    @property
    def year_end(self) -> "Period":
        """The quarter that ends this one's year."""
        return Period(self.year, 4)

    @property
    def fiscal_year(self) -> str:
        """The County's fiscal year that the quarter is in, from July to June: `2026-27`."""
        begins = self.year if self.quarter > _HALF else self.year - 1
        return f"{begins}-{(begins + 1) % 100:02d}"

    @property
    def fiscal_quarter(self) -> int:
        """Which quarter of that fiscal year: July to September is the first."""
        return (self.quarter + 1) % 4 + 1

    def __add__(self, quarters: int) -> "Period":
        year, quarter = divmod(self._index + quarters, 4)
        return Period(year, quarter + 1)

    def __sub__(self, other: "Period") -> int:
        """Whole quarters from `other` to this one."""
        return self._index - other._index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Period) and self._index == other._index

    def __lt__(self, other: "Period") -> bool:
        return self._index < other._index

    def __hash__(self) -> int:
        return hash(self._index)

    def __str__(self) -> str:
        return f"{self.year}Q{self.quarter}"

    def __repr__(self) -> str:
        return f"Period({self})"
