"""The tables of the monthly report as data: what its Excel workbook and its open data hold. Marks in their own columns."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from dashboards import data, labels
from dashboards.charts.target_path import even_path
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.way import way
from dashboards.reports.context import Column, Table
from dashboards.reports.wording import fiscal_year_of, text_or_none, value_of, whole

AS_FRACTION = "割合(0から1)"
LEVELS = {"prefecture": "県", "region": "地域", "municipality": "市町村"}
YEAR = Column(id="fiscal_year", label_ja="年度", kind="year", unit_ja="4月に始まる年度の西暦年")
MARK = Column(id="mark", label_ja="記号", kind="mark")


def data_tables(edition: Edition, month: date) -> tuple[Table, ...]:
    """Every table of the report of a month; one without a row is left out."""
    tables = (
        _kpis(edition, month),
        _path(edition, month),
        _flow(edition, month),
        _gap_needs(edition, month),
        _presence(edition, month),
        _grants(edition, month),
        _support(edition, month),
        _submissions(edition, month),
        _definitions(edition),
    )
    return tuple(table for table in tables if table.rows)


def _count(name: str, label_ja: str, unit_ja: str = "件") -> Column:
    return Column(id=name, label_ja=label_ja, kind="integer", unit_ja=unit_ja, marked_by="mark")


def _kpis(edition: Edition, month: date) -> Table:
    ids = tuple(str(kpi.kpi_id) for kpi in rows_of(data.catalogue_full(edition)))
    rows: list[tuple[Any, ...]] = []
    for level, label in LEVELS.items():
        rows += [
            (
                f"{month:%Y-%m}",
                label,
                str(cell.area_code),
                str(cell.area_label_ja),
                str(cell.kpi_id),
                str(cell.kpi_label_ja),
                AS_FRACTION if cell.kind == "share" else str(cell.unit),
                whole(cell.numerator),
                whole(cell.denominator),
                value_of(cell),
                text_or_none(cell.mark),
                str(cell.completeness),
            )
            for cell in rows_of(data.kpi_month(edition, month, ids, level))
        ]
    columns = (
        Column(id="period", label_ja="年月", kind="month"),
        Column(id="area_level", label_ja="地域の段階"),
        Column(id="area_code", label_ja="地域コード", kind="code"),
        Column(id="area", label_ja="地域"),
        Column(id="kpi_id", label_ja="指標ID", kind="code"),
        Column(id="kpi", label_ja="指標"),
        Column(id="unit", label_ja="単位"),
        _count("numerator", "分子", ""),
        _count("denominator", "分母", ""),
        Column(id="value", label_ja="値", kind="number", unit_ja="列「単位」による", marked_by="mark"),
        MARK,
        Column(id="completeness", label_ja="提出の状態", kind="code"),
    )
    return Table(id="kpi", title_ja="指標", columns=columns, rows=tuple(rows))


def _path(edition: Edition, month: date) -> Table:
    stand = way(edition, month)
    rows: list[tuple[Any, ...]] = []
    if stand is not None:
        path = even_path(stand.start, stand.start_count, stand.end, stand.target)
        rows = [(f"{day:%Y-%m-%d}", float(count), None) for day, count in rows_of(path)]
        rows.append((f"{labels.month_end(month):%Y-%m-%d}", round(stand.expected, 4), stand.count))
    columns = (
        Column(id="as_of", label_ja="時点", kind="date"),
        Column(id="even_path", label_ja="等間隔の道筋", kind="number", unit_ja="市町村"),
        Column(id="actual", label_ja="実績", kind="integer", unit_ja="市町村"),
    )
    return Table(id="target_path", title_ja="目標までの道筋", columns=columns, rows=tuple(sorted(rows)))


def _flow(edition: Edition, month: date) -> Table:
    year = fiscal_year_of(month)
    rows = tuple(
        (year, str(row.from_label_ja), str(row.to_label_ja), whole(row.cases), text_or_none(row.mark))
        for row in rows_of(data.support_flow(edition, year, edition.prefecture_code))
    )
    columns = (
        YEAR,
        Column(id="from", label_ja="段階"),
        Column(id="to", label_ja="次の段階"),
        _count("cases", "件数"),
        MARK,
    )
    return Table(id="support_flow", title_ja="支援の流れ", columns=columns, rows=rows)


def _gap_needs(edition: Edition, month: date) -> Table:
    year = fiscal_year_of(month)
    rows = tuple(
        (year, str(row.reason_label_ja), str(row.age_label_ja), whole(row.consultations), text_or_none(row.mark))
        for row in rows_of(data.gap_need_cross(edition, year, edition.prefecture_code))
    )
    columns = (
        YEAR,
        Column(id="gap_reason", label_ja="理由"),
        Column(id="age_band", label_ja="年齢の区分"),
        _count("consultations", "件数"),
        MARK,
    )
    return Table(id="gap_needs", title_ja="狭間ニーズの内訳", columns=columns, rows=rows)


def _presence(edition: Edition, month: date) -> Table:
    year = fiscal_year_of(month)
    rows = tuple(
        (year, str(row.label_ja), whole(row.meetings), whole(row.of_meetings), text_or_none(row.mark))
        for row in rows_of(data.meeting_presence(edition, year, edition.prefecture_code))
    )
    columns = (
        YEAR,
        Column(id="agency_group", label_ja="分野"),
        _count("meetings", "参加した会議", "回"),
        _count("of_meetings", "開かれた会議", "回"),
        MARK,
    )
    return Table(id="meeting_presence", title_ja="会議への参加", columns=columns, rows=rows)


def _grants(edition: Edition, month: date) -> Table:
    year = fiscal_year_of(month)
    cells = data.kpi_by(edition, "grant_execution_rate", "field", edition.prefecture_code)
    rows = tuple(
        (year, str(row.member_label_ja), whole(row.denominator), whole(row.numerator), text_or_none(row.mark))
        for row in rows_of(cells[cells["period"] == pd.Timestamp(month)])
    )
    columns = (
        YEAR,
        Column(id="field", label_ja="分野"),
        Column(id="decided", label_ja="交付決定", kind="yen", unit_ja="円", marked_by="mark"),
        Column(id="final", label_ja="額の確定", kind="yen", unit_ja="円", marked_by="mark"),
        MARK,
    )
    return Table(id="grants", title_ja="交付金", columns=columns, rows=rows)


def _support(edition: Edition, month: date) -> Table:
    since, until = pd.Timestamp(fiscal_year_of(month), 4, 1), pd.Timestamp(labels.month_end(month))
    kinds = data.code_labels(edition, "support_kind")
    given = data.support_given(edition)
    given = given[given["happened_on"].between(since, until) & given["kind"].isin(["dispatch", "training"])]
    rows = tuple(
        (
            kinds.get(row.kind, row.kind),
            str(row.municipality_code),
            str(row.municipality_label_ja),
            f"{row.happened_on:%Y-%m-%d}",
            text_or_none(row.mode_label_ja),
            whole(row.attendees),
        )
        for row in rows_of(given)
    )
    columns = (
        Column(id="kind", label_ja="種別"),
        Column(id="municipality_code", label_ja="団体コード", kind="code"),
        Column(id="municipality", label_ja="市町村"),
        Column(id="happened_on", label_ja="実施日", kind="date"),
        Column(id="mode", label_ja="形態"),
        Column(id="attendees", label_ja="参加した職員等", kind="integer", unit_ja="人"),
    )
    return Table(id="support_given", title_ja="後方支援", columns=columns, rows=rows)


def _submissions(edition: Edition, month: date) -> Table:
    status = data.submission_status(edition, month, month)
    due = status[status["expected"].fillna(value=False) & (status["cadence"] == "monthly")]
    counted = due.groupby(["form", "form_label_ja", "completeness"], sort=True).size().reset_index(name="senders")
    rows = tuple(
        (f"{month:%Y-%m}", str(row.form), str(row.form_label_ja), str(row.completeness), int(row.senders))
        for row in rows_of(counted)
    )
    columns = (
        Column(id="period", label_ja="年月", kind="month"),
        Column(id="form", label_ja="様式ID", kind="code"),
        Column(id="form_label", label_ja="様式"),
        Column(id="completeness", label_ja="提出の状態", kind="code"),
        Column(id="senders", label_ja="提出者の数", kind="integer", unit_ja="団体"),
    )
    return Table(id="submissions", title_ja="提出の状況", columns=columns, rows=rows)


def _definitions(edition: Edition) -> Table:
    rows = tuple(
        (str(kpi.kpi_id), str(kpi.label_ja), str(kpi.unit), str(kpi.formula_ja), str(kpi.source))
        for kpi in rows_of(data.catalogue_full(edition))
    )
    columns = (
        Column(id="kpi_id", label_ja="指標ID", kind="code"),
        Column(id="kpi", label_ja="指標"),
        Column(id="unit", label_ja="単位"),
        Column(id="formula", label_ja="算式"),
        Column(id="source", label_ja="根拠"),
    )
    return Table(id="kpi_definitions", title_ja="指標の定義", columns=columns, rows=rows)
