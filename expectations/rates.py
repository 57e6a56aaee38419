"""Which rows of the grant's reference table hold in a fiscal year. A rate that changes gets a row of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def rates_of_year(rows: Iterable[Mapping[str, str]], year: int) -> dict[str, Mapping[str, str]]:
    """The row of each component that has one, in the order of the table."""
    return {row["component"]: row for row in rows if _first(row) <= year and year <= int(row["valid_to_fy"] or year)}


def newest_rates(rows: Iterable[Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """The newest row of every component, in the order in which the table first names them."""
    newest: dict[str, Mapping[str, str]] = {}
    for row in rows:
        known = newest.setdefault(row["component"], row)
        if _first(row) > _first(known):
            newest[row["component"]] = row
    return newest


def _first(row: Mapping[str, str]) -> int:
    return int(row["valid_from_fy"])
