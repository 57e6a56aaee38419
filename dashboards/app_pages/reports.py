"""報告書: the month's report and the briefings of this edition, to take away."""

from __future__ import annotations

import streamlit as st

from dashboards.components import documents, filters, markup
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.reports import desk
from dashboards.reports.make import Order

TITLE = "報告書"


def show(edition: Edition) -> None:
    """Draw the page for the month and municipality named in the address."""
    canvas = Canvas(edition, "reports")
    notices, place = canvas.heading(TITLE, "この月のことを、会議や訪問に持っていく。")
    with place:
        month = filters.choose_month(edition, notices)
        code = filters.choose_area(edition, notices, "municipality")
    canvas.section("月次報告")
    documents.offer(
        Order(edition, month).name,
        {
            "pdf": ("月次報告をPDFで保存", lambda: desk.report_pdf(edition, month)),
            "xlsx": ("月次報告の表をExcelで保存", lambda: desk.report_xlsx(edition, month)),
            "zip": ("オープンデータをまとめて保存", lambda: desk.report_open_data(edition, month)),
        },
    )
    canvas.section("アドバイザー派遣ブリーフィング")
    area = filters.label_of(edition, code)
    documents.offer(
        Order(edition, month, code).name,
        {
            "pdf": (f"{area}のブリーフィングをPDFで保存", lambda: desk.briefing_pdf(edition, month, code)),
            "docx": (f"{area}のブリーフィングをWordで保存", lambda: desk.briefing_word(edition, month, code)),
        },
    )
    st.html(
        markup.small_print(
            [
                "この版の、この閲覧区分の値だけから作ります。保存を押してからできるまで数秒かかります。",
                "ここで保存したものは控えで、承認と配布の記録には残りません。配布の手順は、職員向けの説明「月次報告とブリーフィング」にあります。",
            ]
        )
    )
