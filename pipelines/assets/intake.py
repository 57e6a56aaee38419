"""Files of the inbox → lake, manifest and receipts. One unpartitioned asset over all that is new.

One job cannot resolve two kinds of partition, so the per-form lake assets carry the partitions and are reported from here.
"""

from collections.abc import Iterator
from datetime import datetime

import dagster as dg

from expectations.contract import load_contracts
from pipelines.intake.lake import differing
from pipelines.intake.manifest import Manifest
from pipelines.intake.process import IntakeSummary, process_inbox
from pipelines.partitions import partition_key, partitions_of
from pipelines.progress import Progress
from pipelines.settings import TIME_ZONE, Settings

FILES = dg.AssetKey(["intake", "files"])


def lake_specs() -> list[dg.AssetSpec]:
    """One partitioned asset per form: what is in the lake, month by month."""
    return [
        dg.AssetSpec(
            ["lake", contract.form],
            deps=[FILES],
            partitions_def=partitions_of(contract),
            description=contract.purpose_ja,
            group_name="lake",
        )
        for contract in load_contracts().values()
    ]


@dg.asset(
    key=FILES,
    group_name="intake",
    check_specs=[
        dg.AssetCheckSpec("rows_balance", asset=FILES, blocking=True),
        dg.AssetCheckSpec("lake_holds_what_the_manifest_says", asset=FILES, blocking=True),
    ],
)
def intake_files(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    progress: dg.ResourceParam[Progress],
    only_writer: dg.ResourceParam[None],
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """提出ファイルを読み、判定し、蓄積(lake)と受付簿(manifest)に残す。"""
    progress.stage("提出ファイルの受付")
    summary = process_inbox(
        settings, now=datetime.now(TIME_ZONE), on_progress=lambda _name, done, total: progress.advance(done, total)
    )
    _report_partitions(context, summary)
    yield dg.MaterializeResult(
        asset_key=FILES,
        metadata={
            "new_files": summary.new_files,
            "unchanged_files": summary.unchanged_files,
            "rows_accepted": summary.rows_accepted,
            "by_status": dict(summary.by_status),
        },
    )
    yield from _checks(settings)


def _report_partitions(context: dg.AssetExecutionContext, summary: IntakeSummary) -> None:
    contracts = load_contracts()
    for form, periods in summary.periods.items():
        for period in periods:
            key = partition_key(contracts[form].cadence, period)
            context.log_event(dg.AssetMaterialization(asset_key=["lake", form], partition=key))


def _checks(settings: Settings) -> Iterator[dg.AssetCheckResult]:
    with Manifest(settings.manifest_db) as manifest:
        unbalanced = manifest.unbalanced()
        wrong = differing(settings.lake_dir, manifest.promised_rows())
    yield dg.AssetCheckResult(
        asset_key=FILES, check_name="rows_balance", passed=not unbalanced, metadata={"unbalanced": unbalanced}
    )
    yield dg.AssetCheckResult(
        asset_key=FILES,
        check_name="lake_holds_what_the_manifest_says",
        passed=not wrong,
        metadata={"submissions_with_other_rows": wrong},
    )
