"""dbt as its own process: where its artefacts live, its manifest, and the resource Dagster calls it through.

The models themselves are in `dbt_project/`. dbt never runs inside this process: its in-process runner keeps the DuckDB lock.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from dagster_dbt import DbtCliResource
from packaging.version import Version, parse

from pipelines.builds import DBT_PROJECT_DIR, model_files
from pipelines.settings import Settings


class DbtFailed(RuntimeError):
    """dbt could not read its project; the message is dbt's own."""


class OfflineDbt(DbtCliResource):
    """dagster-dbt's CLI resource without its two habits that cost seconds and the network.

    It would ask `dbt --version` (which calls the package index) and build a dbt adapter in this process (which imports dbt).
    Both hooks are private to dagster-dbt, so its version is pinned and a test runs this class.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return parse(installed_version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None


def dbt_executable() -> str:
    """The dbt of this environment, whatever PATH says."""
    return str(Path(sys.executable).with_name("dbt"))


def dbt_resource() -> OfflineDbt:
    """The resource for the project's models and profile."""
    return OfflineDbt(
        project_dir=str(DBT_PROJECT_DIR), profiles_dir=str(DBT_PROJECT_DIR), dbt_executable=dbt_executable()
    )


def target_dir(settings: Settings) -> Path:
    """dbt's artefacts of this home; kept between runs so that parsing is partial."""
    return settings.work_dir / "dbt"


def set_environment(settings: Settings) -> None:
    """What the profile reads. Environment variables, because dbt parses everything anew when `--vars` change."""
    os.environ["KASANE_WAREHOUSE"] = str(settings.warehouse_db)


def manifest_path(settings: Settings) -> Path:
    """dbt's manifest.json of this home, parsed anew when a model, contract or profile changed. Raises DbtFailed."""
    target = target_dir(settings)
    manifest, stamp = target / "manifest.json", target / "parsed.sha256"
    digest = _project_digest()
    if manifest.exists() and stamp.exists() and stamp.read_text() == digest:
        return manifest
    done = run_dbt("parse", warehouse=settings.warehouse_db, target=target)
    if done.returncode:
        raise DbtFailed((done.stdout + done.stderr).strip())
    stamp.write_text(digest)
    return manifest


def run_dbt(*arguments: str, warehouse: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """dbt on the project and a warehouse file, with its artefacts and log in `target`; what it said is in the result."""
    target.mkdir(parents=True, exist_ok=True)
    command = [dbt_executable(), "--quiet", *arguments, "--project-dir", str(DBT_PROJECT_DIR)]
    command += ["--profiles-dir", str(DBT_PROJECT_DIR), "--target-path", str(target), "--log-path", str(target)]
    environment = os.environ | {"KASANE_WAREHOUSE": str(warehouse)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _project_digest() -> str:
    digest = hashlib.sha256()
    for path in model_files():
        digest.update(str(path.relative_to(DBT_PROJECT_DIR)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
