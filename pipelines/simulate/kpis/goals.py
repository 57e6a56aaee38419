"""Whether a municipality reaches the goals it set itself: measured by the KPIs of the other modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from pipelines.simulate.known import Known
from pipelines.simulate.kpis.base import KPIS, Part, kpi
from pipelines.simulate.model import Month, first_day, fiscal_year, fiscal_year_start, month_of
from pipelines.simulate.rows import Goal

AS_IT_STANDS: Mapping[str, str] = {"window": "window_rate", "places": "places"}
"""Indicator → the KPI whose value in the month it is due decides."""
SINCE_APRIL: Mapping[str, str] = {
    "consultations": "new_consultations",
    "plans": "plans_made",
    "meetings": "jusou_meetings",
    "outreach": "outreach_persons",
    "participation": "new_matches",
    "closures": "closures",
}
"""Indicator → the KPI that is added up from April to the month it is due."""


def measured_by(indicator: str) -> str | None:
    """The KPI that measures an indicator, if there is one."""
    return AS_IT_STANDS.get(indicator) or SINCE_APRIL.get(indicator)


def measured(known: Known, municipality: str, goal: Goal) -> int | None:
    """What the KPI of a goal comes to when it is due; None if there is none or it is not known then."""
    due = month_of(goal.due_ym)
    kpi_id = measured_by(goal.goal_indicator)
    if kpi_id is None or due not in known.months or not KPIS[kpi_id].is_known(known, municipality, due):
        return None
    first = month_of(fiscal_year_start(fiscal_year(due))) if goal.goal_indicator in SINCE_APRIL else due
    return sum(
        KPIS[kpi_id].numerator(known, municipality, month)
        for month in known.months
        if first <= month <= due and KPIS[kpi_id].is_known(known, municipality, month)
    )


@kpi("goal", kind="share")
def goal_progress(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    for goal in known.rows("goal", municipality, month, Goal):
        if goal.due_ym <= first_day(month) and (value := measured(known, municipality, goal)) is not None:
            yield Part(int(value >= Fraction(goal.target_value)))
