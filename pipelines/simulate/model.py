"""What a synthetic world holds: municipalities, and submissions of the `rows` of all forms.

How any of it comes about (`world` and what it calls), how it is written down (`files`) and what it adds up to (`truth`)
do not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from expectations.codes import CodeLists, load_code_lists
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.simulate.rows import Row

PREFECTURE_CODE: str = Settings.model_fields["prefecture_code"].default
PREFECTURE_NAME: str = Settings.model_fields["prefecture_name"].default
_RETURNED_ABOVE: float = Settings.model_fields["returned_error_share"].default
# Always the project's own tables: a world depends on its seed, never on the home it is made in.
REFERENCE_DIR = PROJECT_DIR / "data" / "reference"

Month = int
"""Months are counted: year × 12 + month − 1."""


@dataclass(frozen=True)
class WorldSpec:
    """What decides a world. `municipalities`: 63 are the real ones, fewer a choice of them, more are invented."""

    seed: int
    municipalities: int
    months: int
    first_month: date = date(2023, 4, 1)

    def __post_init__(self) -> None:
        if self.municipalities < 1 or self.months < 1 or self.first_month.day != 1:
            raise ValueError("a world has at least one municipality and one month, and starts on the first of a month")

    @property
    def first(self) -> Month:
        """The first month, counted."""
        return month_of(self.first_month)

    @property
    def last(self) -> Month:
        """The last month, counted."""
        return self.first + self.months - 1

    @property
    def all_months(self) -> range:
        """From the first month to the last."""
        return range(self.first, self.last + 1)


class Fault(NamedTuple):
    """A cell that its sender spoilt: what stands there instead of the value. The row it is in must be rejected."""

    column: str
    text: str


@dataclass(frozen=True)
class Submission:
    """One form as one sender sent it for one period, once.

    `period` is the first day of the month or of the fiscal year; `version` counts the times it was sent, from 1.
    `faults` are by position in `rows`, one a row.
    """

    sender_code: str
    form: str
    period: date
    version: int
    arrived_at: datetime
    rows: tuple[Row, ...]
    faults: Mapping[int, Fault] = field(default_factory=dict)

    @property
    def is_returned(self) -> bool:
        """Whether so many rows are spoilt that the file goes back to its sender and nothing of it counts."""
        return len(self.faults) > _RETURNED_ABOVE * len(self.rows)

    @property
    def good_rows(self) -> list[Row]:
        """The rows that count."""
        return [row for index, row in enumerate(self.rows) if index not in self.faults]

    @property
    def key(self) -> str:
        """Names the submission within its world."""
        return f"{self.sender_code}/{self.form}/{self.period}/{self.version}"


@dataclass(frozen=True)
class Municipality:
    """A municipality as the reference knows it: `reference` is its row of municipalities.csv."""

    reference: Mapping[str, str]

    @property
    def code(self) -> str:
        """6 digits."""
        return self.reference["municipality_code"]

    @property
    def name(self) -> str:
        """As officially written."""
        return self.reference["name"]

    @property
    def region_code(self) -> str:
        """`R-<region>`."""
        return f"R-{self.reference['region']}"

    @property
    def population(self) -> int:
        """Census 2020."""
        return int(self.reference["population_2020"])

    @property
    def is_town(self) -> bool:
        """A town or village: smaller, and without a welfare office of its own."""
        return self.reference["kind"] in {"町", "村"}

    @property
    def share_65plus(self) -> float:
        """Share of people of 65 and older."""
        return int(self.reference["pop_65plus"]) / self.population


class Gap(NamedTuple):
    """By how much a statement says more (less: negative) than the forms it is to be reconciled with.

    A count of `monthly_summary`, or the yen of prefectural payments above the advances of a fiscal year.
    """

    municipality_code: str
    form: str
    period: date
    column: str
    amount: int


@dataclass(frozen=True)
class World:
    """Everything that was sent, in the order it arrived, by whom it could have been sent, and what does not add up in it."""

    spec: WorldSpec
    municipalities: tuple[Municipality, ...]
    submissions: tuple[Submission, ...]
    code_lists: CodeLists
    gaps: tuple[Gap, ...] = ()


def reference_code_lists() -> CodeLists:
    """The project's code lists."""
    return load_code_lists(REFERENCE_DIR / "codes.csv", REFERENCE_DIR / "grant_components.csv")


def month_of(day: date) -> Month:
    """The month a day lies in."""
    return day.year * 12 + day.month - 1


@cache
def first_day(month: Month) -> date:
    """The first day of a month."""
    return date(month // 12, month % 12 + 1, 1)


def fiscal_year(month: Month) -> int:
    """The Gregorian year in which the month's fiscal year (April to March) starts."""
    return (month - 3) // 12


def fiscal_year_start(year: int) -> date:
    """The first day of a fiscal year."""
    return date(year, 4, 1)
