"""What stands around every page: the edition and the banner of a synthetic one above, the spoken status at its end."""

from __future__ import annotations

import streamlit as st

from dashboards.access import AUDIENCES
from dashboards.components import markup
from dashboards.data import Edition
from dashboards.labels import wareki_date, wareki_month


def draw_header(edition: Edition) -> None:
    """The edition's band, and 「合成データ」 where no figure is real."""
    published = edition.published_at
    facts = [
        ("データ月", wareki_month(edition.data_month)),
        ("公開日時", f"{wareki_date(published.date())} {published:%H:%M}"),
        ("版", edition.build_id),
        ("閲覧区分", AUDIENCES[edition.audience]),
    ]
    st.html(markup.band(facts, f"重ね Kasane|{edition.prefecture_name} 重層的支援体制整備事業"))
    if edition.is_synthetic:
        st.html(
            markup.warning_banner(
                "合成データ", "この画面の数値はすべて架空です。実在の市町村の実績や状況を示すものではありません。"
            )
        )


def draw_footer(page_title: str) -> None:
    """What is shown now, said once all of it is there: the last part of every page."""
    st.html(markup.status(f"{page_title}を表示しています。"))
