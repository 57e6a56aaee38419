"""dbt runs once per session on the hand-made world, unit tests included."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.settings import PROJECT_DIR
from tests.conftest import Once
from tests.dbt.hand_made import fill, lay_out_empty
from tests.factories.parsed_project import fit

DBT_PROJECT = PROJECT_DIR / "dbt_project"


@dataclass(frozen=True)
class Built:
    """A warehouse after `dbt build`, and dbt's own account of it."""

    warehouse: Path
    manifest: dict[str, Any]
    run_results: dict[str, Any]


def build(warehouse: Path, parsed_project: Path, *options: str) -> None:
    """`dbt build` of a warehouse whose sources stand; fails with dbt's own words when anything in it failed."""
    target = shutil.copytree(parsed_project, warehouse.parent / "target")
    fit(target, warehouse)
    environment = os.environ | {
        "KASANE_WAREHOUSE": str(warehouse),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(warehouse.parent / "log"),
    }
    dbt = str(Path(sys.executable).with_name("dbt"))
    command = [dbt, "--quiet", "build", "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    command += options
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def built(once: Once, parsed_project: Path) -> Built:
    """The hand-made world after `dbt build`."""

    def make(folder: Path) -> None:
        lay_out_empty(_warehouse(folder), folder)
        fill(_warehouse(folder))
        build(_warehouse(folder), parsed_project)

    return _built(once("dbt", make))


@pytest.fixture(scope="session")
def built_of_nothing(once: Once, parsed_project: Path) -> Built:
    """The same world after `dbt build`, before anything was sent."""

    def make(folder: Path) -> None:
        lay_out_empty(_warehouse(folder), folder)
        build(_warehouse(folder), parsed_project, "--exclude-resource-type", "unit_test")

    return _built(once("dbt-empty", make))


@pytest.fixture
def query(built: Built) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built warehouse, opened for reading."""
    connection = duckdb.connect(str(built.warehouse), read_only=True)
    yield connection
    connection.close()


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _warehouse(folder: Path) -> Path:
    return folder / "warehouse.duckdb"


def _built(folder: Path) -> Built:
    target = folder / "target"
    return Built(_warehouse(folder), _json(target / "manifest.json"), _json(target / "run_results.json"))
