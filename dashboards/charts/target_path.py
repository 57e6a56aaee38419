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
    x, y = _axes(path, floor)
    here = alt.Chart(actual).mark_line(color=theme.ACTUAL, strokeWidth=3.5, interpolate="step-after", aria=False)
    now = alt.Chart(actual.tail(1).assign(floor=floor)).encode(x, y)
    drop = now.mark_rule(color=theme.ACTUAL, strokeDash=[2, 3], opacity=0.55, aria=False)
    point = now.mark_circle(size=130, color=theme.ACTUAL, opacity=1, aria=False)
    # The label stands beside the point, on the side away from the path.
    is_below = actual["count"].iloc[-1] < _on_path(path, actual["day"].iloc[-1])
    label = now.mark_text(
        dx=12 if is_below else -10,
        dy=14 if is_below else -16,
        align="left",
        color=theme.ACTUAL,
        fontSize=15,
        fontWeight="bold",
        aria=False,
    )
    layers = [
        *_ideal(path, x, y),
        drop.encode(y=alt.Y("floor:Q"), y2="count"),
        here.encode(x, y),
        point,
        label.encode(text="label:N"),
    ]
    return alt.layer(*layers, height=330)


def _axes(path: pd.DataFrame, floor: int) -> tuple[alt.X, alt.Y]:
    """Time with the path's dates as ticks, in 和暦; counts with the path's counts as ticks."""
    dates = alt.Axis(
        values=[alt.DateTime(year=day.year, month=day.month, date=day.day) for day in path["day"]],
        labelExpr="'令和' + (year(datum.value) - 2018) + '年' + (month(datum.value) + 1) + '月'",
        grid=False,
    )
    counts = alt.Scale(domain=[floor, int(path["count"].max()) + 2], zero=False, nice=False)
    return (
        alt.X("day:T", title=None, scale=alt.Scale(nice=False, padding=24), axis=dates),
        alt.Y("count:Q", title="市町村数", scale=counts, axis=alt.Axis(values=path["count"].tolist(), format=".3~f")),
    )


def _ideal(path: pd.DataFrame, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """The even path, its dates and the target at its end."""
    ideal = alt.Chart(path).encode(x, y)
    stops = alt.Chart(path.head(-1)).encode(x, y)
    goal = alt.Chart(path.tail(1).assign(text=f"目標 {path['count'].iloc[-1]:.0f}")).encode(x, y)
    name = goal.mark_text(dy=-17, align="right", dx=12, color=theme.TARGET, fontSize=14, fontWeight="bold", aria=False)
    return [
        ideal.mark_line(color=theme.PATH, strokeDash=[5, 4], strokeWidth=1.5, aria=False),
        stops.mark_point(shape="diamond", size=60, filled=True, color=theme.PATH, aria=False),
        goal.mark_point(shape="diamond", size=170, filled=False, strokeWidth=2.5, color=theme.TARGET, aria=False),
        name.encode(text="text:N"),
    ]


def _on_path(path: pd.DataFrame, day: pd.Timestamp) -> float:
    """The path's value on a day between its dates."""
    dated = path.set_index("day")["count"]
    return float(dated.reindex(dated.index.union([day])).interpolate("time").loc[day])
