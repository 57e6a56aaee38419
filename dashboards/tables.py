"""A table as pages, files and reports share it: what a person reads and what a machine reads, cell by cell.

Here: the shape and the builders of cells. Not here: markup (components/markup.py), files (exports.py), what is in a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from dashboards import labels


@dataclass(frozen=True)
class Cell:
    """`text` for people; `value` for machines (None: no number, or nothing); `mark` where a figure is not there."""

    text: str
    value: str | int | float | None = None
    mark: str = ""


@dataclass(frozen=True)
class Column:
    """A column. `numeric`: right-aligned, a number in files, its marks in a column of their own; `in_file_only`: codes;
    `is_long`: text that may wrap."""

    label: str
    unit: str = ""
    numeric: bool = False
    in_file_only: bool = False
    is_long: bool = False

    @property
    def heading(self) -> str:
        """Label and unit as one heading."""
        return f"{self.label}({self.unit})" if self.unit else self.label


@dataclass(frozen=True)
class Table:
    """A caption, columns and rows of as many cells. `slug` (English) names its file."""

    slug: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def table(slug: str, caption: str, columns: Sequence[Column | str], rows: Iterable[Sequence[Cell | str]]) -> Table:
    """A table; a plain string stands for a column of text, or for a cell that reads the same to machine and person."""
    heads = tuple(column if isinstance(column, Column) else Column(column) for column in columns)
    body = tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell, cell) for cell in row) for row in rows)
    if any(len(row) != len(heads) for row in body):
        raise ValueError(f"a row of the table {slug} has not as many cells as it has columns")
    return Table(slug, caption, heads, body)


def numbers(label: str, unit: str = "") -> Column:
    """A column of numbers."""
    return Column(label, unit, numeric=True)


def code_column(label: str) -> Column:
    """A column of codes, in files only."""
    return Column(label, in_file_only=True)


def long_text(label: str) -> Column:
    """A column of sentences."""
    return Column(label, is_long=True)


def count(number: Any, *, mark: Any = None) -> Cell:
    """1,234; the mark where there is one."""
    if isinstance(mark, str) and mark:
        return Cell(mark, None, mark)
    return Cell("", None) if pd.isna(number) else Cell(labels.thousands(number), int(number))


def decimal(number: Any, digits: int = 1, *, mark: Any = None) -> Cell:
    """12.3; the mark where there is one."""
    if isinstance(mark, str) and mark:
        return Cell(mark, None, mark)
    return Cell("", None) if pd.isna(number) else Cell(f"{number:,.{digits}f}", round(float(number), digits + 2))


def percent(number: Any, *, mark: Any = None) -> Cell:
    """30.4% of a fraction; machines get 30.4 (the unit stands in the heading)."""
    if isinstance(mark, str) and mark:
        return Cell(mark, None, mark)
    return Cell(labels.NO_BASE, None) if pd.isna(number) else Cell(f"{number:.1%}", round(float(number) * 100, 4))


def kpi(kind: str, cell: Any, *, yes_no: bool = False) -> Cell:
    """A KPI's value (numerator, value, mark)."""
    text = labels.value_text(kind, cell, yes_no=yes_no)
    if labels.is_marked(cell) or pd.isna(cell.value):
        return Cell(text, None, cell.mark if labels.is_marked(cell) else "")
    if yes_no or kind in labels.WHOLE:
        return Cell(text, int(cell.numerator))
    return Cell(text, round(float(cell.value) * (100 if kind == "share" else 1), 4))


def month(period: Any) -> Cell:
    """令和6年5月; machines get 2024-05."""
    day = pd.Timestamp(period).date()
    return Cell(labels.wareki_month(day), f"{day:%Y-%m}")


def day(when: Any, *, unknown: str = "") -> Cell:
    """令和6年5月10日; machines get 2024-05-10."""
    if pd.isna(when):
        return Cell(unknown, None)
    on: date = pd.Timestamp(when).date()
    return Cell(labels.wareki_date(on), f"{on:%Y-%m-%d}")


def flag(value: Any, yes: str = "あり", no: str = "なし", unknown: str = "不明") -> Cell:
    """あり / なし / 不明."""
    text = unknown if pd.isna(value) else yes if value else no
    return Cell(text, text)
