"""Files as people send them → the whole pipeline → exported KPIs, against plain loops over the world they came from."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.builds import current_build_id
from pipelines.intake.manifest import Manifest
from pipelines.intake.withdrawal import withdraw
from pipelines.progress import Silent
from pipelines.publish import export_kpis, published_rows
from pipelines.run import refresh
from pipelines.settings import TIME_ZONE, Settings
from pipelines.simulate.files import write_submissions
from pipelines.simulate.kpis import KPIS
from pipelines.simulate.tables import TABLES, expected_tables
from pipelines.simulate.truth_files import write_truth
from pipelines.simulate.world import World, WorldSpec, make_world
from tests.conftest import RunHome

KEYS = {
    "kpi_monthly": ("kpi_id", "period", "area_level", "area_code"),
    "kpi_monthly_by": ("kpi_id", "period", "area_level", "area_code", "dimension", "member"),
}
# Where several rows of a kind are told apart by a place in an order, as their numbers are not published.
ORDERS = {"goal_order"}


def differences(
    settings: Settings, world: World, folder: Path, as_of: datetime | None = None, withdrawn: Collection[str] = ()
) -> list[str]:
    """Every cell in which export and truth (as known at `as_of`) differ, and every row only one of them has."""
    write_truth(world, folder / "truth", as_of=as_of, withdrawn=withdrawn)
    build = current_build_id(settings)
    assert build is not None
    found: list[str] = []
    for table, key in KEYS.items():
        out = folder / f"{table}.csv"
        export_kpis(settings, build=build, audience="internal", by=table.endswith("_by"), out=out)
        exported, expected = _rows(out, key), _rows(folder / "truth" / f"{table}.csv", key)
        assert expected, f"the truth of {table} is empty"
        found += [f"{table}: only the truth has {row}" for row in expected.keys() - exported.keys()]
        found += [f"{table}: only the export has {row}" for row in exported.keys() - expected.keys()]
        for row in expected.keys() & exported.keys():
            found += [
                f"{table} {row} {column}: {exported[row][column]!r}, truth {expected[row][column]!r}"
                for column in expected[row]
                if not _same(exported[row][column], expected[row][column])
            ]
    return sorted(found)


def _rows(path: Path, key: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, object]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            tuple(row[name] for name in key): {**row, "value": _number(row["value"])} for row in csv.DictReader(stream)
        }


def _same(exported: object, expected: object) -> bool:
    """Equal, but for the last digit of a quotient."""
    if isinstance(exported, float) and isinstance(expected, float):
        return math.isclose(exported, expected, rel_tol=1e-12)
    return exported == expected


def _number(text: str) -> float | None:
    return float(text) if text else None


def other_differences(settings: Settings, world: World) -> list[str]:
    """Every row of the other published tables that only the build or only the truth has. Orders stand for numbers."""
    build = current_build_id(settings)
    assert build is not None
    found: list[str] = []
    for table, expected in expected_tables(world).items():
        columns = ", ".join(f'"{column}"' for column in TABLES[table].columns if column not in ORDERS)
        assert expected, f"the truth of {table} is empty"
        exported = Counter(map(_plain, published_rows(settings, build, f"select {columns} from {table}", [])))
        kept = [at for at, column in enumerate(TABLES[table].columns) if column not in ORDERS]
        truth = Counter(_plain(tuple(row[at] for at in kept)) for row in expected)
        found += [f"{table}: only the truth has {row}" for row in truth - exported]
        found += [f"{table}: only the build has {row}" for row in exported - truth]
    return sorted(found)


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    """Comparable: moments of Japan without zone, quotients but for their last digits."""
    return tuple(
        cell.replace(tzinfo=None)
        if isinstance(cell, datetime)
        else float(f"{cell:.12g}")
        if isinstance(cell, float)
        else tuple(cell)
        if isinstance(cell, list)
        else cell
        for cell in row
    )


def test_the_truth_knows_every_published_kpi_and_no_other(run_home: Callable[[int], RunHome]) -> None:
    settings = run_home(7).settings
    build = current_build_id(settings)
    assert build is not None
    query = "select kpi_id, kind, per, adds_over_time from kpi_catalogue"
    published = {row[0]: row[1:] for row in published_rows(settings, build, query, [])}
    assert published == {kpi_id: (kpi.kind, kpi.per, kpi.adds_over_time) for kpi_id, kpi in KPIS.items()}
    query = "select kpi_id, dimension, code_list from kpi_dimension"
    dimensions = set(published_rows(settings, build, query, []))
    assert dimensions == {(kpi_id, *dimension) for kpi_id, kpi in KPIS.items() for dimension in kpi.dimensions.items()}


@pytest.mark.parametrize("seed", [7, 11])
def test_small_world(run_home: Callable[[int], RunHome], tmp_path: Path, seed: int) -> None:
    home = run_home(seed)
    assert differences(home.settings, home.world, tmp_path) == []
    assert other_differences(home.settings, home.world) == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 120))
def test_many_worlds(tmp_path: Path, seed: int) -> None:
    world = make_world(WorldSpec(seed=seed, municipalities=9, months=14))
    write_submissions(world, tmp_path / "inbox", messy=0.5)
    settings = Settings(home=tmp_path / "home", inbox=tmp_path / "inbox")
    refresh(settings, progress=Silent())
    assert differences(settings, world, tmp_path) == []
    assert other_differences(settings, world) == []


@pytest.mark.soak
def test_after_files_were_taken_back(tmp_path: Path) -> None:
    """Of each form the newest file of a sender: where it sent two, the one before counts again."""
    world = make_world(WorldSpec(seed=7, municipalities=9, months=14))
    write_submissions(world, tmp_path / "inbox")
    settings = Settings(home=tmp_path / "home", inbox=tmp_path / "inbox")
    refresh(settings, progress=Silent())
    accepted = [submission for submission in world.submissions if not submission.is_returned]
    taken_back = {each.form: each for each in sorted(accepted, key=lambda each: (each.version, each.arrived_at))}
    assert any(each.version > 1 for each in taken_back.values())
    with Manifest(settings.manifest_db) as manifest:
        ids = {(known.three, known.received_at): known.submission_id for known in manifest.submissions()}
    for each in taken_back.values():
        three = (each.sender_code, each.form, each.period)
        withdraw(settings, ids[three, each.arrived_at], "内容の誤り", datetime.now(TIME_ZONE))
    refresh(settings, progress=Silent())
    keys = {each.key for each in taken_back.values()}
    assert differences(settings, world, tmp_path, withdrawn=keys) == []


@pytest.mark.soak
@pytest.mark.parametrize("messy", [0.0, 0.1])
def test_whole_prefecture(tmp_path: Path, messy: float) -> None:
    world = make_world(WorldSpec(seed=7, municipalities=63, months=36))
    write_submissions(world, tmp_path / "inbox", messy=messy)
    settings = Settings(home=tmp_path / "home", inbox=tmp_path / "inbox")
    refresh(settings, progress=Silent())
    assert differences(settings, world, tmp_path) == []
    assert other_differences(settings, world) == []
