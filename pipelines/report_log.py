"""The record of reports and of what was sent to whom: tables of the manifest's file, so that one backup holds it all.

Here: what was made, approved, claimed for sending and sent. Not here: making, mailing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

Origin = Literal["schedule", "hand"]
Purpose = Literal["draft", "release", "reminder"]
State = Literal["sending", "sent", "failed"]

_SCHEMA = """
create table if not exists report (
  report_id text primary key, month text not null, audience text not null, build_id text not null, digest text not null,
  title_ja text not null, folder text not null, name text not null, origin text not null, made_at text not null,
  approved_at text, approved_by text
) strict, without rowid;
create table if not exists report_file (
  report_id text not null, path text not null, sha256 text not null, primary key (report_id, path)
) strict, without rowid;
create table if not exists delivery (
  subject text not null, purpose text not null, recipient text not null,
  state text not null check (state in ('sending', 'sent', 'failed')), at text not null, reason text,
  primary key (subject, purpose, recipient)
) strict, without rowid;
"""


class UnknownReport(LookupError):
    """There is no report of that id; the message is in Japanese."""


@dataclass(frozen=True)
class Report:
    """One monthly report as it was made. `folder` is relative to the home, `digest` over all its files."""

    report_id: str
    month: date
    audience: str
    build_id: str
    digest: str
    title_ja: str
    folder: str
    name: str
    origin: Origin
    made_at: datetime
    approved_at: datetime | None = None
    approved_by: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One message to one recipient. `sending`: begun, the end not recorded, so perhaps sent: never sent again by itself."""

    subject: str
    purpose: Purpose
    recipient: str
    state: State
    at: datetime
    reason: str | None


class ReportLog:
    """Opens the record in the manifest's file. Use as a context manager."""

    def __init__(self, manifest_db: Path | Literal[":memory:"]) -> None:
        if isinstance(manifest_db, Path):
            manifest_db.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(manifest_db, isolation_level=None, timeout=30)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.executescript(_SCHEMA)

    @classmethod
    def reading(cls, manifest_db: Path) -> Self:
        """For whoever only reads: a home without a manifest answers as one without reports, and stays without."""
        return cls(manifest_db if manifest_db.exists() else ":memory:")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._db.close()

    def record(self, report: Report, files: Mapping[str, str]) -> None:
        """Keep a report as a draft, with the SHA-256 of each file by its path; the same one again changes nothing."""
        values = [value.isoformat() if isinstance(value, date) else value for value in astuple(report)]
        self._db.execute(f"insert or ignore into report values ({', '.join('?' * len(values))})", values)
        rows = [(report.report_id, path, sha) for path, sha in files.items()]
        self._db.executemany("insert or ignore into report_file values (?, ?, ?)", rows)

    def files(self, report_id: str) -> dict[str, str]:
        """Path under the report's folder → SHA-256, as it was made."""
        rows = self._db.execute("select path, sha256 from report_file where report_id = ? order by path", (report_id,))
        return {row["path"]: row["sha256"] for row in rows}

    def report(self, report_id: str) -> Report:
        """Raises UnknownReport."""
        row = self._db.execute("select * from report where report_id = ?", (report_id,)).fetchone()
        if row is None:
            raise UnknownReport(f"報告書 {report_id} はありません。`kasane report list` で確かめてください。")
        return _report(row)

    def reports(self) -> list[Report]:
        """All reports, newest first."""
        return [_report(row) for row in self._db.execute("select * from report order by made_at desc, report_id")]

    def approve(self, report_id: str, by: str, at: datetime) -> Report:
        """Release a draft; who was first stays on the record. Raises UnknownReport."""
        self.report(report_id)
        self._db.execute(
            "update report set approved_at = ?, approved_by = ? where report_id = ? and approved_at is null",
            (at.isoformat(), by, report_id),
        )
        return self.report(report_id)

    def cited_builds(self) -> frozenset[str]:
        """Builds that must stay: those of reports a schedule made or somebody approved."""
        query = "select distinct build_id from report where origin = 'schedule' or approved_at is not null"
        return frozenset(row["build_id"] for row in self._db.execute(query))

    def claim(self, subject: str, purpose: Purpose, recipient: str, at: datetime) -> bool:
        """Take the sole right to send this; False if it was sent, or begun and perhaps sent. One that failed may be retried."""
        changed = self._db.execute(
            "insert into delivery values (?, ?, ?, 'sending', ?, null)"
            " on conflict (subject, purpose, recipient) do update set state = 'sending', at = excluded.at, reason = null"
            " where state = 'failed'",
            (subject, purpose, recipient, at.isoformat()),
        )
        return changed.rowcount == 1

    def settle(
        self, subject: str, purpose: Purpose, recipient: str, state: State, at: datetime, reason: str | None = None
    ) -> None:
        """Say how a claimed sending ended."""
        self._db.execute(
            "update delivery set state = ?, at = ?, reason = ? where subject = ? and purpose = ? and recipient = ?",
            (state, at.isoformat(), reason, subject, purpose, recipient),
        )

    def deliveries(self, subject: str | None = None) -> list[Delivery]:
        """What was sent, of one subject or of all, oldest first."""
        rows = self._db.execute(
            "select * from delivery where ? is null or subject = ? order by at, recipient", (subject, subject)
        )
        return [
            Delivery(
                row["subject"],
                row["purpose"],
                row["recipient"],
                row["state"],
                datetime.fromisoformat(row["at"]),
                row["reason"],
            )
            for row in rows
        ]


def _report(row: sqlite3.Row) -> Report:
    facts = {item.name: row[item.name] for item in fields(Report)}
    facts["month"] = date.fromisoformat(facts["month"])
    for name in ("made_at", "approved_at"):
        facts[name] = datetime.fromisoformat(facts[name]) if facts[name] else None
    return Report(**facts)
