"""Assembles the Dagster definitions. Asset bodies, schedules' logic and paths do not belong here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.assets.intake import intake_files, lake_specs
from pipelines.assets.protect import make_protected
from pipelines.assets.publish import published_build
from pipelines.assets.reports import briefings, monthly_report, report_delivered, submissions_reminded
from pipelines.assets.warehouse import make_dbt_assets, warehouse_sources
from pipelines.dbt import dbt_resource, manifest_path
from pipelines.exclusive import only_writer
from pipelines.progress import Silent
from pipelines.schedules import make_schedules
from pipelines.sensors import make_inbox_sensor
from pipelines.settings import Settings

REFRESH = "refresh"
MONTHLY = "monthly_report"
BRIEFINGS = "briefings"
REMINDER = "reminder"


def build_defs(*, settings: Settings, resources: dict[str, Any] | None = None) -> dg.Definitions:
    """Definitions of one home; `resources` overrides any of settings, progress, dbt (tests, the command line)."""
    dbt_models = make_dbt_assets(manifest_path(settings))
    published_models = [key for key in dbt_models.keys if key.path[0] == "published"]
    assets: list[Any] = [intake_files, warehouse_sources, dbt_models, make_protected(published_models), published_build]
    documents: list[Any] = [monthly_report, report_delivered, briefings, submissions_reminded]
    jobs = [
        dg.define_asset_job(REFRESH, selection=dg.AssetSelection.assets(*assets), description="受付から公開まで"),
        # Without the intake: what comes in now would be too late for the month's report anyway.
        dg.define_asset_job(
            MONTHLY,
            selection=dg.AssetSelection.assets(*assets[1:], monthly_report, report_delivered),
            description="期限までに分かっていたことから、月次報告の下書きまで",
        ),
        dg.define_asset_job(BRIEFINGS, selection=dg.AssetSelection.assets(briefings), description="ブリーフィング"),
        dg.define_asset_job(
            REMINDER, selection=dg.AssetSelection.assets(submissions_reminded), description="提出のお願い"
        ),
    ]
    return dg.Definitions(
        assets=[*assets, *lake_specs(), *documents],
        jobs=jobs,
        schedules=make_schedules(settings, report_job=MONTHLY, reminder_job=REMINDER),
        sensors=[make_inbox_sensor(REFRESH, settings)],
        # One writer, ever: the default executor would start a process per step and two of them could meet at the warehouse.
        executor=dg.in_process_executor,
        resources={
            "settings": settings,
            "progress": Silent(),
            "dbt": dbt_resource(),
            "only_writer": _only_writer,
            **(resources or {}),
        },
    )


@dg.resource(required_resource_keys={"settings", "progress"})
def _only_writer(context: dg.InitResourceContext) -> Iterator[None]:
    """Held from the start of a run to its end, since the whole run is one process."""
    settings, progress = context.resources.settings, context.resources.progress
    with only_writer(settings, on_wait=lambda: progress.stage("ほかの処理が終わるのを待っています")):
        yield
