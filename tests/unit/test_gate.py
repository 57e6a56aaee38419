"""Each rule of each form rejects what it is for and nothing else; and the judge's own result holds no value."""

from __future__ import annotations

import csv
import json
from datetime import date
from functools import cache
from typing import Any

import pandas as pd
import pytest

from expectations import gate
from expectations.contract import Contract, load_contracts
from expectations.suites import JUDGED_ELSEWHERE, checks
from pipelines.settings import PROJECT_DIR

CONTRACTS = load_contracts()
MAY, JUNE, APRIL, FY2024 = date(2024, 5, 1), date(2024, 6, 1), date(2024, 4, 1), date(2024, 4, 1)
DTYPES = {
    "year_month": "datetime64[s]",
    "date": "datetime64[s]",
    "flag": "boolean",
    "integer": "Int64",
    "yen": "Int64",
    "fiscal_year": "Int64",
    "number": "Float64",
}

CASE: dict[str, Any] = {
    "case_no": "k1",
    "service": "multi_agency",
    "accepted_ym": APRIL,
    "referred_from": "x",
    "age_band": "x",
    "household_type": "x",
    "issue_flags": ("01",),
    "gap_need": False,
    "consent_status": "not_yet",
    "replan_count": 0,
}
CONSULTATION: dict[str, Any] = {
    "consultation_no": "u1",
    "received_ym": MAY,
    "referral_route": "1",
    "window_field": "elderly",
    "age_band": "00-17",
    "household_type": "1",
    "issue_flags": ("01",),
    "is_complex": False,
    "gap_need": False,
    "screening_result": "1",
}
MEETING: dict[str, Any] = {
    "meeting_no": "m1",
    "held_on": date(2024, 5, 20),
    "meeting_type": "x",
    "cases_discussed": 2,
    "plans_reviewed": 1,
    "closures_reviewed": 1,
    "resource_issues": 0,
    "agency_types": ("01",),
    "attendees": 5,
    "non_welfare_present": False,
}
SETUP: dict[str, Any] = {
    "as_of": date(2025, 3, 31),
    "implementation_status": "none",
    "one_stop_window": True,
    "coordination_team": True,
    "operator": "x",
    "plan_published": False,
}
GRANT: dict[str, Any] = {
    "municipality_code": "112011",
    "component": "multi_agency",
    "stage": "decision",
    "seq": 1,
    "dated_on": date(2024, 6, 1),
    "total_cost": 9_000_000,
    "other_income": 0,
    "base_amount": 7_345_678,
    "eligible_actual": 8_000_000,
    "national_share": 3_672_000,
    "prefectural_share": 1_836_000,
    "municipal_share": 1_837_678,
}
MATCH: dict[str, Any] = {
    "match_no": "a1",
    "case_no": "k1",
    "matched_ym": APRIL,
    "resource_type": "x",
    "resource_origin": "x",
    "match_status": "following",
    "followups": 0,
}
NEED: dict[str, Any] = {
    "need_no": "n1",
    "raised_ym": APRIL,
    "resource_type": "x",
    "gap_reason": "x",
    "raised_at": "x",
    "need_status": "identified",
}
PAYMENT: dict[str, Any] = {
    "payment_no": "p1",
    "municipality_code": "112011",
    "source": "prefectural",
    "field": "lump",
    "paid_on": date(2024, 6, 1),
    "amount_yen": -5,
}
DISPATCH: dict[str, Any] = {
    "dispatch_no": "d1",
    "municipality_code": "112011",
    "requested_on": date(2024, 5, 1),
    "adviser_kind": "x",
    "dispatch_mode": "x",
    "advice_topics": ("x",),
    "dispatch_status": "requested",
}
DONE = {"dispatch_status": "done", "visited_on": date(2024, 5, 2), "attendees": 3, "sections": 2}
ACTION: dict[str, Any] = {
    "action_no": "c1",
    "dispatch_no": "d1",
    "municipality_code": "112011",
    "advice_topic": "x",
    "due_on": date(2024, 9, 1),
    "action_status": "open",
}
CONTACTS = dict.fromkeys(("visits", "letters", "calls_messages", "accompaniments", "agency_contacts"), 0)
PLACE = {
    "place_no": "l1",
    "base_scheme": "x",
    "opened_ym": APRIL,
    "is_open_to_all": True,
    "open_days": 31,
    "visitors": 0,
}
TRAINING = {"training_no": "t1", "municipality_code": "112011", "held_on": date(2024, 5, 31), "attendees": 0}
DECLARED = {column.id: 0 for column in CONTRACTS["monthly_summary"].columns}
GOOD: dict[str, tuple[dict[str, Any], date]] = {
    "outreach": ({"case_no": "k1", "met_person": False} | CONTACTS, MAY),
    "participation": (MATCH, MAY),
    "place": (PLACE, MAY),
    "resource_need": (NEED, MAY),
    "monthly_summary": (DECLARED, MAY),
    "goal": (
        {"goal_no": "g1", "goal_indicator": "x", "target_value": 0.5, "due_ym": JUNE, "evaluation_ym": JUNE},
        FY2024,
    ),
    "function_check": ({"function_area": "x", "item_no": 20, "self_rating": 0, "has_evidence": True}, FY2024),
    "grant_payment": (PAYMENT, FY2024),
    "dispatch": (DISPATCH, MAY),
    "dispatch_action": (ACTION, MAY),
    "training": (TRAINING | {"training_theme": "x", "dispatch_mode": "x"}, MAY),
    "case": (CASE, MAY),
    "consultation": (CONSULTATION, MAY),
    "meeting": (MEETING, MAY),
    "setup": (SETUP, FY2024),
    "grant": (GRANT, FY2024),
}
WITHIN = "report_within_decision"
REPORT = {"stage": "report", "dated_on": date(2025, 4, 1)}


def frame_of(contract: Contract, rows: list[dict[str, Any]], period: date, unread: str | None = None) -> pd.DataFrame:
    """Rows as `normalise` gives them, all of one submission unless a row says otherwise."""
    columns: dict[str, Any] = {
        "submission_id": [row.get("submission_id", "s1") for row in rows],
        "row_number": range(2, len(rows) + 2),
        "sender_code": "112011",
        "period": pd.Series([period] * len(rows), dtype="datetime64[s]"),
    }
    for column in contract.columns:
        values = [row.get(column.id) for row in rows]
        columns[column.id] = pd.Series(values, dtype=DTYPES.get(column.type, "object"))
        columns[f"{column.id}__unread"] = [column.id == unread] * len(rows)
    return pd.DataFrame(columns)


def components() -> list[dict[str, str]]:
    path = PROJECT_DIR / "data" / "reference" / "grant_components.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def judge(form: str, rows: list[dict[str, Any]], unread: str | None = None) -> list[tuple[int, str, str, str]]:
    contract = CONTRACTS[form]
    frame = frame_of(contract, rows, GOOD[form][1], unread)
    failures = gate.check(frame, contract, grant_components=components()).failures
    return list(failures[["row_number", "column", "rule", "severity"]].itertuples(index=False, name=None))


def test_every_form_has_a_row_that_passes() -> None:
    assert set(GOOD) == set(CONTRACTS)
    assert {form: judge(form, [row]) for form, (row, _) in GOOD.items()} == {form: [] for form in GOOD}


@pytest.mark.parametrize(("year", "kept"), [(2024, True), (2025, False), (2020, True)])
def test_a_share_is_judged_by_the_rate_of_its_year(year: int, kept: bool) -> None:
    """1/2 and 1/4 until 2024, 2/3 and 1/6 after; before the first of them there is nothing to judge by."""
    (old,) = [row for row in components() if row["component"] == GRANT["component"]]
    new = old | {"national_rate": "2/3", "prefectural_rate": "1/6", "valid_from_fy": "2025"}
    frame = frame_of(CONTRACTS["grant"], [GRANT], date(year, 4, 1))
    failures = gate.check(frame, CONTRACTS["grant"], grant_components=[old | {"valid_to_fy": "2024"}, new]).failures
    off = failures.loc[failures["rule"] == "share_matches_rate", "column"].tolist()
    assert off == ([] if kept else ["national_share", "prefectural_share"])


BROKEN = [
    ("consultation", {"received_ym": APRIL}, "received_ym", "in_period", "error"),
    ("consultation", {"received_ym": JUNE}, "received_ym", "in_period", "error"),
    ("consultation", {"gap_need": True}, "gap_reason", "required_iff", "error"),
    ("consultation", {"gap_reason": "1"}, "gap_reason", "required_iff", "error"),
    ("consultation", {"screening_result": "2"}, "referred_to", "required_when", "error"),
    ("consultation", {"issue_flags": None}, "issue_flags", "required", "error"),
    ("case", {"consent_status": "granted"}, "consent_ym", "required_iff", "error"),
    ("case", {"consent_status": "granted", "consent_ym": JUNE}, "consent_ym", "not_after_period", "error"),
    ("case", {"assessed_ym": date(2024, 3, 1)}, "assessed_ym", "not_before", "error"),
    ("case", {"started_ym": date(2024, 3, 1), "service": "outreach"}, "started_ym", "not_before", "error"),
    ("case", {"returned_ym": date(2024, 3, 1)}, "returned_ym", "not_before", "error"),
    ("case", {"closed_ym": MAY}, "closure_type", "required_iff", "error"),
    ("case", {"closed_ym": MAY, "closure_type": "C3", "returned_ym": MAY}, "closed_ym", "not_both", "error"),
    ("case", {"closed_ym": MAY, "closure_type": "C1"}, "lead_agency_after", "required_when", "error"),
    ("case", {"evaluation_changes": ("1",)}, "evaluation_changes", "only_when", "error"),
    ("case", {"reopened_from": "k1"}, "reopened_from", "differs", "error"),
    ("case", {"replan_count": -1}, "replan_count", "minimum", "error"),
    ("case", {"conferenced_ym": MAY}, "consent_ym", "reached_by", "warning"),
    ("case", {"planned_ym": MAY}, "assessed_ym", "required_when", "warning"),
    ("case", {"started_ym": MAY}, "planned_ym", "required_when", "warning"),
    ("meeting", {"held_on": date(2024, 6, 1)}, "held_on", "in_period", "error"),
    ("meeting", {"held_on": date(2024, 4, 30)}, "held_on", "in_period", "error"),
    ("meeting", {"plans_reviewed": 3}, "cases_discussed", "at_least", "warning"),
    ("setup", {"as_of": date(2025, 4, 1)}, "as_of", "in_period", "error"),
    ("setup", {"as_of": date(2024, 3, 31)}, "as_of", "in_period", "error"),
    ("grant", {"municipal_share": None}, "municipal_share", "required_when", "error"),
    ("grant", {"seq": 0}, "seq", "minimum", "error"),
    ("grant", {"national_share": 3_671_000}, "national_share", "share_matches_rate", "warning"),
    ("grant", {"prefectural_share": 1_837_000}, "prefectural_share", "share_matches_rate", "warning"),
    ("outreach", {"visits": -1}, "visits", "minimum", "error"),
    ("participation", {"matched_ym": JUNE}, "matched_ym", "not_after_period", "error"),
    ("participation", {"matched_ym": None}, "matched_ym", "required_when", "error"),
    ("participation", {"match_status": "matching"}, "matched_ym", "only_when", "error"),
    ("participation", {"match_status": "ended"}, "ended_ym", "required_iff", "error"),
    ("participation", {"match_status": "withdrawn", "ended_ym": date(2024, 3, 1)}, "ended_ym", "not_before", "error"),
    ("place", {"opened_ym": JUNE}, "opened_ym", "not_after_period", "error"),
    ("place", {"closed_ym": date(2024, 3, 1)}, "closed_ym", "not_before", "error"),
    ("place", {"open_days": 32}, "open_days", "maximum", "error"),
    ("resource_need", {"raised_ym": JUNE}, "raised_ym", "not_after_period", "error"),
    ("resource_need", {"resolved_ym": MAY}, "resolved_ym", "required_iff", "error"),
    (
        "resource_need",
        {"need_status": "developed", "resolved_ym": date(2024, 3, 1)},
        "resolved_ym",
        "not_before",
        "error",
    ),
    ("goal", {"target_value": -0.5}, "target_value", "minimum", "error"),
    ("function_check", {"self_rating": 4}, "self_rating", "maximum", "error"),
    ("grant_payment", {"field": "child"}, "field", "only_value", "error"),
    ("grant_payment", {"source": "national"}, "field", "not_value", "error"),
    ("dispatch", DONE | {"visited_on": None}, "visited_on", "required_when", "error"),
    ("dispatch", DONE | {"attendees": None}, "attendees", "required_when", "error"),
    ("dispatch_action", {"action_status": "done"}, "done_on", "required_iff", "error"),
    ("training", {"held_on": JUNE}, "held_on", "in_period", "error"),
]


@cache
def found_in(form: str) -> dict[str, list[tuple[int, str, str, str]]]:
    """All broken rows of a form judged at once, each a submission of its own beside a good neighbour."""
    good, period = GOOD[form]
    other_key = {CONTRACTS[form].key[0]: "another"} if form != "setup" else {"as_of": FY2024}
    rows: list[dict[str, Any]] = []
    for at, (_, change, *_) in enumerate(BROKEN):
        mark = {"submission_id": str(at)}
        rows += [good | other_key | mark, good | change | mark] if BROKEN[at][0] == form else []
    frame = frame_of(CONTRACTS[form], rows, period)
    found: dict[str, list[tuple[int, str, str, str]]] = {}
    failures = gate.check(frame, CONTRACTS[form], grant_components=components()).failures
    columns = ["submission_id", "position", "column", "rule", "severity"]
    for submission_id, position, column, rule, severity in failures[columns].to_numpy().tolist():
        found.setdefault(submission_id, []).append((position % 2, column, rule, severity))
    return found


@pytest.mark.parametrize("at", range(len(BROKEN)), ids=lambda at: f"{BROKEN[at][0]}-{BROKEN[at][2]}-{BROKEN[at][3]}")
def test_a_broken_row_is_found_and_its_neighbour_left_alone(at: int) -> None:
    form, _, column, rule, severity = BROKEN[at]
    assert found_in(form)[str(at)] == [(1, column, rule, severity)]


KEPT = [
    ("consultation", {"gap_need": True, "gap_reason": "1"}),
    ("consultation", {"screening_result": "2", "referred_to": ("01",)}),
    ("case", {"started_ym": MAY, "service": "outreach"}),
    ("case", {"accepted_ym": MAY, "assessed_ym": MAY, "planned_ym": MAY, "started_ym": MAY}),
    ("case", {"consent_status": "granted", "consent_ym": MAY, "conferenced_ym": MAY}),
    ("case", {"closed_ym": MAY, "closure_type": "C1", "lead_agency_after": "x", "evaluation_changes": ("1",)}),
    ("case", {"reopened_from": "k0"}),
    ("setup", {"as_of": FY2024}),
    ("participation", {"match_status": "withdrawn", "matched_ym": None, "ended_ym": MAY}),
    ("grant_payment", {"source": "national", "field": "child"}),
    ("dispatch", DONE),
    ("grant", {"stage": "estimate", "municipal_share": None, "national_share": 1_000}),
    ("grant", {"stage": "advance", "national_share": 1_000}),
    ("grant", {"component": "consult_child", "national_share": 1_000}),  # its rate is not verified
]


@pytest.mark.parametrize("form", sorted({form for form, _ in KEPT}))
def test_allowed_rows_pass(form: str) -> None:
    kept = [change for of, change in KEPT if of == form]
    assert judge(form, [GOOD[form][0] | change | {"submission_id": str(at)} for at, change in enumerate(kept)]) == []


def test_every_rule_of_every_contract_was_broken_above() -> None:
    broken = {(form, rule) for form, _, _, rule, _ in BROKEN}
    elsewhere = {("grant", WITHIN), ("grant", "multiple_of"), ("monthly_summary", "single_row")}
    declared = {(form, rule.name) for form, contract in CONTRACTS.items() for rule in contract.rules}
    assert {(form, rule) for form, rule in declared if rule not in JUDGED_ELSEWHERE} <= broken | elsewhere


def test_a_form_of_one_row_has_one_row() -> None:
    first = DECLARED | {"submission_id": "s1"}
    found = judge("monthly_summary", [first, first, DECLARED | {"submission_id": "s2"}])
    column = CONTRACTS["monthly_summary"].columns[0].id
    assert found == [(row, column, "single_row", "error") for row in (2, 3)]


def test_every_row_of_a_repeated_key_is_an_error_but_only_within_one_submission() -> None:
    rows = [
        CONSULTATION,
        CONSULTATION | {"consultation_no": "u2"},
        CONSULTATION,
        CONSULTATION | {"submission_id": "s2"},
    ]
    expected = [(row, "consultation_no", "unique_key", "error") for row in (2, 4)]
    assert judge("consultation", rows) == expected


def test_a_key_of_several_columns() -> None:
    assert judge("grant", [GRANT, GRANT | {"seq": 2}, GRANT | {"municipality_code": "112020"}]) == []
    assert [failure[2] for failure in judge("grant", [GRANT, GRANT])] == ["unique_key", "unique_key"]


def test_a_share_that_is_no_multiple_of_a_thousand() -> None:
    found = judge("grant", [GRANT | {"component": "consult_child", "national_share": 1_500}])
    assert found == [(2, "national_share", "multiple_of", "error")]


@pytest.mark.parametrize(
    ("later", "reported", "warned"),
    [
        ({"stage": "change", "dated_on": date(2024, 9, 1)}, 3_672_000, True),
        ({"stage": "change", "dated_on": date(2024, 9, 1)}, 2_000_000, False),
        ({"stage": "change", "dated_on": date(2024, 6, 1)}, 3_672_000, True),  # same day: the change comes after
        ({"stage": "decision", "seq": 2, "dated_on": date(2024, 6, 1)}, 3_672_000, True),
        ({"stage": "change", "dated_on": date(2024, 5, 1)}, 3_672_000, False),  # an earlier one is not the latest
    ],
)
def test_a_report_is_held_against_the_latest_decision(later: dict[str, Any], reported: int, warned: bool) -> None:
    change = GRANT | later | {"national_share": 2_000_000}
    report = GRANT | REPORT | {"national_share": reported}
    found = [(row, column) for row, column, rule, _ in judge("grant", [GRANT, change, report]) if rule == WITHIN]
    assert found == ([(4, "national_share")] if warned else [])


def test_an_unread_cell_is_said_once() -> None:
    """An unread cell is null as well, and the rules about it say nothing more."""
    rows = [CONSULTATION | {"gap_need": None, "gap_reason": "1"}]
    assert judge("consultation", rows, unread="gap_need") == [(2, "gap_need", "unread", "error")]


def test_the_result_holds_no_value_of_any_row() -> None:
    contract, planted = CONTRACTS["case"], "PLANTED"
    row = {column.id: planted for column in contract.columns if DTYPES.get(column.type, "object") == "object"}
    row |= {"issue_flags": (planted,), "accepted_ym": JUNE, "replan_count": -987654, "case_no": planted}
    frame = frame_of(contract, [row, row], MAY)
    judged = gate.with_predicates(frame, contract, ())
    text = json.dumps(gate.validate(judged, contract).to_json_dict(), default=str)
    assert '"unexpected_index_list": [0, 1]' in text
    assert planted not in text and "987654" not in text and "2024-06" not in text
    failures = gate.check(frame, contract).failures
    assert len(failures) > 4 and planted not in failures.to_json()


def test_a_check_that_cannot_be_evaluated_stops_the_gate_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    contract, planted = CONTRACTS["consultation"], "PLANTED"
    frame = frame_of(contract, [CONSULTATION | {"consultation_no": planted}], MAY)
    (missing,) = [at for at, one in enumerate(checks(contract)) if (one.rule, one.column) == ("unread", "received_ym")]
    whole = gate.with_predicates
    monkeypatch.setattr(gate, "with_predicates", lambda *given: whole(*given).drop(columns="received_ym__unread"))
    with pytest.raises(gate.GateError, match=f"^consultation: check {missing} could not be evaluated$"):
        gate.check(frame, contract)


def test_no_rows_are_judged_without_waking_the_judge() -> None:
    result = gate.check(frame_of(CONTRACTS["case"], [], MAY), CONTRACTS["case"])
    assert result.evaluated == 0 and result.failures.empty
    assert list(result.failures.columns) == [
        "submission_id", "row_number", "column", "rule", "severity", "check", "position",
    ]  # fmt: skip


def test_failures_point_at_the_row_and_the_check() -> None:
    contract = CONTRACTS["consultation"]
    rows = [CONSULTATION | {"consultation_no": f"u{at}"} for at in range(50)]
    rows[17] |= {"received_ym": APRIL, "submission_id": "s9"}
    (failure,) = gate.check(frame_of(contract, rows, MAY), contract).failures.to_dict(orient="records")
    assert (failure["submission_id"], failure["row_number"], failure["position"]) == ("s9", 19, 17)
    assert checks(contract)[failure["check"]].rule == "in_period"
