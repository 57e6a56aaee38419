"""When reports and reminders start by themselves, and of what."""

from __future__ import annotations

from datetime import datetime

import dagster as dg
import pytest
from pydantic import ValidationError

from pipelines.reporting import known_by_deadline
from pipelines.schedules import make_schedules
from pipelines.settings import TIME_ZONE, Settings


def ticked(name: str, moment: datetime, **settings: object) -> tuple[dg.ScheduleDefinition, dg.RunRequest]:
    """The schedule, and what it asks for at a moment."""
    found = make_schedules(Settings.model_validate(settings), report_job="monthly_report", reminder_job="reminder")
    schedule = next(one for one in found if one.name == name)
    request = schedule(dg.build_schedule_context(scheduled_execution_time=moment))
    assert isinstance(request, dg.RunRequest)
    return schedule, request


@pytest.mark.parametrize(
    ("moment", "month", "deadline"),
    [
        (datetime(2024, 6, 11, 9, tzinfo=TIME_ZONE), "2024-05", "2024-06-10"),
        (datetime(2025, 1, 11, 9, tzinfo=TIME_ZONE), "2024-12", "2025-01-10"),
    ],
)
def test_the_report_is_of_the_month_before_as_known_by_its_deadline(
    moment: datetime, month: str, deadline: str
) -> None:
    schedule, request = ticked("monthly_report", moment)
    assert schedule.cron_schedule == "0 9 11 * *" and schedule.execution_timezone == "Asia/Tokyo"
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    assert request.partition_key == month
    asked = {name: op["config"]["as_of"] for name, op in request.run_config["ops"].items()}
    assert asked == dict.fromkeys(["warehouse_sources", "report__monthly"], f"{deadline}T23:59:59.999999+09:00")


def test_the_reminder_comes_before_the_deadline() -> None:
    schedule, request = ticked("reminder", datetime(2024, 6, 8, 9, tzinfo=TIME_ZONE))
    assert schedule.cron_schedule == "0 9 8 * *" and request.partition_key == "2024-05"


def test_days_and_hours_are_settings() -> None:
    moment = datetime(2024, 6, 16, 7, tzinfo=TIME_ZONE)
    schedule, request = ticked("monthly_report", moment, report_day=16, schedule_hour=7, monthly_deadline_day=15)
    assert schedule.cron_schedule == "0 7 16 * *"
    assert request.run_config["ops"]["warehouse_sources"]["config"]["as_of"].startswith("2024-06-15T23:59")
    assert known_by_deadline(Settings(), moment.date().replace(month=2, day=1)).day == 10


def test_a_report_before_its_deadline_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings(report_day=10)
