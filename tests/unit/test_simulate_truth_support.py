"""The truth of the KPIs about places, money, 後方支援, goals and submissions, in worlds worked out by hand."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from pipelines.settings import TIME_ZONE
from pipelines.simulate.model import PREFECTURE_CODE, Fault
from pipelines.simulate.rows import Goal, MonthlySummary, Payment
from pipelines.simulate.truth import expected_kpis
from tests.unit.hand_worlds import (
    APRIL,
    JUNE,
    MAY,
    A,
    B,
    action,
    attendance,
    case,
    cell_of,
    consultation,
    dispatch,
    grant,
    match,
    meeting,
    member_of,
    months_after,
    need,
    numbers,
    of_prefecture,
    outreach,
    place,
    sent,
    setup,
    world,
)

MARCH = months_after(APRIL, 11)
NEXT_APRIL = months_after(APRIL, 12)


# --- arrangements and places ---


def test_a_status_is_known_from_the_first_statement_of_the_year() -> None:
    made = world(
        sent(A, "setup", APRIL, setup(date(2023, 5, 31))),
        sent(A, "setup", NEXT_APRIL, setup(date(2024, 5, 1))),
        sent(A, "consultation", APRIL),
        sent(A, "consultation", months_after(NEXT_APRIL, 1)),
    )
    stated = {month: numbers(made, "status_known_rate", month, A)[0] for month in (APRIL, MAY, MARCH, NEXT_APRIL)}
    assert stated == {APRIL: 0, MAY: 1, MARCH: 1, NEXT_APRIL: 0}
    unheard = cell_of(made, "status_known_rate", MAY, B)
    assert (unheard.numerator, unheard.denominator, unheard.completeness) == (0, 1, "missing")
    assert numbers(made, "status_known_rate", months_after(NEXT_APRIL, 1), PREFECTURE_CODE) == (1, 2)


def test_a_closed_place_and_its_visitors_do_not_count() -> None:
    rows = [place("1", open_to_all=True, visitors=30), place("2", visitors=12), place("3", closed=APRIL, visitors=5)]
    made = world(sent(A, "place", APRIL, *rows))
    assert numbers(made, "places", APRIL, A) == (2, None)
    assert numbers(made, "place_visitors", APRIL, A) == (42, None)
    assert numbers(made, "places_open_to_all_share", APRIL, A) == (1, 2)


def test_needs_are_open_in_their_ledger_and_developed_in_the_month_they_name() -> None:
    made = world(
        sent(A, "resource_need", APRIL, need("1", "identified"), need("2", "considering"), need("3", "dropped")),
        sent(A, "resource_need", MAY, need("1", "developed", APRIL), need("2", "developed", MAY)),
    )
    assert numbers(made, "resource_needs_open", APRIL, A) == (2, None)
    assert numbers(made, "resource_needs_open", MAY, A) == (0, None)
    assert numbers(made, "resources_developed", APRIL, A) == (1, None)
    assert numbers(made, "resources_developed", MAY, A) == (1, None)


# --- money ---


def test_refunds_are_advances_above_the_final_amount_of_each_component() -> None:
    made = world(
        sent(A, "consultation", APRIL),
        sent(A, "consultation", MARCH),
        of_prefecture(
            "grant",
            APRIL,
            grant("advance", date(2023, 10, 1), 5_000),
            grant("advance", date(2024, 2, 1), 4_000, seq=2),
            grant("final", date(2024, 2, 2), 8_000),
            grant("final", date(2024, 5, 2), 6_000),  # the latest: 5000 + 4000 + 2 × 1000 − 7000 = 4000 back
            grant("advance", date(2023, 10, 1), 5_000, component="outreach"),
            grant("final", date(2024, 5, 2), 9_000, component="outreach"),  # paid too little: nothing back
            grant("advance", date(2023, 10, 1), 5_000, component="consult_child"),  # not settled
        ),
    )
    assert numbers(made, "grant_refund_yen", MARCH, A) == (4_000, None)
    assert numbers(made, "grant_refund_yen", months_after(MARCH, -1), A) == (2_000, None)
    assert numbers(made, "grant_refund_yen", MARCH, B) == (0, None)


def test_the_lump_is_compared_with_the_prefectural_share_of_the_advances() -> None:
    paid = [
        Payment("1", A, "prefectural", "lump", date(2023, 10, 9), 1_500),
        Payment("2", A, "national", "child", date(2023, 10, 9), 90_000),
        Payment("3", A, "prefectural", "lump", date(2024, 5, 9), 700),
        Payment("4", B, "prefectural", "lump", date(2023, 10, 9), 40),
    ]
    advances = [
        grant("advance", date(2023, 10, 1), 5_000),
        grant("advance", date(2023, 10, 1), 5_000, component="outreach"),
        grant("decision", date(2023, 7, 1), 5_000),
    ]
    months = [sent(A, "consultation", APRIL), sent(A, "consultation", MARCH)]
    made = world(*months, of_prefecture("grant", APRIL, *advances), of_prefecture("grant_payment", APRIL, *paid))
    october = date(2023, 10, 1)
    assert numbers(made, "grant_lump_gap_yen", october, A) == (1_500 - 2_000, None)
    assert numbers(made, "grant_lump_gap_yen", MARCH, A) == (1_500 + 700 - 2_000, None)
    assert numbers(made, "grant_lump_gap_yen", MARCH, PREFECTURE_CODE) == (240, None)
    unpaid = cell_of(world(*months, of_prefecture("grant", APRIL, *advances)), "grant_lump_gap_yen", MARCH, A)
    assert (unpaid.numerator, unpaid.mark) == (None, "…")


# --- what the prefecture does for municipalities ---


def test_a_visit_counts_in_its_month_and_in_each_topic() -> None:
    made = world(
        of_prefecture("dispatch", APRIL, dispatch("1", None, "scheduled"), dispatch("2", date(2023, 4, 30))),
        of_prefecture(
            "dispatch",
            MAY,
            dispatch("1", date(2023, 5, 31), advice_topics=("agencies", "cases"), dispatch_mode="online"),
            dispatch("3", date(2023, 5, 2), "cancelled"),
        ),
    )
    assert numbers(made, "dispatch_visits", APRIL, A) == (1, None)
    assert numbers(made, "dispatch_visits", MAY, A) == (1, None)
    assert numbers(made, "dispatch_visits", MAY, B) == (0, None)
    topics = [
        member_of(made, "dispatch_visits", MAY, A, "advice_topic", topic).numerator for topic in ("agencies", "cases")
    ]
    assert topics == [1, 1]
    assert member_of(made, "dispatch_visits", MAY, A, "dispatch_mode", "onsite").numerator == 0
    assert cell_of(made, "dispatch_visits", MAY, PREFECTURE_CODE).completeness == "complete"


def test_reach_starts_anew_each_fiscal_year() -> None:
    visited = dispatch("1", date(2024, 3, 31))
    made = world(
        of_prefecture("dispatch", months_after(MARCH, -1)),
        of_prefecture("dispatch", MARCH, visited),
        of_prefecture("dispatch", NEXT_APRIL),
        of_prefecture("training", MARCH, attendance("1", date(2024, 3, 2), 3), attendance("1", date(2024, 3, 2), 0, B)),
        of_prefecture("training", NEXT_APRIL),
    )
    reached = [numbers(made, "dispatch_reach", month, A) for month in (months_after(MARCH, -1), MARCH, NEXT_APRIL)]
    assert reached == [(0, 1), (1, 1), (0, 1)]
    assert numbers(made, "dispatch_reach", MARCH, PREFECTURE_CODE) == (1, 2)
    assert numbers(made, "training_coverage", MARCH, PREFECTURE_CODE) == (1, 2), "nobody came from B"
    assert numbers(made, "training_coverage", NEXT_APRIL, A) == (0, 1)
    assert cell_of(made, "training_coverage", months_after(MARCH, -1), A).mark == "…"


def test_months_since_the_last_support_of_either_kind() -> None:
    made = world(
        of_prefecture("dispatch", APRIL, dispatch("1", date(2023, 4, 1))),
        of_prefecture("dispatch", MAY),
        of_prefecture("dispatch", JUNE),
        of_prefecture("training", APRIL),
        of_prefecture("training", MAY, attendance("1", date(2023, 5, 2), 3), attendance("1", date(2023, 5, 2), 0, B)),
        of_prefecture("training", JUNE),
    )
    assert [numbers(made, "months_since_support", month, A)[0] for month in (APRIL, MAY, JUNE)] == [0, 0, 1]
    never = cell_of(made, "months_since_support", JUNE, B)
    assert (never.numerator, never.completeness, never.mark) == (None, "complete", "-")
    area = cell_of(made, "months_since_support", JUNE, PREFECTURE_CODE)
    assert (area.numerator, area.value, area.mark, area.submitted_areas) == (None, None, "-", 2)


def test_actions_due_are_done_or_not_whenever_they_are_listed() -> None:
    made = world(
        of_prefecture(
            "dispatch_action",
            APRIL,
            action("1", date(2023, 4, 30), "open"),
            action("2", date(2023, 4, 30), "done", date(2023, 4, 2)),
            action("3", date(2023, 4, 30), "dropped"),
            action("4", date(2023, 5, 1), "open"),
        ),
        of_prefecture("dispatch_action", MAY, action("1", date(2023, 4, 30), "done", date(2023, 5, 1))),
    )
    assert numbers(made, "action_done_rate", APRIL, A) == (1, 2)
    assert numbers(made, "action_done_rate", MAY, A) == (2, 3)
    assert numbers(made, "action_done_rate", MAY, B) == (0, 0)


# --- goals ---

YEAR_FILES = [
    sent(A, "setup", APRIL, setup(APRIL, "implementing", window=True)),
    sent(A, "consultation", APRIL, consultation("1", APRIL)),
    sent(A, "consultation", JUNE, consultation("2", JUNE), consultation("3", JUNE)),
    sent(A, "case", JUNE, case("1", APRIL, planned_ym=APRIL), case("2", APRIL, closed=JUNE, planned_ym=JUNE)),
    sent(A, "meeting", JUNE, meeting("1", JUNE, "jusou"), meeting("2", JUNE, "support_106_6")),
    sent(A, "outreach", APRIL, outreach("1")),
    sent(A, "outreach", JUNE, outreach("1")),
    sent(A, "participation", JUNE, match("1", JUNE, "following")),
    sent(A, "place", APRIL, place("1"), place("2"), place("3")),
    sent(A, "place", JUNE, place("1"), place("2")),
]


@pytest.mark.parametrize(
    ("indicator", "comes_to"),
    [
        ("window", 1),
        ("consultations", 3),  # May is missing, June known
        ("plans", 1),  # April's ledger is missing, so its plan is not in a known month
        ("meetings", 1),
        ("outreach", 2),
        ("participation", 1),
        ("places", 2),  # as it stands in June, not added up
        ("closures", 1),
    ],
)
def test_a_goal_is_reached_at_its_target_and_not_above(indicator: str, comes_to: int) -> None:
    for target, reached in ((float(comes_to), 1), (comes_to + 0.1, 0)):
        goals = sent(A, "goal", APRIL, Goal("1", indicator, target, JUNE, JUNE))
        made = world(*YEAR_FILES, goals)
        assert numbers(made, "goal_progress", JUNE, A) == (reached, 1)
        assert numbers(made, "goal_progress", MAY, A) == (0, 0)


def test_goals_not_due_not_measured_or_of_another_year_do_not_count() -> None:
    goals = [
        Goal("1", "other", 1.0, JUNE, JUNE),
        Goal("2", "places", 1.0, MAY, MAY),  # of May there is no ledger of places
        Goal("3", "places", 1.0, months_after(APRIL, -1), APRIL),  # before the grid
        Goal("4", "places", 1.0, MARCH, MARCH),
    ]
    made = world(*YEAR_FILES, sent(A, "goal", APRIL, *goals))
    nothing = cell_of(made, "goal_progress", JUNE, A)
    assert (nothing.numerator, nothing.denominator, nothing.mark, nothing.expected_areas) == (0, 0, None, 0)
    assert cell_of(made, "goal_progress", JUNE, B).mark == "-"


# --- the submissions themselves ---


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2023, 5, day, hour, minute, tzinfo=TIME_ZONE)


def test_on_time_is_the_first_accepted_version_by_the_tenth() -> None:
    made = world(
        sent(A, "setup", APRIL, setup(APRIL, "implementing"), at=_at(1, 9)),
        sent(A, "consultation", APRIL, at=_at(10, 23, 59)),
        sent(A, "consultation", APRIL, consultation("1", APRIL), version=2, at=_at(30, 9)),
        sent(A, "case", APRIL, at=_at(11, 0)),
        sent(A, "place", APRIL, place("1"), faults={0: Fault("opened_ym", "x")}, at=_at(3, 9)),  # returned
        sent(A, "place", APRIL, place("1"), version=2, at=_at(12, 9)),
    )
    assert numbers(made, "submission_rate", APRIL, A) == (3, 8)
    assert numbers(made, "submission_on_time_rate", APRIL, A) == (1, 8)
    nothing = cell_of(made, "submission_rate", APRIL, B)
    assert (nothing.numerator, nothing.completeness, nothing.mark, nothing.expected_areas) == (
        None,
        "not_applicable",
        "-",
        0,
    )
    whole = cell_of(made, "submission_rate", APRIL, PREFECTURE_CODE)
    assert (whole.numerator, whole.denominator, whole.completeness, whole.submitted_areas) == (3, 8, "complete", 1)
    before = expected_kpis(made, as_of=_at(10, 23)).monthly
    assert before == [], "no monthly form had come"


def test_a_version_taken_back_neither_counts_nor_was_first() -> None:
    early = sent(A, "consultation", APRIL, consultation("1", APRIL), at=_at(3, 9))
    late = sent(A, "consultation", APRIL, consultation("1", APRIL), consultation("2", APRIL), version=2, at=_at(20, 9))
    made = world(early, late)

    def taken_back(*withdrawn: str) -> list[int | None]:
        cells = expected_kpis(made, withdrawn=withdrawn).monthly
        return [
            c.numerator
            for c in cells
            if c.area_code == A and c.kpi_id in {"new_consultations", "submission_on_time_rate"}
        ]

    assert taken_back() == [2, 1]
    assert taken_back(late.key) == [1, 1]
    assert taken_back(early.key) == [2, 0]


def test_rejected_rows_of_what_was_sent_expected_or_not() -> None:
    spoilt = {0: Fault("received_ym", "2023-13")}
    rows = [consultation(str(number), APRIL) for number in range(4)]
    made = world(
        sent(A, "setup", APRIL, setup(APRIL, "implementing")),
        sent(A, "consultation", APRIL, *rows, faults=spoilt),
        sent(A, "place", APRIL, place("1")),
        sent(B, "place", APRIL, place("1")),
        sent(B, "place", MAY),
    )
    own = cell_of(made, "row_error_rate", APRIL, A)
    assert (own.numerator, own.denominator, own.value, own.completeness) == (1, 5, 0.2, "partial")
    unasked = cell_of(made, "row_error_rate", APRIL, B)
    assert (unasked.numerator, unasked.denominator, unasked.completeness, unasked.expected_areas) == (
        0,
        1,
        "complete",
        0,
    )
    assert numbers(made, "row_error_rate", APRIL, PREFECTURE_CODE) == (1, 6)
    assert cell_of(made, "row_error_rate", MAY, A).mark == "…"
    empty = cell_of(made, "row_error_rate", MAY, B)
    assert (empty.numerator, empty.denominator, empty.value) == (0, 0, None)


def test_the_gap_is_the_sum_of_what_six_counts_are_off() -> None:
    ledger = [case("1", APRIL), case("2", APRIL, closed=APRIL), case("3", months_after(APRIL, -1))]
    made = world(
        sent(A, "consultation", APRIL, consultation("1", APRIL)),
        sent(A, "case", APRIL, *ledger),
        sent(A, "meeting", APRIL, meeting("1", APRIL, "jusou"), meeting("2", APRIL, "support_106_6")),
        # 1 consultation, 2 new, 2 active, 1 closed, 1 and 1 meetings
        sent(A, "monthly_summary", APRIL, MonthlySummary(3, 1, 2, 1, 1, 0)),
        sent(B, "consultation", APRIL, consultation("1", APRIL)),
        sent(B, "monthly_summary", APRIL, MonthlySummary(9, 0, 0, 0, 0, 0)),
    )
    assert numbers(made, "balance_gap", APRIL, A) == (2 + 1 + 1, None)
    owes_no_ledger = cell_of(made, "balance_gap", APRIL, B)
    assert (owes_no_ledger.numerator, owes_no_ledger.mark) == (None, "-")
