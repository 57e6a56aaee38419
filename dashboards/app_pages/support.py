"""後方支援: what the prefecture gave, what was agreed, and who has a need and no support yet."""

from __future__ import annotations

import streamlit as st

from dashboards.components import filters, markup
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.parts import breakdown, cards, kpi_views
from dashboards.parts import support as parts

TITLE = "後方支援"


def show(edition: Edition) -> None:
    """Draw the page for the month named in the address."""
    canvas = Canvas(edition, "support")
    notices, place = canvas.heading(
        TITLE, "県の支援はだれに届き、約束したことは進んでいるか。まだ届いていないのはどこか。"
    )
    with place:
        month = filters.choose_month(edition, notices)
    st.html(cards.kpi_cards(edition, edition.prefecture_code, month, parts.CARDS, 4))
    st.html(
        markup.small_print(["出典: アドバイザー派遣、助言への対応、研修会(県の記録)。個人に関する数を含みません。"])
    )
    canvas.section("まだ支援が届いていないところ")
    canvas.table(parts.unsupported_table(edition, month))
    canvas.figure(kpi_views.map_figure(edition, month, parts.SINCE))
    canvas.section("約束したこと")
    canvas.table(parts.action_table(edition, month))
    canvas.section("何を、どのように")
    canvas.figure(
        breakdown.breakdown_figure(edition, edition.prefecture_code, month, "dispatch_visits", "advice_topic")
    )
    canvas.figure(
        breakdown.breakdown_figure(edition, edition.prefecture_code, month, "dispatch_visits", "dispatch_mode")
    )
    canvas.table(parts.visit_table(edition, month))
