"""Closing pulse batches, against a slow reading of docs/disclosure.md over many quarters."""

import random
from collections import Counter, defaultdict

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.batch_ledger import EXPERT, OWN, PARTNER, survey_class
from analysis.closing import Closing, Endings, Pending, close_pulses, together
from analysis.parameters import Parameters
from surveys.instruments import AUDIENCES
from surveys.periods import Period

Q = Period(2026, 1)
"""The first quarter of every story."""
K = 11
USUAL = Parameters()
POOLS = {
    "ada": "courts",
    "ben": "courts",
    "cleo": "courts",
    "dov": "families",
    "eli": "families",
    "fay": "classes",
}
NOBODY_ENDED = Endings(POOLS)
EVERYBODY_ENDED = Endings(POOLS, programs=frozenset(POOLS))
ORIGINS = ("live", "entered")
BEFORE_CLASS = survey_class("before-class")


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
    class_=None,
    wave=None,
):
    """Return `many` sealed responses of one kind."""
    class_ = class_ or {"expert": EXPERT, "partner": PARTNER}.get(audience, OWN)
    label = f"{program}/{contract}/{audience}/{origin}/{class_}/{wave}/{quarter}/{collected}/{name}"
    return [
        Pending(
            key=f"{label}/{number}".encode(),
            program=program,
            contract=contract,
            audience=audience,
            origin=origin,
            class_=class_,
            wave=wave,
            collected=collected or quarter,
            counted=quarter,
            language="en",
        )
        for number in range(many)
    ]


def shape(closing: Closing):
    """Return what was closed: (scope, owner, audience, how many), in order."""
    return [(group.scope, group.owner, group.audience, len(group.members)) for group in closing.groups]


def keys(responses):
    return {response.key for response in responses}


def close(responses, quarter=Q, endings=NOBODY_ENDED, parameters=USUAL):
    return close_pulses(responses, quarter, endings, parameters)


# --- One release, by hand.


def test_an_audience_of_eleven_is_a_batch_of_all_of_them():
    closed = close(answers(11))
    (group,) = closed.groups
    assert (group.scope, group.owner, group.audience) == ("program", "ada", "youth")
    assert (group.sort.origin, group.sort.class_, group.sort.wave) == ("live", OWN, "")
    assert keys(group.members) == keys(answers(11))
    assert closed.waiting == closed.destroyed == ()


def test_ten_answers_wait_sealed_as_they_were():
    assert close(answers(10)) == Closing((), tuple(answers(10)), ())


def test_audiences_under_eleven_close_together_as_mixed():
    assert shape(close([*answers(6), *answers(5, audience="caregiver")])) == [("program", "ada", "mixed", 11)]


def test_a_big_audience_closes_alone_and_the_rest_waits_when_it_is_under_eleven():
    closed = close([*answers(5), *answers(30, audience="caregiver")])
    assert shape(closed) == [("program", "ada", "caregiver", 30)]
    assert keys(closed.waiting) == keys(answers(5))


@pytest.mark.parametrize(
    "others",
    [
        answers(10, audience="partner"),
        answers(10, audience="expert"),
        answers(10, origin="entered"),
        answers(10, contract="casa-luz/2026Q1"),
        answers(10, wave="before"),
        answers(10, class_=BEFORE_CLASS),
    ],
)
def test_what_may_never_stand_in_one_batch_never_makes_up_each_others_eleven(others):
    """Someone who sends ten answers it knows must learn nothing about the one answer beside them."""
    assert shape(close([*answers(10), *others])) == []


def test_a_survey_without_core_questions_closes_for_each_audience_alone():
    few = [*answers(6, class_=BEFORE_CLASS), *answers(6, audience="caregiver", class_=BEFORE_CLASS)]
    assert shape(close(few)) == []
    assert shape(close([*few, *answers(5, class_=BEFORE_CLASS, name="more")])) == [
        ("program", "ada", "youth", 11)
    ]
    pooled = [r for p in ("ada", "ben", "cleo") for r in answers(4, p, "expert", class_=BEFORE_CLASS)]
    assert shape(close(pooled, endings=EVERYBODY_ENDED)) == [("pool", "courts", "expert", 12)]


def test_experts_of_programs_that_have_too_few_close_together_for_the_county():
    everyone = [r for p, n in (("ada", 12), ("ben", 4), ("dov", 4)) for r in answers(n, p, "expert")]
    assert shape(close(everyone)) == [("program", "ada", "expert", 12)]
    closed = close([*everyone, *answers(3, "fay", "expert")])
    assert shape(closed) == [("program", "ada", "expert", 12), ("county", "county", "expert", 11)]


def test_experts_of_two_programs_are_no_batch_of_the_county():
    everyone = [r for p in ("ada", "ben") for r in answers(10, p, "expert")]
    closed = close(everyone, Q + 6)
    assert shape(closed) == []
    assert {r.place for r in closed.waiting} == {"program"}
    assert keys(close(everyone, Q + 8).destroyed) == keys(everyone)


def test_no_programs_batch_spans_two_contracts():
    ours, theirs = (answers(7, contract=contract) for contract in ("casa-luz/2026Q1", "olive/2026Q1"))
    assert shape(close([*ours, *theirs])) == []
    more = [*ours, *theirs, *answers(4, audience="caregiver", contract="casa-luz/2026Q1")]
    (group,) = close(more).groups
    assert (group.contract, group.audience, len(group.members)) == ("casa-luz/2026Q1", "mixed", 11)


def test_an_ended_contract_moves_its_own_waiting_answers_and_not_the_next_contracts():
    everyone = [*answers(5, contract="casa-luz"), *answers(5, contract="olive-crest")]
    closed = close(everyone, endings=Endings(POOLS, contracts=frozenset({("ada", "casa-luz")})))
    assert {(r.contract, r.place, r.since) for r in closed.waiting} == {
        ("casa-luz", "pool", Q),
        ("olive-crest", "program", None),
    }


def test_batches_come_in_code_order_and_then_in_audience_order():
    everyone = [
        *answers(11, "cleo"),
        *answers(11, "ada", "partner"),
        *answers(6, "ben", "youth"),
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
        ("live", "ada", "casa-luz", "youth"),
        ("live", "ben", None, "mixed"),
        ("live", "cleo", None, "youth"),
        ("live", "ada", None, "partner"),
    ]
    for order in (everyone, everyone[::-1]):
        groups = close(order).groups
        assert [(g.sort.origin, g.owner, g.contract, g.audience) for g in groups] == expected


def test_a_batch_says_the_first_and_last_quarter_in_which_its_people_answered():
    everyone = [*answers(4, quarter=Q + 2), *answers(4, quarter=Q), *answers(3, quarter=Q + 3)]
    (group,) = close(everyone, Q + 3).groups
    assert (group.first, group.last) == (Q, Q + 3)


def test_entered_answers_say_when_they_were_given_and_wait_from_when_they_were_typed():
    typed = answers(11, origin="entered", quarter=Q + 9, collected=Q)
    (group,) = close(typed, Q + 9).groups
    assert (group.first, group.last) == (Q, Q)
    few = answers(3, origin="entered", quarter=Q + 9, collected=Q)
    assert close(few, Q + 9) == Closing((), tuple(few), ())


def test_an_answer_of_a_later_quarter_helps_nobody_reach_eleven_and_waits_untouched():
    later = answers(1, quarter=Q + 1)
    closed = close([*answers(10), *later], endings=EVERYBODY_ENDED)
    assert shape(closed) == []
    assert {(r.key, r.place) for r in closed.waiting} == {
        *((key, "pool") for key in keys(answers(10))),
        (later[0].key, "program"),
    }


@pytest.mark.parametrize(("age", "place"), [(0, "program"), (4, "program"), (5, "pool"), (7, "pool")])
def test_answers_move_to_the_pool_when_one_is_more_than_four_quarters_old(age, place):
    closed = close([*answers(1), *answers(3, quarter=Q + age)], Q + age)
    assert {(r.place, r.since) for r in closed.waiting} == {(place, Q + age if place == "pool" else None)}


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
    everyone = [r for p, many in zip(("ada", "ben", "cleo"), parts, strict=True) for r in answers(many, p)]
    closed = close(everyone, endings=EVERYBODY_ENDED)
    assert shape(closed) == pools
    assert all(group.contract is None for group in closed.groups)
    assert len(closed.waiting) == (0 if pools else len(everyone))


def test_stricter_parameters_are_kept_to():
    everyone = [*answers(12, "ada"), *answers(5, "ben"), *answers(5, "cleo"), *answers(5, "dov")]
    endings = Endings(dict.fromkeys(POOLS, "courts"), programs=frozenset(POOLS))
    assert shape(close(everyone, endings=endings, parameters=Parameters(k=13))) == [
        ("pool", "courts", "mixed", 27)
    ]
    assert shape(close(everyone, endings=endings, parameters=Parameters(pool_programs=4))) == [
        ("program", "ada", "youth", 12)
    ]


def test_what_a_pool_held_two_quarters_joins_the_county_pool_and_closes_there():
    waiting = [*answers(5, "ada"), *answers(5, "dov"), *answers(5, "fay")]
    for quarter in (Q, Q + 1):
        closed = close(waiting, quarter, EVERYBODY_ENDED)
        assert {(r.place, r.since) for r in closed.waiting} == {("pool", Q)}
        waiting = closed.waiting
    assert shape(close(waiting, Q + 2, EVERYBODY_ENDED)) == [("county", "county", "mixed", 15)]


def test_what_waited_eight_quarters_in_all_is_destroyed_and_not_a_quarter_earlier():
    waiting, places = answers(2), []
    for quarter in range(9):
        closed = close(waiting, Q + quarter)
        waiting = closed.waiting
        places += [{r.place for r in waiting}]
    assert places == [{"program"}] * 5 + [{"pool"}] * 2 + [{"county"}] + [set()]
    assert keys(closed.destroyed) == keys(answers(2))


def test_partners_have_pools_of_their_own():
    everyone = [r for p in ("ada", "ben", "cleo") for a in ("youth", "partner") for r in answers(4, p, a)]
    assert shape(close(everyone, endings=EVERYBODY_ENDED)) == [
        ("pool", "courts", "mixed", 12),
        ("pool", "courts", "partner", 12),
    ]


def test_a_response_of_an_audience_no_longer_asked_does_not_vanish():
    assert keys(close(answers(3, audience="elder")).waiting) == keys(answers(3, audience="elder"))


def test_the_first_pass_sees_nothing_that_anybody_answered():
    assert set(Pending.__struct_fields__) == {
        "key",
        "program",
        "contract",
        "audience",
        "origin",
        "class_",
        "wave",
        "collected",
        "counted",
        "language",
        "place",
        "since",
    }


# --- Many quarters, many programs: a slow oracle and the promises.

QUARTERS = 13


class Story(msgspec.Struct):
    """What arrives in each quarter, and when programs and contracts end."""

    arrivals: dict[int, list[Pending]]
    ended_programs: dict[str, int]
    ended_contracts: dict[tuple[str, str | None], int]

    def endings(self, quarter):
        return Endings(
            POOLS,
            frozenset(name for name, last in self.ended_programs.items() if last <= quarter),
            frozenset(name for name, last in self.ended_contracts.items() if last <= quarter),
        )


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
    st.sampled_from([None, None, None, None, "before", BEFORE_CLASS]),
    st.one_of(st.integers(1, 5), st.integers(1, 14)),
)


@st.composite
def stories(draw):
    arrivals = defaultdict(list)
    cohorts = draw(st.lists(COHORT, min_size=1, max_size=22))
    for number, (program, audience, counted, delay, before, origin, contract, which, many) in enumerate(
        cohorts
    ):
        arrivals[max(0, counted + delay)] += answers(
            many,
            program,
            audience,
            Q + counted,
            origin=origin,
            contract=contract,
            name=str(number),
            collected=Q + (counted - before) if origin == "entered" else None,
            class_=which if which == BEFORE_CLASS else None,
            wave=which if which == "before" else None,
        )
    return Story(
        dict(arrivals),
        draw(st.dictionaries(PROGRAMS, st.integers(0, 9), max_size=4)),
        draw(st.dictionaries(st.tuples(PROGRAMS, CONTRACTORS), st.integers(0, 9), max_size=4)),
    )


def releases_of(story, *, shuffled=None, alone=None):
    """Release quarter after quarter; return what each one did and what it was given."""
    waiting, releases = [], []
    for quarter in range(QUARTERS):
        responses = [*waiting, *(r for r in story.arrivals.get(quarter, []) if alone in (None, kin(r)))]
        if shuffled is not None:
            shuffled.shuffle(responses)
        closed = close(responses, Q + quarter, story.endings(quarter))
        releases.append((responses, closed))
        waiting = closed.waiting
    return releases


def kin(response):
    return (
        response.origin,
        response.class_,
        response.audience if response.class_ == BEFORE_CLASS else "",
        response.wave or "",
    )


def plain(group):
    return (group.scope, group.owner, group.audience, group.contract, frozenset(keys(group.members)))


class Oracle:
    """docs/disclosure.md, “Closing pulse batches”, sentence by sentence, over one list of people."""

    def __init__(self):
        self.place = {}  # key -> (place, since)

    def release(self, people, quarter, endings):
        self.quarter, self.groups, self.gone = quarter, [], set()
        present = [person for person in people if person.counted <= Q + quarter]
        for one in sorted({kin(person) for person in present}):
            self.people = [person for person in present if kin(person) == one]
            if one[1] == EXPERT:
                self.close_experts()
            else:
                self.close_others("mixed" if one[1] == OWN else one[2] or one[1], endings)
        rest = [person for person in present if person.key not in self.gone]
        return self.groups, {p.key for p in rest if Q + quarter - p.counted >= 8}

    def at(self, place):
        here = [p for p in self.people if self.place.get(p.key, ("program", None))[0] == place]
        return [p for p in here if p.key not in self.gone]

    def of(self, program, contract):
        return [p for p in self.at("program") if (p.program, p.contract) == (program, contract)]

    def close(self, scope, owner, audience, people, contract=None):
        members = frozenset(keys(people))
        assert not members & self.gone
        self.groups.append((scope, owner, audience, contract, members))
        self.gone |= members

    def close_others(self, joint, endings):
        for program in sorted(POOLS):
            for contract in (None, "casa-luz", "olive-crest"):
                self.close_program(program, contract)
                self.move_to_pool(program, contract, endings)
        for pool in ("classes", "courts", "families"):
            self.close_joint("pool", pool, joint, [p for p in self.at("pool") if POOLS[p.program] == pool])
        for person in self.at("pool"):
            if self.quarter - self.place[person.key][1] >= 2:
                self.place[person.key] = ("county", self.quarter)
        self.close_joint("county", "county", joint, self.at("county"))

    def close_experts(self):
        for program in sorted(POOLS):
            for contract in (None, "casa-luz", "olive-crest"):
                self.close_program(program, contract)
        self.close_joint("county", "county", "expert", self.at("program"))

    def close_program(self, program, contract):
        for audience in ("youth", "caregiver", "expert", "partner"):
            pending = [p for p in self.of(program, contract) if p.audience == audience]
            if len(pending) >= K:
                self.close("program", program, audience, pending, contract)
        rest = self.of(program, contract)
        if len(rest) >= K:
            self.close("program", program, "mixed", rest, contract)

    def move_to_pool(self, program, contract, endings):
        waiting = self.of(program, contract)
        over = program in endings.programs or (program, contract) in endings.contracts
        if over or any(Q + self.quarter - p.counted > 4 for p in waiting):
            self.place |= {p.key: ("pool", self.quarter) for p in waiting}

    def close_joint(self, scope, owner, audience, people):
        if len(people) >= K and len({p.program for p in people}) >= 3:
            self.close(scope, owner, audience, people)


@pytest.mark.slow
@given(story=stories())
@settings(max_examples=100, deadline=None)
def test_every_release_does_exactly_what_the_rule_says(story):
    oracle = Oracle()
    for quarter, (responses, closed) in enumerate(releases_of(story)):
        groups, destroyed = oracle.release(responses, quarter, story.endings(quarter))
        assert [plain(group) for group in closed.groups] == groups
        assert keys(closed.destroyed) == destroyed
        for response in closed.waiting:
            assert (response.place, response.since and response.since - Q) == oracle.place.get(
                response.key, ("program", None)
            )


@pytest.mark.slow
@given(story=stories())
@settings(max_examples=100, deadline=None)
def test_over_its_whole_life_every_response_is_in_one_batch_or_destroyed_or_still_young(story):
    original = {r.key: r for pending in story.arrivals.values() for r in pending}
    ended_in = Counter()
    for quarter, (responses, closed) in enumerate(releases_of(story)):
        released_keys = [member.key for group in closed.groups for member in group.members]
        places = [*released_keys, *(r.key for r in closed.waiting), *(r.key for r in closed.destroyed)]
        assert sorted(places) == sorted(response.key for response in responses)
        ended_in.update([*released_keys, *(r.key for r in closed.destroyed)])
        assert all(Q + quarter - original[r.key].counted >= 8 for r in closed.destroyed)
        assert all(Q + quarter - r.counted < 8 for r in closed.waiting)
        for response in closed.waiting:
            was = original[response.key]
            assert msgspec.structs.replace(response, place=was.place, since=was.since) == was
    assert set(ended_in.values()) <= {1}


@pytest.mark.slow
@given(story=stories())
@settings(max_examples=100, deadline=None)
def test_every_batch_keeps_the_promises_made_about_batches(story):
    for quarter, (_, closed) in enumerate(releases_of(story)):
        for group in closed.groups:
            people = group.members
            assert len(people) >= K
            assert len(keys(people)) == len(people)
            assert len({kin(person) for person in people}) == 1
            assert all(p.counted <= Q + quarter for p in people)
            if group.scope == "program":
                assert {(p.program, p.contract) for p in people} == {(group.owner, group.contract)}
                assert group.audience == "mixed" or {p.audience for p in people} == {group.audience}
            else:
                assert len({p.program for p in people}) >= 3
                assert (group.contract, group.audience) == (None, together(group.sort))


@pytest.mark.slow
@given(story=stories(), seed=st.integers(0, 2**16))
@settings(max_examples=40, deadline=None)
def test_the_order_of_arrival_does_not_matter(story, seed):
    straight, shuffled = releases_of(story), releases_of(story, shuffled=random.Random(seed))
    for (_, one), (_, other) in zip(straight, shuffled, strict=True):
        assert [plain(group) for group in one.groups] == [plain(group) for group in other.groups]
        assert set(one.waiting) == set(other.waiting)
        assert set(one.destroyed) == set(other.destroyed)


@given(story=stories())
@settings(max_examples=40, deadline=None)
def test_one_sort_of_answers_closes_the_same_whether_or_not_the_others_exist(story):
    everyone = [r for pending in story.arrivals.values() for r in pending]
    alone = kin(everyone[0])
    for (_, both), (_, one) in zip(releases_of(story), releases_of(story, alone=alone), strict=True):
        mine = [group for group in both.groups if kin(group.members[0]) == alone]
        assert [plain(group) for group in mine] == [plain(group) for group in one.groups]
        assert {r for r in both.waiting if kin(r) == alone} == set(one.waiting)


def test_stories_of_chance_reach_every_kind_of_batch_and_end():
    """The properties above would prove nothing if nothing ever closed."""
    source, counts = random.Random(4), Counter()
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
        last_quarters = {program: source.randrange(9) for program in source.sample(list(POOLS), 4)}
        for _, closed in releases_of(Story(dict(arrivals), last_quarters, {})):
            counts.update((group.scope, group.audience) for group in closed.groups)
            counts["destroyed"] += len(closed.destroyed)
    mixed_and_expert = {("program", "mixed"), ("pool", "mixed"), ("county", "mixed"), ("county", "expert")}
    assert mixed_and_expert | {("pool", "partner")} <= set(counts)
    assert counts["destroyed"] > 100
