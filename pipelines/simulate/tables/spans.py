"""What is added up over fiscal quarters and years: periods of KPIs, and counts by fiscal year and what they are about.

How complete a span is follows from the months of the KPI that counts the same things.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from pipelines.simulate.known import Known
from pipelines.simulate.kpis import KPIS
from pipelines.simulate.kpis.base import Part
from pipelines.simulate.model import PREFECTURE_CODE, Month, first_day, fiscal_year, fiscal_year_start, month_of
from pipelines.simulate.truth import MISSING, NOT_APPLICABLE, UNKNOWN, Cell, areas_of

_QUARTER, _YEAR = 3, 12


class Span(NamedTuple):
    """What the months of a fiscal quarter or year come to for a KPI in an area."""

    numerator: int | None
    denominator: int | None
    completeness: str
    months: int
    mark: str | None


def span_of(cells: Sequence[Cell], whole: int) -> Span:
    """The months of a span of so many whole months that lie in the grid, joined."""
    numerators = [cell.numerator for cell in cells if cell.numerator is not None]
    denominators = [cell.denominator for cell in cells if cell.denominator is not None]
    seen = {cell.completeness for cell in cells}
    if seen == {"not_applicable"}:
        completeness = "not_applicable"
    elif not numerators:
        completeness = "missing"
    else:
        completeness = "complete" if seen == {"complete"} and len(cells) == whole else "partial"
    mark = None
    if not numerators:
        mark = NOT_APPLICABLE if completeness == "not_applicable" else MISSING
    return Span(
        sum(numerators) if numerators else None,
        sum(denominators) if denominators else None,
        completeness,
        len(cells),
        mark,
    )


class Period(NamedTuple):
    """One row of kpi_period."""

    kpi_id: str
    period_kind: str
    period: date
    prefecture_code: str
    area_level: str
    area_code: str
    numerator: int | None
    denominator: int | None
    value: float | None
    completeness: str
    months: int
    mark: str | None


def kpi_period(_: Known, monthly: Iterable[Cell]) -> Iterator[Period]:
    """The KPIs that add over time, by fiscal quarter and year."""
    months: dict[tuple[Any, ...], list[Cell]] = defaultdict(list)
    for cell in monthly:
        if KPIS[cell.kpi_id].adds_over_time:
            year = fiscal_year_start(fiscal_year(month_of(cell.period)))
            quarter = month_of(year) + (month_of(cell.period) - month_of(year)) // _QUARTER * _QUARTER
            for kind, start in (("fiscal_year", year), ("fiscal_quarter", first_day(quarter))):
                months[cell.kpi_id, kind, start, PREFECTURE_CODE, cell.area_level, cell.area_code].append(cell)
    for key, cells in months.items():
        span, kpi = span_of(cells, _YEAR if key[1] == "fiscal_year" else _QUARTER), KPIS[key[0]]
        value = None
        if span.numerator is not None and span.denominator != 0:
            value = float(Fraction(span.numerator * kpi.per, span.denominator or 1))
        yield Period._make((*key, span.numerator, span.denominator, value, *span[2:]))


# --- by fiscal year, area and what it is about ---

_Of = Callable[[Known, str, Month], Iterable[tuple[tuple[str, ...], int]]]


def by_year(
    known: Known, monthly: Iterable[Cell], kpi_id: str, members: Sequence[tuple[str, ...]], of: _Of
) -> Iterator[tuple[Any, ...]]:
    """(year, prefecture, level, area, *members, count, span of the KPI) for every member; `of` counts in a municipality."""
    counted: dict[tuple[Any, ...], Counter[tuple[str, ...]]] = defaultdict(Counter)
    for (level, code), municipalities in areas_of(known.world).items():
        for month in known.months:
            for municipality in municipalities:
                if KPIS[kpi_id].is_known(known, municipality, month):
                    for member, count in of(known, municipality, month):
                        counted[fiscal_year(month), level, code][member] += count
    months: dict[tuple[Any, ...], list[Cell]] = defaultdict(list)
    for cell in monthly:
        if cell.kpi_id == kpi_id:
            months[fiscal_year(month_of(cell.period)), cell.area_level, cell.area_code].append(cell)
    for (year, level, code), cells in months.items():
        span = span_of(cells, _YEAR)
        for member in members:
            count = None if span.mark else counted[year, level, code][member]
            yield (year, PREFECTURE_CODE, level, code, *member, count, span)


def _codes(known: Known, code_list: str, *, blank: bool = False) -> list[str]:
    codes = [code.code for code in known.world.code_lists[code_list]]
    return [*codes, UNKNOWN] if blank and UNKNOWN not in codes else codes


def _parts(kpi_id: str, *columns: str) -> _Of:
    """The members of what a KPI counts."""

    def of(known: Known, municipality: str, month: Month) -> Iterator[tuple[tuple[str, ...], int]]:
        parts: Iterable[Part] = KPIS[kpi_id].parts(known, municipality, month)
        for part in parts:
            yield tuple(getattr(part.thing, column) or UNKNOWN for column in columns), part.numerator

    return of


class GapNeeds(NamedTuple):
    """One row of gap_need_cross."""

    fiscal_year: int
    prefecture_code: str
    area_level: str
    area_code: str
    gap_reason: str
    age_band: str
    consultations: int | None
    completeness: str
    mark: str | None


def gap_need_cross(known: Known, monthly: Iterable[Cell]) -> Iterator[GapNeeds]:
    """Consultations with a gap need by reason and age."""
    reasons, ages = _codes(known, "gap_reason", blank=True), _codes(known, "age_band")
    pairs = [(reason, age) for reason in reasons for age in ages]
    counted = _parts("gap_needs", "gap_reason", "age_band")
    for *row, span in by_year(known, monthly, "gap_needs", pairs, counted):
        yield GapNeeds._make((*row, span.completeness, span.mark))


class Referrals(NamedTuple):
    """One row of referral_source."""

    fiscal_year: int
    prefecture_code: str
    area_level: str
    area_code: str
    agency_type: str
    cases: int | None
    completeness: str
    mark: str | None


def referral_source(known: Known, monthly: Iterable[Cell]) -> Iterator[Referrals]:
    """New cases by who referred them."""
    agencies = [(agency,) for agency in _codes(known, "agency_type")]
    for *row, span in by_year(known, monthly, "new_cases", agencies, _parts("new_cases", "referred_from")):
        yield Referrals._make((*row, span.completeness, span.mark))


class Presence(NamedTuple):
    """One row of meeting_presence."""

    fiscal_year: int
    prefecture_code: str
    area_level: str
    area_code: str
    agency_group: str
    meetings: int | None
    of_meetings: int | None
    completeness: str
    mark: str | None


def meeting_presence(known: Known, monthly: Iterable[Cell]) -> Iterator[Presence]:
    """重層的支援会議 at which a group of agencies was present, and how many there were."""
    group_of = {code.code: code.group for code in known.world.code_lists["agency_type"]}

    def present(known: Known, municipality: str, month: Month) -> Iterator[tuple[tuple[str, ...], int]]:
        for part in KPIS["jusou_meetings"].parts(known, municipality, month):
            for group in {group_of[agency] for agency in part.thing.agency_types}:
                yield (group,), 1

    groups = [(group,) for group in dict.fromkeys(group_of.values())]
    for *row, span in by_year(known, monthly, "jusou_meetings", groups, present):
        yield Presence._make((*row, span.numerator, span.completeness, span.mark))
