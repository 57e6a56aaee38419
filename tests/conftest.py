"""Shared by all tests: homes, small synthetic worlds, and the pipeline run on them for real."""

from __future__ import annotations

import fcntl
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
from tests.factories.parsed_project import fit

os.environ.pop("KASANE_HOME", None)
# Tests write a file and take it in at once; the pause for files still being written has a test of its own.
os.environ["KASANE_SETTLE_SECONDS"] = "0"
# Two busy cores break any deadline; how long an example takes is not what these tests are about.
hypothesis_settings.register_profile("kasane", deadline=None)
hypothesis_settings.load_profile("kasane")

Once = Callable[[str, Callable[[Path], None]], Path]
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
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """A function that gives a folder, made by whichever worker comes first: `once(name, make)`. Nobody may change it."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # what a worker that failed left behind
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def parsed_project(once: Once) -> Path:
    """dbt's target folder after parsing, which takes the same ten seconds for every home: to be copied."""

    def parse(folder: Path) -> None:
        prepare_environment(Settings(home=folder))
        manifest_path(Settings(home=folder))

    return target_dir(Settings(home=once("parsed", parse)))


@pytest.fixture(scope="session")
def make_home(parsed_project: Path) -> Callable[..., Settings]:
    """A function that makes a home: `make_home(folder, inbox=…)`, with the project parsed."""

    def make(folder: Path, **overrides: object) -> Settings:
        settings = Settings.model_validate({"home": folder, **overrides})
        shutil.copytree(parsed_project, target_dir(settings))
        fit(target_dir(settings), settings.warehouse_db)
        return settings

    return make


@pytest.fixture(scope="session")
def run_home(once: Once, make_home: Callable[..., Settings]) -> Callable[[int], RunHome]:
    """A function that makes (once per seed) a world of 9 municipalities × 14 months and runs everything on it."""
    made: dict[int, RunHome] = {}

    def make(seed: int) -> RunHome:
        if seed not in made:
            world = make_world(WorldSpec(seed=seed, municipalities=9, months=14))

            def run(folder: Path) -> None:
                write_submissions(world, folder / "inbox", messy=0.5)
                refresh(make_home(folder / "home", inbox=folder / "inbox"), progress=Silent())

            folder = once(f"world-{seed}", run)
            made[seed] = RunHome(Settings(home=folder / "home", inbox=folder / "inbox"), world)
        return made[seed]

    return make


@pytest.fixture(scope="session")
def finished_home(once: Once, make_home: Callable[..., Settings]) -> Settings:
    """A home of the small world in which everything has run once. Never changed; `small_home` copies it."""

    def run(folder: Path) -> None:
        settings = make_home(folder)
        write_submissions(make_world(SMALL_WORLD), settings.inbox_dir)
        refresh(settings, progress=Silent())

    return Settings(home=once("finished", run))


@pytest.fixture
def small_home(finished_home: Settings, tmp_path: Path) -> Settings:
    """A home of one's own in which everything has run; nothing in a home knows where it lies."""
    settings = Settings(home=shutil.copytree(finished_home.root, tmp_path / "home"))
    fit(target_dir(settings), settings.warehouse_db)
    return settings
