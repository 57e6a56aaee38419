"""Protected files → a published build, and CURRENT pointed at it."""

import dagster as dg

from pipelines.assets.protect import PROTECTED
from pipelines.builds import point_current_at, prune, record
from pipelines.checks import check_results
from pipelines.progress import Progress
from pipelines.publish import publish
from pipelines.settings import Settings

PUBLISHED = dg.AssetKey(["release", "published"])


@dg.asset(key=PUBLISHED, deps=[PROTECTED], group_name="release")
def published_build(
    settings: dg.ResourceParam[Settings],
    progress: dg.ResourceParam[Progress],
    only_writer: dg.ResourceParam[None],
) -> dg.MaterializeResult:
    """公開ファイルを置き、最後に CURRENT.json を書き換える。過去時点の再現(--as-of)では書き換えない。"""
    progress.stage("公開")
    facts = publish(settings, check_results(settings))
    record(settings, facts)
    if facts["as_of"] is None:
        point_current_at(settings, facts["build_id"])
    pruned = prune(settings)
    return dg.MaterializeResult(metadata={"build_id": facts["build_id"], "rows": facts["rows"], "pruned": pruned})
