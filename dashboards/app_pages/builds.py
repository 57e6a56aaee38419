"""版と変更: which edition this is, what was published before and what differs, what was checked, what is hidden."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.components import filters, markup
from dashboards.components.canvas import Canvas
from dashboards.data import Edition, edition_of_build
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
    canvas.section("公開した版")
    canvas.table(parts.builds_table(edition))
    _beside_another(edition, canvas, notices)
    canvas.section("検査")
    st.html(markup.small_print([parts.checks_words(edition)]))
    canvas.table(parts.checks_table(edition))
    canvas.section("前の月から変わったこと")
    st.html(progress.changes(edition, month))
    canvas.section("もとになった提出")
    canvas.table(parts.submitted_table(edition, month))
    canvas.section("秘匿と未提出")
    canvas.table(parts.suppression_table(edition))
    st.html(markup.small_print([edition.suppression_ja or "庁内版では秘匿をしていません。"]))


def _beside_another(edition: Edition, canvas: Canvas, notices: DeltaGenerator) -> None:
    """What this edition has otherwise than another build."""
    canvas.section("ほかの版との違い")
    others = parts.others(edition)
    if not others:
        st.html(
            markup.nothing("ほかの版との違い", "比べられる版がまだありません。次に公開すると、ここに違いを示します。")
        )
        return
    with st.container(key="ks-choice-build"):
        build_id = filters.choose("build", "比べる版", others, notices)
    before = edition_of_build(build_id, edition.audience, edition.home)
    notes = "マスは、指標 × 地域 × 月の1つの値。同じ閲覧区分どうしを比べます。"
    canvas.table(parts.changes_by_kpi(before, edition), (notes,))
    canvas.table(parts.changed_cells(before, edition), ("割合は%。記号: x 秘匿、… 未提出、- 対象外。",))
