"""From the warehouse to the files people read: protected copies per audience, then one rename, then CURRENT.

What may leave is decided in dbt (schema `published`) and in `disclosure`; this module copies, checks and swaps. Which build
is in force belongs to `builds.py`.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from expectations.contract import load_contracts
from pipelines.builds import input_digests, read_build_manifest, write_json
from pipelines.disclosure.suppress import AUDIENCES, STATEMENT_JA, Threshold, read_thresholds, suppress
from pipelines.durable import flush
from pipelines.resources import connect
from pipelines.settings import TIME_ZONE, Settings

KPI_TABLES = ("kpi_monthly", "kpi_monthly_by")
ROW_COUNTS = ("rows_total", "rows_accepted", "rows_rejected")
INTERNAL_ONLY = frozenset(
    {
        "gap_need_cross",
        "kpi_interval",
        "kpi_period",
        "kpi_signal",
        "referral_source",
        "support_duration",
        "support_flow",
    }
)
"""Tables that count persons and that disclosure control does not cover yet: empty in the other audiences' files."""
NEVER_PUBLISHED = frozenset({"submission_id", "row_number", "file_name"})


class CaseLevelColumn(RuntimeError):
    """A table meant for publication has a column that only case-level rows have."""


def protect(settings: Settings) -> Path:
    """Write `work/protected/<audience>.duckdb` from the warehouse; returns the folder.

    The internal file is whole. Raises CaseLevelColumn before anything is written.
    """
    folder = settings.work_dir / "protected"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with connect(settings.warehouse_db, read_only=True) as warehouse:
        tables = _tables(warehouse, "published")
        _refuse_case_level_columns(warehouse)
        population = _population_by_area(warehouse)
        persons = frozenset(
            row[0]
            for row in warehouse.execute("select kpi_id from published.kpi_catalogue where counts_persons").fetchall()
        )
        month: date = warehouse.execute("select data_month from published.build").fetchall()[0][0]
        frames = {table: _frame(warehouse, f"published.{table}") for table in KPI_TABLES}
    thresholds = _thresholds(settings, month)
    for audience in AUDIENCES:
        cells = {
            name: suppress(frame, audience=audience, thresholds=thresholds, population=population, person_kpis=persons)
            for name, frame in frames.items()
        }
        _write_audience_file(settings, folder / f"{audience}.duckdb", audience, tables, cells)
    return folder


def hidden_cells(folder: Path) -> dict[str, dict[str, int]]:
    """How many cells are hidden, by audience and KPI table."""
    hidden: dict[str, dict[str, int]] = {}
    for audience in AUDIENCES:
        with connect(folder / f"{audience}.duckdb", read_only=True) as con:
            query = "select count(*) from {} where mark = 'x'"
            hidden[audience] = {table: con.execute(query.format(table)).fetchall()[0][0] for table in KPI_TABLES}
    return hidden


def publish(settings: Settings, checks: Mapping[str, Any]) -> dict[str, Any]:
    """Copy the protected files to `published/<build>/` with a manifest, by one rename; returns the manifest.

    `checks` is what the data tests said of this build (`checks.check_results`); it is kept in the manifest.
    Does not touch CURRENT. The same build published again replaces nothing: its readers hold the files open.
    """
    with connect(settings.work_dir / "protected" / "internal.duckdb", read_only=True) as con:
        build, as_of = con.execute("select build_id, as_of from build").fetchall()[0]
    target = settings.published_dir / build
    if (target / "manifest.json").exists():
        return read_build_manifest(settings, build)
    settings.published_dir.mkdir(parents=True, exist_ok=True)
    for leftover in settings.published_dir.glob("*.building"):
        shutil.rmtree(leftover)
    building = settings.published_dir / f"{build}.building"
    building.mkdir()
    for audience in AUDIENCES:
        shutil.copyfile(settings.work_dir / "protected" / f"{audience}.duckdb", building / f"{audience}.duckdb")
        flush(building / f"{audience}.duckdb")
    facts = _manifest(building, build, as_of)
    facts |= {"inputs": input_digests(settings), "checks": dict(checks)}
    write_json(building / "manifest.json", facts)
    building.rename(target)
    flush(settings.published_dir)
    return facts


def export_kpis(settings: Settings, *, build: str, audience: str, by: bool, out: Path) -> int:
    """Write `kpi_monthly` (or `kpi_monthly_by`) of a build to .csv (UTF-8) or .parquet; returns the number of rows."""
    read_build_manifest(settings, build)  # says clearly when there is no such build
    table = "kpi_monthly_by" if by else "kpi_monthly"
    formats = {".csv": "format csv, header true", ".parquet": "format parquet, compression zstd"}
    with connect(settings.published_dir / build / f"{audience}.duckdb", read_only=True) as con:
        order = "kpi_id, period, area_level, area_code" + (", dimension, member" if by else "")
        target = str(out).replace("'", "''")
        con.execute(f"copy (select * from {table} order by {order}) to '{target}' ({formats[out.suffix]})")
        return con.execute(f"select count(*) from {table}").fetchall()[0][0]


def published_rows(
    settings: Settings, build: str, sql: str, parameters: Sequence[Any] | Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """What the internal file of a published build answers. Raises UnknownBuild."""
    read_build_manifest(settings, build)
    with connect(settings.published_dir / build / "internal.duckdb", read_only=True) as con:
        return con.execute(sql, parameters).fetchall()


def _write_audience_file(
    settings: Settings, path: Path, audience: str, tables: list[str], cells: Mapping[str, pd.DataFrame]
) -> None:
    warehouse = str(settings.warehouse_db).replace("'", "''")
    with connect(path) as con:
        con.execute(f"attach '{warehouse}' as warehouse (read_only)")
        for table in tables:
            # An empty copy first: the published file keeps the contract's types whatever a frame makes of them.
            con.execute(f"create table {table} as select * from warehouse.published.{table} limit 0")
            if table in cells:
                con.register("cells", cells[table])
                con.execute(f"insert into {table} by name select * from cells")
                con.unregister("cells")
            elif audience == "internal" or table not in INTERNAL_ONLY:
                con.execute(f"insert into {table} select * from warehouse.published.{table}")
        if audience != "internal":
            # Counts of submitted rows are counts of persons.
            nothing = ", ".join(f"{column} = null" for column in ROW_COUNTS)
            con.execute(f"update submission_status set {nothing}")
        con.execute("alter table build add column audience varchar")
        con.execute("alter table build add column suppression_ja varchar")
        con.execute("update build set audience = ?, suppression_ja = ?", [audience, STATEMENT_JA[audience]])
        _copy_comments(con, tables)
        con.execute("detach warehouse")


def _copy_comments(con: duckdb.DuckDBPyConnection, tables: list[str]) -> None:
    """Carry the Japanese descriptions along; the dashboard's explanations come from the file it reads."""
    described = "where database_name = 'warehouse' and schema_name = 'published' and comment is not null"
    rows = con.execute(
        f"select 'table ' || table_name, table_name, comment from duckdb_tables() {described} union all"
        " select 'column ' || table_name || '.\"' || column_name || '\"', table_name, comment"
        f" from duckdb_columns() {described}"
    ).fetchall()
    for what, table, comment in rows:
        if table in tables:
            text = comment.replace("'", "''")
            con.execute(f"comment on {what} is '{text}'")


def _tables(warehouse: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    query = "select table_name from information_schema.tables where table_schema = ? order by table_name"
    return [row[0] for row in warehouse.execute(query, [schema]).fetchall()]


def _refuse_case_level_columns(warehouse: duckdb.DuckDBPyConnection) -> None:
    identifiers = {c.id for contract in load_contracts().values() for c in contract.columns if c.type == "identifier"}
    query = "select table_name, column_name from information_schema.columns where table_schema = 'published'"
    for table, column in warehouse.execute(query).fetchall():
        if column in identifiers | NEVER_PUBLISHED:
            raise CaseLevelColumn(f"{table}.{column}")


def _population_by_area(warehouse: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = warehouse.execute(
        "select municipality_code, region_code, population_2020 from published.dim_municipality"
    ).fetchall()
    prefecture = warehouse.execute("select prefecture_code from published.build").fetchall()[0][0]
    population: dict[str, int] = {}
    for municipality, region, people in rows:
        for area in (municipality, region, prefecture):
            population[area] = population.get(area, 0) + people
    return population


def _frame(warehouse: duckdb.DuckDBPyConnection, table: str) -> pd.DataFrame:
    frame = warehouse.execute(f"select * from {table}").df()
    # Counts stay integers although some are null: a float would lose yen above 2^53 and print as 3.0.
    return frame.astype({"numerator": "Int64", "denominator": "Int64"})


def _thresholds(settings: Settings, month: date) -> list[Threshold]:
    with settings.reference("disclosure_thresholds.csv").open(encoding="utf-8-sig", newline="") as stream:
        return read_thresholds(list(csv.DictReader(stream)), on=month)


def _manifest(folder: Path, build: str, as_of: datetime | None) -> dict[str, Any]:
    with connect(folder / "internal.duckdb", read_only=True) as con:
        origin, known_at, month = con.execute("select origin, known_at, data_month from build").fetchall()[0]
        rows = {table: con.execute(f"select count(*) from {table}").fetchall()[0][0] for table in _tables(con, "main")}
    return {
        "build_id": build,
        "published_at": datetime.now(TIME_ZONE).isoformat(timespec="seconds"),
        "data_month": month.isoformat(),
        "known_at": known_at.isoformat(),
        "as_of": as_of.replace(tzinfo=TIME_ZONE).isoformat() if as_of else None,
        "origin": origin,
        "rows": rows,
        "hidden_cells": hidden_cells(folder),
        "suppression_ja": dict(STATEMENT_JA),
    }
