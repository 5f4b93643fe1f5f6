"""Who reads published rows: the public, the County's readers and leadership, a contractor, a keeper.

Source: docs/disclosure.md, “Tables”. At rest, in files and in commands one is written `public`, `reader`,
`ctlt`, `contractor:ID` or `keeper:ID`.
"""

from typing import Literal

import msgspec

Kind = Literal["public", "reader", "ctlt", "contractor", "keeper"]


class ViewerUnknown(ValueError):
    """A text names nobody who reads rows; the message says what would."""


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose eyes a row is for. `organization` is a contractor’s or keeper’s id, empty for all others."""

    kind: Kind
    organization: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.organization}" if self.organization else self.kind

    @property
    def contractor(self) -> str | None:
        """The contractor that it is, if it is one."""
        return self.organization if self.kind == "contractor" else None

    @property
    def reads_whole_programs(self) -> bool:
        """Whether it reads a program’s single releases, batches, questions, themes and measures.

        The public and a reader read of a program all releases together (T3) and nothing else.
        """
        return self.kind not in ("public", "reader")


PUBLIC = Viewer(kind="public")
READER = Viewer(kind="reader")
CTLT = Viewer(kind="ctlt")


def contractor(organization: str) -> Viewer:
    return Viewer(kind="contractor", organization=organization)


def keeper(organization: str) -> Viewer:
    return Viewer(kind="keeper", organization=organization)


def parse(text: str) -> Viewer:
    """Read a viewer as it is written. Raises ViewerUnknown."""
    for viewer in (PUBLIC, READER, CTLT):
        if text == str(viewer):
            return viewer
    kind, _, organization = text.partition(":")
    if kind == "contractor" and organization:
        return contractor(organization)
    if kind == "keeper" and organization:
        return keeper(organization)
    raise ViewerUnknown(f"“{text}” is not public, reader, ctlt, contractor:ID or keeper:ID.")
