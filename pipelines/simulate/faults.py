"""Cells that clerks spoil so that the row must be rejected.

Impossible months, unknown codes, blanks, a month before its time: what contracts surely reject. Files that are
unreadable or refused whole do not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random

from expectations.contract import Column, Contract, load_contracts
from pipelines.simulate.model import Fault
from pipelines.simulate.rows import Row

_AT_MOST = 3
_ROWS_PER_FAULT = 4  # far from half of a file's rows, above which it is returned whole
_CALENDAR = {"year_month", "date"}


def draw_faults(contract: Contract, rows: Sequence[Row], period: date, rng: Random) -> Mapping[int, Fault]:
    """One to three faults by position of the row; none in a file too short to bear one."""
    bears = min(_AT_MOST, len(rows) // _ROWS_PER_FAULT)
    if bears == 0:
        return {}
    spoilt = rng.sample(range(len(rows)), rng.randint(1, bears))
    return {index: _draw(contract, rows[index], period, rng) for index in sorted(spoilt)}


def spoil_most(form: str, rows: Sequence[Row], period: date, rng: Random) -> Mapping[int, Fault]:
    """A fault in more than half of the rows, so that the whole file is returned."""
    contract = load_contracts()[form]
    return {index: _draw(contract, rows[index], period, rng) for index in range(len(rows) // 2 + 1)}


def _draw(contract: Contract, row: Row, period: date, rng: Random) -> Fault:
    columns = [column for column in contract.columns if column.required and column.id not in contract.key]
    candidates = [
        *(Fault(column.id, _impossible(column, period, rng)) for column in columns if column.type in _CALENDAR),
        *(Fault(column.id, "Z9") for column in columns if column.type == "code"),
        Fault(rng.choice(columns).id, ""),
    ]
    for rule in contract.rules:
        before = getattr(row, rule.params["other"]) if rule.name == "not_before" else None
        if isinstance(before, date):
            candidates.append(Fault(rule.params["column"], f"{before.year - 1}-{before.month:02d}"))
    return rng.choice(candidates)


def _impossible(column: Column, period: date, rng: Random) -> str:
    """A thirteenth month, or the thirtieth of a February."""
    thirteenth = f"{period.year}-13" + ("-01" if column.type == "date" else "")
    return rng.choice((thirteenth, f"令和{period.year - 2018}年2月30日"))
