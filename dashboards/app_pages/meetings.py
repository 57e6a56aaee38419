"""会議と連携: do the right fields sit together, with consent, and who refers?"""

from __future__ import annotations

import streamlit as st

from dashboards.components import filters, markup
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.parts import breakdown, cards, kpi_views, series
from dashboards.parts import meetings as parts

TITLE = "会議と連携"


def show(edition: Edition) -> None:
    """Draw the page for the month and area named in the address."""
    canvas = Canvas(edition, "meetings")
    notices, place = canvas.heading(TITLE, "必要な分野が同じ席についているか。同意を得て、だれからつながっているか。")
    with place:
        month = filters.choose_month(edition, notices)
        code = filters.choose_area(edition, notices, "prefecture", "region", "municipality")
    st.html(cards.kpi_cards(edition, code, month, parts.CARDS))
    notes = "支援会議(社会福祉法第106条の6)は同意を要しない別の会議で、回数だけを扱います。"
    st.html(markup.small_print([*cards.NOTES, notes]))
    canvas.section("会議")
    canvas.figure(series.control_figure(edition, code, month, "jusou_meetings"))
    canvas.figure(parts.presence_figure(edition, code, month))
    canvas.figure(kpi_views.map_figure(edition, month, "meeting_breadth"))
    canvas.section("どこからつながったか")
    canvas.figure(parts.referral_figure(edition, code, month))
    canvas.figure(breakdown.breakdown_figure(edition, code, month, "new_cases", "service"))
    st.html(parts.never(edition, code, month))
    canvas.section("同意")
    canvas.figure(series.control_figure(edition, code, month, "consent_share"))
    canvas.figure(series.control_figure(edition, code, month, "conferenced_without_consent"))
    canvas.section("会議で見つかった社会資源の課題")
    canvas.figure(series.control_figure(edition, code, month, "resource_needs_open"))
