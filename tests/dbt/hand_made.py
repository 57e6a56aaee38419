"""A tiny hand-made world: 6 municipalities × 8 months across a fiscal year's end, laid out as the pipeline does it.

Data and its layout only; what dbt must make of it is in the tests. Ledgers with a story are in `kill_list`.
"""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.contract import load_contracts
from pipelines.resources import BuildFacts, lay_out_sources
from pipelines.settings import PROJECT_DIR, TIME_ZONE
from tests.dbt.kill_list import SAITAMA, STARTER, files

PREFECTURE = "110001"
# 川越市 and 東松山市 share a region; 熊谷市, 川口市 and the two of the kill list are each in another.
RUNNING, BEGAN, SILENT, NEIGHBOUR = "112011", "112020", "112038", "112127"
MUNICIPALITIES = {RUNNING, BEGAN, SILENT, NEIGHBOUR, SAITAMA, STARTER}

# sender, form, period, rejected rows, is_current. The superseded file of 2024-03 arrived before the one that counts.
SUBMISSIONS: list[tuple[str, str, str, int, bool]] = [
    (RUNNING, "setup", "2023-04-01", 0, True),
    (RUNNING, "setup", "2024-04-01", 0, True),
    (NEIGHBOUR, "setup", "2023-04-01", 0, True),
    (RUNNING, "consultation", "2024-02-01", 0, True),
    (RUNNING, "consultation", "2024-03-01", 0, False),
    (RUNNING, "consultation", "2024-03-01", 0, True),
    (RUNNING, "consultation", "2024-04-01", 1, True),
    (RUNNING, "case", "2024-02-01", 0, True),
    (RUNNING, "case", "2024-03-01", 0, True),
    (RUNNING, "meeting", "2024-02-01", 0, True),
    (RUNNING, "meeting", "2024-03-01", 0, True),
    (BEGAN, "consultation", "2024-03-01", 0, True),
    (BEGAN, "case", "2024-03-01", 0, True),
    (PREFECTURE, "grant", "2023-04-01", 0, True),
    (RUNNING, "goal", "2023-04-01", 0, True),
    (RUNNING, "monthly_summary", "2024-02-01", 0, True),
    (BEGAN, "monthly_summary", "2024-03-01", 0, True),
]

CONSULTATION = {"referral_route": "1", "window_field": "elderly", "household_type": "1", "issue_flags": ["01"]}
CASE = {
    "referred_from": "10",
    "age_band": "75+",
    "household_type": "1",
    "issue_flags": ["01"],
    "gap_need": False,
    "consent_status": "not_yet",
    "replan_count": 0,
}
MEETING = {"cases_discussed": 1, "plans_reviewed": 1, "closures_reviewed": 0, "resource_issues": 0, "attendees": 3}
SETUP = {"operator": "direct", "plan_published": False}
GOAL = {"evaluation_ym": "2024-03-01"}
SUMMARY = {
    "declared_consultations": 0,
    "declared_new_cases": 0,
    "declared_active_cases": 0,
    "declared_closures": 0,
    "declared_jusou_meetings": 0,
    "declared_support_meetings": 0,
}
YEN = {"total_cost": 0, "other_income": 0, "base_amount": 0, "eligible_actual": 0, "municipal_share": 0}


def _consultation(period: str, number: str, **own: Any) -> dict[str, Any]:
    flags = {"age_band": "18-29", "is_complex": False, "gap_need": False, "screening_result": "1"}
    return CONSULTATION | flags | {"period": period, "consultation_no": number, "received_ym": period} | own


# Position in SUBMISSIONS, and a row of that file; sender, form and period are the submission's.
ROWS: list[tuple[int, dict[str, Any]]] = [
    (
        0,
        SETUP
        | {
            "as_of": "2023-04-01",
            "implementation_status": "transition_prep",
            "one_stop_window": False,
            "coordination_team": True,
        },
    ),
    (
        1,
        SETUP
        | {
            "as_of": "2024-04-01",
            "implementation_status": "implementing",
            "one_stop_window": False,
            "coordination_team": True,
        },
    ),
    (
        2,
        SETUP
        | {
            "as_of": "2023-04-01",
            "implementation_status": "own_scheme",
            "one_stop_window": True,
            "coordination_team": False,
        },
    ),
    (3, _consultation("2024-02-01", "r1", is_complex=True)),
    (3, _consultation("2024-02-01", "r2", gap_need=True, gap_reason="age", age_band="unknown")),
    (4, _consultation("2024-03-01", "r3")),
    (4, _consultation("2024-03-01", "r4")),
    (5, _consultation("2024-03-01", "r5")),
    (6, _consultation("2024-04-01", "r6")),
    (6, _consultation("2024-04-01", "r7")),
    (6, _consultation("2024-04-01", "r8")),
    (7, CASE | {"case_no": "c1", "service": "multi_agency", "accepted_ym": "2024-01-01"}),
    (
        7,
        CASE
        | {
            "case_no": "c2",
            "service": "outreach",
            "accepted_ym": "2024-02-01",
            "closed_ym": "2024-02-01",
            "closure_type": "C1",
            "lead_agency_after": "01",
        },
    ),
    (
        8,
        CASE
        | {
            "case_no": "c1",
            "service": "multi_agency",
            "accepted_ym": "2024-01-01",
            "closed_ym": "2024-03-01",
            "closure_type": "C4",
        },
    ),
    (8, CASE | {"case_no": "c3", "service": "participation", "accepted_ym": "2024-03-01"}),
    (
        9,
        MEETING
        | {
            "meeting_no": "m1",
            "held_on": "2024-02-05",
            "meeting_type": "jusou",
            "agency_types": ["01"],
            "non_welfare_present": True,
        },
    ),
    (
        9,
        MEETING
        | {
            "meeting_no": "m2",
            "held_on": "2024-02-25",
            "meeting_type": "jusou",
            "agency_types": ["01"],
            "non_welfare_present": True,
        },
    ),
    (
        9,
        MEETING
        | {
            "meeting_no": "m3",
            "held_on": "2024-02-29",
            "meeting_type": "support_106_6",
            "agency_types": ["01"],
            "non_welfare_present": True,
        },
    ),
    (11, _consultation("2024-03-01", "r1", gap_need=True, gap_reason="income")),
    (
        13,
        YEN
        | {
            "municipality_code": RUNNING,
            "component": "multi_agency",
            "stage": "decision",
            "seq": 1,
            "dated_on": "2023-07-01",
            "national_share": 3_000_000,
            "prefectural_share": 1_000_000,
        },
    ),
    (
        13,
        YEN
        | {
            "municipality_code": RUNNING,
            "component": "multi_agency",
            "stage": "final",
            "seq": 1,
            "dated_on": "2024-05-20",
            "national_share": 2_000_000,
            "prefectural_share": 1_000_000,
        },
    ),
    # Of three goals due in March one can be measured: no ledger of places came, and `other` is no KPI.
    (14, GOAL | {"goal_no": "g1", "goal_indicator": "consultations", "target_value": 3, "due_ym": "2024-03-01"}),
    (14, GOAL | {"goal_no": "g2", "goal_indicator": "other", "target_value": 1, "due_ym": "2024-03-01"}),
    (14, GOAL | {"goal_no": "g3", "goal_indicator": "places", "target_value": 1, "due_ym": "2024-03-01"}),
    # One new case too many, one closure too few.
    (
        15,
        SUMMARY
        | {
            "declared_consultations": 2,
            "declared_new_cases": 2,
            "declared_active_cases": 1,
            "declared_jusou_meetings": 2,
            "declared_support_meetings": 1,
        },
    ),
    (16, SUMMARY),
]


def lay_out_empty(warehouse: Path, folder: Path) -> None:
    """The warehouse file with its sources before anything was sent; `folder` holds the reference of the world."""
    own = _few_municipalities(folder / "municipalities.csv")
    others = [path for path in sorted((PROJECT_DIR / "data" / "reference").glob("*.csv")) if path.name != own.name]
    build = BuildFacts(
        build_id="build-1",
        origin="synthetic",
        known_at=datetime(2024, 6, 1, 9, 0, tzinfo=TIME_ZONE),
        as_of=None,
        prefecture_code=PREFECTURE,
        prefecture_name="埼玉県",
        monthly_deadline_day=10,
        prefectural_share_rule="rate",
    )
    lay_out_sources(
        warehouse,
        build=build,
        submissions=[],
        contracts=load_contracts(),
        lake_dir=folder / "no-lake",
        reference_files=[own, *others],
    )


def fill(warehouse: Path) -> None:
    """Everything the hand-made world sends: into `intake.submission` and the lake."""
    told = [(*facts, [row for of, row in ROWS if of == position]) for position, facts in enumerate(SUBMISSIONS)]
    told += [(sender, form, period, 0, counts, rows) for sender, form, period, counts, rows in files(PREFECTURE)]
    accumulating = {contract.form for contract in load_contracts().values() if contract.accumulates_by}
    with duckdb.connect(str(warehouse)) as con:
        for order, (sender, form, period, rejected, is_current, rows) in enumerate(told):
            status = "accepted_with_errors" if rejected else "accepted"
            counts = is_current or form in accumulating
            con.execute(
                "insert into intake.submission by name"
                " select ? submission_id, 'f.csv' file_name, ? sender_code, ? form, ? period, ? status,"
                " 5 rows_total, 5 - ? rows_accepted, ? rows_rejected, 0 warnings,"
                " timestamp '2024-05-01 10:00:00' received_at, ? arrival_order,"
                " true stands, ? is_current, ? counts",
                [f"s{order}", sender, form, period, status, rejected, rejected, order, is_current, counts],
            )
            for number, row in enumerate(rows, start=2):
                place = {"submission_id": f"s{order}", "row_number": number, "sender_code": sender, "period": period}
                told = {**place, **row}
                columns = ", ".join(f'? as "{name}"' for name in told)
                con.execute(f'insert into lake."{form}" by name select {columns}', list(told.values()))


def _few_municipalities(path: Path) -> Path:
    with (PROJECT_DIR / "data" / "reference" / "municipalities.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(row for row in rows if row["municipality_code"] in MUNICIPALITIES)
    return path
