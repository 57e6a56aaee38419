"""Checks a release against its witnesses by additions alone: no solver, nothing shared with those who made them.

A witness is an alternative table. If each agrees with everything that can be read and every hidden small count has one in
which it reaches its threshold and one in which it is less, nobody can work it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.disclosure.counts import Matrix, System, numbers_of


@dataclass(frozen=True)
class Breach:
    """Counts of which one thing is wrong: `what` is shown_small, impossible_witness, too_low or pinned."""

    what: str
    counts: np.ndarray


@dataclass(frozen=True)
class Claim:
    """What a release says of itself: its frames, the lines never shown, what readers know besides, and the witnesses.

    `needed`: the number each count must be able to be. `before`: counts that only earlier releases had, hidden then.
    """

    system: System
    frames: Mapping[str, pd.DataFrame]
    never_shown: np.ndarray
    told: np.ndarray
    before: np.ndarray
    needed: np.ndarray
    witnesses: Matrix


def verify(claim: Claim) -> list[Breach]:
    """What is wrong with a release; an empty list lets it be published."""
    value = claim.system.value
    told_here, offered = _told_here(claim)
    readable = claim.told | told_here
    small = (value > 0) & (value < claim.needed) & ~claim.told
    breaches = [Breach("shown_small", np.flatnonzero(small & readable & offered))]
    moves = claim.witnesses.tocsr()
    listed = np.zeros(len(value), dtype=bool)
    listed[claim.system.shown["count"].to_numpy()] = True
    sums = claim.system.sums[abs(claim.system.sums) @ (listed & ~offered).astype(float) == 0]
    least = _least(claim.system, sums, readable, offered)
    bad = _impossible(value, sums, moves, readable, least)
    breaches.append(Breach("impossible_witness", np.unique(moves[np.flatnonzero(bad)].indices)))
    good = moves[np.flatnonzero(~bad)]
    # Of a subject of which it shows nothing, a release tells no more than the ones before it.
    spoken_of = np.isin(claim.system.subject, claim.system.subject[told_here])
    watched = np.flatnonzero(small & ~readable & (offered | claim.before) & spoken_of)
    highest, lowest = np.zeros(len(value)), np.zeros(len(value))
    if good.shape[0]:
        highest, lowest = good.max(axis=0).toarray().ravel(), good.min(axis=0).toarray().ravel()
    breaches.append(Breach("too_low", watched[(value + highest < claim.needed)[watched]]))
    breaches.append(Breach("pinned", watched[(lowest >= 0)[watched] & (value > least)[watched]]))
    return [breach for breach in breaches if len(breach.counts)]


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
    its make-up or nothing is shown at all; the only unknown term of a side of a sum is the rest of it at least.
    """
    least = np.where(offered & ~readable, 1, 0)
    least[system.wholes[~readable[system.wholes[:, 1]]][:, 0]] = 0
    least = np.where(readable, system.value, np.minimum(least, system.value)).astype(float)
    terms = sums.tocoo()
    size, positive, unknown = sums.shape[0], terms.data > 0, ~readable[terms.col]
    for _ in range(4):
        for side in (positive, ~positive):
            single = np.bincount(terms.row, weights=side & unknown, minlength=size) == 1
            entry = np.flatnonzero(side & unknown & single[terms.row])
            known = np.bincount(terms.row, weights=np.where(side & ~unknown, least[terms.col], 0), minlength=size)
            opposite = np.bincount(terms.row, weights=np.where(side, 0, least[terms.col]), minlength=size)
            raised = np.zeros(len(least))
            np.maximum.at(raised, terms.col[entry], (opposite - known)[terms.row[entry]])
            least = np.where(readable, least, np.maximum(least, np.minimum(raised, system.value)))
    return least


def _impossible(value: np.ndarray, sums: Matrix, moves: Matrix, readable: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Witnesses that move what can be read, break a sum, or fall below what a count can be."""
    entries = moves.tocoo()
    bad = np.zeros(moves.shape[0], dtype=bool)
    bad[entries.row[readable[entries.col] & (entries.data != 0)]] = True
    bad[entries.row[value[entries.col] + entries.data < least[entries.col]]] = True
    broken = (sums @ moves.T).tocoo()
    bad[broken.col[broken.data != 0]] = True
    return bad
