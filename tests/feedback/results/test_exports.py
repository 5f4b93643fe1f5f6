"""Files of a county with several releases: every figure of every table and measure, for each who may read.

Vera works for Vista Del Mar, Olga for Olive Crest; a program of Vera's became one of Olga's.
"""

import asyncio
import gc
import hashlib
import json
import threading

import pytest

from analysis.publishing.metrics import METRICS
from analysis.publishing.viewers import CTLT
from feedback.results.columns import DICTIONARY, NOTE, PROCESS, RESULTS
from feedback.results.exports import Export
from feedback.results.packages import Package
from feedback.results.tidy import MADE_UP
from feedback.results.workbooks import Workbook
from tests.support.commands import run_here
from tests.support.files.data_package import faults, rows_by_schema
from tests.support.files.expected import holds_exactly, nameless
from tests.support.files.reading import csv_lines, exported, xlsx_lines, zipped
from tests.support.instruments import OWN, RIDE
from tests.support.released import OLIVE, VIEWERS, VISTA, released_county

pytestmark = pytest.mark.slow
EVERY_VIEWER = pytest.mark.parametrize("viewer", VIEWERS)


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    sandbox = released_county(tmp_path_factory.mktemp("county"))
    yield sandbox
    sandbox.shut()


def command(county, *words):
    ending = run_here(county.settings, *map(str, words))
    assert (ending.status, ending.err) == (0, "")
    return ending.out


def of_commands(county, viewer):
    return [
        json.loads(command(county, name, "--viewer", viewer, "--json")) for name in ("tables", "measures")
    ]


def test_the_county_has_every_table_every_kind_of_figure_and_both_origins(county):
    rows, metrics = of_commands(county, "ctlt")
    assert {row["table"] for row in rows if row["figures"]} == set(RESULTS.columns[0].codes) - {"measures"}
    kinds = {figure["measure"].partition(":")[0] for row in rows for figure in row["figures"]}
    assert kinds >= {"overall", "domain", "item", "option", "theme"}
    assert {row["origin"] for row in rows} == {it["origin"] for it in metrics} == {"live", "entered"}
    assert len({row["release"] for row in rows}) == len({it["release"] for it in metrics}) == 3
    assert {it["measure"] for it in metrics} > {"reach-programs", "offered", "overall", "unanswered"}


@EVERY_VIEWER
def test_every_figure_is_equal_in_json_csv_xlsx_and_package(county, viewer):
    rows, metrics = of_commands(county, viewer)
    assert bool(metrics) == (viewer not in ("public", "reader"))
    csvs = (
        csv_lines(exported(county, viewer, "results.csv")),
        csv_lines(exported(county, viewer, "measures.csv")),
    )
    sheets = xlsx_lines(exported(county, viewer, "results.xlsx"))
    parts = zipped(exported(county, viewer, "results.zip"))
    assert holds_exactly(*csvs, rows, metrics)
    assert (sheets["Results"], sheets["Measures"]) == csvs
    assert (csv_lines(parts["results.csv"]), csv_lines(parts["measures.csv"])) == csvs
    assert sheets["Dictionary"] == csv_lines(parts["dictionary.csv"])
    assert nameless(csvs[0]) == nameless(csvs[1]) == []


@EVERY_VIEWER
def test_the_command_writes_the_same_files(county, viewer, tmp_path):
    folder, archive, sheets, alone = (tmp_path / it for it in ("all", "all.zip", "all.xlsx", "all.csv"))
    for form, out in (("csv", folder), ("csv", archive), ("xlsx", sheets), ("csv", alone)):
        text = command(county, "export", "--viewer", viewer, "--format", form, "--out", out)
        assert str(out) in text
    assert archive.read_bytes() == exported(county, viewer, "results.zip")
    assert {it.name: it.read_bytes() for it in folder.iterdir()} == zipped(archive.read_bytes())
    assert sheets.read_bytes() == exported(county, viewer, "results.xlsx")
    assert alone.read_bytes() == exported(county, viewer, "results.csv")


def test_one_release_alone_is_what_the_command_is_asked_for(county, tmp_path):
    out = tmp_path / "one"
    command(county, "export", "--viewer", "ctlt", "--format", "csv", "--out", out, "--release", "2026Q4")
    lines = [csv_lines((out / f"{name}.csv").read_bytes()) for name in ("results", "measures")]
    assert {line["release"] for it in lines for line in it} == {"2026Q4"}
    rows, metrics = of_commands(county, "ctlt")
    own = [[it for it in of if it["release"] == "2026Q4"] for of in (rows, metrics)]
    assert holds_exactly(*lines, *own)
    only = json.loads(command(county, "measures", "--viewer", "ctlt", "--release", "2026Q4", "--json"))
    assert only == own[1]


def test_a_measure_as_json_has_its_name_definition_direction_and_version(county):
    _, metrics = of_commands(county, "ctlt")
    by_id = {it.id: it for it in METRICS}
    for it in metrics:
        metric = by_id[it["measure"]]
        words = {"name": metric.name, "definition": metric.formula, "direction": metric.direction}
        assert {name: it[name] for name in words} == words
        assert (it["informs"], it["version"]) == (list(metric.strategies), 3)
    text = command(county, "measures", "--viewer", "ctlt").splitlines()
    assert len(text) == len(metrics)
    assert text[0].split()[:2] == ["reach-programs", "2026Q3"]
    assert text[0].endswith(metrics[0]["display"])


@EVERY_VIEWER
@pytest.mark.parametrize("made_up", [False, True], ids=["real", "made up"])
def test_the_package_is_one_by_the_standard_and_every_csv_is_read_back_by_its_schema(county, viewer, made_up):
    parts = zipped(exported(county, viewer, "results.zip", made_up=made_up))
    descriptor = json.loads(parts.pop("datapackage.json"))
    assert faults(descriptor) == []
    assert {it["path"] for it in descriptor["resources"]} == set(parts)
    assert descriptor["made_up"] is made_up
    assert ("made up" in descriptor["description"]) is made_up
    for resource in descriptor["resources"]:
        raw = parts[resource["path"]]
        assert (resource["bytes"], resource["hash"]) == (
            len(raw),
            f"sha256:{hashlib.sha256(raw).hexdigest()}",
        )
        rows = rows_by_schema(raw, resource["schema"])
        assert len(rows) == len(csv_lines(raw))
        if resource["name"] == "results":
            assert {type(row["value"]) for row in rows} == {int, type(None)}
            assert {row["released_on"].isoformat() for row in rows} == {
                "2026-10-15",
                "2027-01-15",
                "2027-04-15",
            }
            assert ["2026Q3", "2026Q4"] in [row["periods"] for row in rows]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda it: it.pop("resources"), "'resources' is a required property"),
        (lambda it: it["resources"][0].pop("path"), "'path' is a required property"),
        (lambda it: it["resources"][0].update(path="/etc/passwd"), "does not match"),
        (lambda it: it["resources"][0].update(hash="sha256:xyz"), "does not match"),
        (lambda it: it["resources"][0]["schema"].update(fields=[]), "should be non-empty"),
        (lambda it: it["resources"][0]["schema"]["fields"][0].update(type="text"), "is not valid under any"),
        (lambda it: it["resources"][0]["schema"]["fields"][0].update(name="n"), "two fields have one name"),
        (lambda it: it["resources"][1].update(name="results"), "Two resources have one name"),
        (lambda it: it.update(licenses=[{"title": "none"}]), "'name' is a required property"),
        (lambda it: it.update(profile="tabular-data-package"), "Additional properties are not allowed"),
    ],
)
def test_a_package_that_is_none_by_the_standard_is_found(county, change, fault):
    descriptor = json.loads(zipped(exported(county, "public", "results.zip"))["datapackage.json"])
    change(descriptor)
    assert any(fault in it for it in faults(descriptor))


def test_a_csv_that_is_not_as_its_schema_says_is_found(county):
    parts = zipped(exported(county, "public", "results.zip"))
    schema = json.loads(parts["datapackage.json"])["resources"][0]["schema"]
    raw = parts["results.csv"]
    for old, new in ((b"\nT3,", b"\nT12,"), (b",2026-10-15,", b",yesterday,"), (b"table,", b"tables,")):
        with pytest.raises(ValueError, match=r"none of its codes|Invalid isoformat|The heads are"):
            rows_by_schema(raw.replace(old, new, 1), schema)


def explained(county, viewer, choice=(), **options):
    return csv_lines(zipped(exported(county, viewer, "results.zip", choice, **options))["dictionary.csv"])


def test_the_dictionary_explains_every_column_table_measure_and_question_that_stands_there(county):
    entries = explained(county, "ctlt", made_up=True)
    names = {kind: {it["name"] for it in entries if it["kind"] == kind} for kind in set(_of(entries, "kind"))}
    for sheet in (RESULTS, PROCESS, DICTIONARY):
        own = {it["name"] for it in entries if (it["kind"], it["file"]) == ("column", sheet.name)}
        assert own == {*sheet.header, NOTE.name}
    assert names["table"] == set(RESULTS.columns[0].codes)
    assert names["measure"] == {it.id for it in METRICS}
    lines = csv_lines(exported(county, "ctlt", "results.csv"))
    measures = csv_lines(exported(county, "ctlt", "measures.csv"))
    asked = {line["question"] for line in (*lines, *measures)} - {""}
    assert names["question"] == asked
    assert names["option"] >= {f"{it['question']}:{it['option']}" for it in lines if it["option"]}
    for column in ("scope", "origin", "status", "audience"):
        codes = {it["name"] for it in entries if (it["kind"], it["title"]) == ("code", column)}
        assert set(_of(lines, column)) - {""} <= codes, column
    kinds = tuple(it["name"] for it in entries if (it["kind"], it["title"]) == ("code", "measure"))
    assert all(line["measure"].startswith(kinds) for line in lines if line["measure"])
    assert {"made-up", "promise", "not-promised", "interval", "licence"} <= names["note"]
    assert {line["note"] for line in entries} == {MADE_UP}


def test_the_dictionary_has_each_question_in_every_wording_with_survey_version_and_audiences(county):
    entries = [
        it for it in explained(county, "ctlt") if (it["kind"], it["name"]) == ("question", "core-safety")
    ]
    wordings = {it["instrument"]: (it["text"], it["audience"], it["version"]) for it in entries}
    assert set(wordings) == {
        "caregiver-experience", "event", "expert-review", "protocol-youth", "vista-visit", "youth-experience",
    }  # fmt: skip
    assert wordings["caregiver-experience"][1:] == ("caregiver", "1")
    assert len({text for text, _, _ in wordings.values()}) > 2


def test_no_dictionary_explains_the_surveys_of_other_contractors(county):
    for viewer in ("ctlt", "reader", "public", "contractor:olive-crest"):
        assert OWN.id in _of(explained(county, viewer), "instrument"), viewer
    instruments = set(_of(explained(county, "contractor:vista-del-mar"), "instrument"))
    assert instruments == {"", "youth-experience", "caregiver-experience"}
    assert RIDE.id in _of(explained(county, "contractor:olive-crest"), "name")


def test_what_was_chosen_is_in_the_file_and_nothing_else(county):
    choice = [("table", "T3,measures"), ("program", VISTA), ("release", "2027Q1"), ("origin", "live")]
    sheets = xlsx_lines(exported(county, "ctlt", "results.xlsx", choice))
    assert list(sheets) == ["Results", "Measures", "Dictionary"]
    for title, table in (("Results", "T3"), ("Measures", "measures")):
        lines = sheets[title]
        assert {(it["table"], it["program"], it["release"], it["origin"]) for it in lines} == {
            (table, VISTA, "2027Q1", "live")
        }
    assert list(xlsx_lines(exported(county, "ctlt", "results.xlsx", [("table", "T7")]))) == [
        "Results",
        "Dictionary",
    ]
    assert set(zipped(exported(county, "ctlt", "results.zip", [("table", "measures")]))) == {
        "measures.csv",
        "dictionary.csv",
        "datapackage.json",
    }
    assert csv_lines(exported(county, "ctlt", "results.csv", [("table", "measures")])) == []
    assert csv_lines(exported(county, "ctlt", "measures.csv", [("table", "T2")])) == []
    nobody = [("program", "nobody")]
    assert csv_lines(exported(county, "ctlt", "results.csv", nobody)) == []
    assert (
        faults(json.loads(zipped(exported(county, "ctlt", "results.zip", nobody))["datapackage.json"])) == []
    )


def test_vera_takes_away_what_was_answered_under_her_contract_and_olga_what_came_after(county):
    own = {}
    for viewer in ("contractor:vista-del-mar", "contractor:olive-crest"):
        lines = csv_lines(exported(county, viewer, "results.csv"))
        own[viewer] = {(it["program"], it["release"]) for it in lines if it["table"] == "T1" and it["n"]}
        assert {it["contractor"] for it in lines} <= {"", viewer.removeprefix("contractor:")}
        assert {it["program"] for it in lines} <= {"", VISTA, OLIVE}
    assert own["contractor:vista-del-mar"] == {(VISTA, "2026Q3"), (VISTA, "2026Q4")}
    assert own["contractor:olive-crest"] == {
        (VISTA, "2027Q1"),
        *((OLIVE, it) for it in ("2026Q3", "2026Q4", "2027Q1")),
    }


def test_whoever_goes_away_in_the_middle_leaves_nothing_open(county):
    async def begin(deployment):
        export = Export(database=deployment.database, viewer=CTLT, made_up=False)
        for kind in ("results.xlsx", "results.zip", "results.csv"):
            pieces = export.pieces(kind)
            assert await anext(pieces)
            await pieces.aclose()

    county.run(begin)
    gc.collect()  # what was left open says so now, and every warning is an error


@pytest.mark.parametrize("kind", ["results.xlsx", "results.zip"])
def test_whoever_goes_away_while_a_thread_writes_leaves_nothing_open_either(county, monkeypatch, kind):
    writes, goes_on, closed = threading.Event(), threading.Event(), threading.Event()
    writer = {"results.xlsx": Workbook, "results.zip": Package}[kind]
    write, close = writer.write, writer.close

    def slow(self, blocks):
        writes.set()
        assert goes_on.wait(30)
        write(self, blocks)

    def last(self):
        close(self)
        closed.set()

    monkeypatch.setattr(writer, "write", slow)
    monkeypatch.setattr(writer, "close", last)

    async def leave(deployment):
        pieces = Export(database=deployment.database, viewer=CTLT, made_up=False).pieces(kind)
        task = asyncio.ensure_future(anext(pieces))
        await asyncio.to_thread(writes.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not closed.is_set(), "two would write at once"
        goes_on.set()
        assert await asyncio.to_thread(closed.wait, 30)

    county.run(leave)
    gc.collect()


def test_an_empty_county_has_files_with_heads_and_a_dictionary(sandbox):
    for viewer in ("ctlt", "public"):
        sheets = xlsx_lines(exported(sandbox, viewer, "results.xlsx"))
        assert (sheets["Results"], sheets["Measures"]) == ([], [])
        assert "promise" in _of(sheets["Dictionary"], "name")
        parts = zipped(exported(sandbox, viewer, "results.zip"))
        assert faults(json.loads(parts["datapackage.json"])) == []


def _of(lines, name):
    return [line[name] for line in lines]
