"""Primary suppression: hide counts of persons below the audience's threshold.

Knows thresholds and KPI cells. Secondary suppression (so that nothing can be worked out by subtraction) is not here yet,
and `STATEMENT_JA` says so in every published file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

AUDIENCES = ("internal", "adviser", "public")

STATEMENT_JA: Mapping[str, str] = {
    "internal": "秘匿なし(県の内部利用に限る)",
    "adviser": "一次秘匿のみ(差引きによる推定を防ぐ二次秘匿は未実施のため、庁外に出さない)",
    "public": "一次秘匿のみ(差引きによる推定を防ぐ二次秘匿は未実施のため、まだ公表しない)",
}


@dataclass(frozen=True)
class Threshold:
    """Counts of persons from 1 to `below` - 1 are hidden; `below` is None when no count may be shown at all."""

    audience: str
    population_from: int
    population_to: int | None
    below: int | None

    def covers(self, population: int) -> bool:
        """Whether an area of that population falls in this tier."""
        return self.population_from <= population and (self.population_to is None or population <= self.population_to)


def read_thresholds(rows: Sequence[Mapping[str, str]], *, on: date) -> list[Threshold]:
    """The thresholds in force on a day, from the reference table `disclosure_thresholds.csv`."""
    return [
        Threshold(
            audience=row["audience"],
            population_from=int(row["population_from"]),
            population_to=int(row["population_to"]) if row["population_to"] else None,
            below=None if row["threshold"] == "all" else int(row["threshold"]),
        )
        for row in rows
        if row["valid_from"] <= on.isoformat() and (not row["valid_to"] or on.isoformat() <= row["valid_to"])
    ]


def suppress(
    cells: pd.DataFrame,
    *,
    audience: str,
    thresholds: Sequence[Threshold],
    population: Mapping[str, int],
    person_kpis: frozenset[str],
) -> pd.DataFrame:
    """The cells as that audience may see them: hidden ones have mark `x` and null numerator, denominator and value.

    `cells` is `kpi_monthly` or `kpi_monthly_by`. Hidden are, for KPIs that count persons: a count below the threshold, and a
    share whose numerator, denominator or remainder (denominator - numerator) is. Zero is shown. Raises ValueError when an
    area has no threshold.
    """
    below = cells["area_code"].map(_threshold_by_area(audience, thresholds, population))
    if below.isna().any():
        raise ValueError(f"no disclosure threshold for audience {audience} in some area")
    numerator, denominator = cells["numerator"], cells["denominator"]
    small = _small(numerator, below) | _small(denominator, below) | _small(denominator - numerator, below)
    hidden = cells["kpi_id"].isin(person_kpis) & numerator.notna() & (small | (below == _NOTHING_SHOWN))
    protected = cells.copy()
    protected.loc[hidden, "mark"] = "x"
    protected.loc[hidden, ["numerator", "denominator", "value"]] = None
    return protected


_NOTHING_SHOWN = -1


def _threshold_by_area(audience: str, thresholds: Sequence[Threshold], population: Mapping[str, int]) -> dict[str, int]:
    own = [threshold for threshold in thresholds if threshold.audience == audience]
    return {
        area: _NOTHING_SHOWN if tier.below is None else tier.below
        for area, people in population.items()
        for tier in own
        if tier.covers(people)
    }


def _small(counts: pd.Series, below: pd.Series) -> pd.Series:
    return (counts.gt(0) & counts.lt(below)).fillna(False).astype(bool)
