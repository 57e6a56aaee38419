"""The money as published: each component stage by stage, and what does not agree. Integers of yen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from pipelines.simulate.grants import Costs, components, shares
from pipelines.simulate.known import Known
from pipelines.simulate.model import PREFECTURE_CODE, fiscal_year, month_of
from pipelines.simulate.rows import GrantRow, Payment

_PAID_IN_PARTS = "advance"
_ACTUAL = ("report", "final")
_AT_RATE = ("decision", "change", *_ACTUAL)
_OWN = "own"


class Staged(NamedTuple):
    """One row of grant_component."""

    municipality_code: str
    fiscal_year: int
    component: str
    stage: str
    dated_on: date
    instalments: int
    total_cost: int
    other_income: int
    base_amount: int
    eligible_actual: int
    selected: int
    national_share: int
    prefectural_share: int
    municipal_share: int | None


class Finding(NamedTuple):
    """One row of grant_reconciliation."""

    municipality_code: str
    fiscal_year: int
    component: str | None
    stage: str
    finding: str
    amount: str
    expected_yen: int
    found_yen: int
    difference_yen: int
    verified: str


def _years(known: Known) -> dict[int, list[GrantRow]]:
    """The rows of the current grant file of each fiscal year."""
    return {
        fiscal_year(month_of(period)): [row for row in submission.good_rows if isinstance(row, GrantRow)]
        for (form, _, period), submission in known.current.items()
        if form == "grant"
    }


def _stages(rows: list[GrantRow]) -> dict[tuple[str, str, str], list[GrantRow]]:
    """(municipality, component, stage) → its rows, oldest first."""
    found: dict[tuple[str, str, str], list[GrantRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.dated_on, row.seq)):
        found[row.municipality_code, row.component, row.stage].append(row)
    return found


def _added(rows: list[GrantRow], share: str) -> int | None:
    """The sum of a share over the rows that state it."""
    stated = [getattr(row, share) for row in rows if getattr(row, share) is not None]
    return sum(stated) if stated else None


def grant_component(known: Known) -> Iterator[Staged]:
    """The newest row of each stage; shares of advances are added up over the instalments."""
    for year, all_rows in _years(known).items():
        for (code, component, stage), rows in _stages(all_rows).items():
            latest = rows[-1]
            added = rows if stage == _PAID_IN_PARTS else [latest]
            costs = Costs(latest.total_cost, latest.other_income, latest.base_amount, latest.eligible_actual)
            yield Staged(
                *(code, year, component, stage, latest.dated_on, len(rows)),
                *(costs.total_cost, costs.other_income, costs.base_amount, costs.eligible_actual, costs.selected),
                national_share=_added(added, "national_share") or 0,
                prefectural_share=_added(added, "prefectural_share") or 0,
                municipal_share=_added(added, "municipal_share"),
            )


def grant_reconciliation(known: Known) -> Iterator[Finding]:
    """Where the lump is not the sum of its parts, a share not what the rate gives, what was reported above the decision."""
    staged = {(row.municipality_code, row.fiscal_year, row.component, row.stage): row for row in grant_component(known)}

    for (code, year, component, stage), row in staged.items():
        if stage in _AT_RATE:
            rates = components(year)[component]
            national, prefectural, _ = shares(row.selected, rates.national_rate, rates.prefectural_rate)
            for amount, expected in (("national", national), ("prefectural", prefectural)):
                if _amount(row, amount) != expected:
                    yield _finding(row, "share_off_rate", amount, expected, rates.verified)
        decided = staged.get((code, year, component, "change")) or staged.get((code, year, component, "decision"))
        if stage in _ACTUAL and decided:
            for amount in ("total", "national", "prefectural"):
                if _amount(row, amount) > _amount(decided, amount):
                    yield _finding(row, "final_over_decision", amount, _amount(decided, amount), _OWN)
    yield from _lumps(known)


def _amount(row: Staged, amount: str) -> int:
    amounts = {"national": row.national_share, "prefectural": row.prefectural_share}
    return amounts.get(amount, sum(amounts.values()))


def _finding(row: Staged, finding: str, amount: str, expected: int, verified: str) -> Finding:
    found = _amount(row, amount)
    return Finding(
        *(row.municipality_code, row.fiscal_year, row.component, row.stage, finding, amount),
        *(expected, found, found - expected, verified),
    )


def _lumps(known: Known) -> Iterator[Finding]:
    for year, rows in _years(known).items():
        payments = next(
            (
                submission.good_rows
                for (form, sender, period), submission in known.current.items()
                if (form, sender, fiscal_year(month_of(period))) == ("grant_payment", PREFECTURE_CODE, year)
            ),
            None,
        )
        if payments is None:
            continue
        expected: dict[str, int] = defaultdict(int)
        paid: dict[str, int] = defaultdict(int)
        for row in rows:
            expected[row.municipality_code] += row.prefectural_share if row.stage == _PAID_IN_PARTS else 0
        for payment in payments:
            if isinstance(payment, Payment) and payment.source == "prefectural":
                paid[payment.municipality_code] += payment.amount_yen
        for code in expected.keys() | paid.keys():
            gap = paid[code] - expected[code]
            if gap:
                yield Finding(
                    *(code, year, None, _PAID_IN_PARTS, "lump_gap", "prefectural"),
                    *(expected[code], paid[code], gap, _OWN),
                )
