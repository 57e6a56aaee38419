"""Rows whose cells are understood one by one and contradict each other: one file for each way to break each rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from expectations.contract import Column, Contract
from expectations.suites import Check, checks
from tests.factories.building import (
    BadFile,
    Grid,
    as_csv,
    changed,
    changed_row,
    codes,
    contracts,
    good_row,
    grid,
    name_of,
)

# What `wrong_cells` and `misshapen` make files for.
_ELSEWHERE = frozenset({"unread", "required", "minimum", "maximum", "multiple_of", "unique_key", "single_row"})
_IN, _BEFORE, _AFTER = "2024-05", "2024-04", "2024-06"

Changes = dict[str, str]


def broken_rules() -> list[BadFile]:
    """One file for each cross-field rule of each form and each way to break it; a warning is an outcome too."""
    return [
        bad
        for contract in contracts().values()
        for position, check in enumerate(checks(contract))
        if check.rule not in _ELSEWHERE
        for bad in _of(contract, check, position)
    ]


def _of(contract: Contract, check: Check, position: int) -> Iterator[BadFile]:
    status = "accepted_with_errors" if check.severity == "error" else "accepted"
    for number, cells in enumerate(_tables(contract, check)):
        fault = f"{check.column} {check.rule} {number} {sorted(check.params)}"
        # Two rules may be broken by the same rows; empty lines keep the files apart, or one were a duplicate.
        data, row = as_csv(cells) + b"\r\n" * position, changed_row(contract)
        yield BadFile(fault, contract.form, name_of(contract), data, status, check.rule, check.column, row)


def _tables(contract: Contract, check: Check) -> Iterator[Grid]:
    if check.rule == "report_within_decision":
        decided = _verified_grant() | {check.column: "1000"}
        rows = [good_row(contract, number) | decided for number in (1, 2, 3)]
        rows[1] |= {"stage": "report", check.column: "2000"}
        yield grid(contract, rows)
    else:
        yield from (changed(contract, **changes) for changes in _changes(contract, check))


def _changes(contract: Contract, check: Check) -> list[Changes]:
    """The cells that break the rule, once for each way to break it."""
    return _WAYS[check.rule](contract, check.column, check.params)


def _outside(contract: Contract, column: Column) -> tuple[str, str]:
    if column.type == "year_month":
        return _BEFORE, _AFTER
    return ("2024-04-30", "2024-06-01") if contract.cadence == "monthly" else ("2024-03-31", "2025-04-01")


def _meeting(contract: Contract, condition: Mapping[str, Any], holds: bool) -> Changes:
    """The cell that makes a rule's condition hold, or not."""
    column = contract.column(condition["column"])
    if "present" in condition:
        return {column.id: _value(column) if condition["present"] == holds else ""}
    allowed = condition["in"] if "in" in condition else [condition["equals"]]
    if column.type == "flag":
        return {column.id: "1" if allowed[0] == holds else "0"}
    return {column.id: allowed[0] if holds else _other_code(contract, column.id, *allowed)}


def _allowing(contract: Contract, column: str) -> Changes:
    """The cell without which this column may not be filled."""
    due = (
        rule.params["when"] for rule in contract.rules if rule.params.get("column") == column and "when" in rule.params
    )
    return next((_meeting(contract, condition, True) for condition in due), {})


def _other_code(contract: Contract, column: str, *not_these: str) -> str:
    return next(code.code for code in _codes(contract.column(column)) if code.code not in not_these)


def _value(column: Column) -> str:
    return (
        _codes(column)[0].code if column.code_list else {"date": "2024-05-12", "year_month": _IN}.get(column.type, "7")
    )


def _codes(column: Column) -> tuple[Any, ...]:
    return codes()[column.code_list or ""]


def _verified_grant() -> Changes:
    """A decision on a component whose rates are certain; the shares of `good_row` are far from them."""
    component = next(code.code for code in codes()["grant_component"] if code.verified == "yes")
    amounts = dict.fromkeys(("total_cost", "base_amount", "eligible_actual"), "10000000")
    return {"component": component, "stage": "decision", "other_income": "0", "municipal_share": "0", **amounts}


Params = Mapping[str, Any]
# A rule that is not here stops the tests: the zoo must hold a file for each.
_WAYS: Mapping[str, Callable[[Contract, str, Params], list[Changes]]] = {
    "in_period": lambda contract, column, _: [{column: text} for text in _outside(contract, contract.column(column))],
    "not_after_period": lambda _, column, __: [{column: _AFTER}],
    "not_before": lambda _, column, params: [{column: _BEFORE, params["other"]: _IN}],
    "not_both": lambda _, column, params: [{column: _IN, params["other"]: _IN}],
    "required_iff": lambda contract, column, params: [
        _meeting(contract, params["when"], True) | {column: ""},
        _meeting(contract, params["when"], False) | {column: _value(contract.column(column))},
    ],
    "required_when": lambda contract, column, params: [
        (_meeting(contract, params["unless"], False) if "unless" in params else {})
        | _meeting(contract, params["when"], True)
        | {column: ""}
    ],
    "only_when": lambda contract, column, params: [
        _meeting(contract, params["when"], False) | {column: _value(contract.column(column))}
    ],
    "differs": lambda _, column, params: [{column: "R6-7777", params["other"]: "R6-7777"}],
    "reached_by": lambda contract, column, params: [
        {column: "", params["by"]: _IN},
        _allowing(contract, column) | {column: _IN, params["by"]: _BEFORE},
    ],
    "at_least": lambda _, column, params: [{column: "1", other: "2"} for other in params["others"]],
    "only_value": lambda contract, column, params: [
        _meeting(contract, params["when"], True) | {column: _other_code(contract, column, params["value"])}
    ],
    "not_value": lambda contract, column, params: [
        _meeting(contract, params["when"], True) | {column: params["value"]}
    ],
    "share_matches_rate": lambda _, column, __: [_verified_grant() | {column: "9000"}],
}
