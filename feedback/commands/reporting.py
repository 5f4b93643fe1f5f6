"""tables, measures and export: what may be read, and by whom."""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from analysis.publishing import viewers
from analysis.publishing.process_measures import Measure
from analysis.publishing.rows import Row
from analysis.publishing.viewers import Viewer
from feedback.commands.running import PATH, operator, print_json, quarter, settings, with_deployment
from feedback.deployment import Deployment
from feedback.fieldwork.programs import all_contractors
from feedback.results.exports import Export, Kind
from feedback.results.queries import read_measures, read_tables
from feedback.results.selections import Selection
from feedback.results.tidy import NOTHING
from feedback.staff.audit import record
from surveys.periods import Period


def _viewer(_context: click.Context, _parameter: click.Parameter, value: str) -> Viewer:
    try:
        return viewers.parse(value)
    except viewers.ViewerUnknown as error:
        raise click.BadParameter(str(error)) from error


VIEWER = click.option(
    "--viewer", required=True, callback=_viewer, help="public, reader, ctlt, contractor:ID or keeper:ID"
)
RELEASE = click.option("--release", "period", callback=quarter, help="Only this release, such as 2026Q3.")
JSON = click.option("--json", "as_json", is_flag=True)


@click.command()
@VIEWER
@RELEASE
@JSON
def tables(*, viewer: Viewer, period: Period | None, as_json: bool) -> None:
    """Print the published tables that a viewer may read."""
    rows = with_deployment(lambda deployment: _rows(deployment, viewer, period))
    if as_json:
        print_json(rows)
        return
    for row in rows:
        where = ", ".join(str(value) for name, value in row.filters.items() if name != "periods")
        print(f"{row.table} {row.release} {where:50} {row.origin:7} n = {row.n or '-'}  {_summary(row)}")


def _summary(row: Row) -> str:
    """The overall of a row, or its only figure, or how many it has; or why it has none."""
    overall = row.figure("overall")
    if overall or len(row.figures) == 1:
        figure = overall or row.figures[0]
        return f"{figure.measure} {figure.display}"
    if row.figures:
        return f"{len(row.figures)} figures: --json shows them"
    return row.cause or NOTHING


@click.command()
@VIEWER
@RELEASE
@JSON
def measures(*, viewer: Viewer, period: Period | None, as_json: bool) -> None:
    """Print the process metrics that a viewer may read."""
    metrics = with_deployment(lambda deployment: _measures(deployment, viewer, period))
    if as_json:
        print_json([_with_words(it) for it in metrics])
        return
    for it in metrics:
        where = ", ".join(it.scope.values())
        print(f"{it.measure:20} {it.release} {where:50} {it.origin:7} {it.display}")


def _with_words(measure: Measure) -> dict[str, Any]:
    """A measure with what it is called and means: its id alone says neither."""
    metric = measure.metric
    words = {"name": metric.name, "definition": metric.formula, "direction": metric.direction}
    return {**msgspec.to_builtins(measure), **words, "informs": metric.strategies, "version": measure.version}


@click.command()
@VIEWER
@RELEASE
@click.option("--format", "form", type=click.Choice(["csv", "xlsx"]), required=True)
@click.option("--out", type=PATH, required=True, help="A folder, or a file that ends in .zip, .csv or .xlsx.")
def export(*, viewer: Viewer, period: Period | None, form: str, out: Path) -> None:
    """Write results, measures and a data dictionary that a viewer may read to files."""
    kind = _kind(form, out)
    with_deployment(lambda deployment: _export(deployment, viewer, period, kind, out))
    print(_SENTENCES[kind].format(out))


_SENTENCES: dict[Kind, str] = {
    "results.csv": "Results were written to {}; measures and the dictionary come with a folder or a .zip.",
    "results.xlsx": "Results, measures and the dictionary were written to {}.",
    "results.zip": "Results, measures and the dictionary were written to {}, with datapackage.json.",
}


def _kind(form: str, out: Path) -> Kind:
    """One CSV is results alone, as it always was; a folder or an archive holds everything."""
    if form == "xlsx":
        return "results.xlsx"
    return "results.csv" if out.suffix == ".csv" and not out.is_dir() else "results.zip"


async def _rows(deployment: Deployment, viewer: Viewer, period: Period | None) -> list[Row]:
    await _note(deployment, viewer, period, "view", "tables")
    async with deployment.database.snapshot() as session:
        return await read_tables(session, viewer, release=str(period) if period else None)


async def _measures(deployment: Deployment, viewer: Viewer, period: Period | None) -> list[Measure]:
    await _note(deployment, viewer, period, "view", "measures")
    async with deployment.database.snapshot() as session:
        return await read_measures(session, viewer, str(period) if period else None)


async def _export(
    deployment: Deployment, viewer: Viewer, period: Period | None, kind: Kind, out: Path
) -> None:
    await _note(deployment, viewer, period, "export", out.name)
    selection = Selection(chosen={"release": frozenset({str(period)})} if period else {})
    files = Export(
        database=deployment.database, viewer=viewer, made_up=settings().made_up, selection=selection
    )
    with _opened(out, kind) as file:
        async for piece in files.pieces(kind):
            file.write(piece)


@contextmanager
def _opened(out: Path, kind: Kind) -> Iterator[IO[bytes]]:
    if kind != "results.zip" or out.suffix == ".zip":
        with out.open("wb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as file:
        yield file
        with zipfile.ZipFile(file) as parts:
            parts.extractall(out)


async def _note(
    deployment: Deployment, viewer: Viewer, period: Period | None, action: str, subject: str
) -> None:
    """Write into the audit log who reads what. Raises UsageError where there is no such viewer."""
    async with deployment.database.transaction() as session:
        if viewer.contractor and viewer.contractor not in await all_contractors(session):
            raise click.UsageError(f"There is no contractor “{viewer.contractor}”.")
        if viewer.kind == "keeper":
            raise click.UsageError(f"No program has a keeper “{viewer.organization}”.")
        scope = f"release {period}" if period else "every release"
        await record(session, operator(), action, f"{subject} of {viewer}, {scope}")


COMMANDS = (tables, measures, export)
