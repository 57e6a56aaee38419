"""The definitions as Dagster loads them: names, order, partitions, sensor, and what is switched off."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
import yaml

from expectations.contract import load_contracts
from pipelines.build import REFRESH, build_defs
from pipelines.run import prepare_environment
from pipelines.settings import Settings
from tests.conftest import RunHome


@pytest.fixture
def home(run_home: Callable[[int], RunHome]) -> RunHome:
    return run_home(7)


@pytest.fixture
def defs(home: RunHome) -> dg.Definitions:
    return build_defs(settings=home.settings)


def test_definitions_are_loadable_and_named(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)
    keys = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}
    assert {f"lake/{form}" for form in load_contracts()} <= keys
    assert {"intake/files", "intake/submission", "intake/build", "release/protected", "release/published"} <= keys
    assert {"published/kpi_monthly", "published/kpi_monthly_by", "core/fct_case"} <= keys


def test_every_step_of_a_run_needs_the_home_for_itself(defs: dg.Definitions) -> None:
    """Also a step started alone on Dagster's pages, beside a run from the command line."""
    steps = defs.resolve_job_def(REFRESH).graph.node_dict.values()
    assert {step.name for step in steps if "only_writer" not in step.definition.required_resource_keys} == set()


def test_publishing_waits_for_every_published_model(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    parents = {key.to_user_string() for key in graph.get(dg.AssetKey(["release", "protected"])).parent_keys}
    published = {k.to_user_string() for k in graph.get_all_asset_keys() if k.path[0] == "published"}
    assert parents == published and "published/kpi_monthly" in parents


def test_dbt_tests_are_asset_checks(defs: dg.Definitions) -> None:
    checks = {key.name for key in defs.resolve_asset_graph().asset_check_keys}
    assert {"rows_balance", "lake_holds_what_the_manifest_says"} <= checks
    assert len(checks) > 20


def test_each_lake_asset_has_its_partitions_and_the_run_reported_them(home: RunHome, defs: dg.Definitions) -> None:
    prepare_environment(home.settings)
    with dg.DagsterInstance.get() as instance:
        case = instance.get_materialized_partitions(dg.AssetKey(["lake", "case"]))
        grant = instance.get_materialized_partitions(dg.AssetKey(["lake", "grant"]))
    assert "2024-05" in case and all(len(key) == 7 for key in case)
    assert "2023" in grant and all(len(key) == 4 for key in grant)


def _run_key(sensor: dg.SensorDefinition, context: dg.SensorEvaluationContext) -> str:
    (request,) = sensor.evaluate_tick(context).run_requests or []
    return str(request.run_key)


def test_the_sensor_asks_once_for_what_is_waiting(tmp_path: Path, home: RunHome) -> None:
    settings = Settings(home=tmp_path / "home")
    shutil.copytree(home.settings.work_dir / "dbt", settings.work_dir / "dbt")
    settings.inbox_dir.mkdir(parents=True)
    defs = build_defs(settings=settings)
    sensor = defs.resolve_sensor_def("inbox") if hasattr(defs, "resolve_sensor_def") else defs.get_sensor_def("inbox")
    prepare_environment(settings)
    with dg.DagsterInstance.get() as instance:
        context = dg.build_sensor_context(instance=instance, repository_def=defs.get_repository_def())
        assert sensor.evaluate_tick(context).run_requests == []
        file = settings.inbox_dir / "112011_consultation_2024-05.csv"
        file.write_text("受付番号\n", encoding="utf-8")
        first, again = (_run_key(sensor, context) for _ in range(2))
        file.write_text("受付番号,受付年月\n", encoding="utf-8")
        corrected = _run_key(sensor, context)
    # The hour may turn between two looks; what is waiting is the same.
    assert first.split()[1] == again.split()[1]
    assert corrected.split()[1] != first.split()[1], "a correction under the old name is something new"


def test_one_process_one_run_no_telemetry(home: RunHome, defs: dg.Definitions) -> None:
    job = defs.resolve_job_def(REFRESH)
    assert job.executor_def.name == "in_process"
    written = yaml.safe_load((home.settings.dagster_home / "dagster.yaml").read_text(encoding="utf-8"))
    assert written["telemetry"]["enabled"] is False
    assert written["concurrency"]["runs"]["max_concurrent_runs"] == 1
