"""Facts of a deployment that change: one row each, noted in the transaction of what they are about."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.storage.tables import DeploymentRow

FIRST_PERIOD = "first_period"
REWRITTEN = "inbox_rewritten"
COMPACTION_DUE = "compaction_due"
EDITION = "words"
"""The fact of the deployment that changes whenever a translator's words do."""


async def note(session: AsyncSession, name: str, value: str) -> bool:
    """Note a fact of the deployment. Returns whether it is new; of two at once the second waits."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(DeploymentRow).values(name=name, value=value)
    upsert = row.on_conflict_do_update(
        index_elements=["name"], set_={"value": value}, where=DeploymentRow.value != value
    )
    return bool((await session.execute(upsert)).rowcount)  # type: ignore[attr-defined]
