"""release and ledger."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from analysis.batch_ledger import Batch
from analysis.publishing.viewers import CTLT
from feedback.commands.counting import quantity
from feedback.commands.running import (
    PATH,
    operator,
    print_json,
    quarter,
    read_passphrase,
    settings,
    with_deployment,
)
from feedback.deployment import Deployment
from feedback.fieldwork.programs import all_programs
from feedback.release.ledgerfiles import NEVER_RELEASED, LedgerFile, read_ledger_file
from feedback.release.ledgers import read_ledger
from feedback.release.runner import ReleaseOutcome, ReleaseRunner
from feedback.results.queries import flags, read_measures
from feedback.staff.audit import record
from feedback.storage import keys
from surveys.periods import Period


@click.command()
@click.option(
    "--period", callback=quarter, help="The quarter to release, such as 2026Q3; the next one when left out."
)
@click.option("--key", "key_file", type=PATH, help="The private release key, or its paper copy typed in.")
@click.option("--passphrase-file", type=PATH)
@click.option("--dry-run", is_flag=True, help="Only say how many batches would close.")
@click.option("--pretended-date", is_flag=True, help="Release although the date is pretended.")
@click.option("--newest-ledger", type=PATH, help="After a restore: the newest ledger that a release left.")
@click.option("--no-ledger", is_flag=True, help="After a restore: no release ever ran.")
def release(
    *,
    period: Period | None,
    key_file: Path | None,
    passphrase_file: Path | None,
    dry_run: bool,
    pretended_date: bool,
    newest_ledger: Path | None,
    no_ledger: bool,
) -> None:
    """Let a quarter's answers out safely. Needs the private release key."""
    path = key_file or settings().keys / keys.RELEASE_PRIVATE
    passphrase = read_passphrase(passphrase_file, "Passphrase") if keys.needs_passphrase(path) else None
    private = keys.read_release(path, passphrase)

    newest = _newest(newest_ledger, never=no_ledger)

    async def run(deployment: Deployment) -> tuple[ReleaseOutcome, list[str]]:
        releasing = ReleaseRunner(
            deployment.database,
            deployment.settings,
            deployment.inbox.public,
            deployment.review_public,
            operator(),
        )
        outcome = await releasing.run(
            private,
            period,
            dry=dry_run,
            pretended=pretended_date,
            newest=newest,
            progress=_show_nothing if dry_run else _show,
        )
        return outcome, await _flagged_programs(deployment, outcome.period)

    outcome, programs = with_deployment(run)
    _tell(outcome, dry=dry_run)
    if programs:
        print(f"More answers than people served, so someone should look: {', '.join(programs)}.")
    for warning in _warnings(outcome, dry=dry_run):
        click.echo(warning, err=True)


def _newest(path: Path | None, *, never: bool) -> LedgerFile | None:
    if never:
        return NEVER_RELEASED
    return read_ledger_file(path) if path else None


def _tell(outcome: ReleaseOutcome, *, dry: bool) -> None:
    if outcome.again:
        print(f"Lost with the database, and there again as it was: {', '.join(outcome.again)}.")
    if outcome.taken_over:
        print(
            f"Lost with the database: {', '.join(outcome.taken_over)}. It did not come out as it was, so what"
            " it let out stands again, and what waited from then is destroyed unread: nobody goes out twice."
        )
    else:
        would = "would close" if dry else "closed"
        unions = f", and {outcome.joined} that join them" if outcome.joined else ""
        print(f"{outcome.period}: {quantity(outcome.batches, 'batch', 'batches')} {would}{unions}.")
    if outcome.ledger_file:
        print(f"{outcome.ledger_file} holds what was let out so far: take it with the next backup.")


def _warnings(outcome: ReleaseOutcome, *, dry: bool) -> Iterator[str]:
    if not outcome.overwritten:
        yield "Somebody was reading: run `feedback release` again to overwrite what was deleted."
    if outcome.unreadable:
        yield (
            "Left where they are, because they do not open or make no sense: "
            f"{quantity(outcome.unreadable, 'sealed row')}."
        )
    if outcome.restamped and not dry:
        yield (
            f"Answers bore a quarter that cannot be and count as {outcome.period}: the clock of the survey"
            " door's machine was wrong."
        )
    if outcome.languages_lost:
        yield (
            "What was kept of this year's answers is not whole: there are no tables by language, and what is"
            " lost is in no question and no theme."
        )


async def _flagged_programs(deployment: Deployment, period: str) -> list[str]:
    """The programs that this release flags, by name and without a number."""
    async with deployment.database.snapshot() as session:
        names = {it.id: it.short for it in await all_programs(session)}
        measures = flags(await read_measures(session, CTLT, period))
    whose = {"live": "live answers", "entered": "collected by the program"}
    apart = {True: " of partners", False: ""}
    return [
        f"{names[it.scope['program']]} ({whose[it.origin]}{apart['audience' in it.scope]})" for it in measures
    ]


def _show(batches: int) -> None:
    """On a terminal, while it takes its time. Never how many people: tried daily, it would see them come."""
    if sys.stderr.isatty():
        print(f"\r{quantity(batches, 'batch', 'batches')}", end="", file=sys.stderr)


def _show_nothing(_batches: int) -> None:
    """A dry run can be had any day: it says how many batches would close, and nothing else."""


@click.command()
@click.option("--json", "as_json", is_flag=True)
def ledger(*, as_json: bool) -> None:
    """Print every batch exactly as stored."""

    async def read(deployment: Deployment) -> list[Batch]:
        async with deployment.database.transaction() as session:
            await record(session, operator(), "view", "ledger")
        async with deployment.database.snapshot() as session:
            return await read_ledger(session)

    batches = with_deployment(read)
    if as_json:
        print_json(batches)
        return
    for it in batches:
        print(f"{it.id} {it.release} {it.kind:8} {it.owner:24} {it.audience:10} {it.origin:7} n = {it.n}")


COMMANDS = (release, ledger)
