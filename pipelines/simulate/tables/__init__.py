"""What the published tables beside the KPI marts must hold, for those whose grain is that of what was reported.

Statistics (intervals, signals, durations, projection) are checked against published reference values elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pipelines.simulate.known import Known, moment
from pipelines.simulate.model import World
from pipelines.simulate.tables.flow import Flow, support_flow
from pipelines.simulate.tables.money import Finding, Staged, grant_component, grant_reconciliation
from pipelines.simulate.tables.spans import (
    GapNeeds,
    Period,
    Presence,
    Referrals,
    gap_need_cross,
    kpi_period,
    meeting_presence,
    referral_source,
)
from pipelines.simulate.tables.stated import Checked, StatedGoal, function_profile, goal
from pipelines.simulate.tables.submissions import Status, submission_status
from pipelines.simulate.tables.support import Given, support_given
from pipelines.simulate.truth import Cell, expected_kpis


class Table(NamedTuple):
    """A published table: its columns, and its rows from what is known and the cells of kpi_monthly."""

    columns: tuple[str, ...]
    rows: Callable[[Known, Sequence[Cell]], Iterable[tuple[Any, ...]]]


TABLES: Mapping[str, Table] = {
    "kpi_period": Table(Period._fields, kpi_period),
    "gap_need_cross": Table(GapNeeds._fields, gap_need_cross),
    "support_flow": Table(Flow._fields, support_flow),
    "meeting_presence": Table(Presence._fields, meeting_presence),
    "referral_source": Table(Referrals._fields, referral_source),
    "grant_component": Table(Staged._fields, lambda known, _: grant_component(known)),
    "grant_reconciliation": Table(Finding._fields, lambda known, _: grant_reconciliation(known)),
    "support_given": Table(Given._fields, lambda known, _: support_given(known)),
    "goal": Table(StatedGoal._fields, lambda known, _: goal(known)),
    "function_profile": Table(Checked._fields, lambda known, _: function_profile(known)),
    "submission_status": Table(Status._fields, lambda known, _: submission_status(known)),
}


def expected_tables(
    world: World, *, as_of: datetime | None = None, withdrawn: Collection[str] = ()
) -> dict[str, list[tuple[Any, ...]]]:
    """Every row each of these tables must hold, in no order."""
    known = Known(world, moment(as_of), withdrawn)
    monthly = expected_kpis(world, as_of=as_of, withdrawn=withdrawn).monthly
    return {name: list(table.rows(known, monthly)) for name, table in TABLES.items()}
