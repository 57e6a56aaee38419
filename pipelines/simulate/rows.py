"""The rows of every form, with the names and order of its contract's columns.

What else a world holds is `model`'s, how rows come about does not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

Value = str | int | float | bool | date | tuple[str, ...] | None
"""A cell: an id or code, a count, number or yen, a flag, a month (its first day) or day, several codes, or blank."""


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


class Outreach(NamedTuple):
    """What was done in the month for one case of service outreach."""

    case_no: str
    visits: int
    letters: int
    calls_messages: int
    accompaniments: int
    agency_contacts: int
    met_person: bool


class MatchRow(NamedTuple):
    """One match of a case with a resource (参加支援): as it stands at the end of the month."""

    match_no: str
    case_no: str
    matched_ym: date | None
    resource_type: str
    resource_origin: str
    match_status: str
    followups: int
    ended_ym: date | None


class PlaceRow(NamedTuple):
    """One place of 地域づくり: as it stands at the end of the month, with that month's days and visitors."""

    place_no: str
    base_scheme: str
    opened_ym: date
    closed_ym: date | None
    is_open_to_all: bool
    open_days: int
    visitors: int


class NeedRow(NamedTuple):
    """One need for a resource that is lacking: as it stands at the end of the month."""

    need_no: str
    raised_ym: date
    resource_type: str
    gap_reason: str
    raised_at: str
    need_status: str
    resolved_ym: date | None


class MonthlySummary(NamedTuple):
    """A municipality's own totals of the month."""

    declared_consultations: int
    declared_new_cases: int
    declared_active_cases: int
    declared_closures: int
    declared_jusou_meetings: int
    declared_support_meetings: int


class Goal(NamedTuple):
    """One goal of a municipality."""

    goal_no: str
    goal_indicator: str
    target_value: float
    due_ym: date
    evaluation_ym: date


class CheckItem(NamedTuple):
    """One item of a municipality's check of its own functions."""

    function_area: str
    item_no: int
    self_rating: int
    has_evidence: bool


class Payment(NamedTuple):
    """One payment of the prefecture to a municipality; yen, a refund is negative."""

    payment_no: str
    municipality_code: str
    source: str
    field: str
    paid_on: date
    amount_yen: int


class DispatchRow(NamedTuple):
    """One dispatch of an adviser: as it stands at the end of the month."""

    dispatch_no: str
    municipality_code: str
    requested_on: date
    visited_on: date | None
    adviser_kind: str
    dispatch_mode: str
    advice_topics: tuple[str, ...]
    attendees: int | None
    sections: int | None
    non_welfare_present: bool | None
    dispatch_status: str


class ActionRow(NamedTuple):
    """One action agreed at a dispatch: as it stands at the end of the month."""

    action_no: str
    dispatch_no: str
    municipality_code: str
    advice_topic: str
    due_on: date
    action_status: str
    done_on: date | None


class Attendance(NamedTuple):
    """One municipality at one training session of the prefecture."""

    training_no: str
    municipality_code: str
    held_on: date
    training_theme: str
    dispatch_mode: str
    attendees: int


Row = (
    SetupRow
    | Consultation
    | CaseRow
    | Meeting
    | GrantRow
    | Outreach
    | MatchRow
    | PlaceRow
    | NeedRow
    | MonthlySummary
    | Goal
    | CheckItem
    | Payment
    | DispatchRow
    | ActionRow
    | Attendance
)

ROW_OF_FORM: Mapping[str, type[Row]] = {
    "setup": SetupRow,
    "consultation": Consultation,
    "case": CaseRow,
    "meeting": Meeting,
    "grant": GrantRow,
    "outreach": Outreach,
    "participation": MatchRow,
    "place": PlaceRow,
    "resource_need": NeedRow,
    "monthly_summary": MonthlySummary,
    "goal": Goal,
    "function_check": CheckItem,
    "grant_payment": Payment,
    "dispatch": DispatchRow,
    "dispatch_action": ActionRow,
    "training": Attendance,
}
