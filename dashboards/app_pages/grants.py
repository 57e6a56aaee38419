"""交付金: how much was decided, advanced and settled, who bears it, and does it add up to the yen?"""

from __future__ import annotations

import streamlit as st

from dashboards import data, labels
from dashboards.components import filters, markup
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.parts import cards, flow
from dashboards.parts import grants as parts

TITLE = "交付金の状況"


def show(edition: Edition) -> None:
    """Draw the page for the fiscal year of the month and the area named in the address."""
    canvas = Canvas(edition, "grants")
    notices, place = canvas.heading(TITLE, "いくら決め、いくら払い、いくらで確定したか。内訳と総額は合っているか。")
    with place:
        month = filters.choose_month(edition, notices)
        code = filters.choose_area(edition, notices, "prefecture", "region", "municipality")
    year, area = flow.fiscal_year(month), filters.label_of(edition, code)
    codes = data.municipalities_of(edition, code)
    st.html(
        markup.small_print(
            [f"{labels.fiscal_year_label(year)}の交付金を示します。年度を変えるには「表示する月」を変えてください。"]
        )
    )
    st.html(cards.kpi_cards(edition, code, month, parts.CARDS))
    canvas.section("事業と負担")
    canvas.figure(parts.component_figure(edition, year, codes, area))
    canvas.section("決定から確定まで")
    canvas.figure(parts.stage_figure(edition, year, codes, area))
    canvas.figure(parts.execution_figure(edition, month, code, area))
    canvas.section("市町村別")
    canvas.table(parts.municipal_table(edition, year, codes), ("国費と県費の合計。… はまだ届いていない段階です。",))
    canvas.section("照合")
    canvas.table(
        parts.lump_table(edition, year, codes),
        ("県費は各課の分を集めて一括で払います。内訳(概算払の県費)を足すと、払った額に1円まで一致するはずです。",),
    )
    canvas.table(parts.findings_table(edition, year, codes), ("差額は、届いた額からあるべき額を引いたものです。",))
