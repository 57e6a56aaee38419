"""The truth of the KPIs about places, money and 後方支援, in worlds worked out by hand."""

from __future__ import annotations

from datetime import date

from pipelines.simulate.model import PREFECTURE_CODE
from pipelines.simulate.rows import Payment
from tests.unit.hand_worlds import (
    APRIL,
    JUNE,
    MAY,
    A,
    B,
    action,
    attendance,
    cell_of,
    dispatch,
    grant,
    member_of,
    months_after,
    need,
    numbers,
    of_prefecture,
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
