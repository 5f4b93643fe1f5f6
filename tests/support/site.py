"""The routes of a door, and a value for each part of an address that a route leaves open."""

from feedback.translations.catalogs import Message
from feedback.web.staff.admission import DOES

PATH_VALUES = {
    "program_id": "frp",
    "strategy_id": "4.3",
    "token": "unknown",
    "file_path": "staff.css",
    "path": "staff.css",
    "tag": "ar",
    "key": Message(source="Send").key,
    "kind": "po",
    "instrument_id": "event",
    "person_id": "1",
    "change": "disable",
}


def routes(door):
    """Every (method, path, action) of the door."""
    for route in door.routes:
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:
            for method in sorted(getattr(handler, "http_methods", {"GET"}) - {"OPTIONS", "HEAD"}):
                yield method, route.path, handler.opt.get(DOES)
