"""Context → PDF, chart → PNG: one Typst compiler for all of a process, our two fonts and no other, PDF/UA-1 or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import typst

from dashboards.reports.context import Document, Picture
from dashboards.reports.pictures import FONT_FOLDERS, Gallery

TEMPLATES = Path(__file__).resolve().parent / "templates"
PIXELS_PER_INCH = 192.0  # of a PNG: two for a pixel of the screen


class CannotTypeset(RuntimeError):
    """The document does not become an accessible PDF; the message holds the typesetter's own words."""


class Typesetter:
    """Makes PDFs. The charts of a document are drawn by the gallery."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        fonts: Any = [str(folder) for folder in FONT_FOLDERS]
        self._compiler = typst.Compiler(root=str(TEMPLATES), font_paths=fonts, ignore_system_fonts=True)

    def pdf(self, document: Document) -> bytes:
        """The document as PDF/UA-1. Raises CannotTypeset, for instance for a chart without a text alternative."""
        facts = document.model_dump(mode="json", exclude={"tables"})
        charts = {picture.id: self._chart(picture) for part in document.sections for picture in part.pictures}
        for part in facts["sections"]:
            for picture in part["pictures"]:
                del picture["spec"]
        inputs = {"document": json.dumps(facts, ensure_ascii=False), "charts": json.dumps(charts, ensure_ascii=False)}
        template = str(TEMPLATES / f"{document.kind}.typ")
        try:
            made = self._compiler.compile(
                template, format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"], timestamp=0
            )
        except typst.TypstError as error:
            raise CannotTypeset(f"PDF を組版できませんでした: {error}") from error
        return bytes(made)  # type: ignore[arg-type]

    def png(self, picture: Picture) -> bytes:
        """A chart alone, for what cannot hold SVG. (A fifth of what vl-convert takes: it shapes every text from scratch.)"""
        chart = self._chart(picture)
        inputs = {"svg": chart["svg"], "width": str(chart["width"])}
        return bytes(
            self._compiler.compile(str(TEMPLATES / "picture.typ"), format="png", ppi=PIXELS_PER_INCH, sys_inputs=inputs)  # type: ignore[arg-type]
        )

    def _chart(self, picture: Picture) -> dict[str, Any]:
        svg = self._gallery.svg(picture.spec)
        return {"svg": svg, "width": float(ET.fromstring(svg).attrib["width"])}  # noqa: S314 - drawn by ourselves
