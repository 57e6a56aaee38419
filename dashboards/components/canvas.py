"""The Streamlit side of a page: heading and filters, figures with their text, table and files, tables with their file.

A canvas numbers what it draws, so that every figure of a page has a name of its own. Not here: what is drawn.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import exports
from dashboards.components import markup
from dashboards.data import Edition
from dashboards.parts.figure import Figure, Nothing
from dashboards.tables import Table


class Canvas:
    """Draws one page of one edition; `page` (English) begins the names of its files."""

    def __init__(self, edition: Edition, page: str) -> None:
        self.edition = edition
        self.page = page
        self.figures = 0

    def heading(self, title: str, question: str) -> tuple[DeltaGenerator, DeltaGenerator]:
        """Title and question of the page; returns the places for notices and for the filters."""
        notices = st.container()
        st.title(title, anchor=False)
        st.html(markup.question(question))
        return notices, st.container(horizontal=True, key="ks-filters")

    def section(self, title: str) -> None:
        """A heading inside the page."""
        st.header(title, anchor=False)

    def text(self, html: str) -> None:
        """Finished markup."""
        st.html(html)

    def figure(self, figure: Figure | Nothing, *, beside: bool = False) -> None:
        """A chart with name, text, files and table; the table stands beside it, or below to be unfolded."""
        self.figures += 1
        if isinstance(figure, Nothing):
            st.html(markup.nothing(f"図{self.figures} {figure.name}", figure.why))
            return
        name = f"図{self.figures} {figure.name}"
        key = f"ks-chart-{self.figures}"
        with st.container(key=f"ks-figure-{self.figures}"):
            st.html(markup.figure_name(name) + markup.chart_height(key, int(figure.spec["height"])))
            chart, table = st.columns([5, 3], gap="large") if beside else (st.container(), st.container())
            with chart:
                with st.container(key=key):
                    st.vega_lite_chart(
                        spec=figure.screen_spec, width="stretch", theme=None, alt=f"{name}。{figure.alt}"
                    )
                st.html(markup.small_print(figure.sources))
                self._files(figure, name)
            table.html(markup.table(figure.table) if beside else markup.folded(f"図{self.figures}の数値", figure.table))

    def table(self, table: Table, notes: tuple[str, ...] = ()) -> None:
        """A table with its notes and its file; without rows, a line that says so."""
        if not table.rows:
            st.html(markup.nothing(table.caption, "当てはまるものはありません。"))
            return
        st.html(markup.table(table))
        st.html(markup.small_print(notes))
        self._download(f"表「{table.caption}」をCSVで保存", table.slug, "csv", lambda: exports.table_csv(table))

    def _files(self, figure: Figure, name: str) -> None:
        synthetic = self.edition.is_synthetic
        makers: dict[str, Callable[[], bytes]] = {
            "png": lambda: exports.chart_png(figure.spec, name, figure.sources, is_synthetic=synthetic),
            "svg": lambda: exports.chart_svg(figure.spec, name, figure.sources, is_synthetic=synthetic),
            "csv": lambda: exports.table_csv(figure.table),
        }
        with st.container(horizontal=True, gap="small", key=f"ks-files-{self.figures}"):
            for kind, make in makers.items():
                self._download(f"図{self.figures}を{kind.upper()}で保存", figure.slug, kind, make)

    def _download(self, label: str, slug: str, kind: str, make: Callable[[], bytes]) -> None:
        origin = "synthetic_" if self.edition.is_synthetic else ""
        st.download_button(
            label,
            make,
            file_name=f"kasane_{origin}{self.edition.audience}_{self.page}_{slug}.{kind}",
            mime={"csv": "text/csv", "svg": "image/svg+xml", "png": "image/png"}[kind],
            on_click="ignore",
            type="tertiary",
            key=f"{slug}.{kind}",
        )
