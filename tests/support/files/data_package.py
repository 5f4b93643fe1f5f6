"""The Data Package standard, version 2, as far as a package of ours goes, and CSVs read by their schemas.

Written from the standard's own sentences (https://datapackage.org/standard/data-package/, data-resource/ and
table-schema/), and stricter: a property that we do not write is refused. Why not by the validator of the
standard's keepers: docs/decisions/0002-dependencies.md.
"""

import csv
import datetime as dt
import io
import re

import jsonschema

_TEXT = {"type": "string", "minLength": 1}
_NAME = {"type": "string", "pattern": "^[a-z0-9._-]+$"}


def _only(required, /, **properties):
    """An object of these properties and no other."""
    shape = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**shape, "required": list(required)}


_CONSTRAINTS = _only(
    (),
    required={"type": "boolean"},
    enum={"type": "array", "minItems": 1, "uniqueItems": True, "items": _TEXT},
    pattern={"type": "string", "format": "regex"},
)
_WORDS = {"name": _TEXT, "title": _TEXT, "description": _TEXT, "constraints": _CONSTRAINTS}
_FIELD = {
    "oneOf": [
        _only(
            ("name", "type"),
            **_WORDS,
            type={"enum": ["string", "integer", "date", "year"]},
        ),
        _only(("name", "type", "delimiter"), **_WORDS, type={"const": "list"}, delimiter=_TEXT),
    ]
}
_SCHEMA = _only(
    ("fields",),
    fields={"type": "array", "minItems": 1, "items": _FIELD},
    missingValues={"type": "array", "uniqueItems": True, "items": {"type": "string"}},
)
_RESOURCE = _only(
    ("name", "path", "schema"),
    name=_NAME,
    type={"const": "table"},
    path={"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]*\.csv$"},
    title=_TEXT,
    description=_TEXT,
    format={"const": "csv"},
    mediatype={"const": "text/csv"},
    encoding={"const": "utf-8"},
    bytes={"type": "integer", "minimum": 0},
    hash={"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
    schema=_SCHEMA,
)
PACKAGE = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    **_only(
        ("$schema", "name", "resources", "licenses", "sources"),
        **{"$schema": {"const": "https://datapackage.org/profiles/2.0/datapackage.json"}},
        name=_NAME,
        title=_TEXT,
        description=_TEXT,
        made_up={"type": "boolean"},
        licenses={
            "type": "array",
            "minItems": 1,
            "items": _only(("name",), name={"type": "string", "pattern": "^[-a-zA-Z0-9._]+$"}, title=_TEXT),
        },
        sources={"type": "array", "minItems": 1, "items": _only(("title",), title=_TEXT)},
        resources={"type": "array", "minItems": 1, "items": _RESOURCE},
    ),
}


def faults(descriptor) -> list[str]:
    """What is wrong with a descriptor, a sentence each."""
    validator = jsonschema.Draft7Validator(PACKAGE, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    sentences = [f"{it.json_path}: {it.message}" for it in validator.iter_errors(descriptor)]
    for resource in descriptor.get("resources", ()):
        names = [it.get("name") for it in resource.get("schema", {}).get("fields", ())]
        if len(set(names)) < len(names):
            sentences.append(f"{resource.get('name')}: two fields have one name.")
    names = [it.get("name") for it in descriptor.get("resources", ())]
    return [*sentences, *(["Two resources have one name."] if len(set(names)) < len(names) else [])]


def rows_by_schema(raw: bytes, schema) -> list[dict[str, object]]:
    """Read a CSV as its schema says, each cell as what it is. Raises ValueError where one is not."""
    header, *lines = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
    if header != [field["name"] for field in schema["fields"]]:
        raise ValueError(f"The heads are {header}.")
    missing = schema["missingValues"]
    return [
        {
            field["name"]: _value(field, None if cell in missing else cell)
            for field, cell in zip(schema["fields"], line, strict=True)
        }
        for line in lines
    ]


_READERS = {"string": str, "integer": int, "year": int, "date": dt.date.fromisoformat}


def _value(field, cell):
    constraints = field.get("constraints", {})
    if cell is None:
        if constraints.get("required"):
            raise ValueError(f"{field['name']} is empty.")
        return None
    if "enum" in constraints and cell not in constraints["enum"]:
        raise ValueError(f"{field['name']} is none of its codes: {cell}")
    if "pattern" in constraints and not re.fullmatch(constraints["pattern"], cell):
        raise ValueError(f"{field['name']} is not like {constraints['pattern']}: {cell}")
    return cell.split(field["delimiter"]) if field["type"] == "list" else _READERS[field["type"]](cell)
