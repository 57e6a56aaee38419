"""版と変更: which edition this is, what it rests on, what is hidden."""

from __future__ import annotations

import streamlit as st

from dashboards.components import filters, markup
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.parts import builds as parts
from dashboards.parts import progress

TITLE = "版と変更"


def show(edition: Edition) -> None:
    """Draw the page for the month named in the address."""
    canvas = Canvas(edition, "builds")
    notices, place = canvas.heading(TITLE, "いま見ているのは、いつの、何にもとづく数値か。")
    with place:
        month = filters.choose_month(edition, notices)
    st.html(parts.facts(edition))
    canvas.section("変わったこと")
    st.html(progress.changes(edition, month))
    canvas.section("もとになった提出")
    canvas.table(parts.submitted_table(edition, month))
    canvas.section("秘匿と未提出")
    canvas.table(parts.suppression_table(edition))
    st.html(markup.small_print([edition.suppression_ja or "庁内版では秘匿をしていません。"]))
