"""Cards of KPIs: one area, one month, with change, 95 % interval and completeness. Used by every page."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd

from dashboards import data, labels
from dashboards.components import markup
from dashboards.components.markup import Card
from dashboards.data import Edition
from dashboards.frames import rows_of

UNIT = "市町村"
SETUP = ("window_rate", "programme_rate", "transition_rate")
NOTES = (
    "出典: 市町村の届出。広い地域の値は、提出した市町村の値の合計です。",
    "(参考)は、提出した市町村が異なる月との比較です。件数の多い少ないは、取組の良し悪しを表しません。",
)


@lru_cache(maxsize=512)
def kpi_cards(edition: Edition, area_code: str, month: date, kpi_ids: tuple[str, ...], columns: int = 3) -> str:
    """The cards as markup; KPIs the edition lacks are left out."""
    return markup.cards(cards_of(edition, area_code, month, kpi_ids), columns=columns)


def cards_of(edition: Edition, area_code: str, month: date, kpi_ids: tuple[str, ...]) -> list[Card]:
    """One card a KPI that has a row for the area and month."""
    history = data.kpi_area(edition, kpi_ids, area_code)
    found = []
    for kpi_id, rows in history.groupby("kpi_id", sort=False):
        by_month = {row.period.date(): row for row in rows_of(rows)}
        if month in by_month:
            found.append(_card(edition, str(kpi_id), by_month, month))
    return found


def _card(edition: Edition, kpi_id: str, history: dict[date, Any], month: date) -> Card:
    now = history[month]
    changes = (
        ("前月比", change(now, now, history.get(labels.months_before(month, 1)))),
        ("前年同月比", change(now, now, history.get(labels.months_before(month, 12)))),
    )
    if _counts_areas(kpi_id, now):
        return Card(
            now.kpi_label_ja,
            labels.thousands(now.numerator),
            f"/ {now.denominator}{UNIT}",
            f"{now.value:.1%}",
            changes,
            (f"届出のある{UNIT} {now.submitted_areas}",),
            is_main=kpi_id == data.SETUP_KPI,
        )
    notes = [line for line in (_interval(edition, kpi_id, now), _base(now), _completeness(now)) if line]
    unit = "" if now.kind == "share" else now.unit
    yes_no = kpi_id in SETUP
    return Card(now.kpi_label_ja, labels.value_text(now.kind, now, yes_no=yes_no), unit, "", changes, tuple(notes))


def _counts_areas(kpi_id: str, now: Any) -> bool:
    """True for a set-up KPI of an area of several municipalities: so many of so many."""
    return kpi_id in SETUP and not labels.is_marked(now) and now.denominator != 1


def _interval(edition: Edition, kpi_id: str, now: Any) -> str:
    """95 % interval of what chance can move: persons. A share of all municipalities, or of yen, is no sample."""
    if not now.counts_persons or labels.is_marked(now) or pd.isna(now.value):
        return ""
    bounds = _bounds(edition, kpi_id, _level(now.area_code)).get((now.area_code, now.period))
    if bounds is None:
        return ""
    low, high = (labels.bound_text(now.kind, bound) for bound in bounds)
    return f"95%区間 {low}〜{high}"


@lru_cache(maxsize=128)
def _bounds(edition: Edition, kpi_id: str, area_level: str) -> dict[tuple[str, pd.Timestamp], tuple[float, float]]:
    """(area, month) → 95 % interval, where there is one."""
    known = data.kpi_interval(edition, kpi_id, area_level).dropna(subset="lower_95")
    return {(row.area_code, row.period): (row.lower_95, row.upper_95) for row in rows_of(known)}


def _base(now: Any) -> str:
    if now.kind != "share" or pd.isna(now.value):
        return ""
    return f"分子 {now.numerator:,}/分母 {now.denominator:,}"


def _completeness(now: Any) -> str:
    if _level(now.area_code) == "municipality":
        return {"partial": "一部の行に誤りあり(正しい行だけを集計)"}.get(now.completeness, "")
    return f"提出 {now.submitted_areas}{UNIT}・予定 {now.expected_areas}{UNIT}"


def _level(area_code: str) -> str:
    return "region" if area_code.startswith("R-") else "prefecture" if area_code[2:5] == "000" else "municipality"


def change(kpi: Any, now: Any, before: Any | None) -> str:
    """The change of a KPI (kpi_id, kind, unit) between two cells of an area, marked where other municipalities sent."""
    if before is None or labels.is_marked(now) or labels.is_marked(before):
        return labels.NO_COMPARISON
    if _counts_areas(kpi.kpi_id, now):
        return labels.change_text("count", UNIT, now.numerator, before.numerator)
    text = labels.change_text(kpi.kind, kpi.unit, now.value, before.value)
    # Where others sent, the difference is partly one of who sent: say so instead of hiding it. As many need not be the same.
    same = now.senders == before.senders or text == labels.NO_COMPARISON
    return text if same else f"{text}(参考)"
