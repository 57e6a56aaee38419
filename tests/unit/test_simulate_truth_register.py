"""The truth of the KPIs about goals and submissions, in worlds worked out by hand."""

from __future__ import annotations

from datetime import datetime

import pytest

from pipelines.settings import TIME_ZONE
from pipelines.simulate.model import PREFECTURE_CODE, Fault
from pipelines.simulate.rows import Goal, MonthlySummary
from pipelines.simulate.truth import expected_kpis
from tests.unit.hand_worlds import (
    APRIL,
    JUNE,
    MAY,
    A,
    B,
    case,
    cell_of,
    consultation,
    match,
    meeting,
    months_after,
    numbers,
    outreach,
    place,
    sent,
    setup,
    world,
)

MARCH = months_after(APRIL, 11)


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
