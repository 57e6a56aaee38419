"""What is known of a world at a moment: which submissions count, who was expected to send what, what cases became.

Plain loops over the world, after docs/adr/0005. The KPIs made of this are `truth`'s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeVar

from expectations.contract import load_contracts
from pipelines.simulate.model import (
    PREFECTURE_CODE,
    Month,
    Submission,
    World,
    first_day,
    fiscal_year,
    fiscal_year_start,
    month_of,
)
from pipelines.simulate.rows import CaseRow, Row, SetupRow

RowT = TypeVar("RowT", bound=Row)

_EXPECTED_STATUSES = {"implementing", "transition_prep"}
# Forms that anyone who sent them once is expected to go on sending.
_EXPECTED_ONCE_SENT = {"consultation", "monthly_summary"}


class Standing(NamedTuple):
    """How a form stands in one area and month."""

    completeness: str
    submitted: int
    expected: int


class Known:
    """The world as known at a moment (`as_of`, None: at its end).

    `current` is the newest submission of each (form, sender, period); `histories` the newest row of every case of a
    municipality; `months` the months of the grid.
    """

    def __init__(self, world: World, as_of: datetime | None) -> None:
        self.world = world
        arrived = sorted(
            (submission for submission in world.submissions if as_of is None or submission.arrived_at <= as_of),
            key=lambda submission: submission.arrived_at,
        )
        self.current: dict[tuple[str, str, date], Submission] = {}
        for submission in arrived:
            self.current[submission.form, submission.sender_code, submission.period] = submission
        self.months = self._grid()
        self.histories = self._case_histories()
        self._setup_rows = _setup_rows(arrived)
        self._first_sent: dict[tuple[str, str], Month] = {}
        for form, sender, period in self.current:
            month = month_of(period)
            self._first_sent[form, sender] = min(month, self._first_sent.get((form, sender), month))

    def submission(self, form: str, municipality: str, month: Month) -> Submission | None:
        """What speaks for a municipality in a month: its own submission or the prefecture's, of month or year."""
        contract = load_contracts()[form]
        sender = PREFECTURE_CODE if contract.sender == "prefecture" else municipality
        yearly = contract.cadence == "fiscal_year"
        period = fiscal_year_start(fiscal_year(month)) if yearly else first_day(month)
        return self.current.get((form, sender, period))

    def rows(self, form: str, municipality: str, month: Month, kind: type[RowT]) -> list[RowT]:
        """The rows that count of that submission; `kind` is the row type of the form."""
        submission = self.submission(form, municipality, month)
        return [row for row in submission.good_rows if isinstance(row, kind)] if submission else []

    def setup(self, municipality: str, month: Month) -> SetupRow | None:
        """The newest statement of a municipality's arrangements as of the end of a month."""
        until = first_day(month + 1)
        known = [row for as_of, row in self._setup_rows[municipality].items() if as_of < until]
        return max(known, key=lambda row: row.as_of, default=None)

    def standing(self, form: str, municipality: str, month: Month) -> Standing:
        """How a form of a municipality stands in a month."""
        submission = self.submission(form, municipality, month)
        expected = self._is_expected(form, municipality, month)
        if submission is not None:
            return Standing("partial" if submission.faults else "complete", 1, int(expected))
        return Standing("missing" if expected else "not_applicable", 0, int(expected))

    def _is_expected(self, form: str, municipality: str, month: Month) -> bool:
        contract = load_contracts()[form]
        if contract.sender == "prefecture" or contract.cadence == "fiscal_year":
            return True
        setup = self.setup(municipality, month)
        if setup is not None and setup.implementation_status in _EXPECTED_STATUSES:
            return True
        return form in _EXPECTED_ONCE_SENT and self._first_sent.get((form, municipality), month + 1) <= month

    def _grid(self) -> range:
        """From the first to the last month of which some monthly form is known."""
        contracts = load_contracts()
        months = [month_of(period) for form, _, period in self.current if contracts[form].cadence == "monthly"]
        return range(min(months), max(months) + 1) if months else range(0)

    def _case_histories(self) -> dict[str, list[CaseRow]]:
        newest: dict[str, dict[str, CaseRow]] = defaultdict(dict)
        ledgers = sorted((period, sender) for form, sender, period in self.current if form == "case")
        for period, sender in ledgers:
            for row in self.rows("case", sender, month_of(period), CaseRow):
                newest[sender][row.case_no] = row
        return defaultdict(list, {sender: list(rows.values()) for sender, rows in newest.items()})


def _setup_rows(arrived: Iterable[Submission]) -> dict[str, dict[date, SetupRow]]:
    """Municipality → as_of → what the last file that has that date says."""
    rows: dict[str, dict[date, SetupRow]] = defaultdict(dict)
    for submission in arrived:
        for row in submission.good_rows:
            if isinstance(row, SetupRow):
                rows[submission.sender_code][row.as_of] = row
    return rows


def standing_of_area(members: Iterable[Standing]) -> Standing:
    """How a form stands in an area, from how it stands in its municipalities."""
    standings = list(members)
    submitted, expected = sum(each.submitted for each in standings), sum(each.expected for each in standings)
    of_expected = [each for each in standings if each.expected]
    if not submitted and not expected:
        completeness = "not_applicable"
    elif of_expected and not any(each.submitted for each in of_expected):
        completeness = "missing"
    elif all(each.completeness == "complete" for each in of_expected):
        completeness = "complete"
    else:
        completeness = "partial"
    return Standing(completeness, submitted, expected)


def end_of_month(month: Month) -> date:
    """The last day of a month."""
    return first_day(month + 1) - timedelta(days=1)
