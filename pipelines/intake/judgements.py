"""What the gate leaves in the manifest for the quality page: counts per submission and rule.

Rules and numbers, never a value of a row. Judging itself is in `judging.py`; the tables live in the manifest's file so that
they are committed with the submissions they speak of.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from expectations.contract import Severity
from pipelines.intake.verdict import Failure

SCHEMA = """
create table if not exists judgement (
  submission_id text primary key references submission (submission_id), judged_at text not null, rows integer not null
) strict, without rowid;
create table if not exists failure_count (
  submission_id text not null references judgement (submission_id),
  rule text not null, column_id text not null, params text not null, severity text not null,
  failures integer not null check (failures > 0),
  primary key (submission_id, rule, column_id, params)
) strict, without rowid;
"""


@dataclass(frozen=True)
class FailureCount:
    """How many rows of one submission fail one check; `rule`, `column`, `params` are those of a `suites.Check`."""

    rule: str
    column: str
    params: str  # JSON
    severity: Severity
    failures: int


@dataclass(frozen=True)
class Judgement:
    """A submission at the gate. `judged_at` is the same for all of one run; `rows`: put before the gate, 0 if none was."""

    submission_id: str
    judged_at: datetime
    rows: int
    failures: tuple[FailureCount, ...]


def count_failures(failures: Iterable[Failure]) -> tuple[FailureCount, ...]:
    """Failures of one submission counted by check, in the order of the first of each."""
    counts: Counter[tuple[str, str, str, Severity]] = Counter()
    texts: dict[int, str] = {}  # the failures of a batch share their checks; each is written out once
    for failure in failures:
        check = failure.check
        if id(check) not in texts:
            texts[id(check)] = json.dumps(dict(check.params), ensure_ascii=False, sort_keys=True)
        counts[check.rule, check.column, texts[id(check)], check.severity] += 1
    return tuple(FailureCount(*key, number) for key, number in counts.items())


def insert_judgements(db: sqlite3.Connection, judgements: Sequence[Judgement]) -> None:
    """Within the transaction that commits the submissions."""
    db.executemany(
        "insert into judgement values (?, ?, ?)",
        [(j.submission_id, j.judged_at.isoformat(), j.rows) for j in judgements],
    )
    db.executemany(
        "insert into failure_count values (?, ?, ?, ?, ?, ?)",
        [
            (j.submission_id, count.rule, count.column, count.params, count.severity, count.failures)
            for j in judgements
            for count in j.failures
        ],
    )


def last_gate(db: sqlite3.Connection) -> dict[str, Judgement]:
    """The judgements of the last run that took anything in, by submission id."""
    judged = db.execute("select * from judgement where judged_at = (select max(judged_at) from judgement)").fetchall()
    counts: dict[str, list[FailureCount]] = {row["submission_id"]: [] for row in judged}
    for row in db.execute(
        "select failure_count.* from failure_count join judgement using (submission_id)"
        " where judged_at = (select max(judged_at) from judgement) order by submission_id, failures desc, rule, column_id"
    ):
        count = FailureCount(row["rule"], row["column_id"], row["params"], row["severity"], row["failures"])
        counts[row["submission_id"]].append(count)
    return {
        row["submission_id"]: Judgement(
            row["submission_id"],
            datetime.fromisoformat(row["judged_at"]),
            row["rows"],
            tuple(counts[row["submission_id"]]),
        )
        for row in judged
    }
