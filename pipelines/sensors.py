"""When a run starts by itself: as soon as the inbox holds something the manifest does not know."""

import hashlib

import dagster as dg

from pipelines.intake.process import pending_files
from pipelines.settings import Settings


def make_inbox_sensor(job_name: str, settings: Settings) -> dg.SensorDefinition:
    """Asks every minute; the same set of waiting files asks for one run only."""

    @dg.sensor(
        job_name=job_name, name="inbox", minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING
    )
    def inbox() -> dg.RunRequest | dg.SkipReason:
        """受付箱に新しいファイルがあれば処理を始める。"""
        waiting = pending_files(settings)
        if not waiting:
            return dg.SkipReason("新しいファイルはありません。")
        digest = hashlib.sha256("\n".join(sorted(str(item) for item in waiting)).encode()).hexdigest()
        return dg.RunRequest(run_key=digest)

    return inbox
