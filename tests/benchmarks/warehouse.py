"""`make bench-warehouse`: the real dbt project over a lake of national size, beside hand-written scripts.

1,741 municipalities × 60 months, 25 million consultations, 10 million rows of the case ledger (`national_lake.py`), with 3 GiB
of memory for DuckDB. dbt makes all it makes, breakdowns included; the yardstick (the scripts in `yardstick/`) makes
`kpi_monthly` with all its KPIs and nothing else, from the same Parquet. Both run in processes of their own, one after the other.
Printed are wall, CPU, peak memory, their ratios, how many cells differ (none may), the slowest models, and the whole beside a
lake of twelve months. Nothing else passes or fails.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.builds import DBT_PROJECT_DIR
from pipelines.dbt import dbt_executable
from pipelines.settings import Settings
from tests.benchmarks.national_lake import FIRST_YEAR, REFERENCE, Size, lay_out, make_lake

MEMORY_LIMIT = "3GiB"  # as in dbt_project/profiles.yml
COLUMNS = (
    "numerator", "denominator", "value", "completeness", "submitted_areas", "expected_areas", "mark",
)  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What a process took."""

    wall: float
    cpu: float
    peak_mib: float

    def __str__(self) -> str:
        return f"{self.wall:7.1f} s wall {self.cpu:7.1f} s CPU {self.peak_mib:7,.0f} MiB"


def main() -> None:
    """Make the lake, run both, compare, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0, help="share of the nation's municipalities")
    parser.add_argument("--months", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="keep the lake here, or use the one that is here")
    arguments = parser.parse_args()
    months = arguments.months / 60
    size = Size(
        municipalities=round(1741 * arguments.scale), months=arguments.months,
        consultations=round(25_000_000 * arguments.scale * months), cases=round(10_000_000 * arguments.scale * months),
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="kasane-warehouse-") as temporary:
        folder = arguments.folder or Path(temporary)
        if not (folder / "lake").exists():
            began = time.perf_counter()
            make_lake(folder, size)
            print(f"lake made in {time.perf_counter() - began:.0f} s")
        print(_rows(folder))
        whole = compare(folder, size.months)
        if size.months > 12:
            first = compare(folder, 12)
            print(f"\nt({size.months} months) ÷ t(12 months): {whole.wall / first.wall:.2f} wall, ", end="")
            print(f"{whole.cpu / first.cpu:.2f} CPU")


def compare(folder: Path, months: int) -> Cost:
    """Both on the first months of the lake; prints, and returns what dbt cost. Exits when a cell differs."""
    warehouse, target = folder / "warehouse.duckdb", folder / "dbt"
    until = date(FIRST_YEAR + (months + 2) // 12, (months + 2) % 12 + 1, 1)
    began = time.perf_counter()
    lay_out(folder, warehouse, months)
    print(f"\n{months} months; sources laid out in {time.perf_counter() - began:.1f} s")
    environment = os.environ | {"KASANE_WAREHOUSE": str(warehouse)}
    where = ["--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
    where += ["--target-path", str(target), "--log-path", str(target)]
    _run([dbt_executable(), "--quiet", "parse", *where], environment)
    by_dbt = _run([dbt_executable(), "--quiet", "run", *where], environment)
    told = [str(folder), str(until), str(REFERENCE / "codes.csv"), str(Settings().monthly_deadline_day), MEMORY_LIMIT]
    by_hand = _run([sys.executable, "-m", "tests.benchmarks.yardstick", *told], None)
    print(f"dbt run     {by_dbt}\nby hand     {by_hand}")
    print(f"ratio       {by_dbt.wall / by_hand.wall:7.2f}   wall {by_dbt.cpu / by_hand.cpu:7.2f}   CPU")
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    slowest = sorted(results, key=lambda result: -result["execution_time"])[:12]
    print("slowest     " + ", ".join(f"{r['unique_id'].split('.')[-1]} {r['execution_time']:.1f}" for r in slowest))
    _compare_cells(warehouse, folder / "plain.duckdb")
    return by_dbt


def _run(command: list[str], environment: dict[str, str] | None) -> Cost:
    """Wait for a process of its own and say what it cost; exits when it failed."""
    began = time.perf_counter()
    child = os.posix_spawn(command[0], command, environment or os.environ)
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"failed: {' '.join(command)}")
    return Cost(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _compare_cells(warehouse: Path, yardstick: Path) -> None:
    differs = " or ".join(f"a.{name} is distinct from b.{name}" for name in COLUMNS)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        con.execute(f"attach '{yardstick}' as plain (read_only)")
        cells, kpis = con.execute("select count(*), count(distinct kpi_id) from published.kpi_monthly").fetchall()[0]
        different = con.execute(
            "select kpi_id, count(*) from published.kpi_monthly as a"
            " full join plain.kpi_monthly as b using (kpi_id, period, area_level, area_code)"
            f" where a.kpi_id is null or b.kpi_id is null or {differs} group by all order by all"
        ).fetchall()
    print(f"cells       {cells:,} of {kpis} KPIs, {sum(n for _, n in different):,} of them different")
    if different:
        sys.exit(f"different: {different}")


def _rows(folder: Path) -> str:
    with duckdb.connect() as con:
        counts = {
            form: con.execute(f"select count(*) from '{folder}/lake/{form}/*.parquet'").fetchall()[0][0]
            for form in ("consultation", "case")
        }
        counts["submissions"] = con.execute(f"select count(*) from '{folder}/submission.parquet'").fetchall()[0][0]
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


if __name__ == "__main__":
    main()
