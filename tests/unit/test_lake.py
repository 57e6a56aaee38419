"""What goes into the lake comes out with the types of the contract, and only what was committed stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from expectations.contract import load_contracts
from pipelines.intake import lake
from tests.factories.rows_in_lake import rows_in_lake

CONTRACTS = load_contracts()
CASE = CONTRACTS["case"]
DTYPES = {"year_month": "datetime64[s]", "date": "datetime64[s]", "flag": "boolean", "integer": "Int64", "yen": "Int64"}


def rows(submission_id: str, period: str, count: int, **values: Any) -> pa.Table:
    columns: dict[str, Any] = {
        "submission_id": [submission_id] * count,
        "row_number": range(2, count + 2),
        "sender_code": "112011",
        "period": pd.Series([pd.Timestamp(period)] * count, dtype="datetime64[s]"),
    }
    for column in CASE.columns:
        values_of = [values.get(column.id)] * count
        columns[column.id] = pd.Series(values_of, dtype=DTYPES.get(column.type, "object"))
        columns[f"{column.id}__unread"] = False
    return lake.typed(pd.DataFrame(columns), CASE)


def read(folder: Path) -> list[tuple[Any, ...]]:
    return duckdb.execute(f"select submission_id, row_number from '{folder}/case/*.parquet'").fetchall()


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.form)
def test_duckdb_reads_the_types_the_contract_says(contract: Any, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(lake.schema(contract).empty_table(), tmp_path / "empty.parquet")
    described = duckdb.execute(f"describe select * from '{tmp_path}/empty.parquet'").fetchall()
    assert [(row[0], row[1]) for row in described] == [
        ("submission_id", "VARCHAR"),
        ("row_number", "INTEGER"),
        ("sender_code", "VARCHAR"),
        ("period", "DATE"),
        *((column.id, column.duckdb_type) for column in contract.columns),
    ]


def test_values_come_back_as_they_went_in(tmp_path: Path) -> None:
    given = {"case_no": "ab", "accepted_ym": pd.Timestamp("2024-04-01"), "gap_need": True, "replan_count": 2}
    lake.append(tmp_path, CASE, rows("s1", "2024-05-01", 1, **given, issue_flags=("01", "02")), keep=set())
    columns = "case_no, accepted_ym, gap_need, replan_count, issue_flags, closed_ym, evaluation_changes, period"
    found = duckdb.execute(f"select {columns} from '{tmp_path}/case/2024-05.parquet'").fetchall()
    assert found == [("ab", date(2024, 4, 1), True, 2, ["01", "02"], None, None, date(2024, 5, 1))]


def test_one_file_a_period_and_the_rows_before_stay_before(tmp_path: Path) -> None:
    both = pa.concat_tables([rows("s1", "2024-05-01", 2), rows("s2", "2024-04-01", 1)])
    lake.append(tmp_path, CASE, both, keep=set())
    lake.append(tmp_path, CASE, rows("s0", "2024-05-01", 2), keep={"s1", "s2"})
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["2024-04.parquet", "2024-05.parquet", "case"]
    assert duckdb.execute(f"select submission_id, row_number from '{tmp_path}/case/2024-05.parquet'").fetchall() == [
        ("s1", 2), ("s1", 3), ("s0", 2), ("s0", 3),
    ]  # fmt: skip
    assert rows_in_lake(tmp_path) == {"s0": 2, "s1": 2, "s2": 1}


def test_what_nobody_committed_goes_at_the_next_write(tmp_path: Path) -> None:
    lake.append(tmp_path, CASE, rows("died", "2024-05-01", 3), keep=set())
    lake.append(tmp_path, CASE, rows("s1", "2024-05-01", 1), keep={"other"})
    assert read(tmp_path) == [("s1", 2)]


def test_writing_the_same_submission_again_does_not_double_it(tmp_path: Path) -> None:
    for _ in range(2):
        lake.append(tmp_path, CASE, rows("s1", "2024-05-01", 2), keep={"s1"})
    assert rows_in_lake(tmp_path) == {"s1": 2}


def test_nothing_to_add_changes_nothing(tmp_path: Path) -> None:
    lake.append(tmp_path, CASE, rows("s1", "2024-05-01", 0), keep=set())
    assert not list(tmp_path.rglob("*.parquet")) and rows_in_lake(tmp_path) == {}
