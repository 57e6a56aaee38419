"""Walking through a frame. Nothing about what is in it."""

from __future__ import annotations

from typing import Any

import pandas as pd


def rows_of(frame: pd.DataFrame) -> list[Any]:
    """Every row as a named tuple of the columns."""
    return list(frame.itertuples(index=False))
