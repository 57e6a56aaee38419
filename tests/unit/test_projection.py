"""The projection of municipalities with a window: bounded, never falling, and exact where a closed form exists."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom

from pipelines.statistics.projection import PRIOR_MONTHS, PRIOR_OPENINGS, Openings, Projection, project


def after(months: int) -> list[tuple[int, int]]:
    """Steps of one month from March on: Aprils and other months."""
    aprils = [(step + 11) // 12 for step in range(months + 1)]
    return [(april, step - april) for step, april in enumerate(aprils)]


def of_saitama(with_window: int, seen: list[Openings], months: int = 24) -> Projection:
    return project(
        with_window=with_window, without=63 - with_window, seen=seen, ahead=after(months), levels=(0.8, 0.95)
    )


@st.composite
def openings(draw: st.DrawFn) -> Openings:
    months = draw(st.integers(0, 3_000))
    return Openings(months, draw(st.integers(0, min(months, 60))))


@given(with_window=st.integers(0, 63), seen=st.tuples(openings(), openings()))
def test_it_never_falls_and_stays_between_what_is_and_all_there_are(
    with_window: int, seen: tuple[Openings, Openings]
) -> None:
    found = of_saitama(with_window, list(seen), months=18)
    (lower_80, upper_80), (lower_95, upper_95) = found.bounds[0.8], found.bounds[0.95]
    for line in (found.mean, lower_80, upper_80, lower_95, upper_95):
        assert np.all(np.diff(line) >= -1e-9)
        assert line[0] == with_window
        assert np.all((line >= with_window - 1e-9) & (line <= 63 + 1e-9))
    assert np.all((lower_95 <= lower_80) & (lower_80 <= found.mean + 1e-9))
    assert np.all((found.mean <= upper_80 + 1e-9) & (upper_80 <= upper_95))


def test_one_step_is_the_beta_binomial() -> None:
    seen = Openings(240, 9)
    found = project(with_window=51, without=12, seen=[seen], ahead=[(1,)], levels=(0.95,))
    exact = betabinom(12, PRIOR_OPENINGS + 9, PRIOR_MONTHS - PRIOR_OPENINGS + 240 - 9)
    assert found.mean[0] == 51 + exact.mean() or abs(found.mean[0] - 51 - exact.mean()) < 1e-9
    assert (found.bounds[0.95][0][0], found.bounds[0.95][1][0]) == (51 + exact.ppf(0.025), 51 + exact.ppf(0.975))


def test_many_steps_are_what_drawing_at_random_gives() -> None:
    seen = [Openings(24, 3), Openings(260, 4)]
    found = of_saitama(54, seen)
    rng = np.random.default_rng(5)
    chance = [rng.beta(*kind.posterior, 200_000) for kind in seen]
    still = (1 - chance[0]) ** 2 * (1 - chance[1]) ** 22
    drawn = 54 + rng.binomial(9, 1 - still)
    assert abs(found.mean[24] - drawn.mean()) < 0.02
    assert tuple(bound[24] for bound in found.bounds[0.95]) == tuple(np.quantile(drawn, [0.025, 0.975]))
    assert tuple(bound[24] for bound in found.bounds[0.8]) == tuple(np.quantile(drawn, [0.1, 0.9]))


def test_who_opened_in_april_will_open_in_april() -> None:
    found = of_saitama(55, [Openings(20, 6), Openings(220, 1)], months=14)
    steps = np.diff(found.mean)
    assert steps[0] > 5 * steps[1:12].max()
    assert steps[12] > 5 * steps[1:12].max()


def test_seeing_more_narrows_the_band() -> None:
    little = of_saitama(51, [Openings(12, 1), Openings(132, 2)])
    much = of_saitama(51, [Openings(1_200, 100), Openings(13_200, 200)])
    assert much.bounds[0.95][1][24] - much.bounds[0.95][0][24] < little.bounds[0.95][1][24] - little.bounds[0.95][0][24]


def test_all_there_is_all_there_will_be() -> None:
    found = of_saitama(63, [Openings(5, 5), Openings(50, 7)])
    assert np.all(found.mean == 63)
    assert all(np.all(bound == 63) for pair in found.bounds.values() for bound in pair)
