"""What is reported of one meeting: counts and kinds of participants, never a case. When it is held is `flow`'s."""

from __future__ import annotations

from calendar import monthrange
from random import Random

from pipelines.simulate.model import first_day
from pipelines.simulate.people import Weighted
from pipelines.simulate.rows import Meeting

_INVITED = Weighted(
    {"01": 20, "03": 12, "04": 8, "07": 10, "10": 16, "11": 10, "12": 9, "13": 3, "15": 3, "16": 5, "17": 7, "18": 17}
    | {"19": 7, "21": 2, "22": 3, "23": 4, "24": 4, "25": 3, "26": 6, "27": 4}
)
_WELFARE_ONLY = frozenset({"01", "03", "04", "07", "10", "11", "12", "18", "19"})
_HOW_MANY_KINDS = {"jusou": (4, 9), "support_106_6": (2, 7), "intra_office": (2, 5), "joint": (3, 8), "other": (1, 5)}


def draw_meeting(rng: Random, number: str, now: float, meeting_type: str, plans: int, closures: int) -> Meeting:
    """The meeting held at a time (months), which reviewed so many plans and closures."""
    month = int(now)
    day = first_day(month)
    held_on = day.replace(day=1 + int((now - month) * monthrange(day.year, day.month)[1]))
    kinds = _INVITED.some(rng, rng.randint(*_HOW_MANY_KINDS[meeting_type]))
    discussed = max(plans, closures) + rng.choice((0, 1, 1, 2, 3))
    return Meeting(
        meeting_no=number,
        held_on=held_on,
        meeting_type=meeting_type,
        cases_discussed=discussed,
        plans_reviewed=plans,
        closures_reviewed=closures,
        resource_issues=rng.choice((0, 0, 0, 1, 2)) if meeting_type == "jusou" else 0,
        agency_types=kinds,
        attendees=len(kinds) + rng.randint(1, 8),
        non_welfare_present=not _WELFARE_ONLY.issuperset(kinds),
    )
