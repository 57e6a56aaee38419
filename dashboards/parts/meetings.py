"""Meetings and who takes part; who refers cases, and who never does."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pandas as pd

from dashboards import data, labels, tables
from dashboards.charts.bars import bars
from dashboards.components import filters, markup
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.figure import Figure, Nothing
from dashboards.parts.flow import fiscal_year
from dashboards.tables import code_column, numbers

CARDS = (
    "jusou_meetings",
    "support_meetings",
    "cases_per_meeting",
    "meeting_breadth",
    "consent_share",
    "conferenced_without_consent",
)


@lru_cache(maxsize=128)
def presence_figure(edition: Edition, area_code: str, month: date) -> Figure | Nothing:
    """In how many of the year's 重層的支援会議 each field took part."""
    year = labels.fiscal_year_label(fiscal_year(month))
    name = f"{filters.label_of(edition, area_code)}: 重層的支援会議に参加した分野({year})"
    rows = data.meeting_presence(edition, fiscal_year(month), area_code)
    if rows.empty or rows["meetings"].isna().all():
        return Nothing(name, "この年度に公表できる会議がありません。")
    shares = rows["meetings"].astype(float) / rows["of_meetings"].astype(float).where(rows["of_meetings"] > 0)
    frame = pd.DataFrame({"label": rows["label_ja"], "value": shares})
    frame["text"] = [
        row.mark if labels.is_marked(row) else f"{labels.thousands(row.meetings)}/{labels.thousands(row.of_meetings)}回"
        for row in rows_of(rows)
    ]
    alt = f"{name}。" + "、".join(f"{row.label}{row.text}" for row in rows_of(frame)) + "。"
    sources = (f"単位: 会議の回数に対する割合(%)。期間: {year}。出典: 会議。並びは区分の順です。",)
    heads = [code_column("分野コード"), "分野", numbers("参加した会議", "回"), numbers("会議", "回")]
    body = [
        [
            row.agency_group,
            row.label_ja,
            tables.count(row.meetings, mark=row.mark),
            tables.count(row.of_meetings, mark=row.mark),
        ]
        for row in rows_of(rows)
    ]
    table = tables.table("presence", name, heads, body)
    spec = bars(frame, "参加した会議の割合", share=True)
    return Figure("presence", name, spec, alt, sources, table)


@lru_cache(maxsize=128)
def referral_figure(edition: Edition, area_code: str, month: date) -> Figure | Nothing:
    """Which kinds of agencies the year's cases came from."""
    year = labels.fiscal_year_label(fiscal_year(month))
    name = f"{filters.label_of(edition, area_code)}: ケースのつなぎ元({year}に受理)"
    rows = data.referral_source(edition, fiscal_year(month), area_code)
    shown = rows[rows["mark"].notna() | (rows["cases"].fillna(0) > 0)]
    if shown.empty or shown["cases"].isna().all():
        return Nothing(name, "この年度に公表できる値がありません。")
    frame = pd.DataFrame({"label": shown["label_ja"], "value": shown["cases"]})
    frame["text"] = [row.mark if labels.is_marked(row) else labels.thousands(row.cases) for row in rows_of(shown)]
    alt = f"{name}。{len(shown)}種別から。" + "、".join(f"{row.label}{row.text}" for row in rows_of(frame)) + "。"
    sources = (f"単位: 件。期間: {year}。出典: 支援ケース台帳。0件の種別は図から省き、表に示します。",)
    heads = [code_column("機関種別コード"), "機関種別", numbers("ケース", "件")]
    body = [[row.agency_type, row.label_ja, tables.count(row.cases, mark=row.mark)] for row in rows_of(rows)]
    table = tables.table("referrals", name, heads, body)
    return Figure("referrals", name, bars(frame, "ケース(件)"), alt, sources, table)


@lru_cache(maxsize=128)
def never(edition: Edition, area_code: str, month: date) -> str:
    """Fields missing from meetings and agencies that referred nothing, in sentences. A zero is a fact, not a fault."""
    year = labels.fiscal_year_label(fiscal_year(month))
    presence = data.meeting_presence(edition, fiscal_year(month), area_code)
    referral = data.referral_source(edition, fiscal_year(month), area_code)
    lines = []
    for rows, figure, words in (
        (presence, "meetings", "会議に一度も参加していない分野"),
        (referral[referral["agency_type"] != "unknown"], "cases", "ケースのつなぎがなかった機関種別"),
    ):
        zero = list(rows.loc[rows["mark"].isna() & (rows[figure] == 0), "label_ja"])
        if rows.empty or rows[figure].isna().all():
            lines.append(f"{words}: 公表できる値がないため分かりません。")
        else:
            lines.append(f"{words}: {'、'.join(zero) if zero else 'ありません'}。")
    return markup.sentences(f"{year}に見られないもの", lines)
