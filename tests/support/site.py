"""A value for each part of an address that a route leaves open."""

from feedback.catalogs import Message

KNOWN = {
    "program_id": "frp",
    "strategy_id": "4.3",
    "token": "unknown",
    "file_path": "staff.css",
    "path": "staff.css",
    "tag": "ar",
    "key": Message("Send").key,
    "kind": "po",
    "instrument_id": "event",
    "person_id": "1",
    "change": "disable",
}
