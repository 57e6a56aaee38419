"""県全体の進捗: are we on the way to a window in every municipality?"""

from __future__ import annotations

from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data, exports
from dashboards.components import markup
from dashboards.components.widgets import choose_from_address, draw_chart
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.labels import ABSENT
from dashboards.parts import progress as parts
from dashboards.parts import way

TITLE = "県全体の進捗"
KPIS = parts.SETUP + parts.ACTIVITY


def show(edition: Edition) -> None:
    """Draw the page for the month named in the address, default the newest."""
    notices = st.container()
    heading, chooser = st.columns([3, 1], vertical_alignment="bottom")
    heading.title(TITLE, anchor=False)
    with chooser:
        months = {f"{m.period:%Y-%m}": str(m.label_ja) for m in rows_of(data.months(edition))}
        month = date.fromisoformat(choose_from_address("month", "表示する月", months, notices) + "-01")
    st.html(way.opening(edition, month))
    st.html(parts.setup_cards(edition, month))
    _target(edition, month)
    st.header("この月の動き", anchor=False)
    st.html(parts.activity_cards(edition, month))
    st.html(markup.small_print(parts.ACTIVITY_NOTES))
    _map(edition, month, notices)
    _plan(edition, month)
    _table(edition, month)


def _target(edition: Edition, month: date) -> None:
    figure = way.path_figure(edition, month)
    if figure is None:
        return
    st.header("目標までの道筋", anchor=False)
    chart, table = st.columns([5, 2], gap="large")
    with chart:
        draw_chart(figure.spec, figure.alt, figure.sources)
    table.html(way.path_table(edition, month))


def _map(edition: Edition, month: date, notices: DeltaGenerator) -> None:
    st.header("市町村の地図", anchor=False)
    names = {str(kpi.kpi_id): str(kpi.label_ja) for kpi in rows_of(data.catalogue(edition, KPIS))}
    chart, table = st.columns([5, 3], gap="large")
    with chart:
        figure = parts.map_figure(edition, month, choose_from_address("kpi", "地図に示す指標", names, notices))
        draw_chart(figure.spec, figure.alt, figure.sources)
    table.html(parts.without_window(edition, month))


def _plan(edition: Edition, month: date) -> None:
    st.header("計画と全国の状況", anchor=False)
    plan, nation = st.columns([5, 3], gap="large")
    plan.html(parts.plan_table(edition, month))
    nation.html(parts.national_line(edition))


def _table(edition: Edition, month: date) -> None:
    st.header("市町村別の一覧", anchor=False)
    st.html(parts.month_table(edition, month))
    legend = "、".join(f"{mark} {meaning}" for mark, meaning in ABSENT.items())
    st.html(markup.small_print([f"記号: 0 該当なし、{legend}", edition.suppression_ja]))
    st.download_button(
        "この月の値をCSVで保存",
        lambda: exports.kpi_csv(data.kpi_month(edition, month, KPIS)),
        file_name=f"kasane_{edition.audience}_{month:%Y-%m}.csv",
        mime="text/csv",
        on_click="ignore",
    )
