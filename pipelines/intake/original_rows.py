"""What a receipt may show of the rows it rejects: the cells that passed, typed and in words. Never a number of a person.

A cell that a failed check names is withheld, and so is every cell of a row that does not line up with its header. Where the
rows are laid out is `receipt_workbook.py`'s.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd

from expectations.codes import CodeLists
from expectations.contract import Column, Contract
from expectations.suites import Check
from pipelines.intake.verdict import OriginalRow

SHOWN_AT_MOST = 200
"""Rejected rows a receipt shows; all of them are in its list of errors."""

WITHHELD = "〔誤り〕"
NUMBER = "〔番号〕"


def original_rows(
    frame: pd.DataFrame,
    contract: Contract,
    codes: CodeLists,
    failed: Iterable[tuple[int, Check]],
    cut: Collection[int],
) -> dict[str, list[OriginalRow]]:
    """The rejected rows by submission id, in the order of the sheet.

    `frame` is normalised and numbered from 0, `failed` has the place in it and the check, `cut` the places of rows that do
    not line up with their header.
    """
    withheld: defaultdict[int, set[str]] = defaultdict(set)
    rejected = set(cut)
    for position, check in failed:
        withheld[position] |= _named(check)
        if check.severity == "error":
            rejected.add(position)
    shown = _first_of_each(frame["submission_id"], sorted(rejected))
    labels = {name: {code.code: code.label_ja for code in listed} for name, listed in codes.items()}
    whole = {column.id for column in contract.columns}
    names = ["submission_id", "row_number", *(column.id for column in contract.columns)]
    rows: defaultdict[str, list[OriginalRow]] = defaultdict(list)
    records = frame.loc[shown, names].itertuples(index=False, name=None)
    for position, (submission_id, row_number, *values) in zip(shown, records, strict=True):
        hidden = whole if position in cut else withheld[position]
        cells = tuple(
            WITHHELD if column.id in hidden else _in_words(column, value, labels)
            for column, value in zip(contract.columns, values, strict=True)
        )
        rows[submission_id].append(OriginalRow(int(row_number), cells))
    return dict(rows)


def _first_of_each(submission_ids: pd.Series, positions: list[int]) -> list[int]:
    """The places of the first `SHOWN_AT_MOST` rows of each submission."""
    seen: Counter[str] = Counter()
    first = []
    for position, submission_id in zip(positions, submission_ids.loc[positions], strict=True):
        seen[submission_id] += 1
        if seen[submission_id] <= SHOWN_AT_MOST:
            first.append(position)
    return first


def _named(check: Check) -> set[str]:
    """The columns whose cells a failed check puts in doubt. A condition's column only says when the rule binds."""
    params = check.params
    one = {params[name] for name in ("other", "by") if name in params}
    several = {column for name in ("columns", "others") for column in params.get(name, ())}
    return {check.column} | one | several


def _in_words(column: Column, value: Any, labels: Mapping[str, Mapping[str, str]]) -> str:
    """A typed cell as its sender would write it; '' where nothing stands."""
    if isinstance(value, tuple):
        return "、".join(labels[column.code_list or ""][code] for code in value)
    if pd.isna(value):
        return ""
    match column.type:
        case "identifier":
            return NUMBER
        case "code":
            return labels[column.code_list or ""][value]
        case "flag":
            return "有" if value else "無"
        case "year_month":
            return f"{value:%Y-%m}"
        case "date":
            return f"{value:%Y-%m-%d}"
        case "number":
            return f"{value:.15g}"
        case _:
            return str(value)
