"""Control charts of monthly series: which months chance alone does not explain.

XmR charts with the four rules of NHS Making Data Count; exact Poisson limits for small counts. Many series at once: a row
is a series, a column a month, NaN a month that is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import special

from pipelines.statistics.distributions import Floats, poisson_quantile

Flags = NDArray[np.bool_]

MOVING_RANGE_FACTOR = 2.66
SMALL_MEAN = 10
THREE_SIGMA_TAIL, TWO_SIGMA_TAIL = float(special.ndtr(-3)), float(special.ndtr(-2))
_RUN = 7
_ROUNDING = 1e-9  # relative; a constant series has no point outside its own mean


@dataclass(frozen=True)
class ControlCharts:
    """One chart a series. Limits are NaN where no two neighbouring months are known; `signals` is by rule."""

    is_poisson: Flags
    centre: Floats
    lower: Floats
    upper: Floats
    signals: Mapping[str, Flags]


def control_charts(values: Floats, *, is_count: Flags) -> ControlCharts:
    """Charts of series × months. Counts with a mean below 10 get exact Poisson limits, all else mean ± 2.66 × moving range.

    A moving range needs two neighbouring months; a month that is not known ends a run, a trend and a window of three.
    `is_count` is by series.
    """
    centre = np.nanmean(values, axis=1)
    is_poisson = is_count & (centre < SMALL_MEAN)
    reach = _reach(values)
    limits, near = (centre - reach, centre + reach), (centre - reach * 2 / 3, centre + reach * 2 / 3)
    for bounds, tail in ((limits, THREE_SIGMA_TAIL), (near, TWO_SIGMA_TAIL)):
        bounds[0][is_poisson] = poisson_quantile(tail, centre[is_poisson])
        bounds[1][is_poisson] = poisson_quantile(1 - tail, centre[is_poisson])
    return ControlCharts(is_poisson, centre, *limits, _signals(values, centre, limits, near))


def _reach(values: Floats) -> Floats:
    """From the centre to a limit of an XmR chart."""
    moving_range = np.abs(np.diff(values, axis=1))
    known = ~np.isnan(moving_range)
    with np.errstate(invalid="ignore"):
        mean_range = np.where(known, moving_range, 0).sum(axis=1) / known.sum(axis=1)  # NaN where none is known
    return MOVING_RANGE_FACTOR * mean_range


def _signals(
    values: Floats, centre: Floats, limits: tuple[Floats, Floats], near: tuple[Floats, Floats]
) -> dict[str, Flags]:
    middle = centre[:, None]
    slack = _ROUNDING * np.maximum(np.abs(middle), 1)
    above, below = values - middle, middle - values  # NaN is neither
    outside = (values < limits[0][:, None] - slack) | (values > limits[1][:, None] + slack)
    outer_below = (values < near[0][:, None] - slack) & ~outside
    outer_above = (values > near[1][:, None] + slack) & ~outside
    step = np.diff(values, axis=1)
    known = ~np.isnan(values)
    return {
        "outside": outside,
        "run_of_7": _part_of_run(above > slack, _RUN) | _part_of_run(below > slack, _RUN),
        "trend_of_7": _part_of_trend(step > slack, known) | _part_of_trend(step < -slack, known),
        "two_of_3": _two_of_three(outer_above, known) | _two_of_three(outer_below, known),
    }


def _part_of_run(flags: Flags, length: int) -> Flags:
    """Which flags belong to `length` or more in a row."""
    return _spread(np.all(_windows(flags, length), axis=2), length, flags.shape[1])


def _part_of_trend(steps: Flags, months: Flags) -> Flags:
    """Which months belong to seven or more rising (falling) in a row; `steps` lie between months."""
    return _spread(np.all(_windows(steps, _RUN - 1), axis=2), _RUN, months.shape[1])


def _two_of_three(outer: Flags, known: Flags) -> Flags:
    """Which flagged months are among two of three neighbouring ones, all three known."""
    found = (_windows(outer, 3).sum(axis=2) >= 2) & np.all(_windows(known, 3), axis=2)
    return outer & _spread(found, 3, outer.shape[1])


def _windows(flags: Flags, length: int) -> NDArray[np.bool_]:
    """Series × start × position in the window; no start where a series is shorter than the window."""
    if flags.shape[1] < length:
        return np.zeros((flags.shape[0], 0, length), dtype=bool)
    return sliding_window_view(flags, length, axis=1)


def _spread(starts: Flags, length: int, months: int) -> Flags:
    """Every month of the windows that begin at `starts`."""
    covered = np.zeros((starts.shape[0], months), dtype=bool)
    for offset in range(length):
        covered[:, offset : offset + starts.shape[1]] |= starts
    return covered
