"""What of a world is sent, when and how often: forgotten files, late ones, corrected ones, spoilt rows.

What happened (`flow`, `grants`) and how a file is written (`files`, `messy`) do not belong here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from expectations.contract import load_contracts
from pipelines.settings import TIME_ZONE
from pipelines.simulate.faults import draw_faults
from pipelines.simulate.flow import Town
from pipelines.simulate.grants import components, draw_grants
from pipelines.simulate.model import (
    Month,
    Submission,
    WorldSpec,
    first_day,
    fiscal_year,
    fiscal_year_start,
    month_of,
)
from pipelines.simulate.places import Place
from pipelines.simulate.rows import CaseRow, Goal, GrantRow, MonthlySummary, Payment, Row, SetupRow
from pipelines.simulate.statements import checked_again, draw_check, draw_goals

_MISSING = 0.025
_LATE = 0.06
_SENT_TWICE = 0.025
_SPOILT_USUALLY = 0.02
_SPOILT: Mapping[str, float] = {"setup": 0.0, "grant": 0.1, "grant_payment": 0.1}
_SETUP_SENT_TWICE = 0.03
_GOALS_REVISED = 0.15
_CHECKED_TWICE = 0.5
# The prefecture sends the year's grants again whenever a stage is through: rows up to (years on, month, day) are in.
_GRANT_ROUNDS = ((0, 4, 22), (0, 7, 31), (1, 2, 28), (1, 5, 31))
_PAYMENT_ROUNDS = ((0, 10, 31), (1, 3, 31), (1, 6, 30))
# The form that also comes from outside the programme, from wherever consultations do.
_SENT_BY_ALL = "monthly_summary"


class Clock:
    """Gives every arrival a moment of its own within office hours, and knows after which day nothing is known yet."""

    def __init__(self, spec: WorldSpec) -> None:
        self._taken: set[datetime] = set()
        self._closes = first_day(spec.last + 1) + timedelta(days=20)

    def arrival(self, day: date, rng: Random) -> datetime | None:
        """A moment on that day in Japan; None when it lies after the end of the world."""
        if day >= self._closes:
            return None
        moment = datetime.combine(day, time(8, 30), TIME_ZONE) + timedelta(seconds=rng.randrange(9 * 3600))
        while moment in self._taken:
            moment += timedelta(seconds=1)
        self._taken.add(moment)
        return moment


class Desk:
    """One sender's desk: notes what leaves it."""

    def __init__(self, sender_code: str, carelessness: float, clock: Clock, rng: Random) -> None:
        self.sent: list[Submission] = []
        self.rng = rng
        self._sender_code = sender_code
        self._carelessness = carelessness
        self._clock = clock

    def happens(self, usual: float) -> bool:
        """Whether a slip with that usual probability happens here and now."""
        return self.rng.random() < usual * self._carelessness

    def send(self, form: str, period: date, rows: Sequence[Row], day: date) -> None:
        """One more version of (form, period) leaves, arriving on that day; perhaps with spoilt rows."""
        arrived_at = self._clock.arrival(day, self.rng)
        if arrived_at is None:
            return
        version = 1 + sum(before.form == form and before.period == period for before in self.sent)
        spoilt = self.happens(_SPOILT.get(form, _SPOILT_USUALLY))
        faults = draw_faults(load_contracts()[form], rows, period, self.rng) if spoilt else {}
        self.sent.append(Submission(self._sender_code, form, period, version, arrived_at, tuple(rows), faults))


def send_monthly(spec: WorldSpec, town: Town, desk: Desk) -> None:
    """The monthly forms of a municipality over all months."""
    place = town.place
    for month in range(spec.first, spec.last + 1):
        expected = place.in_programme(month)
        if place.sends_from is not None and month >= place.sends_from:
            _send_month("consultation", month, town.consultations[month], desk)
        if expected:
            _send_month("case", month, town.ledger(month), desk)
        if expected or place.sends_meetings:
            _send_month("meeting", month, town.meetings[month], desk)


def send_report(form: str, rows: Mapping[Month, Sequence[Row]], place: Place, desk: Desk) -> None:
    """One more monthly form of a municipality, in the months in which it is to be sent."""
    for month in rows:
        has_begun = place.sends_from is not None and month >= place.sends_from
        if place.in_programme(month) or (form == _SENT_BY_ALL and has_begun):
            _send_month(form, month, rows[month], desk)


def send_by_prefecture(form: str, rows: Mapping[Month, Sequence[Row]], desk: Desk) -> None:
    """A monthly form of the prefecture, also of a month in which nothing was."""
    for month in rows:
        _send_month(form, month, rows[month], desk)


def _send_month(form: str, month: Month, rows: Sequence[Row], desk: Desk) -> None:
    """Mostly once, in the first ten days of the next month. Of two versions either may be the better one."""
    if desk.happens(_MISSING):
        return
    period, rng = first_day(month), desk.rng
    after = first_day(month + 1)
    day = after + timedelta(days=rng.randint(11, 50) if desk.happens(_LATE) else rng.randint(2, 9))
    if rows and desk.happens(_SENT_TWICE):
        versions = [_altered(rows, rng), rows]
        rng.shuffle(versions)
        desk.send(form, period, versions[0], day)
        day += timedelta(days=rng.randint(2, 60))
        rows = versions[1]
    desk.send(form, period, rows, day)


def _altered(rows: Sequence[Row], rng: Random) -> list[Row]:
    """The same rows with some left out, one twice under another number, or a case's month set differently."""
    index = rng.randrange(len(rows))
    row = rows[index]
    if isinstance(row, MonthlySummary):
        return [row._replace(declared_active_cases=row.declared_active_cases + rng.randint(1, 3))]
    if isinstance(row, CaseRow) and rng.random() < 0.6:
        return [*rows[:index], _other_month(row), *rows[index + 1 :]]
    if rng.random() < 0.5:
        return [*rows, row._replace(**{row._fields[0]: f"{row[0]}-b"})]
    left_out = set(rng.sample(range(len(rows)), max(1, len(rows) // 6)))
    return [row for index, row in enumerate(rows) if index not in left_out]


def _other_month(row: CaseRow) -> CaseRow:
    """A case closed a month earlier if that is after its acceptance, else accepted a month earlier."""
    if row.closed_ym and row.closed_ym > row.accepted_ym:
        return row._replace(closed_ym=_month_before(row.closed_ym))
    return row._replace(accepted_ym=_month_before(row.accepted_ym))


def _month_before(day: date) -> date:
    return (day - timedelta(days=1)).replace(day=1)


def send_setup(spec: WorldSpec, place: Place, desk: Desk) -> None:
    """The arrangements as of each 1 April, and of any day in between on which they changed."""
    rng = desk.rng
    years = range(fiscal_year(spec.first), fiscal_year(spec.last) + 1)
    for year in years:
        start, end = fiscal_year_start(year), fiscal_year_start(year + 1) - timedelta(days=1)
        row = place.setup_row(start)
        unchanged = row._replace(as_of=end) == place.setup_row(start - timedelta(days=1))._replace(as_of=end)
        if year == years[0] or not unchanged or not desk.happens(_MISSING):
            day = start + timedelta(days=rng.randint(7, 27))
            if desk.happens(_SETUP_SENT_TWICE):
                wrong = row._replace(plan_published=not row.plan_published, one_stop_window=False, window_since=None)
                desk.send("setup", start, [wrong], day)
                day += timedelta(days=rng.randint(2, 20))
            desk.send("setup", start, [row], day)
        for changed in place.changes(start + timedelta(days=1), end):
            rows: list[SetupRow] = [place.setup_row(changed)]
            if rng.random() < 0.5:
                rows.insert(0, row)
            desk.send("setup", start, rows, changed + timedelta(days=rng.randint(3, 25)))


def send_goals(spec: WorldSpec, town: Town, desk: Desk, more: Sequence[Goal]) -> None:
    """The goals of each fiscal year in which the municipality implements, now and then revised; `more` in the first."""
    rng = desk.rng
    for year, since in _years_implementing(spec, town.place):
        if desk.happens(_MISSING):
            continue
        goals, day = draw_goals(town.numbers, month_of(since), rng), since + timedelta(days=rng.randint(25, 90))
        if year == fiscal_year(spec.first):
            goals += more
        desk.send("goal", fiscal_year_start(year), goals, day)
        if desk.happens(_GOALS_REVISED):
            revised = [goals[0]._replace(target_value=goals[0].target_value + 1), *goals[1:]]
            desk.send("goal", fiscal_year_start(year), revised, day + timedelta(days=rng.randint(20, 120)))


def send_checks(spec: WorldSpec, town: Town, desk: Desk) -> None:
    """The check of its functions in each fiscal year in which the municipality implements, once or twice."""
    rng = desk.rng
    check = draw_check(rng)
    for year, since in _years_implementing(spec, town.place):
        check = checked_again(check, rng)
        if desk.happens(_MISSING):
            continue
        day = since + timedelta(days=rng.randint(60, 110))
        desk.send("function_check", fiscal_year_start(year), check, day)
        if rng.random() < _CHECKED_TWICE:
            check = checked_again(check, rng)
            desk.send("function_check", fiscal_year_start(year), check, day + timedelta(days=rng.randint(40, 65)))


def _years_implementing(spec: WorldSpec, place: Place) -> Iterator[tuple[int, date]]:
    """Fiscal years at whose end the municipality implements, and since when in the year."""
    for year in range(fiscal_year(spec.first), fiscal_year(spec.last) + 1):
        start, end = fiscal_year_start(year), fiscal_year_start(year + 1) - timedelta(days=1)
        if place.status(end) == "implementing":
            yield year, max(start, max(since for since, _ in place.statuses if since <= end))


def send_grants(
    spec: WorldSpec,
    places: Sequence[Place],
    desk: Desk,
    amended: Callable[[int, list[GrantRow]], list[GrantRow]],
) -> dict[int, list[GrantRow]]:
    """The prefecture's own file of each fiscal year, its rows as amended, again after each round of stages.

    Returns all rows by year, also those that are not reported before the world ends.
    """
    found: dict[int, list[GrantRow]] = {}
    for year in range(fiscal_year(spec.first), fiscal_year(spec.last) + 1):
        rows = amended(year, [row for place in places for row in draw_grants(place, year, desk.rng)])
        order = {component: at for at, component in enumerate(components(year))}
        rows.sort(key=lambda row: (row.municipality_code, order[row.component], row.dated_on))
        found[year] = rows
        for until in _rounds(year, _GRANT_ROUNDS):
            known = [row for row in rows if row.dated_on <= until]
            desk.send("grant", fiscal_year_start(year), known, until + timedelta(days=desk.rng.randint(3, 8)))
    return found


def send_payments(year: int, payments: Sequence[Payment], desk: Desk) -> None:
    """What was paid on a fiscal year's grants, again after each round of payments."""
    sent = 0
    for until in _rounds(year, _PAYMENT_ROUNDS):
        known = [payment for payment in payments if payment.paid_on <= until]
        if len(known) > sent:
            desk.send("grant_payment", fiscal_year_start(year), known, until + timedelta(days=desk.rng.randint(3, 8)))
            sent = len(known)


def _rounds(year: int, rounds: Sequence[tuple[int, int, int]]) -> Iterator[date]:
    return (date(year + years_on, month, day) for years_on, month, day in rounds)
