"""What the prefecture seldom does for a municipality, put by construction into every world: the edges of money and support.

The municipality is that of `edges`. Months are counted from the world's first, amounts are integers of yen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from pipelines.simulate.backing import AgreedAction, Dispatch
from pipelines.simulate.grants import Costs, components, granted
from pipelines.simulate.model import Gap, Month, WorldSpec, first_day, fiscal_year, fiscal_year_start
from pipelines.simulate.numbers import Numbering
from pipelines.simulate.rows import Attendance, GrantRow, Payment

_OFF_BY = 1_000
_OVERPAID = 27_000


class EdgesOfBacking:
    """The edges of one municipality, as rows of the prefecture's forms."""

    def __init__(self, code: str, spec: WorldSpec) -> None:
        self._code = code
        self._spec = spec
        self._first_year = fiscal_year(spec.first)

    @property
    def gaps(self) -> list[Gap]:
        """By how much a share is off its rate, and the lump off its parts."""
        year = fiscal_year_start(self._first_year)
        return [
            Gap(self._code, "grant", year, "national_share", _OFF_BY),
            Gap(self._code, "grant_payment", year, "amount_yen", _OVERPAID),
        ]

    # --- money, of the first fiscal year ---

    def grants(self, year: int, rows: list[GrantRow]) -> list[GrantRow]:
        """The grants of a year, with a final amount above what was decided and a share other than the rate."""
        if year != self._first_year:
            return rows
        decided = next(row for row in rows if self._is_step(row, "decision", "multi_agency"))
        others = [self._share_off(row) for row in rows if not self._is_step(row, "final", "multi_agency")]
        return [*others, _above(decided, year)]

    def _is_step(self, row: GrantRow, stage: str, component: str) -> bool:
        return (row.municipality_code, row.stage, row.component) == (self._code, stage, component)

    def _share_off(self, row: GrantRow) -> GrantRow:
        if not self._is_step(row, "decision", "outreach"):
            return row
        return row._replace(
            national_share=row.national_share + _OFF_BY, municipal_share=(row.municipal_share or 0) - _OFF_BY
        )

    def payments(self, year: int, payments: Sequence[Payment]) -> list[Payment]:
        """The payments of a year, its first lump larger than it should be."""
        paid = list(payments)
        if year == self._first_year:
            at = next(
                index
                for index, payment in enumerate(paid)
                if payment.municipality_code == self._code and payment.source == "prefectural"
            )
            paid[at] = paid[at]._replace(amount_yen=paid[at].amount_yen + _OVERPAID)
        return paid

    # --- dispatches, what was agreed at them, trainings ---

    def _day(self, months: Month, day: int) -> date:
        return first_day(self._spec.first + months) + timedelta(days=day - 1)

    def _never(self) -> date:
        return self._day(self._spec.months + 12, 1)

    def dispatches(self, numbers: Numbering) -> list[Dispatch]:
        """One done on the last day of a month after it was reported as scheduled, one cancelled, one never scheduled."""
        ends = ((0, self._day(2, 1) - timedelta(days=1), True), (1, self._day(3, 5), False), (2, self._never(), True))
        return [
            Dispatch(
                dispatch_no=numbers.dispatch(self._spec.first + requested),
                municipality_code=self._code,
                adviser_kind="academic",
                dispatch_mode="onsite",
                advice_topics=("agencies", "cases"),
                requested=self._day(requested, 10),
                scheduled=min(self._day(requested, 20), ended),
                ended=ended,
                is_done=is_done,
                attendees=5,
                sections=2,
                non_welfare_present=True,
            )
            for requested, ended, is_done in ends
        ]

    def actions(self, visit: Dispatch, numbers: Numbering) -> Iterator[AgreedAction]:
        """Done on the day it was due, done too late, never done, dropped after it was due."""
        due = self._day(4, 1) - timedelta(days=1)
        for ended, is_done in ((due, True), (self._day(5, 3), True), (self._never(), True), (self._day(5, 3), False)):
            yield AgreedAction(
                action_no=numbers.action(self._spec.first + 1),
                dispatch=visit,
                advice_topic=visit.advice_topics[0],
                due=due,
                begun=self._day(3, 1),
                ended=ended,
                is_done=is_done,
            )

    def attendances(self, numbers: Numbering) -> dict[Month, list[Attendance]]:
        """A session it registered for and sent nobody to."""
        month = self._spec.first + 1
        return {
            month: [Attendance(numbers.training(month), self._code, self._day(1, 28), "scheme", "online", attendees=0)]
        }


def _above(decided: GrantRow, year: int) -> GrantRow:
    """A final amount a fifth above what was decided."""
    costs = Costs(decided.total_cost, decided.other_income, decided.base_amount, decided.eligible_actual)
    more = replace(costs, **{name: value * 6 // 5 for name, value in vars(costs).items()})
    component = components(year)[decided.component]
    return granted(decided.municipality_code, component, "final", 1, date(year + 1, 5, 20), more)
