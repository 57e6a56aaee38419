"""The truth of the published tables beside the KPI marts, in worlds worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from pipelines.settings import TIME_ZONE
from pipelines.simulate.model import PREFECTURE_CODE, Fault, World
from pipelines.simulate.rows import CheckItem, Goal, GrantRow, Payment
from pipelines.simulate.tables import TABLES, expected_tables
from tests.unit.hand_worlds import (
    APRIL,
    JUNE,
    MAY,
    A,
    B,
    action,
    attendance,
    case,
    consultation,
    dispatch,
    meeting,
    months_after,
    of_prefecture,
    sent,
    setup,
    world,
)

MARCH = months_after(APRIL, 11)


def rows(made: World, table: str, **wanted: Any) -> list[dict[str, Any]]:
    """The rows of a table in which these columns have these values."""
    found = [dict(zip(TABLES[table].columns, row, strict=True)) for row in expected_tables(made)[table]]
    return [row for row in found if all(row[column] == value for column, value in wanted.items())]


def row(made: World, table: str, **wanted: Any) -> dict[str, Any]:
    """The only such row."""
    (found,) = rows(made, table, **wanted)
    return found


def test_a_year_adds_the_months_that_are_known_and_says_how_complete_it_is() -> None:
    made = world(
        sent(A, "consultation", APRIL, consultation("1", APRIL, complex_=True), consultation("2", APRIL)),
        sent(A, "consultation", JUNE, consultation("3", JUNE)),
        sent(B, "consultation", JUNE, consultation("1", JUNE)),
        sent(B, "consultation", months_after(JUNE, 1)),
    )
    year = row(made, "kpi_period", kpi_id="complex_share", period_kind="fiscal_year", area_code=A)
    assert (year["period"], year["numerator"], year["denominator"], year["months"]) == (APRIL, 1, 3, 4)
    assert (year["completeness"], year["value"], year["mark"]) == ("partial", 1 / 3, None)
    quarter = row(
        made, "kpi_period", kpi_id="new_consultations", period_kind="fiscal_quarter", period=APRIL, area_code=B
    )
    assert (quarter["numerator"], quarter["completeness"], quarter["months"]) == (1, "partial", 3)
    next_quarter = row(
        made,
        "kpi_period",
        kpi_id="new_consultations",
        period_kind="fiscal_quarter",
        period=date(2023, 7, 1),
        area_code=B,
    )
    # July alone of three months is in the grid, so the quarter is not complete though July is.
    assert (next_quarter["numerator"], next_quarter["completeness"], next_quarter["months"]) == (0, "partial", 1)
    missing = row(
        made,
        "kpi_period",
        kpi_id="new_consultations",
        period_kind="fiscal_quarter",
        period=date(2023, 7, 1),
        area_code=A,
    )
    assert (missing["numerator"], missing["completeness"], missing["mark"]) == (None, "missing", "…")
    nothing = row(made, "kpi_period", kpi_id="new_cases", period_kind="fiscal_year", area_code=A)
    assert (nothing["numerator"], nothing["completeness"], nothing["mark"]) == (None, "not_applicable", "-")
    assert rows(made, "kpi_period", kpi_id="active_cases") == [], "a stock does not add up"


def test_a_quarter_of_three_complete_months_is_complete() -> None:
    made = world(*(sent(A, "consultation", month, consultation("1", month)) for month in (APRIL, MAY, JUNE)))
    quarter = row(made, "kpi_period", kpi_id="new_consultations", period_kind="fiscal_quarter", area_code=A)
    assert (quarter["numerator"], quarter["completeness"]) == (3, "complete")


def test_gap_needs_by_reason_and_age_with_every_pair() -> None:
    made = world(
        sent(A, "consultation", APRIL, consultation("1", APRIL, gap="age"), consultation("2", APRIL)),
        sent(B, "consultation", MARCH, consultation("1", MARCH, gap="age")),
    )
    both = row(made, "gap_need_cross", area_code=PREFECTURE_CODE, gap_reason="age", age_band="75+")
    assert (both["fiscal_year"], both["consultations"], both["completeness"]) == (2023, 2, "partial")
    reasons = {found["gap_reason"] for found in rows(made, "gap_need_cross", area_code=A)}
    assert len(reasons) == 8 and "unknown" in reasons
    assert sum(found["consultations"] for found in rows(made, "gap_need_cross", area_code=A)) == 1


def test_groups_present_at_conferences_and_who_referred_cases() -> None:
    made = world(
        sent(
            A,
            "meeting",
            APRIL,
            meeting("1", APRIL, "jusou", agencies=("01", "02", "10")),
            meeting("2", APRIL, "jusou", agencies=("10",)),
            meeting("3", APRIL, "support_106_6", agencies=("03",)),
        ),
        sent(A, "case", APRIL, case("1", APRIL), case("2", APRIL, referred_from="01"), case("3", date(2023, 3, 1))),
    )
    present = {found["agency_group"]: found["meetings"] for found in rows(made, "meeting_presence", area_code=A)}
    assert (present["elderly"], present["hardship"], present["disability"]) == (1, 2, 0)
    assert {found["of_meetings"] for found in rows(made, "meeting_presence", area_code=A)} == {2}
    referred = {found["agency_type"]: found["cases"] for found in rows(made, "referral_source", area_code=A)}
    assert (referred["18"], referred["01"], referred["99"]) == (1, 1, 0)
    assert row(made, "referral_source", area_code=B, agency_type="18")["mark"] == "-"


def _grant(stage: str, dated_on: date, eligible: int, shares: tuple[int, int, int], seq: int = 1) -> GrantRow:
    return GrantRow(A, "multi_agency", stage, seq, dated_on, 9_000_000, 0, 8_000_000, eligible, *shares)


GRANTS = of_prefecture(
    "grant",
    APRIL,
    _grant("decision", date(2023, 7, 1), 7_345_678, (3_672_000, 1_836_000, 1_837_678)),
    _grant("advance", date(2023, 10, 1), 7_345_678, (1_836_000, 918_000, 0)),
    _grant("advance", date(2024, 2, 1), 7_345_678, (1_836_000, 918_000, 0), seq=2),
    _grant("report", date(2024, 4, 9), 8_500_000, (4_000_000, 2_001_000, 1_999_000)),
    _grant("final", date(2024, 5, 9), 8_500_000, (4_000_000, 2_000_000, 2_000_000)),
)


def test_advances_are_added_up_and_costs_are_those_of_the_newest_row() -> None:
    made = world(GRANTS)
    advance = row(made, "grant_component", stage="advance")
    assert (advance["instalments"], advance["dated_on"]) == (2, date(2024, 2, 1))
    assert (advance["national_share"], advance["prefectural_share"]) == (3_672_000, 1_836_000)
    assert (advance["total_cost"], advance["selected"]) == (9_000_000, 7_345_678)
    assert row(made, "grant_component", stage="final")["selected"] == 8_000_000


def test_findings_name_what_does_not_agree_to_the_yen() -> None:
    lump = Payment("1", A, "prefectural", "lump", date(2023, 10, 9), 1_835_000)
    made = world(GRANTS, of_prefecture("grant_payment", APRIL, lump))
    found = {(each["finding"], each["stage"], each["amount"]): each for each in rows(made, "grant_reconciliation")}
    assert found.keys() == {
        ("share_off_rate", "report", "prefectural"),
        *(
            ("final_over_decision", stage, of)
            for stage in ("report", "final")
            for of in ("total", "national", "prefectural")
        ),
        ("lump_gap", "advance", "prefectural"),
    }
    gap = found["lump_gap", "advance", "prefectural"]
    assert (gap["component"], gap["expected_yen"], gap["found_yen"], gap["difference_yen"]) == (
        None,
        1_836_000,
        1_835_000,
        -1_000,
    )
    assert found["final_over_decision", "final", "total"]["difference_yen"] == 6_000_000 - 5_508_000
    assert rows(world(GRANTS), "grant_reconciliation", finding="lump_gap") == [], "no payments known"


def test_support_is_listed_one_by_one_as_the_newest_row_tells_it() -> None:
    made = world(
        of_prefecture("dispatch", APRIL, dispatch("1", None, "scheduled", attendees=None)),
        of_prefecture("dispatch", MAY, dispatch("1", date(2023, 5, 3))),
        of_prefecture("dispatch_action", MAY, action("1", JUNE, "open")),
        of_prefecture("training", MAY, attendance("1", date(2023, 5, 9), 0)),
    )
    found = {each["kind"]: each for each in rows(made, "support_given", municipality_code=A)}
    assert len(rows(made, "support_given")) == 3
    assert (found["dispatch"]["happened_on"], found["dispatch"]["attendees"]) == (date(2023, 5, 3), 5)
    assert (found["action"]["happened_on"], found["action"]["due_on"]) == (None, JUNE)
    assert (found["training"]["topics"], found["training"]["attendees"]) == ((), 0)


def test_goals_are_measured_once_they_are_due() -> None:
    goals = [
        Goal("1", "consultations", 1.0, MAY, MAY),
        Goal("2", "consultations", 9.0, months_after(MAY, 5), MAY),
        Goal("3", "other", 1.0, MAY, MAY),
    ]
    made = world(sent(A, "consultation", MAY, consultation("1", MAY)), sent(A, "goal", APRIL, *goals))
    stated = [
        (each["measured_kpi"], each["measured_value"], each["is_reached"])
        for each in sorted(rows(made, "goal"), key=lambda each: (each["goal_indicator"], each["target_value"]))
    ]
    assert stated == [("new_consultations", 1.0, True), (None, None, None), (None, None, None)]


def test_checks_as_they_were_stated_last() -> None:
    made = world(
        sent(A, "consultation", APRIL),
        sent(A, "function_check", APRIL, CheckItem("community", 1, 0, False)),
        sent(A, "function_check", APRIL, CheckItem("community", 1, 3, True), version=2),
    )
    assert expected_tables(made)["function_profile"] == [(A, 2023, "community", 1, 3, True)]


@pytest.mark.parametrize("again", [False, True])
def test_submissions_stand_as_expected_accepted_or_returned(again: bool) -> None:
    spoilt = {0: Fault("received_ym", "2023-13")}
    at = datetime(2023, 6, 3, 9, tzinfo=TIME_ZONE)
    returned = sent(A, "consultation", MAY, consultation("1", MAY), faults=spoilt, at=at)
    accepted = sent(A, "consultation", MAY, consultation("1", MAY), version=2, at=at.replace(day=12))
    made = world(
        sent(A, "setup", APRIL, setup(APRIL, "implementing")),
        sent(A, "consultation", APRIL, at=at.replace(month=5)),
        sent(B, "meeting", APRIL),
        returned,
        *([accepted] if again else []),
        sent(B, "place", MAY),
    )
    status = row(made, "submission_status", sender_code=A, form="consultation", period=MAY)
    if again:
        assert (status["status"], status["completeness"], status["rows_accepted"]) == ("accepted", "complete", 1)
        assert (status["is_on_time"], status["received_at"]) == (False, accepted.arrived_at)
    else:
        assert (status["status"], status["completeness"], status["rows_rejected"]) == ("returned", "missing", 1)
        assert (status["is_on_time"], status["received_at"]) == (None, returned.arrived_at)
    assert row(made, "submission_status", sender_code=A, form="consultation", period=APRIL)["is_on_time"] is True
    unasked = row(made, "submission_status", sender_code=B, form="meeting")
    assert (unasked["expected"], unasked["is_on_time"]) == (False, None)
    never = row(made, "submission_status", sender_code=A, form="case", period=APRIL)
    assert (never["expected"], never["status"], never["rows_total"]) == (True, None, None)
    assert len(rows(made, "submission_status", sender_code=A)) == 8 * 2 + 1
    assert rows(made, "submission_status", sender_code=B, form="setup")[0]["completeness"] == "missing"


def test_the_flow_skips_stages_and_tells_open_from_lost() -> None:
    made = world(
        sent(
            A,
            "consultation",
            APRIL,
            consultation("1", APRIL),
            consultation("2", APRIL, screening="6"),
            consultation("3", APRIL, screening="3"),
        ),
        sent(A, "case", APRIL, case("lost", APRIL, assessed_ym=APRIL), case("closed", APRIL)),
        sent(
            A,
            "case",
            JUNE,
            case("closed", APRIL, closed=MAY, planned_ym=APRIL, started_ym=MAY),
            case("again", JUNE, reopened_from="closed"),
            case("once more", JUNE, reopened_from="closed", returned=JUNE),
            case("too early", APRIL, reopened_from="once more"),
            case("in May, without a ledger", MAY),
        ),
    )
    steps = {
        (each["from_stage"], each["to_stage"]): each["cases"]
        for each in rows(made, "support_flow", area_code=A)
        if each["cases"]
    }
    assert steps == {
        ("consultation", "ended_at_window"): 2,
        ("consultation", "kept_by_consultation"): 1,
        ("accepted", "assessed"): 1,
        ("assessed", "lost"): 1,
        ("accepted", "planned"): 1,
        ("planned", "started"): 1,
        ("started", "closed"): 1,
        ("closed", "reopened"): 1,
        ("accepted", "open"): 2,
        ("accepted", "returned"): 1,
    }
    assert row(made, "support_flow", area_code=A, from_stage="planned", to_stage="conferenced")["cases"] == 0
    assert row(made, "support_flow", area_code=B, from_stage="accepted", to_stage="open")["mark"] == "-"
