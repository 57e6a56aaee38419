"""後方支援 by the prefecture: advisers it sends out, what is agreed then, and the training it gives.

Its money is `grants`' and `payments`'. Each function gives rows by month.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from pipelines.simulate.model import Month, WorldSpec, first_day
from pipelines.simulate.numbers import Numbering
from pipelines.simulate.people import Weighted
from pipelines.simulate.places import Place
from pipelines.simulate.rows import ActionRow, Attendance, DispatchRow

_REQUESTS_A_MONTH = 0.05  # per municipality
_HEARINGS_A_MONTH = 0.02
_WARM_UP_MONTHS = 4
_SESSIONS_A_MONTH = 0.8
_ADVISER = Weighted({"academic": 45, "municipal": 38, "prefectural": 12, "other": 5})
_MODE = Weighted({"onsite": 46, "online": 24, "training": 14, "case_review": 12, "document": 4})
_SESSION_MODE = Weighted({"training": 60, "online": 40})
_TOPIC = Weighted(
    {"intra_office": 26, "agencies": 16, "cases": 14, "scheme": 12, "planning": 12, "evaluation": 6, "participation": 7}
    | {"community": 7}
)
_THEME = Weighted({"good_practice": 30, "outreach": 18, "multi_agency": 24, "scheme": 20, "other": 8})


@dataclass(frozen=True)
class Dispatch:
    """A dispatch from request to visit or cancellation."""

    dispatch_no: str
    municipality_code: str
    adviser_kind: str
    dispatch_mode: str
    advice_topics: tuple[str, ...]
    requested: date
    scheduled: date
    ended: date
    is_done: bool
    """Whether it ended with a visit; else it was cancelled."""
    attendees: int
    sections: int
    non_welfare_present: bool

    def row(self, end: date) -> DispatchRow:
        """The dispatch as it stands at the end of a day."""
        over = self.ended <= end
        done = over and self.is_done
        running = "scheduled" if self.scheduled <= end else "requested"
        return DispatchRow(
            dispatch_no=self.dispatch_no,
            municipality_code=self.municipality_code,
            requested_on=self.requested,
            visited_on=self.ended if done else None,
            adviser_kind=self.adviser_kind,
            dispatch_mode=self.dispatch_mode,
            advice_topics=self.advice_topics,
            attendees=self.attendees if done else None,
            sections=self.sections if done else None,
            non_welfare_present=self.non_welfare_present if done else None,
            dispatch_status="done" if done else "cancelled" if over else running,
        )


@dataclass(frozen=True)
class AgreedAction:
    """An action from the visit at which it was agreed to its end, if it comes to one."""

    action_no: str
    dispatch: Dispatch
    advice_topic: str
    due: date
    begun: date
    ended: date
    is_done: bool
    """Whether it ended done; else it was dropped."""

    def row(self, end: date) -> ActionRow:
        """The action as it stands at the end of a day."""
        over = self.ended <= end
        running = "in_progress" if self.begun <= end else "open"
        return ActionRow(
            action_no=self.action_no,
            dispatch_no=self.dispatch.dispatch_no,
            municipality_code=self.dispatch.municipality_code,
            advice_topic=self.advice_topic,
            due_on=self.due,
            action_status=("done" if self.is_done else "dropped") if over else running,
            done_on=self.ended if over and self.is_done else None,
        )


def draw_dispatches(places: Sequence[Place], spec: WorldSpec, numbers: Numbering, rng: Random) -> list[Dispatch]:
    """Requests and hearings of all municipalities, from some months before the first."""
    return [
        _dispatch(place.municipality.code, month, numbers, rng, is_hearing=is_hearing)
        for month in range(spec.first - _WARM_UP_MONTHS, spec.last + 1)
        for place in places
        for is_hearing, share in ((False, _REQUESTS_A_MONTH), (True, _HEARINGS_A_MONTH))
        if rng.random() < share
    ]


def _dispatch(code: str, month: Month, numbers: Numbering, rng: Random, *, is_hearing: bool) -> Dispatch:
    requested = _some_day(month, rng)
    scheduled = requested + timedelta(days=rng.randint(3, 25))
    attendees = rng.randint(3, 30)
    return Dispatch(
        dispatch_no=numbers.dispatch(month),
        municipality_code=code,
        adviser_kind="prefectural" if is_hearing else _ADVISER.draw(rng),
        dispatch_mode="hearing" if is_hearing else _MODE.draw(rng),
        advice_topics=_TOPIC.some(rng, rng.choice((1, 1, 2, 3))),
        requested=requested,
        scheduled=scheduled,
        ended=scheduled + timedelta(days=rng.randint(0, 60)),
        is_done=rng.random() < 0.92,
        attendees=attendees,
        sections=rng.randint(1, min(attendees, 9)),
        non_welfare_present=rng.random() < 0.4,
    )


def dispatch_ledgers(dispatches: Sequence[Dispatch], spec: WorldSpec) -> dict[Month, list[DispatchRow]]:
    """The dispatches that each month's ledger lists."""
    return {
        month: [each.row(end) for each in dispatches if each.requested <= end and each.ended >= first]
        for month, first, end in _months(spec)
    }


def draw_actions(dispatches: Sequence[Dispatch], numbers: Numbering, rng: Random) -> list[AgreedAction]:
    """What was agreed at visits other than hearings."""
    return [action for dispatch in dispatches for action in _actions(dispatch, numbers, rng)]


def action_ledgers(actions: Sequence[AgreedAction], spec: WorldSpec) -> dict[Month, list[ActionRow]]:
    """The actions that each month's ledger lists: from the visit until they are done or dropped."""
    return {
        month: [each.row(end) for each in actions if each.dispatch.ended <= end and each.ended >= first]
        for month, first, end in _months(spec)
    }


def _actions(dispatch: Dispatch, numbers: Numbering, rng: Random) -> Iterator[AgreedAction]:
    if not dispatch.is_done or dispatch.dispatch_mode == "hearing":
        return
    visited = dispatch.ended
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        begun = visited + timedelta(days=rng.randint(5, 70))
        yield AgreedAction(
            action_no=numbers.action(visited.year * 12 + visited.month - 1),
            dispatch=dispatch,
            advice_topic=rng.choice(dispatch.advice_topics),
            due=visited + timedelta(days=rng.randint(60, 240)),
            begun=begun,
            ended=begun + timedelta(days=int(rng.lognormvariate(4.8, 0.7))),
            is_done=rng.random() < 0.88,
        )


def draw_trainings(
    places: Sequence[Place], spec: WorldSpec, numbers: Numbering, rng: Random
) -> dict[Month, list[Attendance]]:
    """Who attended the sessions of each month; some who registered send nobody."""
    return {
        month: [
            row
            for _ in range(2)
            if rng.random() < _SESSIONS_A_MONTH / 2
            for row in _session(places, month, numbers, rng)
        ]
        for month in spec.all_months
    }


def _session(places: Sequence[Place], month: Month, numbers: Numbering, rng: Random) -> list[Attendance]:
    number, day = numbers.training(month), _some_day(month, rng)
    theme, mode = _THEME.draw(rng), _SESSION_MODE.draw(rng)
    return [
        Attendance(number, place.municipality.code, day, theme, mode, max(rng.randint(-1, 8), 0))
        for place in places
        if rng.random() < 0.45
    ]


def _some_day(month: Month, rng: Random) -> date:
    return first_day(month) + timedelta(days=rng.randint(0, 27))


def _months(spec: WorldSpec) -> Iterator[tuple[Month, date, date]]:
    """Each month with its first and last day."""
    for month in spec.all_months:
        yield month, first_day(month), first_day(month + 1) - timedelta(days=1)
