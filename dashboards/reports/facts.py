"""What is known of one municipality in one month, gathered once: for the questions' rules and for the briefing's sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd
from pandas.api.types import is_list_like

from dashboards import data, labels
from dashboards.data import Edition, EditionError
from dashboards.frames import rows_of
from dashboards.reports import sections
from dashboards.reports.questions import Facts
from dashboards.reports.wording import date_text, fiscal_year_label, fiscal_year_of, whole

COUNTS = (
    "new_consultations",
    "gap_needs",
    "new_cases",
    "plans_made",
    "active_cases",
    "closures",
    "jusou_meetings",
    "outreach_persons",
)
REFERRED = "multi_agency_referral_share"
TOLD = (
    *COUNTS,
    data.SETUP_KPI,
    REFERRED,
    "plan_within_3_months",
    "grant_execution_rate",
    "grant_refund_yen",
    "months_since_support",
    "row_error_rate",
    "balance_gap",
)


@dataclass(frozen=True)
class Place:
    """One municipality in one month of one edition, and the frames about it. Raises EditionError for an unknown code."""

    edition: Edition
    code: str
    month: date

    @property
    def fiscal_year(self) -> int:
        """The fiscal year of the month."""
        return fiscal_year_of(self.month)

    @property
    def year_ja(self) -> str:
        """令和6年度."""
        return fiscal_year_label(self.fiscal_year)

    @cached_property
    def facts(self) -> Any:
        """The reference row."""
        found = rows_of(data.municipality(self.edition, self.code))
        if not found:
            raise EditionError(f"市町村コード {self.code} は、この版にありません。")
        return found[0]

    @cached_property
    def peers(self) -> list[str]:
        """Codes of the six nearest, nearest first."""
        return list(self.facts.peers) if is_list_like(self.facts.peers) else []

    @cached_property
    def setup(self) -> Any | None:
        """The newest report on the set-up, not after the end of the month."""
        reports = data.setup_history(self.edition, self.code)
        known = rows_of(reports[reports["as_of"] <= pd.Timestamp(labels.month_end(self.month))])
        return known[-1] if known else None

    @cached_property
    def support(self) -> pd.DataFrame:
        """Dispatches, actions and trainings of the municipality as they stand at the end of the month, newest first."""
        given = data.support_given(self.edition)
        dated = given["happened_on"].fillna(given["due_on"]).fillna(given["requested_on"])
        mine = (given["municipality_code"] == self.code) & (dated <= pd.Timestamp(labels.month_end(self.month)))
        return given[mine].assign(dated=dated[mine]).sort_values("dated", ascending=False, kind="stable")

    @property
    def visits(self) -> pd.DataFrame:
        """Dispatches done."""
        return self.support[(self.support["kind"] == "dispatch") & (self.support["status"] == "done")]

    @property
    def requests(self) -> pd.DataFrame:
        """Dispatches asked for or agreed, not yet done: also those whose day is still to come."""
        given = data.support_given(self.edition)
        waiting = given["status"].isin(["requested", "scheduled"]) & (given["kind"] == "dispatch")
        asked = given["requested_on"] <= pd.Timestamp(labels.month_end(self.month))
        mine = given[waiting & asked & (given["municipality_code"] == self.code)]
        return mine.sort_values("requested_on", ascending=False, kind="stable")

    @property
    def actions(self) -> pd.DataFrame:
        """What was agreed on a visit and is not dropped."""
        return self.support[(self.support["kind"] == "action") & (self.support["status"] != "dropped")]

    @property
    def open_actions(self) -> pd.DataFrame:
        """Actions not done by the end of the month."""
        done = self.actions["done_on"] <= pd.Timestamp(labels.month_end(self.month))
        return self.actions[~done.fillna(value=False)]

    @property
    def trainings(self) -> pd.DataFrame:
        """Trainings attended in the fiscal year."""
        given = self.support
        since = given["happened_on"] >= pd.Timestamp(self.fiscal_year, 4, 1)
        return given[(given["kind"] == "training") & (given["attendees"] >= 1) & since]

    @cached_property
    def missing(self) -> list[str]:
        """Forms expected for the month that have not come."""
        status = data.submission_status(self.edition, self.month, self.month)
        lacking = (status["sender_code"] == self.code) & (status["completeness"] == "missing")
        expected = status["expected"].fillna(value=False) & (status["cadence"] == "monthly")
        return [str(form) for form in status.loc[lacking & expected, "form_label_ja"]]

    @cached_property
    def history(self) -> pd.DataFrame:
        """Every KPI a briefing tells, month by month."""
        return data.kpi_area(self.edition, TOLD, self.code)

    @cached_property
    def _now(self) -> dict[str, Any]:
        month = self.history[self.history["period"] == pd.Timestamp(self.month)]
        return {str(cell.kpi_id): cell for cell in rows_of(month)}

    def cell(self, kpi_id: str) -> Any | None:
        """A KPI of the month."""
        return self._now.get(kpi_id)

    def value(self, kpi_id: str) -> float | None:
        """A KPI's value of the month; None where it is not there."""
        cell = self.cell(kpi_id)
        return None if cell is None or pd.isna(cell.value) else float(cell.value)

    def base(self, kpi_id: str) -> int | None:
        """A share's denominator of the month; None where it is not there."""
        cell = self.cell(kpi_id)
        return None if cell is None else whole(cell.denominator)

    @property
    def referred_in_prefecture(self) -> float | None:
        """The prefecture's share of complex consultations handed to 多機関協働, of the month."""
        history = data.kpi_history(self.edition, REFERRED, "prefecture")
        now = history.loc[history["period"] == pd.Timestamp(self.month), "value"].dropna()
        return float(now.iloc[0]) if len(now) else None

    def topics(self, codes: Any) -> str:
        """Labels of advice topics."""
        names = data.code_labels(self.edition, "advice_topic")
        return "、".join(names.get(str(code), str(code)) for code in codes) if is_list_like(codes) else ""

    @property
    def peers_with_window(self) -> int:
        """How many of the peers have a window or a team."""
        month = data.kpi_month(self.edition, self.month, (data.SETUP_KPI,))
        return int(month.loc[month["area_code"].isin(self.peers), "numerator"].fillna(0).sum())


def facts_of(place: Place) -> Facts:
    """The facts the rules see."""
    months = place.value("months_since_support")
    balance = place.value("balance_gap")
    return Facts(
        month_ja=labels.wareki_month(place.month),
        year_ja=place.year_ja,
        share_65plus=place.facts.pop_65plus / place.facts.population_2020,
        share_single_65plus=place.facts.households_elderly_single / place.facts.households_general,
        peers=len(place.peers),
        peers_with_window=place.peers_with_window,
        missing_forms=tuple(place.missing),
        referral_share=place.value(REFERRED),
        referral_base=place.base(REFERRED),
        prefecture_referral_share=place.referred_in_prefecture,
        plan_share=place.value("plan_within_3_months"),
        months_since_support=None if months is None else int(months),
        ever_supported=not place.visits.empty or not place.trainings.empty or months is not None,
        trainings=len(place.trainings),
        row_error_rate=place.value("row_error_rate"),
        balance_gap=None if balance is None else int(balance),
        **_setup(place),
        **_support(place),
        **_flow(place),
        **_agencies(place),
        **_money(place),
        **_goals(place),
    )


def _setup(place: Place) -> dict[str, Any]:
    report, cell = place.setup, place.cell(data.SETUP_KPI)
    return {
        "setup_reported_ja": date_text(report.as_of) if report is not None else None,
        "has_window": None if cell is None or pd.isna(cell.numerator) else bool(cell.numerator),
    }


def _support(place: Place) -> dict[str, Any]:
    requests = rows_of(place.requests)
    overdue = place.open_actions["due_on"] <= pd.Timestamp(labels.month_end(place.month))
    return {
        "asked_topics": (place.topics(requests[0].topics) or None) if requests else None,
        "asked_on_ja": date_text(requests[0].requested_on) if requests else None,
        "actions_open": len(place.open_actions),
        "actions_overdue": int(overdue.fillna(value=False).sum()),
    }


def _flow(place: Place) -> dict[str, Any]:
    flow = data.support_flow(place.edition, place.fiscal_year, place.code)
    most = sections.standing_still(flow)
    return {
        "stalled_stage": str(most.from_label_ja) if most else None,
        "stalled_cases": int(most.cases) if most else None,
        "lost_cases": sections.lost_cases(flow),
    }


def _agencies(place: Place) -> dict[str, Any]:
    presence = data.meeting_presence(place.edition, place.fiscal_year, place.code)
    referrals = data.referral_source(place.edition, place.fiscal_year, place.code)
    gaps = data.gap_need_cross(place.edition, place.fiscal_year, place.code)
    reasons = sections.totals(gaps, "reason_label_ja") if len(gaps) else pd.DataFrame({"value": []})
    known = rows_of(reasons[reasons["value"].notna()].sort_values("value", ascending=False, kind="stable").head(1))
    is_known = len(referrals) > 0 and bool(referrals["cases"].notna().any())
    return {
        "meetings": whole(presence["of_meetings"].max()) if len(presence) else None,
        "never_present": tuple(presence.loc[presence["meetings"].eq(0).fillna(value=False), "label_ja"]),
        "referring": int((referrals["cases"] > 0).fillna(value=False).sum()) if is_known else None,
        "never_referring": tuple(sections.never_referring(referrals)),
        "top_gap_reason": str(known[0].label) if known else None,
        "top_gap_cases": int(known[0].value) if known else None,
    }


def _money(place: Place) -> dict[str, Any]:
    cell = place.cell("grant_execution_rate")
    if cell is None or pd.isna(cell.denominator) or not cell.denominator:
        return {}
    return {"decided_yen": int(cell.denominator), "unspent_yen": int(cell.denominator - cell.numerator)}


def _goals(place: Place) -> dict[str, Any]:
    goals = data.goals(place.edition, place.code, place.fiscal_year)
    due = goals[goals["due_ym"] <= pd.Timestamp(place.month)]
    return {"goals_due": len(due), "goals_missed": int(due["is_reached"].eq(False).fillna(value=False).sum())}
