"""What stands over every page: style, language, the edition, and the banner of a synthetic one."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboards import theme
from dashboards.access import AUDIENCES
from dashboards.components import markup
from dashboards.data import Edition
from dashboards.labels import wareki_date, wareki_month

_STYLE = Path(__file__).resolve().parent / "style.css"
_FONTS = "<style>@import url('app/static/fonts.css');</style>"


def prepare_page() -> None:
    """House style, the font, and the language of the document, which Streamlit's own page gives as English."""
    st.html(f"<style>.stApp {{ {theme.css_variables()} }}</style>{_FONTS}")
    st.html(_STYLE)
    st.html("<script>document.documentElement.lang = 'ja'</script>", unsafe_allow_javascript=True)


def draw_header(edition: Edition, page_title: str) -> None:
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
    st.html(markup.status(f"{page_title}を表示しています。"))
