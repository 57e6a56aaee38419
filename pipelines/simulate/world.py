"""Makes a synthetic world from its spec. Same spec, same world: the seed of every draw derives from the spec's.

What a world holds is `model`'s; how its parts are drawn is `places`', `flow`'s, `grants`' and `sending`'s.
"""

from __future__ import annotations

from random import Random

from pipelines.simulate.flow import Town
from pipelines.simulate.model import Submission, World, WorldSpec, reference_code_lists
from pipelines.simulate.places import Place, draw_municipalities, draw_places
from pipelines.simulate.sending import Clock, Desk, prefecture_desk, send_grants, send_monthly, send_setup

__all__ = ["World", "WorldSpec", "make_world"]


def make_world(spec: WorldSpec) -> World:
    """The world of that spec: its municipalities and everything they and the prefecture sent."""
    municipalities = draw_municipalities(spec, _derived(spec, "municipalities"))
    places = draw_places(spec, municipalities, _derived(spec, "places"))
    clock = Clock(spec)
    submissions = [submission for place in places for submission in _sent_by(place, spec, clock)]
    prefecture = prefecture_desk(clock, _derived(spec, "prefecture"))
    send_grants(spec, places, prefecture)
    submissions += prefecture.sent
    submissions.sort(key=lambda submission: submission.arrived_at)
    return World(spec, municipalities, tuple(submissions), reference_code_lists())


def _sent_by(place: Place, spec: WorldSpec, clock: Clock) -> list[Submission]:
    code = place.municipality.code
    desk = Desk(code, place.carelessness, clock, _derived(spec, f"desk {code}"))
    send_setup(spec, place, desk)
    send_monthly(spec, Town(place, spec, _derived(spec, f"town {code}")).run(), desk)
    return desk.sent


def _derived(spec: WorldSpec, name: str) -> Random:
    """A generator of its own for each part, so that one part's draws do not move another's."""
    return Random(f"{spec.seed}/{name}")
