"""What befalls files by construction, in every world: one never sent, one returned and sent again, one that rewrites a month.

Rows that clerks spoil at random are `faults`', files forgotten and late at random are `sending`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from pipelines.simulate.edges import WITHOUT_LEDGER, WITHOUT_OUTREACH, Edges
from pipelines.simulate.faults import spoil_most
from pipelines.simulate.model import Month, Submission, WorldSpec, first_day, month_of
from pipelines.simulate.rows import CaseRow
from pipelines.simulate.sending import Clock

_FIRST_RETURNED = 2
"""From this month on: before it a municipality has to have begun to send consultations."""


def befallen(sent: Sequence[Submission], edges: Edges, spec: WorldSpec, clock: Clock, rng: Random) -> list[Submission]:
    """What was sent, after its mishaps to the municipality of the edges."""
    never_sent = {("case", spec.first + WITHOUT_LEDGER), ("outreach", spec.first + WITHOUT_OUTREACH)}
    others = [each for each in sent if each.sender_code != edges.code]
    own = [
        each for each in sent if each.sender_code == edges.code and (each.form, month_of(each.period)) not in never_sent
    ]
    own += _rewritten(own, clock, rng)
    return others + _returned(own, spec.first + _FIRST_RETURNED, clock, rng)


def _rewritten(sent: Sequence[Submission], clock: Clock, rng: Random) -> list[Submission]:
    """The last ledger in which a case ends, once more: the case was accepted a month earlier, and no later one objects."""
    newest: dict[date, Submission] = {}
    for each in sent:
        if each.form == "case":
            newest[each.period] = each
    for period in sorted(newest, reverse=True):
        ledger = newest[period]
        listed_later = {row[0] for later in newest if later > period for row in newest[later].rows}
        for index, row in enumerate(ledger.rows):
            if isinstance(row, CaseRow) and row.closed_ym and row.case_no not in listed_later:
                arrived_at = clock.arrival(ledger.arrived_at.date() + timedelta(days=4), rng)
                if arrived_at is not None:
                    moved = row._replace(accepted_ym=first_day(month_of(row.accepted_ym) - 1))
                    rows = (*ledger.rows[:index], moved, *ledger.rows[index + 1 :])
                    return [replace(ledger, version=ledger.version + 1, arrived_at=arrived_at, rows=rows)]
    return []


def _returned(sent: Sequence[Submission], first: Month, clock: Clock, rng: Random) -> list[Submission]:
    """Of the consultations sent once from a month on, the first are returned and come again, the next are returned only."""
    times = Counter((each.form, each.period) for each in sent)
    once = [each for each in sent if each.form == "consultation" and times[each.form, each.period] == 1]
    spoilt = [each for each in once if each.rows and month_of(each.period) >= first][:2]
    found = [each for each in sent if each not in spoilt]
    for again, each in zip((True, False), spoilt, strict=False):
        found.append(replace(each, faults=spoil_most(each.form, each.rows, each.period, rng)))
        arrived_at = clock.arrival(each.arrived_at.date() + timedelta(days=9), rng) if again else None
        if arrived_at is not None:
            found.append(replace(each, version=2, arrived_at=arrived_at))
    return found
