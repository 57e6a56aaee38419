"""What every cell of the published KPIs of a world must be.

None of the pipeline is used, so that each can prove the other wrong. What counts is `known`'s, what a KPI is `kpis`'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple

from expectations.contract import load_contracts
from pipelines.simulate.known import Known, Standing, moment, standing_of_area
from pipelines.simulate.kpis import KPIS, Kpi, Part
from pipelines.simulate.model import PREFECTURE_CODE, Month, World, first_day
from pipelines.simulate.survival import median_months

MISSING, NOT_APPLICABLE = "…", "-"
UNKNOWN = "unknown"


class Cell(NamedTuple):
    """One row of kpi_monthly, or with dimension and member of kpi_monthly_by."""

    kpi_id: str
    period: date
    prefecture_code: str
    area_level: str
    area_code: str
    dimension: str | None
    member: str | None
    numerator: int | None
    denominator: int | None
    value: float | None
    completeness: str
    submitted_areas: int
    expected_areas: int
    mark: str | None


class Expected(NamedTuple):
    """Every cell of both marts, sorted by key."""

    monthly: list[Cell]
    monthly_by: list[Cell]


def expected_kpis(world: World, *, as_of: datetime | None = None, withdrawn: Collection[str] = ()) -> Expected:
    """Every cell the published marts must hold.

    With `as_of` (JST if it names no zone) as known at that moment; `withdrawn` are the keys of submissions taken back.
    """
    known = Known(world, moment(as_of), withdrawn)
    areas = areas_of(world)
    cells = [cell for kpi_id in KPIS for month in known.months for cell in _cells(known, kpi_id, month, areas)]
    return Expected(
        sorted((cell for cell in cells if cell.dimension is None), key=_key),
        sorted((cell for cell in cells if cell.dimension is not None), key=_key),
    )


Area = tuple[str, str]
"""Level and code."""
_Member = tuple[str | None, str | None]
"""Dimension and member; both None for the whole."""


def areas_of(world: World) -> dict[Area, list[str]]:
    """Every area and the municipalities in it."""
    areas: dict[Area, list[str]] = defaultdict(list)
    for municipality in world.municipalities:
        for area in (
            ("municipality", municipality.code),
            ("region", municipality.region_code),
            ("prefecture", PREFECTURE_CODE),
        ):
            areas[area].append(municipality.code)
    return areas


def _cells(known: Known, kpi_id: str, month: Month, areas: Mapping[Area, Sequence[str]]) -> Iterator[Cell]:
    """All cells of a KPI in a month: every area, whole and by every member of every dimension."""
    kpi = KPIS[kpi_id]
    codes = [code for level, code in areas if level == "municipality"]
    standings = {code: kpi.standing(known, code, month) for code in codes}
    heard = {
        code: _by_member(kpi.parts(known, code, month), kpi)
        for code in codes
        if kpi.is_always_known or standings[code].submitted
    }
    for (level, code), municipalities in areas.items():
        standing = (
            standings[code] if level == "municipality" else standing_of_area(standings[m] for m in municipalities)
        )
        of_area = [heard[municipality] for municipality in municipalities if municipality in heard]
        for dimension, member in _members(known.world, kpi):
            parts = [part for each in of_area for part in each.get((dimension, member), ())]
            numbers = _numbers(kpi, parts, level) if of_area else None
            yield Cell(
                *(kpi_id, first_day(month), PREFECTURE_CODE, level, code, dimension, member),
                *(numbers or (None, None, None)),
                *standing,
                mark=None if numbers else _mark(kpi, standing, level, is_known=bool(of_area)),
            )


def _numbers(kpi: Kpi, parts: Sequence[Part], level: str) -> tuple[int, int | None, float | None] | None:
    """Numerator, denominator and value of what was heard; None where there is nothing to tell."""
    if kpi.kind == "median":
        median = median_months(part.thing for part in parts)
        return None if median is None else (median, None, float(median))
    if kpi.kind == "elapsed":
        if level != "municipality" or not parts:
            return None
        return parts[0].numerator, None, float(parts[0].numerator)
    numerator = sum(part.numerator for part in parts)
    if not kpi.has_denominator:
        return numerator, None, float(numerator)
    denominator = sum(part.denominator for part in parts)
    return numerator, denominator, float(Fraction(numerator * kpi.per, denominator)) if denominator else None


def _mark(kpi: Kpi, standing: Standing, level: str, *, is_known: bool) -> str:
    """Why there is no number."""
    never_for_areas = kpi.kind == "elapsed" and level != "municipality"
    has_nothing_to_tell = is_known or never_for_areas or standing.completeness == "not_applicable"
    return NOT_APPLICABLE if has_nothing_to_tell else MISSING


def _members(world: World, kpi: Kpi) -> list[_Member]:
    """The whole (None, None) and every (dimension, member), a blank too where the column may be blank."""
    may_be_blank = {column.id for form in kpi.forms for column in load_contracts()[form].columns if not column.required}
    members: list[_Member] = [(None, None)]
    for dimension, code_list in kpi.dimensions.items():
        codes = [code.code for code in world.code_lists[code_list]]
        if dimension in may_be_blank and UNKNOWN not in codes:
            codes.append(UNKNOWN)
        members += [(dimension, code) for code in codes]
    return members


def _by_member(parts: Iterable[Part], kpi: Kpi) -> dict[_Member, list[Part]]:
    """The parts of the whole and of every member; a thing of several codes counts in each."""
    found: dict[_Member, list[Part]] = defaultdict(list)
    for part in parts:
        found[None, None].append(part)
        for dimension in kpi.dimensions:
            value = getattr(part.thing, dimension)
            for member in value if isinstance(value, tuple) else (value or UNKNOWN,):
                found[dimension, member].append(part)
    return found


def _key(cell: Cell) -> tuple[str, ...]:
    return (
        cell.kpi_id,
        cell.period.isoformat(),
        cell.area_level,
        cell.area_code,
        cell.dimension or "",
        cell.member or "",
    )
