"""When a run starts by itself: as soon as the inbox holds something the manifest does not know."""

import hashlib
from datetime import datetime

import dagster as dg

from pipelines.intake.process import pending_files
from pipelines.settings import TIME_ZONE, Settings


def make_inbox_sensor(job_name: str, settings: Settings) -> dg.SensorDefinition:
    """Looks every minute; the same files as they are ask for one run, and for another an hour later if they still wait.

    They wait still when that run failed, or when nobody may read them.
    """

    @dg.sensor(
        job_name=job_name, name="inbox", minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING
    )
    def inbox() -> dg.RunRequest | dg.SkipReason:
        """受領箱に新しいファイルがあれば処理を始める。"""
        waiting = pending_files(settings)
        if not waiting:
            return dg.SkipReason("新しいファイルはありません。")
        seen = sorted((file.path, file.size, file.mtime_ns) for file in waiting)
        digest = hashlib.sha256(repr(seen).encode()).hexdigest()
        return dg.RunRequest(run_key=f"{datetime.now(TIME_ZONE):%Y-%m-%dT%H} {digest}")

    return inbox
