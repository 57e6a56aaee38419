"""市町村カルテ: one municipality, everything an officer or adviser wants to know before calling it."""

from __future__ import annotations

import streamlit as st

from dashboards.components import documents, filters, markup
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.parts import breakdown, cards, flow, gap, grants, meetings, series, support
from dashboards.parts import municipality as parts
from dashboards.reports import desk
from dashboards.reports.make import Order

TITLE = "市町村カルテ"


def show(edition: Edition) -> None:
    """Draw the page for the month, municipality and comparison named in the address."""
    canvas = Canvas(edition, "municipality")
    notices, place = canvas.heading(TITLE, "この市町村はいまどうなっているか。次に何を一緒に考えるか。")
    with place:
        month = filters.choose_month(edition, notices)
        code = filters.choose_area(edition, notices, "municipality")
        comparison = filters.choose_comparison(notices)
    area, year = filters.label_of(edition, code), flow.fiscal_year(month)
    st.html(parts.identity(edition, code, month))
    st.html(parts.warnings(edition, code, month))
    handed = desk.for_adviser(edition)
    documents.offer(
        Order(handed, month, code).name,
        {"pdf": ("訪問用のブリーフィングをPDFで保存", lambda: desk.briefing_pdf(handed, month, code))},
    )
    canvas.section("この月の数値")
    st.html(cards.kpi_cards(edition, code, month, parts.CARDS))
    st.html(markup.small_print(cards.NOTES))
    canvas.section("月ごとの推移")
    left, right = st.columns(2, gap="large")
    for index, kpi_id in enumerate(parts.SERIES):
        with left if index % 2 == 0 else right:
            canvas.figure(series.control_figure(edition, code, month, kpi_id))
    canvas.section("相談から終結まで")
    canvas.figure(flow.window_figure(edition, code, month))
    canvas.figure(flow.case_figure(edition, code, month))
    canvas.figure(flow.duration_figure(edition, code))
    canvas.section("どの制度にも乗らない困りごと")
    canvas.figure(breakdown.breakdown_figure(edition, code, month, gap.CARDS[0], "gap_reason"))
    canvas.section("会議とつなぎ元")
    canvas.figure(meetings.presence_figure(edition, code, month))
    canvas.figure(meetings.referral_figure(edition, code, month))
    st.html(meetings.never(edition, code, month))
    canvas.section("交付金の内訳")
    canvas.figure(grants.component_figure(edition, year, (code,), area))
    canvas.section("県の支援と約束したこと")
    canvas.table(parts.support_table(edition, code))
    canvas.table(support.action_table(edition, month, (code,)))
    canvas.section("目標と自己点検")
    canvas.table(parts.goal_table(edition, code, month))
    canvas.table(parts.function_table(edition, code, month), ("市町村自身による点検です。",))
    canvas.table(parts.setup_table(edition, code))
    canvas.section(f"比べる相手: {filters.COMPARISONS[comparison]}")
    notes = (
        "似た6市町村は、人口、65歳以上の割合、単身高齢世帯の割合、人口密度、福祉事務所の有無が近い市町村です。順位ではありません。",
    )
    canvas.table(parts.beside_table(edition, code, month, comparison), notes)
