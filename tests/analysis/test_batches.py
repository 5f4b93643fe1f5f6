"""Closing batches, against a slow reading of disclosure.md (points 1 to 3) over many quarters."""

import random
from collections import Counter, defaultdict

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.batches import Closing, Ended, Group, Waiting, close_batches
from analysis.policy import Policy
from surveys.instruments import AUDIENCES
from surveys.periods import Period

Q = Period(2026, 1)
"""The first quarter of every story."""
K = 11
POLICY = Policy()
POOLS = {
    "ada": "courts",
    "ben": "courts",
    "cleo": "courts",
    "dov": "families",
    "eli": "families",
    "fay": "classes",
}
NOBODY_ENDED = Ended(POOLS)
ORIGINS = ("live", "entered")


def answers(
    many,
    program="ada",
    audience="youth",
    quarter=Q,
    *,
    origin="live",
    contract=None,
    name="",
    collected=None,
):
    """Return `many` sealed responses of one kind."""
    label = f"{program}/{contract}/{audience}/{origin}/{quarter}/{collected}/{name}"
    return [
        Waiting(
            f"{label}/{number}".encode(), program, contract, audience, origin, collected or quarter, quarter
        )
        for number in range(many)
    ]


def shape(closing: Closing):
    """Return what was closed: (kind, owner, audience, how many), in order."""
    return [(group.kind, group.owner, group.audience, len(group.members)) for group in closing.groups]


def keys(responses):
    return {response.key for response in responses}


# --- One release, by hand.


def test_an_audience_of_eleven_is_a_batch_of_all_of_them():
    closed = close_batches(answers(11), Q, NOBODY_ENDED, POLICY)
    (group,) = closed.groups
    assert (group.kind, group.owner, group.audience, group.origin) == ("program", "ada", "youth", "live")
    assert keys(group.members) == keys(answers(11))
    assert closed.waiting == closed.destroyed == ()


def test_ten_wait_sealed_as_they_were():
    closed = close_batches(answers(10), Q, NOBODY_ENDED, POLICY)
    assert closed == Closing((), tuple(answers(10)), ())


def test_nothing_closes_where_nobody_answered():
    assert close_batches([], Q, NOBODY_ENDED, POLICY) == Closing((), (), ())


def test_audiences_under_eleven_close_together_as_mixed():
    closed = close_batches([*answers(6), *answers(5, audience="expert")], Q, NOBODY_ENDED, POLICY)
    assert shape(closed) == [("program", "ada", "mixed", 11)]


def test_a_big_audience_closes_alone_and_the_rest_waits_when_it_is_under_eleven():
    everyone = [*answers(5, audience="expert"), *answers(5), *answers(30, audience="caregiver")]
    closed = close_batches(everyone, Q, NOBODY_ENDED, POLICY)
    assert shape(closed) == [("program", "ada", "caregiver", 30)]
    assert keys(closed.waiting) == keys([*answers(5), *answers(5, audience="expert")])


def test_partners_are_never_mixed_with_others():
    everyone = [*answers(10, audience="partner"), *answers(10)]
    assert shape(close_batches(everyone, Q, NOBODY_ENDED, POLICY)) == []
    more = [*everyone, *answers(1, audience="expert")]
    closed = close_batches(more, Q, NOBODY_ENDED, POLICY)
    assert shape(closed) == [("program", "ada", "mixed", 11)]
    assert {response.audience for response in closed.waiting} == {"partner"}
    partners = close_batches(answers(11, audience="partner"), Q, NOBODY_ENDED, POLICY)
    assert shape(partners) == [("program", "ada", "partner", 11)]


def test_origins_never_make_up_each_others_eleven():
    """Someone who types ten answers it knows must learn nothing about the one live answer beside them."""
    closed = close_batches([*answers(10, origin="entered"), *answers(10)], Q, NOBODY_ENDED, POLICY)
    assert shape(closed) == []
    closed = close_batches([*answers(11, origin="entered"), *answers(10)], Q, NOBODY_ENDED, POLICY)
    assert [(group.origin, len(group.members)) for group in closed.groups] == [("entered", 11)]


def test_no_batch_spans_two_contracts():
    ours, theirs = (answers(7, contract=contract) for contract in ("casa-luz", "olive-crest"))
    assert shape(close_batches([*ours, *theirs], Q, NOBODY_ENDED, POLICY)) == []
    more = [*ours, *theirs, *answers(4, audience="expert", contract="casa-luz")]
    (group,) = close_batches(more, Q, NOBODY_ENDED, POLICY).groups
    assert (group.contract, group.audience, len(group.members)) == ("casa-luz", "mixed", 11)


def test_an_ended_contract_moves_its_own_waiting_answers_and_not_the_next_contracts():
    everyone = [*answers(5, contract="casa-luz"), *answers(5, contract="olive-crest")]
    ended = Ended(POOLS, contracts=frozenset({("ada", "casa-luz")}))
    closed = close_batches(everyone, Q, ended, POLICY)
    assert {(r.contract, r.place, r.since) for r in closed.waiting} == {
        ("casa-luz", "pool", Q),
        ("olive-crest", "program", None),
    }


def test_batches_come_in_code_order_and_then_in_audience_order():
    everyone = [
        *answers(11, "cleo"),
        *answers(11, "ada", "partner"),
        *answers(11, "ada", "expert"),
        *answers(6, "ben", "expert"),
        *answers(6, "ben", "caregiver"),
        *answers(11, "ada", "youth"),
        *answers(11, "ada", "caregiver"),
        *answers(11, "ada", "youth", contract="casa-luz"),
        *answers(11, "ada", "youth", origin="entered"),
    ]
    expected = [
        ("entered", "ada", None, "youth"),
        ("live", "ada", None, "youth"),
        ("live", "ada", None, "caregiver"),
        ("live", "ada", None, "expert"),
        ("live", "ada", None, "partner"),
        ("live", "ada", "casa-luz", "youth"),
        ("live", "ben", None, "mixed"),
        ("live", "cleo", None, "youth"),
    ]
    for order in (everyone, everyone[::-1]):
        groups = close_batches(order, Q, NOBODY_ENDED, POLICY).groups
        assert [(g.origin, g.owner, g.contract, g.audience) for g in groups] == expected


def test_a_batch_says_the_first_and_last_quarter_in_which_its_people_answered():
    everyone = [*answers(4, quarter=Q + 2), *answers(4, quarter=Q), *answers(3, quarter=Q + 3)]
    (group,) = close_batches(everyone, Q + 3, NOBODY_ENDED, POLICY).groups
    assert (group.first, group.last) == (Q, Q + 3)


def test_entered_answers_say_when_they_were_given_and_wait_from_when_they_were_typed():
    typed = answers(11, origin="entered", quarter=Q + 9, collected=Q)
    (group,) = close_batches(typed, Q + 9, NOBODY_ENDED, POLICY).groups
    assert (group.first, group.last) == (Q, Q)
    few = answers(3, origin="entered", quarter=Q + 9, collected=Q)
    assert close_batches(few, Q + 9, NOBODY_ENDED, POLICY) == Closing((), tuple(few), ())


def test_an_answer_of_a_later_quarter_helps_nobody_reach_eleven_and_waits_untouched():
    ended = Ended(POOLS, programs=frozenset(POOLS))
    later = answers(1, quarter=Q + 1)
    closed = close_batches([*answers(10), *later], Q, ended, POLICY)
    assert shape(closed) == []
    assert {(r.key, r.place) for r in closed.waiting} == {
        *((key, "pool") for key in keys(answers(10))),
        (later[0].key, "program"),
    }


def test_an_answer_that_arrives_late_joins_the_next_release():
    closed = close_batches([*answers(10, quarter=Q + 1), *answers(1)], Q + 1, NOBODY_ENDED, POLICY)
    assert shape(closed) == [("program", "ada", "youth", 11)]


@pytest.mark.parametrize(("age", "place"), [(0, "program"), (4, "program"), (5, "pool"), (7, "pool")])
def test_answers_move_to_the_pool_when_one_is_more_than_four_quarters_old(age, place):
    everyone = [*answers(1), *answers(3, quarter=Q + age), *answers(2, audience="partner", quarter=Q + age)]
    closed = close_batches(everyone, Q + age, NOBODY_ENDED, POLICY)
    assert len(closed.waiting) == 6
    assert {(r.place, r.since) for r in closed.waiting} == {(place, Q + age if place == "pool" else None)}


def test_what_closed_beside_an_old_answer_does_not_go_to_the_pool():
    everyone = [*answers(1, audience="expert"), *answers(20, quarter=Q + 5)]
    closed = close_batches(everyone, Q + 5, NOBODY_ENDED, POLICY)
    assert shape(closed) == [("program", "ada", "youth", 20)]
    assert [r.place for r in closed.waiting] == ["pool"]


@pytest.mark.parametrize(
    ("parts", "pools"),
    [
        ((4, 4, 3), [("pool", "courts", "mixed", 11)]),
        ((9, 1, 1), [("pool", "courts", "mixed", 11)]),
        ((4, 3, 3), []),
        ((10, 10, 0), []),
    ],
)
def test_a_pool_closes_with_eleven_answers_from_three_programs(parts, pools):
    everyone = [
        r for program, many in zip(("ada", "ben", "cleo"), parts, strict=True) for r in answers(many, program)
    ]
    ended = Ended(POOLS, programs=frozenset({"ada", "ben", "cleo"}))
    closed = close_batches(everyone, Q, ended, POLICY)
    assert shape(closed) == pools
    assert all(group.contract is None for group in closed.groups)
    assert len(closed.waiting) == (0 if pools else len(everyone))


def test_a_stricter_policy_is_kept_to():
    everyone = [*answers(12, "ada"), *answers(5, "ben"), *answers(5, "cleo"), *answers(5, "dov")]
    ended = Ended(dict.fromkeys(POOLS, "courts"), programs=frozenset(POOLS))
    assert shape(close_batches(everyone, Q, ended, Policy(k=13))) == [("pool", "courts", "mixed", 27)]
    closed = close_batches(everyone, Q, ended, Policy(pool_programs=4))
    assert shape(closed) == [("program", "ada", "youth", 12)]


def test_partners_have_pools_of_their_own():
    everyone = [r for p in ("ada", "ben", "cleo") for a in ("youth", "partner") for r in answers(4, p, a)]
    ended = Ended(POOLS, programs=frozenset(POOLS))
    assert shape(close_batches(everyone, Q, ended, POLICY)) == [
        ("pool", "courts", "mixed", 12),
        ("pool", "courts", "partner", 12),
    ]
    fewer = [r for r in everyone if r.audience == "youth" or r.program != "ada"]
    closed = close_batches(fewer, Q, ended, POLICY)
    assert shape(closed) == [("pool", "courts", "mixed", 12)]
    assert keys(closed.waiting) == keys(r for r in fewer if r.audience == "partner")


def test_pools_close_after_programs_in_the_order_of_their_names():
    pools = {
        **dict.fromkeys(("ada", "ben", "cleo"), "families"),
        **dict.fromkeys(("dov", "eli", "fay"), "courts"),
    }
    everyone = [*answers(15, "ada"), *(r for program in pools for r in answers(4, program, "expert"))]
    ended = Ended(pools, programs=frozenset(pools))
    expected = [
        ("program", "ada", "youth", 15),
        ("pool", "courts", "mixed", 12),
        ("pool", "families", "mixed", 12),
    ]
    assert shape(close_batches(everyone, Q, ended, POLICY)) == expected
    assert shape(close_batches(everyone[::-1], Q, ended, POLICY)) == expected


def test_what_a_pool_held_two_quarters_joins_the_county_pool_and_closes_there():
    ended = Ended(POOLS, programs=frozenset(POOLS))
    waiting = [*answers(5, "ada"), *answers(5, "dov"), *answers(5, "fay")]
    for quarter in (Q, Q + 1):
        closed = close_batches(waiting, quarter, ended, POLICY)
        assert shape(closed) == []
        assert {(r.place, r.since) for r in closed.waiting} == {("pool", Q)}
        waiting = closed.waiting
    closed = close_batches(waiting, Q + 2, ended, POLICY)
    assert shape(closed) == [("county", "county", "mixed", 15)]
    assert closed.waiting == ()


def test_the_county_pool_needs_three_programs_too_and_keeps_partners_apart():
    ended = Ended(POOLS, programs=frozenset(POOLS))
    waiting = [*answers(9, "ada"), *answers(9, "dov"), *answers(9, "fay", "partner")]
    for quarter in range(3):
        closed = close_batches(waiting, Q + quarter, ended, POLICY)
        waiting = closed.waiting
    assert shape(closed) == []
    assert {(r.place, r.since) for r in waiting} == {("county", Q + 2)}
    closed = close_batches([*waiting, *answers(10, "eli", quarter=Q + 3)], Q + 3, ended, POLICY)
    assert shape(closed) == []


def test_what_waited_eight_quarters_in_all_is_destroyed_and_not_a_quarter_earlier():
    waiting, places = answers(2), []
    for quarter in range(9):
        closed = close_batches(waiting, Q + quarter, NOBODY_ENDED, POLICY)
        assert closed.groups == ()
        waiting = closed.waiting
        places += [{r.place for r in waiting}]
    assert places == [{"program"}] * 5 + [{"pool"}] * 2 + [{"county"}] + [set()]
    assert keys(closed.destroyed) == keys(answers(2))


def test_the_last_quarter_is_a_last_chance_to_be_heard():
    """Answers of eight quarters ago are let out if they can be; only what is left over is destroyed."""
    old = answers(3) + answers(3, "dov")
    fresh = answers(5, "fay", quarter=Q + 6)
    waiting = old
    for quarter in range(6):
        waiting = close_batches(waiting, Q + quarter, NOBODY_ENDED, POLICY).waiting
    ended = Ended(POOLS, programs=frozenset({"fay"}))
    for quarter in (6, 7):
        closed = close_batches([*waiting, *(fresh if quarter == 6 else ())], Q + quarter, ended, POLICY)
        waiting = closed.waiting
    closed = close_batches(waiting, Q + 8, ended, POLICY)
    assert shape(closed) == [("county", "county", "mixed", 11)]
    assert closed.destroyed == ()


def test_a_response_keeps_nothing_but_where_it_belongs():
    assert set(Waiting.__struct_fields__) == {
        "key",
        "program",
        "contract",
        "audience",
        "origin",
        "collected",
        "counted",
        "place",
        "since",
    }


# --- Many quarters, many programs: a slow oracle and the promises.

QUARTERS = 13


class Story(msgspec.Struct):
    """What arrives in each quarter, and when programs and contracts end."""

    arrivals: dict[int, list[Waiting]]
    ended_programs: dict[str, int]
    ended_contracts: dict[tuple[str, str | None], int]

    def ended(self, quarter):
        return Ended(
            POOLS,
            frozenset(name for name, last in self.ended_programs.items() if last <= quarter),
            frozenset(name for name, last in self.ended_contracts.items() if last <= quarter),
        )

    def people(self):
        return [response for arrived in self.arrivals.values() for response in arrived]


PROGRAMS = st.sampled_from(list(POOLS))
CONTRACTORS = st.sampled_from([None, None, "casa-luz", "olive-crest"])
COHORT = st.tuples(
    PROGRAMS,
    st.sampled_from(AUDIENCES),
    st.integers(0, 8),  # the quarter it counts from
    st.sampled_from([0, 0, 0, -1, 1, 2]),  # arrives early (before that quarter is released) or late
    st.sampled_from([0, 1, 5]),  # how long before it an entered response was given
    st.sampled_from(ORIGINS),
    CONTRACTORS,
    st.one_of(st.integers(1, 5), st.integers(1, 14)),
)


@st.composite
def stories(draw):
    arrivals = defaultdict(list)
    cohorts = draw(st.lists(COHORT, min_size=1, max_size=22))
    for number, (program, audience, counted, delay, before, origin, contract, many) in enumerate(cohorts):
        arrivals[max(0, counted + delay)] += answers(
            many,
            program,
            audience,
            Q + counted,
            origin=origin,
            contract=contract,
            name=str(number),
            collected=Q + (counted - before) if origin == "entered" else None,
        )
    return Story(
        dict(arrivals),
        draw(st.dictionaries(PROGRAMS, st.integers(0, 9), max_size=4)),
        draw(st.dictionaries(st.tuples(PROGRAMS, CONTRACTORS), st.integers(0, 9), max_size=4)),
    )


def told(story, *, shuffled=None, origins=ORIGINS, policy=POLICY):
    """Release quarter after quarter; return what each one did and what it was given."""
    waiting, releases = [], []
    for quarter in range(QUARTERS):
        given_ = [*waiting, *(r for r in story.arrivals.get(quarter, []) if r.origin in origins)]
        if shuffled is not None:
            shuffled.shuffle(given_)
        closed = close_batches(given_, Q + quarter, story.ended(quarter), policy)
        releases.append((given_, closed))
        waiting = closed.waiting
    return releases


def plain(group: Group):
    return (
        group.kind,
        group.owner,
        group.audience,
        group.origin,
        group.contract,
        frozenset(keys(group.members)),
    )


class Oracle:
    """Point 1 to 3 of “Closing batches”, sentence by sentence, over one list of people."""

    def __init__(self):
        self.place = {}  # key -> (place, since)

    def release(self, people, quarter, ended):
        self.people = [person for person in people if not Q + quarter < person.counted]
        self.quarter, self.groups, self.gone = quarter, [], set()
        for origin in ("entered", "live"):
            for program in sorted(POOLS):
                for contract in (None, "casa-luz", "olive-crest"):
                    self.close_program(origin, program, contract)
                    self.move_to_pool(origin, program, contract, ended)
            self.close_pools("pool", origin)
            for person in self.at("pool", origin):
                if quarter - self.place[person.key][1] >= 2:
                    self.place[person.key] = ("county", quarter)
            self.close_pools("county", origin)
        left = [person for person in self.people if person.key not in self.gone]
        return self.groups, {p.key for p in left if Q + quarter - p.counted >= 8}

    def at(self, place, origin):
        here = [p for p in self.people if self.place.get(p.key, ("program", None))[0] == place]
        return [p for p in here if p.origin == origin and p.key not in self.gone]

    def of(self, origin, program, contract):
        return [p for p in self.at("program", origin) if (p.program, p.contract) == (program, contract)]

    def close(self, kind, owner, audience, origin, people, contract=None):
        members = frozenset(keys(people))
        assert not members & self.gone
        self.groups.append((kind, owner, audience, origin, contract, members))
        self.gone |= members

    def close_program(self, origin, program, contract):
        for audience in ("youth", "caregiver", "expert", "partner"):
            pending = [p for p in self.of(origin, program, contract) if p.audience == audience]
            if len(pending) >= K:
                self.close("program", program, audience, origin, pending, contract)
        rest = [p for p in self.of(origin, program, contract) if p.audience != "partner"]
        if len(rest) >= K:
            self.close("program", program, "mixed", origin, rest, contract)

    def move_to_pool(self, origin, program, contract, ended):
        waiting = self.of(origin, program, contract)
        over = program in ended.programs or (program, contract) in ended.contracts
        if over or any(Q + self.quarter - p.counted > 4 for p in waiting):
            self.place |= {p.key: ("pool", self.quarter) for p in waiting}

    def close_pools(self, kind, origin):
        """“A pool closes with >= k responses from >= 3 programs”; partners are apart here as everywhere."""
        for owner in ("classes", "courts", "families") if kind == "pool" else ("county",):
            here = [p for p in self.at(kind, origin) if owner in (POOLS[p.program], "county")]
            for audience, partners in (("mixed", False), ("partner", True)):
                members = [p for p in here if (p.audience == "partner") is partners]
                if len(members) >= K and len({p.program for p in members}) >= 3:
                    self.close(kind, owner, audience, origin, members)


@pytest.mark.slow
@given(story=stories())
@settings(max_examples=120, deadline=None)
def test_every_release_does_exactly_what_the_text_says(story):
    oracle = Oracle()
    for quarter, (given_, closed) in enumerate(told(story)):
        groups, destroyed = oracle.release(given_, quarter, story.ended(quarter))
        assert [plain(group) for group in closed.groups] == groups
        assert keys(closed.destroyed) == destroyed
        for response in closed.waiting:
            assert (response.place, response.since and response.since - Q) == oracle.place.get(
                response.key, ("program", None)
            )


@pytest.mark.slow
@given(story=stories())
@settings(max_examples=120, deadline=None)
def test_over_its_whole_life_every_response_is_in_one_batch_or_destroyed_or_still_young(story):
    original = {response.key: response for response in story.people()}
    ended_in = Counter()
    for quarter, (given_, closed) in enumerate(told(story)):
        let_out = [member.key for group in closed.groups for member in group.members]
        places = [*let_out, *(r.key for r in closed.waiting), *(r.key for r in closed.destroyed)]
        assert sorted(places) == sorted(response.key for response in given_)
        ended_in.update([*let_out, *(r.key for r in closed.destroyed)])
        assert all(Q + quarter - original[r.key].counted >= 8 for r in closed.destroyed)
        assert all(Q + quarter - r.counted < 8 for r in closed.waiting)
        for response in closed.waiting:
            was = original[response.key]
            assert msgspec.structs.replace(response, place=was.place, since=was.since) == was
            if response.counted > Q + quarter:
                assert response == was
            elif response.place == "program":
                assert Q + quarter - response.counted <= 4
            else:
                assert Q + quarter - response.since < 2 or response.place == "county"
    assert set(ended_in.values()) <= {1}
    # Nothing counts from later than the eighth quarter, so nobody of the first five can still be waiting.
    assert {key for key, response in original.items() if response.counted <= Q + 4} <= set(ended_in)


@pytest.mark.slow
@given(story=stories())
@settings(max_examples=120, deadline=None)
def test_every_batch_keeps_the_promises_made_about_batches(story):
    for quarter, (_, closed) in enumerate(told(story)):
        for group in closed.groups:
            people = group.members
            assert len(people) >= K
            assert len(keys(people)) == len(people)
            assert {p.origin for p in people} == {group.origin}
            assert ({"partner"} == {p.audience for p in people}) == (group.audience == "partner")
            assert group.audience == "partner" or "partner" not in {p.audience for p in people}
            assert all(p.counted <= Q + quarter for p in people)
            assert (group.first, group.last) == (
                min(p.collected for p in people),
                max(p.collected for p in people),
            )
            if group.kind == "program":
                assert {(p.program, p.contract) for p in people} == {(group.owner, group.contract)}
                assert group.audience == "mixed" or {p.audience for p in people} == {group.audience}
            else:
                assert len({p.program for p in people}) >= 3
                assert group.contract is None
                assert group.kind == "county" or {POOLS[p.program] for p in people} == {group.owner}


@given(story=stories(), seed=st.integers(0, 2**16))
@settings(max_examples=60, deadline=None)
def test_the_order_of_arrival_does_not_matter(story, seed):
    straight, shuffled = told(story), told(story, shuffled=random.Random(seed))
    for (_, one), (_, other) in zip(straight, shuffled, strict=True):
        assert [plain(group) for group in one.groups] == [plain(group) for group in other.groups]
        assert set(one.waiting) == set(other.waiting)
        assert set(one.destroyed) == set(other.destroyed)


@given(story=stories(), origin=st.sampled_from(ORIGINS))
@settings(max_examples=60, deadline=None)
def test_one_origin_closes_the_same_whether_or_not_the_other_exists(story, origin):
    together, alone = told(story), told(story, origins=(origin,))
    for (_, both), (_, one) in zip(together, alone, strict=True):
        assert [plain(g) for g in both.groups if g.origin == origin] == [plain(g) for g in one.groups]
        assert {r for r in both.waiting if r.origin == origin} == set(one.waiting)
        assert {r for r in both.destroyed if r.origin == origin} == set(one.destroyed)


def test_stories_of_chance_reach_every_kind_of_batch_and_end():
    """The properties above would prove nothing if nothing ever closed."""
    source, seen = random.Random(4), Counter()
    for number in range(60):
        arrivals = defaultdict(list)
        for cohort in range(40):
            counted = source.randrange(9)
            arrivals[counted] += answers(
                source.randint(1, 4),
                source.choice(list(POOLS)),
                source.choice(AUDIENCES),
                Q + counted,
                origin=source.choice(ORIGINS),
                name=f"{number}/{cohort}",
            )
        ended = {program: source.randrange(9) for program in source.sample(list(POOLS), 4)}
        for _, closed in told(Story(dict(arrivals), ended, {})):
            seen.update((group.kind, group.audience) for group in closed.groups)
            seen["destroyed"] += len(closed.destroyed)
    assert {("program", "mixed"), ("pool", "mixed"), ("county", "mixed"), ("county", "partner")} <= set(seen)
    assert seen["destroyed"] > 100


def test_a_response_of_an_audience_no_longer_asked_does_not_vanish():
    closed = close_batches(answers(3, audience="elder"), Q, NOBODY_ENDED, POLICY)
    assert keys(closed.waiting) == keys(answers(3, audience="elder"))
