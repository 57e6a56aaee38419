"""Colours, fonts and the chart style. Blue and orange, never red against green; text at least 4.5:1 on its ground.

Charts are drawn in the light colours, for paper and files. A screen gets the same chart with every colour replaced by
`light-dark(…)`, so that the browser chooses. Here: the look shared by pages and reports. Not here: what is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

FONT = "'Kasane Sans', 'Noto Sans JP', 'Noto Sans CJK JP', 'Hiragino Sans', 'Yu Gothic UI', 'Yu Gothic', Meiryo, sans-serif"

PAPER = "#FFFFFF"
INK = "#1B2733"
QUIET = "#56636F"
EDGE = "#7C8894"
GRID = "#E8EDF1"
AXIS = "#9AA5B0"
PANEL = "#F3F6F9"
BORDER = "#D5DDE5"
ACTUAL = "#0B5A94"
PATH = "#6B7784"
TARGET = "#B34700"
BAND = "#DCE6EF"  # ground of an interval or a range

# Series side by side, at most six, told apart under three colour-vision deficiencies (tested); a label goes with each.
SERIES = (ACTUAL, TARGET, "#1B305C", "#5B85C9", "#691500", "#AE8C78")
SEQUENCE = ("#F1F4F7", "#CFE1F2", "#9CC6E6", "#62A0D2", "#0B4F8A")  # zero, then four steps
YES, NO = ACTUAL, PAPER
ABSENT_GROUND = {"x": "#D9DCDF", "…": "#FFF1C2", "-": PAPER, "分母0": PAPER}

DARK = {
    PAPER: "#12181E",
    INK: "#E8EDF2",
    QUIET: "#A9B4BF",
    EDGE: "#8A96A2",
    GRID: "#2A333C",
    AXIS: "#5F6B77",
    PANEL: "#1B232B",
    BORDER: "#33404C",
    ACTUAL: "#6DB3E8",
    PATH: "#94A0AC",
    TARGET: "#F2A25C",
    BAND: "#24384A",
    "#1B305C": "#B7DEDC",
    "#5B85C9": "#6362B0",
    "#691500": "#A55020",
    "#AE8C78": "#AB858B",
    "#F1F4F7": "#1E262E",
    "#CFE1F2": "#1F3A52",
    "#9CC6E6": "#27527A",
    "#62A0D2": "#34699A",
    "#0B4F8A": "#A9D3F3",
    "#D9DCDF": "#3A424A",
    "#FFF1C2": "#4A3F1A",
    "#3B4854": "#C3CCD5",
    "#FFF6EC": "#33230F",
    "#8F3900": "#F7B77C",
    "#B9C4CE": "#4A5661",
    "#F7FAFC": "#1A2129",
}
CSS_NAMES = {
    "paper": PAPER,
    "ink": INK,
    "soft": "#3B4854",
    "quiet": QUIET,
    "edge": EDGE,
    "grid": GRID,
    "panel": PANEL,
    "border": BORDER,
    "rule": "#B9C4CE",
    "hover": "#F7FAFC",
    "main": ACTUAL,
    "focus": "#62A0D2",
    "accent": TARGET,
    "accent-ink": "#8F3900",
    "accent-ground": "#FFF6EC",
    "late": "#FFF1C2",
    "hidden": "#D9DCDF",
}

_CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": PAPER,
    "view": {"stroke": None},
    # Readers of the page hear our own Japanese text instead of the English Vega makes up.
    "axis": {
        "aria": False,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": QUIET,
        "titleColor": QUIET,
        "gridColor": GRID,
        "domainColor": AXIS,
        "tickColor": AXIS,
        "labelPadding": 6,
        "labelLimit": 320,
    },
    "legend": {
        "aria": False,
        "orient": "bottom",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelColor": INK,
        "titleColor": QUIET,
        "labelLimit": 320,
    },
    "header": {"labelFontSize": 12.5, "labelColor": INK, "labelFontWeight": "bold"},
    "title": {
        "color": INK,
        "subtitleColor": QUIET,
        "anchor": "start",
        "fontSize": 15,
        "subtitleFontSize": 11,
        "aria": False,
    },
    "text": {"font": FONT, "color": INK, "aria": False},
    "bar": {"aria": False},
    "line": {"aria": False},
    "rect": {"aria": False},
    "rule": {"aria": False},
    "point": {"aria": False},
    "circle": {"aria": False},
    "area": {"aria": False},
    "tick": {"aria": False},
    "square": {"aria": False},
}


def styled(chart: alt.LayerChart | alt.FacetChart) -> alt.LayerChart | alt.FacetChart:
    """The chart in the house style."""
    return chart.configure(**_CONFIG)


def for_screen(spec: Any) -> Any:
    """A finished spec with every colour as `light-dark(light, dark)`; text and numbers stay as they are."""
    if isinstance(spec, dict):
        return {key: for_screen(value) for key, value in spec.items()}
    if isinstance(spec, list):
        return [for_screen(value) for value in spec]
    return f"light-dark({spec}, {DARK[spec]})" if isinstance(spec, str) and spec in DARK else spec


def css_variables() -> str:
    """The colours of the style sheet, light and dark."""
    return "".join(
        f"--ks-{name}: light-dark({colour}, {DARK.get(colour, colour)}); " for name, colour in CSS_NAMES.items()
    )


def ink_on(ground: str) -> str:
    """Dark or white text, whichever reads better on `ground` (#RRGGBB)."""
    channels = [int(ground[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return INK if 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.25 else PAPER
