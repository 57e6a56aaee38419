"""Runs the refresh job in this process: no daemon, no network, no telemetry. The command line's way in."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from datetime import datetime
from typing import Any

from pipelines.builds import NothingToPublish, build_id, data_month, newest_build_id
from pipelines.intake.manifest import Manifest
from pipelines.intake.process import pending_files
from pipelines.progress import Progress
from pipelines.settings import Settings

DAGSTER_YAML = """\
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
event_log_storage:
  module: pipelines.dagster_events
  class: KeptConnections
  config: {}
"""


class RunFailed(RuntimeError):
    """The job stopped; the build in force before still stands. The message names the stage and the reason."""


def prepare_environment(settings: Settings) -> None:
    """Dagster's home inside ours, and every tool's telemetry off."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    instance_file = settings.dagster_home / "dagster.yaml"
    if not instance_file.exists():
        instance_file.write_text(DAGSTER_YAML, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    os.environ["GX_ANALYTICS_ENABLED"] = "false"


def nothing_new(settings: Settings) -> bool:
    """Whether a run would make the newest build once more. Costs a stat per file; imports nothing heavy."""
    newest = newest_build_id(settings)
    if newest is None or pending_files(settings):
        return False
    with Manifest.reading(settings.manifest_db) as manifest:
        try:
            return build_id(settings, manifest.known_at(None), manifest.origin()) == newest
        except NothingToPublish:  # all that counted was taken back; the run will say so
            return False


def refresh(settings: Settings, *, progress: Progress, as_of: datetime | None = None) -> None:
    """Intake to publication, all that is new. Raises RunFailed with the reason."""
    _require_something(settings, as_of)
    prepare_environment(settings)
    logging.getLogger("dagster").setLevel(logging.ERROR)
    progress.stage("準備")
    import dagster as dg  # a second of imports, only when there is something to run

    from pipelines.build import REFRESH, build_defs

    defs = build_defs(settings=settings, resources={"progress": progress})
    job = defs.resolve_job_def(REFRESH)
    config: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    if as_of is not None:
        config["ops"] = {"warehouse_sources": {"config": {"as_of": as_of.isoformat()}}}
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    # dagster-dbt repeats dbt's own lines on stdout; the person at the keyboard sees our progress instead.
    with (
        dg.DagsterInstance.get() as instance,
        (settings.work_dir / "run.log").open("w", encoding="utf-8") as log,
        contextlib.redirect_stdout(log),
    ):
        result = job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)
    if not result.success:
        raise RunFailed("\n".join(_reasons(result)))


def _require_something(settings: Settings, as_of: datetime | None) -> None:
    """Raises RunFailed at once where no file waits and nothing counted yet, before anything is imported or parsed."""
    if pending_files(settings):  # asked first: the receipt book is begun by who holds the home, which nobody does here
        return
    with Manifest.reading(settings.manifest_db) as manifest:
        known = manifest.known_at(as_of)
    try:
        data_month(known, as_of)
    except NothingToPublish as error:
        begin = f" {settings.inbox_dir} に提出ファイルを置いて、もう一度実行してください。"
        raise RunFailed(f"{error}{'' if known or as_of else begin}") from error


def _reasons(result: Any) -> list[str]:
    """What failed, in one line each and without tracebacks: those are in Dagster's own record."""
    reasons = [_innermost(event.step_failure_data.error) for event in result.all_node_events if event.is_step_failure]
    failed_checks = [
        f"検査に通りませんでした: {check.asset_key.to_user_string()} {check.check_name}"
        for check in result.get_asset_check_evaluations()
        if not check.passed and check.severity.value == "ERROR"
    ]
    return [reason for reason in reasons if reason] + failed_checks


def _innermost(error: Any) -> str:
    while error.cause is not None:
        error = error.cause
    return re.sub(rf"^[\w.]*{error.cls_name}: ", "", error.message).strip()
