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
    area, handed = filters.label_of(edition, code), desk.for_adviser(edition)
    documents.offer(
        Order(handed, month, code).name,
        {
            "pdf": (f"{area}のブリーフィングをPDFで保存", lambda: desk.briefing_pdf(handed, month, code)),
            "docx": (f"{area}のブリーフィングをWordで保存", lambda: desk.briefing_word(handed, month, code)),
        },
    )
    st.html(
        markup.small_print(
            [
                "月次報告はこの閲覧区分の値から、ブリーフィングはアドバイザーに渡すものなので、小さな数を秘匿した市町村アドバイザー版の値から作ります(公表版の画面では公表版)。保存を押してからできるまで数秒かかります。",
                "ここで保存したものは控えで、承認と配布の記録には残りません。配布の手順は、職員向けの説明「月次報告とブリーフィング」にあります。",
            ]
        )
    )
