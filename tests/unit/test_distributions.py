"""Binomial and Poisson against scipy.stats, which computes them in another way."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pipelines.statistics.distributions import binomial_cdf, poisson_cdf, poisson_quantile, quantile

SIZES = np.repeat([0, 1, 2, 7, 40, 900], 6)
SHARES = np.tile([0, 1e-6, 0.1, 0.5, 0.93, 1], 6)
MEANS = np.array([0, 1e-9, 0.3, 1, 9.7, 140, 2e4])


@pytest.mark.parametrize("sigmas", [-3, 0, 2])
def test_distribution_functions(sigmas: int) -> None:
    count = np.floor(SIZES * SHARES + sigmas * np.sqrt(SIZES * SHARES * (1 - SHARES))) + sigmas
    assert np.allclose(binomial_cdf(count, SIZES, SHARES), stats.binom.cdf(count, SIZES, SHARES), atol=1e-12)
    count = np.floor(MEANS + sigmas * np.sqrt(MEANS)) + sigmas
    assert np.allclose(poisson_cdf(count, MEANS), stats.poisson.cdf(count, MEANS), atol=1e-12)


@pytest.mark.parametrize("probability", [0.001, 0.00135, 0.025, 0.5, 0.975, 0.999])
def test_quantiles(probability: float) -> None:
    found = quantile(lambda count: binomial_cdf(count, SIZES, SHARES), probability, most=SIZES.astype(float))
    assert np.array_equal(found, stats.binom.ppf(probability, SIZES, SHARES))
    assert np.array_equal(poisson_quantile(probability, MEANS), stats.poisson.ppf(probability, MEANS))


def test_what_is_not_known_stays_so() -> None:
    assert np.isnan(binomial_cdf(1, 3, np.nan))
    assert np.isnan(poisson_cdf(1, np.nan))
