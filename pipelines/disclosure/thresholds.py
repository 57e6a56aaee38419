"""The rules as data: from which count on an audience may see an area's persons, and down to which grain it sees them at all.

Reads `disclosure_thresholds.csv` and `disclosure_levels.csv`. What the rules do to a table belongs to `suppress.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from pipelines.disclosure.counts import plain
from pipelines.disclosure.sums import SEVERAL, System

AUDIENCES = ("internal", "adviser", "public")
PROTECTED_AUDIENCES = ("adviser", "public")
READ_BY_MUNICIPALITIES = frozenset(PROTECTED_AUDIENCES)
"""Audiences among whom a municipality is, which knows its own numbers: nothing may follow from these either."""
NOTHING_SHOWN = -1


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


@dataclass(frozen=True)
class Level:
    """A grain at which an audience is shown nothing of some counts, because most of its cells would be too small.

    `counts` is the beginning of a path, `period` one of month, fiscal_quarter, fiscal_year, window (any other span).
    """

    audience: str
    table: str
    counts: str
    area_level: str
    period: str


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


def read_levels(rows: Sequence[Mapping[str, str]]) -> list[Level]:
    """`disclosure_levels.csv`, one line per audience × table × counts × area level × period that is not shown."""
    return [Level(*(row[name] for name in ("audience", "table", "counts", "area_level", "period"))) for row in rows]


def threshold_by_area(audience: str, thresholds: Sequence[Threshold], population: Mapping[str, int]) -> dict[str, int]:
    """Area → its threshold, NOTHING_SHOWN where no count may be shown. Raises ValueError for an area without one."""
    found: dict[str, int] = {}
    for area, people in population.items():
        tiers = [one for one in thresholds if one.audience == audience and one.covers(people)]
        if not tiers:
            raise ValueError(f"no disclosure threshold for audience {audience} in some area")
        found[area] = NOTHING_SHOWN if tiers[-1].below is None else tiers[-1].below
    return found


def needed(system: System, below: Mapping[str, int], *, insiders: bool) -> np.ndarray:
    """For each count the number it must be able to be: the threshold of its area, for an audience's `threshold_by_area`.

    Where no count may be shown, at least one more than it is, however large. An area in which one or two municipalities count
    anybody is taken as the strictest of them: its number is nearly theirs. `insiders`: municipalities read it; the largest one of
    an area knows all but the rest, which has to be able to be the threshold then.
    """
    widest = max(below.values(), default=0)
    own = np.array([below[area] if below[area] != NOTHING_SHOWN else widest for area in system.areas])
    need = own[system.counts["area"].to_numpy()]
    for _ in range(2):  # municipalities into regions, regions into the prefecture
        need = _strictest_of_few(system, need)
    if insiders:
        largest = _of_the_largest(system)
        need += np.where(largest < system.value, largest, 0)
    return np.where(kept_back(system, below), np.maximum(need, system.value + 1), need)


def kept_back(system: System, below: Mapping[str, int]) -> np.ndarray:
    """The counts of areas of which no count may be shown, and those in which nobody else counts anybody."""
    closed = [code for code, area in enumerate(system.areas) if below.get(area) == NOTHING_SHOWN]
    return np.isin(system.owner, closed)


def _strictest_of_few(system: System, need: np.ndarray) -> np.ndarray:
    sums = system.sums[np.array([kind == "area" for kind in system.kinds], dtype=bool)].tocoo()
    whole = np.full(sums.shape[0], -1)
    whole[sums.row[sums.data < 0]] = sums.col[sums.data < 0]
    counted = (sums.data > 0) & (system.value[sums.col] > 0)
    contributors = np.bincount(sums.row[counted], minlength=sums.shape[0])
    strictest = np.zeros(sums.shape[0], dtype=need.dtype)
    np.maximum.at(strictest, sums.row[counted], need[sums.col[counted]])
    few = (contributors <= 2) & (whole >= 0)
    stricter = need.copy()
    np.maximum.at(stricter, whole[few], strictest[few])
    return stricter


def _of_the_largest(system: System) -> np.ndarray:
    """How many of an area's persons are counted by the municipality that counts most; 0 for a municipality's own."""
    terms = system.sums[np.array([kind == "area" for kind in system.kinds], dtype=bool)].tocoo()
    inside, whole = terms.data > 0, terms.data < 0
    own = system.owner != SEVERAL
    largest = np.where(own, system.value, 0)
    for _ in range(2):  # of municipalities for regions, of regions for the prefecture
        most = np.zeros(terms.shape[0], dtype=largest.dtype)
        np.maximum.at(most, terms.row[inside], largest[terms.col[inside]])
        np.maximum.at(largest, terms.col[whole], most[terms.row[whole]])
    return np.where(own, 0, largest)


def not_shown(system: System, audience: str, levels: Sequence[Level]) -> np.ndarray:
    """For each line of `system.shown` whether the audience is not shown that row at all, whatever its numbers."""
    lines = system.shown["count"].to_numpy()
    tables = system.shown["table"].cat
    number = {name: code for code, name in enumerate(tables.categories)}
    area, path = (system.counts[name].to_numpy()[lines] for name in ("area", "path"))
    level = np.array([area_level(one, system) for one in system.areas])[area]
    period = periods(system)[lines]
    names = [f"{plain(name)}." for name in system.paths]
    closed = np.zeros(len(lines), dtype=bool)
    for one in levels:
        if one.audience == audience:
            within = np.array([name.startswith(f"{one.counts}." if one.counts else "") for name in names])
            here = tables.codes.to_numpy() == number.get(one.table, -1)
            closed |= here & (level == one.area_level) & (period == one.period) & within[path]
    rows = system.rows
    whole_row = np.zeros(rows.max() + 1 if len(rows) else 0, dtype=bool)
    np.logical_or.at(whole_row, rows, closed)
    return whole_row[rows]


def area_level(area: str, system: System) -> str:
    """municipality, region or prefecture."""
    if area in system.parents:
        return "municipality" if system.parents[area] in system.parents else "region"
    return "prefecture"


def periods(system: System) -> np.ndarray:
    """What span each count covers: month, fiscal_quarter, fiscal_year or window."""
    first = system.counts["first"].to_numpy()
    length = system.counts["last"].to_numpy() - first + 1
    kind = np.where(length == 1, "month", "window").astype("<U14")
    kind[(length == 3) & (first % 3 == 0)] = "fiscal_quarter"
    kind[(length == 12) & (first % 12 == 3)] = "fiscal_year"
    return kind
