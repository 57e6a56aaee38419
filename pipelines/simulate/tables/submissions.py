"""How every submission that was expected or came stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from expectations.contract import load_contracts
from pipelines.simulate.known import Known, Standing, is_on_time
from pipelines.simulate.model import PREFECTURE_CODE, Month, Submission


class Status(NamedTuple):
    """One row of submission_status."""

    sender_code: str
    form: str
    period: date
    expected: bool
    status: str | None
    completeness: str
    rows_total: int | None
    rows_accepted: int | None
    rows_rejected: int | None
    received_at: datetime | None
    is_on_time: bool | None


def submission_status(known: Known) -> Iterator[Status]:
    """Every (sender, form, period) of the grid that is expected, or of which something came, be it returned."""
    municipalities = [municipality.code for municipality in known.world.municipalities]
    for form, contract in load_contracts().items():
        for code in [PREFECTURE_CODE] if contract.sender == "prefecture" else municipalities:
            seen: set[date] = set()
            for month in reversed(known.months):  # of a year the last month says what is expected
                period = known.key(form, code, month)[2]
                if period not in seen:
                    seen.add(period)
                    standing = known.standing(form, code, month)
                    last = known.current.get((form, code, period)) or known.returned.get((form, code, period))
                    if standing.expected or last:
                        yield _status(known, form, code, month, period, standing, last)


def _status(
    known: Known, form: str, code: str, month: Month, period: date, standing: Standing, last: Submission | None
) -> Status:
    status = rows = None
    if last is not None:
        accepted = 0 if last.is_returned else len(last.good_rows)
        rows = (len(last.rows), accepted, len(last.rows) - accepted)
        status = "returned" if last.is_returned else "accepted_with_errors" if last.faults else "accepted"
    is_judged = standing.expected and standing.submitted and load_contracts()[form].cadence == "monthly"
    return Status(
        *(code, form, period, bool(standing.expected), status, standing.completeness),
        *(rows or (None, None, None)),
        None if last is None else last.arrived_at,
        is_on_time(known, form, code, month) if is_judged else None,
    )
