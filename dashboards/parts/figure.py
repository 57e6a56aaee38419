"""A finished chart as pages and reports receive it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from dashboards import theme
from dashboards.tables import Table


@dataclass(frozen=True)
class Figure:
    """A finished chart. Not to be altered.

    `slug` (English) names its files; `name` says what is compared; `spec` is Vega-Lite in the light colours; `alt` says the
    figures in words; `sources` (unit, source, data month, how to read) stand below; `table` holds the same facts.
    """

    slug: str
    name: str
    spec: dict[str, Any]
    alt: str
    sources: tuple[str, ...]
    table: Table

    @cached_property
    def screen_spec(self) -> dict[str, Any]:
        """The spec for a browser, light or dark as it likes. Its rows are Arrow already: Streamlit would make a frame of them,
        and Arrow of the frame, at every rerun."""
        spec = theme.for_screen(self.spec)
        return spec | {"datasets": {name: _arrow(rows) for name, rows in spec.get("datasets", {}).items()}}


@dataclass(frozen=True)
class Nothing:
    """Why there is no figure, in a Japanese sentence."""

    name: str
    why: str


def _arrow(rows: list[dict[str, Any]]) -> bytes:
    table, out = pa.Table.from_pylist(rows), pa.BufferOutputStream()
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table)
    return out.getvalue().to_pybytes()
