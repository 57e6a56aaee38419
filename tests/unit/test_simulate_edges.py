"""Every world tries the edges of the rules: what must be in it by construction is in it, whatever its seed and size."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest

from pipelines.simulate.known import Known
from pipelines.simulate.model import Month, World, WorldSpec, first_day, month_of
from pipelines.simulate.rows import (
    ActionRow,
    Attendance,
    CaseRow,
    DispatchRow,
    Goal,
    GrantRow,
    MatchRow,
    Outreach,
    PlaceRow,
)
from pipelines.simulate.tables import expected_tables
from pipelines.simulate.world import make_world

FIRST = month_of(date(2023, 4, 1))


@pytest.fixture(scope="module", params=[(7, 9, 14), (11, 9, 14), (3, 1, 14), (5, 12, 14)], ids=str)
def world(request: pytest.FixtureRequest) -> World:
    """Two small worlds as other tests use them, one with a single municipality, one with several that implement."""
    return make_world(WorldSpec(*request.param))


def _code(world: World) -> str:
    (gap,) = (gap for gap in world.gaps if gap.form == "grant")
    return gap.municipality_code


def _ledgers(known: Known, code: str) -> dict[Month, dict[str, CaseRow]]:
    return {
        month: {row.case_no: row for row in known.rows("case", code, month, CaseRow)}
        for month in known.months
        if known.standing("case", code, month).submitted
    }


def test_cases_come_again_in_time_too_late_and_twice(world: World) -> None:
    code, known = _code(world), Known(world, None)
    history = {row.case_no: row for row in known.history("case", code, CaseRow)}
    after: dict[str, list[int]] = defaultdict(list)
    for row in history.values():
        before = history.get(row.reopened_from or "")
        ended = before and (before.closed_ym or before.returned_ym)
        if before and ended:
            after[before.case_no].append(month_of(row.accepted_ym) - month_of(ended))
    months = {months for named in after.values() for months in named}
    assert {1, 6, 7} <= months, "the last month that counts and the first that does not"
    assert any(len(named) > 1 for named in after.values()), "named by two"
    assert any(history[row.reopened_from].reopened_from for row in history.values() if row.reopened_from in history)
    assert any(history[row.reopened_from].returned_ym for row in history.values() if row.reopened_from in history)


def test_ledgers_lose_cases_take_them_up_again_and_one_is_missing(world: World) -> None:
    code, known = _code(world), Known(world, None)
    ledgers = _ledgers(known, code)
    assert FIRST + 5 not in ledgers and FIRST + 6 in ledgers
    closed_unseen = [row for row in ledgers[FIRST + 6].values() if row.closed_ym == first_day(FIRST + 5)]
    assert closed_unseen, "closed where the ledger is missing, noted in the next"
    vanished = reopened = 0
    for before, after in pairwise(sorted(ledgers)):
        for case_no, row in ledgers[before].items():
            is_open = row.closed_ym is None and row.returned_ym is None
            listed_later = {no for month in ledgers if month >= after for no in ledgers[month]}
            vanished += is_open and case_no not in listed_later
            again = next((ledgers[m][case_no] for m in sorted(ledgers) if m >= after and case_no in ledgers[m]), None)
            reopened += row.closed_ym is not None and again is not None and again.closed_ym is None
    assert vanished and reopened


def test_a_ledger_sent_again_moves_an_acceptance(world: World) -> None:
    code, known = _code(world), Known(world, None)
    rewritten = [
        submission
        for submission in world.submissions
        if submission.sender_code == code and submission.form == "case" and submission.version > 1
    ]
    history = {row.case_no: row for row in known.history("case", code, CaseRow)}
    moved = 0
    for submission in rewritten:
        before = next(
            s for s in world.submissions if s.key == submission.key.rsplit("/", 1)[0] + f"/{submission.version - 1}"
        )
        accepted = {row.case_no: row.accepted_ym for row in before.rows if isinstance(row, CaseRow)}
        moved += any(
            row.accepted_ym != accepted.get(row.case_no, row.accepted_ym) and history[row.case_no] == row
            for row in submission.rows
            if isinstance(row, CaseRow)
        )
    assert moved


def test_consent_is_missing_comes_late_and_is_withdrawn(world: World) -> None:
    history = Known(world, None).history("case", _code(world), CaseRow)
    conferenced = [row for row in history if row.conferenced_ym]
    assert {row.consent_status for row in conferenced} >= {"refused", "withdrawn", "granted"}
    assert any(row.consent_ym and row.conferenced_ym and row.consent_ym > row.conferenced_ym for row in conferenced)


def test_outreach_before_acceptance_and_a_file_that_is_missing(world: World) -> None:
    code, known = _code(world), Known(world, None)
    accepted = {row.case_no: month_of(row.accepted_ym) for row in known.history("case", code, CaseRow)}
    met = [
        (month, row.case_no)
        for month in known.months
        for row in known.rows("outreach", code, month, Outreach)
        if row.met_person
    ]
    assert any(month < accepted.get(case_no, month) for month, case_no in met)
    assert not known.standing("outreach", code, FIRST + 3).submitted


def test_matches_are_withdrawn_on_both_sides_of_six_months(world: World) -> None:
    matches = Known(world, None).history("participation", _code(world), MatchRow)
    lasted = {
        month_of(row.ended_ym) - month_of(row.matched_ym)
        for row in matches
        if row.match_status == "withdrawn" and row.matched_ym and row.ended_ym
    }
    assert {6, 7} <= lasted
    assert any(row.match_status == "matching" and row.matched_ym is None for row in matches)
    places = Known(world, None).history("place", _code(world), PlaceRow)
    assert any(row.closed_ym and row.visitors for row in places)


def test_goals_of_every_indicator_fall_due_reached_and_not(world: World) -> None:
    goals = [row for s in world.submissions if s.sender_code == _code(world) for row in s.rows if isinstance(row, Goal)]
    due = [goal for goal in goals if month_of(goal.due_ym) in world.spec.all_months]
    for indicator in {code.code for code in world.code_lists["goal_indicator"]} - {"other"}:
        targets = [goal.target_value for goal in due if goal.goal_indicator == indicator]
        assert min(targets) <= 1 < 1_000 < max(targets), indicator


def test_money_is_above_what_was_decided_and_off_its_parts(world: World) -> None:
    code, known = _code(world), Known(world, None)
    own = [row for row in known.rows("grant", code, FIRST, GrantRow) if row.component == "multi_agency"]
    decided = max(row.national_share for row in own if row.stage in {"decision", "change"})
    assert any(row.national_share > decided for row in own if row.stage == "final")
    found = {row[4] for row in expected_tables(world)["grant_reconciliation"] if row[0] == code}
    assert found == {"lump_gap", "share_off_rate", "final_over_decision"}


def test_support_is_cancelled_late_and_attended_by_nobody(world: World) -> None:
    code, known = _code(world), Known(world, None)
    dispatches = known.history("dispatch", code, DispatchRow)
    assert {row.dispatch_status for row in dispatches} >= {"scheduled", "done", "cancelled"}
    assert any(row.visited_on and (row.visited_on + timedelta(days=1)).day == 1 for row in dispatches)
    actions = known.history("dispatch_action", code, ActionRow)
    assert {row.action_status for row in actions} >= {"done", "dropped", "in_progress"}
    assert any(row.done_on and row.done_on > row.due_on for row in actions)
    assert any(row.done_on == row.due_on for row in actions)
    assert any(row.attendees == 0 for row in known.rows("training", code, FIRST + 1, Attendance))


def test_a_file_is_returned_and_comes_again_and_another_does_not(world: World) -> None:
    code, known = _code(world), Known(world, None)
    returned = [submission for submission in world.submissions if submission.is_returned]
    assert len(returned) == 2 and {submission.sender_code for submission in returned} == {code}
    standings = [known.standing("consultation", code, month_of(submission.period)) for submission in returned]
    assert sorted(standing.completeness for standing in standings) == ["complete", "missing"]


def test_somebody_starts_in_the_middle_of_the_first_year(world: World) -> None:
    known = Known(world, None)
    started = 0
    for municipality in world.municipalities:
        april, october = (known.setup(municipality.code, FIRST + months) for months in (0, 6))
        if april and october and april.implementation_status != october.implementation_status:
            assert october.as_of == date(2023, 10, 1)
            assert known.standing("case", municipality.code, FIRST + 6).expected
            started += 1
    assert started == (len(world.municipalities) > 1)
