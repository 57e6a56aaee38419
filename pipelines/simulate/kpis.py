"""What each KPI counts, in plain loops over what is known of a world: one small function a KPI.

The definitions are those of the design and of docs/adr/0005. Areas, completeness and files are `truth`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipelines.simulate.known import Known, end_of_month
from pipelines.simulate.model import Month, first_day
from pipelines.simulate.rows import CaseRow, Consultation, GrantRow, Meeting


class Part(NamedTuple):
    """What one thing (a consultation, a case, a component) adds to a KPI; `thing` has the dimensions as attributes."""

    numerator: int
    denominator: int
    thing: Any = None


@dataclass(frozen=True)
class Kpi:
    """A KPI. `parts` gives what a municipality adds to it in a month; breakdowns by dimension → code list."""

    form: str
    parts: Callable[[Known, str, Month], Iterable[Part]]
    has_denominator: bool
    dimensions: dict[str, str]


KPIS: dict[str, Kpi] = {}
_Parts = Callable[[Known, str, Month], Iterable[Part]]


def _kpi(form: str, *, share: bool = False, **dimensions: str) -> Callable[[_Parts], _Parts]:
    """Registers a KPI under its function's name; `dimensions` are its breakdowns with their code lists."""

    def register(parts: _Parts) -> _Parts:
        KPIS[parts.__name__] = Kpi(form, parts, share, dimensions)
        return parts

    return register


# --- arrangements: every municipality is in the denominator, heard of or not ---


@_kpi("setup", share=True)
def window_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    row = known.setup(municipality, month)
    yield Part(int(row is not None and (row.one_stop_window or row.coordination_team)), 1)


@_kpi("setup", share=True)
def programme_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    row = known.setup(municipality, month)
    yield Part(int(row is not None and row.implementation_status == "implementing"), 1)


@_kpi("setup", share=True)
def transition_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    row = known.setup(municipality, month)
    yield Part(int(row is not None and row.implementation_status == "transition_prep"), 1)


# --- consultations of the month ---


def _consultations(known: Known, municipality: str, month: Month) -> list[Consultation]:
    return known.rows("consultation", municipality, month, Consultation)


@_kpi("consultation")
def new_consultations(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return (Part(1, 1, row) for row in _consultations(known, municipality, month))


@_kpi("consultation", share=True)
def complex_share(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return (Part(int(row.is_complex), 1) for row in _consultations(known, municipality, month))


@_kpi("consultation", gap_reason="gap_reason", age_band="age_band", household_type="household_type")
def gap_needs(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return (Part(1, 1, row) for row in _consultations(known, municipality, month) if row.gap_need)


@_kpi("consultation", share=True)
def gap_need_share(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return (Part(int(row.gap_need), 1) for row in _consultations(known, municipality, month))


# --- cases: the stock from the month's ledger, flows from each case's newest row ---


@_kpi("case", service="service")
def active_cases(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    ended_by = first_day(month)
    for row in known.rows("case", municipality, month, CaseRow):
        if not any(ended is not None and ended <= ended_by for ended in (row.closed_ym, row.returned_ym)):
            yield Part(1, 1, row)


@_kpi("case", service="service", referred_from="agency_type")
def new_cases(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return (Part(1, 1, row) for row in known.histories[municipality] if row.accepted_ym == first_day(month))


@_kpi("case", closure_type="closure_type", service="service", lead_agency_after="agency_type")
def closures(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return (Part(1, 1, row) for row in known.histories[municipality] if row.closed_ym == first_day(month))


@_kpi("case")
def returned_cases(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return (Part(1, 1, row) for row in known.histories[municipality] if row.returned_ym == first_day(month))


# --- meetings of the month ---


def _meetings(known: Known, municipality: str, month: Month, meeting_type: str) -> Iterator[Part]:
    rows = known.rows("meeting", municipality, month, Meeting)
    return (Part(1, 1, row) for row in rows if row.meeting_type == meeting_type)


@_kpi("meeting")
def jusou_meetings(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return _meetings(known, municipality, month, "jusou")


@_kpi("meeting")
def support_meetings(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return _meetings(known, municipality, month, "support_106_6")


# --- money: fiscal year to date; March knows all of its year ---


class _Executed(NamedTuple):
    field: str


@_kpi("grant", share=True, field="field")
def grant_execution_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    is_march = first_day(month).month == 3
    latest: dict[tuple[str, str], tuple[tuple[Any, ...], int]] = {}
    stages = [code.code for code in known.world.code_lists["grant_stage"]]
    for row in known.rows("grant", municipality, month, GrantRow):
        step = {"final": "final", "decision": "decided", "change": "decided"}.get(row.stage)
        if (
            row.municipality_code != municipality
            or step is None
            or not (is_march or row.dated_on <= end_of_month(month))
        ):
            continue
        order = (row.dated_on, stages.index(row.stage), row.seq)
        amount = row.national_share + row.prefectural_share
        latest[row.component, step] = max(latest.get((row.component, step), (order, amount)), (order, amount))
    for component in known.world.code_lists["grant_component"]:
        if (component.code, "final") in latest and (component.code, "decided") in latest:
            final, decided = latest[component.code, "final"][1], latest[component.code, "decided"][1]
            yield Part(final, decided, _Executed(field=component.group))
