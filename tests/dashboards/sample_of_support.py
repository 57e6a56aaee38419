"""Tables of the sample home without persons: the grant, what the prefecture gave, goals, function checks, submissions."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from tests.dashboards.sample_base import DDL, FORMS, Sample


def grant_component(sample: Sample) -> pd.DataFrame:
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


def grant_reconciliation(sample: Sample) -> pd.DataFrame:
    year, first, second = sample.years[0], sample.runs[0], sample.runs[-1]
    rows = [
        (first, year, None, "advance", "lump_gap", "prefectural", 12_345_000, 12_300_000, -45_000, None),
        (second, year, "multi_agency", "decision", "share_off_rate", "national", 3_672_000, 3_673_000, 1_000, "yes"),
    ]
    return pd.DataFrame(rows, columns=[column.split()[0] for column in DDL["grant_reconciliation"].split(", ")])


def support_given(sample: Sample) -> pd.DataFrame:
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


def goal(sample: Sample) -> pd.DataFrame:
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


def function_profile(sample: Sample) -> pd.DataFrame:
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


def window_projection(sample: Sample) -> pd.DataFrame:
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


def submission_status(sample: Sample) -> pd.DataFrame:
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
