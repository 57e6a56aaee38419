"""A finished chart as pages and reports receive it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A finished chart: Vega-Lite spec, what it says in words, and the lines under it. Not to be altered."""

    spec: dict[str, Any]
    alt: str
    sources: tuple[str, ...]
