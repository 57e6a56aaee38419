"""提出とデータ品質: who has not sent what, and how far the figures can be trusted."""

from __future__ import annotations

import streamlit as st

from dashboards.components import filters, markup
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.parts import cards
from dashboards.parts import submissions as parts

TITLE = "提出とデータ品質"


def show(edition: Edition) -> None:
    """Draw the page for the month and form named in the address."""
    canvas = Canvas(edition, "submissions")
    notices, place = canvas.heading(TITLE, "だれの何が届いていないか。数値はどこまで信じてよいか。")
    with place:
        month = filters.choose_month(edition, notices)
        form = filters.choose("form", "様式", parts.form_options(edition), notices)
    st.html(cards.kpi_cards(edition, edition.prefecture_code, month, parts.CARDS))
    st.html(markup.small_print(cards.NOTES))
    canvas.section("まだ届いていないもの")
    canvas.table(parts.missing_table(edition, month))
    with st.expander("催促のメールに貼る一覧(写して使えます)"), st.container(key="ks-reminder"):
        st.code(parts.reminder(edition, month), language=None)
    canvas.section("市町村と月")
    canvas.figure(parts.status_figure(edition, month, form))
    canvas.section("誤りと食い違い")
    canvas.table(parts.error_table(edition, month), ("人の数にあたる行数は、庁内版だけに示します(x 秘匿)。",))
    canvas.table(
        parts.disagreement_table(edition, month),
        (
            "集計表との不一致は、月次集計表の申告と明細から数えた値の差の合計。台帳の調整数は、前月の台帳とつながらない件数です。",
        ),
    )
