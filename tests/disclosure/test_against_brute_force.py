"""Suppressor and attacker against the enumeration of every table that agrees with what is published."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.disclosure.audit import audit
from pipelines.disclosure.protect import claim, count, hide, protect, stand
from pipelines.disclosure.reader import look
from pipelines.disclosure.suppress import Pattern
from pipelines.disclosure.thresholds import Threshold
from pipelines.disclosure.verify import verify
from tests.disclosure.enumeration import name_of, names, narrow, of, only, possible, small
from tests.disclosure.worlds import BELOW, KINDS, TOWNS, Row, World, all_worlds, read_by, rules

TEN = all_worlds(range(10))


def check_protected(world: World) -> int:
    """Protect a world and let a reader and each town attack it by enumeration; returns how many small numbers were attacked."""
    frames = world.frames()
    published = protect(count(frames, rules()), frames, rules(), "public").frames
    readable = read_by(world, published)
    narrowed = {insider: narrow(world, readable, insider) for insider in (None, *TOWNS)}
    assert not any(narrowed.values()), narrowed
    assert not {row for row, seen in readable.items() if seen and row[-1] not in TOWNS and leaves_few(world, row)}
    return sum(small(world, key) > 0 for key in possible(world, readable))


def leaves_few(world: World, row: Row) -> bool:
    """Whether a printed number of an area, less a town's own, is a small count of the rest."""
    return any(0 < of(world, (row, "numerator")) - of(only(world, town), (row, "numerator")) < BELOW for town in TOWNS)


def test_nothing_small_can_be_worked_out_of_a_protected_world() -> None:
    assert sum(check_protected(world) for world in TEN) > 80


@pytest.mark.soak
def test_nothing_small_can_be_worked_out_of_200_worlds() -> None:
    assert sum(check_protected(world) for world in all_worlds(range(1000, 1200))) > 1500


def test_the_attacker_finds_exactly_what_enumeration_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """With small numbers hidden and nothing else, he must break the same counts, no more and no fewer."""
    monkeypatch.setattr("pipelines.disclosure.protect.READ_BY_MUNICIPALITIES", frozenset())
    broken = 0
    for world in TEN:
        frames = world.frames()
        start = stand(count(frames, rules()), rules(), "public", [])
        system = start.memory.system
        nothing = np.zeros(len(system.value), dtype=bool)
        pattern = Pattern(system, start.needed, start.never_shown, frozen=nothing, told=nothing)
        published = hide(frames, pattern, rules())
        view = look(system, published, start.never_shown, nothing)
        found = {
            finding.count
            for finding in audit(view, start.needed, pattern.sensitive, insiders=False)[1]
            if finding.upward
        }
        expected = {name_of(world, key) for key in narrow(world, read_by(world, published), None)}
        assert {names(system, count) for count in found} == expected
        broken += len(expected)
    assert broken > 50


def test_what_is_safe_from_readers_is_not_from_a_town_and_the_attacker_finds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Protected against readers only: he finds for each town what enumeration finds, and the verifier lets nothing of it pass."""
    monkeypatch.setattr("pipelines.disclosure.protect.READ_BY_MUNICIPALITIES", frozenset())
    broken = 0
    for world in TEN[:18]:
        frames = world.frames()
        system = count(frames, rules())
        done = protect(system, frames, rules(), "public")
        told = claim(system, done.frames, rules(), "public", earlier=[], witnesses=done.witnesses)
        assert verify(told) == []
        view = look(system, done.frames, told.never_shown, told.told)
        watched = (system.value > 0) & (system.value < told.needed) & ~view.readable
        tables, _ = audit(view, told.needed, watched)
        tables, findings = audit(view, told.needed, watched, known=tables)
        for town in TOWNS:
            who = system.areas.index(town)
            found = {names(system, finding.count) for finding in findings if finding.insider == who and finding.upward}
            assert found == {name_of(world, key) for key in narrow(world, read_by(world, done.frames), town)}
            broken += len(found)
        breaches = verify(replace(told, insiders=True, witnesses=tables.moves))
        assert bool(breaches) == any(finding.upward for finding in findings) or breaches[0].what == "pinned_for_one"
    assert broken > 10


def test_what_each_town_counts_of_the_counts_of_areas_itself() -> None:
    for world in TEN:
        system = count(world.frames(), rules())
        number, own = {names(system, one): one for one in range(len(system.value))}, system.own.toarray()
        for row in world.rows:
            here = own[:, number[name_of(world, (row, "numerator"))]]
            for town in TOWNS:
                expected = 0 if row[-1] in TOWNS else of(only(world, town), (row, "numerator"))
                assert here[system.areas.index(town)] == expected, (row, town)


def test_every_kind_of_world_has_something_to_hide() -> None:
    for number, kind in enumerate(KINDS):
        assert any(min(world.atoms.values()) < BELOW for world in TEN[number :: len(KINDS)]), kind


def test_nothing_follows_of_a_town_too_small_to_be_shown() -> None:
    """None of its rows is told, however large its numbers, and each of them could be more for all a reader can tell."""
    closed = "112020"
    tiny = replace(
        rules(),
        thresholds=[Threshold("public", 0, 1_999, None), Threshold("public", 2_000, None, BELOW)],
        population={**rules().population, closed: 1_500},
    )
    large = 0
    for world in TEN[:15]:
        frames = world.frames()
        readable = read_by(world, protect(count(frames, tiny), frames, tiny, "public").frames)
        assert not any(seen for row, seen in readable.items() if row[-1] == closed)
        for key, (_, most) in possible(world, readable).items():
            if key[0][-1] == closed and (number := of(world, key)):
                assert most > number, key
                large += number >= BELOW
    assert large > 10
