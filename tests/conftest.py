"""Shared by all tests: homes, small synthetic worlds, and the pipeline run on them for real."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from pipelines.dbt import manifest_path, target_dir
from pipelines.progress import Silent
from pipelines.run import prepare_environment, refresh
from pipelines.settings import Settings
from pipelines.simulate.files import write_submissions
from pipelines.simulate.world import World, WorldSpec, make_world

os.environ.pop("KASANE_HOME", None)
# Tests write a file and take it in at once; the pause for files still being written has a test of its own.
os.environ["KASANE_SETTLE_SECONDS"] = "0"
# Two busy cores break any deadline; how long an example takes is not what these tests are about.
hypothesis_settings.register_profile("kasane", deadline=None)
hypothesis_settings.load_profile("kasane")

SMALL_WORLD = WorldSpec(seed=5, municipalities=4, months=4)


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
def make_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Settings]:
    """A function that makes a home: `make_home(folder, inbox=…)`.

    dbt's parsed project is copied into it: parsing is the same seven seconds for every home.
    """
    parsed = Settings(home=tmp_path_factory.mktemp("parsed"))
    prepare_environment(parsed)
    manifest_path(parsed)

    def make(folder: Path, **overrides: object) -> Settings:
        settings = Settings.model_validate({"home": folder, **overrides})
        shutil.copytree(target_dir(parsed), target_dir(settings))
        return settings

    return make


@pytest.fixture(scope="session")
def run_home(tmp_path_factory: pytest.TempPathFactory, make_home: Callable[..., Settings]) -> Callable[[int], RunHome]:
    """A function that makes (once per seed) a world of 9 municipalities × 14 months and runs everything on it."""
    made: dict[int, RunHome] = {}

    def make(seed: int) -> RunHome:
        if seed not in made:
            folder = tmp_path_factory.mktemp(f"world-{seed}")
            world = make_world(WorldSpec(seed=seed, municipalities=9, months=14))
            write_submissions(world, folder / "inbox", messy=0.5)
            home = make_home(folder / "home", inbox=folder / "inbox")
            refresh(home, progress=Silent())
            made[seed] = RunHome(home, world)
        return made[seed]

    return make


@pytest.fixture(scope="session")
def finished_home(tmp_path_factory: pytest.TempPathFactory, make_home: Callable[..., Settings]) -> Settings:
    """A home of the small world in which everything has run once. Never changed; `small_home` copies it."""
    settings = make_home(tmp_path_factory.mktemp("finished") / "home")
    write_submissions(make_world(SMALL_WORLD), settings.inbox_dir)
    refresh(settings, progress=Silent())
    return settings


@pytest.fixture
def small_home(finished_home: Settings, tmp_path: Path) -> Settings:
    """A home of one's own in which everything has run; nothing in a home knows where it lies."""
    return Settings(home=shutil.copytree(finished_home.root, tmp_path / "home"))
