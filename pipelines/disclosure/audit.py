"""The attacker: everything somebody could work out from a published file, and the proof that it is not enough.

He starts from what a reader has (`reader.py`) and knows that counts are whole numbers. For every hidden small count he must
be left with an alternative table in which it reaches its threshold and one in which it is less. Those tables (witnesses)
are kept; `verify.py` checks them without any solver. Shares no code with `suppress.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from pipelines.disclosure.proof import Proof, islands, over, stretches
from pipelines.disclosure.reader import View, tightened
from pipelines.disclosure.sums import SEVERAL, Matrix

READER = -2
"""The attacker who is no municipality."""
CROWDS = (2, 2, 3, 3, 5, 8)
"""Into so many crowds the municipalities are parted, one time after another, before each is tried for itself."""
SMALLEST_CROWD = 4
"""Two or three at a time prove hardly more than each alone."""


@dataclass(frozen=True)
class Witnesses:
    """Alternative tables, one a row: what each differs from the true table by, over all counts. All whole numbers."""

    moves: Matrix


@dataclass(frozen=True)
class Finding:
    """A hidden count that can be narrowed down: how far it can move from its true value, and whether the upper side fails.

    `insider`: the municipality (its code) that needs its own numbers for it, or READER where anybody can.
    """

    count: int
    lowest: int
    highest: int
    upward: bool
    insider: int


def audit(
    view: View,
    needed: np.ndarray,
    watched: np.ndarray,
    *,
    seed: int = 0,
    known: Witnesses | None = None,
    quick: bool = False,
    insiders: bool = True,
) -> tuple[Witnesses, list[Finding]]:
    """Prove every watched count safe by witnesses, or find what it can be narrowed down to.

    `watched` are the small counts that must not be worked out; `needed` the number each must be able to reach. `known` are
    witnesses from before, taken over where they still hold. `insiders`: each municipality attacks, too, with its own numbers.
    What `quick` finds may be safe after all; so may what municipalities find while a reader had something left to try.
    """
    bound = np.diff(view.sums.tocsc().indptr) > 0
    unknown = np.flatnonzero(~view.readable & (bound | watched))
    sums = over(view.sums, unknown).tocsr()
    value, least = view.system.value[unknown], view.least[unknown]
    want = np.where(watched[unknown], needed[unknown] - value, 0)
    nobody = np.full(len(unknown), SEVERAL), np.full(len(unknown), SEVERAL), sparse.csr_matrix((0, len(unknown)))
    system = view.system
    insider = system.municipality[unknown], system.owner[unknown], _lost_room(system.own[:, unknown], least)
    attack = _Attack(sums, value - least, want, *(insider if insiders else nobody))
    if known is not None:
        attack.take_over(known.moves.tocsc()[:, unknown], view.sums[:, unknown])
    failed = attack.run(np.random.default_rng(seed), quick=quick)
    findings = [Finding(int(unknown[c]), int(lo), int(hi), up, insider) for c, lo, hi, up, insider in failed]
    moves = attack.moves().tocoo()
    shape = (moves.shape[0], len(needed))
    return Witnesses(sparse.csr_matrix((moves.data, (moves.row, unknown[moves.col])), shape=shape)), findings


def _lost_room(own: Matrix, least: np.ndarray) -> Matrix:
    """Areas × counts: how much less room down a count has to a municipality than to a reader: it counts so many itself."""
    terms = own.tocoo()
    lost = terms.data - least[terms.col]
    there = lost > 0
    return sparse.csr_matrix((lost[there], (terms.row[there], terms.col[there])), shape=own.shape)


class _Attack:
    """All unknown counts, and who is still to be shown that he cannot narrow them down: a reader, and each municipality.

    Counts that no sum joins are islands; they are attacked apart, a few small ones at a time. So are alternative tables taken
    apart into what no sum joins: what moves no number of a municipality, and no area's below it, proves something to it, too.
    """

    def __init__(
        self,
        sums: Matrix,
        room: np.ndarray,
        want: np.ndarray,
        municipality: np.ndarray,
        owner: np.ndarray,
        lost: Matrix,
    ) -> None:
        self.sums, self.room, self.want = sums, room, want
        insiders = np.union1d(owner[owner != SEVERAL], np.flatnonzero(np.diff(lost.indptr)))
        self.attackers = np.concatenate([[READER], insiders])
        self.lost = sparse.vstack([sparse.csr_matrix((1, len(room))), lost[insiders]]).tocsr()
        self._lost_by_count = self.lost.tocsc()
        self.number, whose = (
            np.where(one == SEVERAL, 0, np.searchsorted(self.attackers, one)) for one in (municipality, owner)
        )
        others = np.arange(len(self.attackers)) != np.where(whose > 0, whose, -1)[:, None]
        self.open_up, self.open_down = (side[:, None] & others for side in (want > 0, (want > 0) & (room > 0)))
        self.island = islands(sums)
        self._pieces: list[Matrix] = [sparse.csr_matrix((0, len(room)), dtype="int64")]

    def take_over(self, moves: Matrix, sums: Matrix) -> None:
        """Use of earlier tables what is still possible: sums hold, nothing falls below its least.

        `sums`: all of them over the unknown counts; what moved beside these and can be read now breaks a sum.
        """
        entries = moves.tocoo()
        broken = (sums @ moves.T).tocoo()
        bad = np.zeros(moves.shape[0], dtype=bool)
        bad[broken.col[broken.data != 0]] = True
        bad[entries.row[entries.data < -self.room[entries.col]]] = True
        self._add(moves.tocsr()[np.flatnonzero(~bad)])

    def run(self, random: np.random.Generator, *, quick: bool) -> list[tuple[int, int, int, bool, int]]:
        """Attack what is not proven yet: (count, lowest, highest, which side fails, by whom) for each count that is not safe."""
        asked = bool((self.open_up[:, 0] | self.open_down[:, 0]).any())
        failed = self._try(np.array([0]), random, hard=not quick)
        if failed:
            return failed
        self._crowds(random)
        for insider in range(1, len(self.attackers)):
            failed += self._try(np.array([insider]), random, hard=not (quick or asked))
        return failed

    def _crowds(self, random: np.random.Generator) -> None:
        """Tables in which many municipalities at once keep their numbers: each of them learns nothing from those."""
        for share in CROWDS:
            order = 1 + random.permutation(len(self.attackers) - 1)
            for crowd in np.array_split(order, share):
                if len(crowd) >= SMALLEST_CROWD:
                    self._try(crowd, random, hard=None)

    def _try(
        self, crowd: np.ndarray, random: np.random.Generator, *, hard: bool | None
    ) -> list[tuple[int, int, int, bool, int]]:
        """Look for tables in which nothing moves that one of the crowd counts. `hard`: also count by count; None: no findings."""
        still = np.isin(self.number, crowd[crowd > 0])
        room = self.room - self.lost[crowd].max(axis=0).toarray()[0]
        if len(crowd) == 1 and crowd[0] > 0 and self.open_down[:, crowd].any():
            # What his own numbers and the printed zeros leave no room to be less, only has to be able to be more.
            moving = np.flatnonzero(~still)
            fall, _ = tightened(self.sums[:, moving], room[moving])
            self.open_down[moving[fall == 0], crowd[0]] = False
        up, down = (side[:, crowd].any(axis=1) & ~still for side in (self.open_up, self.open_down))
        failed = []
        columns = np.flatnonzero(np.isin(self.island, np.unique(self.island[up | down])) & ~still)
        for here in stretches(self.sums[:, columns], (up | down)[columns]):
            some = columns[here]
            proof = Proof(over(self.sums, some), room[some], self.want[some], (~up[some], ~down[some]), random)
            proof.by_many()
            if hard is not None:
                left = proof.one_by_one() if hard else proof.suspects()
                failed += [(int(some[count]), *rest, int(self.attackers[crowd[0]])) for count, *rest in left]
            self._add(_parts(proof.moves(some, len(self.room)), self.sums))
        return failed

    def moves(self) -> Matrix:
        """The tables found, one a row."""
        return sparse.vstack(self._pieces).tocsr()

    def _add(self, parts: Matrix) -> None:
        """Keep of some tables those that prove something to somebody."""
        entries = parts.tocoo()
        moved = np.zeros((parts.shape[0], len(self.attackers)), dtype=bool)
        moved[entries.row, self.number[entries.col]] = True
        moved[:, 0] = False
        moved[self._too_low(entries)] = True
        useful = np.zeros(parts.shape[0], dtype=bool)
        for side, proves in (
            (self.open_up, entries.data >= self.want[entries.col]),
            (self.open_down, entries.data < 0),
        ):
            here = np.flatnonzero(proves)
            row, column = entries.row[here], entries.col[here]
            open_to, told = (np.packbits(who, axis=1) for who in (side, ~moved))  # an eighth to look at
            new = (open_to[column] & told[row]).any(axis=1)
            row, column = row[new], column[new]
            useful[row] = True
            proven = sparse.csr_matrix((np.ones(len(row), dtype="int32"), (column, row)), shape=parts.shape[::-1])
            side[proven @ (~moved).astype("int32") > 0] = False
        self._pieces.append(parts[np.flatnonzero(useful)])

    def _too_low(self, tables: Matrix) -> tuple[np.ndarray, np.ndarray]:
        """The tables and the municipalities to which they are impossible: in which an area counts less than they do in it."""
        fallen = np.flatnonzero(tables.data < 0)
        row, column = tables.row[fallen], tables.col[fallen]
        size = np.diff(self._lost_by_count.indptr)[column]
        places = _places(self._lost_by_count, column)
        left = np.repeat(self.room[column] + tables.data[fallen], size)
        low = self._lost_by_count.data[places] > left
        return np.repeat(row, size)[low], self._lost_by_count.indices[places][low]


def _parts(tables: Matrix, sums: Matrix) -> Matrix:
    """Tables taken apart, one a row: moves of one table that no sum joins are possible without each other."""
    entries, by_count = tables.tocoo(), sums.tocsc()
    size = np.diff(by_count.indptr)[entries.col]
    joining = by_count.indices[_places(by_count, entries.col)]
    touched = np.repeat(entries.row.astype("int64"), size) * sums.shape[0] + joining
    _, joint = np.unique(touched, return_inverse=True)
    move, moves = np.repeat(np.arange(len(entries.data)), size), len(entries.data)
    width = moves + joint.max(initial=-1) + 1
    joined = sparse.csr_matrix((np.ones(len(move)), (move, moves + joint)), shape=(width, width))
    _, part = np.unique(connected_components(joined, directed=False)[1][:moves], return_inverse=True)
    shape = (part.max(initial=-1) + 1, tables.shape[1])
    return sparse.csr_matrix((entries.data, (part, entries.col)), shape=shape, dtype="int64")


def _places(by_count: Matrix, columns: np.ndarray) -> np.ndarray:
    """Where the entries of some columns of a CSC matrix are kept, column after column."""
    size = np.diff(by_count.indptr)[columns]
    ends = np.cumsum(size)
    return np.repeat(by_count.indptr[columns] - ends + size, size) + np.arange(ends[-1] if len(ends) else 0)
