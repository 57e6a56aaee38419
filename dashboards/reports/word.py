"""Word files from a template: the editable briefing and the visit record. Same context, same bytes."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Mm
from docx.table import Table
from docxtpl import DocxTemplate, InlineImage

from dashboards.reports.context import Briefing, Printed
from dashboards.reports.typeset import PIXELS_PER_INCH, Typesetter

TEMPLATES = Path(__file__).resolve().parent / "templates"
PAGE_MM = 170  # between the margins of the template
_WRITTEN = datetime(2000, 1, 1)  # noqa: DTZ001 - as Word keeps it
_ZIPPED = (1980, 1, 1, 0, 0, 0)


def briefing_docx(briefing: Briefing, typesetter: Typesetter) -> bytes:
    """The briefing to be edited: the same sentences, charts, tables and questions as the PDF."""
    template, facts = DocxTemplate(str(TEMPLATES / "briefing.docx")), _facts(briefing)
    for part, shown in zip(facts["sections"], briefing.sections, strict=True):
        part["pictures"] = [
            {"image": _image(template, typesetter.png(picture)), "sources": picture.sources}
            for picture in shown.pictures
        ]
    template.render(facts, autoescape=True)
    drawings = template.docx.element.body.iter(qn("wp:docPr"))  # type: ignore[union-attr]
    pictures = (picture for part in briefing.sections for picture in part.pictures)
    for drawing, picture in zip(drawings, pictures, strict=True):
        drawing.set("descr", picture.alt)
    printed = (table for part in briefing.sections for table in part.tables)
    for table, shown in zip(template.docx.tables, printed, strict=True):  # type: ignore[union-attr]
        _laid_out(table, shown)
    return _saved(template, briefing)


def visit_record_docx(briefing: Briefing) -> bytes:
    """The form for the visit, its head filled in."""
    template = DocxTemplate(str(TEMPLATES / "visit_record.docx"))
    template.render(_facts(briefing), autoescape=True)
    return _saved(template, briefing)


def _facts(briefing: Briefing) -> dict[str, Any]:
    return briefing.model_dump(mode="json", exclude={"sections": {"__all__": {"pictures"}}})


def _image(template: DocxTemplate, png: bytes) -> InlineImage:
    """A chart as large as on a screen, or as wide as the page."""
    width, _ = struct.unpack(">II", png[16:24])  # the head of every PNG
    return InlineImage(template, io.BytesIO(png), width=min(Inches(width / PIXELS_PER_INCH), Mm(PAGE_MM)))


def _laid_out(table: Table, printed: Printed) -> None:
    """Columns as wide as on paper, numbers to the right, no row on two pages."""
    shares = printed.widths or tuple(1.0 for _ in printed.heads)
    widths = [Mm(PAGE_MM * share / sum(shares)) for share in shares]
    table.autofit = False
    grid = table._tbl.tblGrid
    for column in list(grid):
        grid.remove(column)
    for width in widths:
        grid.add_gridCol().w = width
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for at, (cell, width) in enumerate(zip(row.cells, widths, strict=True)):
            cell.width = width
            if at in printed.numeric:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _saved(template: DocxTemplate, briefing: Briefing) -> bytes:
    properties = template.docx.core_properties  # type: ignore[union-attr]
    properties.title = f"{briefing.title_ja} {briefing.subject_ja}"
    properties.author = properties.last_modified_by = briefing.stamp.prefecture_name
    properties.created = properties.modified = _WRITTEN
    stream = io.BytesIO()
    template.save(stream)
    return _without_times(stream.getvalue())


def _without_times(docx: bytes) -> bytes:
    """The same archive with one fixed time for every part: python-docx stamps the time of writing."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as made, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in sorted(made.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            fixed.writestr(zipfile.ZipInfo(name, _ZIPPED), made.read(name), compress_type=zipfile.ZIP_DEFLATED)
    return stream.getvalue()
