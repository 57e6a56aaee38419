"""Months in a row: one series with the limits of its usual variation (XmR), or a few side by side."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import pandas as pd

from dashboards import theme
from dashboards.charts import axes
from dashboards.charts.stencil import Drawn, Spec, filled, stencil

DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 2], [1, 3])


@dataclass(frozen=True)
class Limits:
    """Centre and natural limits of a series, in the unit of its values."""

    centre: float
    lower: float
    upper: float


def control(frame: pd.DataFrame, title: str, limits: Limits | None, *, share: bool = False) -> Spec:
    """`frame`: 1 row = month: period, value (null: a gap), text (figure or mark), signal (rule's short name, or blank).
    Points with a signal are orange diamonds; months without a figure carry their mark at the foot."""
    rows = frame[["period", "value", "text", "signal"]].assign(foot=0.0, is_signal=frame["signal"] != "")
    if limits is None:
        return filled(_control(title, share, len(rows) > axes.LONG, has_limits=False), 230, rows=rows)
    ends = pd.DataFrame({"period": [frame["period"].min(), frame["period"].max()]})
    ends = ends.assign(lower=max(0.0, limits.lower), upper=limits.upper, centre=limits.centre)
    return filled(_control(title, share, len(rows) > axes.LONG, has_limits=True), 230, rows=rows, limits=ends)


@stencil
def _control(title: str, share: bool, is_long: bool, *, has_limits: bool) -> Drawn:
    x, y = axes.months(is_long=is_long), axes.amount("value", title, share=share)
    base = alt.Chart(alt.NamedData("rows")).encode(x)
    line = base.mark_line(color=theme.ACTUAL, strokeWidth=2).encode(y)
    points = base.mark_point(filled=True, opacity=1).encode(
        y,
        color=alt.condition("datum.is_signal", alt.value(theme.TARGET), alt.value(theme.ACTUAL)),
        shape=alt.condition("datum.is_signal", alt.value("diamond"), alt.value("circle")),
        size=alt.condition("datum.is_signal", alt.value(120), alt.value(38)),
        tooltip=[
            alt.Tooltip("period:T", title="月", format="%Y-%m"),
            alt.Tooltip("text:N", title="値"),
            alt.Tooltip("signal:N", title="変化の手がかり"),
        ],
    )
    absent = base.transform_filter("!isValid(datum.value)").mark_text(dy=-8, fontSize=13, color=theme.QUIET)
    limits = _limit_layers() if has_limits else []
    return alt.layer(*limits, line, points, absent.encode(alt.Y("foot:Q"), text="text:N"))


def _limit_layers() -> list[alt.Chart]:
    base = alt.Chart(alt.NamedData("limits")).encode(alt.X("period:T"))
    return [
        base.mark_area(color=theme.BAND, opacity=0.6).encode(alt.Y("lower:Q"), y2="upper"),
        base.mark_line(color=theme.PATH, strokeDash=[5, 4], strokeWidth=1.3).encode(alt.Y("centre:Q")),
    ]


def side_by_side(frame: pd.DataFrame, series: list[str], title: str, *, share: bool = False) -> Spec:
    """`frame`: 1 row = month × series: period, series, value (null: a gap), text. At most six series, told apart by colour,
    dash and the name at the line's end (those that would touch are named by the legend alone)."""
    rows = frame[["period", "series", "value", "text"]]
    ends = rows.dropna(subset="value").drop_duplicates("series", keep="last")
    return filled(_side_by_side(tuple(series), title, share), 250, rows=rows, ends=ends)


@stencil
def _side_by_side(series: tuple[str, ...], title: str, share: bool) -> Drawn:
    order = list(series)
    colours = alt.Scale(domain=order, range=list(theme.SERIES[: len(order)]))
    dashes = alt.Scale(domain=order, range=[list(dash) for dash in DASHES[: len(order)]])
    colour = alt.Color("series:N", sort=order, title=None, scale=colours)
    dash = alt.StrokeDash("series:N", sort=order, title=None, scale=dashes)
    base = alt.Chart(alt.NamedData("rows")).encode(axes.months(), axes.amount("value", title, share=share))
    line = base.mark_line(strokeWidth=2.2).encode(colour, dash)
    points = base.mark_circle(size=30, opacity=1).encode(
        colour,
        tooltip=[
            alt.Tooltip("period:T", title="月", format="%Y-%m"),
            alt.Tooltip("series:N", title="系列"),
            alt.Tooltip("text:N", title="値"),
        ],
    )
    ends = alt.Chart(alt.NamedData("ends")).encode(alt.X("period:T"), alt.Y("value:Q"), colour)
    figure = ends.mark_text(align="right", dx=6, dy=-11, fontWeight="bold", fontSize=12).encode(text="text:N")
    return alt.layer(line, points, figure)
