"""What is done for cases besides what their own ledger says: outreach month by month, and matches with resources.

The cases are `flow`'s. Each function takes a town that has run and gives rows by month.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from pipelines.simulate.case import Case
from pipelines.simulate.flow import Town
from pipelines.simulate.model import Month, WorldSpec, first_day
from pipelines.simulate.numbers import Numbering
from pipelines.simulate.people import Weighted
from pipelines.simulate.rows import MatchRow, Outreach

_VISITS = Weighted({"0": 22, "1": 34, "2": 24, "3": 12, "4": 6, "8": 2})
_SELDOM = Weighted({"0": 58, "1": 27, "2": 11, "3": 4})
_CALLS = Weighted({"0": 25, "1": 22, "2": 20, "4": 18, "7": 10, "12": 5})
RESOURCE = Weighted(
    {"work": 26, "housing": 9, "learning": 11, "place": 24, "volunteer_farm": 9, "business": 8, "welfare_office": 10}
    | {"other": 3}
)
_ORIGIN = Weighted({"existing": 62, "extended": 24, "new": 14})


def draw_outreach(town: Town, spec: WorldSpec, rng: Random) -> dict[Month, list[Outreach]]:
    """What was done in each month for the cases of service outreach that its ledger lists."""
    return {
        month: [
            _outreach(case.case_no, rng)
            for case in town.cases
            if case.service == "outreach" and case.is_listed(month) and rng.random() < 0.88
        ]
        for month in spec.all_months
    }


def _outreach(case_no: str, rng: Random) -> Outreach:
    visits, calls = int(_VISITS.draw(rng)), int(_CALLS.draw(rng))
    return Outreach(
        case_no=case_no,
        visits=visits,
        letters=int(_SELDOM.draw(rng)),
        calls_messages=max(calls, 1) if visits == 0 else calls,
        accompaniments=int(_SELDOM.draw(rng)),
        agency_contacts=int(_CALLS.draw(rng)),
        met_person=visits > 0 and rng.random() < 0.6,
    )


@dataclass(frozen=True)
class Match:
    """A match from the search for a resource to its end; `matched` stays None if none was found."""

    match_no: str
    case_no: str
    resource_type: str
    resource_origin: str
    begun: Month
    matched: Month | None
    ended: Month | None
    is_kept: bool
    """Whether it ended well: ended rather than withdrawn."""
    followups: tuple[Month, ...]

    def is_listed(self, month: Month) -> bool:
        """Whether the ledger of a month lists it."""
        return self.begun <= month and (self.ended is None or self.ended >= month)

    def row(self, month: Month) -> MatchRow:
        """The match as it stands at the end of a month."""
        matched = self.matched if self.matched is not None and self.matched <= month else None
        ended = self.ended if self.ended is not None and self.ended <= month else None
        if ended is not None:
            status = "ended" if self.is_kept else "withdrawn"
        else:
            status = "matching" if matched is None else "following"
        return MatchRow(
            match_no=self.match_no,
            case_no=self.case_no,
            matched_ym=None if matched is None else first_day(matched),
            resource_type=self.resource_type,
            resource_origin=self.resource_origin,
            match_status=status,
            followups=sum(followup <= month for followup in self.followups),
            ended_ym=None if ended is None else first_day(ended),
        )


def draw_matches(town: Town, spec: WorldSpec, rng: Random) -> dict[Month, list[MatchRow]]:
    """The ledger of each month: every match for a case of service participation, and some for others."""
    matches = [match for case in town.cases for match in _matches(case, town.numbers, spec, rng)]
    return {month: [match.row(month) for match in matches if match.is_listed(month)] for month in spec.all_months}


def _matches(case: Case, numbers: Numbering, spec: WorldSpec, rng: Random) -> Iterator[Match]:
    """None before there is a plan. After one that was given up there may be another, as long as the case lasts."""
    begun = case.planned
    if begun is None or not (case.service == "participation" or rng.random() < 0.08):
        return
    lasts_until = spec.last + 1 if case.left is None else case.left
    while begun is not None and begun <= lasts_until:
        match = _match(case, begun, lasts_until, numbers, rng)
        yield match
        given_up = match.ended is not None and not match.is_kept
        begun = match.ended + 1 if given_up and match.ended is not None and rng.random() < 0.6 else None


def _match(case: Case, begun: Month, lasts_until: Month, numbers: Numbering, rng: Random) -> Match:
    matched = begun + int(rng.expovariate(0.45)) if rng.random() < 0.82 else None
    ended = (begun if matched is None else matched) + int(rng.expovariate(0.12 if matched else 0.3))
    if matched is not None and matched > lasts_until:
        matched = None
    if case.left is None and ended > lasts_until:
        last, over = lasts_until, None
    else:
        last = over = min(ended, lasts_until)
    return Match(
        match_no=numbers.match(begun),
        case_no=case.case_no,
        resource_type=RESOURCE.draw(rng),
        resource_origin=_ORIGIN.draw(rng),
        begun=begun,
        matched=matched,
        ended=over,
        is_kept=matched is not None and rng.random() < 0.7,
        followups=tuple(month for month in range(matched or last, last) if rng.random() < 0.6),
    )
