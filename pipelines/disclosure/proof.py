"""Alternative tables, searched by linear programs: what a hidden count could be as well, and what it could not.

Knows sums, room and wants of some counts; who attacks, and with what knowledge, belongs to `audit.py` and `every_sum.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import highspy
import numpy as np
from highspy._core import _Highs as PlainSolver  # highspy.Highs prints a banner when it is made
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from pipelines.disclosure.sums import Matrix

TOLERANCE = 1e-6
IDLE_ROUNDS = 4
"""So many rounds of tables without a new proof, and the rest get a program each."""
STRETCH = 1000
"""About so many counts are attacked by one program: its time grows faster than its size."""
PRIMAL = 4
"""HiGHS' number of the primal simplex method: from one count to the next only the goal changes."""


class Proof:
    """Looks for alternative tables over the counts of a few islands; keeps those that prove something."""

    METHOD: Mapping[str, str | int | float] = {"simplex_strategy": PRIMAL}

    def __init__(
        self,
        sums: Matrix,
        room: np.ndarray,
        want: np.ndarray,
        proven: tuple[np.ndarray, np.ndarray],
        random: np.random.Generator,
    ) -> None:
        self.sums, self.room, self.want, self.random = sums, room, want, random
        self.reached: np.ndarray = proven[0]
        self.lessened: np.ndarray = proven[1]
        self._kept: list[np.ndarray] = []
        self._cap = int(4 * max(want.max(initial=1), 1))
        self._island = islands(sums)
        self._touches = sums.tocoo()

    def moves(self, columns: np.ndarray, size: int) -> Matrix:
        """The kept tables, one a row, over all `size` counts."""
        own: Matrix = sparse.coo_matrix(np.array(self._kept).reshape(-1, len(columns)))
        return sparse.csr_matrix((own.data, (own.row, columns[own.col])), shape=(own.shape[0], size), dtype="int64")

    def by_many(self) -> None:
        """Move many counts at once, no two of them in one sum; most are proven within a few dozen tables."""
        idle = 0
        solver = self.solver(self.sums)
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
            sums = over(self.sums, here)
            linear, whole = self.solver(sums), self.solver(sums, whole=True)
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

    def solver(self, sums: Matrix, *, whole: bool = False) -> PlainSolver:
        """HiGHS with the sums loaded: from one count to the next only the goal changes."""
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
        for name, setting in self.METHOD.items():
            solver.setOptionValue(name, setting)
        solver.setOptionValue("output_flag", False)
        solver.passModel(model)
        return solver

    def _furthest(self, solver: PlainSolver, here: np.ndarray, count: int, *, upward: bool) -> np.ndarray:
        """The table on one island in which a count is as large, or as small, as it can be (within the cap)."""
        gain = np.where(here == count, 1.0 if upward else -1.0, 0.0)
        move = np.zeros(len(self.room))
        lower = -np.minimum(self.room[here], self._cap).astype(float)
        move[here] = maximise(solver, gain, lower, np.full(len(here), float(self._cap)))
        return move

    def _apart(self, open_ones: np.ndarray) -> np.ndarray:
        """Some of them, no two of which stand in one sum (Luby's choice: the luckiest in each of its sums)."""
        luck = np.zeros(len(self.room))
        luck[open_ones] = self.random.permutation(len(open_ones)) + 1.0
        here = luck[self._touches.col] > 0
        row, column = self._touches.row[here], self._touches.col[here]
        luckiest = np.zeros(self.sums.shape[0])
        np.maximum.at(luckiest, row, luck[column])
        beaten = np.zeros(len(luck), dtype=bool)
        beaten[column[luck[column] < luckiest[row]]] = True
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
        return maximise(solver, gain, lower, upper)

    def _keep(self, move: np.ndarray) -> None:
        """Keep the whole-numbered parts of a table if they prove anything new: what no sum joins may move without the rest."""
        rounded = np.round(move)
        if (np.abs(move - rounded) > TOLERANCE).any():
            moving = np.flatnonzero(np.abs(move) > TOLERANCE)
            part = islands(self.sums[:, moving])
            fractional = part[np.abs(move - rounded)[moving] > TOLERANCE]
            rounded[moving[np.isin(part, fractional)]] = 0
        table = rounded.astype("int64")
        reached, lessened = table >= self.want, table < 0
        if (reached & ~self.reached).any() or (lessened & ~self.lessened).any():
            self._kept.append(table)
            self.reached |= reached
            self.lessened |= lessened


def over(sums: Matrix, counts: np.ndarray) -> Matrix:
    """The sums that hold any of some counts, over these counts alone."""
    part = sums[:, counts]
    return part[np.flatnonzero(np.diff(part.indptr))]


def islands(sums: Matrix) -> np.ndarray:
    """For each column the number of its island: counts that sums join, directly or by others."""
    joined = sparse.bmat([[None, sums], [sums.T, None]])
    return connected_components(joined, directed=False)[1][sums.shape[0] :]


def maximise(solver: PlainSolver, gain: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """The table within the bounds that gains most."""
    index = np.arange(len(gain), dtype=np.int32)
    solver.changeColsBounds(len(gain), index, lower, upper)
    solver.changeColsCost(len(gain), index, gain)
    solver.run()
    return np.asarray(solver.getSolution().col_value)


def stretches(sums: Matrix, asked: np.ndarray) -> list[np.ndarray]:
    """The islands with counts that are asked for, in handfuls of at most STRETCH counts, or one alone."""
    island = islands(sums)
    size = np.bincount(island)
    some = np.unique(island[asked])
    some = some[np.argsort(size[some], kind="stable")]
    handful = np.cumsum(size[some]) // STRETCH
    number = np.full(len(size), -1)
    number[some] = handful
    of_count = number[island]
    order = np.argsort(of_count, kind="stable")
    return np.split(order, np.searchsorted(of_count[order], np.unique(handful)))[1:]
