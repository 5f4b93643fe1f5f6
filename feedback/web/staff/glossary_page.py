"""What the words on the staff's pages mean, each in a sentence for whoever is no analyst."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency

from feedback.staff.accounts import Account
from feedback.web.staff.page import account_page


@get("/glossary", does="come in")
async def glossary(
    request: Request[Any, Any, Any],
    account: NamedDependency[Account],
) -> Response[str]:
    """The words, in the order of their letters."""
    return account_page(request, "staff/glossary.html", account)


glossary_router = Router("", route_handlers=[glossary])
