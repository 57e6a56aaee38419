"""狭間ニーズ: how many needs no scheme takes, why, who, where, and what was done."""

from __future__ import annotations

import streamlit as st

from dashboards.components import filters, markup
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.parts import breakdown, cards, kpi_views, series
from dashboards.parts import gap as parts

TITLE = "狭間ニーズと資源"


def show(edition: Edition) -> None:
    """Draw the page for the month and area named in the address."""
    canvas = Canvas(edition, "gap")
    notices, place = canvas.heading(TITLE, "どの制度にも乗らない困りごとは、なぜ、だれに、どこで起きているか。")
    with place:
        month = filters.choose_month(edition, notices)
        code = filters.choose_area(edition, notices, "prefecture", "region", "municipality")
    count = parts.CARDS[0]
    st.html(cards.kpi_cards(edition, code, month, parts.CARDS))
    st.html(
        markup.small_print([*cards.NOTES, "狭間ニーズとは、判断した時点で受け止める制度がなかった主な困りごとです。"])
    )
    canvas.section("推移")
    canvas.figure(series.control_figure(edition, code, month, count))
    canvas.section("なぜ、だれに")
    canvas.figure(breakdown.breakdown_figure(edition, code, month, count, "gap_reason"))
    canvas.figure(parts.cross_figure(edition, code, month))
    canvas.figure(breakdown.breakdown_figure(edition, code, month, count, "household_type"))
    canvas.section("どこで")
    canvas.figure(kpi_views.map_figure(edition, month, "gap_need_share"))
    canvas.section("どう応えたか")
    canvas.figure(breakdown.breakdown_figure(edition, code, month, "gap_cases", "gap_response", months=1))
    canvas.figure(kpi_views.map_figure(edition, month, "gap_unmet_share"))
    canvas.figure(series.control_figure(edition, code, month, "resources_developed"))
