"""Binomial and Poisson counts: distribution functions and quantiles.

Over scipy.special, since importing scipy.stats takes longer than everything the warehouse would use it for.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
Cdf = Callable[[Floats], Floats]


def binomial_cdf(count: ArrayLike, size: ArrayLike, share: ArrayLike) -> Floats:
    """Chance of at most `count` of `size`."""
    k, n = np.asarray(count, dtype=float), np.asarray(size, dtype=float)
    inside = special.betaincc(np.maximum(k, 0) + 1, np.maximum(n - k, 1), share)
    return np.where(k < 0, 0.0, np.where(k < n, inside, 1.0))


def poisson_cdf(count: ArrayLike, mean: ArrayLike) -> Floats:
    """Chance of at most `count`."""
    k = np.asarray(count, dtype=float)
    return np.where(k < 0, 0.0, special.gammaincc(np.maximum(k, 0) + 1, mean))


def poisson_quantile(probability: float, mean: ArrayLike) -> Floats:
    """The smallest count whose distribution function reaches `probability`."""
    means = np.asarray(mean, dtype=float)
    return quantile(lambda count: poisson_cdf(count, means), probability, most=beyond_poisson(means))


def beyond_poisson(mean: Floats) -> Floats:
    """A whole number no Poisson count of that mean exceeds with a probability worth a thought."""
    return np.ceil(mean + 10 * np.sqrt(mean) + 10)


def quantile(cdf: Cdf, probability: float, *, most: Floats) -> Floats:
    """The smallest whole number from 0 to `most` where `cdf` reaches `probability`, found by halving."""
    low, high = np.zeros_like(most), most.copy()
    while np.any(low < high):
        middle = np.floor((low + high) / 2)
        reached = cdf(middle) >= probability
        low, high = np.where(reached, low, np.minimum(middle + 1, high)), np.where(reached, middle, high)
    return low
