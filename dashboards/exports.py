"""Files people take away: every CSV, SVG and PNG of a page or report is made here.

CSV: UTF-8 with BOM (for Excel), one value a cell, numbers as numbers, marks in a column of their own, months as 2024-05;
machine_readable.py checks the national rules. Charts: in the light colours, with their title, sources and, where no figure
is real, 「合成データ」 inside the picture.
"""

from __future__ import annotations

import csv
import io
import json
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from dashboards.fonts import PACKAGES
from dashboards.tables import Table

PICTURE_FONT = "Noto Sans CJK JP"
SYNTHETIC = "合成データ(すべて架空の数値)"
PNG_SCALE = 2


def table_csv(table: Table) -> bytes:
    """The table as a file. A column of numbers that holds a mark anywhere gets a second column of marks."""
    marked = {
        index
        for index, column in enumerate(table.columns)
        if column.numeric and any(row[index].mark for row in table.rows)
    }
    out = io.StringIO()
    writer = csv.writer(out)
    heads: list[str] = []
    for index, column in enumerate(table.columns):
        heads += [column.heading, f"{column.label}の記号"] if index in marked else [column.heading]
    writer.writerow(heads)
    for row in table.rows:
        cells: list[Any] = []
        for index, cell in enumerate(row):
            value = "" if cell.value is None else cell.value
            cells += [value, cell.mark] if index in marked else [value]
        writer.writerow(cells)
    return out.getvalue().encode("utf-8-sig")


def chart_svg(spec: dict[str, Any], name: str, sources: tuple[str, ...], *, is_synthetic: bool) -> bytes:
    """The chart as SVG. `spec` is in the light colours."""
    return _renderer().vegalite_to_svg(_picture(spec, name, sources, is_synthetic)).encode("utf-8")


def chart_png(spec: dict[str, Any], name: str, sources: tuple[str, ...], *, is_synthetic: bool) -> bytes:
    """The chart as PNG, twice the size of the screen."""
    return _renderer().vegalite_to_png(_picture(spec, name, sources, is_synthetic), scale=PNG_SCALE)


def _picture(spec: dict[str, Any], name: str, sources: tuple[str, ...], is_synthetic: bool) -> str:
    lines = [*([SYNTHETIC] if is_synthetic else []), *sources]
    title = {"text": name, "subtitle": lines, "anchor": "start"}
    config = spec.get("config", {}) | {"font": PICTURE_FONT, "background": "#FFFFFF"}
    wide = spec if "facet" in spec or spec.get("width") not in (None, "container") else {**spec, "width": 760}
    text = json.dumps({**wide, "title": title, "config": config, "padding": 16}, ensure_ascii=False)
    return text.replace(json.dumps(config["text"]["font"], ensure_ascii=False), json.dumps(PICTURE_FONT))


@lru_cache(maxsize=1)
def _renderer() -> Any:
    # Imported at the first picture only: the engine behind it is large.
    renderer = import_module("vl_convert")
    for package in PACKAGES.values():
        renderer.register_font_directory(str(Path(import_module(package).FONT_PATH).parent))
    return renderer
