"""Shared by all tests: homes, small synthetic worlds, and the pipeline run on them for real."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.progress import Silent
from pipelines.run import prepare_environment, refresh
from pipelines.settings import Settings
from pipelines.simulate.files import write_submissions
from pipelines.simulate.world import World, WorldSpec, make_world

os.environ.pop("KASANE_HOME", None)


@dataclass(frozen=True)
class RunHome:
    """A home in which the whole pipeline has run once, and the world its submissions came from."""

    settings: Settings
    world: World


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty home."""
    return Settings(home=tmp_path / "home")


@pytest.fixture(scope="session")
def run_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], RunHome]:
    """A function that makes (once per seed) a world of 9 municipalities × 14 months and runs everything on it."""
    made: dict[int, RunHome] = {}

    def make(seed: int) -> RunHome:
        if seed not in made:
            folder = tmp_path_factory.mktemp(f"world-{seed}")
            world = make_world(WorldSpec(seed=seed, municipalities=9, months=14))
            write_submissions(world, folder / "inbox", messy=0.5)
            home = Settings(home=folder / "home", inbox=folder / "inbox")
            refresh(home, progress=Silent())
            made[seed] = RunHome(home, world)
        return made[seed]

    return make


@pytest.fixture(autouse=True, scope="session")
def _quiet_tools(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Telemetry off before any tool is imported."""
    prepare_environment(Settings(home=tmp_path_factory.mktemp("environment")))
