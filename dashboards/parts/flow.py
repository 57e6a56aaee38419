"""The flow of support: from consultation to closing, how long, where it stalls, how it ends. Never a grade."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pandas as pd

from dashboards import data, labels, tables
from dashboards.charts.bars import bars
from dashboards.charts.survival import survival
from dashboards.components import filters
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.figure import Figure, Nothing
from dashboards.tables import numbers

FROM_WINDOW, STANDING = "consultation", "open"
NOT_A_GRADE = "終結は成功を意味しません。多機関協働では、役割を分担して主担当に引き継いだ場合も終結です。"


def fiscal_year(month: date) -> int:
    """The fiscal year of a month."""
    return month.year - (month.month < 4)


@lru_cache(maxsize=128)
def window_figure(edition: Edition, area_code: str, month: date) -> Figure | Nothing:
    """Where the year's consultations went."""
    return _steps(edition, area_code, month, "相談はどこへ進んだか", "flow_window", is_window=True)


@lru_cache(maxsize=128)
def case_figure(edition: Edition, area_code: str, month: date) -> Figure | Nothing:
    """How far the year's accepted cases have come, step by step."""
    return _steps(edition, area_code, month, "受理したケースはどこまで進んだか", "flow_cases", is_window=False)


def _steps(edition: Edition, area_code: str, month: date, what: str, slug: str, *, is_window: bool) -> Figure | Nothing:
    name = f"{filters.label_of(edition, area_code)}: {what}({labels.fiscal_year_label(fiscal_year(month))})"
    rows = data.support_flow(edition, fiscal_year(month), area_code)
    rows = rows[(rows["from_stage"] == FROM_WINDOW) == is_window]
    if rows.empty or rows["cases"].isna().all():
        return Nothing(name, "この年度に公表できる値がありません。")
    every = rows
    rows = rows[(rows["cases"] != 0).fillna(True)]
    if rows.empty:
        return Nothing(name, "この年度の動きは、どの段階も0件です。")
    totals = rows.groupby("from_stage")["cases"].transform("sum")
    has_hidden = rows.groupby("from_stage")["mark"].transform(lambda marks: marks.notna().any())
    frame = pd.DataFrame({"label": rows["from_label_ja"] + " → " + rows["to_label_ja"], "value": rows["cases"]})
    frame["text"] = [
        row.mark
        if labels.is_marked(row)
        else labels.thousands(row.cases) + ("" if hidden or not total else f"({row.cases / total:.0%})")
        for row, total, hidden in zip(rows_of(rows), totals, has_hidden, strict=True)
    ]
    frame["is_main"] = ~rows["to_stage"].isin(["returned", "lost", "reopened", STANDING])
    alt = f"{name}。" + "、".join(f"{row.label}は{row.text}" for row in rows_of(frame)) + "。"
    sources = (
        f"単位: 件(括弧内は前の段階から出た件数に対する割合)。出典: 相談受付と支援ケース台帳。{_as_of(month, edition)}",
        "" if is_window else f"灰色は、とどまる・戻る・再び始まる動き。0件の動きは表にだけ示します。{NOT_A_GRADE}",
    )
    body = [[row.from_label_ja, row.to_label_ja, tables.count(row.cases, mark=row.mark)] for row in rows_of(every)]
    table = tables.table(slug, name, ["前の段階", "次の段階", numbers("件数", "件")], body)
    return Figure(slug, name, bars(frame, "件数(件)"), alt, sources, table)


def _as_of(month: date, edition: Edition) -> str:
    year = labels.fiscal_year_label(fiscal_year(month))
    return f"{year}に受け付けたものの、{labels.wareki_month(edition.data_month)}末までの動き。"


@lru_cache(maxsize=128)
def stall_figure(edition: Edition, area_code: str, month: date) -> Figure | Nothing:
    """Where the year's cases stand still now: open cases by the last stage they reached."""
    year = labels.fiscal_year_label(fiscal_year(month))
    name = f"{filters.label_of(edition, area_code)}: 継続中のケースがいまいる段階({year}受理)"
    rows = data.support_flow(edition, fiscal_year(month), area_code)
    rows = rows[rows["to_stage"] == STANDING]
    if rows.empty or rows["cases"].isna().all():
        return Nothing(name, "この年度に公表できる値がありません。")
    frame = pd.DataFrame(
        {
            "label": rows["from_label_ja"] + "のあと",
            "value": rows["cases"],
            "text": [row.mark if labels.is_marked(row) else labels.thousands(row.cases) for row in rows_of(rows)],
        }
    )
    alt = f"{name}。" + "、".join(f"{row.label}に{row.text}件" for row in rows_of(frame)) + "。"
    sources = (
        f"単位: 件。出典: 支援ケース台帳。{_as_of(month, edition)}長くとどまることにも理由があり、良し悪しではありません。",
    )
    body = [[row.from_label_ja, tables.count(row.cases, mark=row.mark)] for row in rows_of(rows)]
    table = tables.table("stall", name, ["最後に済んだ段階", numbers("継続中の件数", "件")], body)
    return Figure("stall", name, bars(frame, "継続中の件数(件)"), alt, sources, table)


@lru_cache(maxsize=64)
def duration_figure(edition: Edition, area_code: str) -> Figure | Nothing:
    """How long support lasts, as of the data month: Kaplan–Meier with band and numbers at risk."""
    name = f"{filters.label_of(edition, area_code)}: 支援が続く期間(カプラン・マイヤー曲線)"
    rows = data.support_duration(edition, area_code)
    known = rows[rows["mark"].isna()] if "mark" in rows else rows
    if known.empty:
        return Nothing(
            name, "ケースが30件に満たないか、公表できる値がないため、曲線を示しません。地域か県全体を選んでください。"
        )
    half = known[known["survival"] <= 0.5]
    middle = f"半数が終結するまで{int(half['months'].iloc[0])}か月" if not half.empty else "半数はまだ終結していません"
    last = known.iloc[-1]
    alt = (
        f"{name}。受理直後の対象は{labels.thousands(known['at_risk'].iloc[0])}件。{middle}。"
        f"{int(last['months'])}か月後も続いている割合は{last['survival']:.1%}。"
    )
    sources = (
        f"データ月: {labels.wareki_month(edition.data_month)}。出典: 支援ケース台帳。",
        "帯は95%区間、横の破線は半数、下の数字は対象の件数。",
        f"戻しと継続中は打ち切りとして扱います。{NOT_A_GRADE}",
    )
    heads = [numbers("受理からの月数"), numbers("対象", "件"), numbers("終結", "件"), numbers("打ち切り", "件")]
    heads += [numbers("続いている割合", "%"), numbers("95%区間の下", "%"), numbers("95%区間の上", "%")]
    body = [
        [tables.count(row.months), *(tables.count(n, mark=row.mark) for n in (row.at_risk, row.events, row.censored))]
        + [tables.percent(s, mark=row.mark) for s in (row.survival, row.lower_95, row.upper_95)]
        for row in rows_of(rows)
    ]
    table = tables.table("duration", name, heads, body)
    return Figure("duration", name, survival(known), alt, sources, table)
