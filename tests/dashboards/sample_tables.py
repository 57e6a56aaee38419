"""The other published tables of the sample home: docs/architecture.md §5 beside the KPIs, plausible and seeded.

For tests of the dashboard alone; what the real tables hold is tested where they are made.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

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


def other_tables(sample: Sample, kpi_rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every table but the KPIs and the small ones. `kpi_rows`: finished rows of kpi_monthly."""
    return {
        "kpi_interval": _intervals(kpi_rows),
        "kpi_signal": _signals(kpi_rows),
        "gap_need_cross": _gap_need_cross(sample),
        "support_flow": _support_flow(sample),
        "support_duration": _support_duration(sample),
        "meeting_presence": _meeting_presence(sample),
        "referral_source": _referral_source(sample),
        "grant_component": _grant_component(sample),
        "grant_reconciliation": _grant_reconciliation(sample),
        "support_given": _support_given(sample),
        "goal": _goal(sample),
        "function_profile": _function_profile(sample),
        "window_projection": _window_projection(sample),
        "submission_status": _submission_status(sample),
        "form_label": pd.DataFrame(FORMS, columns=["form", "label_ja", "cadence", "sender"]),
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


def _intervals(rows: pd.DataFrame) -> pd.DataFrame:
    frame = rows[["kpi_id", "period", "area_level", "area_code", "numerator", "denominator", "value", "mark"]].copy()
    n, d = frame["numerator"].astype(float), frame["denominator"].astype(float)
    is_share = d.notna() & (d > 0)
    width = (1.96 * n**0.5).where(~is_share, 1.96 * (frame["value"] * (1 - frame["value"]) / d) ** 0.5)
    frame["method"] = is_share.map({True: "wilson", False: "garwood"})
    frame["lower_95"] = (frame["value"] - width).clip(lower=0)
    frame["upper_95"] = frame["value"] + width
    totals = frame[frame["area_level"] == "prefecture"].set_index(["kpi_id", "period"])["value"]
    keys = pd.MultiIndex.from_frame(frame[["kpi_id", "period"]])
    frame["funnel_centre"] = pd.Series(totals.reindex(keys).to_numpy(), index=frame.index).where(
        is_share & (frame["area_level"] == "municipality")
    )
    spread = (frame["funnel_centre"] * (1 - frame["funnel_centre"]) / d.where(d > 0)) ** 0.5
    for name, z in (("95", 1.96), ("998", 3.09)):
        frame[f"funnel_lower_{name}"] = (frame["funnel_centre"] - z * spread).clip(lower=0)
        frame[f"funnel_upper_{name}"] = frame["funnel_centre"] + z * spread
    return frame.drop(columns=["numerator", "denominator", "value"])


def _signals(rows: pd.DataFrame) -> pd.DataFrame:
    found = []
    counts = rows[rows["kpi_id"].isin(["new_consultations", "gap_needs", "active_cases", "new_cases"])]
    for (kpi_id, level, area), series in counts.groupby(["kpi_id", "area_level", "area_code"]):
        known = series.dropna(subset="value")
        if len(known) < 12:
            continue
        values = known["value"]
        centre, width = values.mean(), 2.66 * values.diff().abs().mean()
        outside = known[(values > centre + width) | (values < centre - width)]
        signals = [{"period": period, "rule": "outside"} for period in outside["period"]]
        method = "xmr" if centre >= 10 else "poisson"
        low = max(0.0, centre - width)
        first, last = known["period"].iloc[0], known["period"].iloc[-1]
        found.append((kpi_id, level, area, method, len(known), first, last, centre, low, centre + width, signals, None))
    columns = ["kpi_id", "area_level", "area_code", "method", "months", "first_period", "last_period", "centre"]
    return pd.DataFrame(found, columns=[*columns, "lower", "upper", "signals", "mark"])


def _by_area(
    sample: Sample, members: list[tuple[str, ...]], names: list[str], figure: str, draw: Callable[[int, float], int]
) -> pd.DataFrame:
    """One count a member, municipality and year, summed to regions and prefecture; small cells hidden."""
    size = dict(
        zip(sample.municipalities["municipality_code"], sample.municipalities["population_2020"] / 1e5, strict=True)
    )
    region = dict(zip(sample.municipalities["municipality_code"], sample.municipalities["region_code"], strict=True))
    rows = [
        (year, sample.prefecture, "municipality", code, *member, draw(index, size[code]))
        for year in sample.years
        for code in sample.runs
        for index, member in enumerate(members)
    ]
    frame = pd.DataFrame(rows, columns=[*AREA, *names, figure])
    parts = [frame]
    for level, area_of in (("region", region), ("prefecture", dict.fromkeys(sample.runs, sample.prefecture))):
        wider = frame.assign(area_level=level, area_code=frame["area_code"].map(area_of))
        parts.append(wider.groupby([*AREA, *names], as_index=False, sort=False)[[figure]].sum())
    frame = pd.concat(parts, ignore_index=True).assign(completeness="complete", mark=None)
    frame[figure] = frame[figure].astype("Int64")
    small = frame[figure].between(1, sample.threshold - 1)
    frame.loc[small, "mark"] = "x"
    frame.loc[small, figure] = pd.NA
    return frame


def _gap_need_cross(sample: Sample) -> pd.DataFrame:
    pairs = [(r, a) for r in sample.members("gap_reason") for a in sample.members("age_band")]
    dice = sample.random
    return _by_area(
        sample,
        pairs,
        ["gap_reason", "age_band"],
        "consultations",
        lambda i, size: int(dice.random() * size * (1 + i % 7)),
    )


STEPS = [
    ("consultation", "ended_at_window", 40),
    ("consultation", "referred_elsewhere", 60),
    ("consultation", "kept_by_consultation", 80),
    ("consultation", "multi_agency", 30),
    ("accepted", "assessed", 50),
    ("accepted", "open", 6),
    ("assessed", "planned", 44),
    ("assessed", "returned", 5),
    ("planned", "conferenced", 40),
    ("planned", "open", 4),
    ("conferenced", "started", 38),
    ("started", "closed", 18),
    ("started", "returned", 2),
    ("started", "open", 18),
    ("closed", "reopened", 2),
]


def _support_flow(sample: Sample) -> pd.DataFrame:
    dice = sample.random
    weights = [weight for *_, weight in STEPS]
    return _by_area(
        sample,
        [(a, b) for a, b, _ in STEPS],
        ["from_stage", "to_stage"],
        "cases",
        lambda i, size: int(weights[i] * size * dice.uniform(0.5, 1.5)),
    )


def _support_duration(sample: Sample) -> pd.DataFrame:
    rows = []
    for level, area, start in (("prefecture", sample.prefecture, 900), *(("region", r, 90) for r in _regions(sample))):
        at_risk, survival = start, 1.0
        for months in range(25):
            events, censored = int(at_risk * 0.045), int(at_risk * 0.03)
            survival *= 1 - events / at_risk
            band = 0.02 + months * (0.002 if level == "prefecture" else 0.006)
            low, high = max(0.0, survival - band), min(1.0, survival + band)
            rows.append((sample.prefecture, level, area, months, at_risk, events, censored, survival, low, high, None))
            at_risk -= events + censored
    columns = ["prefecture_code", "area_level", "area_code", "months", "at_risk", "events", "censored"]
    return pd.DataFrame(rows, columns=[*columns, "survival", "lower_95", "upper_95", "mark"])


def _regions(sample: Sample) -> list[str]:
    return sorted(set(sample.municipalities["region_code"]))


def _meeting_presence(sample: Sample) -> pd.DataFrame:
    dice = sample.random
    frame = _by_area(
        sample,
        [(group,) for group in sample.members("agency_group")],
        ["agency_group"],
        "meetings",
        lambda _, __: dice.randint(1, 10),
    )
    return frame.assign(of_meetings=lambda f: f["meetings"].fillna(8) + 4)


def _referral_source(sample: Sample) -> pd.DataFrame:
    dice = sample.random
    return _by_area(
        sample,
        [(agency,) for agency in [*sample.members("agency_type"), "unknown"]],
        ["agency_type"],
        "cases",
        lambda i, size: 0 if i % 6 == 5 else int(dice.random() * 12 * size),
    )


def _grant_component(sample: Sample) -> pd.DataFrame:
    dice, rows = sample.random, []
    for year in sample.years:
        for code in sample.runs:
            for component in sample.components["component"]:
                cost = dice.randrange(3_000_000, 30_000_000, 1000)
                for stage, factor in (("decision", 1.0), ("advance", 0.8), ("final", 0.93)):
                    if stage == "final" and year == sample.years[-1]:
                        continue
                    amount = int(cost * factor)
                    national, prefectural = amount // 2 // 1000 * 1000, amount // 4 // 1000 * 1000
                    month = {"decision": 7, "advance": 10, "final": 3}[stage]
                    dated = date(year + (month < 4), month, 20)
                    rows.append(
                        (
                            code,
                            year,
                            component,
                            stage,
                            dated,
                            2 if stage == "advance" else 1,
                            amount,
                            0,
                            amount,
                            amount,
                            amount,
                            national,
                            prefectural,
                            amount - national - prefectural,
                        )
                    )
    columns = [column.split()[0] for column in DDL["grant_component"].split(", ")]
    return pd.DataFrame(rows, columns=columns)


def _grant_reconciliation(sample: Sample) -> pd.DataFrame:
    year, first, second = sample.years[0], sample.runs[0], sample.runs[-1]
    rows = [
        (first, year, None, "advance", "lump_gap", "prefectural", 12_345_000, 12_300_000, -45_000, None),
        (second, year, "multi_agency", "decision", "share_off_rate", "national", 3_672_000, 3_673_000, 1_000, "yes"),
    ]
    return pd.DataFrame(rows, columns=[column.split()[0] for column in DDL["grant_reconciliation"].split(", ")])


def _support_given(sample: Sample) -> pd.DataFrame:
    dice, rows = sample.random, []
    topics, modes, kinds = (sample.members(name) for name in ("advice_topic", "dispatch_mode", "adviser_kind"))
    for index, code in enumerate(list(sample.municipalities["municipality_code"])[:40]):
        day = sample.periods[index % len(sample.periods)] + timedelta(days=index % 27)
        status = "done" if index % 5 else "scheduled"
        picked = dice.sample(topics, 2)
        rows.append(
            (
                "dispatch",
                code,
                day if status == "done" else None,
                day - timedelta(days=30),
                None,
                None,
                kinds[index % len(kinds)],
                modes[index % len(modes)],
                picked,
                None,
                status,
                12,
                4,
                bool(index % 2),
            )
        )
        if status == "done":
            due = day + timedelta(days=90)
            done = due if index % 3 else None
            rows.append(
                (
                    "action",
                    code,
                    day,
                    None,
                    due,
                    done,
                    None,
                    None,
                    picked[:1],
                    None,
                    "done" if done else "open",
                    None,
                    None,
                    None,
                )
            )
        if index % 4 == 0:
            rows.append(
                ("training", code, day, None, None, None, None, "training", [], "outreach", "done", 5, None, None)
            )
    return pd.DataFrame(rows, columns=[column.split()[0] for column in DDL["support_given"].split(", ")])


def _goal(sample: Sample) -> pd.DataFrame:
    rows = []
    for year in sample.years:
        for code in sample.runs:
            rows.append(
                (
                    code,
                    year,
                    1,
                    "consultations",
                    400.0,
                    date(year + 1, 3, 1),
                    date(year + 1, 3, 1),
                    "new_consultations",
                    410.0,
                    True,
                )
            )
            rows.append((code, year, 2, "other", 3.0, date(year + 1, 3, 1), date(year + 1, 3, 1), None, None, None))
    return pd.DataFrame(rows, columns=[column.split()[0] for column in DDL["goal"].split(", ")])


def _function_profile(sample: Sample) -> pd.DataFrame:
    dice = sample.random
    rows = [
        (code, year, area, item, dice.randint(0, 3), dice.random() < 0.5)
        for year in sample.years
        for code in sample.runs
        for area in sample.members("function_area")
        for item in range(1, 6)
    ]
    return pd.DataFrame(
        rows, columns=["municipality_code", "fiscal_year", "function_area", "item_no", "self_rating", "has_evidence"]
    )


def _window_projection(sample: Sample) -> pd.DataFrame:
    start, rows = sample.periods[-1], []
    for step in range((2027 - start.year) * 12 + 3 - start.month + 1):
        index = start.year * 12 + start.month - 1 + step
        middle, width = min(63.0, 57 + 0.22 * step), 0.35 * step**0.5
        period = date(index // 12, index % 12 + 1, 1)
        low, high = max(57.0, middle - width), min(63.0, middle + width)
        rows.append(
            (
                period,
                middle,
                low,
                high,
                max(57.0, middle - 1.5 * width),
                min(63.0, middle + 1.5 * width),
                "beta_binomial",
            )
        )
    columns = ["period", "municipalities", "lower_80", "upper_80", "lower_95", "upper_95", "method"]
    return pd.DataFrame(rows, columns=columns)


def _submission_status(sample: Sample) -> pd.DataFrame:
    dice, rows = sample.random, []
    for period in sample.periods:
        for code in sample.municipalities["municipality_code"]:
            for form, _, cadence, sender in FORMS:
                owes = form in ("consultation", "monthly_summary") or code in sample.runs
                if sender == "prefecture" or cadence != "monthly" or not owes:
                    continue
                throw = dice.random()
                status = (
                    "accepted"
                    if throw < 0.9
                    else "accepted_with_errors"
                    if throw < 0.95
                    else "returned"
                    if throw < 0.97
                    else None
                )
                came = pd.Timestamp(period) + pd.DateOffset(months=1) + pd.Timedelta(days=5 + int(throw * 8), hours=9)
                ok = status in ("accepted", "accepted_with_errors")
                complete = "complete" if status == "accepted" else "partial" if ok else "missing"
                total = 40 if status else None
                bad = (3 if status == "accepted_with_errors" else 40 if status == "returned" else 0) if status else None
                good = total - bad if total is not None and bad is not None else None
                is_internal = sample.threshold == 0
                counts = (total, good, bad) if is_internal else (None, None, None)
                rows.append(
                    (
                        code,
                        form,
                        period,
                        True,
                        status,
                        complete,
                        *counts,
                        came if status else None,
                        bool(came.day <= 10) if ok else None,
                    )
                )
    columns = ["sender_code", "form", "period", "expected", "status", "completeness", "rows_total", "rows_accepted"]
    frame = pd.DataFrame(rows, columns=[*columns, "rows_rejected", "received_at", "is_on_time"])
    return frame.astype(
        {"rows_total": "Int64", "rows_accepted": "Int64", "rows_rejected": "Int64", "is_on_time": "boolean"}
    )
