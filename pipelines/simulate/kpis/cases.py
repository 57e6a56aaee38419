"""KPIs of what became of cases: each case as its newest row tells it, and over windows of months."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date

from pipelines.simulate.known import Known
from pipelines.simulate.kpis.base import Part, each, kpi, of_which
from pipelines.simulate.model import Month, first_day, month_of
from pipelines.simulate.rows import CaseRow
from pipelines.simulate.survival import Spell

YEAR = 12


def case_histories(known: Known, municipality: str) -> list[CaseRow]:
    """The newest row of every case of a municipality."""
    return known.history("case", municipality, CaseRow)


def within(day: date | None, first: Month, last: Month) -> bool:
    """Whether it lies in the months from first to last, both included."""
    return day is not None and first <= month_of(day) <= last


# --- flows of the month ---


@kpi("case", adds=True, service="service", referred_from="agency_type")
def new_cases(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(row for row in case_histories(known, municipality) if row.accepted_ym == first_day(month))


@kpi("case", adds=True, service="service")
def plans_made(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(row for row in case_histories(known, municipality) if row.planned_ym == first_day(month))


@kpi("case", adds=True, closure_type="closure_type", service="service", lead_agency_after="agency_type")
def closures(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(row for row in case_histories(known, municipality) if row.closed_ym == first_day(month))


@kpi("case", adds=True)
def returned_cases(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(row for row in case_histories(known, municipality) if row.returned_ym == first_day(month))


@kpi("case", adds=True)
def conferenced_without_consent(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    conferenced = [row for row in case_histories(known, municipality) if row.conferenced_ym == first_day(month)]
    return each(row for row in conferenced if not _has_consented(row, month))


def _has_consented(row: CaseRow, by: Month) -> bool:
    return row.consent_status == "granted" and row.consent_ym is not None and row.consent_ym <= first_day(by)


# --- over windows ---


def _closed(known: Known, municipality: str, first: Month, last: Month) -> list[CaseRow]:
    return [row for row in case_histories(known, municipality) if within(row.closed_ym, first, last)]


@kpi("case", kind="share")
def closure_handover_share(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return of_which(_closed(known, municipality, month - YEAR + 1, month), lambda row: row.closure_type == "C1")


@kpi("case", kind="share")
def closure_interrupted_share(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return of_which(_closed(known, municipality, month - YEAR + 1, month), lambda row: row.closure_type == "C6")


@kpi("case", kind="share")
def reopened_share(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    closed = _closed(known, municipality, month - 6 - YEAR + 1, month - 6)
    histories = case_histories(known, municipality)
    return of_which(closed, lambda row: any(_is_that_case_again(other, row) for other in histories))


def _is_that_case_again(other: CaseRow, closed: CaseRow) -> bool:
    """Whether another case names the closed one and was accepted within six months of its end."""
    if other.reopened_from != closed.case_no or other.case_no == closed.case_no or closed.closed_ym is None:
        return False
    ended = month_of(closed.closed_ym)
    return within(other.accepted_ym, ended, ended + 6)


@kpi("case", kind="share", adds=True)
def plan_within_3_months(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    accepted = [
        row
        for row in case_histories(known, municipality)
        if row.service == "multi_agency" and row.accepted_ym == first_day(month - 3)
    ]
    return of_which(accepted, lambda row: row.planned_ym is not None and row.planned_ym <= first_day(month))


@kpi("case", kind="share")
def consent_share(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    accepted = [row for row in case_histories(known, municipality) if within(row.accepted_ym, month - YEAR + 1, month)]
    return of_which(accepted, lambda row: _has_consented(row, month))


# --- how long support lasts ---


@kpi("case", kind="median")
def support_months_median(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    for row in case_histories(known, municipality):
        if row.accepted_ym <= first_day(month) and (spell := _spell(known, municipality, row, month)):
            yield Part(0, thing=spell)


def _spell(known: Known, municipality: str, row: CaseRow, by: Month) -> Spell | None:
    """How long a case was seen to last by the end of a month; None if no ledger of that time lists it."""
    accepted = month_of(row.accepted_ym)
    for ended, is_event in ((row.closed_ym, True), (row.returned_ym, False)):
        if ended is not None and month_of(ended) <= by:
            return Spell(max(month_of(ended) - accepted, 0), is_event)
    listed = known.listed[municipality, row.case_no]
    seen = bisect_right(listed, by)
    return Spell(max(listed[seen - 1] - accepted, 0), is_event=False) if seen else None
