"""An XLSX as it is written: texts and numbers, never a formula or a link, in little memory.

Source: ECMA-376, Office Open XML, part 1, “SpreadsheetML”. Why not by a library:
docs/decisions/0029-an-xlsx-of-everything.md.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO, BinaryIO
from xml.sax.saxutils import escape, quoteattr

from feedback.results.columns import Column, Sheet
from feedback.results.spreadsheets import Block, Cell, Part, Pieces, Written

LONGEST_CELL = 32_767
"""Excel's own limit, in units of UTF-16."""
MOST_ROWS = 1_048_576
_CUT = " … (cut: a cell holds no more; the CSV has all of it)"
_LEVEL = 3
"""Of zlib: lines are much alike, and higher ones take longer for hardly less."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9a-fA-F]{4}_)")
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_BOLD = 1
"""The second of the two styles."""
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_FIRST_LINE_STAYS = (
    '<sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)


class Workbook:
    """Sheets one after another; one that is full goes on on another."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._titles: list[str] = []
        self._texts: dict[str, int] = {}
        self._cell = Written(self._write_cell).__getitem__
        self._part = Written(self._write_part).__getitem__
        self._page: IO[bytes] | None = None

    def begin(self, sheet: Sheet) -> None:
        """Begin a sheet: what is written from now on stands in it, until it is ended."""
        self._title, self._pages = sheet.title, 1
        head = "".join(f'<c s="{_BOLD}"{self._rest(name)}' for name in sheet.header)
        columns = "".join(
            f'<col min="{n}" max="{n}" width="{it.width}" customWidth="1"/>'
            for n, it in enumerate(sheet.columns, 1)
        )
        self._head = f"{_FIRST_LINE_STAYS}<cols>{columns}</cols><sheetData><row>{head}</row>"
        self._begin_page(sheet.title)

    def write(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            head, tails = block
            while len(tails) > (room := MOST_ROWS - self._rows):
                if room:
                    self._put(head, tails[:room])
                tails = tails[room:]
                self._turn_page()
            self._put(head, tails)
        self._pieces.flush()

    def end(self) -> None:
        """End the sheet."""
        if self._page is not None:
            self._pieces.add(b"</sheetData></worksheet>")
            self._pieces.flush()
            self._page.close()
            self._page = None

    def close(self) -> None:
        """Write what holds the sheets together. A second time it does nothing."""
        self.end()
        if self._zip.fp is None:
            return
        texts = "".join(f'<si><t xml:space="preserve">{it}</t></si>' for it in map(_xml, self._texts))
        self._add("xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}">{texts}</sst>')
        self._add("xl/styles.xml", _STYLES)
        self._add("xl/workbook.xml", _workbook(self._titles))
        sheets = {f"s{n}": ("worksheet", _page(n)) for n in range(1, len(self._titles) + 1)}
        more = {name: (name, f"{name}.xml") for name in ("sharedStrings", "styles")}
        self._add("xl/_rels/workbook.xml.rels", _relationships({**sheets, **more}))
        self._add("_rels/.rels", _relationships({"book": ("officeDocument", "xl/workbook.xml")}))
        self._add("[Content_Types].xml", _content_types(len(self._titles)))
        self._zip.close()

    def _begin_page(self, title: str) -> None:
        self._titles.append(title)
        self._page = self._zip.open(f"xl/{_page(len(self._titles))}", "w")
        self._pieces = Pieces(self._page)
        self._pieces.add(f'{_XML}<worksheet xmlns="{_MAIN}">{self._head}'.encode())
        self._rows = 1

    def _turn_page(self) -> None:
        self.end()
        self._pages += 1
        self._begin_page(f"{self._title} {self._pages}")

    def _put(self, head: Part, tails: Sequence[Sequence[Part]]) -> None:
        part = self._part
        start = b"<row>" + part(head)
        rows = (b"</row>" + start).join([b"".join(map(part, tail)) for tail in tails])
        self._pieces.add(start, rows, b"</row>")
        self._rows += len(tails)

    def _add(self, name: str, text: str) -> None:
        with self._zip.open(name, "w") as part:
            part.write(f"{_XML}{text}".encode())

    def _write_part(self, cells: Part) -> bytes:
        return b"".join(map(self._cell, cells))

    def _write_cell(self, cell: Cell) -> bytes:
        """One cell, in its place by order alone: with an address in each a file is four times as large."""
        if cell is None:
            return b"<c/>"
        if isinstance(cell, int):
            return b"<c><v>%d</v></c>" % cell
        return f"<c{self._rest(cell)}".encode()

    def _rest(self, text: str) -> str:
        """The rest of a cell with a text, which stands among all texts of the book by its number."""
        number = self._texts.setdefault(_fitting(text), len(self._texts))
        return f' t="s"><v>{number}</v></c>'


def write_xlsx(file: BinaryIO, title: str, header: Sequence[str], lines: Iterable[Part]) -> None:
    """Write one sheet of lines that are no parts of each other."""
    columns = tuple(Column(name=name, title=name, text=name) for name in header)
    book = Workbook(file)
    book.begin(Sheet(name=title, title=title, text=title, columns=columns))
    book.write(map(Block, lines))
    book.close()


def _page(number: int) -> str:
    return f"worksheets/sheet{number}.xml"


def _workbook(titles: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{n}" r:id="s{n}"/>' for n, title in enumerate(titles, 1)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _relationships(parts: dict[str, tuple[str, str]]) -> str:
    """By id, of which kind each part is, and where it lies."""
    links = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, (kind, target) in parts.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _content_types(pages: int) -> str:
    kinds = {
        "xl/workbook.xml": "sheet.main",
        "xl/styles.xml": "styles",
        "xl/sharedStrings.xml": "sharedStrings",
    }
    kinds |= {f"xl/{_page(n)}": "worksheet" for n in range(1, pages + 1)}
    parts = "".join(
        f'<Override PartName="/{name}" ContentType="{_KIND}.{kind}+xml"/>' for name, kind in kinds.items()
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    defaults = (
        f'<Default Extension="rels" ContentType="{rels}"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'<Types xmlns="{_PACKAGE}/content-types">{defaults}{parts}</Types>'


def _fitting(text: str) -> str:
    """The text as a cell can hold it; one that is cut says so."""
    if text.isascii() and len(text) <= LONGEST_CELL:
        return text
    units = text.encode("utf-16-le", "replace")
    if len(units) > 2 * LONGEST_CELL:
        units = units[: 2 * (LONGEST_CELL - len(_CUT))]
        return units.decode("utf-16-le", "ignore") + _CUT
    return units.decode("utf-16-le")


def _xml(text: str) -> str:
    """Text as XML holds it; what XML cannot hold in Excel's own way, and what looks like that way too."""
    text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return escape(_CONTROL.sub(lambda it: f"_x{ord(it[0]):04X}_", text))
