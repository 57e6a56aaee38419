"""Warehouse → one protected file per audience."""

import dagster as dg

from pipelines.progress import Progress
from pipelines.protected_files import hidden_cells, protect
from pipelines.settings import Settings

PROTECTED = dg.AssetKey(["release", "protected"])


def make_protected(published_models: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset that waits for every model of the schema `published`."""

    @dg.asset(key=PROTECTED, deps=published_models, group_name="release")
    def protected(
        settings: dg.ResourceParam[Settings],
        progress: dg.ResourceParam[Progress],
        only_writer: dg.ResourceParam[None],
    ) -> dg.MaterializeResult:
        """閲覧者の区分(内部・アドバイザー・公表)ごとに小さい数を秘匿する。"""
        progress.stage("秘匿")
        folder = protect(settings)
        return dg.MaterializeResult(metadata={"hidden_cells": hidden_cells(folder)})

    return protected
