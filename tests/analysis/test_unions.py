"""Joining pulse batches: fields, details, themes, languages (docs/disclosure.md, “Closing the others”)."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.batch_ledger import EXPERT, MIXED, OWN, PARTNER, Batch, batch_id, survey_class
from analysis.parameters import Parameters
from analysis.unions import OTHER, Unions, language_groups
from surveys.periods import Period

USUAL = Parameters()
POOLS = {"ada": "courts", "ben": "courts", "cleo": "courts", "dov": "families", "eli": "families"}
BEFORE_CLASS = survey_class("before-class")
SPRING, WINTER = Period(2026, 2), Period(2026, 4)


class Story:
    """Pulse batches as they were closed, each with all its rows at hand."""

    def __init__(self):
        self.pulses, self.at_hand = [], {}

    def pulse(
        self,
        n,
        owner="ada",
        audience="youth",
        release=SPRING,
        *,
        scope="program",
        class_=None,
        wave=None,
        origin="live",
        contract=None,
        languages=None,
        lost=0,
    ):
        name = batch_id(len(self.pulses) + 1)
        class_ = class_ or {"expert": EXPERT, "partner": PARTNER}.get(audience, OWN)
        quarter = str(release)
        self.pulses.append(
            Batch(
                id=name,
                kind="pulse",
                scope=scope,
                owner=owner,
                audience=audience,
                class_=class_,
                wave=wave,
                origin=origin,
                first=quarter,
                last=quarter,
                release=quarter,
                n=n,
                contract=contract,
            )
        )
        self.at_hand[name] = Counter(languages or {"en": n - lost})
        return self

    def close(self, closing, detailed=(), parameters=USUAL):
        return Unions(self.pulses, frozenset(detailed), self.at_hand, closing, POOLS, parameters).close()

    def shape(self, closing, *kinds, **more):
        """Return what was joined: (kind, owner, audience, people)."""
        return [
            (union.kind, union.owner, union.audience, union.n)
            for union in self.close(closing, **more)
            if union.kind in kinds
        ]


def pulses(*batches, **more):
    story = Story()
    for one in batches:
        story.pulse(*one, **more)
    return story


# --- Fields


def test_fields_are_the_countys_by_audience_in_every_release_from_eighty_people():
    story = pulses((40,), (40, "ben"), (79, "ben", "caregiver"), (60, "ada", MIXED)).pulse(
        20, "courts", MIXED, scope="pool"
    )
    assert story.shape(SPRING, "fields") == [
        ("fields", "county", "mixed", 80),
        ("fields", "county", "youth", 80),
    ]
    assert {union.scope for union in story.close(SPRING)} == {"county"}


@pytest.mark.parametrize(
    "second",
    [
        {"origin": "entered"},
        {"wave": "after"},
        {"class_": BEFORE_CLASS},
        {"release": SPRING + -1},
        {"audience": "expert"},
        {"audience": "partner"},
    ],
)
def test_fields_join_only_what_one_release_let_out_of_one_sort(second):
    assert pulses((79,)).pulse(79, "ben", **second).shape(SPRING, "fields") == []


# --- Details


def test_a_large_audience_has_its_questions_in_any_release():
    story = pulses((60, "ada", "youth", SPRING + -1), (40,), (99, "ben"))
    (union,) = [union for union in story.close(SPRING) if union.kind == "detail"]
    assert (union.scope, union.owner, union.audience, union.n) == ("program", "ada", "youth", 100)
    assert union.of == ("B00001", "B00002")
    assert (union.first, union.last) == ("2026Q1", "2026Q2")
    assert not union.shared


def test_what_is_in_a_detail_is_never_in_another_detail():
    story = pulses((60, "ada", "youth", SPRING + -1), (100,))
    assert story.shape(SPRING, "detail", detailed=["B00001"]) == [("detail", "ada", "youth", 100)]
    assert story.shape(WINTER, "detail", detailed=["B00001", "B00002"]) == []


def test_once_a_year_audiences_close_then_the_rest_of_the_program_then_pools_then_the_county():
    story = pulses(
        (38, "ada"),
        (20, "ada", "caregiver"),
        (11, "ada", MIXED),
        (15, "ben"),
        (15, "cleo"),
        (11, "dov"),
        (11, "eli"),
    ).pulse(16, "county", MIXED, scope="county")
    story.pulse(11, "courts", MIXED, scope="pool")
    assert story.shape(WINTER, "detail") == [
        ("detail", "ada", "youth", 38),
        ("detail", "ada", "mixed", 31),
        ("detail", "courts", "mixed", 41),
        ("detail", "county", "mixed", 38),
    ]
    assert [union.shared for union in story.close(WINTER) if union.kind == "detail"] == [False] + [True] * 3
    assert story.shape(SPRING, "detail") == []


@pytest.mark.parametrize(("third", "closes"), [("cleo", ["courts"]), ("ben", [])])
def test_a_pool_joins_three_programs_or_more(third, closes):
    story = pulses((14, "ada"), (12, "ben"), (12, third))
    assert [union.owner for union in story.close(WINTER) if union.kind == "detail"] == closes


def test_thirty_seven_people_in_all_have_no_questions_anywhere():
    assert pulses((13, "ada"), (12, "ben"), (12, "cleo")).shape(WINTER, "detail") == []


def test_a_detail_never_joins_two_contracts_of_a_program():
    story = pulses((60,), contract="casa-luz/2026Q1").pulse(60, contract="olive/2026Q2")
    assert story.shape(SPRING, "detail") == []
    yearly = [union for union in story.close(WINTER) if union.kind == "detail"]
    assert [(union.contract, union.n) for union in yearly] == [
        ("casa-luz/2026Q1", 60),
        ("olive/2026Q2", 60),
    ]


def test_only_the_years_own_batches_are_joined_since_older_rows_are_gone():
    story = pulses((60, "ada", "youth", WINTER + -4), (30,))
    assert story.shape(WINTER, "detail") == [("detail", "ada", "mixed", 30)]


def test_experts_are_joined_for_the_whole_county_and_wait_up_to_eight_quarters():
    story = pulses((12, "ada", "expert", WINTER + -8), (11, "ben", "expert", WINTER + -3))
    story.pulse(15, "county", "expert", scope="county")
    (union,) = [union for union in story.close(WINTER) if union.kind == "detail"]
    assert (union.owner, union.audience, union.n, union.shared) == ("county", "expert", 38, False)
    older = pulses((12, "ada", "expert", WINTER + -9), (37, "ben", "expert"))
    assert older.shape(WINTER, "detail") == []
    assert older.shape(SPRING, "detail") == []


def test_a_survey_without_core_questions_has_nothing_to_share_with_others():
    story = pulses((37, "ada"), (38, "ben"), class_=BEFORE_CLASS)
    assert story.shape(WINTER, "detail") == [("detail", "ben", "youth", 38)]
    assert story.shape(WINTER, "themes") == [("themes", "ada", "youth", 37), ("themes", "ben", "youth", 38)]
    assert story.shape(WINTER, "fields", "language") == []
    pooled = pulses((14, "ada"), (12, "ben"), (12, "cleo"), class_=BEFORE_CLASS)
    (union,) = [union for union in pooled.close(WINTER) if union.kind == "detail"]
    assert (union.owner, union.audience, union.shared) == ("courts", "youth", False)


def test_partners_are_joined_among_themselves():
    story = pulses((30, "ada", "partner"), (14, "ben", "partner"), (14, "ben"))
    assert story.shape(WINTER, "detail") == [("detail", "ada", "partner", 30)]


def test_a_batch_of_which_a_row_is_lost_is_in_no_detail_and_no_theme_and_there_are_no_languages():
    story = pulses((50,), (60, "ben"), languages=None).pulse(60, "cleo", lost=1)
    assert story.shape(WINTER, "detail") == [("detail", "ada", "youth", 50), ("detail", "ben", "youth", 60)]
    assert story.shape(WINTER, "themes") == [
        ("themes", "ada", "mixed", 50),
        ("themes", "ben", "mixed", 60),
        ("themes", "county", "mixed", 110),
    ]
    many = pulses((90,), languages={"en": 50, "es": 40})
    assert many.shape(WINTER, "language") != []
    assert many.pulse(60, "cleo", "expert", lost=1).shape(WINTER, "language") == []


# --- Themes and languages


def test_themes_are_drawn_once_a_year_for_programs_and_for_the_county():
    story = pulses((20, "ada", "youth", SPRING + -1), (10, "ada", MIXED), (29, "ben"), (30, "dov", "expert"))
    assert story.shape(SPRING, "themes") == []
    assert story.shape(WINTER, "themes") == [
        ("themes", "dov", "expert", 30),
        ("themes", "county", "expert", 30),
        ("themes", "ada", "mixed", 30),
        ("themes", "county", "mixed", 59),
    ]


def test_languages_are_drawn_once_a_year_for_each_class():
    story = pulses((80,), languages={"en": 50, "es": 30}).pulse(
        90, "ben", "expert", languages={"en": 60, "es": 10, "ko": 20}
    )
    assert story.shape(SPRING, "language") == []
    assert story.shape(WINTER, "language") == [
        ("language", "en", "expert", 60),
        ("language", "other", "expert", 30),
        ("language", "en", "mixed", 50),
        ("language", "es", "mixed", 30),
    ]
    assert {union.of for union in story.close(WINTER) if union.kind == "language"} == {()}


@pytest.mark.parametrize(
    ("people", "groups"),
    [
        ({"en": 100}, {}),
        ({}, {}),
        ({"en": 29, "es": 20}, {}),
        ({"en": 100, "es": 29}, {}),
        ({"en": 100, "es": 30}, {"en": {"en"}, "es": {"es"}}),
        ({"en": 100, "es": 31, "ko": 29}, {"en": {"en"}, OTHER: {"es", "ko"}}),
        ({"en": 100, "es": 31, "ko": 20, "hy": 10}, {"en": {"en"}, "es": {"es"}, OTHER: {"ko", "hy"}}),
    ],
)
def test_languages_of_too_few_are_one_group_and_one_group_is_no_table(people, groups):
    assert language_groups(people, 30) == groups


# --- Whatever there is


PULSE = st.tuples(
    st.integers(11, 70),
    st.sampled_from(["ada", "ben", "cleo", "dov", "eli"]),
    st.sampled_from(["youth", "caregiver", "expert", "partner", MIXED]),
    st.integers(-5, 0),
    st.sampled_from(["program", "program", "program", "pool", "county"]),
    st.sampled_from(["live", "live", "entered"]),
    st.sampled_from([None, None, "before"]),
    st.sampled_from([None, None, "casa-luz/2025Q1"]),
    st.sampled_from([0, 0, 0, 0, 1]),
)


@st.composite
def stories(draw):
    story = Story()
    for n, owner, audience, age, scope, origin, wave, contract, lost in draw(st.lists(PULSE, max_size=25)):
        joint = audience if audience in ("expert", "partner") else MIXED
        place = {"program": owner, "pool": POOLS[owner], "county": "county"}[scope]
        story.pulse(
            n,
            place,
            audience if scope == "program" else joint,
            WINTER + age,
            scope=scope,
            origin=origin,
            wave=wave,
            contract=contract if scope == "program" else None,
            languages={"en": n - lost - 5, "es": 5},
        )
    return story


@pytest.mark.slow
@given(story=stories(), closing=st.sampled_from([WINTER, WINTER + -1]))
@settings(max_examples=150, deadline=None)
def test_every_union_keeps_the_promises_made_about_unions(story, closing):
    story.pulses = [pulse for pulse in story.pulses if Period.parse(pulse.release) <= closing]
    unions = story.close(closing)
    whole = {pulse.id: pulse for pulse in story.pulses}
    for union in unions:
        joined = [pulse for pulse in story.pulses if pulse in union.joined]
        assert {pulse.sort for pulse in joined} == {union.sort}
        if union.kind == "language":
            continue
        assert union.n == sum(pulse.n for pulse in joined) == sum(whole[name].n for name in union.of)
        if union.kind != "fields":
            assert all(story.at_hand[name].total() == whole[name].n for name in union.of)
        if union.scope == "program":
            assert {(pulse.scope, pulse.owner, pulse.contract) for pulse in joined} == {
                ("program", union.owner, union.contract)
            }
    for kind, scopes in (
        ("fields", {"county"}),
        ("detail", {"program", "pool", "county"}),
        ("themes", {"program"}),
        ("themes", {"county"}),
    ):
        used = Counter(name for u in unions if u.kind == kind and u.scope in scopes for name in u.of)
        assert set(used.values()) <= {1}
    least = {"fields": 80, "detail": 30, "themes": 30, "language": 30}
    assert all(union.n >= least[union.kind] for union in unions)
    assert {union.kind for union in unions} <= ({"fields", "detail"} if closing != WINTER else set(least))


@given(story=stories(), n=st.integers(11, 60))
@settings(max_examples=60, deadline=None)
def test_stricter_parameters_are_kept_to(story, n):
    strict = Parameters(detail_n=100 + n, audience_n=38 + n, fields_n=80 + n, mixed_n=30 + n)
    least = {"fields": 80 + n, "detail": 30 + n, "themes": 30 + n, "language": 30}
    assert all(union.n >= least[union.kind] for union in story.close(WINTER, parameters=strict))


@given(story=stories())
@settings(max_examples=60, deadline=None)
def test_the_order_in_which_the_ledger_is_read_does_not_matter(story):
    straight = story.close(WINTER)
    story.pulses.reverse()
    assert story.close(WINTER) == straight


def test_a_union_holds_no_answers():
    assert set(msgspec.structs.asdict(pulses((100,)).close(SPRING)[0])) == {
        "kind",
        "scope",
        "owner",
        "audience",
        "sort",
        "joined",
        "n",
        "contract",
        "shared",
        "languages",
    }
