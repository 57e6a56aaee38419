"""Earlier releases as knowledge: what readers still hold, and what was hidden from them.

A snapshot is one release to one audience: every count it offered, its value, and whether it was shown. What an earlier
release showed and still holds is known for ever; what it hid and still holds stays hidden; a count that changed since is two
counts, bound by the sums of both releases. A municipality remembers its own numbers of then, too, shown or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from pipelines.disclosure.counts import KEY
from pipelines.disclosure.sums import Matrix, System, own_numbers

NAMED_KEY = ["counts", "area", "first", "last"]


@dataclass(frozen=True)
class Memory:
    """What earlier releases add to a system: `system` with the old counts at its end, and what is known of all of them."""

    system: System
    told: np.ndarray  # shown before, and still true
    frozen: np.ndarray  # hidden before, and still true


def snapshot(system: System, bound: np.ndarray, readable: np.ndarray, *, insiders: bool) -> pd.DataFrame:
    """One release as it is kept: NAMED_KEY, `value`, `shown`, `offered`. `bound`: the counts it tells something of.

    Of others only what `insiders` know (`offered` is false): the numbers of municipalities that are part of hidden counts.
    """
    kept = np.flatnonzero(bound)
    release = _named(system, kept).assign(shown=readable[kept], offered=True)
    if not insiders:
        return release
    terms = system.own.tocoo()
    hidden = (bound & ~readable)[terms.col]
    own = _named(system, terms.col[hidden]).assign(
        area=np.array(system.areas, dtype=object)[terms.row[hidden]],
        value=terms.data[hidden],
        shown=False,
        offered=False,
    )
    return pd.concat([release, own], ignore_index=True).drop_duplicates(NAMED_KEY, ignore_index=True)


def _named(system: System, kept: np.ndarray) -> pd.DataFrame:
    counts = system.counts.iloc[kept]
    return pd.DataFrame(
        {
            "counts": np.array(system.paths, dtype=object)[counts["path"]],
            "area": np.array(system.areas, dtype=object)[counts["area"]],
            "first": counts["first"].to_numpy(),
            "last": counts["last"].to_numpy(),
            "value": counts["value"].to_numpy(),
        }
    )


def remember(system: System, earlier: Sequence[pd.DataFrame]) -> Memory:
    """The system as an attacker sees it who kept every earlier release. `earlier`: their snapshots, oldest first."""
    size = len(system.value)
    told, frozen = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    if not earlier:
        return Memory(system, told, frozen)
    now = _named(system, np.arange(size)).assign(id=np.arange(size)).set_index(NAMED_KEY)
    olds: list[pd.DataFrame] = []
    relations: list[Matrix] = []
    owned: list[pd.DataFrame] = []
    for release in earlier:
        # An area that is no longer (a region renamed, towns merged) is in no sum of today's: its counts tell nothing here.
        known = release[release["area"].isin(system.areas)]
        before = known[known["offered"]] if "offered" in known else known  # releases of before 0034 kept no others
        joined = before.set_index(NAMED_KEY).join(now[["id", "value"]], rsuffix="_now")
        same = (joined["value"] == joined["value_now"]).to_numpy()
        ids = joined["id"].to_numpy()
        shown = joined["shown"].to_numpy(dtype=bool)
        told[ids[same & shown].astype("int64")] = True
        frozen[ids[same & ~shown].astype("int64")] = True
        changed = joined[~same].reset_index()
        start = size + sum(len(old) for old in olds)
        relations.append(_old_sums(system, joined, changed, start))
        olds.append(changed)
        owned.append(known[known["counts"].isin(changed["counts"])])
    return _joined(system, told, frozen & ~told, olds, owned, relations)


def _old_sums(system: System, before: pd.DataFrame, changed: pd.DataFrame, start: int) -> Matrix:
    """The sums of an earlier release that held changed counts, over the current counts and its own old ones (from `start`)."""
    size = len(system.value)
    column = np.full(size, -1)
    value = np.zeros(size)
    there = before["id"].notna().to_numpy()
    ids = before["id"].to_numpy()[there].astype("int64")
    column[ids] = ids
    value[ids] = before["value"].to_numpy()[there]
    replaced = changed["id"].notna().to_numpy()
    column[changed["id"].to_numpy()[replaced].astype("int64")] = start + np.flatnonzero(replaced)
    touched = np.zeros(size)
    touched[changed["id"].to_numpy()[replaced].astype("int64")] = 1
    sums = system.sums[np.flatnonzero(abs(system.sums) @ touched > 0)].tocsr()
    # A term that the earlier release did not have was not part of its sum; where the rest does not add up, it was no sum of it.
    sums = sums[np.flatnonzero(sums @ value == 0)].tocoo()
    kept = column[sums.col] >= 0
    shape = (sums.shape[0], start + len(changed))
    return sparse.csr_matrix((sums.data[kept], (sums.row[kept], column[sums.col[kept]])), shape=shape)


def _joined(
    system: System,
    told: np.ndarray,
    frozen: np.ndarray,
    olds: Sequence[pd.DataFrame],
    owned: Sequence[pd.DataFrame],
    relations: Sequence[Matrix],
) -> Memory:
    old = pd.concat(olds, ignore_index=True)
    size = len(system.value) + len(old)
    paths = [*system.paths, *sorted(set(old["counts"]) - set(system.paths))]
    added = _coded(old, system, paths)
    own = [
        own_numbers(_coded(o, system, paths), _coded(k, system, paths), system.parent)
        for o, k in zip(olds, owned, strict=True)
    ]
    blocks = [system.sums, *relations]
    wide = [sparse.csr_matrix((b.data, b.indices, b.indptr), shape=(b.shape[0], size)) for b in blocks]
    counts = pd.concat([system.counts, added], ignore_index=True)[[*KEY, "value"]]
    kinds = [*system.kinds, *["earlier"] * sum(block.shape[0] for block in relations)]
    sums, own = sparse.vstack(wide).tocsr(), sparse.hstack([system.own, *own]).tocsr()
    remembered = np.concatenate([told | frozen, np.ones(len(old), dtype=bool)])
    whole = replace(system, counts=counts, paths=paths, sums=sums, own=own, kinds=kinds, remembered=remembered)
    shown = old["shown"].to_numpy(dtype=bool)
    return Memory(
        system=whole,
        told=np.concatenate([told, shown]),
        frozen=np.concatenate([frozen, np.zeros(len(old), dtype=bool)]),
    )


def _coded(named: pd.DataFrame, system: System, paths: Sequence[str]) -> pd.DataFrame:
    """Kept counts as a system holds them: KEY, `value`."""
    area_codes = {area: code for code, area in enumerate(system.areas)}
    path_codes = {path: code for code, path in enumerate(paths)}
    codes = {"path": named["counts"].map(path_codes), "area": named["area"].map(area_codes)}
    return named.assign(**codes)[[*KEY, "value"]].astype("int64")
