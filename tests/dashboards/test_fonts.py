"""The web font holds what pages may show, and no text of the project needs a letter it lacks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from fontTools.ttLib import TTFont

from dashboards import fonts, theme
from dashboards.charts.bars import bars
from dashboards.home import STATIC
from dashboards.reports import pictures

NAMES = "髙﨑𠮷さいたま市鶴ヶ島滑川嵐山毛呂越生皆野長瀞重層的支援体制整備事業〇一二三㈱"


@pytest.fixture(scope="module", autouse=True)
def _cut_for_todays_texts() -> None:
    """As `make setup` does after a text changed; quick where nothing did."""
    fonts.build()


def covered(part: str) -> set[int]:
    return set(TTFont(STATIC / f"kasane-sans-{part}.woff2").getBestCmap() or ())


def test_names_and_the_whole_of_jis_are_in() -> None:
    core = covered("400-core")
    assert {ord(letter) for letter in NAMES} <= core
    assert core == covered("700-core")
    every = core | covered("400-rest")
    missing = {letter for letter in fonts._jis_x_0208() if ord(letter) not in every}
    assert missing == {"≒"}, "the one sign the Noto package lacks"


def test_every_letter_of_our_own_texts_is_in() -> None:
    """Labels of pages, reports, codes, contracts and models: none is left to whatever font a screen has."""
    core = covered("400-core")
    used = {letter for letter in fonts._used_characters() if letter.isprintable()}
    ours = {letter for pattern in fonts.TEXTS + fonts.TEXTS_OF_MODELS for letter in _letters(pattern)}
    assert ours <= used and len(ours) > 1000
    assert {letter for letter in ours if ord(letter) not in core} == {"🧭"}, "the page's icon, drawn by the browser"


def _letters(pattern: str) -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in fonts.PROJECT.glob(pattern)]
    assert texts, f"{pattern} matches nothing"
    return {letter for text in texts for letter in text if letter.isprintable()}


def test_the_style_sheet_is_local_and_complete() -> None:
    style = fonts.STYLE_SHEET.read_text(encoding="utf-8")
    names = re.findall(r"url\('(.*?)'\)", style)
    assert len(names) == 3
    assert all((STATIC / name).is_file() and Path(name).name == name for name in names)
    assert "http" not in style


def test_a_chart_drawn_with_the_small_font_is_the_chart_drawn_with_the_whole() -> None:
    spec = bars(
        pd.DataFrame({"label": ["さいたま市", "鶴ヶ島市"], "value": [1234, 5], "text": ["1,234", "5件"]}), "件数(件)"
    )
    text = json.dumps(spec, ensure_ascii=False).replace(theme.FONT, pictures.FONT)
    whole = pictures._converter().vegalite_to_svg(text)
    small = pictures._converter().vegalite_to_svg(text.replace(pictures.FONT, fonts.DRAWN_FAMILY))
    assert small != whole and small.replace(fonts.DRAWN_FAMILY, pictures.FONT) == whole
