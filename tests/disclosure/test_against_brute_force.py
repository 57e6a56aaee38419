"""Suppressor and attacker against the enumeration of every table that agrees with what is published."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.disclosure.audit import audit, look
from pipelines.disclosure.protect import count, hide, protect, stand
from pipelines.disclosure.suppress import Pattern
from tests.disclosure.worlds import BELOW, KINDS, World, all_worlds, possible, read_by, rules, small

TEN = all_worlds(range(10))


def check_protected(world: World) -> int:
    """Protect a world and attack it by enumeration; returns how many small numbers were attacked."""
    frames = world.frames()
    published = protect(count(frames, rules()), frames, rules(), "public").frames
    attacked = 0
    for key, (least, most) in possible(world, read_by(world, published)).items():
        number = small(world, key)
        if number:
            attacked += 1
            assert most >= BELOW, (key, number, least, most)
            assert least < most, (key, number, least, most)
    return attacked


def test_nothing_small_can_be_worked_out_of_a_protected_world() -> None:
    assert sum(check_protected(world) for world in TEN) > 80


@pytest.mark.soak
def test_nothing_small_can_be_worked_out_of_200_worlds() -> None:
    assert sum(check_protected(world) for world in all_worlds(range(1000, 1200))) > 1500


def test_the_attacker_finds_exactly_what_enumeration_finds() -> None:
    """With small numbers hidden and nothing else, he must break the same counts, no more and no fewer."""
    broken = 0
    for world in TEN:
        frames = world.frames()
        start = stand(count(frames, rules()), rules(), "public", [])
        system = start.memory.system
        nothing = np.zeros(len(system.value), dtype=bool)
        pattern = Pattern(system, start.needed, start.never_shown, frozen=nothing, told=nothing, before=nothing)
        published = hide(frames, pattern, rules())
        view = look(system, published, start.never_shown, nothing)
        found = {finding.count for finding in audit(view, start.needed, pattern.sensitive)[1] if finding.upward}
        truth = possible(world, read_by(world, published))
        expected = {name_of(world, key) for key, (_, most) in truth.items() if small(world, key) and most < BELOW}
        names = {
            (
                system.paths[system.counts["path"][c]],
                system.areas[system.counts["area"][c]],
                int(system.counts["first"][c]),
                int(system.counts["last"][c]),
            )
            for c in found
        }
        assert names == expected
        broken += len(expected)
    assert broken > 50


def name_of(world: World, key: tuple) -> tuple[str, str, int, int]:
    """The count of a hidden number, as the disclosure room names it."""
    (table, kpi, month, member, area), part = key
    path = {
        "new_consultations": "consultation",
        "gap_needs": "consultation.gap_need",
        "complex_share": "consultation.complex",
    }[kpi]
    if member is not None:
        path = f"{path}.gap_reason={member}"
    path = {"numerator": path, "denominator": "consultation", "rest": "consultation.!complex"}[part]
    first = 2024 * 12 + 2 + month
    return path, area, first, first + (2 if table == "kpi_period" else 0)


def test_every_kind_of_world_has_something_to_hide() -> None:
    for number, kind in enumerate(KINDS):
        assert any(min(world.atoms.values()) < BELOW for world in TEN[number :: len(KINDS)]), kind
