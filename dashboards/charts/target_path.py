"""The way from the first printed figure to the target: what is, against an even path."""

from __future__ import annotations

from datetime import date

import altair as alt
import pandas as pd

from dashboards import theme
from dashboards.charts.stencil import Drawn, Spec, filled, stencil


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
    # The label stands beside the point, on the side away from the path.
    is_below = actual["count"].iloc[-1] < _on_path(path, actual["day"].iloc[-1])
    rows = {
        "actual": actual,
        "now": actual.tail(1).assign(floor=floor),
        "path": path,
        "stops": path.head(-1),
        "goal": path.tail(1).assign(text=f"目標 {path['count'].iloc[-1]:.0f}"),
    }
    has_projection = False
    if projection is not None and not projection.empty:
        has_projection = True
        rows |= {"ahead": projection[["day", "count", "lower", "upper"]], "ahead_end": _ahead_end(projection, floor)}
    drawn = _target_path(tuple(path["day"].dt.date), tuple(path["count"].tolist()), floor, is_below, has_projection)
    return filled(drawn, 330, numbers=None, **rows)


def _ahead_end(projection: pd.DataFrame, floor: int) -> pd.DataFrame:
    """The figure of the projection stands at the foot, where nothing else is."""
    end = projection.tail(1)
    words = f"見通し {end['count'].iloc[0]:.1f}({end['lower'].iloc[0]:.0f}〜{end['upper'].iloc[0]:.0f})"
    return end.assign(text=words, count=floor + 1)


@stencil
def _target_path(
    days: tuple[date, ...], counts: tuple[float, ...], floor: int, is_below: bool, has_projection: bool
) -> Drawn:
    x, y = _axes(days, counts, floor)
    here = alt.Chart(alt.NamedData("actual")).mark_line(
        color=theme.ACTUAL, strokeWidth=3.5, interpolate="step-after", aria=False
    )
    now = alt.Chart(alt.NamedData("now")).encode(x, y)
    drop = now.mark_rule(color=theme.ACTUAL, strokeDash=[2, 3], opacity=0.55, aria=False)
    point = now.mark_circle(size=130, color=theme.ACTUAL, opacity=1, aria=False)
    label = now.mark_text(
        dx=12 if is_below else -10,
        dy=14 if is_below else -16,
        align="left",
        color=theme.ACTUAL,
        fontSize=15,
        fontWeight="bold",
        aria=False,
    )
    return alt.layer(
        *(_projected(x, y) if has_projection else []),
        *_ideal(x, y),
        drop.encode(y=alt.Y("floor:Q"), y2="count"),
        here.encode(x, y),
        point,
        label.encode(text="label:N"),
    )


def _projected(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """The interval and the middle of the projection, and its figure."""
    base = alt.Chart(alt.NamedData("ahead")).encode(x)
    name = alt.Chart(alt.NamedData("ahead_end")).encode(x, y)
    return [
        base.mark_area(color=theme.BAND, opacity=0.75).encode(alt.Y("lower:Q"), y2="upper"),
        base.mark_line(color=theme.ACTUAL, strokeDash=[2, 3], strokeWidth=2).encode(y),
        name.mark_text(align="right", dx=12, fontSize=12.5, color=theme.ACTUAL).encode(text="text:N"),
    ]


def _axes(days: tuple[date, ...], counts: tuple[float, ...], floor: int) -> tuple[alt.X, alt.Y]:
    """Time with the path's dates as ticks, in 和暦; counts with the path's counts as ticks."""
    dates = alt.Axis(
        values=[alt.DateTime(year=day.year, month=day.month, date=day.day) for day in days],
        labelExpr="'令和' + (year(datum.value) - 2018) + '年' + (month(datum.value) + 1) + '月'",
        grid=False,
    )
    scale = alt.Scale(domain=[floor, int(max(counts)) + 2], zero=False, nice=False)
    return (
        alt.X("day:T", title=None, scale=alt.Scale(nice=False, padding=24), axis=dates),
        alt.Y("count:Q", title="市町村数", scale=scale, axis=alt.Axis(values=list(counts), format=".3~f")),
    )


def _ideal(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """The even path, its dates and the target at its end."""
    ideal, stops, goal = (alt.Chart(alt.NamedData(name)).encode(x, y) for name in ("path", "stops", "goal"))
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
