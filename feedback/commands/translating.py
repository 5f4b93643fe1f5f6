"""languages: how far each one is, and its words as files, out and in."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import msgspec

from feedback.commands.counting import counted
from feedback.commands.running import EXISTING, PATH, operator, print_json, settings, with_deployment
from feedback.deployment import Deployment
from feedback.languages import LANGUAGES, SOURCE, Language
from feedback.staff.audit import record, wait_in_line
from feedback.translations.catalogs import Counts
from feedback.translations.proposals import Proposal, all_proposals, keep_waiting, settle
from feedback.translations.sections import Section, messages_in, sections
from feedback.translations.wordfiles import FORMATS, Format, ImportPlan, read_words, take, write_words
from feedback.translations.words import (
    Alone,
    Catalogs,
    by_one_alone,
    instruments_here,
    messages_here,
    shipped_words,
    store_translations,
    together,
)
from surveys.characters import can_be_read
from surveys.instruments import shipped_instruments
from surveys.registry import shipped_programs

_LONGEST_NAME = 100
_COLUMNS = ("messages", "reviewed", "draft", "changed", "missing", "waiting")


class LanguageStanding(Counts, frozen=True, kw_only=True):
    """One language as `--json` tells of it."""

    language: str
    name: str
    waiting: int
    """Messages with words beside these that wait for a second person."""
    offered: bool


def _translated(_: click.Context, __: click.Parameter, value: str) -> Language:
    if value not in LANGUAGES or LANGUAGES[value] is SOURCE:
        known = ", ".join(tag for tag in LANGUAGES if tag != SOURCE.tag)
        raise click.BadParameter(f"“{value}” is not one of {known}.")
    return LANGUAGES[value]


def _person(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """Whoever vouches, as the audit log can hold it; nothing where nobody was named."""
    name = " ".join((value or "").split())
    if (value is not None and not name) or not can_be_read(name) or len(name) > _LONGEST_NAME:
        raise click.BadParameter(
            f"a name is one line of 1 to {_LONGEST_NAME} characters, all of them visible."
        )
    return name


TAG = click.argument("language", metavar="TAG", callback=_translated)


@click.group(name="languages", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def languages_group(context: click.Context, *, as_json: bool) -> None:
    """Say how far each language is: messages reviewed, drafts, changed since, missing; and what waits."""
    if context.invoked_subcommand:
        return
    standing = _standing(_found())
    if as_json:
        print_json(standing)
        return
    named = " ".join(f"{it:>9}" for it in _COLUMNS)
    print(f"{'':8} {named}  offered")
    for it in standing:
        numbers = " ".join(f"{getattr(it, name):9}" for name in _COLUMNS)
        offered = "yes" if it.offered else "no"
        print(f"{it.language:8} {numbers}  {'source' if it.language == SOURCE.tag else offered}")


class Found(msgspec.Struct, frozen=True):
    """What a deployment says, and what waits to be said."""

    words: Catalogs
    sections: Sequence[Section]
    waiting: Mapping[str, Mapping[str, Proposal]]


def _found(*entry: str) -> Found:
    """What the deployment says; where there is none yet, what is shipped. An `entry` is for the audit log."""
    told = settings()
    if not told.home.exists() and not told.database_url:
        found = sections(shipped_instruments().values(), shipped_programs().programs)
        return Found(shipped_words(drafts=told.offer_draft_languages), found, {})
    return with_deployment(lambda deployment: _read(deployment, *entry))


async def _read(deployment: Deployment, *entry: str) -> Found:
    if entry:
        async with deployment.database.transaction() as session:
            await record(session, operator(), *entry)
    async with deployment.database.snapshot() as session:
        words, found = await deployment.words.now(session), await messages_here(session)
        return Found(words, found, await all_proposals(session))


def _standing(here: Found) -> list[LanguageStanding]:
    messages = messages_in(here.sections)
    offered = here.words.offered()
    return [
        LanguageStanding(
            **msgspec.structs.asdict(catalog.count(it.source for it in messages)),
            waiting=sum(it.key in here.waiting.get(tag, {}) for it in messages),
            language=tag,
            name=catalog.language.name,
            offered=catalog.language in offered,
        )
        for tag, catalog in here.words.catalogs.items()
    ]


@languages_group.command(name="export")
@TAG
@click.option("--format", "kind", type=click.Choice(FORMATS), required=True)
@click.option("--out", type=PATH, required=True)
def export_words(*, language: Language, kind: Format, out: Path) -> None:
    """Write every message of a language to a file, for translators' own tools."""
    here = _found("words.export", f"{language.tag} {kind} to {out.name}")
    out.write_bytes(write_words(here.words.spoken(language), here.sections, kind))
    print(f"{counted(len(messages_in(here.sections)), 'message was', 'messages were')} written to {out}.")


@languages_group.command(name="import")
@TAG
@click.argument("file", type=EXISTING)
@click.option(
    "--reviewed-by",
    callback=_person,
    help="The person who read these words in their place and vouches for them; not whoever wrote them.",
)
def import_words(*, language: Language, file: Path, reviewed_by: str) -> None:
    """Take a language's words from a PO or XLIFF FILE: all of it, or nothing when any of it is wrong."""
    given = read_words(file, language, reviewed_by)

    async def store(deployment: Deployment) -> ImportPlan:
        async with deployment.database.transaction() as session:
            # First, so that what somebody agrees to meanwhile is there when it is decided what waits.
            await wait_in_line(session)
            words, found = await deployment.words.now(session), await messages_here(session)
            instruments = await instruments_here(session)
            taken = take(words.spoken(language), found, instruments, given, reviewed=bool(reviewed_by))
            await record(session, operator(), "words.import", _entry(language, file, taken, reviewed_by))
            people = together(operator(), reviewed_by) if reviewed_by else operator()
            if taken.translations:
                await store_translations(session, language, taken.translations, people)
            await settle(session, language, taken.translations)
            await keep_waiting(session, language, taken.proposals, operator())
            return taken

    _tell(with_deployment(store))


def _entry(language: Language, file: Path, taken: ImportPlan, reviewed_by: str) -> str:
    """What the audit log keeps of it. The name of the file comes last: it may be long, and is cut."""
    vouched = f" reviewed by {reviewed_by}" if reviewed_by else ""
    waits = f", {len(taken.proposals)} wait," if taken.proposals else ""
    return f"{language.tag} {counted(len(taken.translations), 'message')}{vouched}{waits} from {file.name}"


def _tell(taken: ImportPlan) -> None:
    kept = ", ".join(f"{taken.number(it)} as {told}" for it, told in _TOLD)
    stored = counted(len(taken.translations), "message was", "messages were")
    there = counted(taken.as_before, "was", "were")
    print(f"{stored} stored ({kept}); {there} there already.")
    if taken.proposals:
        wait = counted(len(taken.proposals), "message waits", "messages wait")
        print(f"{wait} for a second person on the staff door: the words there were reviewed.")
    if taken.empty:
        empty = counted(taken.empty, "message has", "messages have")
        print(f"{empty} no translation in the file and stayed as before.")
    if taken.unproven:
        click.echo(
            f"{counted(taken.unproven, 'message says', 'messages say')} “reviewed”. A file cannot prove that "
            "a person read the words: none became reviewed. Name the person with --reviewed-by.",
            err=True,
        )


@languages_group.command(name="alone")
def words_of_one() -> None:
    """List reviewed words that one person alone stands behind, as was possible before there had to be two."""
    rows = with_deployment(_by_one)
    for it in rows:
        print(f"{it.language}  {it.on}  {it.who}  /words/{it.language}/{it.key}  “{it.source}”")
    print(f"{counted(len(rows), 'message')} with one person alone behind reviewed words.")


async def _by_one(deployment: Deployment) -> list[Alone]:
    async with deployment.database.snapshot() as session:
        return await by_one_alone(session)


_TOLD = (("reviewed", "reviewed"), ("draft", "drafts"), ("changed", "changed"))
COMMANDS = (languages_group,)
