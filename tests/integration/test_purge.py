"""Rows about persons leave when their time is over, and nothing else does. On homes in which everything has run."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.builds import current_build_id
from pipelines.deadlines import due_in
from pipelines.intake import retention
from pipelines.intake.manifest import Manifest
from pipelines.intake.process import process_inbox
from pipelines.intake.receipts import copies
from pipelines.intake.retention import first_month_kept, plan, purge
from pipelines.intake.withdrawal import withdraw
from pipelines.progress import Silent
from pipelines.run import RunFailed, nothing_new, refresh
from pipelines.settings import TIME_ZONE, Settings
from tests.factories.building import as_csv, contracts, good_rows, grid, name_of
from tests.factories.rows_in_lake import rows_in_lake

NOW = datetime(2025, 6, 10, 9, tzinfo=TIME_ZONE)
KEEP_FROM = date(2023, 6, 1)
CONSULTATIONS = "new_consultations"
PERSONAL = {"consultation", "case", "outreach", "participation"}


@pytest.fixture
def home(small_home: Settings) -> Settings:
    """A home in which everything has run, to be changed."""
    return small_home


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "CURRENT.json")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def figures(settings: Settings) -> dict[date, tuple[int | None, str | None]]:
    """The prefecture's consultations and their mark by month, in the build in force."""
    path = settings.published_dir / str(current_build_id(settings)) / "internal.duckdb"
    query = "select period, numerator, mark from kpi_monthly where kpi_id = ? and area_level = 'prefecture'"
    with duckdb.connect(str(path), read_only=True) as con:
        return {period: (numerator, mark) for period, numerator, mark in con.execute(query, [CONSULTATIONS]).fetchall()}


def test_old_rows_about_persons_leave_and_nothing_else(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The purge is cut off before it removes a file: what was to go counts no more; the next purge removes it."""
    inbox, published, before = digests(home.inbox_dir), digests(home.published_dir), figures(home)
    held = rows_in_lake(home.lake_dir)
    planned = plan(home, KEEP_FROM)
    assert {one.form for one in planned.submissions} <= PERSONAL
    assert {path.stem for path in planned.files} == {"2023-04", "2023-05"} and planned.rows > 0
    assert rows_in_lake(home.lake_dir) == held and not nothing_is_left(home), "a plan changes nothing"
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", _stopped)
        with pytest.raises(KeyboardInterrupt):
            purge(home, planned, NOW)
    assert all(path.exists() for path in planned.files) and not nothing_new(home)

    refresh(home, progress=Silent())
    after = figures(home)
    assert {period: cell for period, cell in after.items() if period >= KEEP_FROM} == {
        period: cell for period, cell in before.items() if period >= KEEP_FROM
    }
    assert [cell for period, cell in sorted(after.items()) if period < KEEP_FROM] == [(None, "…")] * 2, "no false zero"
    assert all(one.timeliness != "missing" for one in due_in(home, date(2023, 4, 1)) if one.form == "consultation"), (
        "who had sent is not asked again"
    )

    purge(home, plan(home, KEEP_FROM), NOW)
    gone = {one.submission_id for one in planned.submissions}
    assert rows_in_lake(home.lake_dir) == {key: rows for key, rows in held.items() if key not in gone}
    assert not any(path.exists() for path in (*planned.files, home.warehouse_db)) and nothing_is_left(home)
    assert digests(home.inbox_dir) == inbox and digests(home.published_dir).items() >= published.items()
    assert nothing_new(home)


def nothing_is_left(settings: Settings) -> bool:
    return plan(settings, KEEP_FROM).is_empty


def _stopped(path: Path, missing_ok: bool = False) -> None:
    raise KeyboardInterrupt


def test_a_withdrawal_makes_a_new_build(home: Settings) -> None:
    with Manifest(home.manifest_db) as manifest:
        last = max(one.period for one in manifest.submissions() if one.form == "consultation" and one.period)
        sent = next(
            one
            for one in manifest.known_at(None)
            if one.is_current and one.form == "consultation" and one.period == last
        )
    build, before = current_build_id(home), figures(home)[last][0]
    withdraw(home, sent.submission_id, "誤送", NOW)
    assert not nothing_new(home)
    refresh(home, progress=Silent())
    assert current_build_id(home) != build and before is not None
    assert figures(home)[last][0] == before - sent.rows_accepted
    assert [one.timeliness for one in due_in(home, last) if (one.sender_code, one.form) == sent.three[:2]] == [
        "missing"
    ]
    with Manifest(home.manifest_db) as manifest:
        for one in manifest.submissions():
            if one.is_accepted and one.withdrawn_at is None:
                manifest.withdraw(one.submission_id, "すべて", NOW)
    assert not nothing_new(home)
    with pytest.raises(RunFailed, match="まだありません"):
        refresh(home, progress=Silent())


def test_cells_of_rejected_rows_leave_the_receipts_and_the_disk(settings: Settings) -> None:
    contract = contracts()["consultation"]
    rows = good_rows(contract)
    rows[1] |= {"age_band": "?", "household_type": "9"}
    settings.inbox_dir.mkdir(parents=True)
    (settings.inbox_dir / name_of(contract)).write_bytes(as_csv(grid(contract, rows)))
    process_inbox(settings, now=NOW)
    with Manifest(settings.manifest_db) as manifest:
        (sent,) = manifest.submissions()
    both = copies(settings.receipts_dir, sent)
    shown = both[0].read_text(encoding="utf-8")
    planned = plan(settings, date(2024, 6, 1))
    assert planned.receipts == (sent,) and '"original_rows": [{' in shown
    purge(settings, planned, NOW)
    kept = both[0].read_text(encoding="utf-8")
    assert '"original_rows": []' in kept and both[1].exists()
    assert "〔番号〕".encode() in shown.encode()
    stored = b"".join(path.read_bytes() for path in settings.root.glob("manifest.sqlite*"))
    assert "〔番号〕".encode() not in stored, "overwritten, not only unlinked"
    assert plan(settings, date(2024, 6, 1)).is_empty


@pytest.mark.parametrize(
    ("today", "months", "first"),
    [
        (date(2025, 6, 10), 12, date(2024, 6, 1)),
        (date(2025, 1, 31), 1, date(2024, 12, 1)),
        (date(2025, 12, 1), 11, date(2025, 1, 1)),
    ],
)
def test_the_first_month_kept(today: date, months: int, first: date) -> None:
    assert first_month_kept(today, months) == first


def test_an_empty_home_has_nothing_to_purge(settings: Settings) -> None:
    assert retention.plan(settings, KEEP_FROM).is_empty and not settings.manifest_db.exists()
