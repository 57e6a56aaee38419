"""What a document is: its stamp, its sections and its tables, validated. The context alone makes every file of it.

Here: shapes and what must hold of them. Not here: what is in a document (monthly.py, briefing.py), how it looks.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from dashboards.labels import MARKS

Value = str | int | float | None
Kind = Literal["text", "code", "month", "date", "year", "integer", "yen", "number", "share", "mark"]
NUMBERS: frozenset[Kind] = frozenset({"year", "integer", "yen", "number", "share"})
_PATTERNS = {"month": re.compile(r"\d{4}-\d{2}"), "date": re.compile(r"\d{4}-\d{2}-\d{2}")}


class Frozen(BaseModel):
    """A part of a context: nothing unknown in it, nothing changed after it was checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(Frozen):
    """One column of a table: `unit_ja` stands here, never in a cell; `marked_by` names the column of its marks."""

    id: str
    label_ja: str
    kind: Kind = "text"
    unit_ja: str = ""
    marked_by: str | None = None


class Table(Frozen):
    """A table as data: real numbers, months as 2024-05, marks in columns of their own. For Excel and open data."""

    id: str
    title_ja: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]

    @model_validator(mode="after")
    def _holds(self) -> Self:
        ids = [column.id for column in self.columns]
        if len(set(ids)) != len(ids) or len({column.label_ja for column in self.columns}) != len(ids):
            raise ValueError(f"{self.id}: two columns of one name")
        for row in self.rows:
            if len(row) != len(ids):
                raise ValueError(f"{self.id}: a row of another width")
            cells = dict(zip(ids, row, strict=True))
            for column in self.columns:
                _check(self.id, column, cells)
        return self


def _check(table: str, column: Column, cells: dict[str, Value]) -> None:
    value = cells[column.id]
    if column.marked_by and cells[column.marked_by] is not None and value is not None:
        raise ValueError(f"{table}.{column.id}: a marked cell has a value")
    if value is None:
        return
    if column.kind in NUMBERS and not isinstance(value, int | float):
        raise ValueError(f"{table}.{column.id}: not a number")
    if column.kind in {"year", "integer", "yen"} and not isinstance(value, int):
        raise ValueError(f"{table}.{column.id}: not a whole number")
    if column.kind not in NUMBERS and not isinstance(value, str):
        raise ValueError(f"{table}.{column.id}: not a text")
    if column.kind == "mark" and value not in MARKS:
        raise ValueError(f"{table}.{column.id}: not a mark")
    if (pattern := _PATTERNS.get(column.kind)) and not pattern.fullmatch(str(value)):
        raise ValueError(f"{table}.{column.id}: not a {column.kind}")


class Printed(Frozen):
    """A table as it is read on paper: finished texts, `numeric` columns to the right, `widths` as shares of the line."""

    title_ja: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    widths: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _holds(self) -> Self:
        if any(len(row) != len(self.heads) for row in self.rows) or len(self.widths) not in {0, len(self.heads)}:
            raise ValueError(f"{self.title_ja}: a row of another width")
        return self


class Picture(Frozen):
    """A chart of the dashboard: its Vega-Lite spec, what it says in words, the lines under it."""

    id: str
    spec: dict[str, Any]
    alt: str
    sources: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _holds(self) -> Self:
        if not any(character.isdigit() for character in self.alt):
            raise ValueError(f"{self.id}: a text alternative without a figure")
        return self


class Section(Frozen):
    """A part under one heading. `sentences` say what is known, or that nothing is; `notes` stand below in small type."""

    id: str
    title_ja: str
    sentences: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Printed, ...] = ()
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _holds(self) -> Self:
        if not (self.sentences or self.pictures or self.tables):
            raise ValueError(f"{self.id}: a heading with nothing under it")
        return self


class Stamp(Frozen):
    """Where the figures come from: printed on every page."""

    build_id: str
    audience: Literal["internal", "adviser", "public"]
    audience_ja: str
    origin: Literal["real", "synthetic"]
    prefecture_code: str
    prefecture_name: str
    month: date
    data_month: date
    known_at: str
    suppression_ja: str


class Document(Frozen):
    """What every document has. `lead` is what it says first, in sentences computed from the figures."""

    kind: ClassVar[str]

    title_ja: str
    subject_ja: str
    stamp: Stamp
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...]


class MonthlyReport(Document):
    """月次報告 of one month for one audience, with its tables as data."""

    kind: ClassVar[str] = "monthly"

    tables: tuple[Table, ...]


class Question(Frozen):
    """A question to ask on the visit, the rule it comes from and the figure behind it."""

    rule: str
    text: str
    figure: str


class Briefing(Document):
    """アドバイザー派遣ブリーフィング of one municipality."""

    kind: ClassVar[str] = "briefing"

    municipality_code: str
    municipality_name: str
    questions: tuple[Question, ...]
    facts: dict[str, Any]
