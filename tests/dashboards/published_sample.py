"""A hand-made home with one published build: the shapes of docs/architecture.md §5 with plausible, seeded numbers.

For tests of the dashboard alone. Only the names, populations and printed figures of data/reference
are real.
Run as a script to make a home to look at: `python -m tests.dashboards.published_sample DIR`.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from tests.dashboards.sample_base import DDL as OTHER_DDL
from tests.dashboards.sample_kpis import (
    CODE_LIST,
    DIMENSIONS,
    KPIS,
    PREFECTURE,
    WITHOUT_REPORT,
    World,
    breakdowns,
    finish,
    months_from,
    municipal_rows,
    sum_areas,
)
from tests.dashboards.sample_tables import Sample, other_tables

REFERENCE = Path(__file__).resolve().parents[2] / "data" / "reference"
THRESHOLDS = {"internal": 0, "adviser": 5, "public": 10}
DDL = {
    "kpi_monthly": "kpi_id varchar, period date, prefecture_code varchar, area_level varchar, area_code varchar, "
    "numerator bigint, denominator bigint, value double, completeness varchar, "
    "submitted_areas integer, expected_areas integer, mark varchar",
    "setup_history": "municipality_code varchar, as_of date, implementation_status varchar, one_stop_window boolean, "
    "window_since date, coordination_team boolean, team_since date, operator varchar, planned_start_fy integer, "
    "plan_published boolean",
    "kpi_monthly_by": "kpi_id varchar, period date, prefecture_code varchar, area_level varchar, area_code varchar, "
    "dimension varchar, member varchar, numerator bigint, denominator bigint, value double, completeness varchar, "
    "submitted_areas integer, expected_areas integer, mark varchar",
} | OTHER_DDL


def _setup_history(world: World, codes: list[str]) -> pd.DataFrame:
    rows = []
    for code in codes:
        status = (
            "implementing" if code in world.implementing else "transition_prep" if code in world.preparing else "none"
        )
        opened = world.window_from[code]
        for index in sorted({0, opened}):
            if code != WITHOUT_REPORT and index < len(world.months):
                has = opened <= index
                since = world.months[opened] if has else None
                rows.append(
                    (code, world.months[index], status, has, since, False, None, "direct", None, status != "none")
                )
    return pd.DataFrame(rows, columns=[column.split()[0] for column in DDL["setup_history"].split(", ")])


def build_home(
    home: Path,
    *,
    build_id: str = "20240612T090000-a1b2c3",
    months: int = 14,
    origin: str = "synthetic",
    municipalities: int = 63,
    without: tuple[str, ...] = (),
    published_at: str = "2024-06-12T09:00:00+09:00",
) -> Path:
    """Publish one sample build into `home` and point CURRENT.json at it; the same arguments give the same numbers.

    `without`: tables an older program would not have published.
    """
    towns = pd.read_csv(REFERENCE / "municipalities.csv", dtype={"municipality_code": str, "lg_code5": str})
    towns = towns.head(municipalities)
    towns["region_code"] = "R-" + towns["region"]
    towns["has_welfare_office"] = ~towns["kind"].isin(["町", "村"])
    by_size = towns.sort_values("population_2020")["municipality_code"].tolist()
    at = {code: index for index, code in enumerate(by_size)}
    towns["peers"] = [
        [by_size[(at[code] + step) % len(by_size)] for step in range(1, 7)] for code in towns["municipality_code"]
    ]
    code_table = pd.read_csv(REFERENCE / "codes.csv", dtype=str)
    components = pd.read_csv(REFERENCE / "grant_components.csv", dtype=str)
    periods = months_from(date(2023, 4, 1), months)
    codes = list(towns["municipality_code"])
    world = World(towns, periods)
    municipal = municipal_rows(world, codes)
    region_of = dict(zip(codes, towns["region_code"], strict=True))
    kpi_rows = pd.concat(
        [
            municipal,
            sum_areas(municipal, "region", region_of),
            sum_areas(municipal, "prefecture", dict.fromkeys(codes, PREFECTURE)),
        ],
        ignore_index=True,
    )
    folder = home / "published" / build_id
    folder.mkdir(parents=True)
    for audience, threshold in THRESHOLDS.items():
        finished = finish(kpi_rows, threshold)
        sample = Sample(
            code_table,
            components,
            towns,
            periods,
            sorted(world.implementing | world.preparing),
            threshold,
            PREFECTURE,
        )
        tables = _small_tables(towns, periods, build_id, origin, audience)
        tables |= {
            "kpi_monthly": finished,
            "kpi_monthly_by": breakdowns(finished, code_table),
            "setup_history": _setup_history(world, codes),
            **other_tables(sample, finished),
        }
        _write(folder / f"{audience}.duckdb", {name: table for name, table in tables.items() if name not in without})
    _write_manifest(folder, periods[-1], published_at)
    current = {
        "build_id": build_id,
        "published_at": published_at,
        "data_month": f"{periods[-1]:%Y-%m}",
        "origin": origin,
    }
    beside = home / "published" / "CURRENT.json.new"
    beside.write_text(json.dumps(current), encoding="utf-8")
    beside.replace(home / "published" / "CURRENT.json")
    return home


def _write_manifest(folder: Path, data_month: date, published_at: str) -> None:
    warned = {
        "check": "a_check",
        "label_ja": "集計表と明細が合わない市町村の月",
        "reason_ja": "出し直しを頼む手がかり。",
        "failures": 3,
    }
    facts = {
        "build_id": folder.name,
        "published_at": published_at,
        "data_month": f"{data_month:%Y-%m-%d}",
        "as_of": None,
    }
    checks = {"passed": 60, "warned": [warned]}
    (folder / "manifest.json").write_text(json.dumps(facts | {"checks": checks}), encoding="utf-8")


def _small_tables(
    municipalities: pd.DataFrame, periods: list[date], build_id: str, origin: str, audience: str
) -> dict[str, pd.DataFrame]:
    codes = pd.read_csv(REFERENCE / "codes.csv", dtype=str)
    components = pd.read_csv(REFERENCE / "grant_components.csv", dtype=str)
    codes = pd.concat(
        [codes, components.assign(list="grant_component", code=components["component"], sort=range(len(components)))]
    ).astype({"sort": int})
    blank = pd.DataFrame(
        [{"list": "agency_type", "code": "unknown", "label_ja": "不明・空欄", "sort": 99, "verified": "own"}]
    )
    codes = pd.concat([codes, blank])
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
                (
                    k,
                    label,
                    i,
                    kind,
                    unit,
                    1,
                    "none",
                    f"{label}の式",
                    f"{label}を見る理由",
                    "社会福祉法第106条の4",
                    "地域包括ケア課",
                    date(2026, 11, 23),
                    persons,
                    kind == "count",
                    ["consultation"],
                )
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
                "why_it_matters",
                "source",
                "owner",
                "reviewed_on",
                "counts_persons",
                "adds_over_time",
                "forms",
            ],
        ),
        "kpi_dimension": pd.DataFrame(
            [(k, d, label, CODE_LIST.get(d, d)) for k, d, label in DIMENSIONS],
            columns=["kpi_id", "dimension", "label_ja", "code_list"],
        ),
        "published_figure": figures,
        "build": pd.DataFrame(
            [
                {
                    "build_id": build_id,
                    "origin": origin,
                    "known_at": pd.Timestamp("2024-06-12 08:50"),
                    "as_of": pd.NaT,
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
            for column in frame.columns.intersection(["period", "as_of", "data_month", "reviewed_on"]):
                if name not in DDL and name != "published_figure":
                    connection.execute(f"alter table {name} alter column {column} type date")
            connection.unregister("incoming")


if __name__ == "__main__":
    build_home(Path(sys.argv[1]))
