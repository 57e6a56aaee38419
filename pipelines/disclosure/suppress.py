"""What an audience is not shown: small counts, and enough others that nothing can be worked out by subtraction.

Chooses; it does not prove. Whether the choice holds is found out by the attacker in `audit.py`, and what he breaks is
hidden better by `widen`. Frames, files and thresholds do not belong here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

import highspy
import numpy as np
from highspy._core import _Highs as PlainSolver  # highspy.Highs prints a banner when it is made
from scipy import sparse

from pipelines.disclosure.sums import SEVERAL, Matrix, System

ANY = 10**9
"""More than anybody could need: the room of a term that may grow without limit."""
DEARER_ABOVE = 20.0
"""How much dearer hiding a count is for each level its area stands above the municipalities: the prefecture's stay shown."""
CLOSE = 2
"""So many sums away from a count that was just hidden others wait until the attacker has tried again."""
REACHES = ((3, False), (4, False), (6, False), (6, True), (12, True))
"""How many sums away from an unsafe count others are hidden to make it safe; at last zeros and headline totals too."""


@dataclass
class Pattern:
    """Which counts of a release are hidden from an audience.

    `needed`: the number each count must be able to be (its threshold); `closed`: lines of `system.shown` never shown;
    `frozen`: hidden by earlier releases; `told`: known from them.
    `secret` is chosen; `known` follows: a count is known if some row that shows it is shown. `bound`: counts
    of which the release tells something (`System.tells_of`).
    """

    system: System
    needed: np.ndarray
    closed: np.ndarray
    frozen: np.ndarray
    told: np.ndarray
    small: np.ndarray = field(init=False)
    secret: np.ndarray = field(init=False)
    known: np.ndarray = field(init=False)
    row_hidden: np.ndarray = field(init=False)
    zero_hidden: np.ndarray = field(init=False)
    spoken_of: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        size = len(self.system.value)
        lines, rows = self.system.shown["count"].to_numpy(), self.system.rows
        self._lines, self._rows, self._row_count = lines, rows, int(rows.max(initial=-1)) + 1
        self._closed_row = np.zeros(self._row_count, dtype=bool)
        self._closed_row[rows] = self.closed
        self.open = np.zeros(size, dtype=bool)
        self.open[lines[~self.closed]] = True
        self.bound, self.binding = self.system.tells_of(self.open)
        self.sums = self.system.sums[self.binding]
        self.small = (self.system.value > 0) & (self.system.value < self.needed)
        # Of a subject of which it offers nothing, a release tells no more than the ones before it.
        self.spoken_of = np.isin(self.system.subject, self.system.subject[self.open])
        self.sensitive = self.bound & self.small & ~self.told & self.spoken_of
        self.secret = self.sensitive | self.frozen
        self.zero_hidden = np.zeros(size, dtype=bool)
        self.over_areas = np.array([kind == "area" for kind in self.system.kinds], dtype=bool)[self.binding]
        self.settle()

    def settle(self) -> None:
        """Work out what is known: a row with a secret count is hidden whole, and so is the make-up of a hidden whole."""
        part, whole = self.system.wholes[:, 0], self.system.wholes[:, 1]
        self.__dict__.pop("room", None)
        while True:
            hits = np.bincount(self._rows, weights=self.secret[self._lines], minlength=self._row_count)
            self.row_hidden = self._closed_row | (hits > 0)
            self.known = self.told.copy()
            self.known[self._lines[~self.row_hidden[self._rows]]] = True
            follow = ~self.known[whole] & self.open[whole] & self.known[part] & ~self.told[part]
            if not follow.any():
                return
            self.secret[part[follow]] = True

    @cached_property
    def headline(self) -> np.ndarray:
        """The prefecture's own totals, which are to stay shown: hidden only if small, or if nothing else helps."""
        whole = np.array([area not in self.system.parents for area in self.system.areas])
        total = np.array(["=" not in path for path in self.system.paths])
        return whole[self.system.counts["area"].to_numpy()] & total[self.system.counts["path"].to_numpy()]

    @cached_property
    def room(self) -> np.ndarray:
        """By how much each count could be less, for all a reader knows: zeros are printed, so what is hidden is 1 at least."""
        part, whole = self.system.wholes[:, 0], self.system.wholes[:, 1]
        least = np.ones(len(self.known), dtype="int64")
        least[part[~self.known[whole]]] = 0
        least[~self.open | self.zero_hidden] = 0
        return np.maximum(self.system.value - least, 0)

    @cached_property
    def cost(self) -> np.ndarray:
        """What hiding a count loses: its persons, and those of everything that goes with it."""
        part, whole = self.system.wholes[:, 0], self.system.wholes[:, 1]
        own = self.system.value + 1.0
        cost = own
        for _ in range(2):
            with_parts = own.copy()
            np.add.at(with_parts, whole, cost[part])
            cost = with_parts
        above = np.array([_levels_below(area, self.system) for area in self.system.areas])
        return cost * DEARER_ABOVE ** above[self.system.counts["area"].to_numpy()]

    def hide(self, counts: np.ndarray) -> None:
        """Hide more, zeros too."""
        self.secret[counts] = True
        self.zero_hidden[counts[self.system.value[counts] == 0]] = True
        self.settle()


def _levels_below(area: str, system: System) -> int:
    if area not in system.parents:
        return 2
    return 0 if system.parents[area] in system.parents else 1


def suppress(pattern: Pattern) -> None:
    """Hide, sum by sum, the cheapest counts that leave every small one room in each sum it stands in."""
    sums = pattern.sums.tocoo()
    cost = pattern.cost
    while True:
        unknown = ~pattern.known[sums.col]
        alone = np.bincount(sums.row, weights=unknown, minlength=sums.shape[0])
        chosen = _cheapest(pattern, sums, _lack(pattern, sums, unknown), cost, quiet=alone == 0)
        if not len(chosen):
            return
        pattern.hide(chosen)


def _lack(pattern: Pattern, sums: Matrix, unknown: np.ndarray) -> np.ndarray:
    """Per sum, how much room its small counts lack to be at the threshold, or to be less than they are.

    Over areas without the municipality that gives or takes most: it may be the one who asks.
    """
    value, room = pattern.system.value[sums.col], pattern.room[sums.col]
    part = sums.data > 0
    gives = np.where(unknown, np.where(part, room, ANY), 0)  # what can make way for a part that grows
    takes = np.where(unknown, np.where(part, ANY, room), 0)
    asks = pattern.over_areas[sums.row] & part & (pattern.system.owner[sums.col] != SEVERAL)
    given, taken = (
        _of_others(sums, moves) - _most_of_another(sums, np.where(asks, moves, 0)) for moves in (gives, takes)
    )
    grow, shrink = np.where(part, given, taken), np.where(part, taken, given)
    small = pattern.sensitive[sums.col] & unknown
    short = np.where(small, np.maximum(pattern.needed[sums.col] - value - grow, 0), 0)
    short = np.maximum(short, np.where(small & (room > 0) & (shrink < 1), 1, 0))
    lack = np.zeros(sums.shape[0])
    np.maximum.at(lack, sums.row, short)
    return lack


def _of_others(sums: Matrix, amount: np.ndarray) -> np.ndarray:
    """For each term the sum of the amounts of the other terms beside it."""
    return np.bincount(sums.row, weights=amount, minlength=sums.shape[0])[sums.row] - amount


def _most_of_another(sums: Matrix, amount: np.ndarray) -> np.ndarray:
    """For each term the largest amount of another term beside it."""
    order = np.lexsort((-amount, sums.row))
    _, first = np.unique(sums.row[order], return_index=True)
    most, second = np.zeros((2, sums.shape[0]))
    most[sums.row[order[first]]] = amount[order[first]]
    rest = np.delete(order, first)
    np.maximum.at(second, sums.row[rest], amount[rest])
    largest = np.zeros(len(amount), dtype=bool)
    largest[order[first]] = True
    return np.where(largest, second[sums.row], most[sums.row])


def _cheapest(pattern: Pattern, sums: Matrix, lack: np.ndarray, cost: np.ndarray, quiet: np.ndarray) -> np.ndarray:
    """One more count per lacking sum: the cheapest that is enough, else the largest. `quiet`: sums with nothing hidden yet."""
    able = pattern.known & pattern.open & ~pattern.told & ~pattern.headline & (pattern.system.value > 0)
    entry = np.flatnonzero((lack[sums.row] > 0) & able[sums.col])
    row, column = sums.row[entry], sums.col[entry]
    opened = np.bincount(sums.col, weights=quiet[sums.row], minlength=sums.shape[1])
    gain = np.where(sums.data[entry] > 0, pattern.system.value[column] - 1, ANY)
    enough = gain >= lack[row]
    price = np.where(enough, cost[column] * (1 + opened[column]), -gain)
    order = np.lexsort((price, ~enough, row))
    _, first = np.unique(row[order], return_index=True)
    return np.unique(column[order][first])


class Repair:
    """Hides what unsafe counts need to move, at the least cost.

    One small linear program each (Kelly, Golden and Assad 1992): a table in which the count has moved and every sum holds,
    at the price of the shown counts that had to move with it. It looks close by first, further the next time it is asked.
    `sums`: those that are to hold.
    """

    def __init__(self, pattern: Pattern, sums: Matrix) -> None:
        self.pattern = pattern
        self._columns = np.flatnonzero(np.diff(sums.tocsc().indptr))
        self._by_count = sums[:, self._columns].tocsc()
        self._by_sum = self._by_count.tocsr()
        self._municipality = pattern.system.municipality[self._columns]
        self._tried: Counter[tuple[int, bool, int]] = Counter()
        self._fine: set[tuple[int, bool, int]] = set()
        self._cost, self._value = pattern.cost[self._columns], pattern.system.value[self._columns]
        self._open = (pattern.open & ~pattern.told)[self._columns]
        self._cheap = self._open & (self._value > 0) & ~pattern.headline[self._columns]
        self._most = float(4 * pattern.needed.max(initial=1))

    def widen(self, unsafe: np.ndarray, upward: np.ndarray, insider: np.ndarray, *, sure: bool) -> bool:
        """Make unsafe counts able to reach their threshold (`upward`), or to be one less; returns whether more is hidden now.

        `insider`: the municipality whose numbers must not move with them, because it knows them. A count close to one that was
        just hidden waits: it may be safe now, so the attacker is to be asked again first. So does one that had a table already,
        unless he is `sure`. Where nothing helps, everything in one sum with the count is hidden.
        """
        before = self.pattern.secret.sum()
        waits = np.zeros(len(self._columns), dtype=bool)
        everything = np.ones(len(self._columns), dtype=bool)
        places = np.searchsorted(self._columns, unsafe)
        for place, count, up, who in zip(places.tolist(), unsafe, upward, insider.tolist(), strict=True):
            if waits[place] or ((place, bool(up), who) in self._fine and not sure):
                continue
            amount = float(self.pattern.needed[count] - self.pattern.system.value[count]) if up else -1.0
            moved = self._moved(place, amount, who)
            if len(moved):
                self.pattern.hide(self._columns[moved])
                waits[self._near(moved, CLOSE, everything)] = True
        return bool(self.pattern.secret.sum() > before)

    def _moved(self, target: int, amount: float, insider: int) -> np.ndarray:
        """The shown counts that move when `target` does, in the cheapest table; none if no table within reach allows it."""
        hidden = ~self.pattern.known[self._columns]
        case = target, amount > 0, insider
        if case in self._fine or self._tried[case] == len(REACHES):
            around = np.unique(_slices(self._by_sum, _slices(self._by_count, np.array([target]))))
            return around[self._open[around] & ~hidden[around]]
        reach, anything = REACHES[self._tried[case]]
        free = (hidden | (self._open if anything else self._cheap)) & (self._municipality != insider)
        columns = self._near(np.array([target]), reach, free)
        hidden, value = hidden[columns], self._value[columns]
        room = np.where(hidden, self.pattern.room[self._columns[columns]], np.maximum(value - 1, 0))
        lower = -np.minimum(room, value - self._counted_by(insider)[columns]).astype(float)
        upper = np.full(len(columns), self._most)
        place = int(np.searchsorted(columns, target))
        lower[place] = upper[place] = amount
        # What is hidden moves for nothing. What is shown has its price both ways: up in its column, down in one more.
        shown = np.flatnonzero(~hidden)
        price = np.where(hidden, 0.0, self._cost[columns] + np.where(value == 0, 1e4, 0))
        less, lower[shown] = -lower[shown], 0.0
        sums = self._sums_of(columns)
        move = _cheapest_move(
            sparse.hstack([sums, -sums[:, shown]]).tocsc(),
            np.concatenate([price, price[shown]]),
            np.concatenate([lower, np.zeros(len(shown))]),
            np.concatenate([upper, less]),
        )
        if move is None:
            self._tried[case] += 1
            return columns[:0]
        moved = columns[shown[np.abs(move[shown] - move[len(columns) :]) > 1e-6]]
        if not len(moved):
            self._fine.add(case)
        return moved

    def _counted_by(self, insider: int) -> np.ndarray:
        """How many persons of each count a municipality counts itself: it knows that there are no fewer."""
        if insider < 0:
            return np.zeros(len(self._columns))
        return self.pattern.system.own[[insider]].toarray()[0][self._columns]

    def loosen(self, worked_out: np.ndarray) -> bool:
        """Hide what is shown close to counts that subtraction alone works out; returns whether more is hidden now.

        It is mostly printed zeros of the same area that leave no other way. Else all that is two sums away goes.
        """
        pattern, area = self.pattern, self.pattern.system.counts["area"].to_numpy()
        same, everywhere = np.isin(area, area[worked_out]), np.ones(len(area), dtype=bool)
        for within, spared in ((same, pattern.headline), (everywhere, pattern.headline), (everywhere, ~everywhere)):
            near = worked_out
            for _ in range(2):
                near = _beside(pattern.system.sums, near)
                near = near[within[near]]
            shown = near[(pattern.known & pattern.open & ~pattern.told & ~spared)[near]]
            if len(shown):
                pattern.hide(shown)
                return True
        return False

    def _near(self, start: np.ndarray, reach: int, free: np.ndarray) -> np.ndarray:
        """The free counts at most `reach` sums away from the first ones, and these."""
        found = start
        for _ in range(reach):
            near = np.unique(_slices(self._by_sum, np.unique(_slices(self._by_count, found))))
            found = np.union1d(found, near[free[near]])
        return found

    def _sums_of(self, columns: np.ndarray) -> Matrix:
        """Every sum that touches some counts, over these counts."""
        part = self._by_count
        size = np.diff(part.indptr)[columns]
        places = _places(part, columns)
        rows, row = np.unique(part.indices[places], return_inverse=True)
        starts = np.concatenate([[0], np.cumsum(size)])
        return sparse.csc_matrix((part.data[places], row, starts), shape=(len(rows), len(columns)))


def _beside(sums: Matrix, counts: np.ndarray) -> np.ndarray:
    """The counts that stand in a sum with some counts, and these."""
    return np.unique(sums[np.flatnonzero(abs(sums[:, counts]).sum(axis=1))].indices)


def _places(matrix: Matrix, lines: np.ndarray) -> np.ndarray:
    """Where the entries of some rows of a CSR matrix, or columns of a CSC one, are kept."""
    first, size = matrix.indptr[lines], np.diff(matrix.indptr)[lines]
    ends = np.cumsum(size)
    return np.repeat(first - ends + size, size) + np.arange(ends[-1] if len(ends) else 0)


def _slices(matrix: Matrix, lines: np.ndarray) -> np.ndarray:
    """The indices of some rows of a CSR matrix, or columns of a CSC one."""
    return matrix.indices[_places(matrix, lines)]


def _cheapest_move(sums: Matrix, price: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray | None:
    """Minimise price · move with sums @ move = 0 within the bounds; None if there is none."""
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = sums.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = price, lower, upper
    model.row_lower_ = model.row_upper_ = np.zeros(sums.shape[0])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = sums.indptr, sums.indices, sums.data
    solver = PlainSolver()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("presolve", "off")  # costs more than it saves on programs this small
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.asarray(solver.getSolution().col_value)
