"""Texts a workbook carries outside its cells: comments, properties, defined names, page headers, drawings, caches.

They are read to look for personal data and for nothing else. What the cells hold is in `workbook.py`.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from pipelines.intake.tables import RawTable
from pipelines.intake.unreadable import Unreadable
from pipelines.intake.workbook import SIGNATURES, require_plain_xml

# Elements whose text Office cuts into runs wherever the format changes: only the whole is what people read.
_WHOLE = frozenset({"si", "text", "p", "comment", "threadedComment"})
_PAGE_TEXTS = frozenset({"oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"})
_PAGE_CODE = re.compile(r'&(?:"[^"]*"|[0-9]{1,2}|K[0-9A-F]{6}|[A-Za-z])')

_WORKSHEET = re.compile(rb"<(?:\w+:)?worksheet\b")
_CELLS = re.compile(rb"<(?:\w+:)?sheetData\b[^<>]*[^/<>]?>.*?</(?:\w+:)?sheetData>", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f(?:\s[^<>]*)?>([^<]+)<")
_TAG = re.compile(r"<[^<>]*>")
# Office numbers nearly everything with these, and the last twelve digits may pass for a number of a person.
_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def stray_texts(data: bytes, tables: Iterable[RawTable]) -> set[str]:
    """Every distinct text in the workbook that is no cell of its tables; none in a text file. Raises Unreadable."""
    if not data.startswith(SIGNATURES):
        return set()
    found: set[str] = set()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.namelist():
            kind = part.casefold().rpartition(".")[2]
            if kind in ("xml", "rels"):
                found.update(_of_xml(archive.read(part)))
            elif kind == "vml":  # older Office leaves tags open in these
                found.update(html.unescape(_TAG.sub("\n", archive.read(part).decode("utf-8", "replace"))).split("\n"))
    cells = {cell for table in tables for line in _lines(table) for cell in line}
    return {text for text in (_GUID.sub("", text).strip() for text in found) if text} - cells


def _of_xml(xml: bytes) -> Iterator[str]:
    require_plain_xml(xml)
    outside = _CELLS.sub(b"", xml) if _WORKSHEET.search(xml) else xml
    yield from (html.unescape(text.decode("utf-8", "replace")) for text in _FORMULA.findall(xml))
    try:
        for _, element in ET.iterparse(io.BytesIO(outside)):  # noqa: S314 - no DOCTYPE, so no entities
            name = element.tag.rpartition("}")[2]
            text = element.text or ""
            yield _PAGE_CODE.sub(" ", text) if name in _PAGE_TEXTS else text
            yield element.tail or ""
            yield from map(unquote, element.attrib.values())
            if name in _WHOLE:
                yield "".join(element.itertext())
                element.clear()
    except ET.ParseError as error:
        raise Unreadable("broken_workbook") from error


def _lines(table: RawTable) -> Iterator[tuple[str, ...]]:
    yield table.header
    yield from (cells for _, cells in table.skipped)
    yield from table.columns
