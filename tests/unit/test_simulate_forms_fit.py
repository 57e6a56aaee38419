"""The forms fit to each other: activities to cases, summaries to what they count, actions to visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from pipelines.simulate.model import World, month_of
from pipelines.simulate.rows import (
    ActionRow,
    CaseRow,
    DispatchRow,
    Goal,
    MatchRow,
    Meeting,
    MonthlySummary,
)
from tests.unit.submissions import sent_once


def test_the_flow_is_plausible(prefecture: World) -> None:
    cases: dict[tuple[str, str], CaseRow] = {}
    listed = 0
    for submission in prefecture.submissions:
        for row in submission.rows:
            if isinstance(row, CaseRow):
                cases[submission.sender_code, row.case_no] = row
                listed += 1
    consultations = sum(len(s.rows) for s in prefecture.submissions if s.form == "consultation")
    assert 60_000 < consultations < 120_000 and 1_000 < len(cases) < 8_000 and 10 * len(cases) > listed > 3 * len(cases)
    closed = [row for row in cases.values() if row.closed_ym]
    months = sorted(month_of(row.closed_ym) - month_of(row.accepted_ym) for row in closed if row.closed_ym)
    assert 5 <= months[len(months) // 2] <= 12
    assert 0.03 < sum(row.reopened_from is not None for row in cases.values()) / len(cases) < 0.15
    assert 0.05 < sum(row.returned_ym is not None for row in cases.values()) / len(cases) < 0.25
    conferenced = [row for row in cases.values() if row.conferenced_ym]
    without_consent = sum(row.consent_status != "granted" for row in conferenced)
    assert 0 < without_consent < 0.1 * len(conferenced)


def test_outreach_is_for_cases_of_that_service(prefecture: World) -> None:
    services = {
        (s.sender_code, row.case_no): row.service
        for s in prefecture.submissions
        for row in s.rows
        if isinstance(row, CaseRow)
    }
    checked = not_yet_accepted = 0
    for sender, _, (activities, ledger) in sent_once(prefecture, "outreach", "case"):
        assert {services[sender, row.case_no] for row in activities} <= {"outreach"}
        assert all(row.visits or not row.met_person for row in activities)
        not_yet_accepted += len({row.case_no for row in activities} - {row.case_no for row in ledger})
        checked += len(activities)
    assert checked > 500 and not_yet_accepted <= 3


def test_matches_are_for_known_cases_and_move_on(prefecture: World) -> None:
    cases = {(s.sender_code, row.case_no) for s in prefecture.submissions for row in s.rows if isinstance(row, CaseRow)}
    rows = [(s.sender_code, row) for s in prefecture.submissions for row in s.rows if isinstance(row, MatchRow)]
    unknown = [row for sender, row in rows if (sender, row.case_no) not in cases]
    assert len(rows) > 300 and len(unknown) < 0.05 * len(rows), "a ledger may be missing, not many"
    assert any(row.followups > 2 for _, row in rows)
    assert any(row.ended_ym and row.matched_ym is None for _, row in rows), "nobody gives up looking"


@pytest.mark.parametrize(
    ("form", "key", "is_over"),
    [
        ("participation", "match_no", lambda row: row.ended_ym is not None),
        ("place", "place_no", lambda row: row.closed_ym is not None),
        ("resource_need", "need_no", lambda row: row.need_status in {"developed", "dropped"}),
        ("dispatch", "dispatch_no", lambda row: row.dispatch_status in {"done", "cancelled"}),
        ("dispatch_action", "action_no", lambda row: row.action_status in {"done", "dropped"}),
    ],
)
def test_a_ledger_lists_what_was_open_and_no_more_what_was_over(
    prefecture: World, form: str, key: str, is_over: Callable[[Any], bool]
) -> None:
    ledgers = {(sender, month_of(period)): rows for sender, period, (rows,) in sent_once(prefecture, form)}
    open_before = over_before = 0
    for (sender, month), rows in ledgers.items():
        if (sender, month + 1) in ledgers:
            next_keys = {getattr(row, key) for row in ledgers[sender, month + 1]}
            still_open = {getattr(row, key) for row in rows if not is_over(row)}
            over = {getattr(row, key) for row in rows if is_over(row)}
            assert still_open <= next_keys and not over & next_keys, (sender, month)
            open_before, over_before = open_before + len(still_open), over_before + len(over)
    assert open_before > 20 and over_before > 5


def test_summaries_are_the_counts_of_the_forms_or_off_by_a_known_gap(prefecture: World) -> None:
    gaps = {(gap.municipality_code, gap.period, gap.column): gap.amount for gap in prefecture.gaps}
    checked = off = 0
    forms = ("monthly_summary", "consultation", "case", "meeting")
    for sender, period, ((declared,), consultations, ledger, meetings) in sent_once(prefecture, *forms):
        kinds = Counter(row.meeting_type for row in meetings)
        counted = MonthlySummary(
            len(consultations),
            sum(row.accepted_ym == period for row in ledger),
            sum(not row.closed_ym and not row.returned_ym for row in ledger),
            sum(row.closed_ym == period for row in ledger),
            kinds["jusou"],
            kinds["support_106_6"],
        )
        for column in MonthlySummary._fields:
            gap = gaps.get((sender, period, column), 0)
            assert getattr(declared, column) - getattr(counted, column) == gap, (sender, period, column)
            checked, off = checked + 1, off + (gap != 0)
    assert checked > 1000 and 3 < off < 0.03 * checked


def test_targets_have_decimals_and_checks_change(prefecture: World) -> None:
    targets = [row.target_value for s in prefecture.submissions for row in s.rows if isinstance(row, Goal)]
    assert {target.is_integer() for target in targets} == {True, False}
    checks = [s for s in prefecture.submissions if s.form == "function_check"]
    again = [s for s in checks if s.version == 2]
    assert again and len(again) < len(checks)
    before = {(s.sender_code, s.period): s.rows for s in checks if s.version == 1}
    assert all(s.rows != before[s.sender_code, s.period] for s in again)


def test_actions_are_agreed_at_visits(prefecture: World) -> None:
    visits = {
        row.dispatch_no: row for s in prefecture.submissions for row in s.rows if isinstance(row, DispatchRow)
    }  # the newest row of each
    actions = [row for s in prefecture.submissions for row in s.rows if isinstance(row, ActionRow)]
    assert len(actions) > 200
    assert any(row.dispatch_mode == "hearing" and row.adviser_kind == "prefectural" for row in visits.values())
    known = [(row, visits[row.dispatch_no]) for row in actions if row.dispatch_no in visits]
    assert len(known) > 0.8 * len(actions), "only what was visited before the first month is in no ledger"
    for action, visit in known:
        assert action.municipality_code == visit.municipality_code and action.advice_topic in visit.advice_topics
        assert visit.dispatch_mode != "hearing" and visit.dispatch_status in {"done", "scheduled", "requested"}


def test_conferences_discuss_at_least_what_they_review(prefecture: World) -> None:
    meetings = [row for s in prefecture.submissions for row in s.rows if isinstance(row, Meeting)]
    assert {row.meeting_type for row in meetings} >= {"jusou", "support_106_6", "intra_office"}
    assert all(row.cases_discussed >= max(row.plans_reviewed, row.closures_reviewed) for row in meetings)
