"""指標の定義: what each KPI counts, why, from which forms, on which ground."""

from __future__ import annotations

import streamlit as st

from dashboards.components import filters
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts import catalogue as parts

TITLE = "指標の定義"


def show(edition: Edition) -> None:
    """Draw the page for the words and the KPI named in the address."""
    canvas = Canvas(edition, "catalogue")
    notices, place = canvas.heading(TITLE, "この数値は何を、どのように数えたものか。")
    with place:
        words = filters.search("words", "言葉で探す", "例: 狭間 割合")
        found = rows_of(parts.matching(edition, words))
        if not found:
            notices.info(f"「{words}」に当てはまる指標はありません。")
            return
        kpi_id = filters.choose("definition", "指標", {str(k.kpi_id): str(k.label_ja) for k in found}, notices)
    st.html(parts.details(edition, kpi_id))
    canvas.section("一覧")
    canvas.table(parts.list_table(edition, words))
