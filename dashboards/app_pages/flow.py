"""支援の流れ: from consultation to closing, return and renewed support. Never a success grade."""

from __future__ import annotations

import streamlit as st

from dashboards.components import filters, markup
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.parts import breakdown, cards
from dashboards.parts import flow as parts

TITLE = "支援の流れ"
CARDS = ("new_cases", "plans_made", "active_cases", "closures", "returned_cases", "support_months_median")
SHARES = (
    "multi_agency_referral_share",
    "plan_within_3_months",
    "closure_handover_share",
    "closure_interrupted_share",
    "reopened_share",
)


def show(edition: Edition) -> None:
    """Draw the page for the month and area named in the address."""
    canvas = Canvas(edition, "flow")
    notices, place = canvas.heading(TITLE, "相談はどこへ進み、どこで止まり、どのように終わっているか。")
    with place:
        month = filters.choose_month(edition, notices)
        code = filters.choose_area(edition, notices, "prefecture", "region", "municipality")
    st.html(cards.kpi_cards(edition, code, month, CARDS))
    st.html(markup.small_print([*cards.NOTES, parts.NOT_A_GRADE]))
    canvas.section("相談から終結まで")
    canvas.figure(parts.window_figure(edition, code, month))
    canvas.figure(parts.case_figure(edition, code, month))
    canvas.figure(parts.stall_figure(edition, code, month))
    canvas.section("どれくらいの期間か")
    canvas.figure(parts.duration_figure(edition, code))
    canvas.section("どのように終わったか")
    canvas.figure(breakdown.breakdown_figure(edition, code, month, "closures", "closure_type"))
    canvas.figure(breakdown.breakdown_figure(edition, code, month, "closures", "lead_agency_after"))
    canvas.section("割合で見る")
    st.html(cards.kpi_cards(edition, code, month, SHARES))
    st.html(markup.small_print([parts.NOT_A_GRADE]))
