"""Makes a synthetic world from its spec. Same spec, same world: the seed of every draw derives from the spec's.

What a world holds is `model`'s; how its parts are drawn and sent is the modules' it calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from pipelines.simulate.activities import draw_matches, draw_outreach
from pipelines.simulate.backing import action_ledgers, dispatch_ledgers, draw_actions, draw_dispatches, draw_trainings
from pipelines.simulate.community import draw_needs, draw_sites
from pipelines.simulate.edges import Edges, edge_town
from pipelines.simulate.edges_of_backing import EdgesOfBacking
from pipelines.simulate.flow import Town
from pipelines.simulate.mishaps import befallen
from pipelines.simulate.model import (
    PREFECTURE_CODE,
    Gap,
    Month,
    Submission,
    World,
    WorldSpec,
    reference_code_lists,
)
from pipelines.simulate.numbers import Numbering
from pipelines.simulate.payments import draw_payments
from pipelines.simulate.places import Place, draw_municipalities, draw_places
from pipelines.simulate.rows import GrantRow
from pipelines.simulate.sending import (
    Clock,
    Desk,
    send_by_prefecture,
    send_checks,
    send_goals,
    send_grants,
    send_monthly,
    send_payments,
    send_report,
    send_setup,
)
from pipelines.simulate.statements import draw_summaries

__all__ = ["World", "WorldSpec", "make_world"]

_REPORTS: Mapping[str, Callable[[Town, WorldSpec, Random], dict[Month, list[Any]]]] = {
    "outreach": draw_outreach,
    "participation": draw_matches,
    "place": draw_sites,
    "resource_need": draw_needs,
}


def make_world(spec: WorldSpec) -> World:
    """The world of that spec: its municipalities and everything they and the prefecture sent."""
    municipalities = draw_municipalities(spec, _derived(spec, "municipalities"))
    places = draw_places(spec, municipalities, _derived(spec, "places"))
    towns = [Town(place, spec, _derived(spec, f"town {place.municipality.code}")).run() for place in places]
    edges = Edges(edge_town(towns, spec), spec)
    backing = EdgesOfBacking(edges.code, spec)
    offices = _Offices(spec, edges, backing)
    # Whoever comes first has first choice of moments: what is added to a world belongs at the end.
    for town in towns:
        offices.send_core(town)
    grants = send_grants(spec, places, offices.desk(PREFECTURE_CODE, "prefecture"), backing.grants)
    for town in towns:
        offices.send_reports(town)
    offices.send_backing(places)
    offices.send_payments(grants)
    sent = sorted(offices.sent(), key=lambda submission: submission.arrived_at)
    return World(spec, municipalities, tuple(sent), reference_code_lists(), tuple(offices.gaps))


class _Offices:
    """Everyone who sends: each form has a desk and draws of its own, so that one form does not move another's."""

    def __init__(self, spec: WorldSpec, edges: Edges, backing: EdgesOfBacking) -> None:
        self.gaps: list[Gap] = backing.gaps
        self._spec = spec
        self._edges = edges
        self._backing = backing
        self._clock = Clock(spec)
        self._desks: list[Desk] = []

    def desk(self, sender_code: str, seed: str, carelessness: float = 1.0) -> Desk:
        """One more desk of a sender."""
        self._desks.append(Desk(sender_code, carelessness, self._clock, _derived(self._spec, seed)))
        return self._desks[-1]

    def sent(self) -> list[Submission]:
        """What left all desks, after what befell it on the way."""
        left = [submission for desk in self._desks for submission in desk.sent]
        return befallen(left, self._edges, self._spec, self._clock, _derived(self._spec, "mishaps"))

    def send_core(self, town: Town) -> None:
        """A municipality's arrangements, consultations, cases and meetings: one desk for all four."""
        code = town.place.municipality.code
        desk = self.desk(code, f"desk {code}", town.place.carelessness)
        send_setup(self._spec, town.place, desk)
        send_monthly(self._spec, town, desk)

    def send_reports(self, town: Town) -> None:
        """All other forms of a municipality."""
        spec, place = self._spec, town.place
        has_edges = place.municipality.code == self._edges.code
        for form, draw in _REPORTS.items():
            rows = draw(town, spec, self._draws(form, place))
            if has_edges:
                self._edges.add(form, rows)
            send_report(form, rows, place, self._desk_for(form, place))
        summaries, gaps = draw_summaries(town, spec, self._draws("monthly_summary", place))
        self.gaps += gaps
        send_report("monthly_summary", summaries, place, self._desk_for("monthly_summary", place))
        more_goals = self._edges.goals() if has_edges else []
        send_goals(spec, town, self._desk_for("goal", place), more_goals)
        send_checks(spec, town, self._desk_for("function_check", place))

    def send_backing(self, places: Sequence[Place]) -> None:
        """The prefecture's dispatches, agreed actions and trainings."""
        spec = self._spec
        numbers = Numbering(_derived(spec, "prefecture's numbers"))
        dispatches = draw_dispatches(places, spec, numbers, _derived(spec, "dispatch"))
        actions = draw_actions(dispatches, numbers, _derived(spec, "dispatch_action"))
        trainings = draw_trainings(places, spec, numbers, _derived(spec, "training"))
        dispatches += (more := self._backing.dispatches(numbers))
        actions += self._backing.actions(more[0], numbers)
        for month, rows in self._backing.attendances(numbers).items():
            trainings.get(month, []).extend(rows)
        ledgers = {
            "dispatch": dispatch_ledgers(dispatches, spec),
            "dispatch_action": action_ledgers(actions, spec),
            "training": trainings,
        }
        for form, rows in ledgers.items():
            send_by_prefecture(form, rows, self.desk(PREFECTURE_CODE, f"desk prefecture {form}"))

    def send_payments(self, grants: Mapping[int, Sequence[GrantRow]]) -> None:
        """What the prefecture paid on the grants of each fiscal year."""
        numbers = Numbering(_derived(self._spec, "payment numbers"))
        desk = self.desk(PREFECTURE_CODE, "desk prefecture grant_payment")
        for year, rows in grants.items():
            payments, gaps = draw_payments(rows, year, numbers, _derived(self._spec, f"grant_payment {year}"))
            self.gaps += gaps
            send_payments(year, self._backing.payments(year, payments), desk)

    def _desk_for(self, form: str, place: Place) -> Desk:
        code = place.municipality.code
        return self.desk(code, f"desk {code} {form}", place.carelessness)

    def _draws(self, form: str, place: Place) -> Random:
        return _derived(self._spec, f"{form} {place.municipality.code}")


def _derived(spec: WorldSpec, name: str) -> Random:
    """A generator of its own for each part, so that one part's draws do not move another's."""
    return Random(f"{spec.seed}/{name}")
