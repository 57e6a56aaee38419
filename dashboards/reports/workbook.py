"""The tables of a report as an Excel workbook: one sheet a table, real numbers, frozen headers, notes first."""

from __future__ import annotations

import io
from datetime import datetime
from unicodedata import east_asian_width

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dashboards.labels import MARKS, wareki_month
from dashboards.reports.context import Column, MonthlyReport, Table

# The same report is the same file whenever it is written.
WRITTEN = datetime(2000, 1, 1)  # noqa: DTZ001 - Excel knows no time zone
_FORMATS = {"integer": "#,##0", "yen": "#,##0", "number": "#,##0.####", "share": "0.0%"}


def workbook(report: MonthlyReport) -> bytes:
    """The workbook's bytes."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties(
            {
                "title": f"{report.title_ja} {report.subject_ja}",
                "author": report.stamp.prefecture_name,
                "created": WRITTEN,
            }
        )
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#EEF2F6"})
        formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in _FORMATS.items()}
        _write_notes(book.add_worksheet("はじめに"), report, head)
        for table in report.tables:
            _write_table(book.add_worksheet(table.title_ja), table, head, formats)
    return stream.getvalue()


def _write_table(sheet: Worksheet, table: Table, head: Format, formats: dict[str, Format]) -> None:
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, column.label_ja, head)
        sheet.set_column(at, at, _width(table, at), formats.get(column.kind))
    for row, cells in enumerate(table.rows, start=1):
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, at, cell)
            elif cell is not None:
                sheet.write_number(row, at, cell)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write_notes(sheet: Worksheet, report: MonthlyReport, head: Format) -> None:
    stamp = report.stamp
    marks = "、".join(f"{mark} {meaning}" for mark, meaning in MARKS.items())
    lines = [
        ("資料", f"{report.title_ja} {report.subject_ja}"),
        ("区分", f"{stamp.audience_ja}版"),
        *([("注意", "合成データです。数値はすべて架空です。")] if stamp.origin == "synthetic" else []),
        ("データ月", wareki_month(stamp.month)),
        ("版", stamp.build_id),
        ("この時点までの提出", stamp.known_at),
        ("秘匿", stamp.suppression_ja),
        ("記号", f"{marks}。数値の列は空欄にし、記号は別の列に置きます。"),
        *((f"シート「{table.title_ja}」", _units(table.columns)) for table in report.tables),
    ]  # fmt: skip
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    sheet.write_row(0, 0, ("項目", "内容"), head)
    for row, line in enumerate(lines, start=1):
        sheet.write_row(row, 0, line)
    sheet.freeze_panes(1, 0)


def _units(columns: tuple[Column, ...]) -> str:
    units = [f"{column.label_ja}({column.unit_ja})" for column in columns if column.unit_ja]
    return "単位: " + "、".join(units) if units else "単位のある列はありません。"


def _width(table: Table, at: int) -> float:
    texts = [table.columns[at].label_ja, *(str(row[at]) for row in table.rows[:200] if row[at] is not None)]
    return min(60, max(sum(2 if east_asian_width(c) in "WF" else 1 for c in text) for text in texts) + 3)
