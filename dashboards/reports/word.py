"""Word files from a template: the editable briefing and the visit record. Same context, same bytes."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate

from dashboards.reports.context import Briefing

TEMPLATES = Path(__file__).resolve().parent / "templates"
_WRITTEN = datetime(2000, 1, 1)  # noqa: DTZ001 - as Word keeps it
_ZIPPED = (1980, 1, 1, 0, 0, 0)


def briefing_docx(briefing: Briefing) -> bytes:
    """The briefing to be edited: the same sentences, tables and questions as the PDF, without its charts."""
    return _filled("briefing.docx", briefing)


def visit_record_docx(briefing: Briefing) -> bytes:
    """The form for the visit, its head filled in."""
    return _filled("visit_record.docx", briefing)


def _filled(template: str, briefing: Briefing) -> bytes:
    document = DocxTemplate(str(TEMPLATES / template))
    facts: dict[str, Any] = briefing.model_dump(mode="json", exclude={"sections": {"__all__": {"pictures"}}})
    document.render(facts, autoescape=True)
    properties = document.docx.core_properties  # type: ignore[union-attr]
    properties.title = f"{briefing.title_ja} {briefing.subject_ja}"
    properties.author = properties.last_modified_by = briefing.stamp.prefecture_name
    properties.created = properties.modified = _WRITTEN
    stream = io.BytesIO()
    document.save(stream)
    return _without_times(stream.getvalue())


def _without_times(docx: bytes) -> bytes:
    """The same archive with one fixed time for every part: python-docx stamps the time of writing."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as made, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in sorted(made.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            fixed.writestr(zipfile.ZipInfo(name, _ZIPPED), made.read(name), compress_type=zipfile.ZIP_DEFLATED)
    return stream.getvalue()
