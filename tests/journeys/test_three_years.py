"""Three simulated years: every figure anyone can get is arithmetic on the ledger and nothing else.

The oracle below is written from the release rule, not from the code that it checks.
"""

import csv
import io
import json
import math
from collections import Counter

import openpyxl
import pytest

from feedback.demo import staging
from surveys.instruments import shipped_instruments
from surveys.registry import shipped_programs
from tests.support.commands import run_here
from tests.support.doors import open_doors
from tests.support.loops import apart

CORE = [f"core-{d}" for d in "safety respect language voice trust access connection helpfulness".split()]  # noqa: SIM905
POOLS = {program.id: program.pool for program in shipped_programs().programs}
STRATEGIES = {program.id: program.strategies for program in shipped_programs().programs}
CONTRACTORS = ("vista-del-mar", "optimist-family-and-youth-services", "olive-crest")
SCALES = {q.id: q.domain for i in shipped_instruments().values() for q in i.questions if q.kind == "scale"}
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
    viewers = ("ctlt", "public", *(f"contractor:{it}" for it in CONTRACTORS))
    return {it: json.loads(run_here(three_years, "tables", "--viewer", it, "--json").out) for it in viewers}


def test_three_years_are_enough_to_see_every_kind_of_table(ledger, rows):
    assert len({batch["release"] for batch in ledger}) == 12
    assert {batch["kind"] for batch in ledger} >= {"program", "language"}
    assert {batch["origin"] for batch in ledger} == {"live", "entered"}
    released = Counter(row["table"] for row in rows["ctlt"] if row["n"])
    assert set(released) == {f"T{number}" for number in range(1, 9)}


def test_every_batch_holds_at_least_eleven_people_and_no_impossible_count(ledger):
    for batch in ledger:
        assert batch["n"] >= 11
        assert all(0 <= count <= batch["n"] for count in batch["items"].values())
    assert len({batch["id"] for batch in ledger}) == len(ledger)


def test_every_figure_in_every_row_recomputes_from_the_ledger(ledger, rows):
    checked = 0
    for viewer, published in rows.items():
        for row in published:
            batches = batches_of(row, ledger)
            if row["status"] == "not_released":
                assert (row["n"], row["figures"]) == (None, [])
                assert not batches, (viewer, row)
                continue
            assert row["n"] == sum(batch["n"] for batch in batches)
            assert row["figures"], (viewer, row)
            for figure in row["figures"]:
                check(figure, row, batches)
                checked += 1
    assert checked > 10_000


def test_the_files_hold_the_same_rows(three_years, rows, tmp_path):
    for viewer in ("ctlt", "public", "contractor:vista-del-mar"):
        wanted = [line for row in rows[viewer] for line in lines_of(row)]
        for kind, read in (("csv", read_csv), ("xlsx", read_xlsx)):
            out = tmp_path / f"{viewer.replace(':', '-')}.{kind}"
            done = run_here(three_years, "export", "--viewer", viewer, "--format", kind, "--out", str(out))
            assert done.status == 0, done.err
            assert Counter(read(out)) == Counter(wanted)


def test_running_the_release_again_changes_nothing(three_years, ledger):
    again = run_here(three_years, "release")
    assert again.status == 1
    assert json.loads(run_here(three_years, "ledger", "--json").out) == ledger


def test_what_was_destroyed_is_in_no_file(three_years, tmp_path):
    with open_doors(three_years, tmp_path):
        pass  # they rewrite the inbox, and doctor says when none has for days
    assert run_here(three_years, "doctor").out.count("TO DO") == 0


def of_people(batch):
    """Whether a batch is in the program partition and not of professionals."""
    return batch["kind"] != "language" and batch["audience"] != "partner"


WANTED = {
    "T1": lambda b, told: (
        (b["kind"], b["owner"], b["audience"]) == ("program", told["program"], told["audience"])
    ),
    "T2": lambda b, told: of_people(b) and (b["kind"], b["owner"]) == ("program", told["program"]),
    "T3": lambda b, told: of_people(b) and (b["kind"], b["owner"]) == ("program", told["program"]),
    "T4": lambda b, told: (
        of_people(b) and b["kind"] == "program" and told["strategy"] in STRATEGIES[b["owner"]]
    ),
    "T5": lambda b, told: of_people(b) and told["pool"] in (b["owner"], POOLS.get(b["owner"])),
    "T6": lambda b, told: b["kind"] != "language" and b["audience"] == told["audience"].partition(" ")[0],
    "T7": lambda b, _told: of_people(b),
    "T8": lambda b, told: (b["kind"], b["owner"]) == ("language", told["language"]),
}


def batches_of(row, ledger):
    """Return the batches a row is about, from its filters alone."""
    table, told = row["table"], row["filters"]
    found = [b for b in ledger if b["origin"] == row["origin"] and b["release"] <= row["release"]]
    if table in ("T1", "T2", "T6", "T8") or told.get("scope") == "release":
        found = [b for b in found if b["release"] == row["release"]]
    if "batch" in row:
        found = [b for b in found if b["id"] == row["batch"]]
    if "contractor" in told:
        found = [b for b in found if b["contractor"] == told["contractor"]]
    return [b for b in found if WANTED[table](b, told)]


def check(figure, row, batches):
    kind, _, name = figure["measure"].partition(":")
    if kind == "theme":
        held = [b for b in batches if f"theme:{name}" in b["items"]]
        people = sum(b["items"][f"theme:{name}"] for b in held)
        assert people >= 6 + len(held)
        shown = round(people - len(held) / 2)
        band = "a few" if shown <= 10 else "11-20" if shown <= 20 else "21-50" if shown <= 50 else "51+"
        assert (figure["display"], figure.get("value")) == (band, None)
        return
    if kind in ("option", "declined"):
        item = f"{name}:declined" if kind == "declined" else name.replace(":", ":option:")
        held = [b for b in batches if item in b["items"]]
        part, base, questions = sum(b["items"][item] for b in held), sum(b["n"] for b in held), 1
        assert base >= 25
    else:
        names = {"overall": CORE, "item": [name]}.get(kind) or of_domain(name, row, batches)
        held = [b for b in batches if f"{names[0]}:favourable" in b["items"]]
        part = sum(b["items"].get(f"{it}:favourable", 0) for b in held for it in names)
        base = part + sum(b["items"].get(f"{it}:other", 0) for b in held for it in names)
        questions = len(names)
        if kind != "overall":
            assert sum(b["n"] for b in held) >= 25
            assert base >= 20
    check_share(figure, part, base, len(held), questions, 530 if row["table"] == "T8" else 260)


def of_domain(domain, row, batches):
    """Return a domain's questions: core ones alone where several audiences are summed."""
    whole = row["table"] == "T1" or (row["table"] == "T6" and row["filters"]["audience"] != "mixed / pooled")
    names = [it for it, its in SCALES.items() if its == domain and (whole or it in CORE)]
    held = {it: [b["n"] for b in batches if f"{it}:favourable" in b["items"]] for it in names}
    return [it for it in names if sum(held[it]) >= 25]


def check_share(figure, part, base, draws, questions, spread):
    if part >= base - 3:
        value, bound = math.floor(100 * (base - 3) / base), ">="
    elif part <= 3:
        value, bound = math.ceil(300 / base), "<="
    else:
        value, bound = round(100 * part / base), None
    assert (figure["value"], figure.get("bound")) == (value, bound)
    people = base / questions
    p, z2 = value / 100, 1.959964**2
    middle = (p + z2 / (2 * people)) / (1 + z2 / people)
    half = math.sqrt(z2) * math.sqrt(p * (1 - p) / people + z2 / (4 * people**2)) / (1 + z2 / people)
    wider = math.ceil(spread * math.sqrt(draws) / people) / math.sqrt(questions)
    assert figure["low"] == max(0, math.floor(100 * (middle - half) - wider))
    assert figure["high"] == min(100, math.ceil(100 * (middle + half) + wider))


def lines_of(row):
    told = "; ".join(
        f"{name}={'|'.join(it) if isinstance(it, list) else it}" for name, it in row["filters"].items()
    )
    about = [
        row["table"],
        row["release"],
        row["released_on"],
        row.get("batch"),
        told,
        row["origin"],
        row["n"],
    ]
    about.append(row["status"])
    names = ("measure", "value", "bound", "low", "high", "display")
    for figure in row["figures"] or [{"display": "Not enough answers yet (fewer than 11)"}]:
        yield tuple("" if it is None else str(it) for it in [*about, *(figure.get(name) for name in names)])


def read_csv(path):
    header, *found = csv.reader(io.StringIO(path.read_text("utf-8"), newline=""))
    assert header[-1] == "note"
    assert {line[-1] for line in found} == {"MADE-UP ANSWERS FOR DEMONSTRATION"}
    return [tuple(line[:-1]) for line in found]


def read_xlsx(path):
    _, *found = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    return [tuple("" if cell is None else str(cell) for cell in line[:-1]) for line in found]
