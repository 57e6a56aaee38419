"""Worlds that several tests of the simulation look at: made once, for they take seconds."""

from __future__ import annotations

import pytest

from pipelines.simulate.model import World, WorldSpec
from pipelines.simulate.world import make_world


@pytest.fixture(scope="session")
def prefecture() -> World:
    """All of them, until the second fiscal year is over. Nobody may change it."""
    return make_world(WorldSpec(seed=7, municipalities=63, months=24))
