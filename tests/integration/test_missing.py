"""Who has not sent what: expected by the published build, arrived by the manifest, in time by the settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import duckdb
import pytest
from pydantic import ValidationError

from pipelines.builds import current_build_id
from pipelines.deadlines import Due, NotKnown, deadline, due_in
from pipelines.intake.manifest import Manifest
from pipelines.settings import TIME_ZONE, Settings
from tests.conftest import RunHome

MONTH = date(2023, 9, 1)


@pytest.fixture
def home(run_home: Callable[[int], RunHome]) -> Settings:
    return run_home(7).settings


@pytest.mark.parametrize(
    ("period", "day"),
    [
        (date(2024, 5, 1), date(2024, 6, 10)),
        (date(2024, 12, 1), date(2025, 1, 10)),
        (date(2024, 1, 1), date(2024, 2, 10)),
    ],
)
def test_a_month_is_due_on_a_day_of_the_next(settings: Settings, period: date, day: date) -> None:
    assert deadline(settings, "monthly", period) == day
    changed = settings.model_copy(update={"monthly_deadline_day": 20})
    assert deadline(changed, "monthly", period) == day.replace(day=20)


def test_a_fiscal_year_is_due_in_its_year(settings: Settings) -> None:
    assert deadline(settings, "fiscal_year", date(2024, 4, 1)) == date(2024, 4, 30)
    changed = settings.model_copy(update={"fiscal_year_deadline": "07-31"})
    assert deadline(changed, "fiscal_year", date(2024, 4, 1)) == date(2024, 7, 31)


@pytest.mark.parametrize("wrong", [{"monthly_deadline_day": 31}, {"fiscal_year_deadline": "02-30"}])
def test_a_deadline_that_is_no_day_is_no_setting(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


@pytest.mark.parametrize(
    ("arrived", "timeliness"),
    [
        (None, "missing"),
        (datetime(2024, 6, 10, 23, 59, 59, tzinfo=TIME_ZONE), "on_time"),
        (datetime(2024, 6, 11, 0, 0, tzinfo=TIME_ZONE), "late"),
    ],
)
def test_the_day_of_the_deadline_is_in_time(arrived: datetime | None, timeliness: str) -> None:
    due = Due("112011", "川越市", "case", "台帳", date(2024, 5, 1), date(2024, 6, 10), arrived)
    assert due.timeliness == timeliness


def test_the_list_is_what_the_build_expects_and_nobody_sent(home: Settings) -> None:
    path = home.published_dir / str(current_build_id(home)) / "internal.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        query = (
            "select sender_code, form, period, completeness from submission_status where expected and period in (?, ?)"
        )
        rows = con.execute(query, [MONTH, date(2023, 4, 1)]).fetchall()
        yearly = {row[0] for row in con.execute("select form from form_label where cadence = 'fiscal_year'").fetchall()}
    expected = {
        (sender, form, period): completeness
        for sender, form, period, completeness in rows
        if (form in yearly) == (period == date(2023, 4, 1))
    }
    due = {(one.sender_code, one.form, one.period): one for one in due_in(home, MONTH)}
    assert set(due) == set(expected) and len(due) > 20
    missing = {key for key, one in due.items() if one.timeliness == "missing"}
    assert missing == {key for key, completeness in expected.items() if completeness == "missing"}
    assert 0 < len(missing) < len(due)


def test_names_and_labels_come_from_the_build(home: Settings) -> None:
    rows = [one.as_row() for one in due_in(home, MONTH)]
    setup = next(row for row in rows if row["form"] == "setup")
    case = next(row for row in rows if row["form"] == "case")
    assert (setup["period"], setup["deadline"]) == ("FY2023", "2023-04-30")
    assert (case["period"], case["deadline"], case["form_label"]) == ("2023-09", "2023-10-10", "支援ケース台帳")
    assert all(row["municipality"] and row["timeliness_label"] for row in rows)


def test_the_first_version_decides(home: Settings) -> None:
    """A correction after the deadline is no delay."""
    came = [one for one in due_in(home, MONTH) if one.first_accepted_at]
    with Manifest(home.manifest_db) as manifest:
        submissions = [one for one in manifest.submissions() if one.is_accepted]
    for due in came:
        three = (due.sender_code, due.form, due.period)
        assert due.first_accepted_at == min(one.received_at for one in submissions if one.three == three)


def test_what_cannot_be_known_is_said(home: Settings, settings: Settings) -> None:
    with pytest.raises(NotKnown, match="kasane run"):
        due_in(settings, MONTH)
    with pytest.raises(NotKnown, match="2031-01"):
        due_in(home, date(2031, 1, 1))


def test_a_month_of_which_nothing_came_is_missing_from_everybody(home: Settings) -> None:
    with duckdb.connect(
        str(home.published_dir / str(current_build_id(home)) / "internal.duckdb"), read_only=True
    ) as con:
        last = con.execute("select max(period) from dim_month").fetchall()[0][0]
    after = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    monthly = [one for one in due_in(home, after) if one.period == after]
    assert {(one.sender_code, one.form) for one in monthly} == {
        (one.sender_code, one.form) for one in due_in(home, last) if one.period == last
    }
    assert monthly and all(one.timeliness == "missing" for one in monthly)
