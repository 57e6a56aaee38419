"""The verifier blocks what was tampered with: planted breaches, mutated witnesses, a later release that tells the earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from pipelines.disclosure import verify as verify_module
from pipelines.disclosure.protect import Protected, claim, count, protect
from pipelines.disclosure.reader import View, tightened
from pipelines.disclosure.suppress import Repair
from pipelines.disclosure.verify import Claim, verify
from tests.disclosure.enumeration import possible, small
from tests.disclosure.worlds import BELOW, MOST, World, by_month, by_reason, by_share, read_by, rules

NO_FRAMES: Sequence[pd.DataFrame] = ()


def protected(world: World, earlier: Sequence[pd.DataFrame] = NO_FRAMES) -> Protected:
    frames = world.frames()
    return protect(count(frames, rules()), frames, rules(), "public", earlier=earlier)


def claimed(world: World, done: Protected, earlier: Sequence[pd.DataFrame] = NO_FRAMES) -> Claim:
    system = count(world.frames(), rules())
    return claim(system, done.frames, rules(), "public", earlier=earlier, witnesses=done.witnesses)


def world_with_others_hidden(kind: object) -> tuple[World, Protected]:
    """A world in which more is hidden than small numbers, as all need that have something to protect."""
    for seed in range(100):
        world = kind(np.random.default_rng(seed))  # type: ignore[operator]
        done = protected(world)
        if done.report["others"].sum() > 1:
            return world, done
    raise AssertionError("no such world")


def shown(world: World, done: Protected, table: str, which: pd.Series) -> Claim:
    """The release with some hidden rows of a table shown after all."""
    frame = done.frames[table].copy()
    frame.loc[which.to_numpy()] = world.frames()[table].loc[which.to_numpy()]
    frames = {**done.frames, table: frame}
    return replace(claimed(world, done), frames=frames)


@pytest.mark.parametrize("kind", [by_reason, by_share, by_month])
def test_an_untouched_release_passes(kind: object) -> None:
    world, done = world_with_others_hidden(kind)
    assert verify(claimed(world, done)) == []


@pytest.mark.parametrize("kind", [by_reason, by_share, by_month])
def test_any_one_hidden_row_shown_is_found(kind: object) -> None:
    """Be it small itself, or hidden only to protect others, or the rate whose denominator is hidden."""
    world, done = world_with_others_hidden(kind)
    tried = 0
    for table, frame in done.frames.items():
        for row in frame.index[frame["mark"] == "x"]:
            is_zero = int(world.frames()[table]["numerator"][row]) == 0
            if is_zero or str(frame["area_level"][row]) == "prefecture":
                continue
            assert verify(shown(world, done, table, pd.Series(frame.index == row))), (table, row)
            tried += 1
    assert tried > 2


def test_a_total_told_by_another_table_is_found() -> None:
    """The quarter tells the months: showing all quarters of a world whose months are hidden."""
    for seed in range(100):
        world = by_month(np.random.default_rng(seed))
        done = protected(world)
        hidden = (done.frames["kpi_period"]["mark"] == "x").to_numpy()
        if hidden.any() and (done.frames["kpi_monthly"]["mark"] == "x").any():
            assert verify(shown(world, done, "kpi_period", pd.Series(hidden)))
            return
    raise AssertionError("no such world")


def test_no_mutated_witness_is_accepted() -> None:
    world, done = world_with_others_hidden(by_month)
    whole = claimed(world, done)
    random = np.random.default_rng(1)
    tables, rejected = whole.witnesses.toarray(), 0
    for _ in range(1000):
        mutant = tables.copy()
        row = int(random.integers(len(mutant)))
        column = int(random.choice(np.flatnonzero(mutant[row])))
        other = int(random.choice(np.flatnonzero(mutant[row] != mutant[row, column])))
        if random.random() < 0.5:
            mutant[row, column] += int(random.choice([-1, 1]))
        else:
            mutant[row, [column, other]] = mutant[row, [other, column]]
        rejected += bool(verify(replace(whole, witnesses=sparse.csr_matrix(mutant))))
    assert rejected == 1000
    assert verify(replace(whole, witnesses=whole.witnesses[:0]))


def changed(world: World, random: np.random.Generator) -> tuple[World, tuple[str, int, str]]:
    """The same world after one file came again: one atom is one more or one less."""
    atom = list(world.atoms)[int(random.integers(len(world.atoms)))]
    number = world.atoms[atom] + (1 if world.atoms[atom] < 2 else int(random.choice([-1, 1])))
    return World(world.atoms | {atom: min(number, MOST)}, world.rows), atom


def leaks(first: World, then: World, atom: tuple[str, int, str], one: Protected, two: Protected) -> int:
    """How many small numbers somebody who has both releases, and knows which file came again, can narrow down."""
    count_of = 0
    for here, there, done, other in ((first, then, one, two), (then, first, two, one)):
        known = read_by(here, done.frames)
        besides = read_by(there, other.frames)
        untouched = {
            row for row, parts in here.rows.items() if all(atom not in part for part in parts if part is not None)
        }
        both = {row: seen or (row in untouched and besides[row]) for row, seen in known.items()}
        for key, (least, most) in possible(here, both).items():
            count_of += bool(small(here, key)) and (most < BELOW or least == most)
    return count_of


def test_releases_together_tell_nothing() -> None:
    apart = together = 0
    for seed in range(12):
        random = np.random.default_rng(seed)
        world = (by_month, by_reason, by_share)[seed % 3](random)
        later, atom = changed(world, random)
        first, independent = protected(world), protected(later)
        apart += leaks(world, later, atom, first, independent)
        second = protected(later, earlier=[first.snapshot])
        assert verify(claimed(later, second, earlier=[first.snapshot])) == []
        together += leaks(world, later, atom, first, second)
    assert apart > 0  # else this test could not fail
    assert together == 0


def test_what_was_hidden_stays_hidden_while_it_is_the_same() -> None:
    hidden = 0
    for seed in range(5):
        random = np.random.default_rng(seed)
        world = by_month(random)
        later, _ = changed(world, random)
        first = protected(world)
        second = protected(later, earlier=[first.snapshot])
        before, after = first.snapshot, second.snapshot
        kept = before.merge(after, on=["counts", "area", "first", "last", "value"])
        assert not (kept["shown_y"] & ~kept["shown_x"]).any()
        hidden += (~kept["shown_x"]).sum()
    assert hidden > 20


def test_what_nothing_makes_safe_is_withheld_and_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repair that never helps: every number of the subject goes, the verifier agrees, and the next release still works."""
    withheld = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        world = (by_month, by_reason, by_share)[seed % 3](random)
        with monkeypatch.context() as broken:
            broken.setattr(Repair, "widen", lambda *_, **__: False)
            done = protected(world)
        assert verify(claimed(world, done)) == []
        if not done.withheld:
            continue
        withheld += 1
        assert done.withheld == {"consultation"}
        for frame in done.frames.values():
            assert (frame["mark"] == "x").all() and frame[["numerator", "denominator", "value"]].isna().all(axis=None)
        assert done.snapshot.empty and done.report["withheld"].sum() == done.report["cells"].sum()
        later, _ = changed(world, random)
        second = protected(later, earlier=[done.snapshot])
        assert not second.withheld and verify(claimed(later, second, earlier=[done.snapshot])) == []
    assert withheld > 1


def test_what_earlier_releases_tell_for_ever_ends_in_showing_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Subtraction over earlier releases tells what nothing hidden now can take back: the subject goes, and that is the end."""

    def everything_small(view: View, needed: np.ndarray) -> np.ndarray:
        value = view.system.value
        return np.flatnonzero(~view.readable & (value > 0) & (value < needed))

    monkeypatch.setattr("pipelines.disclosure.protect.worked_out", everything_small)
    world = by_reason(np.random.default_rng(1))
    done = protected(world)
    assert done.withheld == {"consultation"} and verify(claimed(world, done)) == []


def test_a_value_shown_without_its_numerator_is_found() -> None:
    world, done = world_with_others_hidden(by_share)
    frame = done.frames["kpi_monthly"].copy()
    hidden = frame.index[(frame["mark"] == "x") & (frame["kpi_id"] == "complex_share")]
    frame.loc[hidden, "value"] = world.frames()["kpi_monthly"].loc[hidden, "value"]
    assert verify(replace(claimed(world, done), frames={**done.frames, "kpi_monthly": frame}))


def test_attacker_and_verifier_follow_a_chain_of_sums_to_its_end() -> None:
    """Each count equals the next, and the last cannot be less: neither can the first, however far away it stands."""
    links, room = 12, np.full(13, 3)
    room[-1] = 0
    chain = sparse.csr_matrix(sparse.eye(links, links + 1) - sparse.eye(links, links + 1, k=1))
    nothing_read = np.zeros(links + 1, dtype=bool)
    assert [side.tolist() for side in tightened(chain, room)] == [
        side.tolist() for side in verify_module._room(chain, room, nothing_read)
    ]
    assert tightened(chain, room)[0].tolist() == [0] * 13
