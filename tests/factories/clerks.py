"""An office whose clerks send files: puts them into an inbox, runs the intake for real, reads what came of it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.contract import load_contracts
from pipelines.intake.cross_findings import CrossFinding
from pipelines.intake.manifest import Manifest
from pipelines.intake.process import IntakeSummary, process_inbox
from pipelines.intake.submissions import KnownSubmission
from pipelines.settings import TIME_ZONE, Settings

CONTRACTS = load_contracts()
NOW = datetime(2024, 8, 10, 9, tzinfo=TIME_ZONE)
_CONSULTATION = {
    "referral_route": "1",
    "window_field": "elderly",
    "age_band": "00-17",
    "household_type": "1",
    "issue_flags": "01",
    "is_complex": "無",
    "gap_need": "無",
    "screening_result": "1",
}
_CASE = {
    "service": "multi_agency",
    "referred_from": "01",
    "age_band": "00-17",
    "household_type": "1",
    "issue_flags": "01",
    "gap_need": "無",
    "consent_status": "not_yet",
    "replan_count": "0",
}
_OUTREACH = {name: "0" for name in ("visits", "letters", "calls_messages", "accompaniments", "agency_contacts")} | {
    "met_person": "無"
}


class Clerks:
    """One home."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        settings.inbox_dir.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, content: str) -> Path:
        path = self.settings.inbox_dir / name
        path.write_text(content, encoding="utf-8")
        return path

    def run(self, now: datetime = NOW) -> IntakeSummary:
        return process_inbox(self.settings, now=now)

    def known(self, as_of: datetime | None = None) -> dict[str, KnownSubmission]:
        """The newest submission of each file."""
        with Manifest(self.settings.manifest_db) as manifest:
            return {one.file_name: one for one in manifest.known_at(as_of)}

    def withdraw(self, name: str, at: datetime) -> None:
        with Manifest(self.settings.manifest_db) as manifest:
            manifest.withdraw(self.known()[name].submission_id, "取り違え", at)

    def receipt(self, name: str) -> dict[str, Any]:
        path = self.settings.receipts_dir / self.known()[name].receipt
        return json.loads(path.read_text(encoding="utf-8"))

    def told(self, name: str) -> list[tuple[str, int | None]]:
        """Rule and row of what the receipt says of other files."""
        return [(line["rule"], line["row"]) for line in self.receipt(name).get("cross_file", [])]

    def findings(self) -> list[CrossFinding]:
        with Manifest(self.settings.manifest_db) as manifest:
            return manifest.cross_findings()

    def counting(self, form: str, as_of: datetime | None = None) -> list[tuple[str, str, int]]:
        """Sender, month and row number of every row that counts."""
        files = self.settings.lake_dir / form / "*.parquet"
        if not list(files.parent.glob(files.name)):
            return []
        held = duckdb.execute(
            f"select submission_id, sender_code, period::varchar, row_number from '{files}'"
        ).fetchall()
        with Manifest(self.settings.manifest_db) as manifest:
            counts = {one.submission_id for one in manifest.known_at(as_of) if one.counts}
        return sorted(tuple(row[1:]) for row in held if row[0] in counts)


def table(form: str, *rows: dict[str, str]) -> str:
    """A file of that form as CSV."""
    columns = CONTRACTS[form].columns
    lines = [[column.label_ja for column in columns], *([row.get(column.id, "") for column in columns] for row in rows)]
    return "".join(",".join(line) + "\n" for line in lines)


def consultations(month: str, *numbers: str) -> str:
    """An event file of one row a number."""
    return table("consultation", *(_CONSULTATION | {"received_ym": month, "consultation_no": at} for at in numbers))


def cases(*numbers: str, **change: str) -> str:
    """A ledger of open cases accepted in 2024-04; a change applies to the last one."""
    rows = [_CASE | {"case_no": number, "accepted_ym": "2024-04"} for number in numbers]
    rows[-1] |= change
    return table("case", *rows)


def outreach(*numbers: str) -> str:
    """Activities for those cases."""
    return table("outreach", *(_OUTREACH | {"case_no": number} for number in numbers))
