"""Which pulse batches are joined for what: fields, details, themes, languages.

The rule is docs/disclosure.md, “Closing the others”. Fields, details and themes are unions of whole pulse
batches, decided by their counts alone; only languages cut across them, and languages are no part of the
promise.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from analysis.batch_ledger import COUNTY, EXPERT, MIXED, OWN, Batch, Kind, Scope, Sort
from analysis.closing import together
from analysis.parameters import Parameters
from surveys.periods import Period

OTHER = "other"
Languages = Mapping[str, Counter[str]]
"""By pulse batch, how many of its kept rows are at hand, by language."""


class Union(msgspec.Struct, frozen=True, kw_only=True):
    """A batch to be, of whole pulse batches; of a language, whoever of them answered in it."""

    kind: Kind
    scope: Scope
    owner: str
    audience: str
    sort: Sort
    joined: tuple[Batch, ...]
    n: int
    contract: str | None = None
    shared: bool = False
    """Whether it counts only what everyone was asked in the same words."""
    languages: frozenset[str] | None = None

    @property
    def of(self) -> tuple[str, ...]:
        """Nothing for a language: which batches somebody answered in it would be told by no figure."""
        return () if self.languages is not None else tuple(batch.id for batch in self.joined)

    @property
    def first(self) -> str:
        return min(batch.first for batch in self.joined)

    @property
    def last(self) -> str:
        return max(batch.last for batch in self.joined)


class Unions(msgspec.Struct, frozen=True):
    """One release's decisions, from the pulse batches of the ledger and its own.

    `pulses` are all there ever were; `at_hand` counts the kept rows of those that can still be read.
    """

    pulses: Sequence[Batch]
    detailed: frozenset[str]
    """Pulse batches that are in a detail batch already."""
    at_hand: Languages
    closing: Period
    pools: Mapping[str, str]
    parameters: Parameters

    def close(self) -> list[Union]:
        """Every union that this release closes, in a fixed order."""
        unions = [*self._fields(), *self._details()]
        if self.is_yearly:
            unions += [*self._themes(), *self._languages()]
        return unions

    @property
    def is_yearly(self) -> bool:
        return self.closing == self.closing.year_end

    def _is_whole(self, batch: Batch) -> bool:
        """A batch of which a row is lost is in no union: its figures would be about other people."""
        return self.at_hand.get(batch.id, Counter()).total() == batch.n

    def _of_year(self) -> list[Batch]:
        return [b for b in self.pulses if Period.parse(b.release).year == self.closing.year]

    def _fields(self) -> Iterator[Union]:
        fresh = [b for b in self.pulses if b.release == str(self.closing) and b.class_ == OWN]
        for sort, audience, own in _grouped(fresh):
            if _people(own) >= self.parameters.fields_n:
                yield _union("fields", "county", COUNTY, audience, sort, own)

    def _details(self) -> Iterator[Union]:
        for sort, own in _by_sort(b for b in self.pulses if self._may_be_detailed(b)):
            unions = list(self._large_audiences(sort, own, self.parameters.detail_n))
            if self.is_yearly:
                rest = _without(own, unions)
                unions += self._yearly_experts(rest) if sort.class_ == EXPERT else self._yearly(sort, rest)
            yield from unions

    def _may_be_detailed(self, batch: Batch) -> bool:
        """The rows of other classes are gone after their fourth quarter, experts' after eight quarters."""
        since = Period.parse(batch.release)
        if batch.class_ == EXPERT:
            young = self.closing - since <= self.parameters.destroyed_quarters
        else:
            young = since.year == self.closing.year
        return young and batch.id not in self.detailed and self._is_whole(batch)

    def _large_audiences(self, sort: Sort, own: Sequence[Batch], least: int) -> Iterator[Union]:
        """Each program's audience that holds enough by itself, under one contract."""
        for (program, contract), batches in _by_program(own):
            for audience in sorted({batch.audience for batch in batches} - {MIXED}):
                theirs = [batch for batch in batches if batch.audience == audience]
                if _people(theirs) >= least:
                    yield _union("detail", "program", program, audience, sort, theirs, contract)

    def _yearly_experts(self, rest: Sequence[Batch]) -> Iterator[Union]:
        if _people(rest) >= self.parameters.audience_n:
            yield _union("detail", "county", COUNTY, EXPERT, rest[0].sort, rest)

    def _yearly(self, sort: Sort, own: Sequence[Batch]) -> Iterator[Union]:
        unions = list(self._large_audiences(sort, own, self.parameters.audience_n))
        rest = _without(own, unions)
        if not sort.is_survey:  # it has one audience and no core questions: nothing of it is everyone's
            for (program, contract), batches in _by_program(rest):
                if _people(batches) >= self.parameters.mixed_n:
                    joint = together(sort)
                    unions.append(
                        _union("detail", "program", program, joint, sort, batches, contract, shared=True)
                    )
            rest = _without(rest, unions)
        for pool in sorted(set(self.pools.values())):
            unions += self._joined("pool", pool, sort, [b for b in rest if self._pool_of(b) == pool])
        unions += self._joined("county", COUNTY, sort, _without(rest, unions))
        return iter(unions)

    def _pool_of(self, batch: Batch) -> str | None:
        if batch.scope == "pool":
            return batch.owner
        return self.pools.get(batch.owner) if batch.scope == "program" else None

    def _joined(self, scope: Scope, owner: str, sort: Sort, own: Sequence[Batch]) -> Iterator[Union]:
        """Close one pool or the county; a pulse batch that is pooled already is from enough programs."""
        pooled = any(batch.scope != "program" for batch in own)
        enough = pooled or len({batch.owner for batch in own}) >= self.parameters.pool_programs
        if enough and _people(own) >= self.parameters.audience_n:
            yield _union("detail", scope, owner, together(sort), sort, own, shared=not sort.is_survey)

    def _themes(self) -> Iterator[Union]:
        for sort, own in _by_sort(filter(self._is_whole, self._of_year())):
            joint = together(sort)
            for (program, contract), batches in _by_program(own):
                if _people(batches) >= self.parameters.mixed_n:
                    yield _union("themes", "program", program, joint, sort, batches, contract)
            if not sort.is_survey and _people(own) >= self.parameters.mixed_n:
                yield _union("themes", "county", COUNTY, joint, sort, own)

    def _languages(self) -> Iterator[Union]:
        year = self._of_year()
        if not all(map(self._is_whole, year)):
            return  # a table in which somebody is missing would count them by subtraction
        for sort, own in _by_sort(year):
            if sort.is_survey:
                continue
            people: Counter[str] = sum((self.at_hand[batch.id] for batch in own), Counter())
            for name, languages in language_groups(people, self.parameters.language_n).items():
                n = sum(people[language] for language in languages)
                yield Union(
                    kind="language",
                    scope="county",
                    owner=name,
                    audience=together(sort),
                    sort=sort,
                    joined=tuple(own),
                    n=n,
                    languages=languages,
                )


def language_groups(people: Mapping[str, int], least: int) -> dict[str, frozenset[str]]:
    """Name each group of languages: too small ones are one, `other`. One group left is no table."""
    small = {language for language, count in people.items() if count < least}
    while small and sum(people[language] for language in small) < least:
        large = set(people) - small
        if not large:
            break
        small.add(min(large, key=lambda language: (people[language], language)))
    groups = {language: frozenset({language}) for language in sorted(set(people) - small)}
    if small:
        groups[OTHER] = frozenset(small)
    return groups if len(groups) > 1 else {}


def _union(
    kind: Kind,
    scope: Scope,
    owner: str,
    audience: str,
    sort: Sort,
    joined: Sequence[Batch],
    contract: str | None = None,
    *,
    shared: bool = False,
) -> Union:
    return Union(
        kind=kind,
        scope=scope,
        owner=owner,
        audience=audience,
        sort=sort,
        joined=tuple(joined),
        n=_people(joined),
        contract=contract,
        shared=shared,
    )


def _people(batches: Iterable[Batch]) -> int:
    return sum(batch.n for batch in batches)


def _without(batches: Sequence[Batch], unions: Iterable[Union]) -> list[Batch]:
    joined = {name for union in unions for name in union.of}
    return [batch for batch in batches if batch.id not in joined]


def _by_sort(batches: Iterable[Batch]) -> list[tuple[Sort, list[Batch]]]:
    sorts: dict[Sort, list[Batch]] = defaultdict(list)
    for batch in sorted(batches, key=lambda batch: batch.id):
        sorts[batch.sort].append(batch)
    return sorted(sorts.items())


def _grouped(batches: Iterable[Batch]) -> Iterator[tuple[Sort, str, list[Batch]]]:
    """By sort and audience; what is mixed in programs, pools and the county is one."""
    for sort, own in _by_sort(batches):
        for audience in sorted({batch.audience for batch in own}):
            yield sort, audience, [batch for batch in own if batch.audience == audience]


def _by_program(batches: Iterable[Batch]) -> list[tuple[tuple[str, str | None], list[Batch]]]:
    programs: dict[tuple[str, str | None], list[Batch]] = defaultdict(list)
    for batch in batches:
        if batch.scope == "program":
            programs[batch.owner, batch.contract].append(batch)
    return sorted(programs.items(), key=lambda entry: (entry[0][0], entry[0][1] or ""))
