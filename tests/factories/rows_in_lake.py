"""What the lake of a home holds, whatever the manifest says of it."""

from __future__ import annotations

from pathlib import Path

from pipelines.intake.lake import held_rows


def rows_in_lake(lake_dir: Path) -> dict[str, int]:
    """How many rows of each submission."""
    return {one: rows for path in lake_dir.glob("*/*.parquet") for one, rows in held_rows(path).items()}
