"""The truth as CSV files, with the columns of the published tables. An empty cell is null, several codes are joined by `;`."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.simulate.model import World
from pipelines.simulate.tables import TABLES, expected_tables
from pipelines.simulate.truth import Cell, expected_kpis

_BY_ONLY = {"dimension", "member"}


def write_truth(
    world: World, directory: Path, *, as_of: datetime | None = None, withdrawn: Collection[str] = ()
) -> None:
    """Write kpi_monthly.csv, kpi_monthly_by.csv and one file for each of the other tables."""
    directory.mkdir(parents=True, exist_ok=True)
    kpis = expected_kpis(world, as_of=as_of, withdrawn=withdrawn)
    whole = [column for column in Cell._fields if column not in _BY_ONLY]
    positions = [Cell._fields.index(column) for column in whole]
    _write(directory / "kpi_monthly.csv", whole, ([cell[at] for at in positions] for cell in kpis.monthly))
    _write(directory / "kpi_monthly_by.csv", Cell._fields, kpis.monthly_by)
    for name, rows in expected_tables(world, as_of=as_of, withdrawn=withdrawn).items():
        _write(directory / f"{name}.csv", TABLES[name].columns, rows)


def _write(path: Path, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        # csv writes floats as repr and None as nothing.
        writer.writerows([";".join(cell) if isinstance(cell, tuple) else cell for cell in row] for row in rows)
