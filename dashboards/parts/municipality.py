"""The parts of the page 市町村カルテ that no other page has: who it is, goals, function check, visits, warnings, peers."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd

from dashboards import data, labels, tables
from dashboards.components import markup
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.flow import fiscal_year
from dashboards.parts.kpi_views import month_table
from dashboards.parts.submissions import STATES, state_of
from dashboards.tables import Cell, Table, numbers

CARDS = (
    "new_consultations",
    "complex_share",
    "gap_needs",
    "active_cases",
    "closures",
    "plan_within_3_months",
    "consent_share",
    "jusou_meetings",
    "months_since_support",
)
SERIES = ("new_consultations", "gap_needs", "active_cases", "jusou_meetings")
BESIDE = (
    "window_rate",
    "programme_rate",
    "new_consultations_per_100k",
    "complex_share",
    "gap_need_share",
    "plan_within_3_months",
    "consent_share",
    "meeting_breadth",
    "grant_execution_rate",
)


@lru_cache(maxsize=128)
def identity(edition: Edition, code: str, month: date) -> str:
    """What kind of municipality, and where its system stands by its newest report."""
    known = data.municipality(edition, code)
    if known.empty:
        return markup.small_print(["この市町村の基礎情報がこの版にありません。"])
    who = rows_of(known)[0]
    history = data.setup_history(edition, code)
    history = history[history["as_of"] <= pd.Timestamp(labels.month_end(month))]
    pairs = [
        ("種別", str(who.kind)),
        ("地域(二次保健医療圏)", labels.or_blank(who.region_label_ja, "不明")),
        ("人口(令和2年)", f"{labels.thousands(who.population_2020)}人"),
        ("65歳以上", f"{who.pop_65plus / who.population_2020:.1%}"),
        ("福祉事務所", "あり" if who.has_welfare_office else "なし"),
    ]
    if history.empty:
        pairs.append(("体制の届出", "まだありません"))
    else:
        pairs += _standing(rows_of(history.tail(1))[0])
    return markup.facts(f"{who.name}の体制({labels.wareki_month(month)}末)", pairs)


def _standing(newest: Any) -> list[tuple[str, str]]:
    return [
        ("事業の状態", labels.or_blank(newest.status_label_ja, "不明")),
        ("窓口", _since(newest.one_stop_window, newest.window_since)),
        ("チーム", _since(newest.coordination_team, newest.team_since)),
        ("実施の形", labels.or_blank(newest.operator_label_ja, "不明")),
        ("計画", tables.flag(newest.plan_published, "策定済み", "未策定").text),
        ("最新の届出", tables.day(newest.as_of).text),
    ]


def _since(has: Any, since: Any) -> str:
    text = tables.flag(has).text
    return f"{text}({tables.day(since).text}から)" if text == "あり" and not pd.isna(since) else text


@lru_cache(maxsize=128)
def setup_table(edition: Edition, code: str) -> Table:
    """Every report of how the system stands."""
    body = [
        [
            tables.day(row.as_of),
            labels.or_blank(row.status_label_ja, "不明"),
            tables.flag(row.one_stop_window),
            tables.flag(row.coordination_team),
            tables.flag(row.plan_published, "策定済み", "未策定"),
        ]
        for row in rows_of(data.setup_history(edition, code))
    ]
    return tables.table("setup", "体制の届出の移り変わり", ["届出の日", "事業の状態", "窓口", "チーム", "計画"], body)


@lru_cache(maxsize=128)
def goal_table(edition: Edition, code: str, month: date) -> Table:
    """The year's goals beside what was measured."""
    year = fiscal_year(month)
    body = [
        [
            labels.or_blank(row.indicator_label_ja),
            tables.decimal(row.target_value, 0),
            tables.month(row.due_ym),
            *_measured(row),
        ]
        for row in rows_of(data.goals(edition, code, year))
    ]
    heads = ["目標の指標", numbers("目標"), "期限", numbers("実績"), "期限の時点"]
    return tables.table("goals", f"数値の目標({labels.fiscal_year_label(year)})", heads, body)


def _measured(goal: Any) -> tuple[Cell, Cell]:
    """What was measured of a goal, and whether it was reached when due."""
    if labels.is_marked(goal):
        return Cell(goal.mark, None, goal.mark), Cell(goal.mark, None, goal.mark)
    value = tables.decimal(goal.measured_value, 0) if pd.notna(goal.measured_value) else Cell("測れません")
    return value, tables.flag(goal.is_reached, "届いた", "届いていない", "判定なし")


@lru_cache(maxsize=128)
def function_table(edition: Edition, code: str, month: date) -> Table:
    """The municipality's own check of its functions (0–3): its own view, not the prefecture's."""
    year = fiscal_year(month)
    body = [
        [
            row.function_area_label_ja,
            tables.count(row.items),
            tables.decimal(row.rating),
            tables.count(row.with_evidence),
        ]
        for row in rows_of(data.function_profile(edition, code, year))
    ]
    heads = ["分野", numbers("項目", "項目"), numbers("平均(0〜3)"), numbers("根拠のある項目", "項目")]
    return tables.table("functions", f"機能の自己点検({labels.fiscal_year_label(year)})", heads, body)


@lru_cache(maxsize=128)
def support_table(edition: Edition, code: str) -> Table:
    """Visits and trainings, newest first."""
    given = data.support_given(edition)
    given = given[(given["municipality_code"] == code) & given["kind"].isin(["dispatch", "training"])]
    topics = data.code_labels(edition, "advice_topic")
    statuses = data.code_labels(edition, "dispatch_status")
    body = [
        [
            tables.day(row.happened_on, unknown="日程未定"),
            "派遣" if row.kind == "dispatch" else "研修",
            labels.or_blank(row.mode_label_ja),
            labels.or_blank(row.adviser_label_ja) if row.kind == "dispatch" else labels.or_blank(row.theme_label_ja),
            labels.named(topics, row.topics) if row.kind == "dispatch" else "",
            statuses.get(str(row.status), "参加"),
        ]
        for row in rows_of(given.iloc[::-1])
    ]
    heads = ["日", "種類", "形", "相手・テーマ", tables.long_text("内容"), "いまの状態"]
    return tables.table("support", "県からの派遣と研修", heads, body)


@lru_cache(maxsize=128)
def warnings(edition: Edition, code: str, month: date) -> str:
    """What to know before reading the figures: forms of the last three months that are late, partial or returned."""
    first = labels.months_before(month, 2)
    rows = data.submission_status(edition, first, month)
    rows = rows[(rows["sender_code"] == code) & (rows["expected"] | rows["status"].notna())]
    lines = [
        f"{labels.wareki_month(period.date())}: "
        + "、".join(f"{row.form_label_ja}は{STATES[state].label}" for row, state in group)
        for period, group in _by_month(rows)
    ]
    return markup.sentences("直近3か月の提出で気をつけること", lines or ["すべて受理しています。"])


def _by_month(rows: pd.DataFrame) -> list[tuple[pd.Timestamp, list[tuple[object, str]]]]:
    found: dict[pd.Timestamp, list[tuple[object, str]]] = {}
    for row in rows_of(rows):
        state = state_of(row)
        if state not in ("complete", "not_applicable"):
            found.setdefault(row.period, []).append((row, state))
    return sorted(found.items())


@lru_cache(maxsize=256)
def beside_table(edition: Edition, code: str, month: date, comparison: str) -> Table:
    """The municipality beside its peers, its region's municipalities or all: values, no order of merit."""
    table = month_table(edition, month, BESIDE, "municipality", companions(edition, code, comparison))
    first = [row for row in table.rows if row[0].text == code]
    rest = [row for row in table.rows if row[0].text != code]
    return tables.table("beside", table.caption, table.columns, [*first, *rest])


def companions(edition: Edition, code: str, comparison: str) -> tuple[str, ...]:
    """The municipality and those it is set beside."""
    areas = data.areas(edition)
    towns = areas[areas["area_level"] == "municipality"]
    if comparison == "peers":
        known = data.municipality(edition, code)
        peers = [] if known.empty else list(known["peers"].iloc[0])
        return (code, *peers)
    if comparison == "region":
        region = towns.loc[towns["area_code"] == code, "region_code"].iloc[0]
        towns = towns[towns["region_code"] == region]
    return tuple(towns["area_code"])
