"""survey and responses: what we ask, and answers that come as a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from feedback.commands import forms
from feedback.commands.counting import quantity
from feedback.commands.running import EXISTING, PATH, operator, print_json, settings, with_deployment
from feedback.deployment import Deployment
from feedback.entering import importing
from feedback.fieldwork.instruments import add_instrument, known_instruments
from feedback.languages import LANGUAGES
from feedback.staff.audit import record
from feedback.storage import keys
from feedback.translations.sections import texts_of
from feedback.translations.words import Catalogs, shipped_words
from surveys.checking import check_instrument
from surveys.instruments import (
    AUDIENCES,
    Audience,
    Instrument,
    InstrumentBroken,
    load_instrument,
    shipped_instruments,
)


@click.group(name="survey")
def survey_group() -> None:
    """Instruments: what a survey asks."""


def _instruments_and_words() -> tuple[dict[str, Instrument], Catalogs]:
    """The instruments and words of the deployment, or the shipped ones where there is none."""
    if not (settings().keys / keys.INBOX_SECRET).exists():
        return shipped_instruments(), shipped_words(drafts=True)

    async def read(deployment: Deployment) -> tuple[dict[str, Instrument], Catalogs]:
        async with deployment.database.snapshot() as session:
            return await known_instruments(session), await deployment.words.now(session)

    return with_deployment(read)


def _one(instruments: Mapping[str, Instrument], instrument_id: str) -> Instrument:
    instrument = instruments.get(instrument_id)
    if instrument is None:
        raise InstrumentBroken(
            f"There is no instrument “{instrument_id}”; `feedback survey list` names them."
        )
    return instrument


@survey_group.command(name="list")
@click.option("--json", "as_json", is_flag=True)
def list_surveys(*, as_json: bool) -> None:
    """Name every instrument and whom it is written for."""
    instruments = _instruments_and_words()[0].values()
    if as_json:
        print_json([_as_fields(it) for it in instruments])
        return
    for it in instruments:
        audiences = ", ".join(it.audiences)
        print(f"{it.id:24} version {it.version}, {quantity(len(it.questions), 'question')}, {audiences}")


@survey_group.command(name="show")
@click.argument("instrument_id")
@click.option("--json", "as_json", is_flag=True)
def show_survey(*, instrument_id: str, as_json: bool) -> None:
    """Show one instrument: questions, kinds, option codes, direction, domain."""
    instrument = _one(_instruments_and_words()[0], instrument_id)
    if as_json:
        print_json(_as_fields(instrument))
        return
    for number, question in enumerate(instrument.questions, start=1):
        good = f", good end {question.favourable}" if question.favourable else ""
        about = f"{question.id}, {question.kind}, {question.domain or 'no domain'}{good}"
        print(f"{number}. {question.text} [{about}]")
        for option in question.options:
            print(f"     {option.code} = {option.text}")


def _as_fields(instrument: Instrument) -> dict[str, Any]:
    """An instrument for a program: every question with every field, absent ones as null or empty."""
    fields: dict[str, Any] = msgspec.to_builtins(instrument)
    for question, question_fields in zip(instrument.questions, fields["questions"], strict=True):
        question_fields["favourable_codes"] = list(question.favourable_codes)
    return fields


@survey_group.command(name="check")
@click.argument("files", nargs=-1, type=EXISTING)
def check_surveys(files: tuple[Path, ...]) -> None:
    """Check instrument FILEs, or all known ones, against the rules a program can see."""
    problems: list[str] = []
    by_id, words = _instruments_and_words()
    instruments: list[Instrument] = [] if files else list(by_id.values())
    for file in files:
        try:
            instruments.append(load_instrument(file))
        except InstrumentBroken as error:
            problems += str(error).splitlines()
    problems += [sentence for instrument in instruments for sentence in check_instrument(instrument)]
    if problems:
        raise InstrumentBroken("\n".join(problems))
    keep = quantity(len(instruments), "instrument breaks", "instruments break")
    print(f"{keep} no rule that a program can see.")
    for instrument in instruments:
        _tell_untranslated(instrument, words)


def _tell_untranslated(instrument: Instrument, words: Catalogs) -> None:
    """A language that lacks a word of a survey is not offered on it: no reason to refuse, but to know."""
    speaking = {it.language for it in words.speaking(texts_of(instrument))}
    silent = [tag for tag, language in LANGUAGES.items() if language not in speaking]
    if silent:
        print(f"{instrument.id} is not offered in {', '.join(silent)}: words of it are not translated yet.")


@survey_group.command(name="add")
@click.argument("file", type=EXISTING)
def add_survey(file: Path) -> None:
    """Store the instrument in FILE, or what may be changed of one that is stored."""
    instrument = load_instrument(file)
    if problems := check_instrument(instrument):
        raise InstrumentBroken("\n".join(problems))

    name = f"{instrument.id} version {instrument.version}"

    async def store(deployment: Deployment) -> None:
        async with deployment.database.transaction() as session:
            # First the entry: a second one at the same time waits for it, and then sees what this one stored.
            await record(session, operator(), "survey.add", name)
            await add_instrument(session, instrument, deployment.settings.today)

    with_deployment(store)
    print(f"{name} is stored; `feedback link add --instrument {instrument.id}` asks it.")


@survey_group.command(name="import-xlsform")
@click.argument("file", type=EXISTING)
@click.option("--id", "instrument_id", help="The id of the instrument; the form's own when left out.")
@click.option("--audience", "audiences", type=click.Choice(AUDIENCES), multiple=True, help="Whom it asks.")
@click.option("--out", type=PATH, help="Where the instrument is written; beside the form when left out.")
def import_form(
    *, file: Path, instrument_id: str | None, audiences: tuple[Audience, ...], out: Path | None
) -> None:
    """Turn an XLSForm of Kobo, ODK or Enketo into an instrument file to look over and add."""
    forms.move_in(file, instrument_id, audiences, out or file.with_suffix(".toml"))


@survey_group.command(name="export-xlsform")
@click.argument("instrument_id")
@click.argument("file", type=PATH)
def export_form(instrument_id: str, file: Path) -> None:
    """Write an instrument as an XLSForm, in every language that has all its words."""
    instruments, words = _instruments_and_words()
    forms.move_out(_one(instruments, instrument_id), words, file)


@click.group(name="responses")
def responses_group() -> None:
    """Answers that come as a file."""


@responses_group.command(name="import")
@click.argument("file", type=EXISTING)
@click.option("--instrument", "instrument_id", required=True)
@click.option("--skip-bad", is_flag=True, help="Store the good rows although others are bad.")
def import_responses(*, file: Path, instrument_id: str, skip_bad: bool) -> None:
    """Put the answers of a CSV FILE through the inbox, marked as entered."""

    async def store(deployment: Any) -> importing.ImportOutcome:
        return await importing.import_responses(
            deployment, file, instrument_id, operator(), skip_bad=skip_bad
        )

    outcome = with_deployment(store)
    for problem in outcome.skipped:
        click.echo(problem, err=True)
    n_already = f", {outcome.n_already} were there already" if outcome.n_already else ""
    print(f"{quantity(outcome.n_stored, 'response was', 'responses were')} stored{n_already}.")


COMMANDS = (survey_group, responses_group)
