"""From a contract to what is judged: the list of checks, and the Great Expectations suite that judges them.

What a cross-field rule means is in `rules.py`, running a suite in `gate.py`, what a sender reads in `messages.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from expectations.contract import Column, Contract, ContractError, Rule, Severity

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.expectations.expectation import Expectation

JUDGED_ELSEWHERE = frozenset({"reference_exists", "key_continues"})
"""Rules between files: the other file may come later, so they are judged over the whole lake."""

_BY_COLUMN_ITSELF = frozenset({"unread", "minimum", "maximum", "unique_key"})


@dataclass(frozen=True)
class Check:
    """One thing that is judged on every row. `column` is where the sender has to look.

    `params` are those of the contract's rule; for a range `limit`, for the key `columns`.
    """

    rule: str
    column: str
    severity: Severity = "error"
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_predicate(self) -> bool:
        """Whether a boolean column has to be computed before it can be judged."""
        return self.rule not in _BY_COLUMN_ITSELF


def checks(contract: Contract) -> tuple[Check, ...]:
    """Everything a row of the form is judged by: column by column, the key, then the cross-field rules."""
    of_columns = [check for column in contract.columns for check in _of_column(column)]
    of_key = [Check("unique_key", contract.key[0], params={"columns": contract.key})] if contract.key else []
    of_rules = [check for rule in contract.rules for check in _of_rule(rule, contract)]
    return (*of_columns, *of_key, *of_rules)


def predicate_column(position: int) -> str:
    """The name of the boolean column for the check at that position of `checks`."""
    return f"rule__{position}"


def build_suite(contract: Contract) -> ExpectationSuite:
    """One expectation a check; its `meta["check"]` is the position in `checks(contract)`."""
    from great_expectations import ExpectationSuite

    expectations = [_expectation(position, check) for position, check in enumerate(checks(contract))]
    return ExpectationSuite(name=contract.form, expectations=expectations)


def _of_column(column: Column) -> Iterator[Check]:
    yield Check("unread", column.id)
    if column.required:
        yield Check("required", column.id)
    limits = {"minimum": column.minimum, "maximum": column.maximum, "multiple_of": column.multiple_of}
    yield from (Check(rule, column.id, params={"limit": value}) for rule, value in limits.items() if value is not None)


def _of_rule(rule: Rule, contract: Contract) -> Iterator[Check]:
    """A rule over several columns is one check each; `not_after_period` binds every month of the form."""
    if rule.name in JUDGED_ELSEWHERE:
        return
    if rule.name == "not_after_period":
        columns = [column.id for column in contract.columns if column.type == "year_month"]
    elif rule.name == "single_row":
        columns = [contract.columns[0].id]  # the whole row; a sender has to look somewhere
    else:
        columns = rule.params.get("columns") or [rule.params.get("column")]
    for column in columns:
        if column is None:
            raise ContractError(f"{contract.form}: the rule {rule.name} names no column")
        yield Check(rule.name, column, rule.severity, rule.params)


def _expectation(position: int, check: Check) -> Expectation:
    from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
    from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
    from great_expectations.expectations.core.expect_compound_columns_to_be_unique import (
        ExpectCompoundColumnsToBeUnique,
    )

    meta = {"check": position}
    match check.rule:
        case "unread":
            return ExpectColumnValuesToBeInSet(column=f"{check.column}__unread", value_set=[False], meta=meta)
        case "minimum":
            return ExpectColumnValuesToBeBetween(column=check.column, min_value=check.params["limit"], meta=meta)
        case "maximum":
            return ExpectColumnValuesToBeBetween(column=check.column, max_value=check.params["limit"], meta=meta)
        case "unique_key":
            return ExpectCompoundColumnsToBeUnique(
                column_list=["submission_id", *check.params["columns"]],
                ignore_row_if="any_value_is_missing",
                meta=meta,
            )
        case _:
            return ExpectColumnValuesToBeInSet(column=predicate_column(position), value_set=[True], meta=meta)
