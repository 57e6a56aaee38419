"""What follows from a published world, by trying every table that agrees with what can be read of it, from the atoms up."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from pipelines.disclosure.counts import KEY
from pipelines.disclosure.sums import System
from tests.disclosure.worlds import BELOW, COUNTED, DIMENSIONS, MOST, Atom, Row, World

Part = tuple[Row, str]
"""A number of a row: numerator, denominator or rest."""
_CELLS_AT_MOST = 400_000_000


class TooManyTables(MemoryError):
    """More tables agree with what can be read than are worth trying."""


def possible(
    world: World,
    readable: Mapping[Row, bool],
    insider: str | None = None,
    *,
    never_shown: Collection[Row] = (),
) -> dict[Part, tuple[int, int]]:
    """For each hidden number (row, part) the least and the most it is in any table that agrees with all that can be read.

    `insider`: a town that knows all of its own atoms besides. Zeros are printed: a hidden count is at least 1, unless the total
    it is part of is hidden, too, or its row is one of those `never_shown`.
    """
    hidden: dict[Part, list[Atom]] = {}
    seen = [atoms for row, parts in world.rows.items() if readable[row] for atoms in parts if atoms is not None]
    for row, (numerator, denominator) in world.rows.items():
        if readable[row]:
            continue
        parts = {"numerator": numerator}
        if denominator is not None:
            parts |= {"denominator": denominator, "rest": [atom for atom in denominator if atom not in numerator]}
        hidden |= {(row, part): atoms for part, atoms in parts.items() if atoms not in seen}
    exact = [*seen, *([atom] for atom in world.atoms if atom[0] == insider)]
    some = [
        atoms
        for (row, part), atoms in hidden.items()
        if row not in never_shown and not _whole_is_hidden(world, row, part, readable, seen)
    ]
    tables = _tables(world.atoms, exact, some)
    totals = {
        key: tables[[atom in atoms for atom in world.atoms]].sum(axis=0, dtype="int16") for key, atoms in hidden.items()
    }
    return {key: (int(total.min()), int(total.max())) for key, total in totals.items()}


def _tables(truth: Mapping[Atom, int], exact: list[list[Atom]], some: list[list[Atom]]) -> np.ndarray:
    """All numbers the atoms can have, a table each: with the true sums of the `exact`, and 1 at least of `some` that are not 0.

    Atom after atom, so that what cannot become a table is given up early. Raises TooManyTables.
    """
    tables = np.zeros((0, 1), dtype="int8")
    names = list(truth)
    for number, name in enumerate(names, 1):
        here = tables.shape[1]
        if number * here * (MOST + 1) > _CELLS_AT_MOST:
            raise TooManyTables
        tables = np.vstack([np.tile(tables, MOST + 1), np.repeat(np.arange(MOST + 1, dtype="int8"), here)])
        for atoms, is_exact in [*((atoms, True) for atoms in exact), *((atoms, False) for atoms in some)]:
            if name not in atoms:
                continue
            total = tables[[atom in atoms for atom in names[:number]]].sum(axis=0, dtype="int16")
            left = MOST * sum(atom in atoms for atom in names[number:])
            true = sum(truth[atom] for atom in atoms)
            least, most = (true - left, true) if is_exact else (min(true, 1) - left, total.max())
            tables = tables[:, (total >= least) & (total <= most)]
    return tables


def _whole_is_hidden(world: World, row: Row, part: str, readable: Mapping[Row, bool], seen: list[list[Atom]]) -> bool:
    table, kpi, month, _, area = row
    if table == "kpi_monthly_by":
        return not readable["kpi_monthly", kpi, month, None, area]
    denominator = world.rows[row][1]
    return part != "denominator" and denominator is not None and denominator not in seen


def small(world: World, key: Part) -> int:
    """The true number of a hidden part if it is small, else 0."""
    number = of(world, key)
    return number if 0 < number < BELOW else 0


def of(world: World, key: Part) -> int:
    """The true number of a part of a row."""
    (numerator, denominator), part = world.rows[key[0]], key[1]
    top = sum(world.atoms[atom] for atom in numerator)
    bottom = 0 if denominator is None else sum(world.atoms[atom] for atom in denominator)
    return {"numerator": top, "denominator": bottom, "rest": bottom - top}[part]


def narrow(
    world: World, readable: Mapping[Row, bool], insider: str | None, *, never_shown: Collection[Row] = ()
) -> set[Part]:
    """The small numbers of others that cannot reach the threshold in any table that agrees with what can be read, and known."""
    truth = possible(world, readable, insider, never_shown=never_shown)
    return {key for key, (_, most) in truth.items() if small_of_others(world, key, insider) and most < BELOW}


def only(world: World, town: str | None) -> World:
    """The world with nobody but one town's persons."""
    return World({atom: number * (atom[0] == town) for atom, number in world.atoms.items()}, world.rows)


def small_of_others(world: World, key: Part, insider: str | None) -> bool:
    """Whether a part is small, and counts somebody whom the insider does not count."""
    return small(world, key) > 0 and of(only(world, insider), key) < of(world, key)


def names(system: System, count: int) -> tuple[str, str, int, int]:
    """What the disclosure room calls a count."""
    path, area, first, last = system.counts[KEY].to_numpy("int64")[count].tolist()
    return system.paths[path], system.areas[area], first, last


def name_of(world: World, key: Part) -> tuple[str, str, int, int]:
    """The count of a hidden number, as the disclosure room names it."""
    (table, kpi, month, member, area), part = key
    path = COUNTED[kpi].counts if member is None else f"{COUNTED[kpi].counts}.{DIMENSIONS[kpi]}={member}"
    path = {"numerator": path, "denominator": "consultation", "rest": "consultation.!complex"}[part]
    first = 2024 * 12 + 2 + month
    return path, area, first, first + {"kpi_period": 2, "referral_source": 11}.get(table, 0)
