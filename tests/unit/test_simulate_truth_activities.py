"""The truth of the KPIs about meetings, outreach and matches, in worlds worked out by hand."""

from __future__ import annotations

from datetime import date

from pipelines.simulate.model import PREFECTURE_CODE
from tests.unit.hand_worlds import (
    APRIL,
    JUNE,
    MAY,
    A,
    B,
    case,
    cell_of,
    match,
    meeting,
    member_of,
    months_after,
    numbers,
    outreach,
    sent,
    setup,
    world,
)

OCTOBER = months_after(APRIL, 6)


# --- meetings ---


def test_meetings_by_kind_and_how_broad_they_are() -> None:
    day = date(2023, 4, 12)
    made = world(
        sent(
            A,
            "meeting",
            APRIL,
            meeting("1", day, "jusou", 4, ("01", "02", "10")),  # elderly, hardship
            meeting("2", day, "jusou", 3, ("01", "10", "99")),  # "other" is a group too
            meeting("3", day, "support_106_6", 9, ("01", "03", "10")),
        ),
        sent(A, "meeting", MAY),
    )
    assert numbers(made, "jusou_meetings", APRIL, A) == (2, None)
    assert numbers(made, "support_meetings", APRIL, A) == (1, None)
    per_meeting = cell_of(made, "cases_per_meeting", APRIL, A)
    assert (per_meeting.numerator, per_meeting.denominator, per_meeting.value) == (7, 2, 3.5)
    assert numbers(made, "meeting_breadth", APRIL, A) == (1, 2)
    none = cell_of(made, "meeting_breadth", MAY, A)
    assert (none.numerator, none.denominator, none.value, none.mark) == (0, 0, None, None)


# --- outreach and matches ---


def test_outreach_counts_persons_and_all_five_contacts() -> None:
    rows = [outreach("1", contacts=(1, 2, 3, 4, 5)), outreach("2", contacts=(0, 0, 7, 0, 0))]
    made = world(sent(A, "outreach", APRIL, *rows))
    assert numbers(made, "outreach_persons", APRIL, A) == (2, None)
    assert numbers(made, "outreach_contacts", APRIL, A) == (22, None)


def test_met_within_six_months_of_acceptance_or_before_it() -> None:
    m = months_after(MAY, 6)
    made = world(
        sent(
            A,
            "case",
            m,
            case("before", MAY),
            case("on the day", months_after(MAY, -11)),
            case("late", MAY),
            case("never", MAY),
            case("other", MAY, service="participation"),
            case("too new", JUNE),
        ),
        sent(A, "outreach", APRIL, outreach("before", met=True), outreach("other", met=True)),
        sent(A, "outreach", months_after(MAY, -5), outreach("on the day", met=True)),
        sent(A, "outreach", m, outreach("never"), outreach("too new", met=True)),
        sent(A, "outreach", months_after(m, 1), outreach("late", met=True)),
    )
    assert numbers(made, "outreach_met_share", m, A) == (2, 4)
    # Of the month after there is no ledger: not known, whatever outreach tells.
    assert cell_of(made, "outreach_met_share", months_after(m, 1), A).mark == "-"


def test_a_kpi_of_two_forms_is_as_bad_as_the_worse() -> None:
    made = world(
        sent(A, "setup", APRIL, setup(APRIL, "implementing")),
        sent(A, "case", APRIL, case("1", APRIL)),
        sent(B, "case", APRIL, case("1", APRIL)),
    )
    missing = cell_of(made, "outreach_met_share", APRIL, A)
    assert (missing.completeness, missing.mark, missing.submitted_areas, missing.expected_areas) == (
        "missing",
        "…",
        0,
        1,
    )
    assert cell_of(made, "outreach_met_share", APRIL, B).completeness == "not_applicable"
    assert cell_of(made, "outreach_met_share", APRIL, PREFECTURE_CODE).completeness == "missing"


def test_matches_count_when_made_and_stay_if_not_withdrawn_in_six_months() -> None:
    made = world(
        sent(
            A,
            "participation",
            APRIL,
            match("1", APRIL, "following"),
            match("2", APRIL, "following"),
            match("3", APRIL, "following"),
            match("4", None, "matching"),
            match("5", APRIL, "following", resource_type="housing", resource_origin="new"),
        ),
        sent(
            A,
            "participation",
            OCTOBER,
            match("1", APRIL, "withdrawn", OCTOBER),
            match("2", APRIL, "ended", MAY),
            match("5", MAY, "following", resource_type="housing", resource_origin="new"),  # mended: May
        ),
        sent(A, "participation", months_after(OCTOBER, 1), match("3", APRIL, "withdrawn", months_after(OCTOBER, 1))),
    )
    assert numbers(made, "new_matches", APRIL, A) == (3, None)
    assert member_of(made, "new_matches", APRIL, A, "resource_type", "work").numerator == 3
    assert member_of(made, "new_matches", APRIL, A, "resource_origin", "new").numerator == 0
    # 3 was withdrawn in the seventh month only.
    assert numbers(made, "retention_6m", OCTOBER, A) == (2, 3)
