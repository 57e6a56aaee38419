"""地域づくり: the places where people meet, and the resources that are lacking.

Cases and people do not belong here. Each function takes a town that has run and gives the ledger of every month.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from pipelines.simulate.activities import RESOURCE
from pipelines.simulate.flow import Town
from pipelines.simulate.model import Month, WorldSpec, first_day
from pipelines.simulate.people import Weighted
from pipelines.simulate.rows import NeedRow, PlaceRow

_PEOPLE_PER_PLACE = 15_000
_AT_LEAST, _AT_MOST = 2, 25
_SCHEME = Weighted(
    {"elderly_prevention": 30, "elderly_living": 18, "disability": 12, "child": 22, "hardship": 8, "own": 10}
)
_GAP_REASON = Weighted(
    {"age": 8, "income": 9, "certificate": 16, "no_resource": 38, "refusal": 6, "between_schemes": 20, "other": 3}
)
_RAISED_ELSEWHERE = 0.04  # needs per meeting of another type than 重層的支援会議, whose minutes count them


@dataclass(frozen=True)
class Site:
    """A place: when it was open, and what is usual there."""

    place_no: str
    base_scheme: str
    opened: Month
    closed: Month | None
    is_open_to_all: bool
    days_a_month: int
    visitors_a_day: float

    def is_listed(self, month: Month) -> bool:
        """Whether the ledger of a month lists it."""
        return self.opened <= month and (self.closed is None or self.closed >= month)

    def row(self, month: Month, rng: Random) -> PlaceRow:
        """The place in a month."""
        first = first_day(month)
        days = min(max(self.days_a_month + rng.randint(-2, 2), 0), monthrange(first.year, first.month)[1])
        closed = self.closed is not None and self.closed <= month
        return PlaceRow(
            place_no=self.place_no,
            base_scheme=self.base_scheme,
            opened_ym=first_day(self.opened),
            closed_ym=first_day(self.closed) if self.closed is not None and closed else None,
            is_open_to_all=self.is_open_to_all,
            open_days=days,
            visitors=int(days * self.visitors_a_day * rng.uniform(0.7, 1.3)),
        )


def draw_sites(town: Town, spec: WorldSpec, rng: Random) -> dict[Month, list[PlaceRow]]:
    """Some places were there before the first month; others open, a few close."""
    population = town.place.municipality.population
    standing = min(max(population // _PEOPLE_PER_PLACE, _AT_LEAST), _AT_MOST)
    opened = [spec.first - rng.randint(1, 150) for _ in range(standing)]
    opened += [month for month in spec.all_months for _ in range(standing) if rng.random() < 0.012]
    sites = [_site(month, town, spec, rng) for month in opened]
    return {month: [site.row(month, rng) for site in sites if site.is_listed(month)] for month in spec.all_months}


def _site(opened: Month, town: Town, spec: WorldSpec, rng: Random) -> Site:
    in_ledger = max(opened, spec.first)
    closed = in_ledger + 1 + int(rng.expovariate(1 / 150))
    return Site(
        place_no=town.numbers.place(in_ledger),  # those that were there before are numbered with the first ledger
        base_scheme=_SCHEME.draw(rng),
        opened=opened,
        closed=closed if closed <= spec.last else None,
        is_open_to_all=rng.random() < 0.35,
        days_a_month=rng.choice((2, 4, 4, 8, 12, 20, 24)),
        visitors_a_day=rng.lognormvariate(2.5, 0.5),
    )


@dataclass(frozen=True)
class Need:
    """A resource that is lacking: since when it is thought about, and how and when that ended."""

    need_no: str
    resource_type: str
    gap_reason: str
    raised_at: str
    raised: Month
    considered: Month
    ended: Month
    is_developed: bool

    def row(self, month: Month) -> NeedRow:
        """The need as it stands at the end of a month."""
        resolved = self.is_developed and self.ended <= month
        if self.ended <= month:
            status = "developed" if self.is_developed else "dropped"
        else:
            status = "identified" if month < self.considered else "considering"
        return NeedRow(
            need_no=self.need_no,
            raised_ym=first_day(self.raised),
            resource_type=self.resource_type,
            gap_reason=self.gap_reason,
            raised_at=self.raised_at,
            need_status=status,
            resolved_ym=first_day(self.ended) if resolved else None,
        )


def draw_needs(town: Town, spec: WorldSpec, rng: Random) -> dict[Month, list[NeedRow]]:
    """Every need that a meeting raised, until a resource for it is found or it is dropped."""
    needs = list(_needs(town, rng))
    return {
        month: [need.row(month) for need in needs if need.raised <= month <= need.ended] for month in spec.all_months
    }


def _needs(town: Town, rng: Random) -> Iterator[Need]:
    for month in sorted(town.meetings):
        for meeting in town.meetings[month]:
            issues = meeting.resource_issues
            if meeting.meeting_type != "jusou":
                issues += rng.random() < _RAISED_ELSEWHERE
            for _ in range(issues):
                considered = month + int(rng.expovariate(0.4))
                yield Need(
                    need_no=town.numbers.need(month),
                    resource_type=RESOURCE.draw(rng),
                    gap_reason=_GAP_REASON.draw(rng),
                    raised_at=meeting.meeting_type,
                    raised=month,
                    considered=considered,
                    ended=considered + int(rng.expovariate(0.1)),
                    is_developed=rng.random() < 0.45,
                )
