"""One release in pure form: planned from counts, drawn row by row, the same whenever it is run again."""

import random
import sys
import tracemalloc

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import tally
from analysis.batch_ledger import OWN, PARTNER, Batch, add_up
from analysis.draw import Drawing, OpenRow
from analysis.kept_answers import KeptAnswers
from analysis.parameters import Parameters
from analysis.tally import TallyIncomplete
from surveys.domains import CORE_DOMAINS
from surveys.periods import Period
from surveys.registry import Contract
from tests.support.ledger.county import (
    COURSE,
    SECRET,
    County,
    Q,
    asking,
    chance_response,
    content,
)

WINTER = Q + 3


@pytest.fixture
def silent(monkeypatch):
    """Noise of zero, so that what was counted can be seen."""
    monkeypatch.setattr(tally, "noise", lambda *_: 0)


def of_kind(batches, kind, scope=None):
    return [batch for batch in batches if batch.kind == kind and scope in (None, batch.scope)]


def test_a_pulse_stores_the_sum_of_scores_and_of_their_spread(silent):
    lot = County().send(6, answers=content(good=True)).send(5, answers=content(of=2) | {"core-voice": "1"})
    (pulse,) = lot.release(Q)
    assert pulse == Batch(
        id="B00001",
        kind="pulse",
        scope="program",
        owner="ada",
        audience="youth",
        class_=OWN,
        wave=None,
        origin="live",
        first="2026Q1",
        last="2026Q1",
        release="2026Q1",
        n=11,
        of=(),
        rule="2",
        variances={"score": "7840000/9", "spread": "7840000/81"},
        values={"score": 6 * 840 + 5 * 560, "spread": 5 * 186},
    )


def test_a_score_is_never_clamped():
    sums = [County(secret=bytes([n]) * 32).send(11).release(Q)[0].values["score"] for n in range(30)]
    assert max(sums) > 11 * 840


def test_a_release_of_many_answers_has_fields_and_details_at_once(silent):
    lot = County().send(60).send(50, answers=content(good=False))
    pulse, fields, detail = lot.release(Q)
    assert (fields.kind, fields.of, fields.n) == ("fields", (pulse.id,), 110)
    assert fields.variances == {"scale": "1600/9"}
    assert fields.values == {
        f"core-{domain}:{end}": many
        for domain in CORE_DOMAINS
        for end, many in (("favourable", 60), ("other", 50))
    }
    assert (detail.kind, detail.owner, detail.of) == ("detail", "ada", (pulse.id,))
    assert detail.values["core-safety:favourable"] == 60
    assert detail.values["felt-rushed:other"] == 0
    # Of 110 rows nothing is kept that a detail could be made of again.
    assert {row.answers for row in lot.kept_rows.values()} == {None}
    assert {(row.score, row.language) for row in lot.kept_rows.values()} == {(840, "en"), (0, "en")}


def test_details_of_a_year_join_what_waited_sealed(silent):
    lot = County().send(20).send(20, "ben")
    assert [batch.kind for batch in lot.release(Q)] == ["pulse", "pulse"]
    assert {row.batch for row in lot.kept_rows.values()} == {"B00001", "B00002"}
    for quarter in (Q + 1, Q + 2):
        assert lot.release(quarter) == []
    lot.send(20, quarter=WINTER, answers=content(good=False))
    (detail,) = of_kind(lot.release(WINTER), "detail")
    assert (detail.owner, detail.of, detail.n) == ("ada", ("B00001", "B00003"), 40)
    assert (detail.values["core-trust:favourable"], detail.values["core-trust:other"]) == (20, 20)
    assert lot.kept_rows == {}


def test_of_experts_closed_answers_alone_wait_for_later_winters(silent):
    lot = County().send(20, audience="expert").send(11)
    for quarter in range(4):
        lot.release(Q + quarter)
    (row, *_) = lot.kept_rows.values()
    assert len(lot.kept_rows) == 20
    assert (row.language, row.score, row.themes) == ("", None, ())
    assert row.answers == content()
    lot.send(18, "ben", audience="expert", quarter=Q + 4)
    for quarter in range(4, 7):
        lot.release(Q + quarter)
    (detail,) = of_kind(lot.release(WINTER + 4), "detail")
    assert (detail.owner, detail.audience, detail.n) == ("county", "expert", 38)
    assert "advice-used:favourable" in detail.values
    assert lot.kept_rows == {}


def test_experts_answers_are_destroyed_after_eight_quarters():
    lot = County().send(20, audience="expert")
    for quarter in range(9):
        lot.release(Q + quarter)
        assert len(lot.kept_rows) == (20 if quarter < 8 else 0)


def test_themes_are_drawn_once_for_the_program_and_once_for_the_county(silent):
    words = {"should-change": "staff, food and the shelter", "going-well": "the food"}
    lot = County().send(30, answers=content(**words))
    for quarter in range(3):
        lot.release(Q + quarter)
    program, county = of_kind(lot.release(WINTER), "themes")
    assert (
        program.values
        == county.values
        == {
            "theme:housing": 30,
            "theme:staff": 0,
            "theme:food": 30,
            "theme:court": 0,
        }
    )
    assert program.variances == {"theme": "1600/81"}
    assert county.variances == {"theme": "2500/81"}


def test_languages_are_the_sum_of_scores_of_whoever_answered_in_them(silent):
    lot = County().send(30, language="en").send(31, language="es", answers=content(good=False))
    lot.send(9, language="ko")
    for quarter in range(3):
        lot.release(Q + quarter)
    languages = {batch.owner: batch for batch in of_kind(lot.release(WINTER), "language")}
    assert {name: (batch.n, batch.values) for name, batch in languages.items()} == {
        "es": (31, {"score": 0}),
        "other": (39, {"score": 39 * 840}),
    }
    assert languages["es"].variances == {"score": "4410000"}
    assert languages["es"].of == ()


def test_a_survey_without_core_questions_is_scored_over_its_own_scales(silent):
    lot = County().send(11, "dov", "partner", instrument="before-class", answers={"ready-to-use": "5"})
    lot.send(11, "dov", "partner", answers=content(good=False))
    one, other = lot.release(Q)
    assert (one.class_, one.values["score"]) == (PARTNER, 0)
    assert (other.class_, other.values["score"]) == ("survey:before-class", 11 * 840)


def test_a_survey_without_any_scale_has_no_overall():
    questions = tuple(question for question in COURSE.questions if question.kind != "scale")
    mute = msgspec.structs.replace(COURSE, questions=questions)
    lot = County(asks=asking(instruments={mute.id: mute}))
    lot.send(11, "dov", "partner", instrument=mute.id, answers={})
    assert [batch.values for batch in lot.release(Q)] == [{}]


def test_the_same_rows_give_the_same_ledger_whenever_and_in_whatever_order_they_are_counted():
    source = random.Random(7)
    people = [chance_response(source, owner, "youth", Q) for owner in ("ada", "ben") for _ in range(50)]

    def run(order):
        lot = County()
        lot.inbox = {b"%d" % number: people[number] for number in order}
        return [batch for quarter in range(4) for batch in lot.release(Q + quarter)]

    straight = run(range(100))
    assert run(random.Random(3).sample(range(100), 100)) == straight
    people[50] = msgspec.structs.replace(people[50], consent="changed")
    changed = run(range(100))
    assert [batch.n for batch in changed] == [batch.n for batch in straight]
    same = {b.owner for b, a in zip(changed, straight, strict=True) if b.values == a.values}
    other = {b.owner for b, a in zip(changed, straight, strict=True) if b.values != a.values}
    assert "ada" in same - other
    assert {"ben", "county", people[50].language} <= other - same


def test_comments_are_cut_loose_and_what_is_kept_holds_no_words():
    answers = content(**{"should-change": "Call Ana Lopez at 213-555-0188", "going-well": "-"})
    lot = County().send(11, answers=answers, consent="as-written")
    lot.release(Q)
    assert len(lot.comments) == 11
    comment = lot.comments[0]
    assert (comment.batch, comment.question, comment.consent) == ("B00001", "should-change", "as-written")
    assert "555" not in comment.text
    assert b"Call" not in msgspec.msgpack.encode(list(lot.kept_rows.values()))


def test_a_contract_is_written_in_the_row_of_its_batch():
    lot = County(contracts=(Contract(program="ada", contractor="casa-luz", first=Q, last=None),)).send(11)
    assert [batch.contract for batch in lot.release(Q)] == ["casa-luz/2026Q1"]


def test_a_batch_is_not_closed_before_everyone_in_it_was_counted_once():
    lot = County().send(11)
    plan = lot.plan(Q)
    (planned,) = plan.pulses
    rows = [OpenRow(key=key, digest=lot.digest(key), response=lot.inbox[key]) for key in planned.keys]
    for wrong in (rows[:10], [*rows[:10], rows[0]], [*rows, rows[0]]):
        drawing = Drawing(plan, lot.asks, SECRET)
        for row in wrong:
            drawing.add(planned, row)
        with pytest.raises(TallyIncomplete, match="B00001 was to count 11 responses"):
            drawing.close()


def test_a_kept_row_of_no_known_batch_is_counted_nowhere_and_comes_back():
    lot = County().send(110)
    stray = KeptAnswers(
        key=b"stray", digest=b"d" * 32, batch="B99999", answers=content(), language="en", score=840
    )
    lot.kept_rows[b"stray"] = stray
    assert [batch.n for batch in lot.release(Q)] == [110, 110, 110]
    assert lot.kept_rows[b"stray"] == stray


def test_a_lost_row_stops_no_release_and_its_batch_is_in_no_union():
    lot = County().send(60).send(60, "ben")
    lot.release(Q)
    del lot.kept_rows[next(iter(lot.kept_rows))]
    for quarter in (1, 2):
        lot.release(Q + quarter)
    unions = lot.release(WINTER)
    assert {name for batch in unions for name in batch.of} == {"B00002"}
    assert of_kind(unions, "language") == []
    assert lot.kept_rows == {}


@pytest.mark.slow
@given(
    sizes=st.lists(
        st.tuples(
            st.integers(1, 40),
            st.sampled_from(["ada", "ben", "cleo", "dov"]),
            st.sampled_from(["youth", "caregiver", "expert"]),
            st.integers(0, 4),
        ),
        min_size=3,
        max_size=14,
    ),
    seed=st.integers(0, 99),
)
@settings(max_examples=15, deadline=None)
def test_over_the_years_everyone_let_out_is_in_one_pulse_and_at_most_one_of_each_union(sizes, seed):
    source, lot = random.Random(seed), County()
    for many, owner, audience, quarter in sizes:
        for _ in range(many):
            lot.inbox[source.randbytes(16)] = chance_response(source, owner, audience, Q + quarter)
    everyone, released_keys = set(lot.inbox), []
    rows = {}
    for quarter in range(9):
        before = set(lot.inbox)
        fresh = lot.release(Q + quarter)
        released_keys += before - set(lot.inbox)
        rows |= {batch.id: msgspec.json.encode(batch) for batch in fresh}
    assert len(released_keys) == len(set(released_keys)) <= len(everyone)
    pulses = {batch.id: batch for batch in of_kind(lot.ledger, "pulse")}
    assert all(batch.n >= 11 for batch in lot.ledger)
    assert {batch.id: msgspec.json.encode(batch) for batch in lot.ledger} == rows
    for kind, scope in (("detail", None), ("fields", None), ("themes", "program"), ("themes", "county")):
        used = [name for batch in of_kind(lot.ledger, kind, scope) for name in batch.of]
        assert len(used) == len(set(used))
        assert set(used) <= set(pulses)
    assert sum(batch.n for batch in of_kind(lot.ledger, "language")) <= sum(it.n for it in pulses.values())


def test_stricter_parameters_make_larger_variances_and_nothing_else(silent):
    strict = Parameters(mu_pulse=0.45, mu_questions=0.444)
    usual, stricter = (County(asks=asking(**it)).send(110) for it in ({}, {"parameters": strict}))
    (one, _, detail), (other, _, detail_too) = usual.release(Q), stricter.release(Q)
    assert one.values == other.values
    assert add_up([other])["score"].variance == 4 * add_up([one])["score"].variance
    name = "core-safety:other"
    assert add_up([detail_too])[name].variance == 4 * add_up([detail])[name].variance


@pytest.mark.slow
def test_what_a_release_holds_of_a_response_is_under_four_hundred_bytes():
    def peak(many):
        lot, keys = County(), []
        one = msgspec.structs.replace(chance_response(random.Random(1), "ada", "youth", Q), answers=content())
        lot.inbox = {number.to_bytes(32): one for number in range(many)}
        keys = list(lot.inbox)
        tracemalloc.start()
        plan = lot.plan(Q)
        drawing = Drawing(plan, lot.asks, SECRET)
        for planned in plan.pulses:
            for number, key in enumerate(planned.keys):
                drawing.add(planned, OpenRow(key=key, digest=number.to_bytes(32), response=one))
        drawing.close()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(keys) == many
        return most

    peak(200)  # what is cached is cached
    few, many = peak(1_000), peak(4_000)
    assert (many - few) / 3_000 + sys.getsizeof(bytes(32)) < 400


def test_a_release_is_yearly_only_in_the_fourth_quarter():
    lot = County().send(40)
    lot.release(Q)
    assert [lot.plan(Period(2026, quarter)).yearly for quarter in (2, 3, 4)] == [False, False, True]
