"""One KPI of one area month by month, with the limits of its usual variation. Used by several pages."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd

from dashboards import data, labels, tables
from dashboards.charts.lines import Limits, control
from dashboards.components import filters
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.figure import Figure, Nothing
from dashboards.tables import numbers

MONTHS = 36
ENOUGH = 12  # months with a value before limits are drawn
RULES = {
    "outside": "限界の外",
    "run_of_7": "7か月続けて平均の片側",
    "trend_of_7": "7か月続けて増加または減少",
    "two_of_3": "3か月のうち2か月が限界の近く",
}
METHODS = {"xmr": "XmR管理図(平均±2.66×移動範囲の平均)", "poisson": "件数が少ないためポアソン分布の正確な限界"}


@lru_cache(maxsize=512)
def control_figure(edition: Edition, area_code: str, month: date, kpi_id: str) -> Figure | Nothing:
    """Up to 36 months to `month`. Orange diamonds are hints to look closer, not grades."""
    rows = data.kpi_area(edition, (kpi_id,), area_code)
    rows = rows[rows["period"] <= pd.Timestamp(month)].tail(MONTHS)
    area = filters.label_of(edition, area_code)
    if rows.empty:
        return Nothing(f"{area}の推移", "この版にはこの指標がありません。")
    kpi = rows_of(rows)[0]
    name = f"{area}の{kpi.kpi_label_ja}: 月ごとの推移といつもの幅"
    if rows["value"].isna().all():
        return Nothing(name, _why(rows))
    limits, signals, method = _limits(edition, area_code, kpi_id)
    frame = pd.DataFrame(
        {
            "period": rows["period"],
            "value": rows["value"],
            "text": [labels.value_text(kpi.kind, row) for row in rows_of(rows)],
            "signal": [RULES.get(signals.get(period, ""), "") for period in rows["period"]],
        }
    )
    is_share = kpi.kind == "share"
    title = f"{kpi.kpi_label_ja}({kpi.unit})"
    spec = control(frame, title, limits, share=is_share)
    sources = (
        f"データ月: {labels.wareki_month(month)}まで{len(frame)}か月。単位: {kpi.unit}。出典: 市町村の届出。",
        f"帯はいつもの幅、破線は平均({method})。橙のひし形は偶然とは考えにくい動きで、良し悪しではありません。"
        if limits
        else "この指標では、いつもの幅を示しません。"
        if rows["value"].notna().sum() >= ENOUGH
        else f"{ENOUGH}か月分の値がそろうと、いつもの幅を示します。",
    )
    return Figure(f"series_{kpi_id}", name, spec, _alt(frame, name, kpi, limits), sources, _table(frame, kpi, name))


def _why(rows: pd.DataFrame) -> str:
    marks = set(rows["mark"].dropna())
    if marks == {"-"}:
        return "この市町村は、この指標の提出の対象外です(-)。"
    return "公表できる値がまだありません(" + "、".join(f"{m} {labels.MARKS[m]}" for m in sorted(marks)) + ")。"


def _limits(edition: Edition, area_code: str, kpi_id: str) -> tuple[Limits | None, dict[pd.Timestamp, str], str]:
    """Limits, month → rule, and the method in words."""
    signal = data.kpi_signal(edition, area_code)
    here = rows_of(signal[(signal["kpi_id"] == kpi_id) & signal["mark"].isna()])
    if not here or pd.isna(here[0].centre):
        return None, {}, ""
    row = here[0]
    found = {pd.Timestamp(item["period"]): str(item["rule"]) for item in row.signals}
    return Limits(float(row.centre), float(row.lower), float(row.upper)), found, METHODS.get(str(row.method), "")


def _alt(frame: pd.DataFrame, name: str, kpi: Any, limits: Limits | None) -> str:
    last = frame.iloc[-1]
    hints = int((frame["signal"] != "").sum())
    words = f"{name}。{len(frame)}か月の折れ線。最新の{labels.wareki_month(last['period'])}は{last['text']}"
    if limits is None:
        return f"{words}。"
    low, middle, high = (labels.bound_text(kpi.kind, v) for v in (max(0.0, limits.lower), limits.centre, limits.upper))
    return f"{words}、平均{middle}、いつもの幅{low}〜{high}。変化の手がかりは{hints}か月。"


def _table(frame: pd.DataFrame, kpi: Any, name: str) -> tables.Table:
    scale = 100 if kpi.kind == "share" else 1
    body = []
    for row in rows_of(frame):
        mark = row.text if row.text in labels.MARKS else ""
        value = None if pd.isna(row.value) else round(float(row.value) * scale, 4)
        body.append([tables.month(row.period), tables.Cell(row.text, value, mark), row.signal])
    return tables.table(f"series_{kpi.kpi_id}", name, ["年月", numbers("値", kpi.unit), "変化の手がかり"], body)
