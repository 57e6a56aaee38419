"""KPIs of the money: fiscal year to date, and March knows all of its year. Integers of yen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from pipelines.simulate.known import Known, end_of_month
from pipelines.simulate.kpis.base import Part, kpi
from pipelines.simulate.model import Month, first_day
from pipelines.simulate.rows import GrantRow, Payment

_MARCH = 3
# final, and what was decided last, whether at first or by a change
_STEP = {"final": "final", "decision": "decided", "change": "decided"}


def _is_known(day: date, month: Month) -> bool:
    return first_day(month).month == _MARCH or day <= end_of_month(month)


def _grants(known: Known, municipality: str, month: Month) -> list[GrantRow]:
    rows = known.rows("grant", municipality, month, GrantRow)
    return [row for row in rows if _is_known(row.dated_on, month)]


def _amount(row: GrantRow) -> int:
    return row.national_share + row.prefectural_share


def _latest(known: Known, rows: list[GrantRow]) -> dict[tuple[str, str], GrantRow]:
    """(component, final or decided) → the latest row of it."""
    stages = [code.code for code in known.world.code_lists["grant_stage"]]
    latest: dict[tuple[str, str], GrantRow] = {}
    for row in sorted(rows, key=lambda row: (row.dated_on, stages.index(row.stage), row.seq)):
        if row.stage in _STEP:
            latest[row.component, _STEP[row.stage]] = row
    return latest


class _Executed(NamedTuple):
    field: str


@kpi("grant", kind="share", field="field")
def grant_execution_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    latest = _latest(known, _grants(known, municipality, month))
    for component in known.world.code_lists["grant_component"]:
        final, decided = latest.get((component.code, "final")), latest.get((component.code, "decided"))
        if final and decided:
            yield Part(_amount(final), _amount(decided), _Executed(field=component.group))


@kpi("grant")
def grant_refund_yen(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    rows = _grants(known, municipality, month)
    for (component, step), final in _latest(known, rows).items():
        if step == "final":
            advanced = sum(_amount(row) for row in rows if row.component == component and row.stage == "advance")
            yield Part(max(0, advanced - _amount(final)))


@kpi("grant", "grant_payment")
def grant_lump_gap_yen(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    for paid in known.rows("grant_payment", municipality, month, Payment):
        if paid.source == "prefectural" and _is_known(paid.paid_on, month):
            yield Part(paid.amount_yen)
    for row in _grants(known, municipality, month):
        if row.stage == "advance":
            yield Part(-row.prefectural_share)
