"""The numbers of reports and briefings are those of the published file, in context and on paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards import data
from dashboards.reports.wording import count_text
from tests.dashboards.report_shelf import AUDIENCES, KAWAGOE, MONTH, Shelf, numbers_in, strings_of, text_of
from tests.dashboards.sample_kpis import NO_CONSULTATION_FILE, PREFECTURE, WITHOUT_REPORT


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_tables_are_the_published_file(shelf: Shelf, sample_home: Path, audience: str) -> None:
    """Every cell of kpi_monthly of the month, and of the other tables, in their order or another."""
    tables = {table["id"]: table for table in shelf.context(audience)["tables"]}
    path = data.current_edition(audience, sample_home).path
    with duckdb.connect(str(path), read_only=True) as con:
        wanted = con.execute(
            "select kpi_id, area_code, numerator, denominator, value, mark from kpi_monthly where period = ?", [MONTH]
        ).fetchall()
        flow = con.execute(
            "select cases, mark from support_flow where fiscal_year = 2024 and area_code = ?", [PREFECTURE]
        ).fetchall()
        gaps = con.execute(
            "select consultations, mark from gap_need_cross where fiscal_year = 2024 and area_code = ?", [PREFECTURE]
        ).fetchall()
    at = [column["id"] for column in tables["kpi"]["columns"]]
    picked = [at.index(name) for name in ("kpi_id", "area_code", "numerator", "denominator", "value", "mark")]
    found = [tuple(row[index] for index in picked) for row in tables["kpi"]["rows"]]
    assert len(found) == len(wanted) > 1000
    assert sorted(found, key=str) == sorted(wanted, key=lambda row: str(_like(row)))
    assert sorted((tuple(row[-2:]) for row in tables["support_flow"]["rows"]), key=str) == sorted(flow, key=str)
    assert sorted((tuple(row[-2:]) for row in tables["gap_needs"]["rows"]), key=str) == sorted(gaps, key=str)


def _like(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A count's value as the context has it: whole."""
    kpi, area, numerator, denominator, value, mark = row
    number: Any = value
    is_whole = value is not None and denominator is None and float(value).is_integer()
    return (kpi, area, numerator, denominator, int(number) if is_whole else value, mark)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_headline_is_the_prefectures_cell(shelf: Shelf, sample_home: Path, audience: str) -> None:
    section = next(part for part in shelf.context(audience)["sections"] if part["id"] == "headline")
    path = data.current_edition(audience, sample_home).path
    text = text_of(shelf.pdf(audience))
    with duckdb.connect(str(path), read_only=True) as con:
        for label, shown, *_ in section["tables"][0]["rows"]:
            cell = con.execute(
                "select numerator, value, mark, kind, unit from kpi_monthly join kpi_catalogue using (kpi_id)"
                " where area_code = ? and period = ? and label_ja = ?",
                [PREFECTURE, MONTH, label],
            ).fetchall()
            numerator, value, mark, kind, unit = cell[0]
            form = {"share": f"{value:.1%}", "rate": f"{value:,.1f}"} if value is not None else {}
            wanted = mark or form.get(kind, f"{numerator:,}" if numerator is not None else "")
            assert shown.startswith(wanted) and (kind == "share" or mark or shown == f"{wanted}{unit}")
            assert shown in text


@pytest.mark.parametrize("name", [*AUDIENCES, KAWAGOE, WITHOUT_REPORT, NO_CONSULTATION_FILE])
def test_a_pdf_holds_no_number_its_context_does_not(shelf: Shelf, name: str) -> None:
    """Nothing is worked out after the context; the axis of a chart and the page numbers are all that comes later."""
    context, reader = shelf.context(name), shelf.pdf(name)
    drawn = [path.read_text(encoding="utf-8") for path in shelf.charts.glob("*.svg")]
    known = numbers_in("\n".join([*strings_of(context), *re.findall(r">([^<>]+)</text>", "\n".join(drawn))]))
    pages = {str(number) for number in range(1, len(reader.pages) + 1)}
    assert numbers_in(text_of(reader)) - known - pages == set()


@pytest.mark.parametrize("name", [*AUDIENCES, KAWAGOE])
def test_a_pdf_prints_every_cell_of_its_tables(shelf: Shelf, name: str) -> None:
    text = re.sub(r"\s", "", text_of(shelf.pdf(name)))
    cells = [
        cell
        for part in shelf.context(name)["sections"]
        for table in part["tables"]
        for row in table["rows"]
        for cell in row
    ]
    assert len(cells) > 20
    assert [cell for cell in cells if re.sub(r"\s", "", cell) not in text] == []


def test_the_briefing_counts_month_by_month(shelf: Shelf, sample_home: Path) -> None:
    table = next(part for part in shelf.context(KAWAGOE)["sections"] if part["id"] == "months")["tables"][0]
    shown = {row[0].partition("(")[0]: row[1:] for row in table["rows"]}
    path = data.current_edition("adviser", sample_home).path
    with duckdb.connect(str(path), read_only=True) as con:
        rows = con.execute(
            "select label_ja, numerator, mark from kpi_monthly join kpi_catalogue using (kpi_id)"
            " where area_code = ? and period between '2023-06-01' and ? order by period",
            [KAWAGOE, MONTH],
        ).fetchall()
    assert len(shown) >= 6 and "x" in {cell for row in shown.values() for cell in row}
    for label, texts in shown.items():
        assert texts == [count_text(number, mark) for name, number, mark in rows if name == label]
