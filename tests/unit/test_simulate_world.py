"""The synthetic world: the published figures it starts from, rows its own contracts would take, money that adds up."""

# ruff: noqa: S311 - a simulation wants a seeded generator, not a secure one
from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from expectations.contract import Column, Rule, load_contracts
from pipelines.settings import TIME_ZONE
from pipelines.simulate.grants import components, shares
from pipelines.simulate.model import (
    PREFECTURE_CODE,
    Submission,
    World,
    WorldSpec,
    first_day,
    month_of,
    reference_code_lists,
)
from pipelines.simulate.numbers import Numbering
from pipelines.simulate.places import REAL_MUNICIPALITIES, draw_municipalities
from pipelines.simulate.rows import (
    ROW_OF_FORM,
    ActionRow,
    CaseRow,
    DispatchRow,
    Goal,
    GrantRow,
    MatchRow,
    Meeting,
    MonthlySummary,
    Payment,
    Row,
    SetupRow,
    Value,
)
from pipelines.simulate.world import make_world

CONTRACTS = load_contracts()
CODES = {name: {code.code for code in codes} for name, codes in reference_code_lists().items()}


# Lists of which every code must turn up in the sample.
ALL_HAPPEN = (
    "closure_type",
    "match_status",
    "resource_origin",
    "resource_type",
    "need_status",
    "base_scheme",
    "goal_indicator",
    "function_area",
    "grant_source",
    "field",
    "dispatch_status",
    "dispatch_mode",
    "action_status",
    "training_theme",
)
# What the first five forms of two worlds are: seeds by name keep them so when other forms change.
FIRST_FORMS = {"setup", "consultation", "case", "meeting", "grant"}
AS_EVER = {
    (4, 9, 14): "4cfb25f26fa50acb500bc50bd624ff4fa786f91a3b06c9aba2da702ab13dfac1",
    (7, 6, 30): "720c3a7eb979bcf944a735d89b4deefc60f3a3b564b21108256205d8485d488a",
}


@pytest.fixture(scope="module")
def small() -> World:
    """9 municipalities × 14 months."""
    return make_world(WorldSpec(seed=11, municipalities=9, months=14))


@pytest.fixture(scope="module")
def prefecture() -> World:
    """All of them, until the second fiscal year is over."""
    return make_world(WorldSpec(seed=7, municipalities=63, months=24))


@pytest.mark.parametrize("form", ROW_OF_FORM)
def test_rows_have_the_contracts_columns(form: str) -> None:
    assert ROW_OF_FORM[form]._fields == tuple(column.id for column in CONTRACTS[form].columns)  # type: ignore[attr-defined]


def test_every_code_that_can_be_drawn_is_in_its_list(prefecture: World) -> None:
    seen: dict[str, set[object]] = {}
    for submission in prefecture.submissions:
        for column in CONTRACTS[submission.form].columns:
            if column.code_list:
                position = ROW_OF_FORM[submission.form]._fields.index(column.id)  # type: ignore[attr-defined]
                for row in submission.rows:
                    seen.setdefault(column.code_list, set()).update(_codes(row[position]))
    assert {name: codes - CODES[name] for name, codes in seen.items() if codes - CODES[name]} == {}
    never = {name: CODES[name] - seen[name] for name in ALL_HAPPEN if seen[name] != CODES[name]}
    assert never == {}, "some of it never happens"


def _codes(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


# --- arrangements ---


def _setups(world: World, day: date) -> dict[str, SetupRow]:
    """The newest statement of every municipality as of a day."""
    newest: dict[str, SetupRow] = {}
    for submission in world.submissions:
        for row in submission.rows:
            if isinstance(row, SetupRow) and row.as_of <= day:
                known = newest.get(submission.sender_code)
                if known is None or row.as_of >= known.as_of:
                    newest[submission.sender_code] = row
    return newest


@pytest.mark.parametrize("seed", [1, 7])
def test_published_figures(seed: int) -> None:
    world = make_world(WorldSpec(seed=seed, municipalities=63, months=24))
    start = _setups(world, date(2023, 4, 1))
    assert len(start) == 63
    assert sum(row.one_stop_window or row.coordination_team for row in start.values()) == 51
    for day in (date(2024, 4, 1), date(2025, 3, 31)):
        statuses = Counter(row.implementation_status for row in _setups(world, day).values())
        assert (statuses["implementing"], statuses["transition_prep"]) == (11, 6)


def test_windows_only_grow(prefecture: World) -> None:
    counts = [
        sum(row.one_stop_window or row.coordination_team for row in _setups(prefecture, first_day(month)).values())
        for month in range(month_of(date(2023, 4, 1)), month_of(date(2025, 4, 1)))
    ]
    assert all(before <= after for before, after in pairwise(counts))
    assert 51 < counts[-1] < 63


@pytest.mark.parametrize("count", [1, 2, 9, 40, 62])
def test_a_choice_keeps_the_designated_city_and_has_no_double(count: int) -> None:
    spec = WorldSpec(seed=3, municipalities=count, months=1)
    world = make_world(spec)
    codes = [municipality.code for municipality in world.municipalities]
    assert len(set(codes)) == count and codes == sorted(codes) and "111007" in codes
    if count >= 9:
        assert {municipality.is_town for municipality in world.municipalities} == {True, False}


def test_invented_municipalities_have_valid_codes_and_tiles_of_their_own() -> None:
    spec = WorldSpec(seed=3, municipalities=1741, months=60)
    invented = draw_municipalities(spec, Random("x"))
    assert len({m.code for m in invented}) == len({m.name for m in invented}) == 1741
    assert len({(m.reference["tile_col"], m.reference["tile_row"]) for m in invented}) == 1741
    assert 30 < len({m.region_code for m in invented}) < 60
    real = draw_municipalities(WorldSpec(seed=3, municipalities=REAL_MUNICIPALITIES, months=1), Random("x"))
    assert list(invented[0].reference) == list(real[0].reference)
    for municipality in (*invented, *real):  # the real ones show that the check is the right one
        digits = [int(digit) for digit in municipality.code]
        weighted = sum(digit * weight for digit, weight in zip(digits, range(6, 1, -1), strict=False))
        assert digits[5] == (11 - weighted % 11) % 10


def test_a_world_beyond_the_real_ones_is_whole() -> None:
    world = make_world(WorldSpec(seed=5, municipalities=70, months=8))
    assert {submission.form for submission in world.submissions} == set(CONTRACTS)
    assert {row.municipality_code for s in world.submissions for row in s.rows if isinstance(row, GrantRow)} <= {
        municipality.code for municipality in world.municipalities
    }


@pytest.mark.parametrize("spec", AS_EVER)
def test_more_forms_do_not_move_the_draws_of_the_first(spec: tuple[int, int, int]) -> None:
    digest = hashlib.sha256()
    for s in make_world(WorldSpec(*spec)).submissions:
        if s.form in FIRST_FORMS:
            facts = (s.sender_code, s.form, s.period, s.version, s.arrived_at.isoformat(), s.rows, dict(s.faults))
            digest.update(repr(facts).encode())
    assert digest.hexdigest() == AS_EVER[spec]


# --- submissions ---


def test_arrivals_are_unique_and_ordered(small: World) -> None:
    moments = [submission.arrived_at for submission in small.submissions]
    assert moments == sorted(set(moments))
    assert all(moment.tzinfo is TIME_ZONE for moment in moments)


def test_versions_arrive_one_after_the_other_and_differ(prefecture: World) -> None:
    versions: dict[tuple[str, str, date], list[Submission]] = {}
    for submission in prefecture.submissions:
        versions.setdefault((submission.sender_code, submission.form, submission.period), []).append(submission)
    several = [group for group in versions.values() if len(group) > 1]
    assert len(several) > 20
    for group in versions.values():
        assert [submission.version for submission in group] == list(range(1, len(group) + 1))
    taken = [[version for version in group if not version.is_returned] for group in several]
    assert all(a.rows != b.rows for group in taken for a, b in pairwise(group) if a.form in {"case", "consultation"})


def test_no_month_is_sent_before_it_is_over(prefecture: World) -> None:
    for submission in prefecture.submissions:
        if CONTRACTS[submission.form].cadence == "monthly":
            assert submission.arrived_at.date() > first_day(month_of(submission.period) + 1)


def test_some_files_are_missing_late_empty_and_spoilt(prefecture: World) -> None:
    monthly = [s for s in prefecture.submissions if CONTRACTS[s.form].cadence == "monthly"]
    assert any(not submission.rows for submission in monthly)
    spoilt = [submission for submission in prefecture.submissions if submission.faults and not submission.is_returned]
    assert 0.003 < len(spoilt) / len(prefecture.submissions) < 0.03
    assert all(1 <= len(s.faults) <= 3 and 4 * len(s.faults) <= len(s.rows) for s in spoilt)
    late = [s for s in monthly if (s.arrived_at.date() - first_day(month_of(s.period) + 1)).days > 10]
    assert 0.02 < len(late) / len(monthly) < 0.2
    ledgers = {(s.sender_code, s.period) for s in monthly if s.form == "case"}
    meetings = {(s.sender_code, s.period) for s in monthly if s.form == "meeting"}
    assert ledgers - meetings, "no meeting file was forgotten"


# --- rows obey the rules of their contract (a checker of its own, not the gate) ---


def _violations(submission: Submission) -> Iterator[str]:
    contract = CONTRACTS[submission.form]
    for row in submission.rows:
        for column in contract.columns:
            if problem := _column_problem(column, getattr(row, column.id)):
                yield f"{submission.key} {column.id}: {problem}"
        for rule in contract.rules:
            if rule.severity == "error" and not _holds(rule, row, submission):
                yield f"{submission.key} {rule}"
    keys = [tuple(getattr(row, name) for name in contract.key) for row in submission.rows]
    if len(keys) != len(set(keys)):
        yield f"{submission.key}: a key twice"


def _column_problem(column: Column, value: object) -> str | None:
    if value is None or value == ():
        return "blank" if column.required else None
    if column.type == "identifier":
        return None if re.fullmatch(r"(?![0-9]{10,13}$)[0-9A-Za-z_-]{1,32}", str(value)) else "no identifier"
    if isinstance(value, int | float) and not isinstance(value, bool):
        too_small = column.minimum is not None and value < column.minimum
        too_large = column.maximum is not None and value > column.maximum
        uneven = column.multiple_of is not None and value % column.multiple_of
        return "out of range" if too_small or too_large or uneven else None
    if column.type == "year_month" and isinstance(value, date) and value.day != 1:
        return "not the first of a month"
    return "not sorted" if isinstance(value, tuple) and list(value) != sorted(set(value)) else None


def _applies(condition: dict[str, object], row: Row) -> bool:
    value = getattr(row, str(condition["column"]))
    if "present" in condition:
        return (value is not None and value != ()) == condition["present"]
    return value == condition["equals"] if "equals" in condition else value in condition["in"]  # type: ignore[operator]


def _present(row: Row, column: str) -> bool:
    return getattr(row, column) not in (None, ())


def _not_before(p: dict[str, str], row: Row, _: Submission) -> bool:
    value, other = getattr(row, p["column"]), getattr(row, p["other"])
    return value is None or other is None or value >= other


def _in_period(p: dict[str, str], row: Row, submission: Submission) -> bool:
    day, first = getattr(row, p["column"]), submission.period
    months = 1 if CONTRACTS[submission.form].cadence == "monthly" else 12
    return month_of(first) <= month_of(day) < month_of(first) + months


def _end(month: date) -> date:
    return first_day(month_of(month) + 1) - timedelta(days=1)


HOLDS: dict[str, Callable[..., bool]] = {
    "in_period": _in_period,
    "not_after_period": lambda _, row, s: all(value <= _end(s.period) for value in row if isinstance(value, date)),
    "not_before": _not_before,
    "not_both": lambda p, row, _: not (_present(row, p["column"]) and _present(row, p["other"])),
    "required_iff": lambda p, row, _: _present(row, p["column"]) == _applies(p["when"], row),
    "required_when": lambda p, row, _: _present(row, p["column"]) or not _applies(p["when"], row),
    "only_when": lambda p, row, _: not _present(row, p["column"]) or _applies(p["when"], row),
    "differs": lambda p, row, _: getattr(row, p["column"]) != getattr(row, p["other"]),
    "single_row": lambda _, __, s: len(s.rows) == 1,
    "only_value": lambda p, row, _: not _applies(p["when"], row) or getattr(row, p["column"]) == p["value"],
    "not_value": lambda p, row, _: not _applies(p["when"], row) or getattr(row, p["column"]) != p["value"],
}


def _holds(rule: Rule, row: Row, submission: Submission) -> bool:
    return HOLDS[rule.name](rule.params, row, submission)


def test_rows_obey_their_contract(prefecture: World) -> None:
    assert [found for submission in prefecture.submissions for found in _violations(submission)] == []


def test_the_checker_finds_what_is_wrong(prefecture: World) -> None:
    ledger = next(s for s in prefecture.submissions if s.form == "case" and any(row.closed_ym for row in s.rows))  # type: ignore[union-attr]
    rows = [row for row in ledger.rows if isinstance(row, CaseRow)]
    closed = next(row for row in rows if row.closed_ym)
    for wrong in (
        closed._replace(closure_type=None),
        closed._replace(closed_ym=first_day(month_of(closed.accepted_ym) - 1)),
        closed._replace(closed_ym=first_day(month_of(ledger.period) + 1)),
        closed._replace(returned_ym=closed.closed_ym),
        closed._replace(reopened_from=closed.case_no),
        closed._replace(issue_flags=()),
        closed._replace(case_no="0123456789"),
    ):
        spoilt = Submission(ledger.sender_code, "case", ledger.period, 1, ledger.arrived_at, (wrong,))
        assert list(_violations(spoilt)), wrong


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


# --- the other forms fit to the cases, the meetings and the money ---


def _newest(world: World, form: str) -> dict[tuple[str, date], Submission]:
    return {(s.sender_code, s.period): s for s in world.submissions if s.form == form}


def _sent_once(world: World, *forms: str) -> Iterator[tuple[str, date, list[list[Any]]]]:
    """Sender, month and rows of each form, of months in which it sent each of the forms exactly once.

    Not of the last months: a second version may be under way.
    """
    times = Counter((s.form, s.sender_code, s.period) for s in world.submissions)
    newest = {form: _newest(world, form) for form in forms}
    for sender, period in newest[forms[0]]:
        is_settled = month_of(period) <= world.spec.last - 4
        if is_settled and all(times[form, sender, period] == 1 for form in forms):
            yield sender, period, [list(newest[form][sender, period].rows) for form in forms]


def test_outreach_is_for_cases_of_that_service(prefecture: World) -> None:
    services = {
        (s.sender_code, row.case_no): row.service
        for s in prefecture.submissions
        for row in s.rows
        if isinstance(row, CaseRow)
    }
    checked = not_yet_accepted = 0
    for sender, _, (activities, ledger) in _sent_once(prefecture, "outreach", "case"):
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
    ledgers = {(sender, month_of(period)): rows for sender, period, (rows,) in _sent_once(prefecture, form)}
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
    for sender, period, ((declared,), consultations, ledger, meetings) in _sent_once(prefecture, *forms):
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


def test_who_sends_what(prefecture: World) -> None:
    everyone = {municipality.code for municipality in prefecture.municipalities}
    senders: dict[str, set[str]] = {}
    for submission in prefecture.submissions:
        senders.setdefault(submission.form, set()).add(submission.sender_code)
    for form in ("outreach", "participation", "place", "resource_need"):
        assert senders[form] <= senders["case"] and len(senders[form]) > 10
    assert senders["goal"] <= senders["case"] and senders["function_check"] <= senders["case"]
    assert senders["case"] < senders["monthly_summary"] <= senders["consultation"] < everyone
    of_prefecture = {form for form, contract in CONTRACTS.items() if contract.sender == "prefecture"}
    assert {form for form, who in senders.items() if who == {PREFECTURE_CODE}} == of_prefecture


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


def test_conferences_discuss_at_least_what_they_review(small: World) -> None:
    meetings = [row for s in small.submissions for row in s.rows if isinstance(row, Meeting)]
    assert {row.meeting_type for row in meetings} >= {"jusou", "support_106_6", "intra_office"}
    assert all(row.cases_discussed >= max(row.plans_reviewed, row.closures_reviewed) for row in meetings)


def test_numbers_are_given_once() -> None:
    for seed in range(8):
        numbering = Numbering(Random(seed))
        given = [number(24_279 + part / 50) for part in range(100) for number in (numbering.case, numbering.meeting)]
        assert len(set(given)) == len(given)


# --- money ---


def test_the_worked_example_of_the_shares() -> None:
    assert shares(7_345_678, Fraction(1, 2), Fraction(1, 4)) == (3_672_000, 1_836_000, 1_837_678)


def test_shares_follow_the_rates_and_add_up(prefecture: World) -> None:
    rows = [row for s in prefecture.submissions for row in s.rows if isinstance(row, GrantRow)]
    assert {row.stage for row in rows} == CODES["grant_stage"] - {"settlement"}
    for row in rows:
        if row.stage in {"decision", "change", "report", "final"}:
            selected = min(row.base_amount, row.eligible_actual, row.total_cost - row.other_income)
            component = components(2024)[row.component]  # no rate has changed yet
            assert (row.national_share, row.prefectural_share, row.municipal_share) == shares(
                selected, component.national_rate, component.prefectural_rate
            ) or _is_the_gap(row, prefecture)
            assert row.national_share + row.prefectural_share + (row.municipal_share or 0) == selected


def _is_the_gap(row: GrantRow, world: World) -> bool:
    """Whether it is the only share that is off on purpose."""
    (gap,) = (gap for gap in world.gaps if gap.form == "grant")
    return (row.municipality_code, row.stage, row.component) == (gap.municipality_code, "decision", "outreach")


def test_payments_rebuild_the_advances_but_for_known_gaps(prefecture: World) -> None:
    difference: Counter[tuple[date, str]] = Counter()
    national: Counter[tuple[date, str, str]] = Counter()
    refunds: set[str] = set()
    for (_, year), submission in _newest(prefecture, "grant").items():
        for row in submission.rows:
            if isinstance(row, GrantRow) and row.stage == "advance":
                difference[year, row.municipality_code] -= row.prefectural_share
                national[year, row.municipality_code, components(2024)[row.component].field] -= row.national_share
    for (_, year), submission in _newest(prefecture, "grant_payment").items():
        for row in submission.rows:
            assert isinstance(row, Payment)
            if row.amount_yen < 0:
                refunds.add(row.source)
            elif row.source == "prefectural":
                difference[year, row.municipality_code] += row.amount_yen
            else:
                national[year, row.municipality_code, row.field] += row.amount_yen
    gaps: Counter[tuple[date, str]] = Counter()
    for gap in prefecture.gaps:
        if gap.form == "grant_payment":
            gaps[gap.period, gap.municipality_code] += gap.amount
    assert gaps and {key: amount for key, amount in difference.items() if amount} == gaps
    assert len(difference) > 20 and set(national.values()) == {0} and refunds == {"national"}


def test_towns_have_a_hardship_component_of_their_own(prefecture: World) -> None:
    towns = {municipality.code for municipality in prefecture.municipalities if municipality.is_town}
    rows = [row for s in prefecture.submissions for row in s.rows if isinstance(row, GrantRow)]
    assert {row.municipality_code in towns for row in rows if row.component == "consult_hardship"} == {False}
    assert all(row.municipality_code in towns for row in rows if row.component == "consult_hardship_town")
