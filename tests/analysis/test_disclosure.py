"""What may be shown, against a slow reading of disclosure.md, “Figures”, and by hand."""

import itertools
import math
import random
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis.disclosure import (
    NOT_RELEASED,
    Figure,
    Share,
    differ,
    figures,
    response_rate,
    share_of_items,
    unanswered,
    wilson,
)
from analysis.ledger import Batch, add_up
from analysis.noise import noised
from analysis.policy import Policy
from surveys.domains import CORE_DOMAINS
from surveys.instruments import YES_NO_OPTIONS, Option, Question, ShowIf

POINTS = tuple(Option(code, f"point {code}") for code in "12345")
CORE = tuple(f"core-{domain}" for domain in CORE_DOMAINS)
QUESTIONS = {
    **{
        name: Question(name, "scale", "?", name.removeprefix("core-"), options=POINTS, favourable="last")
        for name in CORE
    },
    "rides": Question("rides", "yes-no", "?", options=YES_NO_OPTIONS),
    "bus": Question(
        "bus",
        "scale",
        "?",
        "safety",
        options=POINTS,
        favourable="last",
        show_if=ShowIf("rides", ("yes",)),
    ),
    "freely": Question("freely", "scale", "?", "freely", options=POINTS, favourable="last"),
    "words": Question("words", "long-text", "?"),
}
SCALES = tuple(name for name, question in QUESTIONS.items() if question.kind == "scale")
ITEMS = (
    *(f"{name}:{end}" for name in SCALES for end in ("favourable", "other", "declined")),
    *(f"rides:option:{code}" for code in ("yes", "no", "not-sure")),
    "theme:housing",
)


def batch(n, counts=None, **more):
    """Return one batch of Ada's program; `counts` gives (favourable, other) or a number of each item."""
    items = {}
    for name, count in {**dict.fromkeys(CORE, (0, 0)), **(counts or {})}.items():
        if isinstance(count, tuple):
            items[f"{name}:favourable"], items[f"{name}:other"] = count
            items[f"{name}:declined"] = n - sum(count) if sum(count) <= n else 0
        else:
            items[name] = count
    return Batch("B1", "program", "ada", "youth", "live", "2026Q1", "2026Q1", "2026Q1", n, items, **more)


def shown(*batches, themes=True, language=False):
    found = figures(add_up(batches), QUESTIONS, themes=themes, language=language)
    assert len({figure.measure for figure in found}) == len(found)
    return {figure.measure: figure for figure in found}


def everyone(n, share):
    """Return a batch in which everyone answered the eight questions, `share` of them favourably."""
    return batch(n, dict.fromkeys(CORE, (share, n - share)))


# --- A second reading of the text, in fractions, slowly.


def read_slowly(measure, part, base, draws, questions=1, spread=260):
    """One percent as the text says, or None where the text's two bounds exclude each other."""
    if base <= 6:
        return None
    if part >= base - 3:
        value, bound = math.floor(Fraction(100 * (base - 3), base)), ">="
    elif part <= 3:
        value, bound = math.ceil(Fraction(300, base)), "<="
    else:
        value, bound = round(Fraction(100 * part, base)), None
    people = base / questions
    p, z = value / 100, 1.959964
    middle = (p + z**2 / (2 * people)) / (1 + z**2 / people)
    half = z / (1 + z**2 / people) * math.sqrt(p * (1 - p) / people + z**2 / (4 * people**2))
    adjusted = math.ceil(spread * math.sqrt(draws) / people) / math.sqrt(questions)
    low = max(0, math.floor(100 * (middle - half) - adjusted + 1e-9))
    high = min(100, math.ceil(100 * (middle + half) + adjusted - 1e-9))
    words = {">=": "at least ", "<=": "at most ", None: ""}[bound]
    return Figure(measure, f"{words}{value} %", value, low, high, bound)


def published_slowly(batches, *, themes=True, spread=260):
    """Every figure of a unit, as a dict, straight from the sentences."""

    def over(item):
        having = [b for b in batches if item in b.items]
        return sum(b.items[item] for b in having), sum(b.n for b in having), len(having)

    def pooled(measure, names):
        good = sum(over(f"{name}:favourable")[0] for name in names)
        base = good + sum(over(f"{name}:other")[0] for name in names)
        draws = max(over(f"{name}:favourable")[2] for name in names)
        return base, read_slowly(measure, good, base, draws, len(names), spread)

    _, overall = pooled("overall", CORE)
    wanted = [overall]
    enough = [name for name in SCALES if over(f"{name}:favourable")[1] >= 25]
    groups = [(f"item:{name}", [name]) for name in enough]
    domains = {QUESTIONS[name].domain for name in enough}
    groups += [(f"domain:{it}", [n for n in enough if QUESTIONS[n].domain == it]) for it in domains]
    for measure, names in groups:
        base, figure = pooled(measure, names)
        wanted += [figure] if base >= 20 else []
    of_everyone = {f"{name}:declined": f"declined:{name}" for name in SCALES}
    of_everyone |= {f"rides:option:{code}": f"option:rides:{code}" for code in ("yes", "no", "not-sure")}
    for item, measure in of_everyone.items():
        count, people, draws = over(item)
        wanted += [read_slowly(measure, count, people, draws, 1, spread)] if people >= 25 else []
    count, _, draws = over("theme:housing")
    if themes and draws and count >= 6 + draws:
        middle = round(Fraction(2 * count - draws, 2))
        band = "51+" if middle > 50 else "21-50" if middle > 20 else "11-20" if middle > 10 else "a few"
        wanted.append(Figure("theme:housing", band))
    return {figure.measure: figure for figure in wanted if figure}


@st.composite
def some_batch(draw):
    n = draw(st.integers(11, 60))
    extra = draw(st.sets(st.sampled_from(["rides", "bus", "freely"])))
    held = [item for item in ITEMS if item.startswith(("core-", "theme:")) or item.split(":")[0] in extra]
    source = draw(st.randoms(use_true_random=False))
    kind = draw(st.sampled_from(["all", "none", "any", "few"]))
    count = {
        "all": lambda item: n if "favourable" in item else 0,
        "none": lambda _: 0,
        "any": lambda _: source.randint(0, n),
        "few": lambda _: source.randint(0, 5),
    }[kind]
    items = {item: count(item) for item in held}
    return Batch("B1", "program", "ada", "youth", "live", "2026Q1", "2026Q1", "2026Q1", n, items)


units = st.lists(some_batch(), min_size=1, max_size=4)


@pytest.mark.slow
@given(units, st.booleans())
@settings(max_examples=150, deadline=None)
def test_every_figure_is_the_one_the_text_says_and_no_other(batches, themes):
    assert shown(*batches, themes=themes) == published_slowly(batches, themes=themes)


@given(units)
@settings(max_examples=60, deadline=None)
def test_by_language_the_same_figures_are_shown_with_the_wider_adjustment_of_that_noise(batches):
    assert shown(*batches, themes=False, language=True) == published_slowly(batches, themes=False, spread=530)


@pytest.mark.slow
@given(units)
@settings(max_examples=100, deadline=None)
def test_every_percent_lies_inside_its_interval_and_none_says_nobody_or_everybody_of_a_few(batches):
    for figure in shown(*batches, themes=False).values():
        assert 0 <= figure.low <= figure.value <= figure.high <= 100
        assert all(type(number) is int for number in (figure.value, figure.low, figure.high))
        # 8 questions x 4 batches x 60 people; a cell of more than 800 may round up to 100.
        if figure.measure != "overall":
            assert 0 < figure.value < 100


# --- Who is large enough for what, by hand.


@pytest.mark.parametrize("n", [11, 17, 24])
def test_from_11_to_24_people_the_overall_figure_is_the_only_percent(n):
    counts = {**dict.fromkeys(CORE, (n - 4, 4)), "bus": (n - 4, 4), "rides:option:yes": n - 4}
    assert set(shown(batch(n, {**counts, "theme:housing": 9}))) == {"overall", "theme:housing"}


def test_from_25_people_domains_questions_and_options_are_shown():
    found = shown(batch(25, {**dict.fromkeys(CORE, (15, 10)), "bus": (10, 10), "rides:option:yes": 20}))
    assert {"overall", "domain:safety", "item:core-safety", "item:bus", "declined:bus"} <= set(found)
    assert found["item:core-safety"].display == "60 %"
    assert found["option:rides:yes"].display == "80 %"
    # The domain pools its two questions: (15 + 10) of (25 + 20).
    assert found["domain:safety"].display == "56 %"


@pytest.mark.parametrize(("answered", "is_shown"), [((10, 9), False), ((10, 10), True)])
def test_a_conditional_question_needs_twenty_counted_answers_in_a_unit_of_twenty_five(answered, is_shown):
    found = shown(batch(40, {**dict.fromkeys(CORE, (20, 20)), "bus": answered}))
    assert ("item:bus" in found) is is_shown
    assert "declined:bus" in found


def test_a_question_that_only_some_batches_were_asked_needs_twenty_five_of_their_people():
    asked, others = batch(24, {"bus": (12, 12), "rides:option:yes": 24}), batch(40)
    assert not {"item:bus", "domain:safety", "option:rides:yes"} & set(shown(asked, others))
    both = shown(asked, asked, others)
    assert both["item:bus"].value == 50
    # The option's share is of the 48 who were asked, not of all 88; all of them said it: a bound.
    assert both["option:rides:yes"].display == "at least 93 %"


def test_a_question_that_left_the_product_and_a_text_have_no_figure():
    found = shown(batch(30, {"gone": (20, 10), "words:option:x": 9, **dict.fromkeys(CORE, (20, 10))}))
    assert not [measure for measure in found if "gone" in measure or "words" in measure]


def test_where_nearly_everyone_skipped_everything_there_is_not_even_an_overall_figure():
    assert shown(batch(11, {"core-safety": (3, 3)})) == {}
    found = shown(batch(11, {"core-safety": (4, 3)}))
    assert (found["overall"].value, found["overall"].bound) == (57, ">=")


# --- Top-coding and whole percents.


@pytest.mark.parametrize(
    ("part", "value", "bound", "words"),
    [
        (27, 88, ">=", "at least 88 %"),  # 100 * 24 / 27 = 88.9, down
        (24, 88, ">=", "at least 88 %"),
        (23, 85, None, "85 %"),
        (4, 15, None, "15 %"),
        (3, 12, "<=", "at most 12 %"),  # 300 / 27 = 11.1, up
        (0, 12, "<=", "at most 12 %"),
    ],
)
def test_both_ends_are_top_coded_within_three_answers(part, value, bound, words):
    figure = shown(batch(27, {**dict.fromkeys(CORE, (10, 10)), "core-trust": (part, 27 - part)}))
    it = figure["item:core-trust"]
    assert (it.value, it.bound, it.display) == (value, bound, words)


def test_more_than_all_is_at_least_and_fewer_than_none_is_at_most():
    """The random adjustment may take a sum past its base."""
    assert Share("x", 31, 30, 1).figure().display == "at least 90 %"
    assert Share("x", -2, 30, 1).figure().display == "at most 10 %"


# --- Intervals.


def test_eleven_people_who_answered_eight_questions_are_eleven_people():
    """measures.md: at n = 11, nine of eleven (81 %) is 52 to 95 % before any adjustment."""
    low, high = wilson(9 / 11, 11)
    assert (round(100 * low), round(100 * high)) == (52, 95)
    overall = everyone(11, 9)
    # Wilson of 82 % on 11 begins at 52.5; ceil(260 / 11) = 24 points, by the root of eight 8.5.
    figure = shown(overall)["overall"]
    assert (figure.value, figure.low, figure.high) == (82, 44, 100)


def test_an_interval_by_hand():
    # value 78; Wilson on 27 is 59.5 to 89.5; ceil(260 / 27) = 10 points, by the root of eight 3.5.
    overall = shown(everyone(27, 21))["overall"]
    assert (overall.value, overall.low, overall.high) == (78, 55, 94)
    single = shown(everyone(27, 21))["item:core-safety"]
    assert (single.value, single.low, single.high) == (78, 49, 100)


@given(st.integers(7, 3000), st.data(), st.integers(1, 40), st.sampled_from([1, 2, 8]))
@example(7, None, 1, 8)
def test_an_interval_holds_the_wilson_interval_of_the_people_behind_it(base, data, draws, questions):
    part = data.draw(st.integers(0, base)) if data else 3
    figure = Share("x", part, base, draws, questions).figure()
    low, high = wilson(figure.value / 100, base / questions)
    assert figure.low <= math.floor(100 * low + 1e-9) or figure.low == 0
    assert figure.high >= math.ceil(100 * high - 1e-9) or figure.high == 100
    more = Share("x", part, base, draws + 1, questions).figure()
    assert (more.value, more.bound) == (figure.value, figure.bound)
    assert more.low <= figure.low
    assert more.high >= figure.high


def test_the_adjustment_grows_with_the_root_of_the_batches():
    widths = [(it := Share("x", 500, 1000, draws).figure()).high - it.low for draws in (1, 100, 400)]
    # Wilson alone is 46.9 to 53.1; ceil(0.26), ceil(2.6) and ceil(5.2) points are added on each side.
    assert widths == [55 - 45, 57 - 43, 60 - 40]


@pytest.mark.parametrize(
    ("epsilon", "bound", "spread"),
    [
        (Policy().epsilon, Policy().noise_bound, 260),
        (Policy().language_epsilon, Policy().language_noise_bound, 530),
    ],
)
def test_the_spread_of_each_kind_of_batch_covers_its_noise(epsilon, bound, spread):
    weights = {z: math.exp(-epsilon * abs(z)) for z in range(-bound, bound + 1)}
    deviation = math.sqrt(sum(z * z * w for z, w in weights.items()) / sum(weights.values()))
    assert 0.95 * spread < 100 * 1.96 * deviation <= spread


@pytest.mark.parametrize(("questions", "batches"), [(1, 1), (8, 1), (1, 4), (8, 4)])
def test_the_adjustment_alone_moves_a_figure_by_more_than_is_said_in_under_one_of_twenty(questions, batches):
    source = random.Random(questions * 10 + batches)
    n, good = 60, 42
    base = n * batches
    said = math.ceil(260 * math.sqrt(batches) / base) / math.sqrt(questions)
    past = 0
    for _ in range(500):
        cells = questions * batches
        f = sum(noised(good, n, 1.0, 5, source) for _ in range(cells))
        u = sum(noised(n - good, n, 1.0, 5, source) for _ in range(cells))
        past += abs(100 * f / (f + u) - 70) > said
    assert past < 25


# --- Themes.


@pytest.mark.parametrize(
    ("count", "words"),
    [(6, None), (7, "a few"), (11, "a few"), (12, "11-20"), (20, "11-20"), (22, "21-50"), (51, "21-50")],
)
def test_a_theme_of_one_batch_is_shown_from_seven_in_bands(count, words):
    found = shown(batch(60, {"theme:housing": count})).get("theme:housing")
    assert (found and found.display) == words
    assert found is None or (found.value, found.low, found.high, found.bound) == (None,) * 4


@pytest.mark.parametrize(
    ("counts", "words"), [((4, 3, 1, 1), None), ((4, 3, 2, 1), "a few"), ((30, 11, 11, 1), "51+")]
)
def test_a_theme_of_four_batches_is_shown_from_ten(counts, words):
    found = shown(*(batch(40, {"theme:housing": count}) for count in counts)).get("theme:housing")
    assert (found and found.display) == words


def test_tables_without_themes_show_none():
    assert "theme:housing" not in shown(batch(60, {"theme:housing": 60}), themes=False)


@pytest.mark.slow
def test_a_theme_nobody_mentioned_is_not_shown_after_forty_batches():
    source = random.Random(40)
    silent = Batch("B1", "program", "ada", "youth", "live", "2026Q1", "2026Q1", "2026Q1", 15, {})
    unadjusted = wrong = 0
    for _ in range(2000):
        counts = [noised(0, silent.n, 1.0, 5, source) for _ in range(40)]
        unadjusted += sum(counts) >= 6
        wrong += bool(shown(*(replace(silent, items={"theme:housing": count}) for count in counts)))
    assert wrong == 0
    assert unadjusted > 0.99 * 2000


def test_the_chance_that_a_theme_nobody_mentioned_is_shown_is_under_one_in_a_thousand():
    """The same without luck: the exact distribution of the sum, for every number of batches to forty."""
    weights = [math.exp(-abs(z)) for z in range(-5, 6)]
    one = [sum(weights[:6]), *weights[6:]]
    one = [weight / sum(weights) for weight in one]
    held = [1.0]
    for batches in range(1, 41):
        longer = [0.0] * (len(held) + 5)
        for (count, p), (z, q) in itertools.product(enumerate(held), enumerate(one)):
            longer[count + z] += p * q
        held = longer
        assert sum(held[6 + batches :]) < 0.001


# --- Whether two figures differ.


def figure(value, low, high, bound=None):
    return Figure("overall", f"{value} %", value, low, high, bound)


def test_two_figures_differ_only_when_the_interval_of_their_difference_excludes_zero():
    # 80 - 60 = 20 points; sqrt(12^2 + 16^2) = 20 still reaches zero, sqrt(12^2 + 15^2) = 19.2 does not.
    before, now = figure(60, 45, 76), figure(80, 68, 90)
    assert not differ(before, now)
    assert differ(figure(60, 45, 75), now)
    assert differ(now, figure(60, 45, 75))


def test_intervals_that_overlap_a_little_may_still_differ_and_equal_values_never_do():
    assert differ(figure(50, 40, 60), figure(65, 56, 74))
    assert not differ(figure(50, 50, 50), figure(50, 50, 50))


def test_bands_of_themes_are_never_compared():
    assert not differ(Figure("theme:housing", "a few"), Figure("theme:housing", "51+"))
    assert not differ(Figure("theme:housing", "a few"), figure(90, 89, 91))


@given(*[st.tuples(st.integers(25, 400), st.integers(0, 400), st.integers(1, 5))] * 2)
def test_to_differ_is_mutual_and_needs_more_than_the_sampling_error(one, two):
    first, second = (Share("x", min(part, base), base, draws).figure() for base, part, draws in (one, two))
    assert differ(first, second) == differ(second, first)
    if differ(first, second):
        # Two proportions, unadjusted, by the textbook's standard error of the difference.
        p, q = first.value / 100, second.value / 100
        error = math.sqrt(p * (1 - p) / one[0] + q * (1 - q) / two[0])
        assert abs(p - q) > 1.959 * error


# --- Response rates, silences, shares of options.


@pytest.mark.parametrize(
    ("people", "served", "rate"),
    [
        (11, 22, 50),
        (11, 21, None),
        (30, 100, 30),
        (32, 100, 30),
        (33, 100, 35),
        (100, 100, None),
        (12, 0, None),
    ],
)
def test_a_response_rate_is_told_in_steps_of_five_when_eleven_or_more_did_not_answer(people, served, rate):
    assert response_rate(people, served, 11) == rate


@given(st.integers(11, 500), st.integers(0, 1000), st.integers(11, 20))
def test_a_response_rate_never_rests_on_fewer_than_k_silent_people(people, served, k):
    rate = response_rate(people, served, k)
    assert (rate is None) == (served - people < k)
    assert rate is None or (rate % 5 == 0 and abs(rate - 100 * people / served) <= 2.5)


def test_who_was_not_heard_is_told_by_the_same_rules():
    sums = add_up([batch(20, {"core-safety": (10, 2)}), batch(20, {"core-safety": (6, 2)})])
    # 40 people, 20 counted; four draws stand in the difference: ceil(260 * 2 / 40) = 13 points.
    assert unanswered(sums, "core-safety") == read_slowly("unanswered", 20, 40, 4)
    assert unanswered(add_up([batch(24, {"core-safety": (5, 5)})]), "core-safety") is None
    everybody = unanswered(add_up([batch(30, {"core-safety": (20, 10)})]), "core-safety")
    assert everybody.display == "at most 10 %"


def test_a_share_of_options_is_shown_by_the_rule_of_single_questions():
    yes, no = "rides:option:yes", "rides:option:no"
    share = {
        n: share_of_items("rides", add_up([batch(n, {yes: 12, no: 8})]), yes, (yes, no)) for n in (24, 25)
    }
    assert share == {24: None, 25: read_slowly("rides", 12, 20, 1)}
    assert share_of_items("rides", add_up([batch(30, {yes: 12, no: 7})]), yes, (yes, no)) is None
    assert share_of_items("rides", add_up([]), yes, (yes, no)) is None


def test_what_is_not_available_has_the_same_words_for_every_cause():
    assert NOT_RELEASED == "Not enough answers yet (fewer than 11)"
