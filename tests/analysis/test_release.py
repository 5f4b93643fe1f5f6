"""What one release lets out, sends back sealed and destroys: worked out in memory, checked here whole."""

import random
from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import tallying
from analysis.batches import Envelope
from analysis.policy import Policy
from analysis.release import Kept, Known, batch_id, let_out
from analysis.themes import Codebook, Theme
from surveys.answers import DECLINED, NOT_SHOWN, Response
from surveys.domains import CORE_DOMAINS
from surveys.instruments import AUDIENCES, shipped_instruments
from surveys.periods import Period
from surveys.registry import Contract, Program

Q = Period(2026, 1)
BOOK = Codebook((Theme("housing", "Housing", "A place.", (), {"en": ("shelter",)}),))
CORE_ITEMS = {f"core-{d}:{end}" for d in CORE_DOMAINS for end in ("favourable", "other", "declined")}


def program(name, pool="courts", ends=None):
    return Program(
        name, name, name, "unit", pool, name, ("7.8",), AUDIENCES, dict.fromkeys(AUDIENCES, name), ends=ends
    )


PROGRAMS = [program(name) for name in ("ada", "ben", "cleo", "dov")]
ASKED = {
    (p.id, audience): [instrument]
    for p in PROGRAMS
    for audience, instrument in zip(
        AUDIENCES, ("youth-experience", "caregiver-experience", "expert-review", "event"), strict=True
    )
}


def known(ledger=(), programs=PROGRAMS, contracts=(), asked=ASKED):
    return Known(ledger, programs, contracts, asked, shipped_instruments(), BOOK, Policy())


def answered(many, owner="ada", audience="youth", quarter=Q, name="", *, language="en", answers=None, **more):
    """Return `many` opened rows by key."""
    instrument = ASKED[owner, audience][0]
    given = {**{f"core-{domain}": "5" for domain in CORE_DOMAINS}, **(answers or {})}
    label = f"{owner}/{audience}/{quarter}/{language}/{name}/{more}"
    return {
        f"{label}/{number}".encode(): Envelope(
            Response(owner, audience, instrument, language, str(quarter), more.get("origin", "live"), given,
                     entered=more.get("entered")),
            more.get("place", "program"),
            more.get("since"),
        )
        for number in range(many)
    }  # fmt: skip


def release(opened, closing=Q, kept=(), of=None, progress=lambda _: None):
    return let_out(opened, kept, closing, of or known(), progress)


def told(result):
    return [(b.id, b.kind, b.owner, b.audience, b.origin, b.n) for b in result.batches]


def test_eleven_are_let_out_and_ten_go_back_as_they_were():
    eleven, ten = answered(11), answered(10, "ben")
    result = release({**eleven, **ten})
    assert told(result) == [("B00001", "program", "ada", "youth", "live", 11)]
    assert dict(result.waiting) == ten
    assert set(result.used) == set(eleven)
    assert (result.destroyed, result.language_close) == ((), False)


def test_batch_ids_go_on_where_the_ledger_ends():
    first = release({**answered(11), **answered(12, "ben")})
    assert [b.id for b in first.batches] == ["B00001", "B00002"]
    later = release(answered(11, quarter=Q + 1), Q + 1, of=known(first.batches))
    assert [(b.id, b.release) for b in later.batches] == [("B00003", "2026Q2")]
    assert batch_id(123456) == "B123456"


def test_progress_is_told_the_people_of_each_batch():
    seen = []
    release({**answered(11), **answered(13, "ben"), **answered(3, "cleo")}, progress=seen.append)
    assert seen == [11, 13]


def test_what_moves_to_the_pool_goes_back_with_its_new_place():
    old = answered(3, quarter=Q)
    result = release(old, Q + 5)
    assert {(it.place, it.since) for _, it in result.waiting} == {("pool", "2027Q2")}
    again = release(dict(result.waiting), Q + 7)
    assert {(it.place, it.since) for _, it in again.waiting} == {("county", "2027Q4")}
    gone = release(dict(again.waiting), Q + 8)
    assert (set(gone.destroyed), gone.waiting, gone.used) == (set(old), (), ())


def test_contracts_are_found_by_the_quarter_an_answer_was_collected_in():
    contracts = (Contract("ada", "casa-luz", Q, Q + 1), Contract("ada", "olive-crest", Q + 2, None))
    of = known(contracts=contracts)
    assert of.contract_of("ada", Q + 1) == "casa-luz/2026Q1"
    assert of.contract_of("ada", Q + 9) == "olive-crest/2026Q3"
    assert of.contract_of("ada", Q + -1) is None
    assert of.contract_of("ben", Q) is None
    opened = {
        **answered(11, quarter=Q + 1),
        **answered(12, quarter=Q + 2),
        **answered(13, quarter=Q, origin="entered", entered="2026Q3"),
    }
    result = release(opened, Q + 2, of=of)
    assert sorted((b.n, b.contractor, b.first) for b in result.batches) == [
        (11, "casa-luz", "2026Q2"),
        (12, "olive-crest", "2026Q3"),
        (13, "casa-luz", "2026Q1"),
    ]


def test_ended_programs_and_contracts_are_known_by_their_last_quarter():
    contracts = (Contract("ada", "casa-luz", Q, Q + 1), Contract("ben", "casa-luz", Q, Q + 2))
    of = known(programs=[program("ada"), program("ben", "services", "2026Q2")], contracts=contracts)
    over = of.ended(Q + 1)
    assert over.pools == {"ada": "courts", "ben": "services"}
    assert over.programs == {"ben"}
    assert over.contracts == {("ada", "casa-luz/2026Q1")}
    assert of.ended(Q).programs == of.ended(Q).contracts == frozenset()


# --- What a batch counts.


def test_an_audiences_batch_counts_its_questions_and_a_mixed_one_only_the_core():
    result = release({**answered(11), **answered(6, "ben"), **answered(5, "ben", "caregiver")})
    youth, mixed = result.batches
    assert {"connected:option:yes", "understood-court:favourable", "theme:housing"} < set(youth.items)
    assert "caregiver-confidence:favourable" not in youth.items
    assert set(mixed.items) == {*CORE_ITEMS, "theme:housing"}


@pytest.mark.parametrize("audience", ["youth", "partner"])
def test_a_pool_counts_only_core_questions_also_where_all_are_professionals(audience):
    opened = {
        key: it
        for name in ("ada", "ben", "cleo")
        for key, it in answered(4, name, audience, place="pool", since="2026Q1").items()
    }
    (batch,) = release(opened).batches
    assert (batch.kind, batch.owner, batch.n) == ("pool", "courts", 12)
    assert set(batch.items) == {*CORE_ITEMS, "theme:housing"}


def test_what_a_batch_counts_is_decided_by_what_was_asked_and_not_by_what_came_back():
    silent = {key: msgspec.structs.replace(it, response=msgspec.structs.replace(it.response, answers={}))
              for key, it in answered(11).items()}  # fmt: skip
    assert set(release(silent).batches[0].items) == set(release(answered(11)).batches[0].items)
    nothing_asked = release(answered(11), of=known(asked={})).batches[0]
    assert set(nothing_asked.items) == {"theme:housing"}


def test_the_noise_is_drawn_once_for_every_item_of_every_batch(monkeypatch):
    drawn = Counter()

    def counting(count, people, epsilon, bound):
        drawn[people, epsilon, bound] += 1
        return count

    monkeypatch.setattr(tallying, "noised", counting)
    opened = {**answered(11), **answered(12, "ben", language="es")}
    result = release(opened, Q + 3)
    assert [b.kind for b in result.batches] == ["program", "program", "language", "language"]
    assert drawn == {
        (11, 1.0, 5): len(result.batches[0].items),
        (12, 1.0, 5): len(result.batches[1].items),
        (11, 0.5, 10): 24,
        (12, 0.5, 10): 24,
    }
    assert result.batches[0].items["core-safety:favourable"] == 11


def test_comments_hold_redacted_text_and_nothing_that_ties_them_to_an_answer():
    opened = {
        **answered(1, answers={"going-well": "Jessica Garcia told me of a shelter", "core-safety": "1"}),
        **answered(10, name="others"),
    }
    ((batch, comment),) = release(opened).comments
    assert (batch, comment.question, comment.text) == ("B00001", "going-well", "[name] told me of a shelter")
    packed = msgspec.json.encode(release(opened).comments)
    assert not any(key in packed for key in opened)
    assert b"core-" not in packed


# --- The language close.


def kept_of(result):
    return list(result.kept)


def test_before_the_fourth_quarter_everyone_batched_is_kept_for_the_languages_with_core_answers_only():
    answers = {
        "core-safety": DECLINED,
        "core-voice": NOT_SHOWN,
        "connected": "yes",
        "going-well": "a shelter",
    }
    opened = {**answered(11, answers=answers, language="es"), **answered(11, "ben", "partner")}
    result = release(opened)
    assert len(result.kept) == 11
    for key, it in result.kept:
        assert key in opened
        assert (it.batch, it.language) == ("B00001", "es")
        assert it.answers == {
            **{f"core-{d}": "5" for d in CORE_DOMAINS},
            "core-safety": "-",
            "core-voice": "~",
        }
    again = release(answered(12, quarter=Q + 1), Q + 1, kept_of(result), known(result.batches))
    assert {it.batch for _, it in again.kept} == {"B00003"}


def test_the_fourth_quarter_closes_by_language_and_keeps_nothing():
    spring = release({**answered(30), **answered(20, language="es")})
    winter = release(
        {**answered(15, "ben", quarter=Q + 3), **answered(11, "cleo", "partner", quarter=Q + 3)},
        Q + 3,
        kept_of(spring),
        known(spring.batches),
    )
    assert winter.language_close
    assert winter.kept == ()
    assert told(winter) == [
        ("B00002", "program", "ben", "youth", "live", 15),
        ("B00003", "program", "cleo", "partner", "live", 11),
        ("B00004", "language", "en", "mixed", "live", 45),
        ("B00005", "language", "es", "mixed", "live", 20),
    ]
    english, spanish = winter.batches[2:]
    assert set(english.items) == CORE_ITEMS
    assert (english.first, english.last, english.release) == ("2026Q1", "2026Q4", "2026Q4")
    assert (spanish.first, spanish.last) == ("2026Q1", "2026Q1")


def test_each_origin_closes_its_languages_alone():
    typed = {"origin": "entered", "entered": "2026Q4"}
    opened = {
        **answered(11),
        **answered(11, language="es"),
        **answered(11, **typed),
        **answered(11, language="ko", **typed),
    }
    result = release(opened, Q + 3)
    languages = [(b.origin, b.owner, b.n) for b in result.batches if b.kind == "language"]
    assert languages == [("entered", "en", 11), ("entered", "ko", 11), ("live", "en", 11), ("live", "es", 11)]
    assert [b.id for b in result.batches] == [batch_id(number) for number in range(1, 7)]


def test_where_the_gate_fails_no_language_table_is_published_and_the_kept_rows_go_all_the_same():
    """Ada's batch less all who speak English would be the one person in it who speaks Spanish."""
    opened = {**answered(11), **answered(1, language="es"), **answered(11, "ben", language="es")}
    result = release(opened, Q + 3)
    assert [b.kind for b in result.batches] == ["program", "program"]
    assert (result.kept, result.language_close) == ((), True)
    tables_without = release(answered(11), Q + 3)
    assert [b.kind for b in tables_without.batches] == ["program"]


# --- Many quarters.


@given(st.integers(0, 2**32))
@settings(max_examples=12, deadline=None)
def test_every_opened_row_ends_in_exactly_one_of_used_waiting_and_destroyed(seed):
    source = random.Random(seed)
    ledger, kept, waiting, sent = [], [], {}, 0
    used, destroyed = Counter(), Counter()
    for step in range(10):
        closing = Q + step
        for number in range(source.randrange(12)):
            origin = source.choice(["live", "live", "entered"])
            more = {"origin": "entered", "entered": str(closing)} if origin == "entered" else {}
            new = answered(
                source.choice([1, 2, 3, 9]),
                source.choice(list(PROGRAMS)).id,
                source.choice(AUDIENCES),
                closing + source.choice([-1, 0, 0, 1]) if not more else closing,
                f"{step}/{number}",
                language=source.choice(["en", "en", "es", "ko"]),
                **more,
            )
            waiting |= new
            sent += len(new)
        opened = dict(waiting)
        result = release(opened, closing, kept, known(ledger))
        ends = [*result.used, *(key for key, _ in result.waiting), *result.destroyed]
        assert Counter(ends) == Counter(list(opened))
        used.update(result.used)
        destroyed.update(result.destroyed)
        waiting = dict(result.waiting)
        ledger += result.batches
        assert all(it.response == opened[key].response for key, it in result.waiting)
        assert result.language_close == (closing.quarter == 4)
        kept = [] if result.language_close else [*kept, *result.kept]
    assert set(used.values()) | set(destroyed.values()) <= {1}
    assert not set(used) & set(destroyed)
    assert sent == len(used) + len(destroyed) + len(waiting)
    assert [b.id for b in ledger] == [batch_id(number) for number in range(1, len(ledger) + 1)]
    assert sum(b.n for b in ledger if b.kind != "language") == len(used)
    assert all(b.n >= 11 and all(0 <= x <= b.n for x in b.items.values()) for b in ledger)


def test_what_is_kept_holds_no_more_than_batch_language_and_answers():
    assert Kept.__struct_fields__ == ("batch", "language", "answers")
