"""What a reader of a published file starts from: which counts he can read, and how small each other one can be.

He sees the published rows, knows how counts add up, that zeros are printed, which levels are never shown, and earlier
releases. What he makes of it belongs to `audit.py`. Shares no code with `suppress.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.disclosure.counts import numbers_of
from pipelines.disclosure.sums import Matrix, System

FAR = 1e9
"""Farther than any count moves."""


@dataclass(frozen=True)
class View:
    """What an attacker starts from: which counts he can read, the least each other one can be, the sums that bind them.

    Not among the sums are those over several counts of levels never shown, which make way for each other; `worked_out` has them.
    """

    system: System
    readable: np.ndarray
    least: np.ndarray
    sums: Matrix


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
    sums = system.sums
    if not whole:
        _, telling = system.tells_of(offered)
        sums = sums[telling]
    return View(system, readable, _least(system, sums, readable, offered), sums)


def _least(system: System, sums: Matrix, readable: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """The least an unreadable count can be. Zeros are printed, except in the make-up of a hidden whole and where nothing is
    shown at all; and what parts are at least, their sum is too.
    """
    least = (offered & ~readable).astype("int64")
    pairs = pd.DataFrame(system.wholes, columns=["part", "whole"])
    least[pairs["part"][~readable[pairs["whole"]]]] = 0
    least = np.where(readable, system.value, np.minimum(least, system.value))
    unknown = np.flatnonzero(~readable)
    fall, _ = tightened(sums[:, unknown], (system.value - least)[unknown])
    least[unknown] = system.value[unknown] - fall
    return least


def worked_out(view: View, needed: np.ndarray) -> np.ndarray:
    """The small counts that one subtraction after another tells, over every sum there is."""
    value = view.system.value
    unknown = np.flatnonzero(~view.readable)
    fall, rise = tightened(view.system.sums[:, unknown], (value - view.least)[unknown])
    small = (value > 0) & (value < needed)
    return unknown[(fall == 0) & (rise == 0) & small[unknown]]


def tightened(sums: Matrix, room: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By how much each unknown count can be less and more, as far as one sum after another tells: the terms beside it make up
    for it.
    """
    terms = sums.tocoo()
    fall, rise = room.astype(float), np.full(len(room), FAR)
    before = np.inf
    while fall.sum() + rise.sum() < before:  # until no sum tells more; the verifier must come to the same bounds
        before = fall.sum() + rise.sum()
        for same in (terms.data > 0, terms.data < 0):
            far = np.where(same, rise[terms.col], fall[terms.col])
            beside = np.bincount(terms.row, weights=far, minlength=sums.shape[0])[terms.row] - far
            np.minimum.at(fall, terms.col[same], beside[same])
            np.minimum.at(rise, terms.col[~same], beside[~same])
    return fall.astype("int64"), rise.astype("int64")
