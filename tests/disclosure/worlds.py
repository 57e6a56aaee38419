"""Tiny published worlds (synthetic), and what an audience can read of them. What follows from that belongs to `enumeration.py`.

The atoms of a world are its smallest counts (town × month × kind of consultation). What rows say is summed from them here,
without the relations the disclosure room works out for itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.disclosure.counts import COUNT_COLUMN, Counted
from pipelines.disclosure.protect import Rules
from pipelines.disclosure.thresholds import Level, Threshold

PREFECTURE = "110001"
TOWNS = {"112011": "R-A", "112020": "R-A", "112038": "R-A", "112046": "R-B"}
BELOW = 3
MOST = 8
"""The attacker by enumeration takes no atom to be larger: enough to reach any threshold of 3."""
COUNTED = {
    "new_consultations": Counted("consultation", None, (0, 0)),
    "complex_share": Counted("consultation.complex", "consultation", (0, 0)),
    "gap_needs": Counted("consultation.gap_need", None, (0, 0)),
    "new_cases": Counted("case.accepted", None, (0, 0)),
    "active_cases": Counted("case.active", None, (0, 0)),
    "closures": Counted("case.closed", None, (0, 0)),
    "returned_cases": Counted("case.returned", None, (0, 0)),
}
DIMENSIONS = {"gap_needs": "gap_reason", "new_cases": "referred_from"}
"""KPI → by what it is broken down."""
Atom = tuple[str, int, str]
Row = tuple[str, str, int, str | None, str]
"""table, kpi, month or first month, member, area."""


@dataclass(frozen=True)
class World:
    """Atoms with their numbers, and the rows published of them: row → the atoms it sums (numerator, denominator or None)."""

    atoms: dict[Atom, int]
    rows: dict[Row, tuple[list[Atom], list[Atom] | None]]

    def frames(self) -> dict[str, pd.DataFrame]:
        """The published tables, whole."""
        by_table: dict[str, list[dict[str, object]]] = {}
        for (table, kpi, month, member, area), (numerator, denominator) in self.rows.items():
            top = sum(self.atoms[atom] for atom in numerator)
            bottom = None if denominator is None else sum(self.atoms[atom] for atom in denominator)
            row: dict[str, object] = {"area_level": level(area), "area_code": area, "mark": None}
            if table == "referral_source":
                row |= {"fiscal_year": 2024, "agency_type": member, "cases": top}
            else:
                row |= {
                    "kpi_id": kpi,
                    "period": pd.Timestamp(2024, 3 + month, 1),
                    "numerator": top,
                    "denominator": bottom,
                    "value": float(top) if bottom is None else (top / bottom if bottom else None),
                }
            if table == "kpi_monthly_by":
                row |= {"dimension": DIMENSIONS[kpi], "member": member}
            if table == "kpi_period":
                row |= {"period_kind": "fiscal_quarter"}
            by_table.setdefault(table, []).append(row)
        kinds = {"numerator": "Int64", "denominator": "Int64", "value": "Float64", "cases": "Int64", "mark": "object"}
        told = {table: pd.DataFrame(rows) for table, rows in by_table.items()}
        return {
            table: frame.astype({name: kind for name, kind in kinds.items() if name in frame})
            for table, frame in told.items()
        }


def level(area: str) -> str:
    """municipality, region or prefecture."""
    return "prefecture" if area == PREFECTURE else "region" if area.startswith("R-") else "municipality"


def areas_of(towns: list[str]) -> dict[str, list[str]]:
    """Every area and the towns in it."""
    found = {town: [town] for town in towns} | {PREFECTURE: towns}
    for town in towns:
        found.setdefault(TOWNS[town], []).append(town)
    return found


def rules(population: int = 30_000, below: int = BELOW, levels: Sequence[Level] = ()) -> Rules:
    """One threshold for all areas; nothing left out but what is said."""
    return Rules(
        counted=COUNTED,
        levels=levels,
        thresholds=[Threshold("public", 0, None, below)],
        population=dict.fromkeys([*TOWNS, *TOWNS.values(), PREFECTURE], population),
        parents={**TOWNS, **dict.fromkeys(TOWNS.values(), PREFECTURE)},
        persons=frozenset(COUNTED),
    )


def by_reason(random: np.random.Generator) -> World:
    """Three towns × two reasons of gap needs, one month: a breakdown and its total."""
    towns, reasons = list(TOWNS)[:3], ["income", "age"]
    atoms = {(town, 1, reason): min(int(random.poisson(2)), 6) for town in towns for reason in reasons}
    rows: dict[Row, tuple[list[Atom], list[Atom] | None]] = {}
    for area, inside in areas_of(towns).items():
        rows["kpi_monthly", "gap_needs", 1, None, area] = ([(t, 1, r) for t in inside for r in reasons], None)
        for reason in reasons:
            rows["kpi_monthly_by", "gap_needs", 1, reason, area] = ([(t, 1, reason) for t in inside], None)
    return World(atoms, rows)


def by_share(random: np.random.Generator) -> World:
    """Three towns × complex or not: a count, and a share of it whose denominator it is."""
    towns = list(TOWNS)[:3]
    atoms = {(town, 1, kind): min(int(random.poisson(3)), 6) for town in towns for kind in ("complex", "plain")}
    rows: dict[Row, tuple[list[Atom], list[Atom] | None]] = {}
    for area, inside in areas_of(towns).items():
        every = [(t, 1, kind) for t in inside for kind in ("complex", "plain")]
        rows["kpi_monthly", "new_consultations", 1, None, area] = (every, None)
        rows["kpi_monthly", "complex_share", 1, None, area] = ([(t, 1, "complex") for t in inside], every)
    return World(atoms, rows)


def by_month(random: np.random.Generator) -> World:
    """Two towns × three months and their quarter."""
    towns = list(TOWNS)[:2]
    atoms = {(town, month, "all"): min(int(random.poisson(3)), 6) for town in towns for month in (1, 2, 3)}
    rows: dict[Row, tuple[list[Atom], list[Atom] | None]] = {}
    for area, inside in areas_of(towns).items():
        for month in (1, 2, 3):
            rows["kpi_monthly", "new_consultations", month, None, area] = ([(t, month, "all") for t in inside], None)
        quarter = [(t, month, "all") for t in inside for month in (1, 2, 3)]
        rows["kpi_period", "new_consultations", 1, None, area] = (quarter, None)
    return World(atoms, rows)


KINDS: tuple[Callable[[np.random.Generator], World], ...] = (by_reason, by_share, by_month)


def read_by(world: World, published: Mapping[str, pd.DataFrame]) -> dict[Row, bool]:
    """Which rows can be read in the published frames."""
    readable: dict[Row, bool] = {}
    for table, frame in published.items():
        rows = [row for row in world.rows if row[0] == table]
        shown = frame[COUNT_COLUMN.get(table, "numerator")].notna()
        readable |= dict(zip(rows, shown, strict=True))
    return readable


def all_worlds(seeds: range) -> list[World]:
    """One world of each kind per seed."""
    return [kind(np.random.default_rng(seed)) for seed, kind in itertools.product(seeds, KINDS)]
