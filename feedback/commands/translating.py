"""languages: how far each one is, and its words as files, out and in."""

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from feedback.audit import record
from feedback.catalogs import Counts
from feedback.commands.counting import counted
from feedback.commands.running import EXISTING, PATH, operator, print_json, settings, with_deployment
from feedback.deployment import Deployment
from feedback.languages import LANGUAGES, SOURCE, Language
from feedback.sections import Section, messages_in, sections
from feedback.wordfiles import FORMATS, Format, Taken, read_words, take, write_words
from feedback.words import Words, instruments_here, messages_here, shipped_words, store_translations
from surveys.instruments import shipped_instruments
from surveys.registry import shipped_programs


class Standing(Counts, frozen=True, kw_only=True):
    """One language as `--json` tells of it."""

    language: str
    name: str
    offered: bool


def _translated(_: click.Context, __: click.Parameter, value: str) -> Language:
    if value not in LANGUAGES or LANGUAGES[value] is SOURCE:
        known = ", ".join(tag for tag in LANGUAGES if tag != SOURCE.tag)
        raise click.BadParameter(f"“{value}” is not one of {known}.")
    return LANGUAGES[value]


TAG = click.argument("language", metavar="TAG", callback=_translated)


@click.group(name="languages", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def languages_group(context: click.Context, *, as_json: bool) -> None:
    """Say how far each language is: messages reviewed by a person, drafts, changed since, missing."""
    if context.invoked_subcommand:
        return
    standing = _standing(*_found())
    if as_json:
        print_json(standing)
        return
    print(f"{'':8} {'messages':>9} {'reviewed':>9} {'draft':>9} {'changed':>9} {'missing':>9}  offered")
    for it in standing:
        numbers = " ".join(f"{n:9}" for n in (it.messages, it.reviewed, it.draft, it.changed, it.missing))
        offered = "yes" if it.offered else "no"
        print(f"{it.language:8} {numbers}  {'source' if it.language == SOURCE.tag else offered}")


def _found(*entry: str) -> tuple[Words, Sequence[Section]]:
    """What the deployment says; where there is none yet, what is shipped. An `entry` is for the audit log."""
    told = settings()
    if not told.home.exists() and not told.database_url:
        found = sections(shipped_instruments().values(), shipped_programs().programs)
        return shipped_words(drafts=told.offer_draft_languages), found
    return with_deployment(lambda deployment: _read(deployment, *entry))


async def _read(deployment: Deployment, *entry: str) -> tuple[Words, Sequence[Section]]:
    if entry:
        async with deployment.database.transaction() as session:
            await record(session, operator(), *entry)
    async with deployment.database.snapshot() as session:
        return await deployment.words.now(session), await messages_here(session)


def _standing(words: Words, found: Sequence[Section]) -> list[Standing]:
    sources = [message.source for message in messages_in(found)]
    offered = words.offered()
    return [
        Standing(
            **msgspec.structs.asdict(catalog.count(sources)),
            language=tag,
            name=catalog.language.name,
            offered=catalog.language in offered,
        )
        for tag, catalog in words.catalogs.items()
    ]


@languages_group.command(name="export")
@TAG
@click.option("--format", "kind", type=click.Choice(FORMATS), required=True)
@click.option("--out", type=PATH, required=True)
def export_words(*, language: Language, kind: Format, out: Path) -> None:
    """Write every message of a language to a file, for translators' own tools."""
    words, found = _found("words.export", f"{language.tag} {kind} to {out.name}")
    out.write_bytes(write_words(words.spoken(language), found, kind))
    print(f"{counted(len(messages_in(found)), 'message was', 'messages were')} written to {out}.")


@languages_group.command(name="import")
@TAG
@click.argument("file", type=EXISTING)
@click.option("--reviewed-by", help="The person who read these words in their place and vouches for them.")
def import_words(*, language: Language, file: Path, reviewed_by: str | None) -> None:
    """Take a language's words from a PO or XLIFF FILE: all of it, or nothing when any of it is wrong."""
    given = read_words(file, language)
    by = (reviewed_by or "").strip()

    async def store(deployment: Deployment) -> Taken:
        async with deployment.database.transaction() as session:
            words, found = await deployment.words.now(session), await messages_here(session)
            instruments = await instruments_here(session)
            taken = take(words.spoken(language), found, instruments, given, reviewed=bool(by))
            number = counted(len(taken.written), "message")
            told = f"{language.tag} {number} from {file.name}{', reviewed' if by else ''}"
            await record(session, operator(), "words.import", told)
            if taken.written:
                await store_translations(session, language, taken.written, by or operator())
            return taken

    _tell(with_deployment(store))


def _tell(taken: Taken) -> None:
    kept = ", ".join(f"{taken.number(it)} as {told}" for it, told in _TOLD)
    stored = counted(len(taken.written), "message was", "messages were")
    there = counted(taken.as_before, "was", "were")
    print(f"{stored} stored ({kept}); {there} there already.")
    if taken.empty:
        empty = counted(taken.empty, "message has", "messages have")
        print(f"{empty} no translation in the file and stayed as before.")
    if taken.unproven:
        click.echo(
            f"{counted(taken.unproven, 'message says', 'messages say')} “reviewed”. A file cannot prove that "
            "a person read the words: they are drafts. Name the person with --reviewed-by.",
            err=True,
        )


_TOLD = (("reviewed", "reviewed"), ("draft", "drafts"), ("changed", "changed"))
COMMANDS = (languages_group,)
