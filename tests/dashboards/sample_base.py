"""What the other tables of the sample home are made of: codes, municipalities, months, who takes part."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

import pandas as pd

AREA = ["fiscal_year", "prefecture_code", "area_level", "area_code"]
DDL = {
    "support_given": "kind varchar, municipality_code varchar, happened_on date, requested_on date, due_on date, "
    "done_on date, adviser_kind varchar, dispatch_mode varchar, topics varchar[], training_theme varchar, status varchar, "
    "attendees integer, sections integer, non_welfare_present boolean",
    "kpi_signal": "kpi_id varchar, area_level varchar, area_code varchar, method varchar, months integer, "
    "first_period date, last_period date, centre double, lower double, upper double, "
    "signals struct(period date, rule varchar)[], mark varchar",
    "goal": "municipality_code varchar, fiscal_year integer, goal_order integer, goal_indicator varchar, "
    "target_value double, due_ym date, evaluation_ym date, measured_kpi varchar, measured_value double, is_reached boolean",
    "grant_component": "municipality_code varchar, fiscal_year integer, component varchar, stage varchar, dated_on date, "
    "instalments integer, total_cost bigint, other_income bigint, base_amount bigint, eligible_actual bigint, "
    "selected bigint, national_share bigint, prefectural_share bigint, municipal_share bigint",
    "grant_reconciliation": "municipality_code varchar, fiscal_year integer, component varchar, stage varchar, "
    "finding varchar, amount varchar, expected_yen bigint, found_yen bigint, difference_yen bigint, verified varchar",
}
FORMS = [
    ("consultation", "相談受付", "monthly", "municipality"),
    ("case", "支援ケース台帳", "monthly", "municipality"),
    ("meeting", "会議", "monthly", "municipality"),
    ("outreach", "アウトリーチ活動", "monthly", "municipality"),
    ("participation", "参加支援マッチング", "monthly", "municipality"),
    ("place", "地域づくり拠点", "monthly", "municipality"),
    ("resource_need", "社会資源の課題", "monthly", "municipality"),
    ("monthly_summary", "月次集計表", "monthly", "municipality"),
    ("setup", "体制整備状況", "fiscal_year", "municipality"),
    ("grant", "交付金", "fiscal_year", "prefecture"),
    ("dispatch", "アドバイザー派遣", "monthly", "prefecture"),
]


@dataclass(frozen=True)
class Sample:
    """What the other tables are made of. `runs`: municipalities that implement or prepare."""

    codes: pd.DataFrame
    components: pd.DataFrame
    municipalities: pd.DataFrame
    periods: list[date]
    runs: list[str]
    threshold: int
    prefecture: str

    @property
    def random(self) -> random.Random:
        """The same numbers for every audience."""
        return random.Random(11)  # noqa: S311 - a sample wants a seed

    @property
    def years(self) -> list[int]:
        """Fiscal years of the months."""
        return sorted({period.year - (period.month < 4) for period in self.periods})

    def members(self, code_list: str) -> list[str]:
        """Codes of a list."""
        return list(self.codes.loc[self.codes["list"] == code_list, "code"])


def regions_of(sample: Sample) -> list[str]:
    return sorted(set(sample.municipalities["region_code"]))
