"""What the prefecture did for municipalities, one by one: dispatches, agreed actions, attendance at trainings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from pipelines.simulate.known import Known
from pipelines.simulate.rows import ActionRow, Attendance, DispatchRow


class Given(NamedTuple):
    """One row of support_given but for its place in the order of its kind: numbers are not published."""

    kind: str
    municipality_code: str
    happened_on: date | None
    requested_on: date | None = None
    due_on: date | None = None
    done_on: date | None = None
    adviser_kind: str | None = None
    dispatch_mode: str | None = None
    topics: tuple[str, ...] = ()
    training_theme: str | None = None
    status: str | None = None
    attendees: int | None = None
    sections: int | None = None
    non_welfare_present: bool | None = None


def support_given(known: Known) -> Iterator[Given]:
    """Every dispatch and action as its newest row tells it, every attendance of the current files."""
    for municipality in known.world.municipalities:
        code = municipality.code
        yield from _dispatches(code, known.history("dispatch", code, DispatchRow))
        for row in known.history("dispatch_action", code, ActionRow):
            yield Given(
                "action",
                code,
                row.done_on,
                due_on=row.due_on,
                done_on=row.done_on,
                topics=(row.advice_topic,),
                status=row.action_status,
            )
        for month in known.months:
            for row in known.rows("training", code, month, Attendance):
                yield Given(
                    "training",
                    code,
                    row.held_on,
                    dispatch_mode=row.dispatch_mode,
                    training_theme=row.training_theme,
                    attendees=row.attendees,
                )


def _dispatches(code: str, rows: Iterable[DispatchRow]) -> Iterator[Given]:
    for row in rows:
        yield Given(
            "dispatch",
            code,
            row.visited_on,
            requested_on=row.requested_on,
            adviser_kind=row.adviser_kind,
            dispatch_mode=row.dispatch_mode,
            topics=row.advice_topics,
            status=row.dispatch_status,
            attendees=row.attendees,
            sections=row.sections,
            non_welfare_present=row.non_welfare_present,
        )
