"""The parts of the page 県全体の進捗: cards, what changed, plan, regions, lists. The way to the target is in way.py."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pandas as pd

from dashboards import data, labels, tables
from dashboards.charts.bars import bars
from dashboards.components import markup
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.cards import SETUP, cards_of
from dashboards.parts.figure import Figure, Nothing
from dashboards.parts.kpi_views import month_table
from dashboards.parts.way import UNIT, left_card, way
from dashboards.tables import Table, code_column, numbers

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
REGIONAL = (data.SETUP_KPI, "programme_rate", "new_consultations", "gap_needs", "active_cases")
PLANNED = {"programme_rate": "implementing_municipalities", "transition_rate": "transition_prep_municipalities"}
NATION = "全国"
STATUS = {"actual": "実績", "plan": "計画", "target": "目標"}
STEPS = {
    "window_rate": "窓口か調整チームができた",
    "programme_rate": "重層事業を始めた",
    "transition_rate": "移行準備を始めた",
}


@lru_cache(maxsize=64)
def setup_cards(edition: Edition, month: date) -> str:
    """How many municipalities have what, and how many are left to the target."""
    cards = cards_of(edition, edition.prefecture_code, month, SETUP)
    if stand := way(edition, month):
        cards.insert(1, left_card(stand))
    return markup.cards(cards, columns=4)


@lru_cache(maxsize=64)
def changes(edition: Edition, month: date) -> str:
    """What changed since the month before, in sentences worked out of the figures."""
    before = labels.months_before(month, 1)
    lines = [*_setup_changes(edition, month, before), *_count_changes(edition, month, before)]
    lines += _submission_changes(edition, month, before)
    if not lines:
        lines = ["比べられる前の月がありません。"]
    return markup.sentences(f"{labels.wareki_month(before)}から変わったこと", lines)


def _setup_changes(edition: Edition, month: date, before: date) -> list[str]:
    lines = []
    for kpi_id, words in STEPS.items():
        now, then = (data.kpi_month(edition, when, (kpi_id,)).set_index("area_code") for when in (month, before))
        if now.empty or then.empty:
            continue
        step = now["numerator"].fillna(0) - then["numerator"].reindex(now.index).fillna(0)
        for sign, verb in ((1, words), (-1, f"「{words}」から外れた")):
            names = list(now.loc[step == sign, "area_label_ja"])
            if names:
                lines.append(f"{verb}のは{len(names)}{UNIT}({'、'.join(names)})。")
    return lines or [f"窓口・実施・移行準備の状態が変わった{UNIT}はありません。"]


def _count_changes(edition: Edition, month: date, before: date) -> list[str]:
    """Prefecture figures whose 95 % intervals of the two months do not overlap: more than chance would do."""
    lines = []
    kpis = data.catalogue(edition, ACTIVITY)
    for kpi in rows_of(kpis[kpis["counts_persons"]]):
        bounds = data.kpi_interval(edition, str(kpi.kpi_id), "prefecture").set_index("period")
        both = [pd.Timestamp(month), pd.Timestamp(before)]
        if not set(both) <= set(bounds.index) or bounds.loc[both, "lower_95"].isna().any():
            continue
        now, then = rows_of(bounds.loc[both])
        if now.lower_95 > then.upper_95 or now.upper_95 < then.lower_95:
            history = data.kpi_history(edition, str(kpi.kpi_id), "prefecture").set_index("period")["value"]
            change = labels.change_text(str(kpi.kind), str(kpi.unit), history[both[0]], history[both[1]])
            lines.append(f"{kpi.label_ja}は偶然の幅(95%区間)を超えて動きました({change})。")
    return lines


def _submission_changes(edition: Edition, month: date, before: date) -> list[str]:
    history = data.kpi_history(edition, "new_consultations", "prefecture").set_index("period")
    both = [pd.Timestamp(month), pd.Timestamp(before)]
    if not set(both) <= set(history.index):
        return []
    sent = history["submitted_areas"].astype(int)
    now, then, expected = sent[both[0]], sent[both[1]], history["expected_areas"].astype(int)[both[0]]
    return [f"相談受付を提出したのは{now}{UNIT}(予定{expected}、前月{then})。"]


@lru_cache(maxsize=64)
def plan_table(edition: Edition, month: date) -> tuple[Table, tuple[str, ...]]:
    """Printed plan figures of the prefecture beside what the reports say, with notes: a plan is not an actual."""
    rows: list[list[tables.Cell | str]] = []
    sources = []
    for kpi in rows_of(data.catalogue(edition, tuple(PLANNED))):
        plans = data.published_figures(edition, PLANNED[str(kpi.kpi_id)], edition.prefecture_name)
        history = data.kpi_history(edition, str(kpi.kpi_id), "prefecture")
        now = history.loc[history["period"] == pd.Timestamp(month), "numerator"]
        for plan in rows_of(plans.tail(1)):
            words = (
                f"{labels.thousands(plan.value)}{plan.unit}({labels.figure_date(plan.as_of)}の{STATUS[plan.status]})"
            )
            known = now.notna().any()
            actual = (
                tables.Cell(f"{labels.thousands(now.iloc[0])}{UNIT}", int(now.iloc[0]))
                if known
                else tables.count(None, mark="…")
            )
            rows.append([str(kpi.label_ja), tables.Cell(words, int(plan.value)), actual])
            sources.append(str(plan.source))
    heads = ["区分", numbers("公表された計画"), numbers("届出による数")]
    notes = (
        "計画は所要見込の調査による数で、実績ではありません。",
        *(f"出典: {source}" for source in dict.fromkeys(sources)),
    )
    return tables.table("plan", f"計画と届出({labels.wareki_month(month)}末)", heads, rows), notes


@lru_cache(maxsize=8)
def national_table(edition: Edition) -> tuple[Table, tuple[str, ...]]:
    """How many municipalities of the country run the programme, year by year, with the source."""
    figures = data.published_figures(edition, "implementing_municipalities", NATION)
    rows = []
    for figure in rows_of(figures):
        status = "" if figure.status == "actual" else f"({STATUS[figure.status]})"
        year = tables.Cell(f"{labels.figure_date(figure.as_of)}{status}", f"{figure.as_of[2:]}年度")
        rows.append([year, tables.count(figure.value), STATUS[figure.status]])
    heads = ["年度", numbers("市町村数"), tables.Column("実績・計画の別", in_file_only=True)]
    notes = tuple(f"出典: {source}" for source in figures["source"].unique())
    return tables.table("nation", "全国の実施市町村数", heads, rows), notes


@lru_cache(maxsize=64)
def region_figure(edition: Edition, month: date) -> Figure | Nothing:
    """Windows and teams by region: how many of how many. In the regions' own order, not by size."""
    name = f"地域別の窓口設置({labels.wareki_month(month)})"
    cells = data.kpi_month(edition, month, (data.SETUP_KPI,), "region")
    if cells["value"].isna().all():
        return Nothing(name, "この月の地域別の値がありません。")
    frame = pd.DataFrame(
        {
            "label": cells["area_label_ja"],
            "value": cells["value"],
            "text": [f"{c.value:.0%}({c.numerator}/{c.denominator})" for c in rows_of(cells)],
        }
    )
    chart = bars(frame, "窓口または調整チームのある市町村の割合", share=True)
    most, least = (frame["value"].max(), frame["value"].min())
    alt = f"地域別の窓口設置率。{len(frame)}地域で{least:.0%}から{most:.0%}。"
    sources = (
        f"データ月: {labels.wareki_month(month)}。出典: 市町村の届出(体制整備状況)。単位: %(括弧内は市町村数)。",
        "地域の並びは決まった順で、順位ではありません。",
    )
    return Figure("regions", name, chart, alt, sources, month_table(edition, month, REGIONAL, "region"))


@lru_cache(maxsize=64)
def without_window(edition: Edition, month: date) -> Table:
    """The municipalities that still have neither window nor team, and what is known of them."""
    frame = data.without_window(edition, month)
    rows = [
        [
            str(row.area_code),
            str(row.area_label_ja),
            str(row.region_label_ja),
            str(row.status_label_ja) if row.known else "届出なし",
            tables.day(row.as_of, unknown="不明"),
        ]
        for row in rows_of(frame)
    ]
    heads = [code_column("団体コード"), UNIT, "地域", "事業の状態", "最新の届出"]
    return tables.table("without_window", f"窓口も調整チームもない{len(rows)}{UNIT}", heads, rows)
