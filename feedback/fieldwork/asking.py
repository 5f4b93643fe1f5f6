"""What each program ever asked: its surveys, whichever audience they were for."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from feedback.fieldwork.instruments import known_instruments
from feedback.fieldwork.programs import asked_instruments
from surveys.instruments import Instrument


async def surveys_by_program(session: AsyncSession) -> Mapping[str, Sequence[Instrument]]:
    """By program, every instrument that it ever asked with and that is still known."""
    instruments = await known_instruments(session)
    by_program: dict[str, dict[str, Instrument]] = {}
    for (program, _), names in (await asked_instruments(session)).items():
        forms = by_program.setdefault(program, {})
        forms.update((name, instruments[name]) for name in names if name in instruments)
    return {program: list(forms.values()) for program, forms in by_program.items()}
