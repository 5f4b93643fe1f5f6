"""What a batch counts, and with which noise: from what was asked, never from what came back."""

import math
from fractions import Fraction

import msgspec
import pytest

from analysis.batch_ledger import EXPERT, MIXED, OWN, PARTNER, Batch, sort_of, survey_class
from analysis.counting import variances
from analysis.text.themes import Codebook
from analysis.unions import Union
from surveys.domains import CORE_DOMAINS
from tests.support.ledger.county import BOOK, CAREGIVER, INSTRUMENTS, POOLS, SURVEYS, YOUTH, asking

CORE = [f"core-{domain}" for domain in CORE_DOMAINS]
OWN_SORT = sort_of("live", OWN, "youth", None)
SURVEY = survey_class("before-class")


def union(kind="detail", scope="program", owner="ada", audience="youth", sort=OWN_SORT, **more):
    one = Batch(
        id="B1",
        kind="pulse",
        scope=scope,
        owner=owner,
        audience=audience,
        class_=sort.class_,
        wave=None,
        origin="live",
        first="",
        last="",
        release="",
        n=50,
    )
    return Union(
        kind=kind, scope=scope, owner=owner, audience=audience, sort=sort, joined=(one,), n=50, **more
    )


def question_ids(it, **more):
    return [question.id for question in asking(**more).questions(it)]


def test_a_program_counts_what_its_audience_was_asked():
    assert question_ids(union()) == [question.id for question in YOUTH.questions]
    assert question_ids(union(audience="caregiver")) == [question.id for question in CAREGIVER.questions]


def test_what_several_audiences_or_programs_share_is_the_core_questions():
    assert sorted(question_ids(union(audience=MIXED, shared=True))) == sorted(CORE)
    assert sorted(question_ids(union(scope="pool", owner="courts", audience=MIXED, shared=True))) == sorted(
        CORE
    )


@pytest.mark.parametrize(
    ("questions", "shared"), [(("answered-freely",), True), (("caregiver-confidence",), False)]
)
def test_a_question_that_takes_turns_is_shared_where_all_were_asked_it_in_the_same_words(questions, shared):
    ids = question_ids(union(audience=MIXED, shared=True), rotating=questions)
    assert (questions[0] in ids) == shared


def test_a_question_in_other_words_is_another_question():
    words = tuple(
        msgspec.structs.replace(q, text="How free?") if q.id == "answered-freely" else q
        for q in CAREGIVER.questions
    )
    reworded = {**INSTRUMENTS, CAREGIVER.id: msgspec.structs.replace(CAREGIVER, questions=words)}
    ids = question_ids(
        union(audience=MIXED, shared=True), rotating=("answered-freely",), instruments=reworded
    )
    assert "answered-freely" not in ids


def test_experts_count_every_question_any_of_them_was_asked():
    surveys = {**SURVEYS, ("dov", "expert"): ("event",)}
    ids = question_ids(
        union(
            scope="county", owner="county", audience="expert", sort=sort_of("live", EXPERT, "expert", None)
        ),
        surveys_of=surveys,
    )
    assert {"advice-used", "ready-to-use", "how-heard", *CORE} <= set(ids)


def test_a_class_counts_its_own_surveys_alone():
    partners = union(owner="dov", audience="partner", sort=sort_of("live", PARTNER, "partner", None))
    course = union(owner="dov", audience="partner", sort=sort_of("live", SURVEY, "partner", None))
    assert "core-safety" in question_ids(partners)
    assert [it for it in question_ids(course) if it.startswith("core-")] == []
    assert "ready-to-use" in question_ids(course)
    lost = asking(surveys_of={("dov", "partner"): ("left-the-product",)})
    assert lost.questions(partners) == []


def test_the_noise_of_a_detail_is_for_the_survey_that_asks_most():
    drawn_with = {it.name: it.variance for it in asking().union(union())}
    assert set(drawn_with.values()) == {Fraction(20) / Fraction("0.888") ** 2}
    assert "core-safety:other" in drawn_with
    of_dov = variances(asking().union(union(owner="dov")))
    assert {name: round(math.sqrt(Fraction(it)), 1) for name, it in of_dov.items()} == {
        "scale": 5.5,
        "option": 3.9,
    }
    shared = variances(asking().union(union(audience=MIXED, shared=True)))
    assert round(math.sqrt(Fraction(shared["scale"])), 1) == 4.5


def test_fields_are_the_core_questions_of_everyone():
    fields = asking().union(union("fields", "county", "county"))
    assert {it.name for it in fields} == {f"{name}:{end}" for name in CORE for end in ("favourable", "other")}
    assert {it.variance for it in fields} == {Fraction(1600, 9)}


def test_a_definition_changes_with_what_a_count_rests_on_and_not_with_its_words():
    def meaning(**change):
        questions = tuple(
            msgspec.structs.replace(q, **change) if q.id == "core-safety" else q for q in YOUTH.questions
        )
        changed = {**INSTRUMENTS, YOUTH.id: msgspec.structs.replace(YOUTH, questions=questions)}
        definitions = asking(instruments=changed).union(union())
        return next(it.meaning for it in definitions if it.name == "core-safety:favourable")

    assert meaning() == meaning(text="How safe was it?") != meaning(favourable="first")
    assert meaning(options=YOUTH.questions[0].options[:4]) != meaning()


def test_a_theme_is_defined_by_itself_and_its_codebook():
    shorter = Codebook(BOOK.themes[:2])
    themes = [asking(codebook=book).union(union("themes")) for book in (BOOK, shorter)]
    assert [it.name for it in themes[1]] == ["theme:housing", "theme:staff"]
    assert len({it.meaning for definitions in themes for it in definitions}) == 6
    county = asking().union(union("themes", "county", "county"))
    assert county[0].variance > themes[0][0].variance


def test_a_survey_that_is_gone_has_no_score():
    gone = asking(instruments={}).pulse(sort_of("live", SURVEY, "youth", None))
    assert gone == ()
    assert [it.name for it in asking().pulse(OWN_SORT)] == ["score", "spread"]


def test_a_pool_counts_what_its_own_programs_ask():
    surveys = {**SURVEYS, ("ben", "partner"): ("before-class",)}
    sort = sort_of("live", SURVEY, "partner", None)
    courts = union(scope="pool", owner=POOLS["ben"], audience="partner", sort=sort)
    assert "ready-to-use" in question_ids(courts, surveys_of=surveys)
    assert question_ids(courts) == []
