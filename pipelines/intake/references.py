"""References between files: numbers that lead nowhere. Which submissions may have others than before, and which they are.

A keyed hash tells sender and kind of number apart, so that one set of numbers answers for all senders.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from expectations.contract import Contract, Rule
from pipelines.intake.cross_findings import Due
from pipelines.intake.lake_columns import LakeColumns, distinct, files_of, newest, without
from pipelines.intake.submissions import Counted


@dataclass(frozen=True)
class Reference:
    """The column of a form that refers to another form, and that form's column of numbers of the same kind."""

    contract: Contract
    column: str
    target: Contract
    key: str


def reference_of(contract: Contract, rule: Rule, contracts: Mapping[str, Contract]) -> Reference:
    """What a rule `reference_exists` says."""
    column, target = contract.column(rule.params["column"]), contracts[rule.params["form"]]
    key = next(key for key in target.key if target.column(key).id_kind == column.id_kind)
    return Reference(contract, column.id, target, key)


def referring(lake: LakeColumns, reference: Reference, due: Collection[Due]) -> set[str]:
    """Ids of those, not due themselves, that refer to a number which only submissions that are due hold, or held."""
    contract, column, target, key = reference.contract, reference.column, reference.target, reference.key
    changed = files_of(one for one in due if one.form == target.form)
    still_there = without(lake.counting(target.form), changed)
    # A ledger lists again most of what the one before it lists: what is left is looked for in years of files.
    numbers = lake.nowhere(target, key, lake.numbers(target, key, changed), newest(still_there))
    if not len(numbers):
        return set()
    others = without(lake.counting(contract.form), files_of(one for one in due if one.form == contract.form))
    found = [
        rows.filter(pc.is_in(rows[column], value_set=numbers))
        for rows in lake.rows(contract, ["submission_id", column], others)
    ]
    moved = lake.nowhere(target, key, distinct(rows[column] for rows in found), still_there)
    touched = (rows["submission_id"].filter(pc.is_in(rows[column], value_set=moved)) for rows in found)
    return {submission_id for ids in touched for submission_id in pc.unique(ids).to_pylist()}


def unresolved(lake: LakeColumns, reference: Reference, these: Sequence[Counted]) -> Iterator[tuple[str, np.ndarray]]:
    """Per submission its rows whose number leads nowhere, ascending."""
    contract, column, files = reference.contract, reference.column, files_of(these)
    wanted = lake.numbers(contract, column, files)
    missing = lake.nowhere(reference.target, reference.key, wanted, lake.counting(reference.target.form))
    for rows in lake.rows(contract, ["submission_id", "row_number", column], files) if len(missing) else ():
        astray = rows.filter(pc.is_in(rows[column], value_set=missing))
        told = astray.group_by("submission_id").aggregate([("row_number", "list")])
        for submission_id, numbers in zip(told["submission_id"].to_pylist(), told["row_number_list"], strict=True):
            yield submission_id, np.sort(numbers.values.to_numpy())
