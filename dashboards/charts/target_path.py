"""The way from the first printed figure to the target: what is, against an even path."""

from __future__ import annotations

from datetime import date

import altair as alt
import pandas as pd

from dashboards import theme
from dashboards.charts.stencil import Spec, finished


def even_path(start: date, start_value: int, end: date, end_value: int) -> pd.DataFrame:
    """1 row = one anniversary of `start` up to `end`: day, count (the even path's value there, not rounded)."""
    days = [start.replace(year=year) for year in range(start.year, end.year + 1)]
    per_year = (end_value - start_value) / (end.year - start.year)
    return pd.DataFrame({"day": pd.to_datetime(days), "count": [start_value + per_year * i for i in range(len(days))]})


def target_path(actual: pd.DataFrame, path: pd.DataFrame, projection: pd.DataFrame | None = None) -> Spec:
    """`actual` (day, count, label; the last row is the month shown) against `path` (day, count; last the target).

    `projection` (day, count, lower, upper): where it goes if it goes on as it did, with an 80 % interval.
    """
    floor = int(min(actual["count"].min(), path["count"].min(), _lowest(projection))) - 2
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
        *_projected(projection, x, y, floor),
        *_ideal(path, x, y),
        drop.encode(y=alt.Y("floor:Q"), y2="count"),
        here.encode(x, y),
        point,
        label.encode(text="label:N"),
    ]
    return finished(alt.layer(*layers, height=330))


def _projected(projection: pd.DataFrame | None, x: alt.X, y: alt.Y, floor: int) -> list[alt.Chart]:
    """The interval and the middle of the projection; its figure stands at the foot, where nothing else is."""
    if projection is None or projection.empty:
        return []
    base = alt.Chart(projection[["day", "count", "lower", "upper"]]).encode(x)
    end = projection.tail(1)
    words = f"見通し {end['count'].iloc[0]:.1f}({end['lower'].iloc[0]:.0f}〜{end['upper'].iloc[0]:.0f})"
    name = alt.Chart(end.assign(text=words, count=floor + 1)).encode(x, y)
    return [
        base.mark_area(color=theme.BAND, opacity=0.75).encode(alt.Y("lower:Q"), y2="upper"),
        base.mark_line(color=theme.ACTUAL, strokeDash=[2, 3], strokeWidth=2).encode(y),
        name.mark_text(align="right", dx=12, fontSize=12.5, color=theme.ACTUAL).encode(text="text:N"),
    ]


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


def _lowest(projection: pd.DataFrame | None) -> float:
    return float("inf") if projection is None or projection.empty else float(projection["lower"].min())


def _on_path(path: pd.DataFrame, day: pd.Timestamp) -> float:
    """The path's value on a day between its dates."""
    dated = path.set_index("day")["count"]
    return float(dated.reindex(dated.index.union([day])).interpolate("time").loc[day])
