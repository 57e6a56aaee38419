"""Colours: readable, told apart by people who see fewer colours, the same in the theme, the style sheet and Streamlit."""

from __future__ import annotations

import math
import re
import tomllib
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from dashboards import theme

STYLE = Path(theme.__file__).parent
# Machado, Oliveira, Fernandes (2009), severity 1.0, for linear sRGB.
DEFICIENCIES = {
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
FAR_ENOUGH = 0.11  # in OKLab; Vega's default ten colours come to 0.01
VEGA_DEFAULT = ["#4c78a8", "#f58518", "#e45756", "#72b7b2", "#54a24b", "#eeca3b"]


def linear(colour: str) -> list[float]:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def contrast(one: str, other: str) -> float:
    low, high = sorted(
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (one, other)
    )
    return (high + 0.05) / (low + 0.05)


def seen(colour: str, deficiency: str) -> tuple[float, float, float]:
    """OKLab coordinates of a colour as somebody with the deficiency sees it."""
    r, g, b = (
        min(1.0, max(0.0, sum(w * c for w, c in zip(row, linear(colour), strict=True))))
        for row in DEFICIENCIES[deficiency]
    )
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def nearest(colours: list[str], deficiency: str) -> float:
    return min(math.dist(seen(a, deficiency), seen(b, deficiency)) for a, b in combinations(colours, 2))


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_series_are_told_apart(deficiency: str) -> None:
    assert nearest(list(theme.SERIES), deficiency) >= FAR_ENOUGH
    assert nearest([theme.DARK[colour] for colour in theme.SERIES], deficiency) >= FAR_ENOUGH


def test_the_measure_would_refuse_the_default_colours() -> None:
    assert min(nearest(VEGA_DEFAULT, deficiency) for deficiency in DEFICIENCIES) < 0.05


def test_neighbouring_classes_of_a_map_are_told_apart() -> None:
    for steps in (theme.SEQUENCE, [theme.DARK[colour] for colour in theme.SEQUENCE]):
        for one, other in pairwise(steps):
            assert min(math.dist(seen(one, d), seen(other, d)) for d in DEFICIENCIES) >= 0.04


@pytest.mark.parametrize("is_dark", [False, True])
def test_text_and_marks_are_readable(is_dark: bool) -> None:
    def shown(colour: str) -> str:
        return theme.DARK[colour] if is_dark else colour

    paper = shown(theme.PAPER)
    for text in (theme.INK, theme.QUIET, theme.ACTUAL, theme.TARGET, "#3B4854"):
        assert contrast(paper, shown(text)) >= 4.5, text
    for mark in (theme.PATH, theme.EDGE, *theme.SERIES):
        assert contrast(paper, shown(mark)) >= 3, mark
    for ground in [*theme.SEQUENCE, theme.YES, theme.NO, *theme.ABSENT_GROUND.values()]:
        assert contrast(shown(ground), shown(theme.ink_on(ground))) >= 4.5, ground
    for ground, text in (("#FFF6EC", "#8F3900"), (theme.PANEL, theme.INK), ("#F7FAFC", theme.INK)):
        assert contrast(shown(ground), shown(text)) >= 4.5, ground


def test_every_colour_of_a_screen_has_a_dark_one() -> None:
    spec = {"a": [{"color": theme.INK}], "b": "図1 #目標", "n": 3}
    assert theme.for_screen(spec) == {
        "a": [{"color": f"light-dark({theme.INK}, {theme.DARK[theme.INK]})"}],
        "b": "図1 #目標",
        "n": 3,
    }
    code = "\n".join(path.read_text(encoding="utf-8") for path in (STYLE / "charts").glob("*.py"))
    assert re.findall(r"#[0-9A-Fa-f]{6}", code) == [], "charts take their colours from the theme"


def test_streamlit_has_the_same_colours() -> None:
    config = tomllib.loads((STYLE / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    light, dark = config["theme"]["light"], config["theme"]["dark"]
    assert light["backgroundColor"] == theme.PAPER
    assert light["textColor"] == theme.INK
    assert light["primaryColor"] == theme.ACTUAL
    assert {name: theme.DARK[colour] for name, colour in light.items()} == dark
    assert "base" not in config["theme"], "the browser's wish decides"


def test_the_style_sheet_names_variables_only() -> None:
    style = (STYLE / "components" / "style.css").read_text(encoding="utf-8")
    assert set(re.findall(r"var\(--ks-([\w-]+)\)", style)) <= set(theme.CSS_NAMES)
    assert set(re.findall(r"#[0-9A-Fa-f]{3,6}\b", style)) <= {"#fff"}  # paper, when printed
