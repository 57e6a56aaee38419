"""KPIs of the sample home: which there are, how large, and their rows by municipality, area and member."""

from __future__ import annotations

import random
from datetime import date

import pandas as pd

PREFECTURE = "110001"
WITHOUT_REPORT = "113697"  # 東秩父村: no setup report has ever come
NO_CONSULTATION_FILE = "112020"  # 熊谷市: the file of the last month is missing
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


def municipal_rows(world: World, codes: list[str]) -> pd.DataFrame:
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


def sum_areas(rows: pd.DataFrame, level: str, area_of: dict[str, str]) -> pd.DataFrame:
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


def finish(rows: pd.DataFrame, threshold: int) -> pd.DataFrame:
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


def breakdowns(kpi_rows: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
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
