"""Files of what the pages of results show: the same rows for the same readers, and an entry in the log."""

from collections.abc import AsyncIterator
from typing import Any, get_args

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from feedback.deployment import Deployment
from feedback.results.exports import Export, Kind
from feedback.results.selections import Selection, SelectionRefused, parse
from feedback.staff.access import NotYours
from feedback.staff.accounts import Account
from feedback.web.staff.page import FormRefused, note_act

_MEDIA: dict[str, str] = {
    "csv": "text/csv; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def _route(kind: Kind) -> HTTPRouteHandler:
    @get(f"/download/{kind}", does="read results")
    async def file(
        request: Request[Any, Any, Any],
        deployment: NamedDependency[Deployment],
        account: NamedDependency[Account],
    ) -> Stream:
        """What was chosen by the names in the address, of all that this account may read."""
        return await _file(request, deployment, account, kind)

    return file


async def _file(
    request: Request[Any, Any, Any], deployment: Deployment, account: Account, kind: Kind
) -> Stream:
    selection = _selection(request)
    if account.viewer is None:
        raise NotYours
    await note_act(deployment, account, "export", " ".join(filter(None, (kind, selection.text))))
    export = Export(
        database=deployment.database,
        viewer=account.viewer,
        made_up=deployment.settings.made_up,
        selection=selection,
    )
    headers = {"Content-Disposition": f'attachment; filename="heard-{kind}"'}
    return Stream(_pieces(export, kind), media_type=_MEDIA[kind.rpartition(".")[2]], headers=headers)


async def _pieces(export: Export, kind: Kind) -> AsyncIterator[bytes]:
    async for piece in export.pieces(kind):
        yield piece


def _selection(request: Request[Any, Any, Any]) -> Selection:
    try:
        return parse(request.query_params.multi_items())
    except SelectionRefused as error:
        raise FormRefused(str(error)) from error


download_router = Router("", route_handlers=[_route(kind) for kind in get_args(Kind)])
