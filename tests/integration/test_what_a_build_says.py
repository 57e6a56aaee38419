"""What a published build says of itself: warnings of the data tests, and Japanese descriptions of its tables and columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.builds import current_build_id, read_build_manifest
from pipelines.disclosure.thresholds import AUDIENCES
from pipelines.freshness import freshness
from pipelines.intake.manifest import Manifest
from pipelines.listing import summary_lines
from pipelines.settings import TIME_ZONE, Settings
from tests.conftest import RunHome
from tests.unit.test_manifest import submission


@pytest.fixture
def home(run_home: Callable[[int], RunHome]) -> RunHome:
    return run_home(7)


def test_warnings_are_counted_in_the_manifest_and_told_after_the_run(home: RunHome) -> None:
    checks = read_build_manifest(home.settings, str(current_build_id(home.settings)))["checks"]
    warned = {check["check"]: check for check in checks["warned"]}
    assert checks["passed"] > 25 and warned
    orphans = (
        "select count(*) from staging.{0} where {1} is not null"
        " and {1} not in (select {1} from staging.{2} where {1} is not null)"
    )
    lines = summary_lines(home.settings, None)
    counted = 0
    with duckdb.connect(str(home.settings.warehouse_db), read_only=True) as con:
        for table, column, to in (
            ("stg_outreach", "case_no", "stg_case"),
            ("stg_participation", "case_no", "stg_case"),
            ("stg_dispatch_action", "dispatch_no", "stg_dispatch"),
        ):
            (found,) = con.execute(orphans.format(table, column, to)).fetchall()[0]
            name = f"relationships_{table}_{column}__{column}__ref_{to}_"
            assert warned.get(name, {"failures": 0})["failures"] == found
            if found:
                counted += 1
                label, reason = warned[name]["label_ja"], warned[name]["reason_ja"]
                assert f"注意: {label} {found:,} 件({reason})" in lines
    assert counted > 0, "a world in which every reference is found shows nothing"


@pytest.mark.parametrize("audience", AUDIENCES)
def test_published_tables_and_columns_carry_their_japanese_descriptions(home: RunHome, audience: str) -> None:
    path = home.settings.published_dir / str(current_build_id(home.settings)) / f"{audience}.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        tables = con.execute("select table_name, comment from duckdb_tables()").fetchall()
        columns = con.execute(
            "select table_name || '.' || column_name, comment from duckdb_columns() where not internal"
        )
        described = dict(columns.fetchall())
    own = {"build.audience", "build.suppression_ja"}  # written by the publishing, not by a model
    assert len(tables) > 10 and len(described) > 100
    assert [name for name, comment in tables if not comment] == []
    assert [name for name, comment in described.items() if not comment and name not in own] == []
    assert dict(tables)["kpi_monthly"].startswith("指標の値") and described["kpi_monthly.numerator"].startswith("分子")


def test_the_age_of_the_last_submission_is_judged_by_the_policy(
    tmp_path: Path, make_home: Callable[..., Settings]
) -> None:
    settings = make_home(tmp_path / "home")
    assert freshness(settings) is None
    now = datetime.now(TIME_ZONE)
    with Manifest(settings.manifest_db) as manifest:
        manifest.commit(
            [
                submission(1, received_at=now - timedelta(days=46)),
                submission(2, received_at=now, status="returned", rows_total=0, rows_accepted=0),  # counts for nothing
            ]
        )
    found = freshness(settings)
    assert found is not None and (found.status, found.age_days, found.warn_days) == ("warn", 46, 45)
    assert "46 日前" in found.line() and "45 日を過ぎています" in found.line()
