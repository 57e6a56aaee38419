"""What is known of a world at a moment: which submissions count, who was expected to send what, what ledgers remember.

Plain loops over the world, after docs/adr/0005 and 0009. What is counted of it is said in `kpis`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple, TypeVar

from expectations.contract import Contract, load_contracts
from pipelines.settings import TIME_ZONE, Settings
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
from pipelines.simulate.rows import Row, SetupRow

RowT = TypeVar("RowT", bound=Row)
Key = tuple[str, str, date]
"""Form, sender and period of a submission."""

_EXPECTED_STATUSES = {"implementing", "transition_prep"}
# Forms that anyone who sent them once is expected to go on sending.
_EXPECTED_ONCE_SENT = {"consultation", "monthly_summary"}
_EXPECTED_OF_EVERYONE = "setup"
_DEADLINE_DAY: int = Settings.model_fields["monthly_deadline_day"].default
_FROM_GOOD_TO_BAD = ("complete", "partial", "missing", "not_applicable")


class Standing(NamedTuple):
    """How a form, or what several are joined to, stands in one area and month."""

    completeness: str
    submitted: int
    expected: int


class Known:
    """The world as known at a moment (`as_of`, None: at its end), without the submissions taken back (by key).

    `current` is the newest accepted submission of each (form, sender, period), `returned` the newest that was returned;
    `first_arrival` when the first accepted one came; `months` the months of the grid.
    """

    def __init__(self, world: World, as_of: datetime | None, withdrawn: Collection[str] = ()) -> None:
        self.world = world
        came = sorted(
            (
                submission
                for submission in world.submissions
                if (as_of is None or submission.arrived_at <= as_of) and submission.key not in withdrawn
            ),
            key=lambda submission: submission.arrived_at,
        )
        accepted = [submission for submission in came if not submission.is_returned]
        self.returned: dict[Key, Submission] = {
            _key(submission): submission for submission in came if submission.is_returned
        }
        self.current: dict[Key, Submission] = {}
        self.first_arrival: dict[Key, datetime] = {}
        for submission in accepted:
            self.current[_key(submission)] = submission
            self.first_arrival.setdefault(_key(submission), submission.arrived_at)
        self._first_sent: dict[tuple[str, str], Month] = {}
        for form, sender, period in self.current:
            month = month_of(period)
            self._first_sent[form, sender] = min(month, self._first_sent.get((form, sender), month))
        self.months = self._grid()
        self._setup_rows = _setup_rows(accepted)
        self._rows: dict[Key, dict[str, list[Row]]] = {}
        self._standings: dict[tuple[str, str, Month], Standing] = {}
        self._histories = {
            form: self._history(form) for form, contract in load_contracts().items() if contract.kind == "ledger"
        }
        self.listed = self._months_listed()

    def key(self, form: str, municipality: str, month: Month) -> Key:
        """What would speak for a municipality in a month: its own submission or the prefecture's, of month or year."""
        contract = load_contracts()[form]
        sender = PREFECTURE_CODE if contract.sender == "prefecture" else municipality
        yearly = contract.cadence == "fiscal_year"
        return form, sender, fiscal_year_start(fiscal_year(month)) if yearly else first_day(month)

    def rows(self, form: str, municipality: str, month: Month, kind: type[RowT]) -> list[RowT]:
        """The rows about a municipality that count of that submission; `kind` is the row type of the form."""
        key = self.key(form, municipality, month)
        if key not in self.current:
            return []
        if key not in self._rows:
            self._rows[key] = _by_municipality(self.current[key].good_rows, key[1])
        return [row for row in self._rows[key].get(municipality, []) if isinstance(row, kind)]

    def history(self, form: str, municipality: str, kind: type[RowT]) -> list[RowT]:
        """The newest row, by the ledger's month, of every key of a municipality."""
        return [row for row in self._histories[form].get(municipality, []) if isinstance(row, kind)]

    def setup(self, municipality: str, month: Month) -> SetupRow | None:
        """The newest statement of a municipality's arrangements as of the end of a month."""
        return max(self.setups(municipality, month), key=lambda row: row.as_of, default=None)

    def setups(self, municipality: str, month: Month) -> list[SetupRow]:
        """All its statements as of the end of a month or before."""
        until = first_day(month + 1)
        return [row for as_of, row in self._setup_rows.get(municipality, {}).items() if as_of < until]

    def standing(self, form: str, municipality: str, month: Month) -> Standing:
        """How a form of a municipality stands in a month."""
        at = (form, municipality, month)
        if at not in self._standings:
            submission = self.current.get(self.key(form, municipality, month))
            expected = self._is_expected(form, municipality, month)
            if submission is not None:
                completeness = "partial" if submission.faults else "complete"
            else:
                completeness = "missing" if expected else "not_applicable"
            self._standings[at] = Standing(completeness, int(submission is not None), int(expected))
        return self._standings[at]

    def _is_expected(self, form: str, municipality: str, month: Month) -> bool:
        contract = load_contracts()[form]
        if contract.sender == "prefecture" or form == _EXPECTED_OF_EVERYONE:
            return True
        if contract.cadence == "fiscal_year":
            return False
        setup = self.setup(municipality, month)
        if setup is not None and setup.implementation_status in _EXPECTED_STATUSES:
            return True
        return form in _EXPECTED_ONCE_SENT and self._first_sent.get((form, municipality), month + 1) <= month

    def _grid(self) -> range:
        """From the first to the last month of which some monthly form is known."""
        contracts = load_contracts()
        months = [month_of(period) for form, _, period in self.current if contracts[form].cadence == "monthly"]
        return range(min(months), max(months) + 1) if months else range(0)

    def _ledgers(self, form: str) -> list[Submission]:
        """The current ledgers of a form, oldest month first."""
        return [self.current[key] for key in sorted(self.current, key=lambda key: key[2]) if key[0] == form]

    def _history(self, form: str) -> Mapping[str, list[Row]]:
        newest: dict[tuple[str, object], Row] = {}
        for ledger in self._ledgers(form):
            for row in ledger.good_rows:
                newest[ledger.sender_code, row[0]] = row  # the first column of a ledger is its key
        found: dict[str, list[Row]] = defaultdict(list)
        for (sender, _), row in newest.items():
            found[getattr(row, "municipality_code", sender)].append(row)
        return found

    def _months_listed(self) -> Mapping[tuple[str, str], list[Month]]:
        """(municipality, case number) → the months whose ledger lists the case, oldest first."""
        listed: dict[tuple[str, str], list[Month]] = defaultdict(list)
        for ledger in self._ledgers("case"):
            for row in ledger.good_rows:
                listed[ledger.sender_code, str(row[0])].append(month_of(ledger.period))
        return listed


def _key(submission: Submission) -> Key:
    return submission.form, submission.sender_code, submission.period


def _by_municipality(rows: Iterable[Row], sender: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[getattr(row, "municipality_code", sender)].append(row)
    return found


def _setup_rows(accepted: Iterable[Submission]) -> dict[str, dict[date, SetupRow]]:
    """Municipality → as_of → what the last file that has that date says."""
    rows: dict[str, dict[date, SetupRow]] = defaultdict(dict)
    for submission in accepted:
        if submission.form == "setup":
            for row in submission.good_rows:
                if isinstance(row, SetupRow):
                    rows[submission.sender_code][row.as_of] = row
    return rows


def is_on_time(known: Known, form: str, sender: str, month: Month) -> bool:
    """Whether the first accepted version of a monthly form came by the end of the deadline's day."""
    deadline = first_day(month + 1).replace(day=_DEADLINE_DAY)
    arrived = known.first_arrival.get(known.key(form, sender, month))
    return arrived is not None and arrived <= datetime.combine(deadline, time.max, TIME_ZONE)


def joined(standings: Iterable[Standing]) -> Standing:
    """How several forms stand together in one municipality and month: as bad as the worst of them."""
    every = list(standings)
    return Standing(
        max((each.completeness for each in every), key=_FROM_GOOD_TO_BAD.index),
        min(each.submitted for each in every),
        min(each.expected for each in every),
    )


def standing_of_area(members: Iterable[Standing]) -> Standing:
    """How something stands in an area, from how it stands in its municipalities."""
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


@cache
def monthly_municipal_forms() -> tuple[str, ...]:
    """The forms a municipality sends every month."""
    return tuple(form for form, contract in load_contracts().items() if _is_monthly_municipal(contract))


def _is_monthly_municipal(contract: Contract) -> bool:
    return contract.cadence == "monthly" and contract.sender == "municipality"


def moment(as_of: datetime | None) -> datetime | None:
    """The moment itself, in Japan if it names no zone."""
    return as_of.replace(tzinfo=TIME_ZONE) if as_of is not None and as_of.tzinfo is None else as_of


@cache
def end_of_month(month: Month) -> date:
    """The last day of a month."""
    return first_day(month + 1) - timedelta(days=1)
