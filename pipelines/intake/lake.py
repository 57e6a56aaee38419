"""The lake: every accepted row, typed, one Parquet file per (form, period), never changed in place.

A file is rewritten beside itself and renamed, so a reader sees the old one or the new one. Which of its submissions
count is the manifest's to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expectations.contract import Contract, load_contracts
from pipelines.durable import write_beside
from pipelines.intake.naming import period_label

_ARROW_TYPES: Mapping[str, pa.DataType] = MappingProxyType(
    {
        "VARCHAR": pa.string(),
        "VARCHAR[]": pa.list_(pa.string()),
        "DATE": pa.date32(),
        "BIGINT": pa.int64(),
        "DOUBLE": pa.float64(),
        "BOOLEAN": pa.bool_(),
    }
)


def schema(contract: Contract) -> pa.Schema:
    """The columns of a form in the lake, in order."""
    return pa.schema(
        [
            ("submission_id", pa.string()),
            ("row_number", pa.int32()),
            ("sender_code", pa.string()),
            ("period", pa.date32()),
            *((column.id, _ARROW_TYPES[column.duckdb_type]) for column in contract.columns),
        ]
    )


def typed(frame: pd.DataFrame, contract: Contract) -> pa.Table:
    """Rows of one form as the lake keeps them; `frame` has at least the columns of `schema`."""
    return pa.table([_column(frame[item.name], item.type) for item in schema(contract)], schema=schema(contract))


def append(lake_dir: Path, contract: Contract, rows: pa.Table, keep: Collection[str]) -> None:
    """Add accepted rows of one form, in order of arrival, as `typed` gives them.

    Of the rows already there, those of the submissions in `keep` stay: what a run that died before its commit left behind
    goes. A submission in `rows` replaces rows of its own id.
    """
    folder = lake_dir / contract.form
    folder.mkdir(parents=True, exist_ok=True)
    staying = pa.array(sorted(set(keep) - set(pc.unique(rows["submission_id"]).to_pylist())), pa.string())
    for period in sorted(pc.unique(rows["period"]).to_pylist()):
        path = path_of(lake_dir, contract, period)
        tables = [rows.filter(pc.equal(rows["period"], pa.scalar(period)))]
        if path.exists():
            before = pq.read_table(path, schema=schema(contract))
            tables.insert(0, before.filter(pc.is_in(before["submission_id"], value_set=staying)))
        _write(pa.concat_tables(tables), path)


def path_of(lake_dir: Path, contract: Contract, period: date) -> Path:
    """Where the rows of a form and period lie."""
    return lake_dir / contract.form / f"{period_label(period, contract.cadence)}.parquet"


def held_rows(path: Path) -> dict[str, int]:
    """How many rows one file of the lake holds of each submission; none where it is not there."""
    if not path.exists():
        return {}
    counts = pc.value_counts(pq.read_table(path, columns=["submission_id"])["submission_id"])
    return {count["values"]: count["counts"] for count in counts.to_pylist()}


def differing(lake_dir: Path, promised: Iterable[tuple[str, date, Mapping[str, int]]]) -> int:
    """Of how many submissions the lake holds another number of rows than `promised` by form and period."""
    contracts = load_contracts()
    wrong = 0
    for form, period, submissions in promised:
        held = held_rows(path_of(lake_dir, contracts[form], period))
        wrong += sum(held.get(submission_id, 0) != rows for submission_id, rows in submissions.items())
    return wrong


def _column(values: pd.Series, kind: pa.DataType) -> pa.Array:
    if pa.types.is_date(kind):
        return pa.array(values.astype("datetime64[s]"), from_pandas=True).cast(kind)
    return pa.array(values, type=kind, from_pandas=True)


def _write(table: pa.Table, path: Path) -> None:
    write_beside(path, lambda stream: pq.write_table(table, stream, compression="zstd"))
