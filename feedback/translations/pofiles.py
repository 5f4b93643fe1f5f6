"""Reading and writing .po files with what Babel forgets: the English a changed message was translated from.

Babel writes `#| msgid` lines but reads them back as comments of a person's.
"""

import ast
import io
import re
from collections.abc import Iterable

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

REVIEWED, CHANGED = "reviewed", "fuzzy"
"""The flags. Ours says that a person checked the message; gettext's own that the English changed since."""
MOST_FORMS = 9
_UNREADABLE = (PoFileError, ValueError, LookupError, TypeError, AttributeError)
_COUNT = re.compile(rb"nplurals *= *\d+")
_PREVIOUS = re.compile(r'msgid(?:_plural)?|"(?:[^"\\]|\\.)*"')


def read_file(raw: bytes, *, as_written: bool = True) -> Catalog:
    """Read a .po file. Raises ValueError when it is none.

    Not `as_written` makes room for more plural forms than the header counts, so that a miscounted message can
    be named instead of the whole file being refused.
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if not as_written:
        raw = _COUNT.sub(b"nplurals=%d" % MOST_FORMS, raw, count=1)
    try:
        catalog = read_po(io.BytesIO(raw), abort_invalid=True)
    except _UNREADABLE as error:
        raise ValueError(f"The file is no .po file: {str(error).strip()}.") from error
    for message in catalog:
        _find_previous(message)
    return catalog


def _find_previous(message: Message) -> None:
    lines = [comment[1:].strip() for comment in message.user_comments if comment.startswith("|")]
    message.user_comments = [it for it in message.user_comments if not it.startswith("|")]
    sources: list[str] = []
    # Babel breaks these lines wherever there is a space, within the quotes too.
    for part in _PREVIOUS.findall(" ".join(lines)):
        if part.startswith("msgid"):
            sources.append("")
        elif sources:
            sources[-1] += _unquote(part)
    message.previous_id = sources


def _unquote(text: str) -> str:
    try:
        return str(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return text[1:-1]


def write_file(catalog: Catalog) -> bytes:
    """Write a .po file with the English that changed messages were translated from."""
    file = io.BytesIO()
    write_po(file, catalog, ignore_obsolete=True, include_previous=True, no_location=True)
    return file.getvalue()


def merge(template: Catalog, catalog: Catalog) -> None:
    """Bring a catalog to the messages of today; the words of a changed source stay, marked as changed.

    Babel would let the mark of a reviewed message survive a change of its source, and would forget at the
    next merge what the source had been.
    """
    before = {message.id: message.previous_id for message in catalog}
    catalog.update(template)
    catalog.obsolete.clear()
    for message in messages_of(catalog):
        if message.fuzzy:
            message.flags.discard(REVIEWED)
            message.previous_id = message.previous_id or before.get(message.id, [])


def english_of(message: Message) -> tuple[str, str]:
    """The English of a message, and its plural or nothing."""
    source, plural = message.id if isinstance(message.id, (list, tuple)) else (message.id, "")
    return str(source), str(plural)


def messages_of(catalog: Catalog) -> Iterable[Message]:
    """Every message but the header."""
    return (message for message in catalog if message.id)
