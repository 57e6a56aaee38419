"""A finished chart as pages and reports receive it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

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
        """The spec for a browser, light or dark as it likes."""
        return theme.for_screen(self.spec)


@dataclass(frozen=True)
class Nothing:
    """Why there is no figure, in a Japanese sentence."""

    name: str
    why: str
