"""How long ago the last submission that counts came in, judged by dbt's freshness policy (`_intake_sources.yml`).

Asked apart from a run: a run builds because something came in, so what has stopped coming never shows there.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pipelines.dbt import DbtFailed, run_dbt
from pipelines.intake.manifest import Manifest
from pipelines.resources import lay_out_submissions
from pipelines.settings import TIME_ZONE, Settings


@dataclass(frozen=True)
class Freshness:
    """`status`: pass, warn or error; the days are those after which the policy warns and speaks of an error."""

    status: Literal["pass", "warn", "error"]
    received_at: datetime
    age_days: int
    warn_days: int
    error_days: int

    def line(self) -> str:
        """What staff read."""
        came = f"最後に届いた有効な提出: {self.received_at:%Y-%m-%d}({self.age_days:,} 日前)。"
        if self.status == "error":
            return f"{came}{self.error_days} 日を過ぎています。2か月分の提出が届いていません。"
        if self.status == "warn":
            return f"{came}{self.warn_days} 日を過ぎています。先月分の提出が届いていません。"
        return f"{came}滞りはありません。"


def freshness(settings: Settings) -> Freshness | None:
    """Judge what is known now; None when nothing counts yet. Raises DbtFailed."""
    with Manifest.reading(settings.manifest_db) as manifest:
        known = manifest.known_at(None)
    if not any(submission.counts for submission in known):
        return None
    with tempfile.TemporaryDirectory(prefix="kasane-freshness-") as folder:
        warehouse, told = Path(folder) / "warehouse.duckdb", Path(folder) / "sources.json"
        lay_out_submissions(warehouse, known)
        done = run_dbt("source", "freshness", "--output", str(told), warehouse=warehouse, target=Path(folder) / "dbt")
        if not told.exists():  # its exit status only repeats the verdict
            raise DbtFailed((done.stdout + done.stderr).strip())
        (result,) = json.loads(told.read_text(encoding="utf-8"))["results"]
    policy = result["criteria"]
    return Freshness(
        status=result["status"],
        received_at=datetime.fromisoformat(result["max_loaded_at"]).astimezone(TIME_ZONE),
        age_days=int(result["max_loaded_at_time_ago_in_s"] // 86_400),
        warn_days=policy["warn_after"]["count"],
        error_days=policy["error_after"]["count"],
    )
