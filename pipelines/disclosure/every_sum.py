"""The attacker with sums over levels never shown, too: one family of sums after the other, or all at once.

`audit.py` leaves out sums in which several counts of such levels make way for each other: with them, tables come out in
fractions. Here fractions are taken for possible. What is found follows; what is not found might still follow for somebody who
uses that persons are whole. Shares no code with `suppress.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from pipelines.disclosure.audit import READER, Finding
from pipelines.disclosure.proof import Proof, maximise, over, stretches
from pipelines.disclosure.reader import View, tightened
from pipelines.disclosure.sums import Matrix

PATIENCE = 2
"""So many rounds of tables without a new proof, and the rest get a program each."""
BEYOND = 0.5
"""By how much more than asked counts are moved: an interior point ends just before its goal."""
NEARLY = 1e-3
"""So much of a person it may still miss what is asked."""
DOWN = 3.0
"""How much more one person less weighs than one more: a count has to be less by one, and more by up to its threshold."""


class EverySum:
    """The attacker, and what he was not yet shown to be safe in each family of sums (`System.families`).

    `watched`: the small counts that must not be worked out; `needed`: the number each must be able to be. `at`: the family he
    came to.
    """

    def __init__(
        self, families: Iterable[np.ndarray], needed: np.ndarray, watched: np.ndarray, *, seed: int = 0
    ) -> None:
        self._asked = [(family, watched) for family in families]
        self._needed = needed
        self._random = np.random.default_rng(seed)
        self.at = 0

    def narrowed(self, view: View, *, quick: bool) -> list[Finding]:
        """What a reader can narrow down with the sums of the first family that tells him anything; nothing when none does.

        Hiding more leaves what was safe as it was: the next time he goes on there, with what he found. What `quick` finds may
        be safe after all.
        """
        while self.at < len(self._asked):
            family, asked = self._asked[self.at]
            found = self._of_family(view, view.system.sums[family], asked, quick=quick)
            if found:
                left = np.zeros(len(asked), dtype=bool)
                left[[one.count for one in found]] = True
                self._asked[self.at] = family, left
                return found
            self.at += 1
        return []

    def _of_family(self, view: View, sums: Matrix, asked: np.ndarray, *, quick: bool) -> list[Finding]:
        unknown = np.flatnonzero(~view.readable & (np.diff(sums.tocsc().indptr) > 0))
        want = np.where(asked[unknown], self._needed[unknown] - view.system.value[unknown], 0)
        room = (view.system.value - view.least)[unknown]
        found = _narrowed(sums[:, unknown], want, room, self._random, quick=quick)
        return [Finding(int(unknown[count]), low, high, upward, READER) for count, low, high, upward in found]


def _narrowed(
    sums: Matrix, want: np.ndarray, room: np.ndarray, random: np.random.Generator, *, quick: bool
) -> list[tuple[int, int, int, bool]]:
    """(count, lowest, highest, which side fails) of those that want to be more, and be less where there is room."""
    asked, may_fall = want > 0, (want > 0) & (room > 0)
    fall, rise = tightened(sums, room)
    found = [(int(count), 0, 0, True) for count in np.flatnonzero((fall + rise == 0) & asked)]
    moving = np.flatnonzero(fall + rise > 0)
    for some in stretches(sums[:, moving], asked[moving]):
        here = moving[some]
        proof = _InFractions(over(sums, here), fall[here], want[here], (~asked[here], ~may_fall[here]), random)
        proof.by_many()
        left = proof.suspects() if quick else proof.one_by_one()
        found += [(int(here[count]), low, high, upward) for count, low, high, upward in left]
    return found


class _InFractions(Proof):
    """Keeps no tables: nobody could check them by additions. Interior points move all that can move at once."""

    METHOD: Mapping[str, str | int | float] = {
        "solver": "ipm",
        "run_crossover": "off",
        "ipm_optimality_tolerance": 1e-4,
    }

    def by_many(self) -> None:
        """Ask all that is not proven to move, each to one side at random and as if it mattered more or less than the others."""
        solver, idle = self.solver(self.sums), 0
        while idle < PATIENCE and not (self.reached & self.lessened).all():
            before = self.reached.sum() + self.lessened.sum()
            side = self.random.random(len(self.room)) < 0.5
            up, down = ~self.reached & (side | self.lessened), ~self.lessened & (~side | self.reached)
            weight = self.random.uniform(0.2, 1.2, len(self.room))
            lower, upper = -np.minimum(self.room, self._cap), np.full(len(self.room), self._cap)
            move = maximise(
                solver,
                np.where(up, weight, np.where(down, -weight * DOWN, 0)),
                np.where(down, np.maximum(lower, -1 - BEYOND), lower),
                np.where(up, self.want + BEYOND, upper),
            )
            self._keep(move)
            idle = 0 if self.reached.sum() + self.lessened.sum() > before else idle + 1

    def _keep(self, move: np.ndarray) -> None:
        self.reached |= move >= self.want - NEARLY
        self.lessened |= move <= NEARLY - 1
