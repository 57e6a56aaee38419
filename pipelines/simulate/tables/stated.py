"""What municipalities state of a fiscal year, as reported: their goals, and the check of their functions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from pipelines.simulate.known import Known
from pipelines.simulate.kpis.goals import measured, measured_by
from pipelines.simulate.model import Month, first_day, fiscal_year, month_of
from pipelines.simulate.rows import CheckItem, Goal


class StatedGoal(NamedTuple):
    """One row of goal."""

    municipality_code: str
    fiscal_year: int
    goal_order: int
    goal_indicator: str
    target_value: float
    due_ym: date
    evaluation_ym: date
    measured_kpi: str | None
    measured_value: float | None
    is_reached: bool | None


def _files(known: Known, form: str) -> Iterator[tuple[str, int, Month]]:
    """Sender, fiscal year and its April of every current file of a yearly form."""
    for found, sender, period in sorted(known.current):
        if found == form:
            yield sender, fiscal_year(month_of(period)), month_of(period)


def goal(known: Known) -> Iterator[StatedGoal]:
    """Every goal of the current files; what it comes to once it is due."""
    for code, year, april in _files(known, "goal"):
        stated = sorted(known.rows("goal", code, april, Goal), key=lambda row: row.goal_no)
        for order, row in enumerate(stated, start=1):
            is_due = row.due_ym <= first_day(known.months[-1])
            value = measured(known, code, row) if is_due else None
            yield StatedGoal(
                code,
                year,
                order,
                *row[1:],
                None if value is None else measured_by(row.goal_indicator),
                None if value is None else float(value),
                None if value is None else value >= Fraction(row.target_value),
            )


class Checked(NamedTuple):
    """One row of function_profile."""

    municipality_code: str
    fiscal_year: int
    function_area: str
    item_no: int
    self_rating: int
    has_evidence: bool


def function_profile(known: Known) -> Iterator[Checked]:
    """Every item of the current checks."""
    for code, year, april in _files(known, "function_check"):
        for row in known.rows("function_check", code, april, CheckItem):
            yield Checked(code, year, *row)
