"""Tables of the sample home about persons: intervals, signals, gap needs, the flow of support, meetings, referrals."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from tests.dashboards.sample_base import AREA, Sample, regions_of


def intervals(rows: pd.DataFrame) -> pd.DataFrame:
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


def signals(rows: pd.DataFrame) -> pd.DataFrame:
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


def gap_need_cross(sample: Sample) -> pd.DataFrame:
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


def support_flow(sample: Sample) -> pd.DataFrame:
    dice = sample.random
    weights = [weight for *_, weight in STEPS]
    return _by_area(
        sample,
        [(a, b) for a, b, _ in STEPS],
        ["from_stage", "to_stage"],
        "cases",
        lambda i, size: int(weights[i] * size * dice.uniform(0.5, 1.5)),
    )


def support_duration(sample: Sample) -> pd.DataFrame:
    rows = []
    for level, area, start in (
        ("prefecture", sample.prefecture, 900),
        *(("region", r, 90) for r in regions_of(sample)),
    ):
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


def meeting_presence(sample: Sample) -> pd.DataFrame:
    dice = sample.random
    frame = _by_area(
        sample,
        [(group,) for group in sample.members("agency_group")],
        ["agency_group"],
        "meetings",
        lambda _, __: dice.randint(1, 10),
    )
    return frame.assign(of_meetings=lambda f: f["meetings"].fillna(8) + 4)


def referral_source(sample: Sample) -> pd.DataFrame:
    dice = sample.random
    return _by_area(
        sample,
        [(agency,) for agency in [*sample.members("agency_type"), "unknown"]],
        ["agency_type"],
        "cases",
        lambda i, size: 0 if i % 6 == 5 else int(dice.random() * 12 * size),
    )
