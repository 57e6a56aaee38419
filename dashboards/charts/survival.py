"""How long support lasts: the Kaplan–Meier curve with its band and the numbers at risk."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboards import theme
from dashboards.charts.stencil import Drawn, Spec, filled, stencil

EVERY = 6  # months between two numbers at risk


def survival(frame: pd.DataFrame) -> Spec:
    """`frame`: 1 row = months since acceptance, from 0: months, at_risk, survival, lower_95, upper_95 (fractions)."""
    rows = frame[["months", "at_risk", "survival", "lower_95", "upper_95"]].astype(float)
    return filled(_survival(), 290, rows=rows, at_risk=rows.loc[rows["months"] % EVERY == 0, ["months", "at_risk"]])


@stencil
def _survival() -> Drawn:
    x = alt.X(
        "months:Q",
        title="受理からの月数",
        axis=alt.Axis(tickMinStep=1, grid=False),
        scale=alt.Scale(nice=False, padding=18),
    )
    shares = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
    y = alt.Y("survival:Q", title="支援が続いている割合", axis=shares, scale=alt.Scale(domain=[-0.14, 1.02]))
    base = alt.Chart(alt.NamedData("rows")).encode(x)
    band = base.mark_area(color=theme.BAND, opacity=0.8, interpolate="step-after").encode(
        alt.Y("lower_95:Q"), y2="upper_95"
    )
    line = base.mark_line(color=theme.ACTUAL, strokeWidth=2.5, interpolate="step-after").encode(
        y,
        tooltip=[alt.Tooltip("months:Q", title="月数"), alt.Tooltip("survival:Q", title="割合", format=".1%")],
    )
    half = alt.Chart(alt.InlineData([{"survival": 0.5}])).mark_rule(color=theme.PATH, strokeDash=[5, 4]).encode(y)
    at_risk = (
        alt.Chart(alt.NamedData("at_risk"))
        .mark_text(fontSize=11, color=theme.QUIET)
        .encode(x, alt.YDatum(-0.08), text=alt.Text("at_risk:Q", format=",~f"))
    )
    return alt.layer(band, half, line, at_risk)
