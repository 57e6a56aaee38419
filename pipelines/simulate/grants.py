"""The money: what a municipality is granted in a fiscal year, component by component, stage by stage. Integers of yen.

Rates and components come from grant_components.csv; amounts are invented. Which stages the prefecture has reported by
when is `sending`'s to say.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from random import Random

from expectations.rates import rates_of_year
from pipelines.simulate.model import REFERENCE_DIR, Municipality, fiscal_year_start
from pipelines.simulate.places import Place
from pipelines.simulate.rows import GrantRow

_TOWN_SUFFIX = "_town"
_PREPARING = "transition_prep"
_SHARE_UNIT = 1_000  # national and prefectural shares are floored to it, component by component
# Base amount of a component: so much each, and so much per person.
_EACH = 2_400_000
_PER_PERSON = {"elderly": 95, "disability": 40, "child": 70, "hardship": 55, "new_functions": 60}


@dataclass(frozen=True)
class Component:
    """One component of the grant and what share of it whom it costs."""

    code: str
    field: str
    national_rate: Fraction
    prefectural_rate: Fraction
    verified: str


@dataclass(frozen=True)
class Costs:
    """What a component costs, planned or actual."""

    total_cost: int
    other_income: int
    base_amount: int
    eligible_actual: int

    @property
    def selected(self) -> int:
        """The amount the shares are taken of."""
        return min(self.base_amount, self.eligible_actual, self.total_cost - self.other_income)


def shares(selected: int, national_rate: Fraction, prefectural_rate: Fraction) -> tuple[int, int, int]:
    """National, prefectural and municipal share of one component's selected amount; the municipality pays the rest."""
    national = int(selected * national_rate) // _SHARE_UNIT * _SHARE_UNIT
    prefectural = int(selected * prefectural_rate) // _SHARE_UNIT * _SHARE_UNIT
    return national, prefectural, selected - national - prefectural


@cache
def components(year: int) -> Mapping[str, Component]:
    """Every component by its code, in printed order, with the rates of a fiscal year."""
    with (REFERENCE_DIR / "grant_components.csv").open(encoding="utf-8-sig", newline="") as stream:
        rates = rates_of_year(csv.DictReader(stream), year)
    return {
        code: Component(
            code, row["field"], Fraction(row["national_rate"]), Fraction(row["prefectural_rate"]), row["verified"]
        )
        for code, row in rates.items()
    }


def draw_grants(place: Place, year: int, rng: Random) -> list[GrantRow]:
    """All rows of a municipality for a fiscal year, from the estimate the autumn before to the final the May after.

    Empty for a municipality outside the programme at the start of the year.
    """
    status = place.status(fiscal_year_start(year))
    if status == _PREPARING:
        wanted = [components(year)[_PREPARING]]
    elif status == "implementing":
        wanted = [component for component in components(year).values() if _applies(component, place.municipality, year)]
    else:
        return []
    changed = rng.random() < 0.3
    settled = rng.random() < 0.93
    return [
        row
        for component in wanted
        for row in _stages(place.municipality, component, year, rng, changed=changed, settled=settled)
    ]


def _applies(component: Component, municipality: Municipality, year: int) -> bool:
    """Towns and villages without a welfare office have a component of their own in place of the cities'."""
    if component.code == _PREPARING:
        return False
    if component.code.endswith(_TOWN_SUFFIX):
        return municipality.is_town
    return not (municipality.is_town and component.code + _TOWN_SUFFIX in components(year))


def _stages(
    municipality: Municipality, component: Component, year: int, rng: Random, *, changed: bool, settled: bool
) -> list[GrantRow]:
    def row(stage: str, dated_on: date, costs: Costs, seq: int = 1) -> GrantRow:
        return granted(municipality.code, component, stage, seq, dated_on + timedelta(days=rng.randint(0, 9)), costs)

    planned = _planned(municipality, component, rng)
    decided = _scaled(planned, rng.uniform(0.9, 1.1)) if changed else planned
    rows = [
        row("estimate", date(year - 1, 10, 10), _scaled(planned, rng.uniform(0.85, 1.15)))._replace(
            municipal_share=None
        ),
        row("application", date(year, 4, 11), planned),
        row("decision", date(year, 7, 3), planned),
    ]
    if changed:
        rows.append(row("change", date(year + 1, 1, 12), decided))
    for seq, paid in enumerate((date(year, 10, 3), date(year + 1, 2, 14)), start=1):
        rows.append(_instalment(row("advance", paid, planned if paid.year == year else decided, seq)))
    if settled:
        actual = _scaled(decided, rng.uniform(0.8, 1.0))
        rows += [row("report", date(year + 1, 4, 9), actual), row("final", date(year + 1, 5, 15), actual)]
    return rows


def granted(code: str, component: Component, stage: str, seq: int, dated_on: date, costs: Costs) -> GrantRow:
    """One row of a municipality's component: the costs, and the shares they give."""
    national, prefectural, municipal = shares(costs.selected, component.national_rate, component.prefectural_rate)
    return GrantRow(
        municipality_code=code,
        component=component.code,
        stage=stage,
        seq=seq,
        dated_on=dated_on,
        total_cost=costs.total_cost,
        other_income=costs.other_income,
        base_amount=costs.base_amount,
        eligible_actual=costs.eligible_actual,
        national_share=national,
        prefectural_share=prefectural,
        municipal_share=municipal,
    )


def _instalment(whole: GrantRow) -> GrantRow:
    """Half of what was decided, paid in advance; the municipality's own money is not paid to it."""
    halves = [share // 2 // _SHARE_UNIT * _SHARE_UNIT for share in (whole.national_share, whole.prefectural_share)]
    return whole._replace(national_share=halves[0], prefectural_share=halves[1], municipal_share=0)


def _planned(municipality: Municipality, component: Component, rng: Random) -> Costs:
    base = int((_EACH + municipality.population * _PER_PERSON[component.field]) * rng.uniform(0.6, 1.4)) // 1000 * 1000
    total = int(base * rng.uniform(0.85, 1.25))
    income = int(total * rng.uniform(0, 0.04)) if rng.random() < 0.3 else 0
    return Costs(total, income, base, int((total - income) * rng.uniform(0.96, 1.0)))


def _scaled(costs: Costs, factor: float) -> Costs:
    """The same component costing more or less; what it may cost at most stays."""
    return Costs(
        int(costs.total_cost * factor),
        int(costs.other_income * factor),
        costs.base_amount,
        int(costs.eligible_actual * factor),
    )
