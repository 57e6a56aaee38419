"""県全体の進捗: are we on the way to a window in every municipality?"""

from __future__ import annotations

import streamlit as st

from dashboards import data
from dashboards.components import filters, markup
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.labels import ABSENT
from dashboards.parts import cards, kpi_views, way
from dashboards.parts import progress as parts

TITLE = "県全体の進捗"
KPIS = cards.SETUP + parts.ACTIVITY


def show(edition: Edition) -> None:
    """Draw the page for the month named in the address, default the newest."""
    canvas = Canvas(edition, "progress")
    notices, place = canvas.heading(TITLE, "すべての市町村に窓口をつくる道筋のどこにいるか。この月に何が動いたか。")
    with place:
        month = filters.choose_month(edition, notices)
    st.html(way.opening(edition, month))
    st.html(parts.setup_cards(edition, month))
    st.html(parts.changes(edition, month))
    canvas.section("目標までの道筋")
    canvas.figure(way.path_figure(edition, month), beside=True)
    canvas.section("この月の動き")
    st.html(cards.kpi_cards(edition, edition.prefecture_code, month, parts.ACTIVITY))
    st.html(markup.small_print(cards.NOTES))
    canvas.section("市町村の地図")
    names = {str(kpi.kpi_id): str(kpi.label_ja) for kpi in rows_of(data.catalogue(edition, KPIS))}
    with st.container(key="ks-choice-map"):
        kpi_id = filters.choose("kpi", "地図に示す指標", names, notices)
    canvas.figure(kpi_views.map_figure(edition, month, kpi_id))
    canvas.section("窓口も調整チームもない市町村")
    canvas.table(parts.without_window(edition, month))
    canvas.section("地域別")
    canvas.figure(parts.region_figure(edition, month))
    canvas.section("計画と全国の状況")
    plan, nation = st.columns([5, 3], gap="large")
    with plan:
        canvas.table(*parts.plan_table(edition, month))
    with nation:
        canvas.table(*parts.national_table(edition))
    canvas.section("市町村別の一覧")
    legend = "、".join(f"{mark} {meaning}" for mark, meaning in ABSENT.items())
    canvas.table(kpi_views.month_table(edition, month, KPIS), (f"記号: 0 該当なし、{legend}", edition.suppression_ja))
