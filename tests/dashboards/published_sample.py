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

from tests.dashboards.sample_tables import DDL as OTHER_DDL
from tests.dashboards.sample_tables import Sample, other_tables

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
    ("status_known_rate", "状態把握率", "share", "%", False),
    ("new_consultations", "新規相談受付件数", "count", "件", True),
    ("new_consultations_per_100k", "新規相談受付件数(人口10万人当たり)", "rate", "件", True),
    ("complex_share", "複合課題の割合", "share", "%", True),
    ("gap_needs", "狭間ニーズ件数", "count", "件", True),
    ("gap_need_share", "狭間ニーズの割合", "share", "%", True),
    ("gap_cases", "狭間ニーズのあるケース数", "count", "件", True),
    ("gap_unmet_share", "狭間ニーズ未対応率", "share", "%", True),
    ("multi_agency_referral_share", "多機関協働へのつなぎ率", "share", "%", True),
    ("new_cases", "新規受理ケース数", "count", "件", True),
    ("plans_made", "プラン作成件数", "count", "件", True),
    ("active_cases", "継続中ケース数", "count", "件", True),
    ("closures", "支援終結件数", "count", "件", True),
    ("returned_cases", "戻し件数", "count", "件", True),
    ("ledger_adjustment", "台帳の調整数", "count", "件", True),
    ("closure_handover_share", "終結のうち主担当引継ぎの割合", "share", "%", True),
    ("closure_interrupted_share", "終結のうち中断の割合", "share", "%", True),
    ("support_months_median", "支援期間中央値", "median", "か月", True),
    ("reopened_share", "再支援率", "share", "%", True),
    ("plan_within_3_months", "3か月以内のプラン作成率", "share", "%", True),
    ("consent_share", "同意取得率", "share", "%", True),
    ("conferenced_without_consent", "同意なき会議付議", "count", "件", True),
    ("jusou_meetings", "重層的支援会議 開催数", "count", "回", False),
    ("support_meetings", "支援会議 開催数", "count", "回", False),
    ("cases_per_meeting", "会議1回当たり検討件数", "rate", "件", True),
    ("meeting_breadth", "3分野以上が参加した会議の割合", "share", "%", False),
    ("outreach_persons", "アウトリーチ実人数", "count", "人", True),
    ("outreach_contacts", "アウトリーチ延べ接触", "count", "回", True),
    ("outreach_met_share", "本人と会えた割合", "share", "%", True),
    ("new_matches", "参加支援マッチング件数", "count", "件", True),
    ("retention_6m", "6か月定着率", "share", "%", True),
    ("places", "地域づくり拠点数", "count", "か所", False),
    ("place_visitors", "拠点の延べ利用者数", "count", "人", True),
    ("places_open_to_all_share", "多世代・多属性の拠点の割合", "share", "%", False),
    ("resource_needs_open", "未解決の社会資源課題", "count", "件", False),
    ("resources_developed", "社会資源の開発・確保件数", "count", "件", False),
    ("grant_execution_rate", "交付金執行率", "share", "%", False),
    ("grant_refund_yen", "返還見込額", "count", "円", False),
    ("grant_lump_gap_yen", "県費一括の差額", "count", "円", False),
    ("dispatch_visits", "派遣回数", "count", "回", False),
    ("dispatch_reach", "派遣を受けた市町村の割合", "share", "%", False),
    ("months_since_support", "最後の支援からの月数", "elapsed", "か月", False),
    ("action_done_rate", "助言への対応完了率", "share", "%", False),
    ("training_coverage", "研修参加市町村の割合", "share", "%", False),
    ("goal_progress", "目標達成率", "share", "%", False),
    ("submission_rate", "提出率", "share", "%", False),
    ("submission_on_time_rate", "期限内提出率", "share", "%", False),
    ("row_error_rate", "エラー行率", "share", "%", True),
    ("balance_gap", "集計表との不一致", "count", "件", True),
]
DIMENSIONS = [
    ("gap_needs", "gap_reason", "狭間ニーズの理由"),
    ("gap_needs", "age_band", "年齢階級"),
    ("gap_needs", "household_type", "世帯構成"),
    ("gap_cases", "gap_response", "狭間ニーズへの対応"),
    ("new_cases", "service", "事業区分"),
    ("new_cases", "referred_from", "つなぎ元"),
    ("active_cases", "service", "事業区分"),
    ("closures", "closure_type", "終結区分"),
    ("closures", "lead_agency_after", "終結後の主担当"),
    ("new_matches", "resource_type", "資源種別"),
    ("new_matches", "resource_origin", "資源の区分"),
    ("dispatch_visits", "dispatch_mode", "派遣形態"),
    ("dispatch_visits", "advice_topic", "助言内容"),
    ("grant_execution_rate", "field", "分野"),
]
CODE_LIST = {"referred_from": "agency_type", "lead_agency_after": "agency_type"}
SETUP = ("window_rate", "programme_rate", "transition_rate")
# Owed by those that run or prepare the programme; everything else is owed by all.
FROM_ALL = (
    "new_consultations",
    "new_consultations_per_100k",
    "complex_share",
    "gap_needs",
    "gap_need_share",
    "multi_agency_referral_share",
    "dispatch_visits",
    "dispatch_reach",
    "months_since_support",
    "action_done_rate",
    "training_coverage",
    "status_known_rate",
    "submission_rate",
    "submission_on_time_rate",
    "row_error_rate",
)
SHARE_OF = {"complex_share": 0.34, "gap_need_share": 0.07, "multi_agency_referral_share": 0.2, "row_error_rate": 0.02}
SCALE = {
    "new_consultations": 4.0,
    "gap_needs": 0.28,
    "new_cases": 0.16,
    "plans_made": 0.12,
    "active_cases": 1.4,
    "gap_cases": 0.4,
    "closures": 0.12,
    "returned_cases": 0.02,
    "jusou_meetings": 0.06,
    "support_meetings": 0.04,
    "outreach_persons": 0.3,
    "outreach_contacts": 1.6,
    "new_matches": 0.06,
    "places": 0.5,
    "place_visitors": 30.0,
    "resource_needs_open": 0.1,
    "grant_refund_yen": 20_000.0,
    "grant_lump_gap_yen": 0.0,
}
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
    "window_since date, coordination_team boolean, team_since date, operator varchar, planned_start_fy integer, "
    "plan_published boolean",
    "kpi_monthly_by": "kpi_id varchar, period date, prefecture_code varchar, area_level varchar, area_code varchar, "
    "dimension varchar, member varchar, numerator bigint, denominator bigint, value double, completeness varchar, "
    "submitted_areas integer, expected_areas integer, mark varchar",
} | OTHER_DDL


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
        self.implementing = set(random_.sample(by_size[:40], min(11, len(by_size))))
        others = [c for c in by_size[:50] if c not in self.implementing]
        self.preparing = set(random_.sample(others, min(6, len(others))))
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
        if kpi_id not in FROM_ALL and code not in self.implementing | self.preparing:
            return None, None, "not_applicable"
        if code == NO_CONSULTATION_FILE and month == len(self.months) - 1 and kpi_id in FROM_ALL[:6]:
            return None, None, "missing"
        return *self._numbers(kpi_id, self.population[code] / 10_000), "complete"

    def _numbers(self, kpi_id: str, size: float) -> tuple[int, int | None]:
        draw = self.random.gauss(1, 0.15)
        consultations = max(1, round(4 * size * draw))
        kind = next(kind for name, _, kind, *_ in KPIS if name == kpi_id)
        if kpi_id == "new_consultations_per_100k":
            return consultations, round(size * 10_000)
        if kpi_id == "grant_execution_rate":
            decided = 1000 * round(4000 * size * draw)
            return int(decided * self.random.uniform(0.82, 0.99)), decided
        if kind in ("share", "rate"):
            base = consultations if kpi_id in SHARE_OF else max(1, round(size * draw))
            return min(base, round(base * SHARE_OF.get(kpi_id, 0.7) * self.random.uniform(0.6, 1.3))), base
        if kind in ("median", "elapsed"):
            return self.random.randint(1, 14), None
        return max(0, round(SCALE.get(kpi_id, 0.02) * size * draw)), None


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
    persons = {kpi_id for kpi_id, *_, counts_persons in KPIS if counts_persons}
    rows = rows.copy()
    elapsed = rows["kpi_id"].eq("months_since_support") & rows["area_level"].ne("municipality")
    rows.loc[elapsed, ["numerator", "completeness"]] = [None, "not_applicable"]
    numerator, denominator = rows["numerator"].astype(float), rows["denominator"].astype(float)
    rows["value"] = numerator.where(denominator.isna(), numerator / denominator.where(denominator > 0))
    rows.loc[rows["kpi_id"] == "new_consultations_per_100k", "value"] *= 100_000
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
                has = opened <= index
                since = world.months[opened] if has else None
                rows.append(
                    (code, world.months[index], status, has, since, False, None, "direct", None, status != "none")
                )
    return pd.DataFrame(rows, columns=[column.split()[0] for column in DDL["setup_history"].split(", ")])


def _breakdowns(kpi_rows: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Each count dealt out over the members of its lists, the remainder to the first; marks as of the KPI."""
    frames = []
    towns = kpi_rows.loc[kpi_rows["area_level"] == "municipality", "area_code"].unique()[:8]
    areas = {PREFECTURE, "R-北部", *towns}  # enough to look at; all of them would take long to write
    for kpi_id, dimension, _ in DIMENSIONS:
        members = list(codes.loc[codes["list"] == CODE_LIST.get(dimension, dimension), "code"])
        dealt = pd.DataFrame(
            {"dimension": dimension, "member": members, "is_first": [True] + [False] * (len(members) - 1)}
        )
        rows = kpi_rows[(kpi_rows["kpi_id"] == kpi_id) & kpi_rows["area_code"].isin(areas)].merge(dealt, how="cross")
        for column in ("numerator", "denominator"):
            whole = rows[column].astype("Int64")
            share = whole // len(members)
            rows[column] = share.mask(rows["is_first"], whole - share * (len(members) - 1))
        rows["value"] = rows["numerator"].astype("Float64").where(rows["denominator"].isna(), rows["value"])
        frames.append(rows)
    return pd.concat(frames, ignore_index=True)[[*KPI_COLUMNS[:5], "dimension", "member", *KPI_COLUMNS[5:]]]


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
    municipal = _municipal_rows(world, codes)
    region_of = dict(zip(codes, towns["region_code"], strict=True))
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
        finished = _finish(kpi_rows, threshold)
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
            "kpi_monthly_by": _breakdowns(finished, code_table),
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
