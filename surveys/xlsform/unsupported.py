"""What an XLSForm can hold and a survey here cannot, in the words in which the operator is told."""

from collections.abc import Iterator, Mapping
from typing import Any

_NO_TRACES = "was left out: nothing is recorded about the person or the phone"
_ONLY_WORDS = "was left out: answers are choices and words, never pictures, recordings or files"
_NO_PLACE = "was left out: where a person is, is never asked for"
_NO_NUMBER = "was left out: a number or a date can single a person out; offer ranges to choose from"
_NO_SUMS = "was left out: nothing is worked out from answers while a person answers"
_KINDS = {
    _NO_TRACES: (
        "start", "end", "today", "deviceid", "phonenumber", "username", "email", "simserial", "subscriberid",
        "audit",
    ),
    _ONLY_WORDS: ("photo", "image", "audio", "video", "file", "barcode", "background-audio"),
    _NO_PLACE: ("geopoint", "geotrace", "geoshape", "start-geopoint", "background-geopoint", "osm"),
    _NO_NUMBER: (
        "integer", "int", "decimal", "range", "percentage", "date", "time", "dateTime", "datetime",
        "date time",
    ),
    _NO_SUMS: ("calculate", "hidden", "xml-external", "csv-external"),
    "was left out: nothing is put in order here; ask for one choice or several": ("rank",),
    "was left out: there is nothing to agree to before answering": ("acknowledge", "trigger"),
    "was left out: its options are in another file": ("select one external",),
}  # fmt: skip
_BY_KIND = {kind: loss for loss, kinds in _KINDS.items() for kind in kinds}
_BINDINGS = {
    "constraint": "its rule for which answers are allowed was left out",
    "calculate": "its calculation was left out",
    "readonly": "it cannot be read-only here",
}
_COLUMNS = {
    "default": "its preset answer was left out; nothing is preset here",
    "choice_filter": "its choice filter was left out; all its options are offered to everyone",
    "parameters": "its parameters were left out",
    "media": "its pictures and sounds were left out",
    "guidance_hint": "its guidance hint was left out",
    "trigger": "what triggers it was left out",
}
_CARRIED = {
    "type", "name", "label", "hint", "bind", "control", "itemset", "list_name", "choices", "children",
    "heard", "sheet_row",
}  # fmt: skip
_CARRIED_SETTINGS = {
    "type", "name", "title", "id_string", "sms_keyword", "default_language", "children", "version", "choices",
    "heard",
}  # fmt: skip
_NO = ("no", "false", "false()")
_LOOKS = ("multiline",)
_BOOKKEEPING = ("$", "_", "kuid")
"""How columns begin that a form builder keeps for itself."""


def why_left_out(kind: str) -> str:
    """Say why a question of this kind was left out."""
    return _BY_KIND.get(kind, f"was left out: questions of the kind “{kind}” are not asked here")


def lost_columns(item: Mapping[str, Any]) -> Iterator[str]:
    """Say what a question loses of the columns it has."""
    bindings = item.get("bind", {})
    if str(bindings.get("required", "no")).lower() not in _NO:
        yield "it can be skipped here; nothing is required"
    yield from (loss for name, loss in _BINDINGS.items() if name in bindings)
    yield from (loss for name, loss in _COLUMNS.items() if item.get(name))
    appearance = item.get("control", {}).get("appearance")
    if appearance and appearance not in _LOOKS:
        yield f"its appearance “{appearance}” was left out"
    for name in item:
        if name not in _CARRIED and name not in _COLUMNS and not name.startswith(_BOOKKEEPING):
            yield f"its column “{name}” was left out"


def lost_settings(tree: Mapping[str, Any], sheets: tuple[str, ...]) -> Iterator[str]:
    """Say what the form as a whole loses."""
    for name in tree:
        if name not in _CARRIED_SETTINGS:
            yield f"Settings: “{name}” was left out."
    for name in sheets:
        if name not in ("survey", "choices", "settings"):
            yield f"The sheet {name} was left out."
