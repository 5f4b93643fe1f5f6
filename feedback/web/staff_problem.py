"""What the staff door says when something is not there, not allowed, or went wrong."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from feedback.access import NotYours
from feedback.links import LinkClosed, LinkUnknown
from feedback.programs import NoSuchProgram
from feedback.web.admission import NotSignedIn
from feedback.web.rendering import see_other
from feedback.web.staff import FormRefused, visitor_page

_NOT_THERE = (NotYours, NoSuchProgram, LinkUnknown, LinkClosed)
_SENTENCES = {
    404: "There is nothing at this address, or it is not yours to see.",
    403: "This page was open for too long. Go back, reload it and try again.",
    413: "That was too much at once. Nothing was stored.",
}


def staff_problem(request: Request[Any, Any, Any], error: Exception) -> Response[str] | Redirect:
    """Unknown and forbidden look alike, to the last byte; a session that is over leads to sign-in."""
    if isinstance(error, NotSignedIn):
        return see_other("/sign-in")
    status = error.status_code if isinstance(error, HTTPException) else 500
    if isinstance(error, _NOT_THERE):
        status = 404
    sentence = _SENTENCES.get(status, "That could not be done. Nothing was stored.")
    if isinstance(error, FormRefused):
        status, sentence = 400, str(error)
    return visitor_page(request, "staff/problem.html", status=status, sentence=sentence)
