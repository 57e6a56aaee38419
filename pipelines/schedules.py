"""What happens by the calendar, in Japan's time: the month's report after its deadline, and the reminder before it.

Days and hours are settings. What a report holds or who gets it does not belong here.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import dagster as dg

from pipelines.partitions import partition_key
from pipelines.reporting import known_by_deadline
from pipelines.settings import TIME_ZONE, Settings


def make_schedules(settings: Settings, *, report_job: str, reminder_job: str) -> list[dg.ScheduleDefinition]:
    """Off until somebody switches them on in Dagster's pages: a report that goes out by itself is a decision."""

    @dg.schedule(
        job_name=report_job,
        name="monthly_report",
        cron_schedule=f"0 {settings.schedule_hour} {settings.report_day} * *",
        execution_timezone=str(TIME_ZONE),
    )
    def monthly_report(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        """前の月の報告を、その月の提出期限までに分かっていたことから作る。"""
        month = _month_before(context.scheduled_execution_time)
        as_of = known_by_deadline(settings, month).isoformat()
        told: dict[str, Any] = {"config": {"as_of": as_of}}
        return dg.RunRequest(
            run_key=f"report-{month:%Y-%m}",
            partition_key=partition_key("monthly", month),
            run_config={"ops": {"warehouse_sources": told, "report__monthly": told}},
        )

    @dg.schedule(
        job_name=reminder_job,
        name="reminder",
        cron_schedule=f"0 {settings.schedule_hour} {settings.reminder_day} * *",
        execution_timezone=str(TIME_ZONE),
    )
    def reminder(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        """前の月の様式がまだ届いていない市町村に知らせる。"""
        month = _month_before(context.scheduled_execution_time)
        return dg.RunRequest(run_key=f"reminder-{month:%Y-%m}", partition_key=partition_key("monthly", month))

    return [monthly_report, reminder]


def _month_before(moment: datetime) -> date:
    here = moment.astimezone(TIME_ZONE)
    return date(here.year - (here.month == 1), (here.month - 2) % 12 + 1, 1)
