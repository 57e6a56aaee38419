"""From the warehouse to the files people read: protected copies per audience, then one rename, then CURRENT.

What may leave is decided in dbt (schema `published`) and in `disclosure`; this module copies, has checked and swaps.
Which build is in force belongs to `builds.py`, making the protected files to `protected_files.py`.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from pipelines.builds import BUILDING, input_digests, read_build_manifest, write_json
from pipelines.disclosure.thresholds import AUDIENCES
from pipelines.durable import flush, write_beside
from pipelines.protected_files import check, hidden_cells, remember, report, statements
from pipelines.resources import connect
from pipelines.settings import TIME_ZONE, Settings

EVIDENCE = "evidence"


def publish(settings: Settings, checks: Mapping[str, Any]) -> dict[str, Any]:
    """Verify the protected files and copy them to `published/<build>/` with a manifest, by one rename; returns the manifest.

    `checks` is what the data tests said of this build (`checks.check_results`); it is kept in the manifest.
    Raises NotSafe, and publishes nothing, when something in them could be worked out. `evidence/` holds alternative tables,
    for the office only: many of them together would tell the true one.
    Does not touch CURRENT. The same build published again replaces nothing: its readers hold the files open.
    """
    with connect(settings.work_dir / "protected" / "internal.duckdb", read_only=True) as con:
        build, as_of = con.execute("select build_id, as_of from build").fetchall()[0]
    target = settings.published_dir / build
    if (target / "manifest.json").exists():
        return read_build_manifest(settings, build)
    protected = settings.work_dir / "protected"
    check(settings, protected)
    settings.published_dir.mkdir(parents=True, exist_ok=True)
    for leftover in settings.published_dir.glob(f"*{BUILDING}"):
        shutil.rmtree(leftover)
    building = settings.published_dir / f"{build}{BUILDING}"
    building.mkdir()
    for audience in AUDIENCES:
        shutil.copyfile(protected / f"{audience}.duckdb", building / f"{audience}.duckdb")
        flush(building / f"{audience}.duckdb")
    (building / EVIDENCE).mkdir()
    for path in protected.glob("*.witnesses.parquet"):
        shutil.copyfile(path, building / EVIDENCE / path.name)
    facts = _manifest(building, protected, build, as_of)
    facts |= {"inputs": input_digests(settings), "checks": dict(checks)}
    write_json(building / "manifest.json", facts)
    remember(settings, protected, build)
    building.rename(target)
    flush(settings.published_dir)
    return facts


def export_kpis(settings: Settings, *, build: str, audience: str, by: bool, out: Path) -> int:
    """Write `kpi_monthly` (or `kpi_monthly_by`) of a build to .csv (UTF-8) or .parquet; returns the number of rows.

    Raises OSError, before any work, where no such file can be made.
    """
    read_build_manifest(settings, build)  # says clearly when there is no such build
    table = "kpi_monthly_by" if by else "kpi_monthly"
    formats = {".csv": "format csv, header true", ".parquet": "format parquet, compression zstd"}
    with connect(settings.published_dir / build / f"{audience}.duckdb", read_only=True) as con:
        order = "kpi_id, period, area_level, area_code" + (", dimension, member" if by else "")

        def copy_into(stream: BinaryIO) -> None:
            target = stream.name.replace("'", "''")
            as_file = f"{formats[out.suffix]}, use_tmp_file false"
            con.execute(f"copy (select * from {table} order by {order}) to '{target}' ({as_file})")

        write_beside(out, copy_into)
        return con.execute(f"select count(*) from {table}").fetchall()[0][0]


def published_rows(
    settings: Settings, build: str, sql: str, parameters: Sequence[Any] | Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """What the internal file of a published build answers. Raises UnknownBuild."""
    read_build_manifest(settings, build)
    with connect(settings.published_dir / build / "internal.duckdb", read_only=True) as con:
        return con.execute(sql, parameters).fetchall()


def _manifest(folder: Path, protected: Path, build: str, as_of: datetime | None) -> dict[str, Any]:
    with connect(folder / "internal.duckdb", read_only=True) as con:
        origin, known_at, month = con.execute("select origin, known_at, data_month from build").fetchall()[0]
        rows = {
            table: con.execute(f"select count(*) from {table}").fetchall()[0][0]
            for (table,) in con.execute("show tables").fetchall()
        }
    return {
        "build_id": build,
        "published_at": datetime.now(TIME_ZONE).isoformat(timespec="seconds"),
        "data_month": month.isoformat(),
        "known_at": known_at.isoformat(),
        "as_of": as_of.replace(tzinfo=TIME_ZONE).isoformat() if as_of else None,
        "origin": origin,
        "rows": rows,
        "hidden_cells": hidden_cells(folder),
        "disclosure": report(protected),
        "suppression_ja": statements(folder),
    }
