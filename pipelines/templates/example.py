"""Rows that a contract accepts, made from the contract alone: what the form shows as its example.

How a value is written into a cell belongs to `entry.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from expectations.codes import CodeLists
from expectations.contract import Column, Contract
from expectations.suites import checks
from pipelines.templates.entry import Value, options

Row = dict[str, Value]

_NEEDED_WHEN = frozenset({"required_iff", "required_when", "only_when"})
_DAY = date(2024, 5, 15)


def full_row(contract: Contract, lists: CodeLists) -> Row:
    """Every column filled, codes so that as many as can be of the others are needed; by column id.

    Columns that exclude each other are both filled: see `keep_rules`.
    """
    opening: Row = {}
    for rule in contract.rules:
        when = rule.params.get("when", {})
        if rule.name in _NEEDED_WHEN and "present" not in when:
            opening.setdefault(when["column"], when["in"][0] if "in" in when else when["equals"])
    return {column.id: opening.get(column.id, _value(column, lists)) for column in contract.columns}


def keep_rules(contract: Contract, row: Row, lists: CodeLists) -> Row:
    """The row with what the form's rules forbid emptied or replaced. Months and counts are taken to be all alike."""
    kept = dict(row)
    for check in checks(contract):
        column, params = check.column, check.params
        match check.rule:
            case "required_iff" | "required_when" | "only_when" if not _holds(kept, params["when"]):
                kept[column] = None
            case "not_both" if kept[column] is not None:
                kept[params["other"]] = None
            case "differs" if kept[column] == kept[params["other"]]:
                kept[column] = None
            case "reached_by" if kept[column] is None:
                kept[params["by"]] = None
            case "only_value" if _holds(kept, params["when"]):
                kept[column] = params["value"]
            case "not_value" if _holds(kept, params["when"]) and kept[column] == params["value"]:
                others = (code.code for code in options(contract.column(column), lists) if code.code != params["value"])
                kept[column] = next(others)
    return kept


def _holds(row: Row, condition: Mapping[str, Any]) -> bool:
    value = row[condition["column"]]
    if "present" in condition:
        return (value is not None) == condition["present"]
    return value in condition["in"] if "in" in condition else value == condition["equals"]


def _value(column: Column, lists: CodeLists) -> Value:
    match column.type:
        case "identifier":
            return "R6-001"
        case "municipality" | "code":
            return options(column, lists)[0].code
        case "code_list":
            return tuple(sorted(code.code for code in options(column, lists)[:2]))
        case "year_month":
            return _DAY.replace(day=1)
        case "date":
            return _DAY
        case "fiscal_year":
            return _DAY.year + 1
        case "flag":
            return True
        case "yen":
            # Where nothing was spent every share is the one its rate gives.
            return 0 if column.minimum == 0 else 1_200_000
        case _:
            return max(column.minimum or 0, 1)
