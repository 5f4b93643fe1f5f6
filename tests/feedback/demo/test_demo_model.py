"""The made-up answers behind `make demo`: three years, seventeen programs, nobody's words."""

import functools
import itertools
import random
from collections import Counter

import msgspec
import pytest

from analysis.text.redaction import redact
from analysis.text.themes import shipped_codebook
from feedback.demo.comments import phrases
from feedback.demo.model import made_up_quarter
from feedback.demo.people import fill_in, made_up_person
from feedback.demo.traits import traits_of
from feedback.languages import LANGUAGES
from surveys.answers import CONSENTS, DECLINED, NOT_SHOWN, read_answers
from surveys.checking import check_instrument
from surveys.instruments import Instrument, Option, Question, shipped_instruments
from surveys.periods import Period
from surveys.registry import shipped_programs

FIRST = Period(2023, 3)
QUARTERS = range(12)
SEED = 7
SPOKEN = ("en", "es", "ko", "fil")
PROGRAMS = {program.id: program for program in shipped_programs().programs}
BOXES = ("going-well", "should-change")


def quarter(program_id, number, seed=SEED, languages=SPOKEN):
    return made_up_quarter(PROGRAMS[program_id], FIRST + number, FIRST, seed, languages)


@functools.cache
def three_years():
    return {where: quarter(*where) for where in itertools.product(PROGRAMS, QUARTERS)}


@functools.cache
def everyone():
    return [(where, answer) for where, one_quarter in three_years().items() for answer in one_quarter.answers]


def instrument_of(answer):
    return shipped_instruments()[answer.instrument]


def ratings(rows):
    """Every rated core question of these people: its id, and whether the answer was favourable."""
    for _, answer in rows:
        for question in instrument_of(answer).questions:
            values = answer.fields.get(question.id, [DECLINED])
            if question.is_core and values != [DECLINED]:
                yield question.id, values[0] in question.favourable_codes


def favourable(rows, question_id=None):
    verdicts = [good for rated_id, good in ratings(rows) if question_id in (None, rated_id)]
    return sum(verdicts) / len(verdicts)


def comments(*languages):
    for _, answer in everyone():
        for box in BOXES:
            if box in answer.fields and answer.language in languages:
                yield answer.language, answer.fields[box][0]


def of(program_id, numbers=QUARTERS):
    return [row for row in everyone() if row[0][0] == program_id and row[0][1] in numbers]


@pytest.mark.slow
def test_the_same_seed_makes_the_same_answers_in_any_order():
    backwards = {where: quarter(*where) for where in reversed(three_years())}
    assert backwards == three_years()


def test_another_seed_makes_other_answers():
    assert quarter("community", 0, seed=8) != quarter("community", 0)


@pytest.mark.slow
def test_every_answer_is_one_the_form_accepts_and_holds_nothing_it_hides():
    for (program_id, _), answer in everyone():
        assert answer.audience in PROGRAMS[program_id].audiences
        assert answer.audience in instrument_of(answer).audiences
        assert answer.consent in CONSENTS
        answers = read_answers(instrument_of(answer), answer.fields)
        assert {name for name, value in answers.items() if value != NOT_SHOWN} == set(answer.fields)


@pytest.mark.slow
def test_three_years_hold_about_five_thousand_answers():
    assert 4_500 <= len(everyone()) <= 6_000


@pytest.mark.slow
def test_three_years_of_another_seed_hold_about_five_thousand_answers():
    counts = [len(quarter(*where, seed=8).answers) for where in itertools.product(PROGRAMS, QUARTERS)]
    assert 4_500 <= sum(counts) <= 6_000


@pytest.mark.parametrize("program_id", ["victim-witness", "dream-court"])
def test_small_programs_stay_small(program_id):
    assert all(1 <= len(quarter(program_id, number).answers) <= 6 for number in QUARTERS)


@pytest.mark.parametrize("program_id", ["community", "training-cast"])
def test_large_programs_are_large(program_id):
    assert all(30 <= len(quarter(program_id, number).answers) <= 90 for number in QUARTERS)


def test_the_conference_is_once_a_year():
    numbers = {number for number in QUARTERS if quarter("empowerment-conference", number).answers}
    assert numbers == {number for number in QUARTERS if (FIRST + number).quarter == 2}
    assert quarter("empowerment-conference", 0).work.served == 0


@pytest.mark.slow
def test_partners_only_come_to_the_training_and_experts_are_few():
    assert {where[0] for where, answer in everyone() if answer.audience == "partner"} == {"training-cast"}
    audiences = Counter(answer.audience for _, answer in everyone())
    assert 0.01 < audiences["expert"] / audiences.total() < 0.06
    assert audiences["youth"] > audiences["caregiver"] > audiences["partner"]


def test_people_disagree_in_nearly_every_sizeable_cell():
    cells = {}
    for (program_id, number), answer in everyone():
        cells.setdefault((program_id, number, answer.audience), []).append(((program_id, number), answer))
    sizeable_cells = [rows for rows in cells.values() if len(rows) >= 11]
    assert len(sizeable_cells) > 100
    splits = [
        {good for rated_id, good in ratings(rows) if rated_id == question_id} == {True, False}
        for rows in sizeable_cells
        for question_id in ("core-access", "core-safety", "core-voice", "core-helpfulness")
    ]
    assert sum(splits) / len(splits) > 0.93


def test_programs_differ_and_having_a_say_is_weak_nearly_everywhere():
    overall = [favourable(of(program_id)) for program_id in PROGRAMS]
    assert max(overall) - min(overall) > 0.15
    weaker = [favourable(of(p), "core-voice") < favourable(of(p)) - 0.05 for p in PROGRAMS]
    assert sum(weaker) >= 14


def test_one_program_improves_after_its_change():
    before, after = favourable(of("dream-unit", range(6))), favourable(of("dream-unit", range(6, 12)))
    assert after > before + 0.1


def test_one_program_gets_worse():
    assert favourable(of("community", range(9, 12))) < favourable(of("community", range(3))) - 0.1


def test_people_skip_more_the_further_down_the_page():
    totals, blanks = Counter(), Counter()
    for _, answer in everyone():
        answers = read_answers(instrument_of(answer), answer.fields)
        for question in instrument_of(answer).questions:
            if not question.is_text and answers.get(question.id) != NOT_SHOWN:
                totals[question.id] += 1
                blanks[question.id] += question.id not in answers
    assert 0.05 <= blanks.total() / totals.total() <= 0.10
    assert (
        blanks["core-access"] / totals["core-access"] < blanks["answered-freely"] / totals["answered-freely"]
    )


def test_some_decline_and_most_of_them_the_question_about_safety():
    pairs = [pair for _, answer in everyone() for pair in answer.fields.items()]
    counts = Counter(name for name, values in pairs if values == [DECLINED])
    assert 0.02 <= counts.total() / sum(name not in BOXES for name, _ in pairs) <= 0.05
    assert counts.most_common(1)[0][0] == "core-safety"


def test_a_few_answer_the_same_all_the_way_down():
    codes_of_people = [
        [
            answer.fields[q.id][0]
            for q in instrument_of(answer).questions
            if q.is_core and q.id in answer.fields
        ]
        for _, answer in everyone()
    ]
    n_same = sum(len(codes) == 8 and len(set(codes)) == 1 for codes in codes_of_people)
    assert 0.02 < n_same / len(codes_of_people) < 0.12


def test_people_answer_less_freely_where_staff_are_near():
    on_site = {p for p in PROGRAMS if traits_of(PROGRAMS[p]).on_site}
    shares = {}
    for near in (True, False):
        verdicts = [
            answer.fields["answered-freely"][0] in ("4", "5")
            for (program_id, _), answer in everyone()
            if (program_id in on_site) is near and answer.fields.get("answered-freely", ["-"]) != ["-"]
        ]
        shares[near] = sum(verdicts) / len(verdicts)
    assert shares[True] < shares[False] - 0.1


def test_most_speak_english_a_quarter_spanish_and_pages_only_what_they_speak():
    spoken = Counter(answer.language for _, answer in everyone())
    assert spoken["en"] > spoken.total() / 2
    assert 0.22 < spoken["es"] / spoken.total() < 0.33
    assert {answer.language for _, answer in everyone() if not answer.on_paper} == set(SPOKEN)
    assert {answer.language for _, answer in everyone()} <= set(LANGUAGES)
    only_two = quarter("advocacy-vista", 0, languages=("en", "es"))
    assert {answer.language for answer in only_two.answers} == {"en", "es"}


def test_paper_comes_from_a_few_programs_in_stacks_that_can_be_let_out():
    stacks = Counter(where for where, answer in everyone() if answer.on_paper)
    assert 0.06 < stacks.total() / len(everyone()) < 0.10
    assert len({program_id for program_id, _ in stacks}) == 4
    assert sum(size >= 11 for size in stacks.values()) >= 5


def test_work_totals_add_up():
    for (program_id, number), one_quarter in three_years().items():
        assert (one_quarter.work.program, one_quarter.work.period) == (program_id, str(FIRST + number))
        assert 0 <= one_quarter.work.offered <= one_quarter.work.served
    others = {where: it for where, it in three_years().items() if it.work.served < n_of(it, partners=False)}
    assert {program_id for program_id, _ in others} == {"syz"}  # people walk in, and nobody counts them


def test_partners_are_told_apart_where_they_are_asked_and_nowhere_else():
    for (program_id, _), it in three_years().items():
        if "partner" in PROGRAMS[program_id].audiences:
            assert n_of(it, partners=True) <= it.work.partners_offered <= it.work.partners_served
            assert it.work.partners_served > it.work.served > 0, "most who come to the training are partners"
        else:
            assert (it.work.partners_served, it.work.partners_offered) == (None, None)


def n_of(one_quarter, *, partners):
    return sum((answer.audience == "partner") is partners for answer in one_quarter.answers)


def test_about_a_third_write_and_consent_is_only_asked_of_them():
    writes = [any(box in answer.fields for box in BOXES) for _, answer in everyone()]
    assert 0.30 < sum(writes) / len(writes) < 0.40
    for _, answer in everyone():
        assert answer.consent == "private" or any(box in answer.fields for box in BOXES)


@pytest.mark.parametrize("language", ["en", "es"])
def test_comments_are_about_many_themes_and_none_too_often(language):
    codebook = shipped_codebook()
    themes, n_comments = Counter(), 0
    for _, text in comments(language):
        n_comments += 1
        themes.update(codebook.themes_in(text, language))
    assert sum(often >= 11 for often in themes.values()) >= 12
    assert max(themes.values()) < 0.2 * n_comments


@pytest.mark.parametrize("language", ["en", "es"])
def test_comments_vary_in_words_and_length(language):
    texts = [text for _, text in comments(language)]
    assert len(set(texts)) > 0.6 * len(texts)
    assert min(map(len, texts)) < 10
    assert max(map(len, texts)) > 220


def test_content_people_praise_and_the_others_ask_for_change():
    praise, wishes = [], []
    for row in everyone():
        share = [good for _, good in ratings([row])]
        if share and "going-well" in row[1].fields:
            praise.append(sum(share) / len(share))
        if share and "should-change" in row[1].fields:
            wishes.append(sum(share) / len(share))
    assert sum(praise) / len(praise) > sum(wishes) / len(wishes) + 0.03


@pytest.mark.slow
def test_no_comment_uses_a_word_that_is_banned_for_respondents():
    lines = [lines for part in phrases().part for lines in (part.en, part.es)]
    parts = {line for it in lines for line in (*it.good, *it.weak, *it.wish)}
    for text in parts | {text for _, text in comments(*LANGUAGES)}:
        question = Question(id="should-change", kind="long-text", text=text)
        problems = check_instrument(
            Instrument(
                id="short",
                version=1,
                title="Your feedback",
                audiences=("youth",),
                minutes=1,
                questions=(question,),
            )
        )
        assert not [problem for problem in problems if "may not appear" in problem]


@pytest.mark.slow
def test_invented_details_are_there_to_be_redacted_and_are():
    details = (*phrases().details.names, "555-01")
    rows = [row for row in comments("en", "es") if any(detail in row[1] for detail in details)]
    assert len(rows) >= 10
    for language, text in rows:
        assert not any(detail in redact(text, language).text for detail in details)


def test_other_languages_get_one_short_line_or_nothing():
    assert set(phrases().thanks) == set(LANGUAGES) - {"en", "es"}
    for language, text in comments(*phrases().thanks):
        assert text == phrases().thanks[language]


def test_a_program_the_demo_does_not_know_is_ordinary_and_stops_when_it_ends():
    lani = msgspec.structs.replace(PROGRAMS["isfc-optimist"], id="lanis-drop-in", ends="2023Q4")
    assert made_up_quarter(lani, FIRST + 1, FIRST, SEED, SPOKEN).answers
    assert not made_up_quarter(lani, FIRST + 2, FIRST, SEED, SPOKEN).answers


def test_an_instrument_with_boxes_to_tick_is_filled_in_too():
    rides = Question(
        id="rides",
        kind="multiple",
        text="How?",
        options=(Option(code="bus", text="Bus"), Option(code="walk", text="Walk")),
    )
    short = Instrument(
        id="short", version=1, title="Your feedback", audiences=("youth",), minutes=1, questions=(rides,)
    )
    rng = random.Random(3)
    person = made_up_person(rng, 0.5, "youth", "en", {}, on_site=False, on_paper=False)
    forms = [fill_in(rng, person, short) for _ in range(50)]
    assert {tuple(fields.get("rides", ())) for fields in forms} >= {(), ("bus",), ("walk",), ("bus", "walk")}
    for fields in forms:
        read_answers(short, fields)
