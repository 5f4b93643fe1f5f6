"""Shows once what is new since somebody last looked, in whichever tab or session they look first."""

from feedback.deployment import Deployment
from feedback.results.news import News, note_looked
from feedback.staff.accounts import Account
from feedback.staff.audit import record


async def note_overview(deployment: Deployment, account: Account, news: News, query: str) -> None:
    """Write into the audit log that somebody opened the overview, and note that the news was shown."""
    async with deployment.database.transaction() as session:
        await record(session, account.email, "view", f"overview{query}")
        await note_looked(session, account.id, news)
