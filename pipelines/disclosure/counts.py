"""What the published tables count, and how those counts add up: the knowledge that suppressor and attacker both start from.

A count is (path, area, first month, last month). A path names a set of persons, each segment narrowing the one before:
`consultation.complex.referred`, `case.closed.closure_type=C1`; `.!segment` is the rest of the set before it. The same count
told by two tables is one count here. Choosing what to hide belongs to `suppress.py`, attacking it to `audit.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

Matrix = Any
"""A scipy sparse matrix; its stubs know neither shape nor arithmetic."""
KEY = ["path", "area", "first", "last"]
ROW_KEYS: Mapping[str, list[str]] = {
    "kpi_monthly": ["kpi_id", "period", "area_level", "area_code"],
    "kpi_monthly_by": ["kpi_id", "period", "area_level", "area_code", "dimension", "member"],
    "kpi_period": ["kpi_id", "period_kind", "period", "area_level", "area_code"],
    "gap_need_cross": ["fiscal_year", "area_level", "area_code", "gap_reason", "age_band"],
    "referral_source": ["fiscal_year", "area_level", "area_code", "agency_type"],
    "support_flow": ["fiscal_year", "area_level", "area_code", "from_stage", "to_stage"],
}
"""The tables whose rows count persons and are hidden one by one, with what identifies a row."""
COUNT_COLUMN: Mapping[str, str] = {
    "gap_need_cross": "consultations",
    "referral_source": "cases",
    "support_flow": "cases",
}
"""Where the count stands in a table that has no numerator."""
SEVERAL = -1
"""Instead of a municipality: more than one."""
SPANS = {"fiscal_quarter": 3, "fiscal_year": 12}
"""The months in a period of `kpi_period`."""
STOCK = ("case.active", {"case.accepted": 1, "case.closed": -1, "case.returned": -1})
"""What is in hand at the end of a month = the month before's, and what came in and went out."""


@dataclass(frozen=True)
class Counted:
    """What a KPI's numerator and denominator count; `back` are the months before its own in which (nearest, farthest)."""

    counts: str
    counts_of: str | None
    back: tuple[int, int]


def numbers_of(table: str) -> list[str]:
    """The columns of a table that tell a count of persons: one of them shown, and the row is told."""
    return [COUNT_COLUMN[table]] if table in COUNT_COLUMN else ["numerator", "denominator", "value"]


def read_counted(rows: Sequence[Mapping[str, str]]) -> dict[str, Counted]:
    """`disclosure_counts.csv` by KPI. `set@a..b` counts over the months from b before to a before the KPI's own."""
    counted = {}
    for row in rows:
        counts, _, window = row["counts"].partition("@")
        nearest, farthest = window.split("..") if window else ("0", "0")
        of, _, _ = row["counts_of"].partition("@")
        counted[row["kpi_id"]] = Counted(counts, of or None, (int(nearest), int(farthest)))
    return counted


@dataclass
class System:
    """Every count of a release, the rows that show it, and the sums that bind it.

    `counts`: path, area, first, last (see KEY; codes and month numbers), `value`. `shown`: one line per (row, count), with
    `table` and the row's position in its frame. `sums`: one row per relation, `sums @ value == 0`. `wholes`: for each
    count the counts of the sets it is part of, as (part, whole) pairs; `kinds`: of each relation.
    """

    paths: list[str]
    areas: list[str]
    counts: pd.DataFrame
    shown: pd.DataFrame
    sums: Matrix
    wholes: np.ndarray
    parents: Mapping[str, str]
    left_out: int = 0
    kinds: list[str] = field(default_factory=list)

    @cached_property
    def value(self) -> np.ndarray:
        """The true counts."""
        return self.counts["value"].to_numpy()

    @cached_property
    def subject(self) -> np.ndarray:
        """What each count is about: the first segment of its path. No sum joins two subjects."""
        return np.array([path.split(".")[0].split("~")[0] for path in self.paths])[self.counts["path"].to_numpy()]

    @cached_property
    def owner(self) -> np.ndarray:
        """The municipality (its code) that counts all persons of a count, SEVERAL where more than one does.

        It knows the number: its own, and that of an area in which nobody else counts anybody.
        """
        above = {name: code for code, name in enumerate(self.areas)}
        parent = np.array([above.get(self.parents.get(name, ""), SEVERAL) for name in self.areas])
        is_municipality = np.isin(np.arange(len(parent)), parent, invert=True) & (parent >= 0)
        area = self.counts["area"].to_numpy()
        owner = np.where(is_municipality[area], area, SEVERAL)
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

    @cached_property
    def rows(self) -> np.ndarray:
        """For each line of `shown` the number of its row, the same for all counts of one row."""
        return self.shown.groupby(["table", "row"], sort=False).ngroup().to_numpy()


class Codes:
    """Strings as numbers."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.names: list[str] = []
        self._codes: dict[str, int] = {}
        for name in known:
            self.code(name)

    def code(self, name: str) -> int:
        """The number of a string, a new one if it has none."""
        if name not in self._codes:
            self._codes[name] = len(self.names)
            self.names.append(name)
        return self._codes[name]

    def codes(self, names: pd.Series) -> np.ndarray:
        """The numbers of many strings."""
        place, different = pd.factorize(names)
        return np.array([self.code(str(name)) for name in different], dtype="int64")[place]

    def find(self, name: str) -> int:
        """The number of a string, or -1."""
        return self._codes.get(name, -1)


def month_number(day: pd.Series) -> pd.Series:
    """Months since year 0: consecutive months are consecutive numbers."""
    return day.dt.year * 12 + day.dt.month - 1


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
    claims = _tell_apart(_every_claim(frames, counted, paths, areas), paths)
    keys = claims.groupby(KEY, sort=True)["value"].first().reset_index()
    counts = _with_margins(keys, paths)
    counts = _with_unlisted_returns(counts, paths)
    ids = _ids(counts)
    shown = claims[["table", "row"]].assign(count=_lookup(ids, claims))
    relations = _Relations(counts)
    parent_codes = np.full(len(areas.names), -1)
    for part, whole in parents.items():
        parent_codes[areas.code(part)] = areas.code(whole)
    _add_areas(relations, counts, ids, parent_codes)
    _add_time(relations, counts, ids)
    wholes = _add_parts(relations, counts, ids, paths)
    _add_stock(relations, counts, ids, paths)
    return System(
        paths=paths.names,
        areas=areas.names,
        counts=counts,
        shown=shown,
        sums=relations.matrix(),
        wholes=wholes,
        parents=parents,
        left_out=relations.left_out,
        kinds=relations.kinds,
    )


def _every_claim(
    frames: Mapping[str, pd.DataFrame], counted: Mapping[str, Counted], paths: Codes, areas: Codes
) -> pd.DataFrame:
    """Which row says which count: `table`, `row`, KEY, `value`."""
    parts = list(_claims(frames, counted, paths, areas))
    columns = {name: [part[name] for part in parts] for name in ("row", *KEY, "value")}
    nothing = np.array([], dtype="int64")
    told = pd.DataFrame({name: np.concatenate([nothing, *arrays]) for name, arrays in columns.items()})
    tables = list(frames)
    code = np.concatenate([nothing, *(np.full(len(part["row"]), tables.index(part["table"])) for part in parts)])
    return told.assign(table=pd.Categorical(np.array(tables, dtype=object)[code], categories=tables))


def _claims(
    frames: Mapping[str, pd.DataFrame], counted: Mapping[str, Counted], paths: Codes, areas: Codes
) -> Iterable[dict[str, Any]]:
    """One set of rows after another: each column an array, `table` and `path` the same for all of it."""
    for table, frame in frames.items():
        count = COUNT_COLUMN.get(table, "numerator")
        told = frame[frame[count].notna()]
        area, value = areas.codes(told["area_code"]), told[count].to_numpy("int64")
        if table in COUNT_COLUMN:
            keys = ROW_KEYS[table][3:]
            first = told["fiscal_year"].to_numpy("int64") * 12 + 3
            base = {"row": told.index.to_numpy(), "area": area, "first": first, "last": first + 11, "value": value}
            for members, here in _groups(told, keys):
                chosen = {name: column[here] for name, column in base.items()}
                yield {"table": table, "path": _filled(paths.code(_path_of_year(table, members)), here), **chosen}
            continue
        start = month_number(told["period"]).to_numpy()
        months = told["period_kind"].map(SPANS).to_numpy() if "period_kind" in told else np.ones(len(told), "int64")
        base = {"row": told.index.to_numpy(), "area": area, "first": start, "last": start + months - 1, "value": value}
        base["of"] = told["denominator"].fillna(0).to_numpy("int64")
        keys = ["kpi_id", "dimension", "member"] if "dimension" in told else ["kpi_id"]
        for (kpi, *member), here in _groups(told, keys):
            if kpi in counted:
                rows = {"table": table, **{name: column[here] for name, column in base.items()}}
                yield from _claims_of_kpi(rows, counted[kpi], "=".join(["", *member]), paths)


def _groups(rows: pd.DataFrame, keys: list[str]) -> Iterable[tuple[tuple[str, ...], np.ndarray]]:
    """The positions of the rows of each combination of keys."""
    for key, here in rows.groupby(keys, sort=False).indices.items():
        yield key if isinstance(key, tuple) else (str(key),), np.asarray(here)


def _filled(code: int, like: np.ndarray) -> np.ndarray:
    return np.full(len(like), code)


def _path_of_year(table: str, values: tuple[str, ...]) -> str:
    if table == "gap_need_cross":
        return f"consultation.gap_need.gap_reason={values[0]}.age_band={values[1]}"
    if table == "referral_source":
        return f"case.accepted.referred_from={values[0]}"
    if values[0] == "consultation":
        return f"consultation.to={values[1]}"
    return f"case.accepted.step={values[0]}>{values[1]}"


def _claims_of_kpi(rows: dict[str, Any], counted: Counted, breakdown: str, paths: Codes) -> Iterable[dict[str, Any]]:
    """`breakdown` is `=dimension=member` in a breakdown and empty otherwise."""
    nearest, farthest = counted.back
    base = {**rows, "first": rows["first"] - farthest, "last": rows["last"] - nearest}
    member = f".{breakdown[1:]}" if breakdown else ""
    numerator, denominator = rows["value"], rows["of"]
    yield {**base, "path": _filled(paths.code(counted.counts + member), numerator)}
    if counted.counts_of is not None:
        rest = f"{counted.counts_of}.!{counted.counts.removeprefix(counted.counts_of + '.')}"
        for path, value in ((counted.counts_of, denominator), (rest, denominator - numerator)):
            yield {**base, "path": _filled(paths.code(path + member), numerator), "value": value}


def _tell_apart(claims: pd.DataFrame, paths: Codes) -> pd.DataFrame:
    """Counts of one name that two tables give different values (other months known) are two counts."""
    first = claims.groupby(KEY)["value"].transform("first")
    other = claims["value"] != first
    if other.any():
        named = claims.loc[other]
        names = [f"{paths.names[path]}~{table}" for path, table in zip(named["path"], named["table"], strict=True)]
        claims.loc[other, "path"] = [paths.code(name) for name in names]
    return claims


def _with_margins(keys: pd.DataFrame, paths: Codes) -> pd.DataFrame:
    """Add the margins of two-way tables, which no row tells but everybody can add up."""
    found = [keys]
    for path in keys["path"].unique():
        segments = paths.names[path].split(".")
        if len(segments) > 2 and "=" in segments[-1] and "=" in segments[-2]:
            cells = keys[keys["path"] == path]
            for gone in (-1, -2):
                margin = [s for n, s in enumerate(segments) if n != len(segments) + gone]
                found.append(cells.assign(path=paths.code(".".join(margin))))
    added = pd.concat(found[1:]) if len(found) > 1 else None
    if added is None:
        return keys
    added = added.groupby(KEY, as_index=False)["value"].sum()
    return pd.concat([keys, added]).drop_duplicates(KEY).reset_index(drop=True)


def _with_unlisted_returns(counts: pd.DataFrame, paths: Codes) -> pd.DataFrame:
    """Add what left the stock by member where no table breaks it down: the identity of the stock tells it."""
    stock, flows = STOCK
    listed = set(counts["path"].unique())
    added = []
    for name in list(paths.names):
        if not name.startswith(f"{stock}.") or name.count("=") != 1 or ".!" in name:
            continue
        member = name.removeprefix(stock)
        absent = [flow for flow in flows if paths.find(flow + member) not in listed]
        if len(absent) != 1:
            continue
        sign = flows[absent[0]]
        series = {flow: _series(counts, paths.find(flow + member)) for flow in flows if flow not in absent}
        here = _series(counts, paths.find(name))
        change = here - here.rename(lambda m: m + 1, level="last")
        moved = (change - sum(flows[flow] * one for flow, one in series.items())) * sign
        moved = moved[moved >= 0].astype("int64").rename("value").reset_index()
        added.append(moved.assign(first=moved["last"], path=paths.code(absent[0] + member)))
    return pd.concat([counts, *added], ignore_index=True)[[*KEY, "value"]]


def _series(counts: pd.DataFrame, path: int) -> pd.Series:
    monthly = counts[(counts["path"] == path) & (counts["first"] == counts["last"])]
    return monthly.set_index(["area", "last"])["value"]


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
    pairs = []
    path = counts["path"].to_numpy()
    for code in np.unique(path):
        here = np.flatnonzero(path == code)
        for whole, dimension in _generalisations(paths.names[code]):
            whole_code = paths.find(whole)
            if whole_code < 0:
                continue
            above = _lookup(ids, counts.iloc[here].assign(path=whole_code))
            pairs.append(np.column_stack([here, above])[above >= 0])
            if dimension is not None:
                pairs[-1] = np.column_stack([pairs[-1], np.full(len(pairs[-1]), paths.code(f"[{dimension}]"))])
            elif ".!" in paths.names[code]:
                sibling = _lookup(ids, counts.iloc[here].assign(path=paths.find(paths.names[code].replace("!", ""))))
                both = (above >= 0) & (sibling >= 0)
                relations.add_sums(
                    "rest",
                    np.tile(above[both], 2),
                    np.concatenate([here[both], sibling[both]]),
                )
                pairs[-1] = np.column_stack([pairs[-1], np.full(len(pairs[-1]), -1)])
            else:
                pairs[-1] = np.column_stack([pairs[-1], np.full(len(pairs[-1]), -1)])
    found = np.concatenate(pairs) if pairs else np.empty((0, 3), dtype="int64")
    members = found[found[:, 2] >= 0]
    relations.add_sums("members", members[:, 1], members[:, 0], members[:, 2])
    return found[:, :2]


def _generalisations(path: str) -> Iterable[tuple[str, str | None]]:
    """The sets a set is part of, one step up: (path, the dimension given up or None)."""
    segments = path.split(".")
    last = len(segments) - 1
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
        if name != stock and not (name.startswith(f"{stock}.") and name.count("=") == 1 and ".!" not in name):
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


def day_of(month: int) -> date:
    """The first day of a month number."""
    return date(month // 12, month % 12 + 1, 1)
