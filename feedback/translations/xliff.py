"""XLIFF 1.2, as translators' tools read and write it, with the state of each message."""

from collections.abc import Iterator, Sequence
from typing import NoReturn
from xml.etree import ElementTree as ET
from xml.parsers import expat

from feedback.languages import SOURCE
from feedback.translations.catalogs import Catalog, Message, State, Translation, form_count
from feedback.translations.sections import Section

_NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
_XML = "http://www.w3.org/XML/1998/namespace"
_PLURALS = "x-gettext-plurals"
"""The name that gettext's own tools gave to a group of plural forms."""
_STATE_NAMES: dict[State, str] = {
    "reviewed": "final",
    "draft": "translated",
    "changed": "needs-review-translation",
}
_STATES_BY_NAME: dict[str, State] = {"final": "reviewed", "signed-off": "reviewed"}
_LEAST_SURE: tuple[State, ...] = ("changed", "draft", "reviewed")
ImportedEntry = tuple[str, str, Translation | None]


def write(catalog: Catalog, sections: Sequence[Section]) -> bytes:
    """Write every message, one `file` for each section."""
    ET.register_namespace("", _NAMESPACE)
    root = ET.Element(_in("xliff"), version="1.2")
    for section in sections:
        file = ET.SubElement(root, _in("file"), original=section.title, datatype="plaintext")
        file.set("source-language", SOURCE.tag)
        file.set("target-language", catalog.language.tag)
        body = ET.SubElement(file, _in("body"))
        for message in section.messages:
            _add(body, catalog, message)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _add(body: ET.Element, catalog: Catalog, message: Message) -> None:
    words = catalog.translations.get(message.source)
    if not message.plural:
        _add_unit(body, message.key, message.source, words.forms[0] if words else "", words, message.places)
        return
    group = ET.SubElement(body, _in("group"), restype=_PLURALS, id=message.key)
    forms = words.forms if words else ("",) * form_count(catalog.language)
    for number, form in enumerate(forms):
        english = message.plural if number else message.source
        _add_unit(group, f"{message.key}[{number}]", english, form, words, message.places)


def _add_unit(
    parent: ET.Element, key: str, source: str, form: str, words: Translation | None, places: Sequence[str]
) -> None:
    unit = ET.SubElement(parent, _in("trans-unit"), {"id": key, f"{{{_XML}}}space": "preserve"})
    ET.SubElement(unit, _in("source")).text = source
    if words:
        ET.SubElement(unit, _in("target"), state=_STATE_NAMES[words.state]).text = form
    for place in places:
        ET.SubElement(unit, _in("note"), {"from": "developer"}).text = place
    if words and words.made_for:
        before = ET.SubElement(unit, _in("alt-trans"), alttranstype="previous-version")
        ET.SubElement(before, _in("source")).text = words.made_for
        ET.SubElement(before, _in("target")).text = form


def _in(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"


def read(raw: bytes) -> tuple[str, list[ImportedEntry]]:
    """Read the target language and every message. Raises ValueError for a file that is no XLIFF 1.2."""
    root = _parse(raw)
    if root.tag != _in("xliff"):
        raise ValueError("the file is no XLIFF 1.2 (its outermost element and namespace say so).")
    languages = {file.get("target-language", "") for file in root.iter(_in("file"))} - {""}
    if len(languages) > 1:
        raise ValueError(f"the file holds several languages: {', '.join(sorted(languages))}.")
    return "".join(languages), list(_entries(root))


def _parse(raw: bytes) -> ET.Element:
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, attributes: builder.start(_clark(name), _clark_keys(attributes))
    parser.EndElementHandler = lambda name: builder.end(_clark(name))
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(f"the file is no XML: {error}.") from error
    return builder.close()


def _refuse(*_: object) -> NoReturn:
    """A document type can name entities that grow without end or read other files; XLIFF needs none."""
    raise ValueError("the file has a document type; XLIFF needs none, so it was not read.")


def _clark(name: str) -> str:
    return f"{{{name}" if "}" in name else name


def _clark_keys(attributes: dict[str, str]) -> dict[str, str]:
    return {_clark(name): value for name, value in attributes.items()}


def _entries(root: ET.Element) -> Iterator[ImportedEntry]:
    group_units: set[ET.Element] = set()
    for element in root.iter():
        if element.tag == _in("group") and element.get("restype") == _PLURALS:
            units = element.findall(_in("trans-unit"))
            group_units.update(units)
            yield _plural(units)
        elif element.tag == _in("trans-unit") and element not in group_units:
            yield _text(element, "source"), "", _translation([element])


def _plural(units: Sequence[ET.Element]) -> ImportedEntry:
    sources = [_text(unit, "source") for unit in units]
    return sources[0] if sources else "", sources[-1] if sources else "", _translation(units)


def _translation(units: Sequence[ET.Element]) -> Translation | None:
    forms = tuple(_text(unit, "target") for unit in units)
    if not any(forms):
        return None
    state = min((_state(unit) for unit in units), key=_LEAST_SURE.index)
    before = units[0].find(f"{_in('alt-trans')}[@alttranstype='previous-version']")
    made_for = _text(before, "source") if state == "changed" and before is not None else ""
    return Translation(forms, state, made_for)


def _state(unit: ET.Element) -> State:
    target = unit.find(_in("target"))
    state = target.get("state", "") if target is not None else ""
    if state.startswith("needs-"):
        return "changed"
    # Tools leave the state at “translated” when somebody approves.
    return "reviewed" if unit.get("approved") == "yes" else _STATES_BY_NAME.get(state, "draft")


def _text(parent: ET.Element, name: str) -> str:
    """The words of an element; one inside it shows as the markup it is, for the check to find."""
    element = parent.find(_in(name))
    if element is None:
        return ""
    inner = "".join(f"<{_local(it)}>{''.join(it.itertext())}{it.tail or ''}" for it in element)
    return (element.text or "") + inner


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]
