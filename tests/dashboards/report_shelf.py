"""Documents of the sample home that all tests of reports look at, and how their texts are read."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pypdf

from dashboards import data
from dashboards.reports.make import Made, Order, Workshop
from tests.dashboards.sample_kpis import NO_CONSULTATION_FILE, WITHOUT_REPORT

MONTH = date(2024, 5, 1)
KAWAGOE = "112011"
AUDIENCES = ("internal", "adviser", "public")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class Shelf:
    """Documents made once for all tests; read only."""

    folder: Path
    charts: Path
    made: dict[str, Made]

    def path(self, name: str, ending: str) -> Path:
        return self.folder / (self.made[name].name + ending)

    def pdf(self, name: str) -> pypdf.PdfReader:
        return pypdf.PdfReader(self.path(name, ".pdf"))

    def context(self, name: str) -> dict[str, Any]:
        return json.loads(self.path(name, ".json").read_text(encoding="utf-8"))


def fill_shelf(sample_home: Path, folder: Path) -> Shelf:
    """The report of every edition, and three briefings for advisers."""
    workshop = Workshop(folder / "out", folder / "charts")
    orders = {audience: Order(data.current_edition(audience, sample_home), MONTH) for audience in AUDIENCES}
    adviser = data.current_edition("adviser", sample_home)
    orders |= {code: Order(adviser, MONTH, code) for code in (KAWAGOE, WITHOUT_REPORT, NO_CONSULTATION_FILE)}
    return Shelf(folder / "out", folder / "charts", {name: workshop.make(order) for name, order in orders.items()})


def text_of(reader: pypdf.PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def numbers_in(text: str) -> set[str]:
    return {found.rstrip(",") for found in NUMBER.findall(text)}


def strings_of(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in strings_of(value)]
    if isinstance(node, list):
        return [text for value in node for text in strings_of(value)]
    return [str(node)] if node is not None else []


def hollow(sample_home: Path, tmp_path: Path, change: Callable[[duckdb.DuckDBPyConnection], object]) -> Path:
    """A copy of the sample home, its adviser file changed."""
    home = tmp_path / "home"
    shutil.copytree(sample_home / "published", home / "published")
    path = next((home / "published").glob("*/adviser.duckdb"))
    with duckdb.connect(str(path)) as con:
        change(con)
    return home
