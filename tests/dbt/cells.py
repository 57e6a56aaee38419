"""Published cells beside what was counted by hand."""

from __future__ import annotations

import duckdb

_KEY = ("kpi_id", "area_code", "period", "dimension", "member")


def assert_published(query: duckdb.DuckDBPyConnection, cell: tuple[object, ...], columns: tuple[str, ...]) -> None:
    """`cell`: KPI, area and month, of a breakdown dimension and member too, then what `columns` hold of it."""
    key, counted = cell[: -len(columns)], cell[-len(columns) :]
    table = "kpi_monthly" if len(key) == 3 else "kpi_monthly_by"
    where = " and ".join(f"{name} = ?" for name in _KEY[: len(key)])
    found = query.execute(f"select {', '.join(columns)} from published.{table} where {where}", key).fetchall()
    assert found == [counted]
