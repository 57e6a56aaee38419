"""The gate: judges the typed rows of one form and says which row breaks which rule.

Great Expectations is the judge; no value of a row is in anything it or this module returns. What follows from a failure
(quarantine, returning the file) and the sentence about it do not belong here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from expectations.contract import Contract
from expectations.rules import Judged, kept
from expectations.suites import Check, build_suite, checks, predicate_column

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult

# Index lists only: by default a result repeats the values that failed. Positions of rows instead of named index columns,
# which GX looks up row by row.
RESULT_FORMAT: dict[str, Any] = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}


class GateError(RuntimeError):
    """An expectation could not be evaluated at all; says which check, never what the rows hold."""


@dataclass(frozen=True)
class GateResult:
    """`failures`: one row per (row, check) that failed.

    Its columns: `submission_id, row_number, column, rule, severity`, `check` (the place in `suites.checks(contract)`) and
    `position` (the row's place in the frame). `evaluated` is the number of rows judged.
    """

    failures: pd.DataFrame
    evaluated: int


def check(frame: pd.DataFrame, contract: Contract, *, grant_components: Sequence[Mapping[str, str]] = ()) -> GateResult:
    """Judge rows as `normalise` gives them; rows of many submissions at once, since a validation costs more than a row.

    `grant_components`: rows of the reference table, for rules about rates. Raises GateError.
    """
    failed = _positions(validate(with_predicates(frame, contract, grant_components), contract)) if len(frame) else {}
    return GateResult(_failures(frame, checks(contract), failed), len(frame))


def validate(frame: pd.DataFrame, contract: Contract) -> ExpectationSuiteValidationResult:
    """What Great Expectations says of the checks that fail on a frame with the predicate columns, and of no other.

    It is asked twice, because naming rows costs it several times what judging does, and most checks hold for every row:
    first which checks fail, then of those in which rows. A context of its own, so nothing stays behind.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx  # seconds of imports, and only here
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset(contract.form)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = build_suite(contract)
    verdicts = batch.validate(suite, result_format="BOOLEAN_ONLY").results
    failing = {_check_of(verdict) for verdict in verdicts if not verdict.success}
    suite.expectations = [one for position, one in enumerate(suite.expectations) if position in failing]
    return batch.validate(suite, result_format=RESULT_FORMAT)


def with_predicates(
    frame: pd.DataFrame, contract: Contract, grant_components: Sequence[Mapping[str, str]]
) -> pd.DataFrame:
    """The rows, numbered from 0, with a boolean column for every check that is no expectation of GX itself."""
    rows = frame.reset_index(drop=True)
    judged = Judged(rows, contract, grant_components)
    predicates = {
        predicate_column(position): kept(check.rule, judged, check.column, check.params)
        for position, check in enumerate(checks(contract))
        if check.is_predicate
    }
    return pd.concat([rows, pd.DataFrame(predicates)], axis="columns")


def _positions(result: ExpectationSuiteValidationResult) -> dict[int, list[int]]:
    """Check → positions of the rows that fail it."""
    failed: dict[int, list[int]] = {}
    for outcome in result.results:
        if "unexpected_index_list" not in outcome.result:
            raise GateError(f"{result.suite_name}: check {_check_of(outcome)} could not be evaluated")
        failed[_check_of(outcome)] = list(outcome.result["unexpected_index_list"])
    return failed


def _check_of(outcome: ExpectationValidationResult) -> int:
    """The place in `suites.checks(contract)` of the check that an outcome is of."""
    config = outcome.expectation_config
    if config is None or config.meta is None:
        raise GateError("an outcome names no check")
    return int(config.meta["check"])


def _failures(frame: pd.DataFrame, judged_by: Sequence[Check], failed: Mapping[int, Sequence[int]]) -> pd.DataFrame:
    places = [(row, position) for position, rows in failed.items() for row in rows]
    at = pd.DataFrame(places, columns=["row", "check"], dtype="int64").sort_values(["row", "check"], ignore_index=True)
    broken = [judged_by[position] for position in at["check"]]
    rows = frame[["submission_id", "row_number"]].iloc[at["row"]].reset_index(drop=True)
    return rows.assign(
        column=[check.column for check in broken],
        rule=[check.rule for check in broken],
        severity=[check.severity for check in broken],
        check=at["check"],
        position=at["row"],
    )
