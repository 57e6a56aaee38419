"""What the prefecture gives municipalities: agreed actions, and who has a need and no support yet."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pandas as pd

from dashboards import data, labels, tables
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.tables import Table, code_column, numbers

CARDS = ("dispatch_visits", "dispatch_reach", "action_done_rate", "training_coverage")
SINCE = "months_since_support"
WINDOW = 12  # months
CLOSED = ("done", "dropped")


@lru_cache(maxsize=64)
def action_table(edition: Edition, month: date, codes: tuple[str, ...] = ()) -> Table:
    """Agreed actions that are still open at the end of the month, those overdue marked, by due date."""
    end = pd.Timestamp(labels.month_end(month))
    given = data.support_given(edition)
    rows = given[(given["kind"] == "action") & ~given["status"].isin(CLOSED)]
    rows = rows[rows["municipality_code"].isin(codes)] if codes else rows
    rows = rows[rows["happened_on"].isna() | (rows["happened_on"] <= end)].sort_values(["due_on", "municipality_code"])
    topics, statuses = data.code_labels(edition, "advice_topic"), data.code_labels(edition, "action_status")
    body = [
        [
            row.municipality_code,
            row.municipality_label_ja,
            labels.named(topics, row.topics),
            tables.day(row.due_on, unknown="期限なし"),
            "期限を過ぎています" if pd.notna(row.due_on) and row.due_on <= end else "期限前",
            statuses.get(str(row.status), str(row.status)),
        ]
        for row in rows_of(rows)
    ]
    overdue = sum(row[4] == "期限を過ぎています" for row in body)
    heads = [code_column("団体コード"), "市町村", tables.long_text("助言の内容"), "期限", "期限との関係", "いまの状態"]
    return tables.table("actions", f"終わっていない対応 {len(body)}件(期限を過ぎたもの{overdue}件)", heads, body)


@lru_cache(maxsize=64)
def unsupported_table(edition: Edition, month: date) -> Table:
    """Municipalities without window or team, or preparing, that had no visit and no training in the last twelve months; the
    caption says of how many this is not known."""
    since = data.kpi_month(edition, month, (SINCE,)).set_index("area_code")
    without = set(data.without_window(edition, month)["area_code"])
    newest = data.setup_newest(edition, month)
    preparing = set(newest.loc[newest["status"] == "transition_prep", "area_code"])
    body, unknown = [], 0
    for row in rows_of(since.reset_index()):
        reasons = [
            words
            for codes, words in ((without, "窓口も調整チームもない"), (preparing, "移行の準備をしている"))
            if row.area_code in codes
        ]
        if reasons and row.mark == "…":
            unknown += 1
        elif reasons and (pd.isna(row.numerator) or row.numerator > WINDOW):
            months = tables.count(row.numerator, mark=row.mark) if pd.notna(row.numerator) else tables.Cell("記録なし")
            body.append(
                [row.area_code, row.area_label_ja, labels.or_blank(row.region_label_ja), "、".join(reasons), months]
            )
    heads = [
        code_column("団体コード"),
        "市町村",
        "地域",
        tables.long_text("支援の必要"),
        numbers("最後の支援から", "か月"),
    ]
    caption = f"必要があり、{WINDOW}か月のあいだ派遣も研修もない{len(body)}市町村"
    caption += f"(ほかに{unknown}市町村は、この月の記録が未提出のため分かりません)" if unknown else ""
    return tables.table("unsupported", caption, heads, body)


@lru_cache(maxsize=64)
def visit_table(edition: Edition, month: date) -> Table:
    """Visits done in the fiscal year up to the month, newest first."""
    first = pd.Timestamp(date(month.year - (month.month < 4), 4, 1))
    end = pd.Timestamp(labels.month_end(month))
    given = data.support_given(edition)
    rows = given[(given["kind"] == "dispatch") & (given["status"] == "done") & given["happened_on"].between(first, end)]
    topics = data.code_labels(edition, "advice_topic")
    body = [
        [
            tables.day(row.happened_on),
            row.municipality_code,
            row.municipality_label_ja,
            labels.or_blank(row.mode_label_ja),
            labels.or_blank(row.adviser_label_ja),
            labels.named(topics, row.topics),
            tables.count(row.attendees),
        ]
        for row in rows_of(rows.iloc[::-1])
    ]
    heads = [
        "日",
        code_column("団体コード"),
        "市町村",
        "形",
        "訪問した人",
        tables.long_text("内容"),
        numbers("参加", "人"),
    ]
    return tables.table("visits", f"今年度の派遣 {len(body)}回", heads, body)
