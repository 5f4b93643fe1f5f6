"""languages: how far each one is, and its words as files, out and in."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import msgspec

from feedback.commands.counting import quantity
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
        tags = ", ".join(tag for tag in LANGUAGES if tag != SOURCE.tag)
        raise click.BadParameter(f"“{value}” is not one of {tags}.")
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
    standing = _standing(_wording())
    if as_json:
        print_json(standing)
        return
    heading = " ".join(f"{it:>9}" for it in _COLUMNS)
    print(f"{'':8} {heading}  offered")
    for it in standing:
        numbers = " ".join(f"{getattr(it, name):9}" for name in _COLUMNS)
        offer = "yes" if it.offered else "no"
        print(f"{it.language:8} {numbers}  {'source' if it.language == SOURCE.tag else offer}")


class Wording(msgspec.Struct, frozen=True):
    """What a deployment says, and what waits to be said."""

    words: Catalogs
    sections: Sequence[Section]
    proposals: Mapping[str, Mapping[str, Proposal]]


def _wording(*entry: str) -> Wording:
    """What the deployment says; where there is none yet, what is shipped. An `entry` is for the audit log."""
    home_settings = settings()
    if not home_settings.home.exists() and not home_settings.database_url:
        shipped_sections = sections(shipped_instruments().values(), shipped_programs().programs)
        return Wording(shipped_words(drafts=home_settings.offer_draft_languages), shipped_sections, {})
    return with_deployment(lambda deployment: _read(deployment, *entry))


async def _read(deployment: Deployment, *entry: str) -> Wording:
    if entry:
        async with deployment.database.transaction() as session:
            await record(session, operator(), *entry)
    async with deployment.database.snapshot() as session:
        words, message_sections = await deployment.words.now(session), await messages_here(session)
        return Wording(words, message_sections, await all_proposals(session))


def _standing(wording: Wording) -> list[LanguageStanding]:
    messages = messages_in(wording.sections)
    offered = wording.words.offered()
    return [
        LanguageStanding(
            **msgspec.structs.asdict(catalog.count(it.source for it in messages)),
            waiting=sum(it.key in wording.proposals.get(tag, {}) for it in messages),
            language=tag,
            name=catalog.language.name,
            offered=catalog.language in offered,
        )
        for tag, catalog in wording.words.catalogs.items()
    ]


@languages_group.command(name="export")
@TAG
@click.option("--format", "kind", type=click.Choice(FORMATS), required=True)
@click.option("--out", type=PATH, required=True)
def export_words(*, language: Language, kind: Format, out: Path) -> None:
    """Write every message of a language to a file, for translators' own tools."""
    wording = _wording("words.export", f"{language.tag} {kind} to {out.name}")
    out.write_bytes(write_words(wording.words.spoken(language), wording.sections, kind))
    print(f"{quantity(len(messages_in(wording.sections)), 'message was', 'messages were')} written to {out}.")


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
    entries = read_words(file, language, reviewed_by)

    async def store(deployment: Deployment) -> ImportPlan:
        async with deployment.database.transaction() as session:
            # First, so that what somebody agrees to meanwhile is there when it is decided what waits.
            await wait_in_line(session)
            catalog = (await deployment.words.now(session)).spoken(language)
            message_sections, instruments = await messages_here(session), await instruments_here(session)
            plan = take(catalog, message_sections, instruments, entries, reviewed=bool(reviewed_by))
            await record(session, operator(), "words.import", _entry(language, file, plan, reviewed_by))
            people = together(operator(), reviewed_by) if reviewed_by else operator()
            if plan.translations:
                await store_translations(session, language, plan.translations, people)
            await settle(session, language, plan.translations)
            await keep_waiting(session, language, plan.proposals, operator())
            return plan

    _tell(with_deployment(store))


def _entry(language: Language, file: Path, plan: ImportPlan, reviewed_by: str) -> str:
    """What the audit log keeps of it. The name of the file comes last: it may be long, and is cut."""
    review = f" reviewed by {reviewed_by}" if reviewed_by else ""
    waits = f", {len(plan.proposals)} wait," if plan.proposals else ""
    return f"{language.tag} {quantity(len(plan.translations), 'message')}{review}{waits} from {file.name}"


def _tell(plan: ImportPlan) -> None:
    states = ", ".join(f"{plan.number(it)} as {word}" for it, word in _STATES)
    messages = quantity(len(plan.translations), "message was", "messages were")
    others = quantity(plan.as_before, "was", "were")
    print(f"{messages} stored ({states}); {others} there already.")
    if plan.proposals:
        wait = quantity(len(plan.proposals), "message waits", "messages wait")
        print(f"{wait} for a second person on the staff door: the words there were reviewed.")
    if plan.empty:
        blanks = quantity(plan.empty, "message has", "messages have")
        print(f"{blanks} no translation in the file and stayed as before.")
    if plan.unproven:
        click.echo(
            f"{quantity(plan.unproven, 'message says', 'messages say')} “reviewed”. A file cannot prove that "
            "a person read the words: none became reviewed. Name the person with --reviewed-by.",
            err=True,
        )


@languages_group.command(name="alone")
def words_of_one() -> None:
    """List reviewed words that one person alone stands behind, as was possible before there had to be two."""
    rows = with_deployment(_by_one)
    for it in rows:
        print(f"{it.language}  {it.on}  {it.who}  /words/{it.language}/{it.key}  “{it.source}”")
    print(f"{quantity(len(rows), 'message')} with one person alone behind reviewed words.")


async def _by_one(deployment: Deployment) -> list[Alone]:
    async with deployment.database.snapshot() as session:
        return await by_one_alone(session)


_STATES = (("reviewed", "reviewed"), ("draft", "drafts"), ("changed", "changed"))
COMMANDS = (languages_group,)
