"""Walking through a frame. Nothing about what is in it."""

from __future__ import annotations

from collections import namedtuple
from functools import lru_cache
from typing import Any

import pandas as pd


def rows_of(frame: pd.DataFrame) -> list[Any]:
    """Every row as a named tuple of the columns."""
    # A quarter of the time of itertuples, which asks Arrow for one string after the other and makes a new class each time.
    columns = [frame[name].to_numpy(dtype=object) for name in frame.columns]
    return list(map(_row(tuple(frame.columns))._make, zip(*columns, strict=True)))


@lru_cache(maxsize=256)
def _row(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns, rename=True)
