"""How far a figure may lie from what it estimates, and how far from the prefecture's chance alone may carry it.

Shares are binomial, counts and rates Poisson. Everything is exact but Wilson's interval, which is a formula.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from pipelines.statistics.distributions import Cdf, Floats, beyond_poisson, binomial_cdf, poisson_cdf, quantile

Z_95 = float(special.ndtri(0.975))


def wilson(numerator: ArrayLike, denominator: ArrayLike) -> tuple[Floats, Floats]:
    """Wilson's 95 % interval of a share, not corrected for continuity; NaN where the denominator is 0."""
    k, n = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (k + Z_95**2 / 2) / (n + Z_95**2)
        reach = Z_95 / (n + Z_95**2) * np.sqrt(k * (n - k) / n + Z_95**2 / 4)
    # At 0 and at n a bound is exactly 0 and 1; rounding would leave a trace.
    lower, upper = np.where(k == 0, 0.0, middle - reach), np.where(k == n, 1.0, middle + reach)
    return np.where(n > 0, lower, np.nan), np.where(n > 0, upper, np.nan)


def garwood(count: ArrayLike) -> tuple[Floats, Floats]:
    """Garwood's exact 95 % interval of the mean of a Poisson count."""
    k = np.asarray(count, dtype=float)
    lower = np.where(k == 0, 0.0, special.gammaincinv(np.maximum(k, 1), 0.025))
    return lower, special.gammaincinv(k + 1, 0.975)


def binomial_funnel(share: ArrayLike, size: ArrayLike, tail: float) -> tuple[Floats, Floats]:
    """Counts that a binomial of that share and size leaves with probability `tail` at most on each side, interpolated."""
    theta, n = np.broadcast_arrays(np.asarray(share, dtype=float), np.asarray(size, dtype=float))
    lower, upper = _funnel(lambda count: binomial_cdf(count, n, theta), n, tail)
    return lower, np.minimum(upper, n)


def poisson_funnel(mean: ArrayLike, tail: float) -> tuple[Floats, Floats]:
    """The same for a Poisson count of that mean."""
    means = np.asarray(mean, dtype=float)
    return _funnel(lambda count: poisson_cdf(count, means), beyond_poisson(means), tail)


def _funnel(cdf: Cdf, most: Floats, tail: float) -> tuple[Floats, Floats]:
    """Spiegelhalter (2005), A.1.1, for the lower limit: r - (F(r) - p) / P(r) for the smallest r with F(r) >= p.

    The upper limit is its mirror image, one count above what the same formula gives: otherwise the count that is reached with
    more than the tail's probability (1 of 1 at a share of 10 %) would lie outside.
    """

    def interpolated(probability: float) -> Floats:
        r = quantile(cdf, probability, most=most)
        return r - (cdf(r) - probability) / (cdf(r) - cdf(r - 1))

    return np.maximum(interpolated(tail), 0), interpolated(1 - tail) + 1
