"""The attacker: everything somebody could work out from a published file, and the proof that it is not enough.

He sees the published rows, knows how counts add up, that counts are whole numbers, that zeros are printed, which levels are
never shown, and earlier releases. For every hidden small count he must be left with an alternative table in which it reaches
its threshold and one in which it is less. Those tables (witnesses) are kept; `verify.py` checks them without any solver.
Shares no code with `suppress.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import highspy
import numpy as np
import pandas as pd
from highspy._core import _Highs as PlainSolver  # highspy.Highs prints a banner when it is made
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from pipelines.disclosure.counts import Matrix, System, numbers_of

TOLERANCE = 1e-6
IDLE_ROUNDS = 4
"""So many rounds of tables without a new proof, and the rest get a program each."""
STRETCH = 1000
"""About so many counts are attacked by one program: its time grows faster than its size."""
PRIMAL = 4
"""HiGHS' number of the primal simplex method: from one count to the next only the goal changes."""
ANY = 10**9
"""More than any count could be asked to reach."""


@dataclass(frozen=True)
class View:
    """What an attacker starts from: which counts he can read, the least each other one can be, the sums that bind them."""

    system: System
    readable: np.ndarray
    least: np.ndarray
    sums: Matrix


@dataclass(frozen=True)
class Witnesses:
    """Alternative tables, one a row: what each differs from the true table by, over all counts. All whole numbers."""

    moves: Matrix


@dataclass(frozen=True)
class Finding:
    """A hidden count that can be narrowed down: how far it can move from its true value, and whether the upper side fails."""

    count: int
    lowest: int
    highest: int
    upward: bool


def look(
    system: System,
    frames: Mapping[str, pd.DataFrame],
    never_shown: np.ndarray,
    told: np.ndarray,
    *,
    whole: bool = False,
) -> View:
    """What can be read in the published frames. `never_shown`: lines of `system.shown` of levels an audience never sees;
    `told`: counts known from elsewhere. `whole` keeps the sums over levels that are never shown: exact, and slow.
    """
    readable = told.copy()
    offered = np.zeros(len(readable), dtype=bool)
    for table, lines in system.shown.assign(hopeless=never_shown).groupby("table"):
        told_rows = frames[str(table)][numbers_of(str(table))].notna().any(axis=1).to_numpy()
        shown = told_rows[lines["row"].to_numpy()]
        readable[lines["count"].to_numpy()[shown]] = True
        offered[lines["count"].to_numpy()[~lines["hopeless"].to_numpy()]] = True
    listed = np.zeros(len(readable), dtype=bool)
    listed[system.shown["count"].to_numpy()] = True
    sums = system.sums
    if not whole:
        sums = sums[abs(sums) @ (listed & ~offered).astype(float) == 0]
    return View(system, readable, _least(system, sums, readable, offered), sums)


def _least(system: System, sums: Matrix, readable: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """The least an unreadable count can be. Zeros are printed, except in the make-up of a hidden whole and where nothing is
    shown at all; and what parts are at least, their sum is too.
    """
    least = (offered & ~readable).astype("int64")
    pairs = pd.DataFrame(system.wholes, columns=["part", "whole"])
    least[pairs["part"][~readable[pairs["whole"]]]] = 0
    least = np.where(readable, system.value, np.minimum(least, system.value))
    if not sums.shape[0]:
        return least
    sides = sums.maximum(0).tocsr(), (-sums).maximum(0).tocsr()
    lone = [side.multiply((side @ (~readable).astype(float) == 1)[:, None]).tocsr() for side in sides]
    for _ in range(4):  # up through the areas and down again
        for (this, other), alone in zip((sides, sides[::-1]), lone, strict=True):
            # The only unknown term of a side is the other side less the known terms beside it.
            left = other @ least - this @ np.where(readable, least, 0)
            raised = alone.multiply(left[:, None]).tocsr().max(axis=0).toarray().ravel()
            least = np.where(readable, least, np.maximum(least, np.minimum(raised, system.value))).astype("int64")
    return least


def audit(
    view: View,
    needed: np.ndarray,
    watched: np.ndarray,
    *,
    seed: int = 0,
    known: Witnesses | None = None,
    quick: bool = False,
) -> tuple[Witnesses, list[Finding]]:
    """Prove every watched count safe by witnesses, or find what it can be narrowed down to.

    `watched` are the small counts that must not be worked out; `needed` the number each must be able to reach. `known` are
    witnesses from before, taken over where they still hold.
    """
    bound = np.diff(view.sums.tocsc().indptr) > 0
    unknown = np.flatnonzero(~view.readable & (bound | watched))
    sums = view.sums[:, unknown]
    sums = sums[np.flatnonzero(np.diff(sums.indptr))].tocsr()
    value, least = view.system.value[unknown], view.least[unknown]
    attack = _Attack(sums, room=value - least, want=np.where(watched[unknown], needed[unknown] - value, 0))
    if known is not None:
        attack.take_over(known.moves.tocsc()[:, unknown], view.sums[:, unknown])
    failed = attack.run(np.random.default_rng(seed), quick=quick)
    findings = [Finding(int(unknown[c]), int(lo), int(hi), up) for c, lo, hi, up in failed]
    moves = attack.moves().tocoo()
    shape = (moves.shape[0], len(needed))
    return Witnesses(sparse.csr_matrix((moves.data, (moves.row, unknown[moves.col])), shape=shape)), findings


class _Attack:
    """All unknown counts: islands that no sum joins are attacked apart, a few small ones at a time."""

    def __init__(self, sums: Matrix, room: np.ndarray, want: np.ndarray) -> None:
        self.sums, self.room, self.want = sums, room, want
        self.reached = want <= 0
        self.lessened = (want <= 0) | (room <= 0)
        self.island = _islands(sums)
        self._pieces: list[Matrix] = [sparse.csr_matrix((0, len(room)), dtype="int64")]

    def take_over(self, moves: Matrix, sums: Matrix) -> None:
        """Use what earlier tables say of whole islands, where it is still possible: sums hold, nothing falls below its least.

        `sums`: all of them over the unknown counts; what moved beside these and can be read now breaks a sum.
        """
        there = moves.tocoo()
        broken = (sums @ moves.T).tocoo()
        some = np.zeros(sums.shape[0], dtype="int64")
        terms = sums.tocoo()
        some[terms.row] = self.island[terms.col]
        below = there.data < -self.room[there.col]
        width = self.island.max(initial=0) + 1
        bad = np.concatenate(
            [
                broken.col[broken.data != 0].astype("int64") * width + some[broken.row[broken.data != 0]],
                there.row[below].astype("int64") * width + self.island[there.col[below]],
            ]
        )
        good = ~np.isin(there.row.astype("int64") * width + self.island[there.col], bad)
        kept = sparse.csr_matrix(
            (there.data[good], (there.row[good], there.col[good])), shape=moves.shape, dtype="int64"
        )
        self._add(kept)

    def run(self, random: np.random.Generator, *, quick: bool) -> list[tuple[int, int, int, bool]]:
        """Attack what is not proven yet; (count, lowest, highest, which side fails) for each count that is not safe."""
        failed = []
        for columns in self._stretches():
            sums = self.sums[:, columns]
            sums = sums[np.flatnonzero(np.diff(sums.indptr))]
            proven = self.reached[columns], self.lessened[columns]
            proof = _Proof(sums, self.room[columns], self.want[columns], proven, self.island[columns], random)
            proof.by_many()
            left = proof.suspects() if quick else proof.one_by_one()
            failed += [(int(columns[count]), *rest) for count, *rest in left]
            self._add(proof.moves(columns, len(self.room)))
        return failed

    def moves(self) -> Matrix:
        """The tables found, one a row; of each only the islands in which it is the first to prove something."""
        every = sparse.vstack(self._pieces).tocsc()
        entries = every.tocoo()
        width = self.island.max(initial=0) + 1
        place = entries.row.astype("int64") * width + self.island[entries.col]
        first = []
        for proves in (entries.data >= np.where(self.want > 0, self.want, ANY)[entries.col], self._lesser(entries)):
            rows = np.flatnonzero(proves)
            _, one = np.unique(entries.col[rows], return_index=True)
            first.append(place[rows[one]])
        kept = np.isin(place, np.concatenate(first))
        used, row = np.unique(entries.row[kept], return_inverse=True)
        return sparse.csr_matrix((entries.data[kept], (row, entries.col[kept])), shape=(len(used), len(self.room)))

    def _lesser(self, entries: Matrix) -> np.ndarray:
        return (entries.data < 0) & (self.want > 0)[entries.col]

    def _add(self, tables: Matrix) -> None:
        self._pieces.append(tables)
        if tables.shape[0]:
            self.reached |= tables.max(axis=0).toarray().ravel() >= self.want
            self.lessened |= tables.min(axis=0).toarray().ravel() < 0

    def _stretches(self) -> list[np.ndarray]:
        """The unproven islands in handfuls of at most STRETCH counts, or one alone."""
        size = np.bincount(self.island)
        unproven = np.unique(self.island[~(self.reached & self.lessened)])
        unproven = unproven[np.argsort(size[unproven], kind="stable")]
        handful = np.cumsum(size[unproven]) // STRETCH
        number = np.full(len(size), -1)
        number[unproven] = handful
        of_count = number[self.island]
        order = np.argsort(of_count, kind="stable")
        return np.split(order, np.searchsorted(of_count[order], np.unique(handful)))[1:]


class _Proof:
    """Looks for alternative tables over the counts of a few islands; keeps those that prove something."""

    def __init__(
        self,
        sums: Matrix,
        room: np.ndarray,
        want: np.ndarray,
        proven: tuple[np.ndarray, np.ndarray],
        island: np.ndarray,
        random: np.random.Generator,
    ) -> None:
        self.sums, self.room, self.want, self.random = sums, room, want, random
        self.reached, self.lessened = proven
        self._kept: list[np.ndarray] = []
        self._cap = int(4 * max(want.max(initial=1), 1))
        self._island = island
        self._touches = sums.tocoo()

    def moves(self, columns: np.ndarray, size: int) -> Matrix:
        """The kept tables, one a row, over all `size` counts."""
        own: Matrix = sparse.coo_matrix(np.array(self._kept).reshape(-1, len(columns)))
        return sparse.csr_matrix((own.data, (own.row, columns[own.col])), shape=(own.shape[0], size), dtype="int64")

    def by_many(self) -> None:
        """Move many counts at once, no two of them in one sum; most are proven within a few dozen tables."""
        idle = 0
        solver = _solver(self.sums)
        while idle < IDLE_ROUNDS and not (self.reached & self.lessened).all():
            upward = bool((~self.reached).any()) and (bool(self.lessened.all()) or idle % 2 == 0)
            open_ones = np.flatnonzero(~self.reached if upward else ~self.lessened)
            chosen = self._apart(open_ones)
            before = self.reached.sum() + self.lessened.sum()
            self._keep(self._solve(solver, chosen, upward=upward))
            idle = 0 if self.reached.sum() + self.lessened.sum() > before else idle + 1

    def suspects(self) -> list[tuple[int, int, int, bool]]:
        """The counts that are not proven yet, as if nothing else were possible."""
        left = np.flatnonzero(~(self.reached & self.lessened))
        return [(int(count), 0, 0, not self.reached[count]) for count in left]

    def one_by_one(self) -> list[tuple[int, int, int, bool]]:
        """Programs of its own for each count that is left; (count, lowest, highest, which side fails) for those that fail."""
        failed = []
        left = np.flatnonzero(~(self.reached & self.lessened))
        for island in np.unique(self._island[left]):
            here = np.flatnonzero(self._island == island)
            sums = self.sums[:, here]
            sums = sums[np.diff(sums.indptr) > 0]
            linear, whole = _solver(sums), _solver(sums, whole=True)
            for count in left[self._island[left] == island]:
                ends = [self._end(linear, whole, here, int(count), upward=upward) for upward in (False, True)]
                if not (self.reached[count] and self.lessened[count]):
                    failed.append((int(count), *ends, not self.reached[count]))
        return failed

    def _end(self, linear: PlainSolver, whole: PlainSolver, here: np.ndarray, count: int, *, upward: bool) -> int:
        """How far a count can move one way, as far as it was looked for; whole numbers only where fractions would do."""
        done, goal = (self.reached, self.want[count]) if upward else (self.lessened, -1)
        if done[count]:
            return int(goal) if upward else -1
        move = self._furthest(linear, here, count, upward=upward)
        self._keep(move)
        enough = move[count] >= goal - TOLERANCE if upward else move[count] <= goal + TOLERANCE
        if enough and not done[count]:
            move = self._furthest(whole, here, count, upward=upward)
            self._keep(move)
        return round(float(move[count]))

    def _furthest(self, solver: PlainSolver, here: np.ndarray, count: int, *, upward: bool) -> np.ndarray:
        """The table on one island in which a count is as large, or as small, as it can be (within the cap)."""
        gain = np.where(here == count, 1.0 if upward else -1.0, 0.0)
        move = np.zeros(len(self.room))
        lower = -np.minimum(self.room[here], self._cap).astype(float)
        move[here] = _maximise(solver, gain, lower, np.full(len(here), float(self._cap)))
        return move

    def _apart(self, open_ones: np.ndarray) -> np.ndarray:
        """Some of them, no two of which stand in one sum (Luby's choice: the luckiest in each of its sums)."""
        luck = np.zeros(len(self.room))
        luck[open_ones] = self.random.permutation(len(open_ones)) + 1.0
        luckiest = np.zeros(self.sums.shape[0])
        np.maximum.at(luckiest, self._touches.row, luck[self._touches.col])
        beaten = np.zeros(len(luck), dtype=bool)
        lost = luck[self._touches.col] < luckiest[self._touches.row]
        beaten[self._touches.col[lost]] = True
        return open_ones[~beaten[open_ones]]

    def _solve(self, solver: PlainSolver, chosen: np.ndarray, *, upward: bool) -> np.ndarray:
        """A table that moves the chosen ones as far as is asked of them, and any other as far as it may."""
        lower = -np.minimum(self.room, self._cap).astype(float)
        upper = np.full(len(lower), float(self._cap))
        if upward:
            upper[chosen] = self.want[chosen]
        else:
            lower[chosen] = -1.0
        gain = np.zeros(len(lower))
        gain[chosen] = 1.0 if upward else -1.0
        return _maximise(solver, gain, lower, upper)

    def _keep(self, move: np.ndarray) -> None:
        """Keep the whole-numbered parts of a table if they prove anything new: what no sum joins may move without the rest."""
        rounded = np.round(move)
        if (np.abs(move - rounded) > TOLERANCE).any():
            moving = np.flatnonzero(np.abs(move) > TOLERANCE)
            part = _islands(self.sums[:, moving])
            fractional = part[np.abs(move - rounded)[moving] > TOLERANCE]
            rounded[moving[np.isin(part, fractional)]] = 0
        table = rounded.astype("int64")
        reached, lessened = table >= self.want, table < 0
        if (reached & ~self.reached).any() or (lessened & ~self.lessened).any():
            self._kept.append(table)
            self.reached |= reached
            self.lessened |= lessened


def _islands(sums: Matrix) -> np.ndarray:
    """For each column the number of its island: counts that sums join, directly or by others."""
    joined = sparse.bmat([[None, sums], [sums.T, None]])
    return connected_components(joined, directed=False)[1][sums.shape[0] :]


def _solver(sums: Matrix, *, whole: bool = False) -> PlainSolver:
    model = highspy.HighsLp()
    columns = sums.tocsc()
    model.num_row_, model.num_col_ = sums.shape
    model.col_cost_ = model.col_lower_ = model.col_upper_ = np.zeros(sums.shape[1])
    model.row_lower_ = model.row_upper_ = np.zeros(sums.shape[0])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = (
        columns.indptr,
        columns.indices,
        columns.data,
    )
    model.sense_ = highspy.ObjSense.kMaximize
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * sums.shape[1]
    solver = PlainSolver()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("simplex_strategy", PRIMAL)
    solver.passModel(model)
    return solver


def _maximise(solver: PlainSolver, gain: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    index = np.arange(len(gain), dtype=np.int32)
    solver.changeColsBounds(len(gain), index, lower, upper)
    solver.changeColsCost(len(gain), index, gain)
    solver.run()
    return np.asarray(solver.getSolution().col_value)
