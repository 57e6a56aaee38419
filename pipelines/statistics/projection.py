"""How many municipalities will have a window: those that have none open one with a chance learnt from the months before.

A window, once open, stays. So a projection never falls and never passes the number of municipalities. Why this method:
docs/adr/0019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from pipelines.statistics.distributions import Floats, binomial_cdf

# What is thought before any month is seen: half an opening in twelve months of one municipality.
PRIOR_OPENINGS, PRIOR_MONTHS = 0.5, 12
_POINTS = 64  # of one chance, equally probable
_MIXED = 128  # of all chances together: their combinations, thinned out


@dataclass(frozen=True)
class Openings:
    """What was seen of municipalities without a window: months in which one could open, and openings."""

    months_at_risk: int
    openings: int

    @property
    def posterior(self) -> tuple[float, float]:
        """Parameters of the beta distribution of the chance of an opening in a month."""
        closed = self.months_at_risk - self.openings
        return PRIOR_OPENINGS + self.openings, PRIOR_MONTHS - PRIOR_OPENINGS + closed


@dataclass(frozen=True)
class Projection:
    """Municipalities with a window, by month ahead: the mean, and bounds by the probability between them."""

    mean: Floats
    bounds: dict[float, tuple[Floats, Floats]]


def project(
    *, with_window: int, without: int, seen: Sequence[Openings], ahead: Sequence[Sequence[int]], levels: Sequence[float]
) -> Projection:
    """The number with a window after each step of `ahead`.

    `seen` is by kind of month (April, when a fiscal year begins, and the others); each step of `ahead` says how many months
    of each kind lie between now and then. A bound is a whole number, or the mean where that lies beyond it.
    """
    steps = np.asarray(ahead, dtype=float)
    still_mean = np.ones(len(steps))
    still = np.ones((len(steps), 1))  # chance that a municipality still has none, by step and point of the grid
    points = (np.arange(_POINTS) + 0.5) / _POINTS
    for months, (a, b) in zip(steps.T, (kind.posterior for kind in seen), strict=True):
        still_mean = still_mean * np.exp(special.betaln(a, b + months) - special.betaln(a, b))
        own = (1 - special.betaincinv(a, b, points))[None, :] ** months[:, None]
        still = np.sort((still[:, :, None] * own[:, None, :]).reshape(len(steps), -1), axis=1)
        still = still.reshape(len(steps), min(_MIXED, still.shape[1]), -1).mean(axis=2)
    mean = with_window + without * (1 - still_mean)
    counts = np.arange(without + 1)
    opened = np.array([binomial_cdf(counts[:, None], without, 1 - chance).mean(axis=1) for chance in still])
    bounds = {level: _bounds(with_window, opened, mean, (1 - level) / 2) for level in levels}
    return Projection(mean, bounds)


def _bounds(with_window: int, cdf: Floats, mean: Floats, tail: float) -> tuple[Floats, Floats]:
    lower = with_window + (cdf < tail).sum(axis=1)
    upper = with_window + (cdf < 1 - tail).sum(axis=1)
    return np.minimum(lower, mean), np.maximum(upper, mean)
