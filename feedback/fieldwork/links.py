"""Links: an address that opens one survey for one program and one audience at one place."""

import datetime as dt
import re
import secrets
from collections.abc import Callable

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.fieldwork.instruments import instrument_by_id, known_instruments
from feedback.fieldwork.programs import note_asked, program_by_id
from feedback.fieldwork.reading_plans import ReadingPlan, plan_of
from feedback.languages import LANGUAGES
from feedback.storage.tables import LinkRow
from surveys.characters import can_be_read
from surveys.instruments import Audience, Instrument
from surveys.registry import Program, default_instrument

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""No letters that look alike: people copy these from posters."""
_SLUG = re.compile(r"[2-9a-z]{8}")
_ORIGIN = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")
"""Nothing else: an origin becomes part of a security header, where `;` or a space would begin a new rule."""
LONGEST_PLACE = 200


class LinkRefused(Exception):
    """A link cannot be made; the message says why, and `field` what of it was wrong."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


class LinkUnknown(Exception):
    """No link has this address."""


class LinkClosed(Exception):
    """The link was closed by the program that made it, or its time is over."""

    def __init__(self, embed: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.embed = embed
        """The sites that show it, and now have to show that it is closed."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One link as pages need it."""

    slug: str
    program: Program
    audience: Audience
    instrument: Instrument
    language: str | None
    place: str
    embed: tuple[str, ...]
    comments: bool
    """Whether it asks for words: whoever made it wanted to, and somebody will read them."""
    reading: ReadingPlan | None
    made_on: dt.date
    expires_on: dt.date | None
    closed_on: dt.date | None

    def is_open(self, today: dt.date) -> bool:
        return self.closed_on is None and (self.expires_on is None or today <= self.expires_on)


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """What someone who makes a link says about it."""

    program: str
    audience: Audience
    instrument: str | None = None
    language: str | None = None
    place: str = ""
    embed: tuple[str, ...] = ()
    comments: bool = True
    expires_on: dt.date | None = None


def new_slug(choose: Callable[[str], str] = secrets.choice) -> str:
    """The part of an address that nobody guesses; `choose` takes a letter of an alphabet."""
    return "".join(choose(_ALPHABET) for _ in range(8))


async def make_link(session: AsyncSession, link: NewLink, today: dt.date, slug: str | None = None) -> Link:
    """Make a link under a new slug. Raises LinkRefused or NoSuchProgram.

    `slug` is given where everything is made up and has to come out alike each time.
    """
    program = await program_by_id(session, link.program)
    _check(link, program)
    instrument = await _instrument(session, link, program)
    row = LinkRow(
        slug=slug or new_slug(),
        program=program.id,
        audience=link.audience,
        instrument=instrument.id,
        language=link.language,
        place=link.place,
        embed=list(link.embed),
        comments=link.comments,
        made_on=today,
        expires_on=link.expires_on,
    )
    session.add(row)
    await note_asked(session, program.id, link.audience, instrument.id)
    await session.flush()
    return await _link(session, row, instrument)


def _check(link: NewLink, program: Program) -> None:
    if link.audience not in program.audiences:
        raise LinkRefused(f"{program.id} asks {', '.join(program.audiences)}, not {link.audience}.", "for")
    if link.language is not None and link.language not in LANGUAGES:
        languages = ", ".join(LANGUAGES)
        raise LinkRefused(f"“{link.language}” is not one of the languages {languages}.", "language")
    if len(link.place) > LONGEST_PLACE or not can_be_read(link.place):
        raise LinkRefused(
            f"A place is one line of at most {LONGEST_PLACE} characters, all of them visible.", "place"
        )
    for origin in link.embed:
        if not _ORIGIN.fullmatch(origin):
            raise LinkRefused(f"“{origin}” is not an origin; write it like https://example.org.", "embed")


async def _instrument(session: AsyncSession, link: NewLink, program: Program) -> Instrument:
    name = link.instrument or default_instrument(program, link.audience)
    instrument = await instrument_by_id(session, name)
    if instrument is None:
        raise LinkRefused(
            f"There is no instrument “{name}”; `feedback survey list` names them.", "instrument"
        )
    if link.audience not in instrument.audiences:
        audiences = ", ".join(instrument.audiences)
        raise LinkRefused(f"{name} is written for {audiences}, not {link.audience}.", "instrument")
    return instrument


async def find_link(session: AsyncSession, slug: str) -> Link:
    """Find a link, open or closed. Raises LinkUnknown."""
    row = await session.get(LinkRow, slug) if _SLUG.fullmatch(slug) else None
    if row is None:
        raise LinkUnknown
    instrument = await instrument_by_id(session, row.instrument)
    if instrument is None:  # it left the product with an update
        raise LinkClosed(tuple(row.embed))
    return await _link(session, row, instrument)


async def program_of(session: AsyncSession, slug: str) -> Program | None:
    """The program that a link asks about, open or closed; None where no link has this slug."""
    row = await session.get(LinkRow, slug) if _SLUG.fullmatch(slug) else None
    return None if row is None else await program_by_id(session, row.program)


async def open_link(session: AsyncSession, slug: str, today: dt.date) -> Link:
    """Find the link that a respondent opened. Raises LinkUnknown or LinkClosed."""
    link = await find_link(session, slug)
    if not link.is_open(today):
        raise LinkClosed(link.embed)
    return link


async def all_links(session: AsyncSession) -> list[Link]:
    rows = await session.execute(select(LinkRow).order_by(LinkRow.program, LinkRow.made_on, LinkRow.slug))
    instruments = await known_instruments(session)
    known_rows = [row for row in rows.scalars().all() if row.instrument in instruments]
    return [await _link(session, row, instruments[row.instrument]) for row in known_rows]


async def close_link(session: AsyncSession, slug: str, today: dt.date) -> None:
    """Close a link for good. Raises LinkUnknown."""
    row = await session.get(LinkRow, slug)
    if row is None:
        raise LinkUnknown
    row.closed_on = row.closed_on or today


async def _link(session: AsyncSession, row: LinkRow, instrument: Instrument) -> Link:
    plan = await plan_of(session, row.program)
    return Link(
        slug=row.slug,
        program=await program_by_id(session, row.program),
        audience=msgspec.convert(row.audience, Audience),
        instrument=instrument,
        language=row.language,
        place=row.place,
        embed=tuple(row.embed),
        comments=row.comments and plan is not None,
        reading=plan,
        made_on=row.made_on,
        expires_on=row.expires_on,
        closed_on=row.closed_on,
    )
