"""What leaves, what stays, and what is in force."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from expectations.contract import load_contracts
from pipelines.builds import (
    UnknownBuild,
    current_build_id,
    published_builds,
    read_build_manifest,
)
from pipelines.disclosure.protect import NotSafe
from pipelines.disclosure.thresholds import AUDIENCES
from pipelines.intake.manifest import Manifest
from pipelines.progress import Silent
from pipelines.protected_files import CaseLevelColumn, protect
from pipelines.publish import export_kpis, publish
from pipelines.run import RunFailed, refresh
from pipelines.settings import Settings
from tests.conftest import RunHome

SEED = 7


@pytest.fixture
def home(run_home: Callable[[int], RunHome]) -> RunHome:
    return run_home(SEED)


def audience_file(settings: Settings, audience: str) -> Path:
    build = current_build_id(settings)
    assert build is not None
    return settings.published_dir / build / f"{audience}.duckdb"


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_no_case_level_row_or_number_leaves(home: RunHome) -> None:
    identifiers = {c.id for contract in load_contracts().values() for c in contract.columns if c.type == "identifier"}
    lake = sorted(home.settings.lake_dir.rglob("*.parquet"))
    hashed = set(
        pd.concat([pd.read_parquet(p, columns=["case_no"]) for p in lake if p.parent.name == "case"])["case_no"]
    )
    assert len(hashed) > 20
    for audience in AUDIENCES:
        path = audience_file(home.settings, audience)
        columns = {str(row[0]) for row in query(path, "select column_name from duckdb_columns() where not internal")}
        assert columns.isdisjoint(identifiers | {"submission_id", "row_number", "file_name"})
        content = path.read_bytes()
        assert not any(number.encode() in content for number in hashed)


def test_a_case_level_column_stops_protection(tmp_path: Path, home: RunHome) -> None:
    settings = Settings(home=tmp_path)
    settings.work_dir.mkdir(parents=True)
    settings.warehouse_db.write_bytes(home.settings.warehouse_db.read_bytes())
    with duckdb.connect(str(settings.warehouse_db)) as con:
        con.execute("create table published.leak as select 'k' as case_no")
    with pytest.raises(CaseLevelColumn, match=r"leak\.case_no"):
        protect(settings)
    assert not list(tmp_path.rglob("internal.duckdb"))


def test_each_audience_has_its_own_file(home: RunHome) -> None:
    hidden = {
        audience: query(audience_file(home.settings, audience), "select count(*) from kpi_monthly where mark = 'x'")[0][
            0
        ]
        for audience in AUDIENCES
    }
    assert hidden["internal"] == 0
    assert 0 < hidden["adviser"] < hidden["public"]  # type: ignore[operator]
    for audience in AUDIENCES:
        path = audience_file(home.settings, audience)
        assert query(path, "select audience from build") == [(audience,)]
        marked = "select count(*) from {} where mark is not null and (numerator is not null or value is not null)"
        assert [query(path, marked.format(table)) for table in ("kpi_monthly", "kpi_monthly_by")] == [[(0,)], [(0,)]]
    counted = "select count(*) from submission_status where rows_total is not null"
    assert query(audience_file(home.settings, "internal"), counted) != [(0,)]
    assert query(audience_file(home.settings, "public"), counted) == [(0,)]


def test_whether_a_goal_was_reached_tells_no_number_of_persons(home: RunHome) -> None:
    """A goal of twenty persons that is counted as reached says that there were twenty, whatever is hidden beside it."""
    told = "select count(*) from kpi_monthly where kpi_id = 'goal_progress' and (numerator is not null or value is not null)"
    of_persons = (
        "select count(*) from goal join kpi_catalogue on kpi_id = measured_kpi"
        " where counts_persons and (measured_value is not null or is_reached is not null)"
    )
    for audience in AUDIENCES:
        path = audience_file(home.settings, audience)
        shown = [query(path, sql)[0][0] for sql in (told, of_persons)]
        assert all(shown) if audience == "internal" else not any(shown), audience
        assert query(path, "select count(*) from goal where is_reached is not null") != [(0,)], "other goals are shown"


def test_a_release_with_one_hidden_row_shown_is_not_published(small_home: Settings) -> None:
    settings = small_home
    build = str(current_build_id(settings))
    shutil.rmtree(settings.published_dir / build)
    protect(settings)
    with duckdb.connect(str(settings.work_dir / "protected" / "adviser.duckdb")) as con:
        con.execute(f"attach '{settings.warehouse_db}' as warehouse (read_only)")
        con.execute(
            "update kpi_monthly set numerator = whole.numerator, denominator = whole.denominator, mark = null"
            " from warehouse.published.kpi_monthly as whole where kpi_monthly.kpi_id = whole.kpi_id"
            " and kpi_monthly.period = whole.period and kpi_monthly.area_code = whole.area_code and kpi_monthly.mark = 'x'"
            " and whole.numerator between 1 and 4 and kpi_monthly.area_level = 'prefecture'"
        )
    with pytest.raises(NotSafe, match="adviser 用の版で、推定できる升目が"):
        publish(settings, {})
    assert not (settings.published_dir / build).exists()


def test_a_second_run_takes_the_proof_over_and_keeps_the_pattern(small_home: Settings) -> None:
    settings = small_home
    first = audience_file(settings, "adviser")
    hidden = query(first, "select kpi_id, period, area_code from kpi_monthly where mark = 'x' order by all")
    with Manifest(settings.manifest_db) as manifest:
        assert len(manifest.releases("adviser", but="")) == len(manifest.releases("public", but="")) == 1
    protect(settings)
    again = settings.work_dir / "protected" / "adviser.duckdb"
    assert query(again, "select kpi_id, period, area_code from kpi_monthly where mark = 'x' order by all") == hidden


def test_manifest_and_pointer_agree(home: RunHome) -> None:
    pointer = json.loads((home.settings.published_dir / "CURRENT.json").read_text(encoding="utf-8"))
    facts = read_build_manifest(home.settings, pointer["build_id"])
    assert {key: facts[key] for key in ("data_month", "origin")} == {
        key: pointer[key] for key in ("data_month", "origin")
    }
    assert pointer["origin"] == "synthetic"
    assert facts["data_month"] == "2024-05-01"
    assert [build.build_id for build in published_builds(home.settings) if build.is_current] == [pointer["build_id"]]


def test_csv_and_parquet_hold_the_same(home: RunHome, tmp_path: Path) -> None:
    build = str(current_build_id(home.settings))
    outs = [tmp_path / "k.csv", tmp_path / "k.parquet"]
    rows = [export_kpis(home.settings, build=build, audience="public", by=True, out=out) for out in outs]
    assert rows[0] == rows[1] > 0
    with duckdb.connect() as con:
        read = [con.execute(f"select count(*), sum(numerator), count(mark) from '{out}'").fetchall() for out in outs]
    assert read[0] == read[1]
    with pytest.raises(UnknownBuild):
        export_kpis(home.settings, build="202405-nothing", audience="public", by=False, out=outs[0])


def test_a_lake_that_lost_a_row_publishes_nothing(small_home: Settings) -> None:
    settings = small_home
    current = current_build_id(settings)
    damaged = sorted((settings.lake_dir / "consultation").glob("*.parquet"))[0]
    table = pq.read_table(damaged)
    pq.write_table(table.slice(1), damaged)
    with pytest.raises(RunFailed, match="lake_holds_what_the_manifest_says"):
        refresh(settings, progress=Silent())
    assert current_build_id(settings) == current
    assert len(published_builds(settings)) == 1


def test_a_failing_model_test_publishes_nothing(small_home: Settings) -> None:
    settings = small_home
    current = current_build_id(settings)
    reference = settings.root / "reference" / "municipalities.csv"
    lines = reference.read_text(encoding="utf-8").splitlines()
    reference.write_text("\n".join([*lines, lines[-1]]) + "\n", encoding="utf-8")  # one municipality twice
    with pytest.raises(RunFailed):
        refresh(settings, progress=Silent())
    assert current_build_id(settings) == current
    assert len(published_builds(settings)) == 1
