"""Checks a release against its witnesses by additions alone: no solver, nothing shared with those who made them.

A witness is an alternative table. If each agrees with everything that can be read and every hidden small count has one in
which it reaches its threshold and one in which it is less, nobody can work it out. A municipality knows its own numbers: the
ones it is shown are those that move none of them, and in which no area counts fewer than it does in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from pipelines.disclosure.counts import numbers_of
from pipelines.disclosure.sums import SEVERAL, Matrix, System

UNLIMITED = 1e9


@dataclass(frozen=True)
class Breach:
    """Counts of which one thing is wrong: `what` is shown_small, follows, impossible_witness, too_low or pinned.

    follows: by subtraction alone, over every sum there is. too_low_for_one and pinned_for_one: some municipality could tell from
    its own numbers.
    """

    what: str
    counts: np.ndarray


@dataclass(frozen=True)
class Claim:
    """What a release says of itself: its frames, the lines never shown, what readers know besides, and the witnesses.

    `insiders`: municipalities read it, too. `needed`: the number each count must be able to be.
    """

    system: System
    frames: Mapping[str, pd.DataFrame]
    never_shown: np.ndarray
    told: np.ndarray
    needed: np.ndarray
    insiders: bool
    witnesses: Matrix


def verify(claim: Claim) -> list[Breach]:
    """What is wrong with a release; an empty list lets it be published."""
    value = claim.system.value
    told_here, offered = _told_here(claim)
    readable = claim.told | told_here
    small = (value > 0) & (value < claim.needed) & ~claim.told
    breaches = [Breach("shown_small", np.flatnonzero(small & readable & offered))]
    moves = claim.witnesses.tocsr()
    bound, telling = claim.system.tells_of(offered)
    sums = claim.system.sums[telling]
    least = _least(claim.system, sums, readable, offered)
    down, up = _room(claim.system.sums, value - least, readable)
    # Of a subject of which it shows nothing, a release tells no more than the ones before it.
    spoken_of = np.isin(claim.system.subject, claim.system.subject[told_here])
    breaches.append(Breach("follows", np.flatnonzero(small & ~readable & spoken_of & (down == 0) & (up == 0))))
    bad = _impossible(value, sums, moves, readable, least)
    breaches.append(Breach("impossible_witness", np.unique(moves[np.flatnonzero(bad)].indices)))
    good = moves[np.flatnonzero(~bad)]
    watched = np.flatnonzero(small & ~readable & bound & spoken_of)
    reaching, lessening = (_proving(good, watched, side) for side in (claim.needed - value, None))
    too_low = reaching.sum(axis=1).ravel() == 0
    pinned = (lessening.sum(axis=1).ravel() == 0) & (value > least)[watched]
    breaches += [Breach("too_low", watched[too_low]), Breach("pinned", watched[pinned])]
    if claim.insiders:
        knows = _Insiders(claim.system, good, sums, watched)
        too_low_for = knows.unconvinced(reaching)
        pinned_for = knows.with_room(knows.unconvinced(lessening), readable, least)
        breaches.append(Breach("too_low_for_one", watched[too_low_for.any(axis=1) & ~too_low]))
        breaches.append(Breach("pinned_for_one", watched[pinned_for.any(axis=1) & ~pinned]))
    return [breach for breach in breaches if len(breach.counts)]


def _proving(moves: Matrix, watched: np.ndarray, short: np.ndarray | None) -> Matrix:
    """Watched counts × witnesses: 1 where a count moves up by what it is `short` of, or down if that is None."""
    entries = moves[:, watched].tocoo()
    proves = entries.data < 0 if short is None else entries.data >= short[watched[entries.col]]
    ones = np.ones(int(proves.sum()))
    shape = (len(watched), moves.shape[0])
    return sparse.csr_array((ones, (entries.col[proves], entries.row[proves])), shape=shape)


class _Insiders:
    """The municipalities, and what each of them knows of the witnesses: which move its own numbers."""

    def __init__(self, system: System, moves: Matrix, sums: Matrix, watched: np.ndarray) -> None:
        self._owner, self._value, self._sums, self._watched = system.owner, system.value, sums, watched
        self._municipality = system.municipality
        self._own = system.own
        self._who = np.unique(self._owner[self._owner != SEVERAL])
        entries = moves.tocoo()
        known, fallen = self._municipality[entries.col] != SEVERAL, entries.data < 0
        self._gives_away = np.zeros((moves.shape[0], len(self._who)))
        self._gives_away[entries.row[known], np.searchsorted(self._who, self._municipality[entries.col[known]])] = 1
        row, column = entries.row[fallen], entries.col[fallen]
        then = self._value[column] + entries.data[fallen]
        for number, who in enumerate(self._who):
            self._gives_away[row[then < self._counts_itself(who)[column]], number] = 1

    def unconvinced(self, proving: Matrix) -> np.ndarray:
        """Watched counts × municipalities: whether all witnesses that prove a count are impossible to the municipality."""
        every = proving @ self._gives_away == proving.sum(axis=1).reshape(-1, 1)
        return every & (self._owner[self._watched][:, None] != self._who)

    def with_room(self, unconvinced: np.ndarray, readable: np.ndarray, least: np.ndarray) -> np.ndarray:
        """Those of them that could be less for all that the municipality knows of its own numbers and printed zeros."""
        left = unconvinced.copy()
        for number in np.flatnonzero(unconvinced.any(axis=0)):
            told = readable | (self._municipality == self._who[number])
            lowest = np.maximum(least, self._counts_itself(self._who[number]))
            down, _ = _room(self._sums, np.where(told, 0, self._value - lowest), told)
            left[:, number] &= down[self._watched] > 0
        return left

    def _counts_itself(self, who: int) -> np.ndarray:
        """How many persons of each count the municipality counts itself."""
        return self._own[[who]].toarray()[0]


def _told_here(claim: Claim) -> tuple[np.ndarray, np.ndarray]:
    """Which counts the release's own rows tell, and which it offers, shown or hidden."""
    told, offered = np.zeros(len(claim.told), dtype=bool), np.zeros(len(claim.told), dtype=bool)
    lines = claim.system.shown
    for table in lines["table"].unique():
        here = (lines["table"] == table).to_numpy()
        cells = claim.frames[table][numbers_of(table)].notna().any(axis=1).to_numpy()
        row, count = lines["row"].to_numpy()[here], lines["count"].to_numpy()[here]
        told[count[cells[row]]] = True
        offered[count[~claim.never_shown[here]]] = True
    return told, offered


def _least(system: System, sums: Matrix, readable: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """The least each count can be. A printed zero tells that a hidden count is at least 1, unless its whole is hidden with
    its make-up or nothing is shown at all.
    """
    least = np.where(offered & ~readable, 1, 0)
    least[system.wholes[~readable[system.wholes[:, 1]]][:, 0]] = 0
    least = np.where(readable, system.value, np.minimum(least, system.value))
    down, _ = _room(sums, system.value - least, readable)
    return system.value - down


def _room(sums: Matrix, most: np.ndarray, readable: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By how much each count can be less, `most` at most, and more: what a term of a sum loses the terms beside it must make up
    for.
    """
    terms = sums.tocoo()
    unknown = ~readable[terms.col]
    row, column, positive = terms.row[unknown], terms.col[unknown], terms.data[unknown] > 0
    down, up = np.where(readable, 0.0, most), np.where(readable, 0.0, UNLIMITED)
    last = np.inf
    while (
        down.sum() + up.sum() < last
    ):  # until nothing changes, so that starting once more from here changes nothing either
        last = down.sum() + up.sum()
        for side in (positive, ~positive):
            amount = np.where(side, up[column], down[column])
            rest = np.bincount(row, weights=amount, minlength=sums.shape[0])[row] - amount
            np.minimum.at(down, column[side], rest[side])
            np.minimum.at(up, column[~side], rest[~side])
    return down, up


def _impossible(value: np.ndarray, sums: Matrix, moves: Matrix, readable: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Witnesses that move what can be read, break a sum, or fall below what a count can be."""
    entries = moves.tocoo()
    bad = np.zeros(moves.shape[0], dtype=bool)
    bad[entries.row[readable[entries.col] & (entries.data != 0)]] = True
    bad[entries.row[value[entries.col] + entries.data < least[entries.col]]] = True
    broken = (sums @ moves.T).tocoo()
    bad[broken.col[broken.data != 0]] = True
    return bad
