"""The awkward part of the hand-made world: what happens to ledgers that people keep, eight months long.

さいたま市, alone in its region, keeps a case ledger in which everything goes wrong that can; 行田市 starts in the middle of a
year; the prefecture sends an adviser on the last day of February. Data only; what dbt must make of it is in
`test_kill_list.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SAITAMA, STARTER = "111007", "112062"

CASE = {
    "service": "multi_agency",
    "referred_from": "10",
    "age_band": "75+",
    "household_type": "1",
    "issue_flags": ["01"],
    "gap_need": False,
    "consent_status": "not_yet",
    "replan_count": 0,
}


def _case(case_no: str, accepted_ym: str, **own: Any) -> dict[str, Any]:
    months = {name: f"{value}-01" if name.endswith("_ym") else value for name, value in own.items()}
    return CASE | {"case_no": case_no, "accepted_ym": f"{accepted_ym}-01"} | months


def _closed(ym: str, closure_type: str) -> dict[str, Any]:
    lead = {"lead_agency_after": "01"} if closure_type == "C1" else {}
    return {"closed_ym": ym, "closure_type": closure_type} | lead


OPEN = {
    # Returned in March; supported again from April under a new number, as it should be.
    "back": _case("back", "2023-12"),
    "back-again": _case("back-again", "2024-04", reopened_from="back", consent_status="withdrawn"),
    # Will be closed in June, whose ledger never comes.
    "unseen-end": _case("unseen-end", "2024-02"),
    # Open in March, in no later ledger.
    "vanished": _case("vanished", "2024-01", planned_ym="2024-03"),
    # Closed in February under the number under which it is open again from April.
    "same-number": _case("same-number", "2024-02"),
    # Both name the same closed case.
    "twice-1": _case("twice-1", "2024-03", reopened_from="closed-once"),
    "twice-2": _case("twice-2", "2024-08", reopened_from="closed-once"),
}
CONSENTED = {"consent_status": "granted", "consent_ym": "2024-04", "planned_ym": "2024-05"}


def _open(*names: str) -> list[dict[str, Any]]:
    return [OPEN[name] for name in names]


# Month and whether the submission counts → the ledger. June is missing.
LEDGERS: list[tuple[str, bool, list[dict[str, Any]]]] = [
    (
        "2024-02",
        True,
        [
            *_open("back", "unseen-end", "vanished"),
            _case("same-number", "2024-02", **_closed("2024-02", "C4")),
            _case("closed-once", "2023-10", **_closed("2024-02", "C1")),
        ],
    ),
    # The first ledger of March says that a case was accepted in March; the second one, that it was in February.
    ("2024-03", False, [_case("moved", "2024-03", returned_ym="2024-03")]),
    (
        "2024-03",
        True,
        [
            _case("back", "2023-12", returned_ym="2024-03"),
            _case("moved", "2024-02", returned_ym="2024-03"),
            *_open("unseen-end", "vanished", "twice-1"),
        ],
    ),
    ("2024-04", True, _open("back-again", "unseen-end", "twice-1", "same-number")),
    ("2024-05", True, _open("back-again", "unseen-end", "twice-1", "same-number")),
    (
        "2024-07",
        True,
        [
            *_open("back-again", "twice-1", "same-number"),
            _case("unseen-end", "2024-02", **CONSENTED, **_closed("2024-06", "C6")),
        ],
    ),
    (
        "2024-08",
        True,
        [
            *_open("back-again", "twice-1", "twice-2"),
            _case("same-number", "2024-02", **_closed("2024-08", "C3")),
        ],
    ),
    ("2024-09", True, _open("back-again", "twice-1", "twice-2")),
]

DISPATCH = {
    "dispatch_no": "d1",
    "municipality_code": SAITAMA,
    "requested_on": "2024-02-01",
    "visited_on": "2024-02-29",
    "adviser_kind": "academic",
    "dispatch_mode": "onsite",
    "advice_topics": ["cases", "scheme"],
    "attendees": 3,
    "sections": 2,
    "dispatch_status": "done",
}


def _setup(as_of: str) -> dict[str, Any]:
    told = {"implementation_status": "implementing", "one_stop_window": True, "coordination_team": False}
    return told | {"as_of": as_of, "operator": "direct", "plan_published": False}


def files(prefecture: str) -> list[tuple[str, str, str, bool, list[Mapping[str, Any]]]]:
    """Sender, form, period, whether it counts, rows; in the order of arrival."""
    return [
        (SAITAMA, "setup", "2023-04-01", True, [_setup("2023-04-01")]),
        (STARTER, "setup", "2024-04-01", True, [_setup("2024-06-15")]),
        *[(SAITAMA, "case", f"{month}-01", counts, list(rows)) for month, counts, rows in LEDGERS],
        (SAITAMA, "outreach", "2024-03-01", True, []),
        (STARTER, "case", "2024-07-01", True, []),
        (prefecture, "dispatch", "2024-02-01", True, [DISPATCH]),
        (prefecture, "dispatch", "2024-04-01", True, []),
        (prefecture, "training", "2024-02-01", True, []),
        (prefecture, "training", "2024-04-01", True, []),
    ]
