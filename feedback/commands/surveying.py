"""survey and responses: what we ask, and answers that come as a file."""

from pathlib import Path
from typing import Any

import click
import msgspec

from feedback import importing
from feedback.commands.running import EXISTING, operator, print_json, with_deployment
from surveys.checking import check_instrument
from surveys.instruments import Instrument, InstrumentBroken, load_instrument, shipped_instruments


@click.group(name="survey")
def survey_group() -> None:
    """Instruments: what a survey asks."""


@survey_group.command(name="list")
@click.option("--json", "as_json", is_flag=True)
def list_surveys(*, as_json: bool) -> None:
    """Name every instrument and whom it is written for."""
    instruments = shipped_instruments().values()
    if as_json:
        print_json([_told(it) for it in instruments])
        return
    for it in instruments:
        audiences = ", ".join(it.audiences)
        print(f"{it.id:24} version {it.version}, {len(it.questions)} questions, {audiences}")


@survey_group.command(name="show")
@click.argument("instrument_id")
@click.option("--json", "as_json", is_flag=True)
def show_survey(*, instrument_id: str, as_json: bool) -> None:
    """Show one instrument: questions, kinds, option codes, direction, domain."""
    instrument = shipped_instruments().get(instrument_id)
    if instrument is None:
        raise InstrumentBroken(
            f"There is no instrument “{instrument_id}”; `feedback survey list` names them."
        )
    if as_json:
        print_json(_told(instrument))
        return
    for number, question in enumerate(instrument.questions, start=1):
        good = f", good end {question.favourable}" if question.favourable else ""
        about = f"{question.id}, {question.kind}, {question.domain or 'no domain'}{good}"
        print(f"{number}. {question.text} [{about}]")
        for option in question.options:
            print(f"     {option.code} = {option.text}")


def _told(instrument: Instrument) -> dict[str, Any]:
    """An instrument for a program: every question with every field, absent ones as null or empty."""
    told: dict[str, Any] = msgspec.to_builtins(instrument)
    for question, written in zip(instrument.questions, told["questions"], strict=True):
        written["favourable_codes"] = list(question.favourable_codes)
    return told


@survey_group.command(name="check")
@click.argument("files", nargs=-1, type=EXISTING)
def check_surveys(files: tuple[Path, ...]) -> None:
    """Check instrument FILEs, or all shipped ones, against the rules a program can see."""
    broken: list[str] = []
    instruments: list[Instrument] = [] if files else list(shipped_instruments().values())
    for file in files:
        try:
            instruments.append(load_instrument(file))
        except InstrumentBroken as error:
            broken += str(error).splitlines()
    broken += [sentence for instrument in instruments for sentence in check_instrument(instrument)]
    if broken:
        raise InstrumentBroken("\n".join(broken))
    print(f"{len(instruments)} instruments break no rule that a program can see.")


@click.group(name="responses")
def responses_group() -> None:
    """Answers that come as a file."""


@responses_group.command(name="import")
@click.argument("file", type=EXISTING)
@click.option("--instrument", "instrument_id", required=True)
@click.option("--skip-bad", is_flag=True, help="Store the good rows although others are bad.")
def import_responses(*, file: Path, instrument_id: str, skip_bad: bool) -> None:
    """Put the answers of a CSV FILE through the inbox, marked as entered."""

    async def store(deployment: Any) -> importing.Imported:
        return await importing.import_responses(
            deployment, file, instrument_id, operator(), skip_bad=skip_bad
        )

    done = with_deployment(store)
    for problem in done.skipped:
        click.echo(problem, err=True)
    already = f", {done.already} were there already" if done.already else ""
    print(f"{done.stored} responses were stored{already}.")


COMMANDS = (survey_group, responses_group)
