"""Municipalities of unequal size against the prefecture: a funnel. Colour only beyond 99.8 %; nobody is ranked."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboards import theme
from dashboards.charts.stencil import Drawn, Spec, filled, stencil


def funnel(points: pd.DataFrame, size_title: str, value_title: str, *, share: bool) -> Spec:
    """`points`: 1 row = municipality: label, size (denominator), value, centre, lower_95, upper_95, lower_998, upper_998,
    is_chosen (bool: named in any case). The limits of every municipality belong to its own size."""
    points = points.sort_values("size").reset_index(drop=True)
    points["is_outside"] = (points["value"] > points["upper_998"]) | (points["value"] < points["lower_998"])
    points["name"] = points["label"].where(points["is_outside"] | points["is_chosen"], "")
    # High enough for every municipality and most of the band; the band of the smallest is cut.
    top = max(float(points["value"].max()) * 1.15, float(points["centre"].iloc[0]) * 2)
    top = min(top, 1.0) if share else top
    return filled(_funnel(size_title, value_title, share), 380, numbers={"top": top}, points=points)


@stencil
def _funnel(size_title: str, value_title: str, share: bool) -> Drawn:
    x = alt.X(
        "size:Q",
        title=size_title,
        axis=alt.Axis(format=",~f", grid=False, tickCount=8),
        scale=alt.Scale(type="sqrt", nice=True),
    )
    axis = alt.Axis(format=".0%" if share else ",.1~f", tickCount=6)
    scale = alt.Scale(domainMin=0, domainMax=alt.ExprRef("top"), nice=False, clamp=True)
    y = alt.Y("value:Q", title=value_title, axis=axis, scale=scale)
    base = alt.Chart(alt.NamedData("points")).encode(x)
    wide = base.mark_area(color=theme.BAND, opacity=0.45).encode(alt.Y("lower_998:Q"), y2="upper_998")
    narrow = base.mark_area(color=theme.BAND, opacity=0.9).encode(alt.Y("lower_95:Q"), y2="upper_95")
    centre = base.mark_line(color=theme.PATH, strokeDash=[5, 4], strokeWidth=1.3).encode(alt.Y("centre:Q"))
    dots = base.mark_point(filled=True, opacity=1, stroke=theme.PAPER, strokeWidth=0.7).encode(
        y,
        color=alt.condition("datum.is_outside", alt.value(theme.TARGET), alt.value(theme.ACTUAL)),
        shape=alt.condition("datum.is_outside", alt.value("diamond"), alt.value("circle")),
        size=alt.condition("datum.is_chosen || datum.is_outside", alt.value(150), alt.value(60)),
        tooltip=[
            alt.Tooltip("label:N", title="市町村"),
            alt.Tooltip("size:Q", title=size_title, format=",~f"),
            alt.Tooltip("value:Q", title=value_title, format=".1%" if share else ",.1f"),
        ],
    )
    names = base.mark_text(align="left", dx=8, fontSize=12, fontWeight="bold").encode(y, text="name:N")
    return alt.layer(wide, narrow, centre, dots, names).add_params(alt.param(name="top", value=1))
