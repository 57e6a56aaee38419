"""What the published tables count: every row read into counts, named so that the same count told by two tables is one.

A count is (path, area, first month, last month). A path names a set of persons, each segment narrowing the one before:
`consultation.complex.referred`, `case.closed.closure_type=C1`; `.!segment` is the rest of the set before it. `case.closed~0-11`
is the set as a KPI over the months from 11 before to its own counts it, where that is another number.
How counts add up belongs to `sums.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

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


def read_counts(
    frames: Mapping[str, pd.DataFrame], counted: Mapping[str, Counted], paths: Codes, areas: Codes
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Which row says which count (`table`, `row`, KEY, `value`), and every count once, also what no row tells by itself."""
    claims = _tell_apart(_every_claim(frames, counted, paths, areas), paths)
    keys = claims.groupby(KEY, sort=True)["value"].first().reset_index()
    return claims, _with_unlisted_returns(_with_margins(keys, paths), paths)


def _every_claim(
    frames: Mapping[str, pd.DataFrame], counted: Mapping[str, Counted], paths: Codes, areas: Codes
) -> pd.DataFrame:
    """Which row says which count: `table`, `row`, KEY, `value`; `apart`: its name if it must be told apart (`_tell_apart`)."""
    parts = list(_claims(frames, counted, paths, areas))
    columns = {name: [part[name] for part in parts] for name in ("row", *KEY, "value", "apart")}
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
                path = _filled(paths.code(_path_of_year(table, members)), here)
                yield {"table": table, "path": path, "apart": path, **chosen}
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
    whole = counted.counts_of or counted.counts
    other = whole if counted.back == (0, 0) else f"{whole}~{nearest}-{farthest}"

    def claim(path: str, value: np.ndarray) -> dict[str, Any]:
        apart = other + path.removeprefix(whole)
        names = {"path": path + member, "apart": apart + member}
        return {**base, "value": value, **{name: _filled(paths.code(one), value) for name, one in names.items()}}

    numerator, denominator = rows["value"], rows["of"]
    yield claim(counted.counts, numerator)
    if counted.counts_of is not None:
        rest = f"{whole}.!{counted.counts.removeprefix(whole + '.')}"
        yield claim(whole, denominator)
        yield claim(rest, denominator - numerator)


def _tell_apart(claims: pd.DataFrame, paths: Codes) -> pd.DataFrame:
    """A set that a KPI over other months counts otherwise, be it in one place, goes by a name of its own in all rows of it.

    By the number alone, two counts that are equal by chance would be one, and a sum would join what has nothing in common.
    """
    differs = claims["value"] != claims.groupby(KEY)["value"].transform("first")
    differs = differs.groupby([claims["path"], claims["last"] - claims["first"]]).transform("any")
    differs = differs.groupby([claims["table"], claims["row"]], observed=True).transform("any")
    claims["path"] = claims["path"].where(~differs, claims["apart"])
    other = claims["value"] != claims.groupby(KEY)["value"].transform("first")
    if other.any():
        named = claims.loc[other]
        names = [f"{paths.names[path]}~{table}" for path, table in zip(named["path"], named["table"], strict=True)]
        claims.loc[other, "path"] = [paths.code(name) for name in names]
    return claims.drop(columns="apart")


def is_stock_by_member(path: str) -> bool:
    """Whether a set is the stock of cases as far as it is one member of one breakdown."""
    return path.startswith(f"{STOCK[0]}.") and path.count("=") == 1 and ".!" not in path


def plain(path: str) -> str:
    """The set a path names, without what tells apart who counts it."""
    return re.sub("~[a-z0-9_-]+", "", path)


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
    """Add what left the stock by member where no table breaks it down: the identity of the stock tells it.

    Not where the whole stock's identity does not hold: an area's stock changes too when a municipality's ledger is missing.
    """
    stock, flows = STOCK
    listed = set(counts["path"].unique())
    unexplained = _unexplained(counts, paths, "", flows)
    holds = unexplained.index[unexplained == 0]
    added = []
    for name in list(paths.names):
        if not is_stock_by_member(name):
            continue
        member = name.removeprefix(stock)
        present = {flow: sign for flow, sign in flows.items() if paths.find(flow + member) in listed}
        absent = [flow for flow in flows if flow not in present]
        if len(absent) != 1:
            continue
        moved = _unexplained(counts, paths, member, present) * flows[absent[0]]
        moved = moved[(moved >= 0) & moved.index.isin(holds)].astype("int64").rename("value").reset_index()
        added.append(moved.assign(first=moved["last"], path=paths.code(absent[0] + member)))
    return pd.concat([counts, *added], ignore_index=True)[[*KEY, "value"]]


def _unexplained(counts: pd.DataFrame, paths: Codes, member: str, flows: Mapping[str, int]) -> pd.Series:
    """By area and month: how the stock changed, less what flowed."""
    stock = _series(counts, paths.find(STOCK[0] + member))
    change = stock - stock.rename(lambda month: month + 1, level="last")
    return change - sum(sign * _series(counts, paths.find(flow + member)) for flow, sign in flows.items())


def _series(counts: pd.DataFrame, path: int) -> pd.Series:
    monthly = counts[(counts["path"] == path) & (counts["first"] == counts["last"])]
    return monthly.set_index(["area", "last"])["value"]
