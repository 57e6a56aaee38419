"""KPIs of 後方支援: what the prefecture did for a municipality. Its ledgers speak for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from pipelines.simulate.known import Known, end_of_month
from pipelines.simulate.kpis.base import Part, kpi, of_which
from pipelines.simulate.model import Month, fiscal_year, fiscal_year_start, month_of
from pipelines.simulate.rows import ActionRow, Attendance, DispatchRow


def _visits(known: Known, municipality: str) -> Iterator[tuple[date, DispatchRow]]:
    """The dispatches that were done, with their day."""
    for row in known.history("dispatch", municipality, DispatchRow):
        if row.dispatch_status == "done" and row.visited_on is not None:
            yield row.visited_on, row


def _attended(known: Known, municipality: str) -> Iterator[date]:
    """The days of trainings to which somebody came."""
    for month in known.months:
        for row in known.rows("training", municipality, month, Attendance):
            if row.attendees >= 1:
                yield row.held_on


class _Visit(NamedTuple):
    dispatch_mode: str
    advice_topic: tuple[str, ...]


@kpi("dispatch", adds=True, dispatch_mode="dispatch_mode", advice_topic="advice_topic")
def dispatch_visits(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    for visited_on, row in _visits(known, municipality):
        if month_of(visited_on) == month:
            yield Part(1, thing=_Visit(row.dispatch_mode, row.advice_topics))


def _this_year(day: date, month: Month) -> bool:
    return fiscal_year_start(fiscal_year(month)) <= day <= end_of_month(month)


@kpi("dispatch", kind="share")
def dispatch_reach(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    yield Part(int(any(_this_year(day, month) for day, _ in _visits(known, municipality))))


@kpi("training", kind="share")
def training_coverage(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    yield Part(int(any(_this_year(day, month) for day in _attended(known, municipality))))


@kpi("dispatch", "training", kind="elapsed")
def months_since_support(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    days = [*(day for day, _ in _visits(known, municipality)), *_attended(known, municipality)]
    supported = [month_of(day) for day in days if day <= end_of_month(month)]
    if supported:
        yield Part(month - max(supported))


@kpi("dispatch_action", kind="share")
def action_done_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    end = end_of_month(month)
    due = [
        row
        for row in known.history("dispatch_action", municipality, ActionRow)
        if row.due_on <= end and row.action_status != "dropped"
    ]
    return of_which(due, lambda row: row.done_on is not None and row.done_on <= end)
