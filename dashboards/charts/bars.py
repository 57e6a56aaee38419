"""Bars from zero, with their figure written at the end: one series, or parts of a whole."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboards import theme
from dashboards.charts import axes
from dashboards.charts.stencil import Drawn, Spec, filled, stencil

ROW = 26  # pixels a bar
AXIS, LEGEND = 48, 34  # pixels below the bars
_ROOM = 1.22  # right of the longest bar, for its figure
_LETTER = 7.5  # pixels of a letter of a figure inside a part
_ROWS = alt.NamedData("rows")


def bars(frame: pd.DataFrame, title: str, *, share: bool = False) -> Spec:
    """`frame`: label (unique, in order), value (null where there is a mark), text (the figure or the mark),
    optional is_main (bool: this bar stands out). Title of the axis with its unit."""
    frame = frame.assign(at=frame["value"].astype(float).fillna(0))
    if "is_main" not in frame:
        frame["is_main"] = True
    top = max(float(frame["at"].max()), 0.0) * _ROOM or 1.0
    rows = frame[["label", "at", "text", "is_main"]]
    return filled(_bars(title, share), AXIS + ROW * len(rows), numbers={"top": top}, rows=rows)


@stencil
def _bars(title: str, share: bool) -> Drawn:
    x = axes.across("at", title, share=share)
    x.scale = alt.Scale(domainMin=0, domainMax=alt.ExprRef("top"), nice=False)
    base = alt.Chart(_ROWS).encode(axes.kept("label"))
    ground = base.mark_bar(height={"band": 0.62}).encode(
        x,
        color=alt.condition("datum.is_main", alt.value(theme.ACTUAL), alt.value(theme.EDGE)),
        tooltip=[alt.Tooltip("label:N", title="項目"), alt.Tooltip("text:N", title="値")],
    )
    figure = base.mark_text(align="left", dx=5, fontSize=12.5, color=theme.INK).encode(x, text="text:N")
    return alt.layer(ground, figure).add_params(alt.param(name="top", value=1))


def stacked(frame: pd.DataFrame, series: list[str], title: str, *, share: bool = False) -> Spec:
    """`frame`: 1 row = label × series: label (in order), series, value (≥ 0, null where unknown), text (written inside a
    part wide enough, else in the tooltip only). At most six series, in the order given; the legend names them."""
    labels = frame["label"].unique()
    frame = frame.assign(value=frame["value"].astype(float).fillna(0), place=frame["series"].map(series.index))
    frame = frame.assign(line=frame["label"].map(list(labels).index)).sort_values(["line", "place"], kind="stable")
    frame["end"] = frame.groupby("label")["value"].cumsum()
    frame["start"] = frame["end"] - frame["value"]
    frame["middle"] = (frame["start"] + frame["end"]) / 2
    colours = dict(zip(series, theme.SERIES, strict=False))
    frame["ink"] = [theme.ink_on(colours[name]) for name in frame["series"]]
    rows = frame[["label", "series", "start", "end", "middle", "text", "ink"]]
    return filled(_stacked(tuple(series), title, share), AXIS + LEGEND + (ROW + 6) * len(labels), rows=rows)


@stencil
def _stacked(series: tuple[str, ...], title: str, share: bool) -> Drawn:
    base = alt.Chart(_ROWS).encode(axes.kept("label"))
    colours = alt.Scale(domain=list(series), range=list(theme.SERIES[: len(series)]))
    parts = base.mark_bar(height={"band": 0.62}, stroke=theme.PAPER, strokeWidth=1.5).encode(
        axes.across("start", title, share=share),
        x2="end",
        color=alt.Color("series:N", scale=colours, sort=list(series), title=None),
        tooltip=[
            alt.Tooltip("label:N", title="項目"),
            alt.Tooltip("series:N", title="区分"),
            alt.Tooltip("text:N", title="値"),
        ],
    )
    fits = f"scale('x', datum.end) - scale('x', datum.start) > length(datum.text) * {_LETTER}"
    inside = base.mark_text(fontSize=11.5).encode(
        alt.X("middle:Q"),
        text=alt.condition(fits, alt.Text("text:N"), alt.value("")),
        color=alt.Color("ink:N", scale=None),
    )
    return alt.layer(parts, inside)
