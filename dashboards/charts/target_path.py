"""The way from the first printed figure to the target: what is, against an even path."""

from __future__ import annotations

from datetime import date

import altair as alt
import pandas as pd

from dashboards import theme


def even_path(start: date, start_value: int, end: date, end_value: int) -> pd.DataFrame:
    """1 row = one anniversary of `start` up to `end`: day, count (the even path's value there, not rounded)."""
    days = [start.replace(year=year) for year in range(start.year, end.year + 1)]
    per_year = (end_value - start_value) / (end.year - start.year)
    return pd.DataFrame({"day": pd.to_datetime(days), "count": [start_value + per_year * i for i in range(len(days))]})


def target_path(actual: pd.DataFrame, path: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """`actual` (day, count, label; the last row is the month shown) against `path` (day, count; last the target)."""
    floor = int(min(actual["count"].min(), path["count"].min())) - 2
    x = alt.X(
        "day:T",
        title=None,
        scale=alt.Scale(nice=False, padding=24),
        axis=alt.Axis(
            values=[alt.DateTime(year=day.year, month=day.month, date=day.day) for day in path["day"]],
            labelExpr="'令和' + (year(datum.value) - 2018) + '年' + (month(datum.value) + 1) + '月'",
            grid=False,
        ),
    )
    ceiling = int(path["count"].max()) + 2
    y = alt.Y(
        "count:Q",
        title="市町村数",
        scale=alt.Scale(domain=[floor, ceiling], zero=False, nice=False),
        axis=alt.Axis(values=path["count"].tolist(), format=".3~f"),
    )
    ideal = alt.Chart(path).encode(x, y)
    line = ideal.mark_line(color=theme.PATH, strokeDash=[5, 4], strokeWidth=1.5, aria=False)
    steps = ideal.transform_filter(alt.datum.count < int(path["count"].max()))
    stops = steps.mark_point(shape="diamond", size=60, filled=True, color=theme.PATH, aria=False)
    stop_text = steps.mark_text(dy=16, color=theme.QUIET, fontSize=12, aria=False).encode(
        text=alt.Text("count:Q", format=".3~f")
    )
    goal = alt.Chart(path.tail(1).assign(text=f"目標 {path['count'].iloc[-1]:.0f}")).encode(x, y)
    goal_point = goal.mark_point(
        shape="diamond", size=170, filled=False, strokeWidth=2.5, color=theme.TARGET, aria=False
    )
    goal_text = goal.mark_text(
        dy=-17, align="right", dx=12, color=theme.TARGET, fontSize=14, fontWeight="bold", aria=False
    ).encode(text="text:N")
    real = (
        alt.Chart(actual)
        .mark_line(color=theme.ACTUAL, strokeWidth=3.5, interpolate="step-after", aria=False)
        .encode(x, y)
    )
    now = alt.Chart(actual.tail(1).assign(floor=floor)).encode(x, y)
    now_rule = now.mark_rule(color=theme.ACTUAL, strokeDash=[2, 3], opacity=0.55, aria=False).encode(
        y=alt.Y("floor:Q"), y2="count"
    )
    now_point = now.mark_circle(size=130, color=theme.ACTUAL, opacity=1, aria=False).encode(
        tooltip=[alt.Tooltip("label:N", title="時点"), alt.Tooltip("count:Q", title="市町村数")]
    )
    now_text = now.mark_text(
        dx=-10, dy=-16, align="left", color=theme.ACTUAL, fontSize=15, fontWeight="bold", aria=False
    ).encode(text="label:N")
    return alt.layer(
        line, stops, stop_text, now_rule, real, now_point, now_text, goal_point, goal_text, height=330
    ).resolve_scale(x="shared", y="shared")
