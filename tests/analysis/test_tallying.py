"""From people to a ledger row: every item over all of them, one draw each, comments cut loose."""

from collections import Counter

import pytest

from analysis import tallying
from analysis.batches import Group, Waiting
from analysis.ledger import Batch
from analysis.policy import RULE_VERSION, Policy
from analysis.tallying import Comment, counted_questions, questions_asked, tally, tally_language
from analysis.themes import Codebook, Theme
from surveys.answers import DECLINED, NOT_SHOWN, Response
from surveys.instruments import YES_NO_OPTIONS, Instrument, Option, Question, shipped_instruments
from surveys.periods import Period

POINTS = tuple(Option(code, f"point {code}") for code in "12345")
SAFETY = Question("core-safety", "scale", "?", "safety", options=POINTS, favourable="last")
RUSHED = Question("rushed", "scale", "?", "respect", options=POINTS, favourable="first")
COURT = Question("court", "yes-no", "?", options=YES_NO_OPTIONS)
GOOD = Question("good", "long-text", "?")
CHANGE = Question("change", "short-text", "?")
ASKED = (SAFETY, RUSHED, COURT, GOOD, CHANGE)
BOOK = Codebook((Theme("housing", "Housing", "A place.", (), {"en": ("shelter*",)}),
                 Theme("staff", "Staff", "People.", (), {"en": ("staff",)})))  # fmt: skip
POLICY = Policy()


def person(**answers):
    told = {"language": answers.pop("language", "en"), "consent": answers.pop("consent", "private")}
    given = {{"safety": "core-safety"}.get(name, name): answer for name, answer in answers.items()}
    return Response("ada", "youth", "youth-experience", period="2026Q1", origin="live", answers=given, **told)


def group(people, audience="youth", contract="olive-crest/2025Q3"):
    members = [
        Waiting(bytes([n]), "ada", contract, audience, "live", Period(2026, 1 + n % 3), Period(2026, 3))
        for n, _ in enumerate(people)
    ]
    return Group("program", "ada", audience, "live", tuple(members), contract)


@pytest.fixture
def draws(monkeypatch):
    """Take the noise away and write down every draw: (true count, people, epsilon, bound)."""
    seen = []

    def exact(count, people, epsilon, bound):
        seen.append((count, people, epsilon, bound))
        return count

    monkeypatch.setattr(tallying, "noised", exact)
    return seen


def tallied(people, questions=ASKED, **more):
    return tally("B00007", group(people, **more), "2026Q3", people, questions, BOOK, POLICY)


CAST = [
    *[person(safety="5", rushed="5", court="yes", good="The shelter was far, the staff kind.")] * 4,
    *[person(safety="4", rushed="1", court="no", change="a shelter")] * 3,
    *[person(safety="3", rushed=DECLINED, court=("yes", "no"))] * 2,
    *[person(safety=NOT_SHOWN, good=DECLINED, change=NOT_SHOWN)] * 2,
    person(language="es", good="shelter"),
]


def test_every_item_is_counted_over_everyone_by_hand(draws):
    batch = tallied(CAST).batch
    assert batch.items == {
        "core-safety:favourable": 7,
        "core-safety:other": 2,
        "core-safety:declined": 0,
        "rushed:favourable": 3,
        "rushed:other": 4,
        "rushed:declined": 2,
        "court:option:yes": 6,
        "court:option:no": 5,
        "court:option:not-sure": 0,
        "theme:housing": 7,
        "theme:staff": 4,
    }
    assert batch.n == 12


def test_the_ledger_row_says_what_the_batch_is_and_under_which_rule(draws):
    batch = tallied(CAST).batch
    assert batch == Batch(
        "B00007", "program", "ada", "youth", "live", "2026Q1", "2026Q3", "2026Q3", 12, batch.items,
        "olive-crest", RULE_VERSION,
    )  # fmt: skip
    assert tallied(CAST, contract=None).batch.contractor is None


def test_each_item_is_drawn_once_whatever_anyone_answered(draws):
    batch = tallied(CAST).batch
    assert len(draws) == len(batch.items) == 11
    assert {draw[1:] for draw in draws} == {(12, 1.0, 5)}
    draws.clear()
    silent = [person()] * 12
    assert set(tallied(silent).batch.items) == set(batch.items)
    assert draws == [(0, 12, 1.0, 5)] * 11


def test_a_question_of_two_instruments_is_drawn_once(draws):
    twice = (SAFETY, SAFETY, COURT)
    tallied(CAST, twice)
    assert len(draws) == 3 + 3 + 2


def test_with_the_real_noise_every_count_stays_near_its_truth_and_among_the_people():
    seen = Counter()
    for _ in range(200):
        batch = tallied(CAST).batch
        assert all(0 <= count <= 12 for count in batch.items.values())
        assert abs(batch.items["core-safety:favourable"] - 7) <= 5
        seen[batch.items["core-safety:favourable"]] += 1
    assert len(seen) > 3


def test_a_comment_is_redacted_and_carries_nothing_of_its_writer_but_language_and_consent(draws):
    people = [
        person(
            safety="1", good="My name is Jessica, call 213-555-0123", change="more staff", consent="changed"
        ),
        person(safety="5", good="Bien", language="es", consent="as-written"),
        *[person(safety="5")] * 9,
    ]
    assert tallied(people).comments == (
        Comment("good", "My name is [name], call [phone]", "en", "changed"),
        Comment("change", "more staff", "en", "changed"),
        Comment("good", "Bien", "es", "as-written"),
    )
    assert Comment.__struct_fields__ == ("question", "text", "language", "consent")


def test_a_text_that_was_declined_or_never_asked_is_no_comment(draws):
    people = [person(good=DECLINED, change=NOT_SHOWN), person(unknown="a shelter"), *[person()] * 9]
    result = tallied(people)
    assert result.comments == ()
    assert result.batch.items["theme:housing"] == 0


def test_a_person_with_a_theme_in_both_boxes_counts_once(draws):
    people = [person(good="a shelter", change="shelters"), *[person()] * 10]
    assert tallied(people).batch.items["theme:housing"] == 1


def test_a_language_batch_counts_core_questions_with_the_wider_noise(draws):
    empty = Batch("B9", "language", "es", "mixed", "live", "2026Q1", "2026Q4", "2026Q4", 11, {})
    people = [{"core-safety": "5"}] * 6 + [{"core-safety": "2"}] * 4 + [{"core-safety": DECLINED}]
    filled = tally_language(empty, people, (SAFETY,), POLICY)
    assert filled.items == {
        "core-safety:favourable": 6,
        "core-safety:other": 4,
        "core-safety:declined": 1,
    }
    assert draws == [(6, 11, 0.5, 10), (4, 11, 0.5, 10), (1, 11, 0.5, 10)]
    assert (filled.id, filled.owner, filled.n) == ("B9", "es", 11)


def test_questions_of_several_instruments_come_once_and_a_lost_instrument_asks_nothing():
    one, two = (
        Instrument(name, 1, "?", ("youth",), 1, questions)
        for name, questions in (("one", (SAFETY, COURT)), ("two", (SAFETY, RUSHED)))
    )
    assert questions_asked(("one", "lost", "two"), {"one": one, "two": two}) == [SAFETY, COURT, RUSHED]


def test_of_several_audiences_only_core_questions_and_texts_are_kept():
    assert counted_questions(ASKED, "youth") == list(ASKED)
    assert counted_questions(ASKED, "mixed") == [SAFETY, GOOD, CHANGE]


def test_a_question_that_stands_in_several_instruments_is_counted_the_same_way_in_all():
    """A batch counts a person's answer by the question's first text: codes and good end must agree."""
    seen = {}
    for instrument in shipped_instruments().values():
        for question in instrument.questions:
            meaning = (question.kind, question.codes, question.favourable, question.domain)
            assert seen.setdefault(question.id, meaning) == meaning, question.id
