"""アウトリーチ・参加支援・地域づくり: who is reached, who stays, and where people meet."""

from __future__ import annotations

import streamlit as st

from dashboards.components import filters, markup
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.parts import breakdown, cards, kpi_views, series
from dashboards.parts import reach as parts

TITLE = "アウトリーチ・参加・地域"


def show(edition: Edition) -> None:
    """Draw the page for the month and area named in the address."""
    canvas = Canvas(edition, "reach")
    notices, place = canvas.heading(TITLE, "届きにくい人に会えているか。参加は続いているか。集まれる場所はあるか。")
    with place:
        month = filters.choose_month(edition, notices)
        code = filters.choose_area(edition, notices, "prefecture", "region", "municipality")
    canvas.section("アウトリーチ")
    st.html(cards.kpi_cards(edition, code, month, parts.OUTREACH))
    canvas.figure(series.control_figure(edition, code, month, "outreach_persons"))
    canvas.figure(series.control_figure(edition, code, month, "outreach_met_share"))
    canvas.section("参加支援")
    st.html(cards.kpi_cards(edition, code, month, parts.PARTICIPATION))
    canvas.figure(breakdown.breakdown_figure(edition, code, month, "new_matches", "resource_type"))
    canvas.figure(breakdown.breakdown_figure(edition, code, month, "new_matches", "resource_origin"))
    canvas.figure(series.control_figure(edition, code, month, "retention_6m"))
    canvas.section("地域づくり")
    st.html(cards.kpi_cards(edition, code, month, parts.COMMUNITY))
    canvas.figure(kpi_views.map_figure(edition, month, "places"))
    canvas.figure(series.control_figure(edition, code, month, "place_visitors"))
    st.html(markup.small_print(cards.NOTES))
