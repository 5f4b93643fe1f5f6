"""Which responses are let out together. Answers are never looked at: what is closed here holds none.

The rule is docs/disclosure.md, “Closing pulse batches”. Every response let out is in exactly one pulse
batch, and a pulse batch is at least k people of one origin, class and wave, and in a program of one contract.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from analysis.batch_ledger import COUNTY, EXPERT, MIXED, OWN, Scope, Sort, Wave, sort_of
from analysis.parameters import Parameters
from surveys.answers import Origin
from surveys.instruments import AUDIENCES
from surveys.periods import Period

Place = Literal["program", "pool", "county"]


class Pending(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a release's first pass sees of one sealed response: where it belongs, not what it says."""

    key: bytes
    program: str
    contract: str | None
    """Under which contract its person was served (surveys.registry.Contract.id)."""
    audience: str
    origin: Origin
    class_: str
    wave: Wave | None
    collected: Period
    counted: Period
    """The quarter it waits from: for entered responses the quarter of entry, else the one it was sent in."""
    language: str
    place: Place = "program"
    since: Period | None = None
    """Since which closing quarter it has been in its pool or the county's."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The people of one pulse batch to be."""

    scope: Scope
    owner: str
    audience: str
    members: tuple[Pending, ...]
    contract: str | None = None

    @property
    def sort(self) -> Sort:
        one = self.members[0]
        return sort_of(one.origin, one.class_, one.audience, one.wave)

    @property
    def first(self) -> Period:
        return min(member.collected for member in self.members)

    @property
    def last(self) -> Period:
        return max(member.collected for member in self.members)


class Closing(msgspec.Struct, frozen=True):
    """What one release does to everything that waits: each response is in exactly one of the three."""

    groups: tuple[Group, ...]
    waiting: tuple[Pending, ...]
    destroyed: tuple[Pending, ...]


class Endings(msgspec.Struct, frozen=True):
    """Pools of the programs, and which programs and contracts are over."""

    pools: Mapping[str, str]
    programs: frozenset[str] = frozenset()
    contracts: frozenset[tuple[str, str | None]] = frozenset()


class _Grouping(msgspec.Struct):
    """Groups closed so far, and who is in none."""

    groups: list[Group]
    rest: list[Pending]


def close_pulses(
    responses: Iterable[Pending], closing: Period, endings: Endings, parameters: Parameters
) -> Closing:
    """Close every batch that the quarter `closing` lets close; later responses keep waiting untouched."""
    eligible: dict[Sort, list[Pending]] = defaultdict(list)
    later = []
    for response in responses:
        if response.counted <= closing:
            sort = sort_of(response.origin, response.class_, response.audience, response.wave)
            eligible[sort].append(response)
        else:
            later.append(response)
    grouping = _Grouping([], [])
    for sort, pending in sorted(eligible.items()):
        of_sort = _Sort(sort, closing, endings, parameters).close(pending)
        grouping.groups += of_sort.groups
        grouping.rest += of_sort.rest
    destroyed = tuple(r for r in grouping.rest if closing - r.counted >= parameters.destroyed_quarters)
    waiting = (r for r in grouping.rest if closing - r.counted < parameters.destroyed_quarters)
    return Closing(tuple(grouping.groups), (*waiting, *later), destroyed)


class _Sort(msgspec.Struct, frozen=True):
    """One origin, class and wave, which close among themselves."""

    sort: Sort
    closing: Period
    endings: Endings
    parameters: Parameters

    def close(self, pending: list[Pending]) -> _Grouping:
        return self._close_experts(pending) if self.sort.class_ == EXPERT else self._close_others(pending)

    def _close_others(self, pending: list[Pending]) -> _Grouping:
        grouping = _Grouping([], [])
        pooled = [r for r in pending if r.place == "pool"]
        for (program, contract), own in _by_contract(pending):
            of_program = self._close_program(program, contract, own)
            grouping.groups += of_program.groups
            if self._leaves(program, contract, of_program.rest):
                pooled += [self._moved(r, "pool") for r in of_program.rest]
            else:
                grouping.rest += of_program.rest
        at_pool = self._close_together("pool", lambda r: self.endings.pools[r.program], pooled)
        at_county = [r for r in pending if r.place == COUNTY]
        for response in at_pool.rest:
            if self.closing - (response.since or self.closing) >= self.parameters.pool_quarters:
                at_county.append(self._moved(response, "county"))
            else:
                grouping.rest.append(response)
        last = self._close_together("county", lambda _: COUNTY, at_county)
        return _Grouping([*grouping.groups, *at_pool.groups, *last.groups], [*grouping.rest, *last.rest])

    def _close_experts(self, pending: list[Pending]) -> _Grouping:
        """Close each program that has enough experts; those of all other programs together."""
        grouping = _Grouping([], [])
        for (program, contract), own in _by_contract(pending):
            of_program = self._close_program(program, contract, own)
            grouping.groups += of_program.groups
            grouping.rest += of_program.rest
        last = self._close_together("county", lambda _: COUNTY, grouping.rest)
        return _Grouping([*grouping.groups, *last.groups], last.rest)

    def _close_program(self, program: str, contract: str | None, pending: list[Pending]) -> _Grouping:
        grouping = _Grouping([], [])
        for audience in _audiences(pending):
            members = [r for r in pending if r.audience == audience]
            if len(members) >= self.parameters.k:
                grouping.groups.append(
                    Group(
                        scope="program",
                        owner=program,
                        audience=audience,
                        members=tuple(members),
                        contract=contract,
                    )
                )
            else:
                grouping.rest += members
        # Only own experience has several audiences; of the others one is left, or nobody.
        if len(grouping.rest) >= self.parameters.k:
            grouping.groups.append(
                Group(
                    scope="program",
                    owner=program,
                    audience=MIXED,
                    members=tuple(grouping.rest),
                    contract=contract,
                )
            )
            grouping.rest = []
        return grouping

    def _leaves(self, program: str, contract: str | None, rest: Sequence[Pending]) -> bool:
        over = program in self.endings.programs or (program, contract) in self.endings.contracts
        return over or any(self.closing - r.counted > self.parameters.waiting_quarters for r in rest)

    def _close_together(
        self, scope: Scope, owner_of: Callable[[Pending], str], responses: list[Pending]
    ) -> _Grouping:
        """Close each owner that holds k people from enough programs."""
        owners: dict[str, list[Pending]] = defaultdict(list)
        for response in responses:
            owners[owner_of(response)].append(response)
        grouping = _Grouping([], [])
        for owner, members in sorted(owners.items()):
            programs = {r.program for r in members}
            if len(members) >= self.parameters.k and len(programs) >= self.parameters.pool_programs:
                grouping.groups.append(
                    Group(scope=scope, owner=owner, audience=together(self.sort), members=tuple(members))
                )
            else:
                grouping.rest += members
        return grouping

    def _moved(self, response: Pending, place: Place) -> Pending:
        return msgspec.structs.replace(response, place=place, since=self.closing)


def together(sort: Sort) -> str:
    """Name the audience of a batch that joins programs: only own experience has several."""
    return MIXED if sort.class_ == OWN else sort.alone or sort.class_


def _by_contract(responses: list[Pending]) -> list[tuple[tuple[str, str | None], list[Pending]]]:
    """Group by program and contract, in code order: no program's batch spans two contracts."""
    by_contract: dict[tuple[str, str | None], list[Pending]] = defaultdict(list)
    for response in responses:
        if response.place == "program":
            by_contract[response.program, response.contract].append(response)
    return sorted(by_contract.items(), key=lambda entry: (entry[0][0], entry[0][1] or ""))


def _audiences(pending: list[Pending]) -> list[str]:
    """In fixed order; an audience that is no longer asked comes last and is not forgotten."""
    return [*AUDIENCES, *sorted({r.audience for r in pending} - set(AUDIENCES))]
