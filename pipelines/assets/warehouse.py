"""Lake and manifest → a fresh warehouse: its sources are laid out here, everything above them is dbt."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from expectations.contract import load_contracts
from pipelines.assets.intake import FILES
from pipelines.builds import build_id, reference_files
from pipelines.dbt import set_environment, target_dir
from pipelines.intake.manifest import Manifest
from pipelines.progress import Progress
from pipelines.resources import BuildFacts, lay_out_sources
from pipelines.settings import Settings

SUBMISSION = dg.AssetKey(["intake", "submission"])
BUILD = dg.AssetKey(["intake", "build"])


class AsKnown(dg.Config):
    """`as_of`: ISO time; only what had arrived by then counts, and CURRENT does not move."""

    as_of: str | None = None


@dg.multi_asset(
    specs=[dg.AssetSpec(key, deps=[FILES], group_name="intake") for key in (SUBMISSION, BUILD)],
    name="warehouse_sources",
)
def warehouse_sources(
    config: AsKnown,
    settings: dg.ResourceParam[Settings],
    progress: dg.ResourceParam[Progress],
    only_writer: dg.ResourceParam[None],
) -> Iterator[dg.MaterializeResult]:
    """受付簿のその時点の写しと、蓄積・参照表を、新しい倉庫ファイルに並べる。"""
    progress.stage("倉庫の準備")
    as_of = datetime.fromisoformat(config.as_of) if config.as_of else None
    facts, submissions = lay_out(settings, as_of)
    yield dg.MaterializeResult(asset_key=SUBMISSION, metadata={"submissions": submissions})
    yield dg.MaterializeResult(asset_key=BUILD, metadata={"build_id": facts.build_id})


def lay_out(settings: Settings, as_of: datetime | None = None) -> tuple[BuildFacts, int]:
    """A fresh warehouse file with all that dbt starts from; returns the build's facts and how many submissions are known."""
    with Manifest(settings.manifest_db) as manifest:
        known, origin = manifest.known_at(as_of), manifest.origin()
    facts = BuildFacts(
        build_id=build_id(settings, known, origin, as_of),
        origin=origin,
        known_at=max(submission.received_at for submission in known),
        as_of=as_of,
        prefecture_code=settings.prefecture_code,
        prefecture_name=settings.prefecture_name,
        monthly_deadline_day=settings.monthly_deadline_day,
        prefectural_share_rule=settings.prefectural_share_rule,
    )
    lay_out_sources(
        settings.warehouse_db,
        build=facts,
        submissions=known,
        contracts=load_contracts(),
        lake_dir=settings.lake_dir,
        reference_files=reference_files(settings),
    )
    return facts, len(known)


def make_dbt_assets(manifest: Path) -> dg.AssetsDefinition:
    """The models as assets, their data tests as checks. A failing test of severity error fails the run before publishing."""

    @dbt_assets(manifest=manifest, name="warehouse")
    def warehouse(
        context: dg.AssetExecutionContext,
        dbt: DbtCliResource,
        settings: dg.ResourceParam[Settings],
        progress: dg.ResourceParam[Progress],
        only_writer: dg.ResourceParam[None],
    ) -> Iterator[Any]:
        progress.stage("集計 (dbt)")
        set_environment(settings)
        command = ["build", "--exclude-resource-type", "unit_test"]
        for done, event in enumerate(dbt.cli(command, context=context, target_path=target_dir(settings)).stream(), 1):
            progress.advance(done, len(context.selected_asset_keys) + len(context.selected_asset_check_keys))
            yield event

    return warehouse
