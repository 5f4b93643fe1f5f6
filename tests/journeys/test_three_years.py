"""Three simulated years: every figure anyone can get is arithmetic on the ledger and nothing else.

The oracle below is written from the release rule (docs/disclosure.md), not from the code that it checks: it
finds the ends of an interval by halving, where the code solves an equation.
"""

import json
import math
from collections import Counter, defaultdict
from fractions import Fraction
from functools import cache
from itertools import combinations

import msgspec
import pytest

from analysis.publishing.rows import Row
from analysis.text.themes import shipped_codebook
from feedback.demo import staging
from feedback.web.staff.results.what_changed import what_changed
from surveys.instruments import shipped_instruments
from surveys.periods import Period
from surveys.registry import county_plan, default_instrument, shipped_programs
from tests.support.commands import run_here
from tests.support.doors import open_doors
from tests.support.files.expected import holds_exactly, nameless
from tests.support.files.reading import csv_lines, xlsx_lines
from tests.support.loops import apart

PROGRAMS = {program.id: program for program in shipped_programs().programs}
INSTRUMENTS = shipped_instruments().values()
QUESTIONS = {q.id: q for it in INSTRUMENTS for q in it.questions if not q.is_text}
SURVEYS = {
    name: [shipped_instruments()[default_instrument(it, audience)] for audience in it.audiences]
    for name, it in PROGRAMS.items()
}
CONTRACTORS = ("vista-del-mar", "optimist-family-and-youth-services", "olive-crest")
VIEWERS = ("ctlt", "public", "reader", *(f"contractor:{it}" for it in CONTRACTORS))
Z = 1.96
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def three_years(tmp_path_factory):
    """The demonstration: twelve quarters over the County's seventeen programs, in twelve real releases."""
    home = tmp_path_factory.mktemp("years") / "demo"
    return apart(staging.stage, home, "", 8001, 8002, lambda _line: None).settings


@pytest.fixture(scope="module")
def ledger(three_years):
    return json.loads(run_here(three_years, "ledger", "--json").out)


@pytest.fixture(scope="module")
def rows(three_years):
    return {it: json.loads(run_here(three_years, "tables", "--viewer", it, "--json").out) for it in VIEWERS}


def test_three_years_are_enough_to_see_every_kind_of_table(ledger, rows):
    assert len({batch["release"] for batch in ledger}) == 12
    assert {batch["kind"] for batch in ledger} == {"pulse", "fields", "detail", "themes", "language"}
    assert {batch["origin"] for batch in ledger} == {"live", "entered"}
    tables = {row["table"] for row in rows["ctlt"] if row["figures"]}
    assert tables == {"T1", "T1d", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "themes"}
    kinds = {figure["measure"].partition(":")[0] for row in rows["ctlt"] for figure in row["figures"]}
    assert kinds == {"overall", "domain", "item", "option", "theme", "change"}


def test_every_batch_is_at_least_eleven_people_and_everybody_is_in_one_pulse(ledger):
    assert [batch["id"] for batch in ledger] == [f"B{number:05d}" for number in range(1, len(ledger) + 1)]
    pulses = {batch["id"]: batch for batch in ledger if batch["kind"] == "pulse"}
    assert all(batch["n"] >= 11 for batch in ledger)
    for kind in ("fields", "detail", "themes"):
        joined = [batch for batch in ledger if batch["kind"] == kind]
        for batch in joined:
            own = [pulses[name] for name in batch["of"]]
            assert batch["n"] == sum(it["n"] for it in own)
            assert {sort_of(it) for it in own} == {sort_of(batch)}
        # Of themes there are two draws, a program's and the county's.
        draws = Counter((batch["scope"] == "county", it) for batch in joined for it in batch["of"])
        if kind != "themes":
            draws = Counter(it for batch in joined for it in batch["of"])
        assert set(draws.values()) == {1}
    for year in {batch["release"][:4] for batch in ledger}:
        for sort in {sort_of(batch) for batch in ledger if batch["kind"] == "language"}:
            of = {
                kind: sum(
                    batch["n"]
                    for batch in ledger
                    if batch["kind"] == kind and batch["release"][:4] == year and sort_of(batch) == sort
                )
                for kind in ("pulse", "language")
            }
            assert of["language"] in (0, of["pulse"])


def test_every_value_was_drawn_with_the_variance_of_the_rule_and_none_is_beyond_chance(ledger):
    families = Counter()
    for batch in ledger:
        assert batch["rule"] == "2"
        assert {family(item) for item in batch["values"]} == set(batch["variances"])
        assert {name: Fraction(it) for name, it in batch["variances"].items()} == variances_of(batch)
        for item, value in batch["values"].items():
            most = (
                840 * batch["n"] if item == "score" else 210 * batch["n"] if item == "spread" else batch["n"]
            )
            beyond = 8 * math.sqrt(Fraction(batch["variances"][family(item)]))
            assert isinstance(value, int)
            assert -beyond < value < most + beyond
            families[family(item)] += value < 0 or value > most
    assert families["theme"] > 0, "noise is left as it was drawn: cut off, sums would lean to one side"


def test_every_figure_in_every_row_recomputes_from_the_ledger(ledger, rows, how_many):
    n_checked, every = 0, how_many(4, thorough=1)
    # Many a row is published for several: it is checked once.
    distinct = {json.dumps(row, sort_keys=True): (viewer, row) for viewer, it in rows.items() for row in it}
    for viewer, row in list(distinct.values())[::every]:
        pulses, joined = batches_of(row, ledger)
        if row["status"] == "not_released":
            assert (row["n"], row["figures"]) == (None, [])
            live = [it for it in pulses if it["origin"] == "live" and not is_survey(it)]
            assert not live, (viewer, row)
            continue
        pulses, joined = ([it for it in batches if is_about(row, it)] for batches in (pulses, joined))
        assert pulses, (viewer, row)
        assert row["n"] == sum(batch["n"] for batch in pulses)
        assert row.get("n_details", 0) == sum(batch["n"] for batch in joined)
        assert row["filters"]["periods"] == quarters_of(pulses)
        assert row.get("detail_periods", []) == quarters_of(joined)
        figures = {figure["measure"]: figure for figure in row["figures"]}
        assert len(figures) == len(row["figures"])
        checks = dict(figures_of(row, pulses, joined, ledger))
        assert set(figures) == set(checks), (viewer, row)
        for measure, check in checks.items():
            check(figures[measure])
            n_checked += 1
    assert n_checked > 10_000 / every


def test_no_two_strategies_tell_the_same_unless_the_same_questions_of_the_same_programs_speak_to_both(rows):
    latest = max(row["release"] for row in rows["ctlt"])
    figures_by_strategy = defaultdict(set)
    for row in rows["ctlt"]:
        if (row["table"], row["release"]) == ("T4", latest):
            filters = row["filters"]
            figures = [it for it in row["figures"] if it["measure"].startswith(("item:", "option:"))]
            if figures:
                place = (filters["audience"], filters["scope"], row["origin"])
                figures_by_strategy[filters["strategy"]].add(json.dumps([place, figures], sort_keys=True))
    pairs = [
        pair
        for pair in combinations(sorted(figures_by_strategy), 2)
        if figures_by_strategy[pair[0]] == figures_by_strategy[pair[1]]
    ]
    assert len(figures_by_strategy) >= 15
    assert len(pairs) <= 4
    assert [pair for pair in pairs if speakers(pair[0]) != speakers(pair[1])] == []


def speakers(strategy):
    """Which questions of which programs are meant for a strategy."""
    programs = [name for name, it in PROGRAMS.items() if strategy in it.strategies]
    return {
        (program, question.id)
        for program in programs
        for survey in SURVEYS[program]
        for question in survey.questions
        if strategy in question.strategies
    }


def test_every_pulse_and_every_detail_of_a_program_has_a_row_of_its_own(ledger, rows):
    for table, kind in (("T1", "pulse"), ("T1d", "detail")):
        ids = [row["batch"] for row in rows["ctlt"] if row["table"] == table and "batch" in row]
        ledger_ids = [
            batch["id"] for batch in ledger if batch["kind"] == kind and batch["scope"] == "program"
        ]
        assert sorted(ids) == ledger_ids


def test_the_exported_files_hold_the_same_rows_as_the_tables(three_years, rows, tmp_path, how_many):
    files = [("public", "xlsx"), ("contractor:vista-del-mar", "csv"), ("contractor:vista-del-mar", "xlsx")]
    for viewer, kind in files + how_many([], thorough=[("ctlt", "csv"), ("ctlt", "xlsx"), ("public", "csv")]):
        out = tmp_path / f"{viewer.replace(':', '-')}-{kind}{'.xlsx' if kind == 'xlsx' else ''}"
        ending = run_here(three_years, "export", "--viewer", viewer, "--format", kind, "--out", str(out))
        assert ending.status == 0, ending.err
        results, measures = read_csvs(out) if kind == "csv" else read_xlsx(out)
        of_viewer = json.loads(run_here(three_years, "measures", "--viewer", viewer, "--json").out)
        assert holds_exactly(results, measures, rows[viewer], of_viewer)
        assert nameless(results) == nameless(measures) == []
        assert {line["note"] for line in (*results, *measures)} == {"MADE-UP ANSWERS FOR DEMONSTRATION"}
        flags = {it["measure"] for it in measures} <= {"over-answered"}
        assert measures
        assert flags == (viewer == "public"), "the public reads that somebody should look, and no measure"


def test_what_changed_is_what_was_planted_and_strategies_moved_through_that_alone(rows):
    latest = max(row["release"] for row in rows["ctlt"])
    now = [msgspec.convert(row, Row) for row in rows["ctlt"] if row["release"] == latest]
    changes = what_changed(now, list(PROGRAMS.values()), county_plan().strategies, "")
    planted = {PROGRAMS[it].name for it in ("dream-unit", "community")}
    assert {it.name for it in changes.changed} == planted
    assert changes.through
    assert {it.programs for it in changes.through} <= planted


def test_no_two_strategies_show_the_same_figures_but_where_the_same_questions_of_the_same_programs_speak(
    rows,
):
    latest = max(row["release"] for row in rows["ctlt"])
    shown = defaultdict(set)
    for row in rows["ctlt"]:
        if (row["table"], row["release"]) == ("T4", latest):
            own = {key: it for key, it in row["filters"].items() if not key.startswith("strategy")}
            for figure in row["figures"]:
                if figure["measure"].startswith(("item:", "option:")):
                    shown[row["filters"]["strategy"]].add(
                        json.dumps([own, row["origin"], figure], sort_keys=True)
                    )
    assert len(shown) > 15
    same = [{one, other} for one, other in combinations(sorted(shown), 2) if shown[one] == shown[other]]
    assert all(len({speaking(number) for number in pair}) == 1 for pair in same)
    assert len(same) <= 4


def speaking(strategy):
    """Which questions of which programs speak to a strategy."""
    return frozenset(
        (program.id, q.id)
        for program in PROGRAMS.values()
        if strategy in program.strategies
        for instrument in SURVEYS[program.id]
        for q in instrument.questions
        if strategy in q.strategies
    )


def test_running_the_release_again_changes_nothing(three_years, ledger):
    second = run_here(three_years, "release")
    assert second.status == 1
    assert json.loads(run_here(three_years, "ledger", "--json").out) == ledger


def test_what_was_destroyed_is_in_no_file(three_years, tmp_path):
    with open_doors(three_years, tmp_path):
        pass  # they rewrite the inbox, and doctor says when none has for days
    assert run_here(three_years, "doctor").out.count("TO DO") == 0


# The oracle.


def sort_of(batch):
    """Nothing is ever added up across these: origins, classes and waves, and surveys by audience."""
    alone = batch["audience"] if is_survey(batch) else ""
    return batch["origin"], batch["class"], alone, batch["wave"]


def is_survey(batch):
    return batch["class"].startswith("survey:")


def family(item):
    if item in ("score", "spread"):
        return item
    return "theme" if item.startswith("theme:") else "option" if ":option:" in item else "scale"


def variances_of(batch):
    """docs/disclosure.md, “Values”, from the parameters of the rule."""
    score = (840 / Fraction("0.9")) ** 2
    if batch["kind"] == "pulse":
        return {"score": score, "spread": score / 9} if batch["values"] else {}
    if batch["kind"] == "language":
        return {"score": (840 / Fraction("0.4")) ** 2}
    if batch["kind"] == "themes":
        return {"theme": 4 / Fraction("0.36" if batch["scope"] == "county" else "0.45") ** 2}
    if batch["kind"] == "fields":
        return {"scale": 2 * 8 / Fraction("0.3") ** 2}
    ids = {item.partition(":")[0] for item in batch["values"]}
    surveys = [[q for q in it.questions if q.id in ids] for it in INSTRUMENTS]
    scales = max(sum(q.kind == "scale" for q in own) for own in surveys)
    squares = max(
        sum(len(q.codes) if q.kind == "multiple" else 2 for q in own if q.kind != "scale") for own in surveys
    )
    budget = Fraction("0.888") ** 2
    variances = {"scale": 2 * scales / (budget * (Fraction("0.83") if squares else 1))}
    if squares:
        variances["option"] = squares / (budget * Fraction("0.17"))
    return {name: max(Fraction(9), it) for name, it in variances.items()}


def is_about(row, batch):
    """Whether a batch is of the row's sort: own experience without a wave, unless the row says otherwise."""
    filters = row["filters"]
    origin, name, alone, wave = sort_of(batch)
    if (origin, wave) != (row["origin"], filters.get("wave")):
        return False
    if name.startswith("survey:"):
        return filters.get("class") == name and filters["audience"] == alone
    return filters.get("class", "own experience") == name


def of_audience(batch, audience):
    if audience == "everyone":
        return batch["class"] == "own experience"
    return batch["audience"] == {"mixed / pooled": "mixed"}.get(audience, audience)


def of_program(batch, names):
    return batch["scope"] == "program" and batch["owner"] in names


def belongs(batch, table, filters):
    """Whether a row with these filters is about a batch, its kind and release apart."""
    if table in ("T7", "T8"):
        return batch["class"] == "own experience" if table == "T7" else batch["owner"] == filters["language"]
    if table in ("T6", "T9"):
        return of_audience(batch, filters["audience"]) and not is_survey(batch)
    if "county" in filters:
        return batch["scope"] == "county"
    pooled = "pool" in filters and (batch["scope"], batch["owner"]) == ("pool", filters["pool"])
    if not (pooled or of_program(batch, programs_of(filters))):
        return False
    if table in ("T1", "T1d", "T4") and "audience" in filters:
        return of_audience(batch, filters["audience"])
    return "pool" not in filters or not is_survey(batch)


def programs_of(filters):
    """Return the programs that a row's filters name."""
    if "program" in filters:
        return [filters["program"]]
    if "pool" in filters:
        return [name for name, it in PROGRAMS.items() if it.pool == filters["pool"]]
    return [name for name, it in PROGRAMS.items() if filters["strategy"] in it.strategies]


KINDS = {"T1d": ("detail", "detail"), "T8": ("language", None), "T9": ("detail", "detail")}
ONE_RELEASE = ("T1", "T1d", "T6", "T8", "themes")


def batches_of(row, ledger):
    """Return what a row counts people of, and what its single questions are about, from its filters alone."""
    table, filters = row["table"], row["filters"]
    pulse, joined = KINDS.get(table, ("pulse", "detail"))
    if table == "themes":
        pulse, joined = "themes", None
    if table == "T1":
        joined = None
    if table == "T7" or (table == "T6" and filters["audience"] not in ("expert", "partner")):
        joined = "fields"
    release = Period.parse(row["release"])
    since = {"release": release, "last four": release + -3, "year": Period(release.year, 1)}.get(
        "release" if table in ONE_RELEASE else filters["scope"], Period(2000, 1)
    )
    batches = [
        batch
        for batch in ledger
        if str(since) <= batch["release"] <= row["release"]
        and belongs(batch, table, filters)
        and ("batch" not in row or batch["id"] == row["batch"])
        and (
            "contractor" not in filters
            or (batch["contract"] or "").partition("/")[0] == filters["contractor"]
        )
    ]
    return [[batch for batch in batches if batch["kind"] == kind] for kind in (pulse, joined)]


def quarters_of(batches):
    if not batches:
        return []
    first = Period.parse(min(batch["first"] for batch in batches))
    last = Period.parse(max(batch["last"] for batch in batches))
    return [str(first + step) for step in range(last - first + 1)]


@cache
def exactly(variance):
    return float(Fraction(variance))


class Sum:
    """One item over a unit's batches: value, people, noise."""

    def __init__(self, batches, item):
        own = [batch for batch in batches if item in batch["values"]]
        self.value = sum(batch["values"][item] for batch in own)
        self.people = sum(batch["n"] for batch in own)
        self.v = sum(exactly(batch["variances"][family(item)]) for batch in own)
        self.batches = own


def figures_of(row, pulses, joined, ledger):
    """Every figure that the row has to have, each with what checks it."""
    if row["table"] == "themes":
        yield from themes_of(pulses)
        return
    yield from overall_of(row, pulses, ledger)
    fields = defaultdict(list)
    for q in asked_in(row, joined):
        if q.kind == "scale":
            fields[q.domain].append(q.id)
            yield from counted(f"item:{q.id}", joined, [q.id])
        else:
            yield from options_of(q, joined)
    for domain, names in fields.items():
        if row["table"] != "T9":
            yield from counted(f"domain:{domain}", joined, names)
    yield from changes_of(row, pulses, ledger)


def changes_of(row, pulses, ledger):
    """The last four releases against the four before, and against the first four ever."""
    now, first = Period.parse(row["release"]), Period.parse(min(batch["release"] for batch in ledger))
    is_survey_of_a_strategy = row["table"] == "T4" and is_survey(pulses[0])
    if row["table"] not in ("T3", "T4", "T7") or row["filters"]["scope"] != "cumulative":
        return
    if now - first < 7 or is_survey_of_a_strategy:
        return
    lately = scores_between(row, pulses, ledger, now + -3)
    for measure, begins in (("change:four-before", now + -7), ("change:first-four", first)):
        yield measure, change(lately, scores_between(row, pulses, ledger, begins))


def scores_between(row, pulses, ledger, begins):
    """The overall of four releases with the ends of its 99 % and 95 % intervals; None where it has none."""
    window = [it for it in pulses if str(begins) <= it["release"] <= str(begins + 3)]
    score = Sum(window, "score")
    if not score.batches:
        return None
    sums = (score.value / 840, score.people, score.v / 840**2, spread_of(row, window, ledger))
    return min(max(sums[0], 0), sums[1]) / sums[1], reach(*sums, deviations=2.576), reach(*sums)


def change(lately, earlier):
    """What checks a change: the difference, and how far it could be off (Newcombe's tenth method)."""

    def check(figure):
        if lately is None or earlier is None:
            assert figure == {"measure": figure["measure"], "display": "too few answers to say"}
            return
        (one, (low, high), shown), (two, (least, most), shown_before) = lately, earlier
        below, above = (
            one - two - math.hypot(one - low, most - two),
            one - two + math.hypot(high - one, two - least),
        )
        if below <= 0 <= above:
            is_wide = any(100 * (end - start) > 60 for start, end in (shown, shown_before))
            display = "too few answers to say" if is_wide else "no clear change"
            assert figure == {"measure": figure["measure"], "display": display}
            return
        assert figure["display"] == ("clearly higher" if below > 0 else "clearly lower")
        for name, points in (("value", one - two), ("low", below), ("high", above)):
            assert figure[name] in {round(100 * it) for it in near(points)}

    return check


def overall_of(row, pulses, ledger):
    table, score = row["table"], Sum(pulses, "score")
    if score.batches and table not in ("T1d", "T9") and not (table == "T4" and is_survey(pulses[0])):
        yield (
            "overall",
            share(score.value / 840, score.people, score.v / 840**2, spread_of(row, pulses, ledger)),
        )


def asked_in(row, joined):
    """The questions that a row is about: of a strategy those tagged with it in what its programs ask."""
    filters = row["filters"]
    ids_there = {item.partition(":")[0] for batch in joined for item in batch["values"]}
    ids = {filters["question"]} if row["table"] == "T9" else set(QUESTIONS)
    if row["table"] == "T4":
        questions = (q for name in programs_of(filters) for it in SURVEYS[name] for q in it.questions)
        ids = {q.id for q in questions if filters["strategy"] in q.strategies}
    return [q for q in QUESTIONS.values() if q.id in ids & ids_there]


def options_of(question, batches):
    for code in question.codes:
        choices = Sum(batches, f"{question.id}:option:{code}")
        if choices.people >= 6 * math.sqrt(choices.v):
            yield f"option:{question.id}:{code}", share(choices.value, choices.people, choices.v, 1)


def counted(measure, batches, names):
    """A question, or the questions of a field: shown where noise does not drown them."""
    good = [Sum(batches, f"{name}:favourable") for name in names]
    base = sum(it.value for it in good) + sum(Sum(batches, f"{name}:other").value for name in names)
    v = sum(it.v for it in good)
    if max(it.people for it in good) >= 6 * math.sqrt(v / len(names)) and base >= 6 * math.sqrt(v):
        yield measure, share(sum(it.value for it in good), base, v, len(names), of_answers=True)


def spread_of(row, pulses, ledger):
    """How much scores vary between people, of the most they could: the county's, or a large unit's own."""
    county = [
        batch
        for batch in ledger
        if batch["kind"] == "pulse"
        and batch["release"] <= row["release"]
        and sort_of(batch) == sort_of(pulses[0])
    ]
    d = own_spread(county) if sum(batch["n"] for batch in county) >= 200 else 1
    # Of languages nothing but the score is drawn.
    is_large = sum(batch["n"] for batch in pulses) >= 100 and row["table"] != "T8"
    return max(d, own_spread(pulses)) if is_large else d


def own_spread(batches):
    score, within = Sum(batches, "score"), Sum(batches, "spread")
    p = score.value / 840 / score.people
    most = p * (1 - p)
    return min(max(1 - within.value / 840 / score.people / most, 0.3), 1) if most > 0 else 1


def share(part, base, v, weight, *, of_answers=False):
    """What checks a figure: the share, and the two ends where people and noise together reach so far."""
    middle = min(max(part, 0), base) / base
    low, high = reach(part, base, v, weight, of_answers=of_answers)

    def check(figure):
        if 100 * (high - low) > 60:
            assert figure == {"measure": figure["measure"], "display": "too few answers to say"}
            return
        # A half may be rounded either way, and halving stops short of an end by what nobody could write down.
        assert figure["value"] in {min(max(round(100 * it), 3), 97) for it in near(middle)}
        assert figure["display"] == f"{figure['value']} %"
        assert figure["low"] in {min(max(math.floor(100 * it), 3), 97) for it in near(low)}
        assert figure["high"] in {min(max(math.ceil(100 * it), 3), 97) for it in near(high)}

    return check


def reach(part, base, v, weight, *, of_answers=False, deviations=Z):
    """The two ends where people and noise together reach so far."""

    def gap(p, part):
        noise = v * ((1 - p) ** 2 + p**2 if of_answers else 1)
        return (part - p * base) ** 2 - deviations**2 * (weight * base * p * (1 - p) + noise)

    clamped = min(max(part, 0), base)
    low, high = ends(lambda p: gap(p, part)) or ends(lambda p: gap(p, clamped)) or (0, 1)
    return max(low, 0), min(high, 1)


def near(end):
    return end - 1e-9, end, end + 1e-9


def ends(gap):
    """Where a curve that opens upwards crosses zero, by halving; None where it never does."""
    left, right = -10.0, 11.0
    low, high = left, right
    for _ in range(90):  # its lowest point
        one, two = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, two) if gap(one) < gap(two) else (one, high)
    if gap(low) > 0:
        return None
    return crossing(gap, left, low), crossing(gap, right, low)


def crossing(gap, outside, inside):
    for _ in range(64):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if gap(middle) > 0 else (outside, middle)
    return inside


def themes_of(batches):
    for theme in shipped_codebook().themes:
        mentions = Sum(batches, f"theme:{theme.id}")
        sd = math.sqrt(mentions.v)
        if mentions.batches and mentions.value >= max(11, 3.5 * sd):
            yield f"theme:{theme.id}", band(mentions.value, sd)


def band(value, sd):
    """At least two deviations wide, and the same bands whatever the value: else they would narrow it down."""
    first, width = math.ceil(max(11, 3.5 * sd)), math.ceil(2 * sd)

    def check(figure):
        low, high = map(int, figure["display"].removeprefix("about ").split("-"))
        assert set(figure) == {"measure", "display"}
        assert low <= value <= high
        assert high - low == width >= 2 * sd
        assert (low - first) % (width + 1) == 0

    return check


def read_csvs(folder):
    return [csv_lines((folder / f"{name}.csv").read_bytes()) for name in ("results", "measures")]


def read_xlsx(path):
    sheets = xlsx_lines(path.read_bytes())
    return sheets["Results"], sheets["Measures"]
