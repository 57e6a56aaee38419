"""What leaves, what stays, and what is in force."""

from __future__ import annotations

import json
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
    point_current_at,
    prune,
    published_builds,
    read_build_manifest,
)
from pipelines.disclosure.suppress import AUDIENCES
from pipelines.progress import Silent
from pipelines.publish import CaseLevelColumn, export_kpis, protect
from pipelines.run import RunFailed, nothing_new, refresh
from pipelines.settings import Settings
from tests.conftest import RunHome

pytestmark = pytest.mark.xdist_group("pipeline")
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


def test_a_new_file_makes_a_new_build_and_rollback_points_back(small_home: Settings) -> None:
    settings = small_home
    first = str(current_build_id(settings))
    assert nothing_new(settings)
    victim = next(path for path in sorted(settings.inbox_dir.rglob("*_consultation_*.csv")))
    header = victim.read_text(encoding="utf-8").splitlines()[0]
    victim.with_name(victim.stem + "_訂正.csv").write_text(header + "\n", encoding="utf-8")
    assert not nothing_new(settings)

    refresh(settings, progress=Silent())
    second = str(current_build_id(settings))
    assert second != first and nothing_new(settings)
    point_current_at(settings, first)
    assert current_build_id(settings) == first
    with pytest.raises(UnknownBuild):
        point_current_at(settings, "202306-000000000000")
    assert current_build_id(settings) == first

    kept = settings.model_copy(update={"keep_builds": 1})
    assert prune(kept) == []  # the newer one is within the number to keep, the older one is in force
    point_current_at(settings, second)
    assert prune(kept) == [first]


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
