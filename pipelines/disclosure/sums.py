"""How the published counts add up: the knowledge that suppressor, attacker and verifier all start from.

Areas, periods, members of breakdowns, set + rest, the stock of cases. Reading rows into counts belongs to `counts.py`, choosing
what to hide to `suppress.py`, attacking it to `audit.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from pipelines.disclosure.counts import KEY, STOCK, Codes, Counted, is_stock_by_member, plain, read_counts

Matrix = Any
"""A scipy sparse matrix; its stubs know neither shape nor arithmetic."""
SEVERAL = -1
"""Instead of a municipality: more than one."""


@dataclass
class System:
    """Every count of a release, the rows that show it, and the sums that bind it.

    `counts`: path, area, first, last (see KEY; codes and month numbers), `value`. `shown`: one line per (row, count), with
    `table` and the row's position in its frame. `sums`: one row per relation, `sums @ value == 0`. `wholes`: for each
    count the counts of the sets it is part of, as (part, whole) pairs; `kinds`: of each relation. `own`: see `own_numbers`.
    `remembered`: counts that earlier releases told something of.
    """

    paths: list[str]
    areas: list[str]
    counts: pd.DataFrame
    shown: pd.DataFrame
    sums: Matrix
    wholes: np.ndarray
    own: Matrix
    parents: Mapping[str, str]
    remembered: np.ndarray
    left_out: int = 0
    kinds: list[str] = field(default_factory=list)

    @cached_property
    def value(self) -> np.ndarray:
        """The true counts."""
        return self.counts["value"].to_numpy()

    @cached_property
    def subject(self) -> np.ndarray:
        """What each count is about: the first segment of its path. No sum joins two subjects."""
        return _subjects(self.paths)[self.counts["path"].to_numpy()]

    @cached_property
    def parent(self) -> np.ndarray:
        """For each area the code of the area it is part of, or SEVERAL."""
        return _parent_codes(self.areas, self.parents)

    @cached_property
    def municipality(self) -> np.ndarray:
        """The municipality (its code) whose number a count is, and which knows it; SEVERAL for an area's."""
        area = self.counts["area"].to_numpy()
        return np.where(_municipalities(self.parent)[area], area, SEVERAL)

    @cached_property
    def owner(self) -> np.ndarray:
        """The municipality (its code) that counts all persons of a count, SEVERAL where more than one does.

        There is nobody in it to be hidden from that municipality, though it may not know that it counts them all.
        """
        parent, area, owner = self.parent, self.counts["area"].to_numpy(), self.municipality.copy()
        terms = self.sums.tocoo()
        whole = terms.data < 0
        of_whole = np.full(terms.shape[0], SEVERAL)
        of_whole[terms.row[whole]] = area[terms.col[whole]]
        others = ~whole & (parent[area[terms.col]] != of_whole[terms.row])
        over_areas = (np.bincount(terms.row, weights=others, minlength=terms.shape[0]) == 0)[terms.row]
        counts = over_areas & ~whole & (self.value[terms.col] > 0)
        for _ in range(2):  # municipalities into regions, regions into the prefecture
            least, most = np.full(terms.shape[0], len(parent)), np.full(terms.shape[0], SEVERAL)
            np.minimum.at(least, terms.row[counts], owner[terms.col[counts]])
            np.maximum.at(most, terms.row[counts], owner[terms.col[counts]])
            one = whole & over_areas & (least == most)[terms.row]
            owner[terms.col[one]] = most[terms.row[one]]
        return owner

    def tells_of(self, offered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The counts a release tells something of that offers some, shown or hidden, and the sums over nothing else.

        A count no row offers is told by a sum that holds no other such. Where it holds several they make way for each other.
        """
        counts, terms = offered | self.remembered, abs(self.sums)
        while True:
            left = terms @ (~counts).astype(float)
            alone = terms[np.flatnonzero(left == 1)].indices
            if counts[alone].all():
                return counts, left == 0
            counts[alone] = True

    @cached_property
    def families(self) -> list[np.ndarray]:
        """Sums that can be attacked together with all that is never shown, each as a choice among all sums: over the sets of one
        subject that are not broken down, and then over these and one dimension.
        """
        path, terms = self.counts["path"].to_numpy(), abs(self.sums)
        subject = _subjects(self.paths)
        broken_down = [frozenset(re.findall(r"[.!]([a-z_]+)=", name)) for name in self.paths]
        found = []
        for one in np.unique(subject[np.unique(path)]):
            here = np.flatnonzero(subject == one)
            dimensions = frozenset[str]().union(*(broken_down[code] for code in here))
            for dimension in ("", *sorted(dimensions)):
                within = np.zeros(len(subject))
                within[[code for code in here if broken_down[code] <= {dimension}]] = 1
                found.append(terms @ (1 - within)[path] == 0)
        return found

    @cached_property
    def rows(self) -> np.ndarray:
        """For each line of `shown` the number of its row, the same for all counts of one row."""
        return self.shown.groupby(["table", "row"], sort=False).ngroup().to_numpy()


def build_system(
    frames: Mapping[str, pd.DataFrame],
    *,
    counted: Mapping[str, Counted],
    parents: Mapping[str, str],
) -> System:
    """The counts of the published tables and their relations. `parents`: area → the area it is part of.

    A relation that the data do not fulfil (a month is missing, a breakdown of several answers) is no knowledge and left out.
    """
    paths, areas = Codes(), Codes(sorted({*parents, *parents.values()}))
    claims, counts = read_counts(frames, counted, paths, areas)
    ids = _ids(counts)
    shown = claims[["table", "row"]].assign(count=_lookup(ids, claims))
    relations = _Relations(counts)
    parent = _parent_codes(areas.names, parents)
    _add_areas(relations, counts, ids, parent)
    _add_time(relations, counts, ids)
    wholes = _add_parts(relations, counts, ids, paths)
    _add_stock(relations, counts, ids, paths)
    _add_same(relations, counts, ids, paths, parent)
    return System(
        paths=paths.names,
        areas=areas.names,
        counts=counts,
        shown=shown,
        sums=relations.matrix(),
        wholes=wholes,
        own=own_numbers(counts, counts, parent),
        parents=parents,
        remembered=np.zeros(len(counts), dtype=bool),
        left_out=relations.left_out,
        kinds=relations.kinds,
    )


def own_numbers(counts: pd.DataFrame, told: pd.DataFrame, parent: np.ndarray) -> Matrix:
    """Areas × counts: how many of the persons of an area's count each municipality in it counts itself, in the same set and span.

    It knows that number, whether anybody is shown it or not, so to it the area counts that many at least. `told`: the numbers
    of municipalities (KEY, `value`) in the same release; where there is none, nothing is said. `parent`: see `System.parent`.
    """
    whole = counts.assign(key=_one_number(counts), count=np.arange(len(counts)))
    part = told[_municipalities(parent)[told["area"]] & (told["value"] > 0)].rename(columns={"value": "own"})
    part, found = part.assign(who=part["area"]), []
    for _ in range(2):  # in its region, in the prefecture
        part = part.assign(area=parent[part["area"]])
        part = part.assign(key=_one_number(part))
        found.append(part[["key", "who", "own"]].merge(whole[["key", "count", "value"]], on="key"))
    own = pd.concat(found).query("own <= value")  # where more, the area's number is no sum
    return sparse.csr_matrix((own["own"], (own["who"], own["count"])), shape=(len(parent), len(counts)))


def _subjects(paths: Iterable[str]) -> np.ndarray:
    return np.array([plain(path).split(".")[0] for path in paths])


def _parent_codes(areas: Sequence[str], parents: Mapping[str, str]) -> np.ndarray:
    above = {name: code for code, name in enumerate(areas)}
    return np.array([above.get(parents.get(name, ""), SEVERAL) for name in areas])


def _municipalities(parent: np.ndarray) -> np.ndarray:
    """For each area whether it is one: part of another, and nothing is part of it."""
    return np.isin(np.arange(len(parent)), parent, invert=True) & (parent >= 0)


@dataclass(frozen=True)
class _Ids:
    """Every key as one number, in order, and the count each belongs to."""

    key: np.ndarray
    count: np.ndarray


def _ids(counts: pd.DataFrame) -> _Ids:
    key = _one_number(counts)
    order = np.argsort(key, kind="stable")
    return _Ids(key[order], order)


def _one_number(keys: pd.DataFrame) -> np.ndarray:
    """A key packed into one number: 20 bits of path, 12 of area, 16 of month, 15 of length; -1 where a part of it is -1."""
    path, area, first, last = (keys[name].to_numpy("int64") for name in KEY)
    return np.where((path < 0) | (area < 0), -1, ((path << 12 | area) << 16 | first) << 15 | (last - first))


def _lookup(ids: _Ids, keys: pd.DataFrame) -> np.ndarray:
    """Count ids of keys, -1 where there is none."""
    wanted = _one_number(keys)
    if not len(ids.key):
        return np.full(len(wanted), -1)
    place = np.minimum(np.searchsorted(ids.key, wanted), len(ids.key) - 1)
    return np.where(ids.key[place] == wanted, ids.count[place], -1)


class _Relations:
    """Collects relations `sum of parts = whole` that the data fulfil."""

    def __init__(self, counts: pd.DataFrame) -> None:
        self._value = counts["value"].to_numpy()
        self._parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._rows = 0
        self.left_out = 0
        self.kinds: list[str] = []

    def add(self, kind: str, relation: np.ndarray, count: np.ndarray, sign: np.ndarray) -> None:
        """Relations given as (relation, count, sign) triplets; those that do not sum to zero are left out."""
        if not len(relation):
            return
        _, number = np.unique(relation, return_inverse=True)
        total = np.bincount(number, weights=sign * self._value[count])
        size = np.bincount(number)
        good = (total == 0) & (size > 1)
        self.left_out += int((~good).sum())
        renumbered = np.cumsum(good) - 1
        keep = good[number]
        self._parts.append((renumbered[number[keep]] + self._rows, count[keep], sign[keep]))
        self._rows += int(good.sum())
        self.kinds.extend([kind] * int(good.sum()))

    def matrix(self) -> Matrix:
        """Relations × counts."""
        shape = (self._rows, len(self._value))
        if not self._parts:
            return sparse.csr_matrix(shape)
        rows, columns, signs = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        return sparse.csr_matrix((signs.astype(float), (rows, columns)), shape=shape)

    def add_sums(self, kind: str, whole: np.ndarray, part: np.ndarray, group: np.ndarray | None = None) -> None:
        """`whole` = Σ `part`, line by line; -1 is nobody. `group` separates several ways to add up to one whole."""
        there = (whole >= 0) & (part >= 0)
        whole, part = whole[there], part[there]
        group = np.zeros(len(whole), dtype="int64") if group is None else group[there]
        relation = whole * (1 + (group.max() if len(group) else 0)) + group
        unique, index = np.unique(relation, return_index=True)
        self.add(
            kind,
            np.concatenate([relation, unique]),
            np.concatenate([part, whole[index]]),
            np.concatenate([np.ones(len(part)), -np.ones(len(unique))]),
        )


def _add_areas(relations: _Relations, counts: pd.DataFrame, ids: _Ids, parents: np.ndarray) -> None:
    above = counts.assign(area=parents[counts["area"].to_numpy()])
    relations.add_sums("area", _lookup(ids, above), np.arange(len(counts)))


def _add_time(relations: _Relations, counts: pd.DataFrame, ids: _Ids) -> None:
    """Fiscal years of quarters, quarters and windows of months."""
    length = counts["last"] - counts["first"] + 1
    years = counts[(length == 12) & (counts["first"] % 12 == 3)]
    of_quarters = _split(relations, counts, ids, years, 3)
    longer = counts[(length > 1) & ~counts.index.isin(of_quarters)]
    _split(relations, counts, ids, longer, 1)


def _split(relations: _Relations, counts: pd.DataFrame, ids: _Ids, wholes: pd.DataFrame, step: int) -> np.ndarray:
    """Add `whole = Σ parts of `step` months`; returns the wholes for which there are any parts."""
    spans = ((wholes["last"] - wholes["first"] + 1) // step).to_numpy()
    repeated = wholes.loc[wholes.index.repeat(spans)].copy()
    nth = np.concatenate([np.arange(n) for n in spans]) if len(spans) else np.array([], dtype="int64")
    repeated["first"] += nth * step
    repeated["last"] = repeated["first"] + step - 1
    part, whole = _lookup(ids, repeated), repeated.index.to_numpy()
    relations.add_sums("time", whole, part)
    return np.unique(whole[part >= 0])


def _add_parts(relations: _Relations, counts: pd.DataFrame, ids: _Ids, paths: Codes) -> np.ndarray:
    """Members of a breakdown and set + rest; returns which count is part of which."""
    pairs, breakdowns = [], Codes()
    members: dict[int, set[str]] = {}
    path = counts["path"].to_numpy()
    for code in np.unique(path):
        here, name = np.flatnonzero(path == code), paths.names[code]
        for whole, dimension in _generalisations(name):
            whole_code = paths.find(whole)
            if whole_code < 0:
                continue
            above = _lookup(ids, counts.iloc[here].assign(path=whole_code))
            breakdown = -1
            if dimension is not None:
                breakdown = breakdowns.code(f"{plain(whole)} by {dimension}")
                members.setdefault(breakdown, set()).add(plain(name))
            elif ".!" in name:
                sibling = _lookup(ids, counts.iloc[here].assign(path=paths.find(name.replace("!", ""))))
                both = (above >= 0) & (sibling >= 0)
                relations.add_sums("rest", np.tile(above[both], 2), np.concatenate([here[both], sibling[both]]))
            pairs.append(np.column_stack([here, above, np.full(len(here), breakdown)])[above >= 0])
    found = np.concatenate(pairs) if pairs else np.empty((0, 3), dtype="int64")
    _add_members(relations, found[found[:, 2] >= 0], [len(members[code]) for code in range(len(members))])
    return found[:, :2]


def _add_members(relations: _Relations, found: np.ndarray, size: Sequence[int]) -> None:
    """Breakdowns that are told whole, zeros too: where only some members are told, it is chance if they make up the set.

    `found`: member, set, breakdown; `size`: how many members each breakdown has.
    """
    member, whole, breakdown = found.T
    _, number, told = np.unique(found[:, 1:], axis=0, return_inverse=True, return_counts=True)
    complete = told[number.ravel()] == np.array([0, *size])[breakdown + 1]
    relations.add_sums("members", whole[complete], member[complete], breakdown[complete])


def _generalisations(path: str) -> Iterable[tuple[str, str | None]]:
    """The sets a set is part of, one step up: (path, the dimension given up or None)."""
    segments = path.split(".")
    last = len(segments) - 1
    if "~" in segments[last]:
        return
    while last > 0 and "=" in segments[last] and not segments[last].startswith("!"):
        rest = segments[:last] + segments[last + 1 :]
        yield ".".join(rest), segments[last].split("=")[0]
        last -= 1
    if last == len(segments) - 1 and last > 0:
        yield ".".join(segments[:-1]), None


def _add_stock(relations: _Relations, counts: pd.DataFrame, ids: _Ids, paths: Codes) -> None:
    """Stock at the end of a month, quarter or year = stock at the end of the one before + what came in - what went out."""
    stock, flows = STOCK
    lead = next(iter(flows))
    for name in list(paths.names):
        if name != stock and not is_stock_by_member(name):
            continue
        member = name.removeprefix(stock)
        spans = counts[counts["path"] == paths.find(lead + member)]
        at_end = spans.assign(path=paths.find(name), first=spans["last"])
        before = at_end.assign(first=spans["first"] - 1, last=spans["first"] - 1)
        terms = [(_lookup(ids, at_end), -1.0), (_lookup(ids, before), 1.0)]
        terms += [(_lookup(ids, spans.assign(path=paths.find(flow + member))), float(s)) for flow, s in flows.items()]
        known = np.all([count >= 0 for count, _ in terms], axis=0)
        relations.add(
            "stock",
            np.tile(spans.index.to_numpy()[known], len(terms)),
            np.concatenate([count[known] for count, _ in terms]),
            np.concatenate([np.full(known.sum(), sign) for _, sign in terms]),
        )


def _add_same(relations: _Relations, counts: pd.DataFrame, ids: _Ids, paths: Codes, parent: np.ndarray) -> None:
    """A municipality's number is one, whoever counts it, unless it shows that they count otherwise."""
    usual = np.array([paths.find(plain(name)) if "~" in name else -1 for name in paths.names], dtype="int64")
    other = np.flatnonzero((usual[counts["path"]] >= 0) & _municipalities(parent)[counts["area"]])
    same = _lookup(ids, counts.iloc[other].assign(path=usual[counts["path"].to_numpy()[other]]))
    relations.add_sums("same", same, other, counts["path"].to_numpy()[other])
