"""Who sent what, in what state; errors, and figures that disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd

from dashboards import data, labels, tables, theme
from dashboards.charts.heat import grid
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.figure import Figure, Nothing
from dashboards.tables import Table, code_column, numbers

CARDS = ("submission_rate", "submission_on_time_rate", "row_error_rate", "balance_gap", "ledger_adjustment")
DISAGREE = ("balance_gap", "ledger_adjustment")
MONTHS = 12
ALL_FORMS = "all"


@dataclass(frozen=True)
class State:
    """How a form stands: its words, its sign in a cell, its ground."""

    label: str
    sign: str
    ground: str


# The worst first: a cell of several forms shows the worst of them.
STATES = {
    "missing": State("未提出", "…", theme.ABSENT_GROUND["…"]),
    "returned": State("差戻し・受領拒否", "戻", "#FFF6EC"),
    "partial": State("一部受理", "△", theme.SEQUENCE[1]),
    "complete": State("受理", "○", theme.SEQUENCE[2]),
    "not_applicable": State("対象外", "-", theme.PAPER),
}


def state_of(row: Any) -> str:
    """One of STATES for a row of submission_status."""
    if row.completeness in ("complete", "partial", "not_applicable"):
        return str(row.completeness)
    return "returned" if isinstance(row.status, str) else "missing"


def form_options(edition: Edition) -> dict[str, str]:
    """Forms municipalities send every month, all of them first."""
    forms = data.forms(edition)
    monthly = forms[(forms["cadence"] == "monthly") & (forms["sender"] == "municipality")]
    return {ALL_FORMS: "毎月の様式すべて"} | dict(zip(monthly["form"], monthly["label_ja"], strict=True))


def _cells(edition: Edition, month: date, form: str) -> pd.DataFrame:
    """sender_code, sender_label_ja, period, state: the worst of the forms, over twelve months."""
    rows = data.submission_status(edition, labels.months_before(month, MONTHS - 1), month)
    rows = rows[rows["cadence"] == "monthly"]
    rows = rows[rows["sender_code"] != edition.prefecture_code]
    if form != ALL_FORMS:
        rows = rows[rows["form"] == form]
    rows = rows.assign(state=[state_of(row) for row in rows_of(rows)])
    rows = rows.assign(rank=rows["state"].map(list(STATES).index))
    return rows.sort_values("rank").drop_duplicates(["sender_code", "period"])[
        ["sender_code", "sender_label_ja", "period", "state"]
    ]


@lru_cache(maxsize=64)
def status_figure(edition: Edition, month: date, form: str) -> Figure | Nothing:
    """Municipality × month."""
    name = f"提出の状況: 市町村と月({form_options(edition).get(form, form)})"
    cells = _cells(edition, month, form)
    if cells.empty:
        return Nothing(name, "この期間に提出の記録がありません。")
    towns = data.tiles(edition)[["area_code", "name"]]
    months = sorted(cells["period"].unique())
    full = towns.merge(pd.DataFrame({"period": months}), how="cross")
    full = full.merge(cells, how="left", left_on=["area_code", "period"], right_on=["sender_code", "period"])
    states = [STATES[state] for state in full["state"].fillna("not_applicable")]
    frame = pd.DataFrame(
        {
            "row": full["name"],
            "column": [labels.month_short(pd.Timestamp(period).date()) for period in full["period"]],
            "text": [state.sign for state in states],
            "ground": [state.ground for state in states],
            "legend": [f"{state.sign} {state.label}" for state in states],
        }
    )
    legend = {f"{state.sign} {state.label}": state.ground for state in STATES.values()}
    newest = cells[cells["period"] == pd.Timestamp(month)]
    late = int((newest["state"] == "missing").sum())
    alt = (
        f"{name}。{len(towns)}市町村と{len(months)}か月。{labels.wareki_month(month)}に未提出のある市町村は{late}、"
        f"一部に誤りのある市町村は{int((newest['state'] == 'partial').sum())}。"
    )
    sources = (
        f"データ月: {labels.wareki_month(month)}まで{len(months)}か月。出典: 受付の記録。",
        "複数の様式をまとめたマスは、最も手当てのいる状態を示します。",
    )
    body = [
        [row.area_code, row.name, tables.month(row.period), state.label]
        for row, state in zip(rows_of(full), states, strict=True)
    ]
    table = tables.table("status", name, [code_column("団体コード"), "市町村", "年月", "提出の状況"], body)
    return Figure("status", name, grid(frame, legend, row=21), alt, sources, table)


@lru_cache(maxsize=64)
def missing_table(edition: Edition, month: date) -> Table:
    """Who still owes what for the month."""
    rows = data.submission_status(edition, month, month)
    rows = rows[rows["expected"] & (rows["sender_code"] != edition.prefecture_code)]
    owed: dict[tuple[str, str], list[str]] = {}
    for row in rows_of(rows):
        if state_of(row) in ("missing", "returned"):
            word = "(差戻し)" if state_of(row) == "returned" else ""
            owed.setdefault((row.sender_code, row.sender_label_ja), []).append(f"{row.form_label_ja}{word}")
    body = [[code, name, tables.count(len(forms)), "、".join(forms)] for (code, name), forms in owed.items()]
    heads = [code_column("団体コード"), "市町村", numbers("届いていない様式", "件"), tables.long_text("様式")]
    return tables.table("missing", f"{labels.wareki_month(month)}分が届いていない{len(body)}市町村", heads, body)


def reminder(edition: Edition, month: date) -> str:
    """The list as plain text for a mail."""
    rows = missing_table(edition, month).rows
    lines = [f"{name.text}: {forms.text}" for _, name, _, forms in rows]
    return (
        "\n".join([f"{labels.wareki_month(month)}分で、まだ届いていない様式", *lines])
        if lines
        else "届いていない様式はありません。"
    )


@lru_cache(maxsize=64)
def error_table(edition: Edition, month: date) -> Table:
    """Forms with rejected rows; counts stand in the internal edition only."""
    rows = data.submission_status(edition, month, month)
    rows = rows[rows["status"].isin(["accepted_with_errors", "returned", "refused_personal_data"])]
    hidden = "x" if edition.audience != "internal" else None
    body = [
        [
            row.sender_code,
            row.sender_label_ja,
            row.form_label_ja,
            STATES[state_of(row)].label,
            *(tables.count(n, mark=hidden) for n in (row.rows_total, row.rows_rejected)),
        ]
        for row in rows_of(rows)
    ]
    heads = [
        code_column("団体コード"),
        "市町村",
        "様式",
        "提出の状況",
        numbers("届いた行", "行"),
        numbers("誤りのある行", "行"),
    ]
    return tables.table("errors", f"誤りのあった提出 {len(body)}件({labels.wareki_month(month)})", heads, body)


@lru_cache(maxsize=64)
def disagreement_table(edition: Edition, month: date) -> Table:
    """Municipalities whose own summary or ledgers disagree this month."""
    cells = data.kpi_month(edition, month, DISAGREE)
    off = cells[cells["mark"].eq("x").fillna(False) | (cells["numerator"].fillna(0) != 0)]
    body = [
        [row.area_code, row.area_label_ja, row.kpi_label_ja, tables.count(row.numerator, mark=row.mark)]
        for row in rows_of(off)
    ]
    heads = [code_column("団体コード"), "市町村", "食い違い", numbers("件数", "件")]
    return tables.table(
        "disagreements", f"集計表や台帳の食い違い {len(body)}件({labels.wareki_month(month)})", heads, body
    )
