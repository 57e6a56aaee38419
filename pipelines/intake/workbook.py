"""Opens an Excel workbook (.xlsx) without being harmed by it: the archive is checked before anything unpacks it whole.

Gives sheets as grids of text. What the cells mean does not belong here.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, SheetTypeEnum, SheetVisibleEnum, load_workbook

from pipelines.intake.unreadable import Unreadable

# A sheet of 160,000 rows × 30 columns unpacks to about 250 MB; real workbooks shrink to a tenth, seldom to a fiftieth.
MAX_UNPACKED_BYTES = 400 * 1024 * 1024
MAX_RATIO = 200
_RATIO_FROM_BYTES = 20 * 1024 * 1024
MAX_SHEETS = 100
SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")  # how a workbook begins, whatever its name
MAX_CELLS = 5_000_000  # of the rectangle a sheet spans, which is what the reader allocates

# calamine gives '' for these, which would read as "left blank"; no column type accepts this text.
CELL_WITHOUT_VALUE = "#VALUE!"

_CELL = re.compile(rb"<(?:\w+:)?c\s([^<>]*[^<>/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_FILLED_REF = re.compile(rb"\sr=[\"']([A-Za-z]{1,3})([0-9]+)[\"'][^<>]*(?<!/)>")
_REF = re.compile(rb"\br=[\"']([A-Za-z]{1,3})([0-9]+)[\"']")
_ANNOUNCED = re.compile(rb"[cC]ount=[\"']([0-9]+)[\"']")
# In the shared texts `count` is how often they are used, in whatever sheet; only `uniqueCount` is how many follow.
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*hidden=[\"'](?:1|true)[\"']")
_ANNOUNCED_TEXTS = re.compile(rb"uniqueCount=[\"']([0-9]+)[\"']")
_VALUE = re.compile(rb"<(?:\w+:)?v[^<>]*>[^<]")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


@dataclass(frozen=True)
class Sheet:
    """One worksheet. `rows` starts at the sheet's row 1 and column A; '' is an empty cell."""

    name: str
    hidden: bool
    has_hidden_rows: bool
    rows: list[tuple[str, ...]]


def require_workbook(data: bytes) -> None:
    """Raises Unreadable unless the bytes are a whole .xlsx without password or macros and of bearable size."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _require_bearable(archive.infolist(), len(data))
            names = {name.casefold() for name in archive.namelist()}
            if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
                raise Unreadable("macro")
            if "xl/workbook.xml" not in names:
                raise Unreadable("unsupported_kind" if names & {"[content_types].xml", "mimetype"} else "zip")
            if archive.testzip() is not None:
                raise Unreadable("broken_workbook")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise Unreadable("broken_workbook") from error


def read_sheets(data: bytes) -> list[Sheet]:
    """Every worksheet in workbook order, empty ones without rows. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            paths = _sheet_paths(archive)
            if len(paths) > MAX_SHEETS:
                raise Unreadable("too_many_sheets")
            _require_honest_counts(archive, paths.values())
            book = load_workbook(io.BytesIO(data))
            sheets: list[Sheet] = []
            for meta in book.sheets_metadata:
                if meta.typ != SheetTypeEnum.WorkSheet:
                    continue
                xml = archive.read(paths[meta.name])
                require_plain_xml(xml)
                _require_bearable_extent(xml)
                cells = book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
                rows = [tuple(_text(value) for value in row) for row in cells]
                hidden = meta.visible != SheetVisibleEnum.Visible
                rows = _with_lost_cells(rows, xml)
                sheets.append(Sheet(meta.name, hidden, _HIDDEN_ROW.search(xml) is not None, rows))
            return sheets
    except (CalamineError, ET.ParseError, LookupError, ValueError) as error:
        raise Unreadable("broken_workbook") from error


def _require_bearable(entries: list[zipfile.ZipInfo], packed: int) -> None:
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Unreadable("encrypted")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > _RATIO_FROM_BYTES and unpacked > MAX_RATIO * packed):
        raise Unreadable("unpacked_too_large")


def _sheet_paths(archive: zipfile.ZipFile) -> Mapping[str, str]:
    """Where the archive keeps each sheet's XML, by sheet name."""
    targets = {
        _attribute(relation, "Id"): _attribute(relation, "Target")
        for relation in _parsed(archive.read("xl/_rels/workbook.xml.rels"))
    }
    book = _parsed(archive.read("xl/workbook.xml"))
    sheets = (element for element in book.iter() if element.tag.endswith("}sheet"))
    paths = {_attribute(sheet, "name"): targets[_attribute(sheet, "id")] for sheet in sheets}
    return {name: path.lstrip("/") if path.startswith("/") else f"xl/{path}" for name, path in paths.items()}


def require_plain_xml(xml: bytes) -> None:
    """Excel writes UTF-8 and no DOCTYPE; without one there are no entities that could expand. Raises Unreadable."""
    if b"<!DOCTYPE" in xml or b"\x00" in xml:
        raise Unreadable("broken_workbook")


def _parsed(xml: bytes) -> ET.Element:
    require_plain_xml(xml)
    return ET.fromstring(xml)  # noqa: S314


def _attribute(element: ET.Element, name: str) -> str:
    """An attribute by its local name; Excel's two dialects put it into different namespaces."""
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), "")


def _require_honest_counts(archive: zipfile.ZipFile, sheets: Collection[str]) -> None:
    """The reader reserves room for as many texts and styles as a part announces, before it has seen one."""
    for part in archive.namelist():
        if part.endswith(".xml") and part not in sheets:
            xml = archive.read(part)
            announced = _ANNOUNCED_TEXTS if b"<sst" in xml else _ANNOUNCED
            if any(int(number) > len(xml) for number in announced.findall(xml)):
                raise Unreadable("broken_workbook")


def _require_bearable_extent(xml: bytes) -> None:
    """Two far-apart cells in a file of a few kilobytes would make the reader allocate everything between them."""
    refs = _FILLED_REF.findall(xml)
    width = max(map(_column_number, {letters for letters, _ in refs}), default=0)
    height = max((int(number) for _, number in refs), default=0)
    if width * height > MAX_CELLS:
        raise Unreadable("unpacked_too_large")


def _with_lost_cells(rows: list[tuple[str, ...]], xml: bytes) -> list[tuple[str, ...]]:
    """The rows with `CELL_WITHOUT_VALUE` where the sheet has an error (#REF!) or a formula nobody calculated."""
    for row, column in _lost_cells(xml):
        if row < len(rows) and column < len(rows[row]):
            rows[row] = (*rows[row][:column], CELL_WITHOUT_VALUE, *rows[row][column + 1 :])
    return rows


def _lost_cells(xml: bytes) -> Iterator[tuple[int, int]]:
    if b't="e"' not in xml and not _FORMULA.search(xml):
        return
    for match in _CELL.finditer(xml):
        attributes, content = match.groups()
        # A formula whose result is text may well have given the empty text: that is a value.
        uncalculated = _FORMULA.search(content) and not _VALUE.search(content) and b't="str"' not in attributes
        if (b't="e"' in attributes or uncalculated) and (ref := _REF.search(attributes)):
            yield int(ref[2]) - 1, _column_number(ref[1]) - 1


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _text(value: object) -> str:
    match value:
        case str():
            return value.strip()
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.isoformat() if value.time() != datetime.min.time() else value.date().isoformat()
        case date():
            return value.isoformat()
        case _:
            return str(value)
