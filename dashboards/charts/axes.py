"""Axes shared by charts: months in 和暦, numbers with thousands marks."""

from __future__ import annotations

import altair as alt

# Every April with its year, the months between with their number alone; in a long row the first month of every quarter only.
_MONTH = "month(datum.value) === 3 ? '令和' + (year(datum.value) - 2018) + '年4月' : (month(datum.value) + 1) + '月'"
_QUARTER = f"month(datum.value) % 3 !== 0 ? '' : {_MONTH}"
LONG = 18  # months


def months(field: str = "period", *, is_long: bool = False) -> alt.X:
    """Time on x, one tick a month where there is room."""
    words = _QUARTER if is_long else _MONTH
    axis = alt.Axis(labelExpr=words, labelOverlap="greedy", grid=False, tickCount="month", labelAngle=0)
    return alt.X(f"{field}:T", title=None, axis=axis, scale=alt.Scale(nice=False, padding=14))


def amount(field: str, title: str, *, share: bool = False, zero: bool = True) -> alt.Y:
    """A quantity on y; a share is a fraction, written in per cent."""
    axis = alt.Axis(format=".0%" if share else ",~f", tickMinStep=0.01 if share else 1, tickCount=5)
    return alt.Y(f"{field}:Q", title=title, axis=axis, scale=alt.Scale(zero=zero, nice=True))


def across(field: str, title: str, *, share: bool = False) -> alt.X:
    """A quantity on x, from zero."""
    axis = (
        alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
        if share
        else alt.Axis(format=",~f", tickMinStep=1, tickCount=5, labelOverlap="greedy", labelSeparation=8)
    )
    return alt.X(f"{field}:Q", title=title, axis=axis, scale=alt.Scale(zero=True, nice=True))


def kept(field: str, *, limit: int = 320) -> alt.Y:
    """Names on y in the order of the rows."""
    return alt.Y(f"{field}:N", title=None, sort=None, axis=alt.Axis(labelLimit=limit, ticks=False, domain=False))
