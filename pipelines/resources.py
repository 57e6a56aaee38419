"""The DuckDB files the pipeline writes, and the fresh warehouse it lays out for dbt.

Lays the dbt sources out in a fresh DuckDB file (docs/architecture.md §4). Transformations belong to dbt, decisions about
submissions to the intake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from expectations.contract import Contract

if TYPE_CHECKING:
    from pipelines.intake.submissions import KnownSubmission

SCHEMA_VERSION = 1
"""Version of the published tables; a reader may refuse a file it does not know."""

SUBMISSION_TYPES: Mapping[str, str] = {
    "submission_id": "VARCHAR",
    "file_name": "VARCHAR",
    "sender_code": "VARCHAR",
    "form": "VARCHAR",
    "period": "DATE",
    "status": "VARCHAR",
    "rows_total": "BIGINT",
    "rows_accepted": "BIGINT",
    "rows_rejected": "BIGINT",
    "warnings": "BIGINT",
    "received_at": "TIMESTAMP",
    "arrival_order": "BIGINT",
    "stands": "BOOLEAN",
    "is_current": "BOOLEAN",
    "counts": "BOOLEAN",
}


@dataclass(frozen=True)
class BuildFacts:
    """What a build is made from, as the warehouse is told."""

    build_id: str
    origin: str
    known_at: datetime
    as_of: datetime | None  # set when only what had arrived by then counts
    prefecture_code: str
    prefecture_name: str
    monthly_deadline_day: int  # of the month after, the day itself included
    prefectural_share_rule: str


@contextmanager
def connect(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB file, closed again at the end. Nothing is fetched from anywhere: extensions stay off."""
    config: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    connection = duckdb.connect(str(path), read_only=read_only, config=config)
    try:
        yield connection
    finally:
        connection.close()


def lay_out_sources(
    warehouse_db: Path,
    *,
    build: BuildFacts,
    submissions: Sequence[KnownSubmission],
    contracts: Mapping[str, Contract],
    lake_dir: Path,
    reference_files: Sequence[Path],
) -> None:
    """Make the warehouse file anew with the schemas `lake`, `intake` and `reference`."""
    lay_out_submissions(warehouse_db, submissions)
    with connect(warehouse_db) as con:
        for schema in ("lake", "reference"):
            con.execute(f"create schema {schema}")
        for contract in contracts.values():
            _lay_out_form(con, contract, lake_dir / contract.form)
        _lay_out_build(con, build)
        _lay_out_reference(con, contracts, reference_files)


def lay_out_submissions(warehouse_db: Path, submissions: Sequence[KnownSubmission]) -> None:
    """Make the warehouse file anew with nothing but `intake.submission`."""
    warehouse_db.parent.mkdir(parents=True, exist_ok=True)
    for leftover in warehouse_db.parent.glob(warehouse_db.name + "*"):
        leftover.unlink()
    with connect(warehouse_db) as con:
        con.execute("create schema intake")
        columns = ", ".join(f"{name} {kind}" for name, kind in SUBMISSION_TYPES.items())
        con.execute(f"create table intake.submission ({columns})")
        _insert(con, "intake.submission", SUBMISSION_TYPES, [_submission_row(known) for known in submissions])


def _lay_out_form(con: duckdb.DuckDBPyConnection, contract: Contract, folder: Path) -> None:
    columns = ["submission_id VARCHAR", "row_number INTEGER", "sender_code VARCHAR", "period DATE"]
    columns += [f'"{column.id}" {column.duckdb_type}' for column in contract.columns]
    if any(folder.glob("*.parquet")):
        pattern = _literal(str(folder / "*.parquet"))
        con.execute(
            f'create view lake."{contract.form}" as select * from read_parquet({pattern}, union_by_name = true)'
        )
    else:
        con.execute(f'create table lake."{contract.form}" ({", ".join(columns)})')


def _lay_out_build(con: duckdb.DuckDBPyConnection, build: BuildFacts) -> None:
    con.execute(
        "create table intake.build as select ?::varchar as build_id, ?::varchar as origin, ?::timestamp as known_at,"
        " ?::timestamp as as_of, ?::varchar as prefecture_code, ?::varchar as prefecture_name,"
        " ?::integer as monthly_deadline_day, ?::varchar as prefectural_share_rule, ?::integer as schema_version",
        [
            build.build_id,
            build.origin,
            build.known_at.replace(tzinfo=None),
            build.as_of.replace(tzinfo=None) if build.as_of else None,
            build.prefecture_code,
            build.prefecture_name,
            build.monthly_deadline_day,
            build.prefectural_share_rule,
            SCHEMA_VERSION,
        ],
    )


def _submission_row(known: KnownSubmission) -> dict[str, Any]:
    row = {name: getattr(known, name) for name in SUBMISSION_TYPES}
    row["received_at"] = known.received_at.replace(tzinfo=None)  # wall clock in Japan, by definition of the column
    return row


def _lay_out_reference(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], reference_files: Sequence[Path]
) -> None:
    for path in reference_files:
        con.execute(
            f'create table reference."{path.stem}" as'
            f" select * from read_csv({_literal(str(path))}, header = true, all_varchar = true, delim = ',', quote = '\"')"
        )
    form_types = {name: "VARCHAR" for name in ("form", "label_ja", "kind", "cadence", "sender", "accumulates_by")}
    column_types = {
        "form": "VARCHAR",
        "column_id": "VARCHAR",
        "position": "INTEGER",
        "label_ja": "VARCHAR",
        "type": "VARCHAR",
        "code_list": "VARCHAR",
        "required": "BOOLEAN",
    }
    for table, types in (("form", form_types), ("form_column", column_types)):
        con.execute(f"create table reference.{table} ({', '.join(f'{n} {t}' for n, t in types.items())})")
    _insert(con, "reference.form", form_types, [{n: getattr(c, n) for n in form_types} for c in contracts.values()])
    _insert(
        con,
        "reference.form_column",
        column_types,
        [
            {
                "form": contract.form,
                "column_id": column.id,
                "position": position,
                "label_ja": column.label_ja,
                "type": column.type,
                "code_list": column.code_list,
                "required": column.required,
            }
            for contract in contracts.values()
            for position, column in enumerate(contract.columns, start=1)
        ],
    )


def _insert(
    con: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows through Arrow: thousands of single inserts would take seconds."""
    if not rows:
        return
    frame = pa.table({name: [row[name] for row in rows] for name in columns})
    con.register("incoming_rows", frame)
    con.execute(f"insert into {table} select {', '.join(columns)} from incoming_rows")
    con.unregister("incoming_rows")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
