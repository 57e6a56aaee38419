"""What a synthetic world holds. The rows of a form have the names and order of its contract's columns.

How any of it comes about (`world` and what it calls), how it is written down (`files`) and what it adds up to (`truth`)
do not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from expectations.codes import CodeLists, load_code_lists
from pipelines.settings import PROJECT_DIR, Settings

PREFECTURE_CODE: str = Settings.model_fields["prefecture_code"].default
PREFECTURE_NAME: str = Settings.model_fields["prefecture_name"].default
# Always the project's own tables: a world depends on its seed, never on the home it is made in.
REFERENCE_DIR = PROJECT_DIR / "data" / "reference"

Month = int
"""Months are counted: year × 12 + month − 1."""

Value = str | int | bool | date | tuple[str, ...] | None
"""A cell: an id or code, a count or yen, a flag, a month (its first day) or day, several codes, or blank."""


@dataclass(frozen=True)
class WorldSpec:
    """What decides a world. `municipalities`: 63 are the real ones, fewer a choice of them, more are invented."""

    seed: int
    municipalities: int
    months: int
    first_month: date = date(2023, 4, 1)

    def __post_init__(self) -> None:
        if self.municipalities < 1 or self.months < 1 or self.first_month.day != 1:
            raise ValueError("a world has at least one municipality and one month, and starts on the first of a month")

    @property
    def first(self) -> Month:
        """The first month, counted."""
        return month_of(self.first_month)

    @property
    def last(self) -> Month:
        """The last month, counted."""
        return self.first + self.months - 1


class SetupRow(NamedTuple):
    """A municipality's arrangements as of one date."""

    as_of: date
    implementation_status: str
    one_stop_window: bool
    window_since: date | None
    coordination_team: bool
    team_since: date | None
    operator: str
    planned_start_fy: int | None
    plan_published: bool


class Consultation(NamedTuple):
    """One consultation received in the month."""

    consultation_no: str
    received_ym: date
    referral_route: str
    window_field: str
    age_band: str
    household_type: str
    issue_flags: tuple[str, ...]
    is_complex: bool
    gap_need: bool
    gap_reason: str | None
    screening_result: str
    referred_to: tuple[str, ...]


class CaseRow(NamedTuple):
    """One case as a ledger shows it: as it stands at the end of that month."""

    case_no: str
    consultation_no: str | None
    service: str
    accepted_ym: date
    referred_from: str
    age_band: str
    household_type: str
    issue_flags: tuple[str, ...]
    gap_need: bool
    gap_reason: str | None
    gap_response: str | None
    consent_status: str
    consent_ym: date | None
    assessed_ym: date | None
    planned_ym: date | None
    replan_count: int
    conferenced_ym: date | None
    started_ym: date | None
    returned_ym: date | None
    closed_ym: date | None
    closure_type: str | None
    lead_agency_after: str | None
    evaluation_changes: tuple[str, ...]
    reopened_from: str | None


class Meeting(NamedTuple):
    """One meeting held in the month."""

    meeting_no: str
    held_on: date
    meeting_type: str
    cases_discussed: int
    plans_reviewed: int
    closures_reviewed: int
    resource_issues: int
    agency_types: tuple[str, ...]
    attendees: int
    non_welfare_present: bool


class GrantRow(NamedTuple):
    """One municipality × component × stage × sequence number of a fiscal year; yen."""

    municipality_code: str
    component: str
    stage: str
    seq: int
    dated_on: date
    total_cost: int
    other_income: int
    base_amount: int
    eligible_actual: int
    national_share: int
    prefectural_share: int
    municipal_share: int | None


Row = SetupRow | Consultation | CaseRow | Meeting | GrantRow

ROW_OF_FORM: Mapping[str, type[tuple[Value, ...]]] = {
    "setup": SetupRow,
    "consultation": Consultation,
    "case": CaseRow,
    "meeting": Meeting,
    "grant": GrantRow,
}


class Fault(NamedTuple):
    """A cell that its sender spoilt: what stands there instead of the value. The row it is in must be rejected."""

    column: str
    text: str


@dataclass(frozen=True)
class Submission:
    """One form as one sender sent it for one period, once.

    `period` is the first day of the month or of the fiscal year; `version` counts the times it was sent, from 1.
    `faults` are by position in `rows`, one a row.
    """

    sender_code: str
    form: str
    period: date
    version: int
    arrived_at: datetime
    rows: tuple[Row, ...]
    faults: Mapping[int, Fault] = field(default_factory=dict)

    @property
    def good_rows(self) -> list[Row]:
        """The rows that count."""
        return [row for index, row in enumerate(self.rows) if index not in self.faults]

    @property
    def key(self) -> str:
        """Names the submission within its world."""
        return f"{self.sender_code}/{self.form}/{self.period}/{self.version}"


@dataclass(frozen=True)
class Municipality:
    """A municipality as the reference knows it: `reference` is its row of municipalities.csv."""

    reference: Mapping[str, str]

    @property
    def code(self) -> str:
        """6 digits."""
        return self.reference["municipality_code"]

    @property
    def name(self) -> str:
        """As officially written."""
        return self.reference["name"]

    @property
    def region_code(self) -> str:
        """`R-<region>`."""
        return f"R-{self.reference['region']}"

    @property
    def population(self) -> int:
        """Census 2020."""
        return int(self.reference["population_2020"])

    @property
    def is_town(self) -> bool:
        """A town or village: smaller, and without a welfare office of its own."""
        return self.reference["kind"] in {"町", "村"}

    @property
    def share_65plus(self) -> float:
        """Share of people of 65 and older."""
        return int(self.reference["pop_65plus"]) / self.population


@dataclass(frozen=True)
class World:
    """Everything that was sent, in the order it arrived, and by whom it could have been sent."""

    spec: WorldSpec
    municipalities: tuple[Municipality, ...]
    submissions: tuple[Submission, ...]
    code_lists: CodeLists


def reference_code_lists() -> CodeLists:
    """The project's code lists."""
    return load_code_lists(REFERENCE_DIR / "codes.csv", REFERENCE_DIR / "grant_components.csv")


def month_of(day: date) -> Month:
    """The month a day lies in."""
    return day.year * 12 + day.month - 1


@cache
def first_day(month: Month) -> date:
    """The first day of a month."""
    return date(month // 12, month % 12 + 1, 1)


def fiscal_year(month: Month) -> int:
    """The Gregorian year in which the month's fiscal year (April to March) starts."""
    return (month - 3) // 12


def fiscal_year_start(year: int) -> date:
    """The first day of a fiscal year."""
    return date(year, 4, 1)
