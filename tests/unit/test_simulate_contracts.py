"""Rows obey the rules of their contract and use its codes: by a checker of its own, not the gate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from expectations.contract import Column, Rule, load_contracts
from pipelines.simulate.model import Submission, World, first_day, month_of, reference_code_lists
from pipelines.simulate.rows import ROW_OF_FORM, CaseRow, Row, Value

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


def _violations(submission: Submission) -> Iterator[str]:
    contract = CONTRACTS[submission.form]
    for column in contract.columns:
        for value in {getattr(row, column.id) for row in submission.rows}:
            if problem := _column_problem(column, value):
                yield f"{submission.key} {column.id}: {problem}"
    for row in submission.rows:
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
