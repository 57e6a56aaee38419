"""Control charts of series made by hand, each showing one rule."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from pipelines.statistics.control_chart import ControlCharts, control_charts

GAP = np.nan


def chart(*series: float, is_count: bool = False) -> ControlCharts:
    return control_charts(np.array([series], dtype=float), is_count=np.array([is_count]))


def months(charts: ControlCharts, rule: str) -> list[int]:
    return [int(month) for month in np.flatnonzero(charts.signals[rule][0])]


def test_limits_are_the_mean_and_2_66_mean_moving_ranges() -> None:
    """Mean 50, ranges 2 4 2 4 2 4 2 4 2 4 2 → mean 32 / 11."""
    found = chart(49, 51, 47, 49, 53, 49, 51, 47, 49, 53, 49, 51)
    mean = 598 / 12
    ranges = (2 + 4 + 2 + 4 + 4 + 2 + 4 + 2 + 4 + 4 + 2) / 11
    assert found.centre[0] == pytest.approx(mean)
    assert (found.lower[0], found.upper[0]) == pytest.approx((mean - 2.66 * ranges, mean + 2.66 * ranges))
    assert [rule for rule in found.signals if months(found, rule)] == []


def test_a_point_outside_the_limits() -> None:
    found = chart(50, 52, 50, 52, 50, 52, 90, 50, 52, 50, 52, 50)
    assert months(found, "outside") == [6]
    assert months(found, "two_of_3") == []


def test_seven_on_one_side_are_all_named_and_six_are_not() -> None:
    six_high = [20, 80, 20, 80, 20, 60, 61, 60, 61, 60, 61, 20, 80, 20]
    assert months(chart(*six_high), "run_of_7") == []
    seven_high = [20, 80, 20, 80, 20, 60, 61, 60, 61, 60, 61, 60, 20, 80, 20]
    assert months(chart(*seven_high), "run_of_7") == [5, 6, 7, 8, 9, 10, 11]
    below = chart(*[100 - value for value in seven_high])
    assert months(below, "run_of_7") == [5, 6, 7, 8, 9, 10, 11]


def test_a_point_on_the_mean_ends_a_run() -> None:
    found = chart(*[8, 12] * 3, *[11] * 3, 10, *[11] * 3, *[7, 7], *[10] * 3, *[12, 8])
    assert found.centre[0] == 10
    assert months(found, "run_of_7") == []


def test_seven_rising_or_falling_are_named() -> None:
    rising = [50, 40, 10, 20, 30, 40, 50, 60, 70, 30, 60, 20]
    assert months(chart(*rising), "trend_of_7") == [2, 3, 4, 5, 6, 7, 8]
    assert months(chart(*[100 - value for value in rising]), "trend_of_7") == [2, 3, 4, 5, 6, 7, 8]
    level = [50, 40, 10, 20, 30, 30, 50, 60, 70, 30, 60, 20]  # two alike are no rise
    assert months(chart(*level), "trend_of_7") == []


def test_two_of_three_in_the_outer_third_of_the_same_side() -> None:
    base = [49, 51] * 12
    found = chart(*base[:4], 54.8, 50, 54.8, *base[7:])
    two_sigma = found.centre[0] + (found.upper[0] - found.centre[0]) * 2 / 3
    assert two_sigma < 54.8 < found.upper[0]
    assert months(found, "two_of_3") == [4, 6]
    assert months(chart(*base[:4], 54.8, 50, 45.2, *base[7:]), "two_of_3") == []
    assert months(chart(*base[:4], 54.8, 50, 51, 54.8, *base[8:]), "two_of_3") == []


def test_an_unknown_month_ends_runs_trends_and_threes_and_makes_no_moving_range() -> None:
    found = chart(20, 80, 20, 80, 20, 60, 61, 60, GAP, 60, 61, 60, 61, 20, 80)
    assert months(found, "run_of_7") == []
    without_gap = chart(10, 20, 10, 20, 10, 20, 10, 20, 10, 20, 10, 20, GAP, 90)
    assert without_gap.upper[0] == pytest.approx(np.mean([10, 20] * 6 + [90]) + 2.66 * 10)
    rising = chart(50, 40, 10, 20, 30, GAP, 50, 60, 70, 30, 60, 20)
    assert months(rising, "trend_of_7") == []


def test_without_two_neighbouring_months_there_are_no_limits() -> None:
    found = chart(*[20, GAP] * 12)
    assert np.isnan(found.lower[0]) and np.isnan(found.upper[0])
    assert not any(flags.any() for flags in found.signals.values())


def test_a_constant_series_has_no_signal() -> None:
    found = chart(*[0.1] * 30)
    assert not any(flags.any() for flags in found.signals.values())


def test_small_counts_have_exact_poisson_limits() -> None:
    found = chart(*[2, 3, 1, 2] * 3, 9, is_count=True)
    mean = (8 * 3 + 9) / 13
    assert found.is_poisson[0]
    assert poisson.cdf(found.upper[0], mean) >= 0.99865 > poisson.cdf(found.upper[0] - 1, mean)
    assert found.lower[0] == 0
    assert months(found, "outside") == [12]


def test_none_at_all_is_nothing_unusual_of_a_small_count() -> None:
    found = chart(*[0, 0, 1] * 5, is_count=True)
    assert found.lower[0] == 0
    assert months(found, "two_of_3") == []


def test_the_outer_third_of_a_small_count_lies_beyond_two_sigma() -> None:
    found = chart(*[4, 5, 4, 5] * 4, 11, 4, 11, is_count=True)
    mean = (18 * 4 + 26) / 19
    assert poisson.cdf(10, mean) >= 0.97725 and found.upper[0] > 11
    assert months(found, "two_of_3") == [16, 18]
    ten = chart(*[4, 5, 4, 5] * 4, 10, 4, 10, is_count=True)
    assert months(ten, "two_of_3") == []


@pytest.mark.parametrize(("mean", "is_count", "expected"), [(9.5, True, True), (10, True, False), (0.5, False, False)])
def test_only_counts_with_a_mean_below_ten_are_poisson(mean: float, is_count: bool, expected: bool) -> None:
    assert bool(chart(*[mean - 0.5, mean + 0.5] * 6, is_count=is_count).is_poisson[0]) is expected


def test_many_series_at_once_are_what_each_is_alone() -> None:
    values = np.random.default_rng(3).poisson(np.arange(1, 41)[:, None], (40, 36)).astype(float)
    values[np.random.default_rng(4).random(values.shape) < 0.1] = GAP
    together = control_charts(values, is_count=np.ones(40, dtype=bool))
    for row, series in enumerate(values):
        alone = chart(*series, is_count=True)
        assert (alone.lower[0], alone.upper[0]) == (together.lower[row], together.upper[row])
        assert all(np.array_equal(alone.signals[rule][0], flags[row]) for rule, flags in together.signals.items())


def test_no_series_no_chart() -> None:
    empty = control_charts(np.empty((0, 0)), is_count=np.empty(0, dtype=bool))
    assert all(flags.shape == (0, 0) for flags in empty.signals.values())
