"""A hand-made home with one published build: the shapes of docs/architecture.md §5 with plausible, seeded numbers.

For tests of the dashboard alone. Only the names, populations and printed figures of data/reference
are real.
Run as a script to make a home to look at: `python -m tests.dashboards.published_sample DIR`.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

REFERENCE = Path(__file__).resolve().parents[2] / "data" / "reference"
PREFECTURE = "110001"
WITHOUT_REPORT = "113697"  # 東秩父村: no setup report has ever come
NO_CONSULTATION_FILE = "112020"  # 熊谷市: the file of the last month is missing
THRESHOLDS = {"internal": 0, "adviser": 5, "public": 10}

# kpi_id, label, kind, unit, counts_persons
KPIS = [
    ("window_rate", "窓口設置率", "share", "%", False),
    ("programme_rate", "重層実施率", "share", "%", False),
    ("transition_rate", "移行準備率", "share", "%", False),
    ("new_consultations", "新規相談受付件数", "count", "件", True),
    ("complex_share", "複合課題の割合", "share", "%", True),
    ("gap_needs", "狭間ニーズ件数", "count", "件", True),
    ("gap_need_share", "狭間ニーズの割合", "share", "%", True),
    ("new_cases", "新規受理ケース数", "count", "件", True),
    ("active_cases", "継続中ケース数", "count", "件", True),
    ("closures", "支援終結件数", "count", "件", True),
    ("returned_cases", "戻し件数", "count", "件", True),
    ("jusou_meetings", "重層的支援会議 開催数", "count", "回", False),
    ("support_meetings", "支援会議 開催数", "count", "回", False),
    ("grant_execution_rate", "交付金執行率", "share", "%", False),
]
SETUP = ("window_rate", "programme_rate", "transition_rate")
CASE_KPIS = (
    "new_cases",
    "active_cases",
    "closures",
    "returned_cases",
    "jusou_meetings",
    "support_meetings",
    "grant_execution_rate",
)
SHARE_OF = {"complex_share": 0.34, "gap_need_share": 0.07}
KPI_COLUMNS = [
    "kpi_id",
    "period",
    "prefecture_code",
    "area_level",
    "area_code",
    "numerator",
    "denominator",
    "value",
    "completeness",
    "submitted_areas",
    "expected_areas",
    "mark",
]
DDL = {
    "kpi_monthly": "kpi_id varchar, period date, prefecture_code varchar, area_level varchar, area_code varchar, "
    "numerator bigint, denominator bigint, value double, completeness varchar, "
    "submitted_areas integer, expected_areas integer, mark varchar",
    "setup_history": "municipality_code varchar, as_of date, implementation_status varchar, one_stop_window boolean, "
    "coordination_team boolean",
}


def months_from(first: date, count: int) -> list[date]:
    """`count` first days of months."""
    return [
        date(first.year + (first.month - 1 + step) // 12, (first.month - 1 + step) % 12 + 1, 1) for step in range(count)
    ]


class World:
    """Seeded numbers of one municipality a month; the answer to every question the sample's KPIs ask."""

    def __init__(self, municipalities: pd.DataFrame, months: list[date]) -> None:
        self.months = months
        random_ = random.Random(7)  # noqa: S311 - a sample wants a seed
        codes = list(municipalities["municipality_code"])
        by_size = list(municipalities.sort_values("population_2020", ascending=False)["municipality_code"])
        late = [*[c for c in by_size if c != WITHOUT_REPORT][-11:], WITHOUT_REPORT]
        # 51 of 63 at the start; one more every other month.
        self.window_from = dict.fromkeys(codes, 0) | {
            c: 99 if c == WITHOUT_REPORT else 2 + 2 * i for i, c in enumerate(late)
        }
        self.implementing = set(random_.sample(by_size[:40], 11))
        self.preparing = set(random_.sample([c for c in by_size[:50] if c not in self.implementing], 6))
        self.population = dict(zip(codes, municipalities["population_2020"], strict=True))
        self.random = random_

    def cell(self, kpi_id: str, code: str, month: int) -> tuple[int | None, int | None, str]:
        """numerator, denominator, completeness."""
        if kpi_id in SETUP:
            has = {
                "window_rate": self.window_from[code] <= month,
                "programme_rate": code in self.implementing,
                "transition_rate": code in self.preparing,
            }[kpi_id]
            return int(has), 1, "missing" if code == WITHOUT_REPORT else "complete"
        if kpi_id in CASE_KPIS and code not in self.implementing | self.preparing:
            return None, None, "not_applicable"
        if code == NO_CONSULTATION_FILE and month == len(self.months) - 1:
            return None, None, "missing"
        return *self._numbers(kpi_id, self.population[code] / 10_000), "complete"

    def _numbers(self, kpi_id: str, size: float) -> tuple[int, int | None]:
        draw = self.random.gauss(1, 0.15)
        consultations = max(1, round(4 * size * draw))
        if kpi_id in SHARE_OF:
            return round(consultations * SHARE_OF[kpi_id] * self.random.uniform(0.6, 1.3)), consultations
        if kpi_id == "grant_execution_rate":
            decided = 1000 * round(4000 * size * draw)
            return int(decided * self.random.uniform(0.82, 0.99)), decided
        scale = {
            "new_consultations": 4.0,
            "gap_needs": 0.28,
            "new_cases": 0.16,
            "active_cases": 1.4,
            "closures": 0.12,
            "returned_cases": 0.02,
            "jusou_meetings": 0.06,
            "support_meetings": 0.04,
        }[kpi_id]
        return max(0, round(scale * size * draw)), None


def _municipal_rows(world: World, codes: list[str]) -> pd.DataFrame:
    rows = []
    for kpi_id, *_ in KPIS:
        for index, month in enumerate(world.months):
            for code in codes:
                numerator, denominator, completeness = world.cell(kpi_id, code, index)
                rows.append(
                    (
                        kpi_id,
                        month,
                        PREFECTURE,
                        "municipality",
                        code,
                        numerator,
                        denominator,
                        None,
                        completeness,
                        int(completeness == "complete"),
                        int(completeness != "not_applicable"),
                        None,
                    )
                )
    return pd.DataFrame(rows, columns=KPI_COLUMNS).astype({"numerator": "Int64", "denominator": "Int64"})


def _sum_areas(rows: pd.DataFrame, level: str, area_of: dict[str, str]) -> pd.DataFrame:
    grouped = rows.assign(area_code=rows["area_code"].map(area_of), area_level=level).groupby(
        ["kpi_id", "period", "prefecture_code", "area_level", "area_code"], as_index=False
    )
    totals = grouped[["submitted_areas", "expected_areas"]].sum()
    totals[["numerator", "denominator"]] = grouped[["numerator", "denominator"]].sum(min_count=1)[
        ["numerator", "denominator"]
    ]
    full = totals["submitted_areas"] >= totals["expected_areas"]
    totals["completeness"] = full.map({True: "complete", False: "partial"})
    totals.loc[totals["expected_areas"] == 0, "completeness"] = "not_applicable"
    return totals.assign(value=None, mark=None)[KPI_COLUMNS]


def _finish(rows: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Values, marks and the small cells of one audience."""
    kinds = {kpi_id: kind for kpi_id, _, kind, *_ in KPIS}
    persons = {kpi_id for kpi_id, *_, counts_persons in KPIS if counts_persons}
    rows = rows.copy()
    numerator, denominator = rows["numerator"].astype(float), rows["denominator"].astype(float)
    share = rows["kpi_id"].map(kinds) == "share"
    rows["value"] = numerator.where(~share, numerator / denominator.where(denominator > 0))
    rows.loc[rows["numerator"].isna(), "mark"] = "…"
    rows.loc[rows["numerator"].isna() & (rows["completeness"] == "not_applicable"), "mark"] = "-"
    small = rows["kpi_id"].isin(persons) & numerator.between(1, threshold - 1)
    rows.loc[small, "mark"] = "x"
    rows.loc[small, ["numerator", "denominator", "value"]] = None
    return rows


def _setup_history(world: World, codes: list[str]) -> pd.DataFrame:
    rows = []
    for code in codes:
        status = (
            "implementing" if code in world.implementing else "transition_prep" if code in world.preparing else "none"
        )
        opened = world.window_from[code]
        for index in sorted({0, opened}):
            if code != WITHOUT_REPORT and index < len(world.months):
                rows.append((code, world.months[index], status, opened <= index, False))
    return pd.DataFrame(
        rows, columns=["municipality_code", "as_of", "implementation_status", "one_stop_window", "coordination_team"]
    )


def build_home(
    home: Path, *, build_id: str = "20240612T090000-a1b2c3", months: int = 14, origin: str = "synthetic"
) -> Path:
    """Publish one sample build into `home` and point CURRENT.json at it; the same arguments give the same numbers."""
    municipalities = pd.read_csv(REFERENCE / "municipalities.csv", dtype={"municipality_code": str, "lg_code5": str})
    municipalities["region_code"] = "R-" + municipalities["region"]
    periods = months_from(date(2023, 4, 1), months)
    codes = list(municipalities["municipality_code"])
    world = World(municipalities, periods)
    municipal = _municipal_rows(world, codes)
    region_of = dict(zip(codes, municipalities["region_code"], strict=True))
    kpi_rows = pd.concat(
        [
            municipal,
            _sum_areas(municipal, "region", region_of),
            _sum_areas(municipal, "prefecture", dict.fromkeys(codes, PREFECTURE)),
        ],
        ignore_index=True,
    )
    folder = home / "published" / build_id
    folder.mkdir(parents=True)
    for audience, threshold in THRESHOLDS.items():
        tables = _small_tables(municipalities, periods, build_id, origin, audience)
        tables |= {"kpi_monthly": _finish(kpi_rows, threshold), "setup_history": _setup_history(world, codes)}
        _write(folder / f"{audience}.duckdb", tables)
    current = {
        "build_id": build_id,
        "published_at": "2024-06-12T09:00:00+09:00",
        "data_month": f"{periods[-1]:%Y-%m}",
        "origin": origin,
    }
    beside = home / "published" / "CURRENT.json.new"
    beside.write_text(json.dumps(current), encoding="utf-8")
    beside.replace(home / "published" / "CURRENT.json")
    return home


def _small_tables(
    municipalities: pd.DataFrame, periods: list[date], build_id: str, origin: str, audience: str
) -> dict[str, pd.DataFrame]:
    codes = pd.read_csv(REFERENCE / "codes.csv", dtype=str)
    figures = pd.read_csv(REFERENCE / "published_figures.csv")
    regions = sorted(set(municipalities["region"]))
    areas = [("prefecture", PREFECTURE, "埼玉県", None, 0)]
    areas += [("region", f"R-{name}", name, f"R-{name}", i) for i, name in enumerate(regions)]
    areas += [
        ("municipality", m.municipality_code, m.name, m.region_code, i)
        for i, m in enumerate(municipalities.itertuples(index=False))
    ]
    fiscal = [p.year - (p.month < 4) for p in periods]
    return {
        "dim_municipality": municipalities,
        "dim_area": pd.DataFrame(areas, columns=["area_level", "area_code", "label_ja", "region_code", "sort"]),
        "dim_month": pd.DataFrame(
            {
                "period": periods,
                "fiscal_year": fiscal,
                "label_ja": [f"令和{p.year - 2018}年{p.month}月" for p in periods],
                "fiscal_year_label_ja": [f"令和{y - 2018}年度" for y in fiscal],
                "is_data_month": [p == periods[-1] for p in periods],
            }
        ),
        "code_label": codes.rename(columns={"list": "code_list"})[
            ["code_list", "code", "label_ja", "sort", "verified"]
        ],
        "kpi_catalogue": pd.DataFrame(
            [
                (k, label, i, kind, unit, 1, "none", f"{label}の式", persons)
                for i, (k, label, kind, unit, persons) in enumerate(KPIS)
            ],
            columns=[
                "kpi_id",
                "label_ja",
                "sort",
                "kind",
                "unit",
                "per",
                "direction",
                "formula_ja",
                "counts_persons",
            ],
        ),
        "published_figure": figures,
        "build": pd.DataFrame(
            [
                {
                    "build_id": build_id,
                    "origin": origin,
                    "data_month": periods[-1],
                    "prefecture_code": PREFECTURE,
                    "prefecture_name": "埼玉県",
                    "audience": audience,
                    "suppression_ja": ""
                    if audience == "internal"
                    else f"{THRESHOLDS[audience]}件未満の件数は x(秘匿)としています。",
                }
            ]
        ),
    }


def _write(path: Path, tables: dict[str, pd.DataFrame]) -> None:
    with duckdb.connect(str(path)) as connection:
        for name, frame in tables.items():
            connection.register("incoming", frame)
            if name in DDL:
                connection.execute(f"create table {name} ({DDL[name]})")
                connection.execute(f"insert into {name} select * from incoming")
            else:
                connection.execute(f"create table {name} as select * from incoming")
            for column in frame.columns.intersection(["period", "as_of", "data_month"]):
                if name != "published_figure":
                    connection.execute(f"alter table {name} alter column {column} type date")
            connection.unregister("incoming")


if __name__ == "__main__":
    build_home(Path(sys.argv[1]))
