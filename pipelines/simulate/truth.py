"""What every cell of the published KPIs of a world must be, and the truth as files.

None of the pipeline is used, so that each can prove the other wrong. What counts is `known`'s, what a KPI is `kpis`'.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from expectations.contract import load_contracts
from pipelines.settings import TIME_ZONE
from pipelines.simulate.known import Known, Standing, standing_of_area
from pipelines.simulate.kpis import KPIS, Kpi, Part
from pipelines.simulate.model import PREFECTURE_CODE, Month, World, first_day

MISSING, NOT_APPLICABLE = "…", "-"


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


def expected_kpis(world: World, *, as_of: datetime | None = None) -> Expected:
    """Every cell the published marts must hold; with `as_of` (JST if it names no zone) as known at that moment."""
    if as_of is not None and as_of.tzinfo is None:
        as_of = as_of.replace(tzinfo=TIME_ZONE)
    known = Known(world, as_of)
    areas = _areas(world)
    monthly: list[Cell] = []
    monthly_by: list[Cell] = []
    for _, same_form in groupby(sorted(KPIS.items(), key=lambda item: item[1].form), key=lambda item: item[1].form):
        kpis = list(same_form)
        for month in known.months:
            standings = _standings(known, kpis[0][1].form, month, areas)
            for kpi_id, kpi in kpis:
                cells = _cells(known, kpi_id, kpi, month, areas, standings)
                monthly += (cell for cell in cells if cell.dimension is None)
                monthly_by += (cell for cell in cells if cell.dimension is not None)
    return Expected(sorted(monthly, key=_key), sorted(monthly_by, key=_key))


def _areas(world: World) -> dict[tuple[str, str], list[str]]:
    """(level, code) → the municipalities in it."""
    areas: dict[tuple[str, str], list[str]] = defaultdict(list)
    for municipality in world.municipalities:
        for area in (
            ("municipality", municipality.code),
            ("region", municipality.region_code),
            ("prefecture", PREFECTURE_CODE),
        ):
            areas[area].append(municipality.code)
    return areas


def _standings(
    known: Known, form: str, month: Month, areas: dict[tuple[str, str], list[str]]
) -> dict[tuple[str, str], Standing]:
    """How a form stands in every area."""
    own = {code: known.standing(form, code, month) for level, code in areas if level == "municipality"}
    return {
        (level, code): own[code] if level == "municipality" else standing_of_area(own[member] for member in members)
        for (level, code), members in areas.items()
    }


_Sums = dict[tuple[str | None, str | None], list[int]]


def _cells(
    known: Known,
    kpi_id: str,
    kpi: Kpi,
    month: Month,
    areas: dict[tuple[str, str], list[str]],
    standings: dict[tuple[str, str], Standing],
) -> list[Cell]:
    """All cells of a KPI in a month: every area, whole and by every member of every dimension."""
    members = _members(known.world, kpi)
    sums: dict[str, _Sums] = {}
    for level, code in areas:
        # Of the arrangements something is always known: whoever was never heard of counts as without.
        if level == "municipality" and (kpi.form == "setup" or standings[level, code].submitted):
            sums[code] = _sum(kpi.parts(known, code, month), members, kpi)
    found: list[Cell] = []
    for (level, code), municipalities in areas.items():
        heard = [sums[municipality] for municipality in municipalities if municipality in sums]
        standing = standings[level, code]
        unknown = NOT_APPLICABLE if standing.completeness == "not_applicable" else MISSING
        for dimension, member in members:
            numerator = sum(each[dimension, member][0] for each in heard) if heard else None
            denominator = sum(each[dimension, member][1] for each in heard) if heard and kpi.has_denominator else None
            value = None
            if numerator is not None and denominator != 0:
                value = float(numerator) if denominator is None else numerator / denominator
            area = (kpi_id, first_day(month), PREFECTURE_CODE, level, code, dimension, member)
            found.append(
                Cell(*area, numerator, denominator, value, *standing, mark=unknown if numerator is None else None)
            )
    return found


def _members(world: World, kpi: Kpi) -> list[tuple[str | None, str | None]]:
    """The whole (None, None) and every (dimension, member), a blank too where the column may be blank."""
    columns = load_contracts()[kpi.form]
    may_be_blank = {column.id for column in columns.columns if not column.required}
    members: list[tuple[str | None, str | None]] = [(None, None)]
    for dimension, code_list in kpi.dimensions.items():
        codes = [code.code for code in world.code_lists[code_list]]
        if dimension in may_be_blank and "unknown" not in codes:
            codes.append("unknown")
        members += [(dimension, code) for code in codes]
    return members


def _sum(parts: Iterable[Part], members: Sequence[tuple[str | None, str | None]], kpi: Kpi) -> _Sums:
    sums: _Sums = {member: [0, 0] for member in members}
    for part in parts:
        for dimension in (None, *kpi.dimensions):
            member = None if dimension is None else getattr(part.thing, dimension) or "unknown"
            sums[dimension, member][0] += part.numerator
            sums[dimension, member][1] += part.denominator
    return sums


def _key(cell: Cell) -> tuple[str, ...]:
    return (
        cell.kpi_id,
        cell.period.isoformat(),
        cell.area_level,
        cell.area_code,
        cell.dimension or "",
        cell.member or "",
    )


_BY_ONLY = {"dimension", "member"}


def write_truth(world: World, directory: Path, *, as_of: datetime | None = None) -> None:
    """Write kpi_monthly.csv and kpi_monthly_by.csv with the columns of the published tables; an empty cell is null."""
    expected = expected_kpis(world, as_of=as_of)
    directory.mkdir(parents=True, exist_ok=True)
    whole = [column for column in Cell._fields if column not in _BY_ONLY]
    _write(directory / "kpi_monthly.csv", whole, expected.monthly)
    _write(directory / "kpi_monthly_by.csv", list(Cell._fields), expected.monthly_by)


def _write(path: Path, columns: list[str], cells: list[Cell]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        positions = [Cell._fields.index(column) for column in columns]
        # csv writes floats as repr and None as nothing.
        writer.writerows([cell[position] for position in positions] for cell in cells)
