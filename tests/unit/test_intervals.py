"""Intervals and funnel limits against printed values and statsmodels, which shares no code with ours."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, poisson
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

from pipelines.statistics.intervals import binomial_funnel, garwood, poisson_funnel, wilson

# Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
NEWCOMBE = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
# Exact limits of a Poisson mean as tabulated since Garwood (1936).
GARWOOD = [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (100, 81.36, 121.63)]


@pytest.mark.parametrize(("numerator", "denominator", "lower", "upper"), NEWCOMBE)
def test_wilson_as_printed(numerator: int, denominator: int, lower: float, upper: float) -> None:
    assert wilson(numerator, denominator) == pytest.approx((lower, upper), abs=5e-5)


@pytest.mark.parametrize(("count", "lower", "upper"), GARWOOD)
def test_garwood_as_printed(count: int, lower: float, upper: float) -> None:
    assert garwood(count) == pytest.approx((lower, upper), rel=1e-3)


def test_wilson_equals_statsmodels_for_every_share_of_up_to_sixty() -> None:
    pairs = np.array([(k, n) for n in range(1, 61) for k in range(n + 1)])
    expected = np.array(proportion_confint(pairs[:, 0], pairs[:, 1], alpha=0.05, method="wilson"))
    found = wilson(pairs[:, 0], pairs[:, 1])
    assert np.allclose(found, expected, rtol=0, atol=1e-12)
    assert np.all((found[0] >= 0) & (found[0] <= pairs[:, 0] / pairs[:, 1]) & (found[1] <= 1))


def test_garwood_equals_statsmodels() -> None:
    counts = np.array([*range(60), 250, 5_000])
    expected = np.array([confint_poisson(count, 1, method="exact-c") for count in counts[1:]])
    found = np.array(garwood(counts))
    assert np.allclose(found[:, 1:].T, expected, rtol=1e-9)
    assert found[0, 0] == 0


def test_a_share_of_nothing_has_no_interval() -> None:
    assert np.isnan(wilson(0, 0)).all()


@pytest.mark.parametrize("tail", [0.025, 0.001])
def test_what_lies_outside_a_funnel_is_rarer_than_its_tail(tail: float) -> None:
    for size in (1, 2, 5, 13, 40, 300):
        for share in (0.0, 0.01, 0.1, 0.37, 0.5, 0.93, 1.0):
            lower, upper = binomial_funnel(share, size, tail)
            counts = np.arange(size + 1)
            assert binom.pmf(counts[counts < lower], size, share).sum() <= tail
            assert binom.pmf(counts[counts > upper], size, share).sum() <= tail
            assert 0 <= lower <= size * share + 1e-9
            assert size * share - 1e-9 <= upper <= size


@pytest.mark.parametrize("tail", [0.025, 0.001])
def test_the_lower_limit_is_spiegelhalters(tail: float) -> None:
    """r - (F(r) - p) / (F(r) - F(r - 1)) for the smallest r with F(r) > p, counted out."""
    size, share = 100, 0.1
    cdf = np.cumsum(binom.pmf(np.arange(size + 1), size, share))
    r = int(np.argmax(cdf > tail))
    below = cdf[r - 1] if r else 0.0
    assert binomial_funnel(share, size, tail)[0] == pytest.approx(r - (cdf[r] - tail) / (cdf[r] - below))


def test_the_upper_limit_is_the_mirror_image_of_the_lower_one() -> None:
    lower, upper = binomial_funnel([0.1, 0.37], [100, 13], 0.001)
    mirrored = binomial_funnel([0.9, 0.63], [100, 13], 0.001)
    assert np.allclose([lower, upper], [[100, 13] - mirrored[1], [100, 13] - mirrored[0]])


def test_one_of_one_is_no_outlier_where_a_tenth_do() -> None:
    assert binomial_funnel(0.1, 1, 0.001)[1] == 1


@pytest.mark.parametrize("mean", [0.0, 0.2, 3.0, 57.5])
def test_a_poisson_count_outside_its_funnel_is_rarer_than_its_tail(mean: float) -> None:
    lower, upper = poisson_funnel(mean, 0.001)
    counts = np.arange(400)
    assert poisson.pmf(counts[counts < lower], mean).sum() <= 0.001
    assert poisson.pmf(counts[counts > upper], mean).sum() <= 0.001
    assert lower <= mean <= upper


def test_a_funnel_narrows_to_the_normal_one_as_it_grows() -> None:
    size, share = 100_000, 0.3
    lower, upper = binomial_funnel(share, size, 0.025)
    reach = 1.959964 * np.sqrt(share * (1 - share) / size)
    assert lower / size == pytest.approx(share - reach, abs=1e-5)
    assert upper / size == pytest.approx(share + reach, abs=2e-5)
