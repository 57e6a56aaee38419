"""A grid of rectangles: rows × columns, the figure or mark written in each; colour in a few ordered classes."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboards import theme
from dashboards.charts.classes import Classes
from dashboards.charts.stencil import Drawn, Spec, filled, stencil
from dashboards.labels import ABSENT

ROW = 30
_LEGEND = alt.Legend(symbolType="square", symbolSize=170, symbolStrokeColor=theme.EDGE, symbolStrokeWidth=1)
HEAD = 30  # pixels of the columns' names


def heat(frame: pd.DataFrame, classes: Classes) -> Spec:
    """`frame`: 1 row = cell: row, column (labels, in order), value (null where there is a mark), text (figure or mark)."""
    colours = dict(zip(classes.labels(), classes.colours(), strict=True))
    ground = [
        theme.ABSENT_GROUND[text] if text in ABSENT else list(colours.values())[classes.index(float(value))]
        for text, value in zip(frame["text"], frame["value"].astype(float).fillna(0), strict=True)
    ]
    return grid(frame.assign(ground=ground, legend=""))


def grid(frame: pd.DataFrame, legend: dict[str, str] | None = None, *, row: int = ROW) -> Spec:
    """`frame`: row, column, text, ground (a colour of the theme), legend (what the colour means). `legend`: meaning → colour,
    None for no legend."""
    cells = frame[["row", "column", "text", "ground", "legend"]].assign(ink=[theme.ink_on(g) for g in frame["ground"]])
    return filled(_grid(tuple((legend or {}).items())), HEAD + row * frame["row"].nunique(), cells=cells)


@stencil
def _grid(legend: tuple[tuple[str, str], ...]) -> Drawn:
    base = alt.Chart(alt.NamedData("cells")).encode(
        alt.X(
            "column:N",
            sort=None,
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False, labelLimit=110, labelOverlap=False),
            scale=alt.Scale(paddingInner=0.04),
        ),
        alt.Y(
            "row:N",
            sort=None,
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelLimit=220),
            scale=alt.Scale(paddingInner=0.06),
        ),
    )
    meanings = alt.Scale(domain=[meaning for meaning, _ in legend], range=[colour for _, colour in legend])
    colour = (
        alt.Color("legend:N", title=None, legend=_LEGEND, scale=meanings)
        if legend
        else alt.Color("ground:N", scale=None)
    )
    tooltip = [
        alt.Tooltip("row:N", title="行"),
        alt.Tooltip("column:N", title="列"),
        alt.Tooltip("text:N", title="値"),
    ]
    ground = base.mark_rect(stroke=theme.BORDER, strokeWidth=1, cornerRadius=2).encode(colour, tooltip=tooltip)
    figure = base.mark_text(fontSize=12).encode(text="text:N", color=alt.Color("ink:N", scale=None))
    return alt.layer(ground, figure)
