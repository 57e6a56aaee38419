"""The parts of the page 県全体の進捗: cards, plan, tile map, lists. The way to the target is in way.py."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd

from dashboards import data, labels, theme
from dashboards.charts.classes import classes_of
from dashboards.charts.tile_map import tile_map
from dashboards.components import markup
from dashboards.components.markup import Card
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.figure import Figure
from dashboards.parts.way import UNIT, left_card, way

SETUP = ("window_rate", "programme_rate", "transition_rate")
ACTIVITY = (
    "new_consultations",
    "complex_share",
    "gap_needs",
    "new_cases",
    "active_cases",
    "closures",
    "jusou_meetings",
    "support_meetings",
    "grant_execution_rate",
)
PLANNED = {"programme_rate": "implementing_municipalities", "transition_rate": "transition_prep_municipalities"}
NATION = "全国"
STATUS = {"actual": "実績", "plan": "計画", "target": "目標"}
ACTIVITY_NOTES = (
    "出典: 市町村の届出。県の値は、提出した市町村の値の合計です。",
    "(参考)は、提出した市町村の数が異なる月との比較です。件数の多い少ないは、取組の良し悪しを表しません。",
)


@lru_cache(maxsize=64)
def setup_cards(edition: Edition, month: date) -> str:
    """How many municipalities have what, and how many are left to the target."""
    cards = _cards(edition, month, SETUP)
    if stand := way(edition, month):
        cards.insert(1, left_card(stand))
    return markup.cards(cards, columns=4)


@lru_cache(maxsize=64)
def activity_cards(edition: Edition, month: date) -> str:
    """What happened in the month."""
    return markup.cards(_cards(edition, month, ACTIVITY), columns=3)


def _cards(edition: Edition, month: date, kpi_ids: tuple[str, ...]) -> list[Card]:
    """Prefecture: figure, change since last month and since the same month last year, completeness."""
    found = []
    for kpi in rows_of(data.catalogue(edition, kpi_ids)):
        history = {row.period.date(): row for row in rows_of(data.kpi_history(edition, kpi.kpi_id, "prefecture"))}
        if month in history:
            found.append(_card(kpi, history, month))
    return found


def _card(kpi: Any, history: dict[date, Any], month: date) -> Card:
    now = history[month]
    changes = (
        ("前月比", change(kpi, now, history.get(labels.months_before(month, 1)))),
        ("前年同月比", change(kpi, now, history.get(labels.months_before(month, 12)))),
    )
    if kpi.kpi_id in SETUP and not labels.is_marked(now):
        return Card(
            kpi.label_ja,
            labels.thousands(now.numerator),
            f"/ {now.denominator}{UNIT}",
            f"{now.value:.1%}",
            changes,
            (f"今年度の届出 {now.submitted_areas}{UNIT}",),
            is_main=kpi.kpi_id == data.SETUP_KPI,
        )
    notes = [f"提出 {now.submitted_areas}{UNIT}・予定 {now.expected_areas}{UNIT}"]
    if kpi.kind == "share" and pd.notna(now.value):
        notes.append(f"分子 {now.numerator:,}/分母 {now.denominator:,}")
    unit = "" if kpi.kind == "share" else kpi.unit
    return Card(kpi.label_ja, labels.value_text(kpi.kind, now), unit, "", changes, tuple(notes))


def change(kpi: Any, now: Any, before: Any | None) -> str:
    """The change of a KPI between two cells of the prefecture, marked where another number of areas sent."""
    if before is None or labels.is_marked(now) or labels.is_marked(before):
        return labels.NO_COMPARISON
    if kpi.kpi_id in SETUP:
        return labels.change_text("count", UNIT, now.numerator, before.numerator)
    text = labels.change_text(kpi.kind, kpi.unit, now.value, before.value)
    # With another number of files the difference is partly a difference of who sent: say so instead of hiding it.
    same = now.submitted_areas == before.submitted_areas or text == labels.NO_COMPARISON
    return text if same else f"{text}(参考)"


@lru_cache(maxsize=64)
def plan_table(edition: Edition, month: date) -> str:
    """Printed plan figures of the prefecture beside what the reports say: a plan is not an actual."""
    rows, sources = [], []
    for kpi in rows_of(data.catalogue(edition, tuple(PLANNED))):
        plans = data.published_figures(edition, PLANNED[str(kpi.kpi_id)], edition.prefecture_name)
        history = data.kpi_history(edition, str(kpi.kpi_id), "prefecture")
        now = history.loc[history["period"] == pd.Timestamp(month), "numerator"]
        for plan in rows_of(plans.tail(1)):
            rows.append(
                [
                    str(kpi.label_ja),
                    f"{labels.thousands(plan.value)}{plan.unit}({labels.figure_date(plan.as_of)}の{STATUS[plan.status]})",
                    f"{labels.thousands(now.iloc[0])}{UNIT}" if now.notna().any() else "…",
                ]
            )
            sources.append(str(plan.source))
    if not rows:
        return ""
    table = markup.table(
        "計画と届出", ["区分", "公表された計画", f"{labels.wareki_month(month)}末の届出"], rows, numeric=(1, 2)
    )
    note = "計画は所要見込の調査による数で、実績ではありません。"
    return table + markup.small_print([note, *(f"出典: {source}" for source in dict.fromkeys(sources))])


@lru_cache(maxsize=8)
def national_line(edition: Edition) -> str:
    """How many municipalities of the country run the programme, year by year, with the source."""
    figures = data.published_figures(edition, "implementing_municipalities", NATION)
    if figures.empty:
        return ""
    years = [
        [
            f"{labels.figure_date(f.as_of)}{'' if f.status == 'actual' else f'({STATUS[f.status]})'}",
            labels.thousands(f.value),
        ]
        for f in rows_of(figures)
    ]
    table = markup.table("全国の実施市町村数", ["年度", "市町村数"], years, numeric=(1,))
    return table + markup.small_print(f"出典: {source}" for source in figures["source"].unique())


@lru_cache(maxsize=256)
def map_figure(edition: Edition, month: date, kpi_id: str) -> Figure:
    """The tile map of one KPI; its classes hold for every month of the edition."""
    kpi = rows_of(data.catalogue(edition, (kpi_id,)))[0]
    history = data.kpi_history(edition, kpi_id, "municipality")
    yes_no = labels.is_yes_no(kpi.kind, history["denominator"])
    classes = classes_of(history["value"].dropna(), kpi.kind, yes_no=yes_no)
    now = history[history["period"] == pd.Timestamp(month)]
    tiles = data.tiles(edition).merge(now, on="area_code")
    marked = tiles["mark"].notna().sum()
    if yes_no:
        what = f"{len(tiles)}{UNIT}のうち「あり」は{int(tiles['numerator'].sum())}"
    elif tiles["value"].notna().any():
        low, high = (
            labels.value_text(kpi.kind, pick)
            for pick in rows_of(tiles.sort_values("value").dropna(subset="value").iloc[[0, -1]])
        )
        what = f"値のある{tiles['value'].notna().sum()}{UNIT}の範囲は{low}から{high}"
    else:
        what = "値のある市町村は0"
    alt = (
        f"{kpi.label_ja}の地図({labels.wareki_month(month)}、1マスが1市町村)。{what}、記号のついた市町村は{marked}。"
        "同じ値が下の一覧表にあります。"
    )
    unit = f"単位: {kpi.unit}。" if kpi.kind == "count" else ""
    sources = (
        f"データ月: {labels.wareki_month(month)}。出典: 市町村の届出。{unit}凡例の括弧内は市町村の数。",
        "1マスが1市町村。位置はおおよその方角で、面積や境界を表しません。色の区分は全期間の値から定め、月が変わっても同じです。",
    )
    return Figure(theme.styled(tile_map(tiles, classes)).to_dict(), alt, sources)


@lru_cache(maxsize=64)
def without_window(edition: Edition, month: date) -> str:
    """The municipalities that still have neither window nor team, and what is known of them."""
    frame = data.without_window(edition, month)
    rows = [
        [
            str(row.area_label_ja),
            str(row.region_label_ja),
            str(row.status_label_ja) if row.known else "届出なし",
            labels.wareki_date(row.as_of.date()) if row.known else "不明",
        ]
        for row in rows_of(frame)
    ]
    if not rows:
        return markup.small_print(["窓口も調整チームもない市町村はありません。"])
    return markup.table(f"窓口も調整チームもない{len(rows)}{UNIT}", [UNIT, "地域", "事業の状態", "最新の届出"], rows)


@lru_cache(maxsize=64)
def month_table(edition: Edition, month: date) -> str:
    """Every municipality × every KPI of the page for one month, marks in place."""
    cells = data.kpi_month(edition, month, SETUP + ACTIVITY)
    kpis = cells.drop_duplicates("kpi_id")[["kpi_id", "kpi_label_ja", "kind", "unit"]]
    yes_no = {
        kpi_id: labels.is_yes_no(group["kind"].iloc[0], group["denominator"])
        for kpi_id, group in cells.groupby("kpi_id")
    }
    texts: dict[tuple[str, str], list[str]] = {}
    for cell in rows_of(cells):
        row = texts.setdefault((cell.area_code, cell.area_label_ja), [str(cell.region_label_ja)])
        row.append(labels.value_text(cell.kind, cell, yes_no=yes_no[cell.kpi_id]))
    heads = [f"{k.kpi_label_ja}({k.unit})" if k.kind == "count" else k.kpi_label_ja for k in rows_of(kpis)]
    rows = [[name, *row] for (_, name), row in texts.items()]
    return markup.table(
        f"市町村別の値({labels.wareki_month(month)})", [UNIT, "地域", *heads], rows, numeric=range(2, len(heads) + 2)
    )
