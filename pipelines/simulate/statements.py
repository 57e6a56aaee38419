"""What a municipality states of itself: its own totals of a month, its goals and the check of its functions of a year.

When these are sent is `sending`'s.
"""

from __future__ import annotations

from datetime import date
from random import Random

from pipelines.simulate.flow import Town
from pipelines.simulate.model import Gap, Month, WorldSpec, first_day
from pipelines.simulate.numbers import Numbering
from pipelines.simulate.people import Weighted
from pipelines.simulate.rows import CheckItem, Goal, MonthlySummary

_MISCOUNTED = 0.05
_TARGETS = {
    "window": (1, 2),
    "consultations": (60, 900),
    "plans": (5, 60),
    "meetings": (10, 40),
    "outreach": (5, 40),
    "participation": (3, 25),
    "places": (3, 30),
    "closures": (5, 60),
}
_SHARE = "other"  # a share in per cent, with a decimal
_ITEMS = {"consultation": 6, "coordination": 6, "participation": 4, "community": 5}
_DRIFT = Weighted({"0": 70, "1": 25, "-1": 5})


def draw_summaries(town: Town, spec: WorldSpec, rng: Random) -> tuple[dict[Month, list[MonthlySummary]], list[Gap]]:
    """What the town's other forms of each month add up to, and where a clerk miscounted by a few."""
    summaries: dict[Month, list[MonthlySummary]] = {}
    gaps: list[Gap] = []
    for month in spec.all_months:
        counted = _counted(town, month)
        if rng.random() < _MISCOUNTED:
            column = rng.choice(MonthlySummary._fields)
            by = max(rng.choice((-3, -2, -1, 1, 2, 3)), -getattr(counted, column))
            if by:
                gaps.append(Gap(town.place.municipality.code, "monthly_summary", first_day(month), column, by))
                counted = counted._replace(**{column: getattr(counted, column) + by})
        summaries[month] = [counted]
    return summaries, gaps


def _counted(town: Town, month: Month) -> MonthlySummary:
    first, ledger = first_day(month), town.ledger(month)
    kinds = [meeting.meeting_type for meeting in town.meetings[month]]
    return MonthlySummary(
        declared_consultations=len(town.consultations[month]),
        declared_new_cases=sum(row.accepted_ym == first for row in ledger),
        declared_active_cases=sum(row.closed_ym is None and row.returned_ym is None for row in ledger),
        declared_closures=sum(row.closed_ym == first for row in ledger),
        declared_jusou_meetings=kinds.count("jusou"),
        declared_support_meetings=kinds.count("support_106_6"),
    )


def draw_goals(numbers: Numbering, month: Month, rng: Random) -> list[Goal]:
    """Three to six goals, set in a month, due in the middle or at the end of that fiscal year or at the end of a later one."""
    year = first_day(month - 3).year  # the fiscal year's
    goals: list[Goal] = []
    for indicator in sorted(rng.sample([*_TARGETS, _SHARE], rng.randint(3, 6))):
        due = date(year, 12, 1) if rng.random() < 0.2 else date(year + rng.choice((1, 1, 1, 2, 3)), 3, 1)
        goals.append(
            Goal(
                goal_no=numbers.goal(month),
                goal_indicator=indicator,
                target_value=rng.randint(400, 999) / 10 if indicator == _SHARE else float(_target(indicator, rng)),
                due_ym=due,
                evaluation_ym=date(due.year - 1, 10, 1) if due.month == 3 and rng.random() < 0.3 else due,
            )
        )
    return goals


def _target(indicator: str, rng: Random) -> int:
    return rng.randint(*_TARGETS[indicator])


def draw_check(rng: Random) -> list[CheckItem]:
    """The first check a municipality makes of its functions."""
    level = rng.uniform(0.6, 2.2)
    return [
        CheckItem(
            area, item, rating := min(max(round(rng.gauss(level, 0.7)), 0), 3), rng.random() < 0.25 * (rating + 1)
        )
        for area, items in _ITEMS.items()
        for item in range(1, items + 1)
    ]


def checked_again(before: list[CheckItem], rng: Random) -> list[CheckItem]:
    """The same items some time later: most as they were, some better, a few worse; at least one is not the same."""
    after = [
        item._replace(self_rating=min(max(item.self_rating + int(_DRIFT.draw(rng)), 0), 3), has_evidence=True)
        if rng.random() < 0.5
        else item
        for item in before
    ]
    return after if after != before else [before[0]._replace(has_evidence=not before[0].has_evidence), *before[1:]]
