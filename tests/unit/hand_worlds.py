"""Worlds small enough to work out by hand: two municipalities, rows with a default for all a test is not about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from pipelines.settings import TIME_ZONE
from pipelines.simulate.model import (
    PREFECTURE_CODE,
    Fault,
    Municipality,
    Submission,
    World,
    WorldSpec,
    first_day,
    month_of,
    reference_code_lists,
)
from pipelines.simulate.rows import (
    ActionRow,
    Attendance,
    CaseRow,
    Consultation,
    DispatchRow,
    GrantRow,
    MatchRow,
    Meeting,
    NeedRow,
    Outreach,
    PlaceRow,
    Row,
    SetupRow,
)
from pipelines.simulate.truth import Cell, expected_kpis

A, B = "111007", "112011"
APRIL, MAY, JUNE = date(2023, 4, 1), date(2023, 5, 1), date(2023, 6, 1)
_hours = count()


def months_after(day: date, months: int) -> date:
    """The first day of the month so many months later."""
    return first_day(month_of(day) + months)


def world(*submissions: Submission) -> World:
    """A and B, a region each, 1,000 people each."""
    municipalities = tuple(
        Municipality({"municipality_code": code, "name": code, "region": code, "population_2020": "1000"})
        for code in (A, B)
    )
    return World(WorldSpec(1, 2, 3), municipalities, submissions, reference_code_lists())


def sent(
    sender: str,
    form: str,
    period: date,
    *rows: Row,
    faults: Mapping[int, Fault] | None = None,
    version: int = 1,
    at: datetime | None = None,
) -> Submission:
    """Arrives an hour after the one made before, if not at a time that is given."""
    arrived = at or datetime(2023, 7, 1, tzinfo=TIME_ZONE) + timedelta(hours=next(_hours))
    return Submission(sender, form, period, version, arrived, rows, faults or {})


def cell_of(made: World, kpi: str, period: date, area: str, as_of: datetime | None = None, level: str = "") -> Cell:
    """The only cell of that KPI, month and area; `level` where an area has two."""
    (found,) = (
        cell
        for cell in expected_kpis(made, as_of=as_of).monthly
        if (cell.kpi_id, cell.period, cell.area_code) == (kpi, period, area) and cell.area_level.startswith(level)
    )
    return found


def numbers(made: World, kpi: str, period: date, area: str) -> tuple[int | None, int | None]:
    """Numerator and denominator of a cell."""
    found = cell_of(made, kpi, period, area)
    return found.numerator, found.denominator


def member_of(made: World, kpi: str, period: date, area: str, dimension: str, code: str) -> Cell:
    """The only cell of a breakdown."""
    (found,) = (
        cell
        for cell in expected_kpis(made).monthly_by
        if cell[:2] == (kpi, period) and cell[4:7] == (area, dimension, code)
    )
    return found


# --- rows ---


def setup(as_of: date, status: str = "none", *, window: bool = False, team: bool = False) -> SetupRow:
    """Arrangements as of a date."""
    return SetupRow(as_of, status, window, None, team, None, "none", None, False)


def consultation(
    number: str, period: date, *, complex_: bool = False, gap: str | None = None, screening: str = "1"
) -> Consultation:
    """A consultation of a month."""
    return Consultation(
        number, period, "1", "elderly", "75+", "2", ("33",), complex_, gap is not None, gap, screening, ()
    )


def case(number: str, accepted: date, closed: date | None = None, returned: date | None = None, **more: Any) -> CaseRow:
    """A case of service outreach without gap need, consent or plan."""
    row = CaseRow(
        case_no=number,
        consultation_no=None,
        service="outreach",
        accepted_ym=accepted,
        referred_from="18",
        age_band="75+",
        household_type="2",
        issue_flags=("33",),
        gap_need=False,
        gap_reason=None,
        gap_response=None,
        consent_status="not_yet",
        consent_ym=None,
        assessed_ym=None,
        planned_ym=None,
        replan_count=0,
        conferenced_ym=None,
        started_ym=None,
        returned_ym=returned,
        closed_ym=closed,
        closure_type="C3" if closed else None,
        lead_agency_after=None,
        evaluation_changes=(),
        reopened_from=None,
    )
    return row._replace(**more)


def meeting(number: str, held_on: date, kind: str, discussed: int = 1, agencies: tuple[str, ...] = ("01",)) -> Meeting:
    """A meeting that discussed so many cases with such agencies."""
    return Meeting(number, held_on, kind, discussed, 0, 0, 0, agencies, 5, False)


def outreach(
    case_no: str, *, met: bool = False, contacts: tuple[int, int, int, int, int] = (1, 0, 0, 0, 0)
) -> Outreach:
    """Visits, letters, calls, company, talks with agencies of a month."""
    return Outreach(case_no, *contacts, met)


def match(number: str, matched: date | None, status: str, ended: date | None = None, **more: Any) -> MatchRow:
    """A match with work that was there already."""
    return MatchRow(number, "1", matched, "work", "existing", status, 0, ended)._replace(**more)


def place(number: str, closed: date | None = None, *, open_to_all: bool = False, visitors: int = 0) -> PlaceRow:
    """A place opened long ago."""
    return PlaceRow(number, "own", date(2020, 4, 1), closed, open_to_all, 4, visitors)


def need(number: str, status: str, resolved: date | None = None) -> NeedRow:
    """A lack of housing raised in April."""
    return NeedRow(number, APRIL, "housing", "no_resource", "jusou", status, resolved)


def grant(
    stage: str, dated_on: date, national: int, component: str = "multi_agency", seq: int = 1, prefectural: int = 1000
) -> GrantRow:
    """A row of A."""
    return GrantRow(A, component, stage, seq, dated_on, 0, 0, 0, 0, national, prefectural, 0)


def dispatch(number: str, visited: date | None, status: str = "done", code: str = A, **more: Any) -> DispatchRow:
    """A dispatch on site about agencies."""
    row = DispatchRow(number, code, APRIL, visited, "academic", "onsite", ("agencies",), 5, 2, False, status)
    return row._replace(**more)


def action(number: str, due: date, status: str, done: date | None = None) -> ActionRow:
    """An action of A."""
    return ActionRow(number, "d", A, "agencies", due, status, done)


def attendance(number: str, held_on: date, attendees: int, code: str = A) -> Attendance:
    """So many people of a municipality at a session."""
    return Attendance(number, code, held_on, "scheme", "online", attendees)


def of_prefecture(form: str, period: date, *rows: Row, version: int = 1) -> Submission:
    """A file of the prefecture's own."""
    return sent(PREFECTURE_CODE, form, period, *rows, version=version)
