"""Colours, fonts and the chart style. Blue and orange, never red against green; text at least 4.5:1 on its ground.

Here: the look shared by pages and reports. Not here: what is drawn.
"""

from __future__ import annotations

from typing import Any

import altair as alt

FONT = "'Noto Sans JP', 'Noto Sans CJK JP', 'Hiragino Sans', 'Yu Gothic UI', 'Yu Gothic', Meiryo, sans-serif"

INK = "#1B2733"
QUIET = "#56636F"
EDGE = "#7C8894"
ACTUAL = "#0B5A94"
PATH = "#6B7784"
TARGET = "#B34700"

SEQUENCE = ("#F1F4F7", "#CFE1F2", "#9CC6E6", "#62A0D2", "#0B4F8A")  # zero, then four steps
YES, NO = "#0B5A94", "#FFFFFF"
ABSENT_GROUND = {"x": "#D9DCDF", "…": "#FFF1C2", "-": "#FFFFFF", "分母0": "#FFFFFF"}

_CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "#FFFFFF",
    "view": {"stroke": None},
    # Readers of the page hear our own Japanese text instead of the English Vega makes up.
    "axis": {
        "aria": False,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": QUIET,
        "titleColor": QUIET,
        "gridColor": "#E8EDF1",
        "domainColor": "#9AA5B0",
        "tickColor": "#9AA5B0",
        "labelPadding": 6,
    },
    "legend": {
        "aria": False,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelColor": INK,
        "titleColor": QUIET,
        "labelLimit": 260,
    },
    "text": {"font": FONT},
}


def styled(chart: alt.LayerChart | alt.FacetChart) -> alt.LayerChart | alt.FacetChart:
    """The chart in the house style."""
    return chart.configure(**_CONFIG)


def ink_on(ground: str) -> str:
    """Dark or white text, whichever reads better on `ground` (#RRGGBB)."""
    channels = [int(ground[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return INK if 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.25 else "#FFFFFF"
