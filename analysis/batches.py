"""Which responses are let out together. Answers are never looked at: what is closed holds none.

The rule is disclosure.md, “Closing batches”. A frozen batch is at least k people of one origin; within the
program partition a person is in at most one batch, so any sum or difference of published figures that is
about a set of people is about nobody or at least k of them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from analysis.ledger import COUNTY, MIXED, PARTNER, Kind
from analysis.policy import Policy
from surveys.answers import Origin, Response
from surveys.instruments import AUDIENCES
from surveys.periods import Period

Place = Literal["program", "pool", "county"]


class Waiting(msgspec.Struct, frozen=True):
    """What is known of one sealed response when batches are closed: where it belongs, not what it says."""

    key: bytes
    program: str
    contract: str | None
    """Under which contract its person was served (surveys.registry.Contract.id)."""
    audience: str
    origin: Origin
    collected: Period
    counted: Period
    """The quarter it waits from: for entered responses the quarter of entry, else the one it was sent in."""
    place: Place = "program"
    since: Period | None = None
    """Since which closing quarter it has been in its pool or the county pool."""


class Envelope(msgspec.Struct, frozen=True):
    """What is sealed in an inbox row: a response, and where it waits."""

    response: Response
    place: Place = "program"
    since: str | None = None


class Group(msgspec.Struct, frozen=True):
    """The people of one batch to be."""

    kind: Kind
    owner: str
    audience: str
    origin: Origin
    members: tuple[Waiting, ...]
    contract: str | None = None

    @property
    def first(self) -> Period:
        return min(member.collected for member in self.members)

    @property
    def last(self) -> Period:
        return max(member.collected for member in self.members)


class Closing(msgspec.Struct, frozen=True):
    """What one release does to everything that waits: each response is in exactly one of the three."""

    groups: tuple[Group, ...]
    waiting: tuple[Waiting, ...]
    destroyed: tuple[Waiting, ...]


class Ended(msgspec.Struct, frozen=True):
    """Pools of the programs, and which programs and contracts are over."""

    pools: Mapping[str, str]
    programs: frozenset[str] = frozenset()
    contracts: frozenset[tuple[str, str | None]] = frozenset()


def close_batches(responses: Iterable[Waiting], closing: Period, ended: Ended, policy: Policy) -> Closing:
    """Close every batch that the quarter `closing` lets close; later responses keep waiting untouched."""
    eligible: dict[Origin, list[Waiting]] = defaultdict(list)
    later = []
    for response in responses:
        if response.counted <= closing:
            eligible[response.origin].append(response)
        else:
            later.append(response)
    groups: list[Group] = []
    rest: list[Waiting] = []
    for origin in sorted(eligible):
        closed, left = _close_origin(eligible[origin], closing, ended, policy)
        groups += closed
        rest += left
    destroyed = tuple(r for r in rest if closing - r.counted >= policy.destroyed_quarters)
    kept = tuple(r for r in rest if closing - r.counted < policy.destroyed_quarters)
    return Closing(tuple(groups), (*kept, *later), destroyed)


def _close_origin(
    responses: list[Waiting], closing: Period, ended: Ended, policy: Policy
) -> tuple[list[Group], list[Waiting]]:
    groups: list[Group] = []
    pooled = [r for r in responses if r.place == "pool"]
    county = [r for r in responses if r.place == COUNTY]
    resting: list[Waiting] = []
    for (program, contract), pending in _by_contract(responses):
        closed, rest = _close_program(program, contract, pending, policy)
        groups += closed
        if _leaves_program(rest, program, contract, closing, ended, policy):
            pooled += [_moved(r, "pool", closing) for r in rest]
        else:
            resting += rest
    closed, rest = _close_pools("pool", lambda r: ended.pools[r.program], pooled, policy)
    groups += closed
    for response in rest:
        held = closing - (response.since or closing)
        if held >= policy.pool_quarters:
            county.append(_moved(response, "county", closing))
        else:
            resting.append(response)
    closed, rest = _close_pools("county", lambda _: COUNTY, county, policy)
    return groups + closed, resting + rest


def _by_contract(responses: list[Waiting]) -> Iterator[tuple[tuple[str, str | None], list[Waiting]]]:
    """Group by program and contract, in code order: no batch spans two contracts."""
    found: dict[tuple[str, str | None], list[Waiting]] = defaultdict(list)
    for response in responses:
        if response.place == "program":
            found[response.program, response.contract].append(response)
    yield from sorted(found.items(), key=lambda entry: (entry[0][0], entry[0][1] or ""))


def _close_program(
    program: str, contract: str | None, pending: list[Waiting], policy: Policy
) -> tuple[list[Group], list[Waiting]]:
    groups: list[Group] = []
    rest: list[Waiting] = []
    for audience in _audiences(pending):
        members = [r for r in pending if r.audience == audience]
        if len(members) >= policy.k:
            groups.append(_group("program", program, audience, members, contract))
        else:
            rest += members
    mixable = [r for r in rest if r.audience != PARTNER]
    if len(mixable) >= policy.k:
        groups.append(_group("program", program, MIXED, mixable, contract))
        rest = [r for r in rest if r.audience == PARTNER]
    return groups, rest


def _audiences(pending: list[Waiting]) -> list[str]:
    """In fixed order; an audience that is no longer asked comes last and is not forgotten."""
    return [*AUDIENCES, *sorted({r.audience for r in pending} - set(AUDIENCES))]


def _leaves_program(
    rest: list[Waiting],
    program: str,
    contract: str | None,
    closing: Period,
    ended: Ended,
    policy: Policy,
) -> bool:
    over = program in ended.programs or (program, contract) in ended.contracts
    return over or any(closing - r.counted > policy.waiting_quarters for r in rest)


def _close_pools(
    kind: Literal["pool", "county"], owner_of: Callable[[Waiting], str], held: list[Waiting], policy: Policy
) -> tuple[list[Group], list[Waiting]]:
    """Close each pool that holds k people from enough programs; partners have pools of their own."""
    pools: dict[tuple[str, str], list[Waiting]] = defaultdict(list)
    for response in held:
        pools[owner_of(response), PARTNER if response.audience == PARTNER else MIXED].append(response)
    groups: list[Group] = []
    rest: list[Waiting] = []
    for (owner, audience), members in sorted(pools.items()):
        if len(members) >= policy.k and len({r.program for r in members}) >= policy.pool_programs:
            groups.append(_group(kind, owner, audience, members))
        else:
            rest += members
    return groups, rest


def _group(
    kind: Kind, owner: str, audience: str, members: list[Waiting], contract: str | None = None
) -> Group:
    return Group(kind, owner, audience, members[0].origin, tuple(members), contract)


def _moved(response: Waiting, place: Place, closing: Period) -> Waiting:
    return msgspec.structs.replace(response, place=place, since=closing)
