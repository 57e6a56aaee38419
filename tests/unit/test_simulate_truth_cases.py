"""The truth of the KPIs about consultations and cases, in worlds worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipelines.simulate.model import PREFECTURE_CODE
from pipelines.simulate.rows import CaseRow
from pipelines.simulate.survival import Spell, median_months, survival_curve
from tests.unit.hand_worlds import (
    APRIL,
    JUNE,
    MAY,
    A,
    B,
    case,
    cell_of,
    consultation,
    member_of,
    months_after,
    numbers,
    sent,
    setup,
    world,
)

JULY = months_after(APRIL, 3)
OCTOBER = months_after(APRIL, 6)
MARCH_BEFORE = months_after(APRIL, -1)


# --- consultations ---


def test_a_rate_is_per_population_of_those_who_sent() -> None:
    made = world(
        sent(A, "consultation", APRIL, consultation("1", APRIL), consultation("2", APRIL), consultation("3", APRIL)),
        sent(B, "consultation", MAY, consultation("1", MAY)),
        sent(A, "consultation", MAY),
    )
    own = cell_of(made, "new_consultations_per_100k", APRIL, A)
    assert (own.numerator, own.denominator, own.value) == (3, 1_000, 300.0)
    # B sent nothing of April, so its people are not in the denominator; in May both are.
    assert numbers(made, "new_consultations_per_100k", APRIL, PREFECTURE_CODE) == (3, 1_000)
    may = cell_of(made, "new_consultations_per_100k", MAY, PREFECTURE_CODE)
    assert (may.numerator, may.denominator, may.value) == (1, 2_000, 50.0)


def test_referrals_to_multi_agency_are_of_the_complex_ones() -> None:
    rows = [
        consultation("1", APRIL, complex_=True, screening="4"),
        consultation("2", APRIL, complex_=True, screening="2"),
        consultation("3", APRIL, screening="4"),  # not complex
    ]
    made = world(sent(A, "consultation", APRIL, *rows))
    assert numbers(made, "multi_agency_referral_share", APRIL, A) == (1, 2)


# --- the stock and how it moves ---


def test_unmet_gap_needs_are_of_the_active_cases_with_one() -> None:
    gap: dict[str, Any] = {"gap_need": True, "gap_reason": "age"}
    made = world(
        sent(
            A,
            "case",
            APRIL,
            case("1", APRIL, **gap, gap_response="none_yet"),
            case("2", APRIL, **gap, gap_response="new"),
            case("3", APRIL, closed=APRIL, **gap, gap_response="none_yet"),
            case("4", APRIL),
        )
    )
    assert numbers(made, "gap_unmet_share", APRIL, A) == (1, 2)
    assert numbers(made, "gap_cases", APRIL, A) == (2, None)
    assert member_of(made, "gap_cases", APRIL, A, "gap_response", "new").numerator == 1


def test_adjustments_are_keys_that_moved_otherwise_than_they_say() -> None:
    made = world(
        sent(
            A,
            "case",
            APRIL,
            case("clean", APRIL),
            case("vanishes", APRIL),
            case("never in stock", APRIL, closed=APRIL),  # accepted and closed in April: no adjustment
        ),
        sent(
            A,
            "case",
            MAY,
            case("clean", APRIL, closed=MAY),
            case("appears", MARCH_BEFORE),  # entered the stock of May, accepted in March
            case("new", MAY),
        ),
        sent(A, "case", JUNE, case("new", JUNE), case("appears", MARCH_BEFORE)),
    )
    # May: vanishes −1, appears +1; "new" was, by its newest row, accepted in June only, so it entered May from nowhere.
    assert numbers(made, "ledger_adjustment", MAY, A) == (3, None)
    # June: "new" was accepted in June and stood in the stock of May already.
    assert numbers(made, "ledger_adjustment", JUNE, A) == (1, None)
    assert numbers(made, "ledger_adjustment", APRIL, A) == (0, None)


def test_without_a_ledger_before_only_what_never_stood_in_the_stock_counts() -> None:
    made = world(
        sent(A, "case", APRIL, case("1", APRIL), case("2", APRIL)),
        sent(A, "case", JUNE, case("late", JULY), case("old", APRIL), case("new", JUNE)),
        sent(A, "case", JULY, case("late", JUNE), case("old", APRIL), case("hidden", JUNE), case("new", JUNE)),
    )
    # No ledger of May: 1 and 2 are gone, "old" has come, and nobody sees when. "late" was accepted in June and is in
    # its stock, "hidden" was accepted in June and is not.
    assert numbers(made, "ledger_adjustment", JUNE, A) == (1, None)
    assert cell_of(made, "ledger_adjustment", MAY, A).mark == "-"


# --- flows and windows ---


def test_plans_are_counted_in_their_month() -> None:
    made = world(sent(A, "case", MAY, case("1", APRIL, planned_ym=APRIL), case("2", APRIL, planned_ym=MAY)))
    assert numbers(made, "plans_made", MAY, A) == (1, None)
    assert member_of(made, "plans_made", MAY, A, "service", "outreach").numerator == 1
    assert member_of(made, "plans_made", MAY, A, "service", "multi_agency").numerator == 0


def test_closure_shares_look_back_twelve_months() -> None:
    last = months_after(APRIL, 12)  # April of the next year
    closed = {"c1": APRIL, "c2": MAY, "c3": last}
    made = world(
        sent(
            A,
            "case",
            last,
            case("c1", APRIL, closed=closed["c1"], closure_type="C1", lead_agency_after="01"),  # 13th month back
            case("c2", APRIL, closed=closed["c2"], closure_type="C1", lead_agency_after="01"),
            case("c3", APRIL, closed=closed["c3"], closure_type="C6"),
            case("c4", APRIL),
        )
    )
    assert numbers(made, "closure_handover_share", last, A) == (1, 2)
    assert numbers(made, "closure_interrupted_share", last, A) == (1, 2)


def test_reopened_cases_are_named_within_six_months_each_once() -> None:
    m = months_after(APRIL, 23)
    window_end, window_start = months_after(m, -6), months_after(m, -17)
    before = months_after(window_start, -1)

    def again(number: str, of: str, accepted: date, **more: Any) -> CaseRow:
        return case(number, accepted, reopened_from=of, **more)

    made = world(
        sent(
            A,
            "case",
            m,
            case("twice", APRIL, closed=window_end),
            again("t1", "twice", window_end),  # the same month
            again("t2", "twice", m),  # six months on
            case("too late", APRIL, closed=window_start),
            again("l1", "too late", months_after(window_start, 7)),
            case("in time", APRIL, closed=window_start),
            again("i1", "in time", months_after(window_start, 6)),
            case("out of window", APRIL, closed=before),
            again("o1", "out of window", before),
            case("again before its end", APRIL, closed=window_end),
            again("b1", "again before its end", months_after(window_end, -1)),
        ),
        sent(B, "case", m, again("elsewhere", "too late", window_start)),  # another municipality's number
    )
    assert numbers(made, "reopened_share", m, A) == (2, 4)
    assert numbers(made, "reopened_share", m, B) == (0, 0)


def test_plans_within_three_months_of_multi_agency_cases() -> None:
    multi: dict[str, Any] = {"service": "multi_agency"}
    made = world(
        sent(
            A,
            "case",
            JULY,
            case("in time", APRIL, planned_ym=JULY, **multi),
            case("none", APRIL, **multi),
            case("other service", APRIL, planned_ym=APRIL),
            case("other month", MAY, planned_ym=MAY, **multi),
        ),
        sent(A, "case", OCTOBER, case("late", JULY, planned_ym=OCTOBER, **multi)),
        sent(
            A,
            "case",
            months_after(OCTOBER, 1),
            case("later", JULY, planned_ym=months_after(OCTOBER, 1), **multi),
            case("late", JULY, planned_ym=OCTOBER, **multi),
        ),
    )
    assert numbers(made, "plan_within_3_months", JULY, A) == (1, 2)
    assert numbers(made, "plan_within_3_months", OCTOBER, A) == (1, 2)


def test_consent_must_be_granted_by_then() -> None:
    granted: dict[str, Any] = {"consent_status": "granted"}
    made = world(
        sent(A, "case", APRIL, case("1", APRIL), case("2", APRIL, **granted, consent_ym=APRIL)),
        sent(
            A,
            "case",
            MAY,
            case("1", APRIL, **granted, consent_ym=MAY, conferenced_ym=APRIL, planned_ym=APRIL),
            case("2", APRIL, consent_status="withdrawn", conferenced_ym=MAY, planned_ym=MAY),
            case("3", APRIL, **granted, consent_ym=APRIL, conferenced_ym=MAY, planned_ym=MAY),
        ),
    )
    assert numbers(made, "consent_share", APRIL, A) == (1, 3)  # of the newest rows only 3 had consented by April
    assert numbers(made, "consent_share", MAY, A) == (2, 3)
    assert numbers(made, "conferenced_without_consent", APRIL, A) == (1, None)  # 1 consented in May only
    assert numbers(made, "conferenced_without_consent", MAY, A) == (1, None)  # 2 withdrew


# --- how long support lasts ---


def test_the_curve_takes_ends_before_those_out_of_sight() -> None:
    spells = [Spell(0, True), Spell(2, True), Spell(2, False), Spell(3, False), Spell(5, True)]
    steps = survival_curve(spells)
    assert [(s.months, s.at_risk, s.events, s.censored) for s in steps] == [
        (0, 5, 1, 0),
        (2, 4, 1, 1),
        (3, 2, 0, 1),
        (5, 1, 1, 0),
    ]
    assert [str(s.survival) for s in steps] == ["4/5", "3/5", "3/5", "0"]
    assert median_months(spells) == 5
    assert median_months([]) is None
    assert median_months([Spell(1, True), Spell(4, False)]) == 1, "exactly a half is reached"
    assert median_months([Spell(1, True), Spell(4, False), Spell(4, False)]) is None


def test_the_median_is_of_what_is_seen_by_then_and_pooled_over_an_area() -> None:
    made = world(
        sent(A, "case", APRIL, case("vanishes", APRIL), case("1", APRIL), case("2", APRIL)),
        sent(A, "case", MAY, case("1", APRIL, closed=MAY), case("2", APRIL)),
        sent(A, "case", JUNE, case("2", APRIL, returned=JUNE), case("3", JUNE)),
        sent(B, "case", MAY, case("1", APRIL, closed=APRIL), case("2", APRIL, closed=APRIL)),
    )
    # May, A: 1 ended after 1 month, 2 still there after 1, "vanishes" last seen after 0: S(1) = 1/2.
    assert numbers(made, "support_months_median", MAY, A) == (1, None)
    # April, A: three seen for 0 months, none ended.
    nothing = cell_of(made, "support_months_median", APRIL, A)
    assert (nothing.numerator, nothing.value, nothing.completeness, nothing.mark) == (None, None, "complete", "-")
    # May, both: 5 cases, of which two ended after 0: S(0) = 3/5; 1 of the 2 left after 1: S(1) = 3/10.
    assert numbers(made, "support_months_median", MAY, PREFECTURE_CODE) == (1, None)
    # June: B sent no ledger. A: the return at 2 and the new case are censored.
    assert numbers(made, "support_months_median", JUNE, PREFECTURE_CODE) == (1, None)
    assert cell_of(made, "support_months_median", JUNE, B).mark == "-"
    assert cell_of(made, "support_months_median", JUNE, B).completeness == "not_applicable"


def test_a_case_no_ledger_of_the_time_lists_is_left_out_unless_it_ended() -> None:
    made = world(
        sent(A, "case", APRIL, case("1", MARCH_BEFORE)),
        sent(A, "case", JUNE, case("2", APRIL), case("3", APRIL), case("4", MARCH_BEFORE, closed=APRIL)),
    )
    # April: 1 censored at 1 month; 2 and 3 are listed in June only; 4 ended in April after 1 month.
    assert numbers(made, "support_months_median", APRIL, A) == (1, None)


@pytest.mark.parametrize("area", [A, PREFECTURE_CODE])
def test_a_month_without_a_file_has_no_flows(area: str) -> None:
    made = world(
        sent(A, "setup", APRIL, setup(APRIL, "implementing")),
        sent(A, "case", APRIL, case("1", APRIL)),
        sent(A, "case", JUNE, case("1", APRIL, planned_ym=MAY)),
    )
    assert cell_of(made, "plans_made", MAY, area).mark == "…"
