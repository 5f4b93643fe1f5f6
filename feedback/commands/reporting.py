"""tables and export: what may be read, and by whom."""

from pathlib import Path

import click

from analysis.publishing import viewers
from analysis.publishing.rows import Row
from analysis.publishing.viewers import Viewer
from feedback.commands.counting import quantity
from feedback.commands.running import PATH, operator, print_json, quarter, settings, with_deployment
from feedback.deployment import Deployment
from feedback.fieldwork.programs import all_contractors
from feedback.results import exports
from feedback.results.queries import read_tables
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


@click.command()
@VIEWER
@RELEASE
@click.option("--json", "as_json", is_flag=True)
def tables(*, viewer: Viewer, period: Period | None, as_json: bool) -> None:
    """Print the published tables that a viewer may read."""
    rows = with_deployment(lambda deployment: _read(deployment, viewer, period, "view", "tables"))
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
    return row.cause or exports.NOTHING


@click.command()
@VIEWER
@RELEASE
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), required=True)
@click.option("--out", type=PATH, required=True)
def export(*, viewer: Viewer, period: Period | None, kind: str, out: Path) -> None:
    """Write the published tables that a viewer may read to a file."""
    rows = with_deployment(lambda deployment: _read(deployment, viewer, period, "export", out.name))
    write = exports.write_csv if kind == "csv" else exports.write_xlsx
    with out.open("wb") as file:
        write(file, rows, made_up=settings().made_up)
    print(f"{quantity(len(rows), 'row was', 'rows were')} written to {out}.")


async def _read(
    deployment: Deployment, viewer: Viewer, period: Period | None, action: str, where: str
) -> list[Row]:
    async with deployment.database.snapshot() as session:
        if viewer.contractor and viewer.contractor not in await all_contractors(session):
            raise click.UsageError(f"There is no contractor “{viewer.contractor}”.")
        if viewer.kind == "keeper":
            raise click.UsageError(f"No program has a keeper “{viewer.organization}”.")
        rows = await read_tables(session, viewer, release=str(period) if period else None)
    async with deployment.database.transaction() as session:
        scope = f"release {period}" if period else "every release"
        await record(session, operator(), action, f"{where} of {viewer}, {scope}")
    return rows


COMMANDS = (tables, export)
