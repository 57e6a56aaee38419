"""What files say of each other, as the manifest keeps it: what was found, and which submissions are due to be judged again.

Places, rules and numbers, never a value of a row. Judging itself is in `cross_judge.py`; the tables live in the manifest's file
so that a submission and what is due because of it are committed together.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from pipelines.intake.submissions import day, moment

CrossRule = Literal["reference_exists", "vanished_key", "reopened_key", "listed_later"]

SCHEMA = """
create table if not exists cross_finding (
  submission_id text not null references submission (submission_id),
  rule text not null, column_id text not null, row_number integer, other_id text, other_row integer,
  rows integer not null
) strict;
create table if not exists cross_digest (
  submission_id text primary key references submission (submission_id), digest text not null
) strict, without rowid;
create table if not exists cross_due (
  submission_id text primary key references submission (submission_id)
) strict, without rowid;
create index if not exists cross_finding_submission on cross_finding (submission_id);
"""


class CrossFinding(NamedTuple):
    """Something a submission is told because of another one. Never an error; gone when the other file mends it.

    The fields are the columns of `cross_finding`.
    `row`: in the submission's own sheet, None where it is about the whole file. `other_id`, `other_row`: the place in the
    other file where there is one. `rows`: how many rows it is about.
    """

    submission_id: str
    rule: CrossRule
    column: str
    row: int | None
    other_id: str | None = None
    other_row: int | None = None
    rows: int = 1


class Due(NamedTuple):
    """A submission that may have begun or ceased to count since the last judgement. Of one that is purged no row is left."""

    submission_id: str
    sender_code: str
    form: str
    period: date
    arrival: tuple[datetime, int]
    is_purged: bool


def make_due(db: sqlite3.Connection, submission_ids: Iterable[str]) -> None:
    """Within the transaction that changes what they are. Only accepted ones ever count."""
    db.executemany("insert or ignore into cross_due values (?)", ((one,) for one in submission_ids))


def make_all_due(db: sqlite3.Connection) -> None:
    """Within a transaction: everything is judged anew."""
    db.execute("insert or ignore into cross_due select submission_id from submission where status like 'accepted%'")


def due_rows(db: sqlite3.Connection) -> dict[str, int]:
    """How many rows are due of each sender that has any submission due."""
    query = """
        select sender_code, sum(rows_accepted) from cross_due cross join submission using (submission_id)
        group by sender_code order by sender_code
    """
    return dict(tuple(row) for row in db.execute(query))


def due(db: sqlite3.Connection, senders: Iterable[str]) -> list[Due]:
    """What is due of these senders, with all that was ever accepted of the same three: one ceases where another begins."""
    query = """
        select distinct other.submission_id, other.sender_code, other.form, other.period,
          other.received_at, other.arrival_order, exists (select 1 from purged where purged.submission_id = other.submission_id)
        from cross_due
        cross join submission as one using (submission_id)
        cross join submission as other
          on other.form = one.form and other.period = one.period and other.sender_code = one.sender_code
        where one.sender_code in (select value from json_each(?)) and other.status like 'accepted%'
    """
    return [
        Due(row[0], row[1], row[2], day(row[3]), (moment(row[4]), row[5]), bool(row[6]))
        for row in db.execute(query, [json.dumps(list(senders))])
    ]


def settle(db: sqlite3.Connection, due_ones: Iterable[Due]) -> None:
    """Within the transaction that keeps what was found of them."""
    db.executemany("delete from cross_due where submission_id = ?", ((one.submission_id,) for one in due_ones))


def findings(db: sqlite3.Connection) -> list[CrossFinding]:
    """The state of the last judgement."""
    rows = db.execute("select * from cross_finding order by submission_id, rule, column_id, row_number, other_row")
    return [CrossFinding(*row) for row in rows]


def digests(db: sqlite3.Connection, submission_ids: Iterable[str]) -> dict[str, str]:
    """Digest of the findings of each of these that has any; an empty one where a manifest older than digests kept none."""
    query = """
        select value, coalesce(digest, '') from json_each(?) left join cross_digest on submission_id = value
        where digest is not null or exists (select 1 from cross_finding where cross_finding.submission_id = value)
    """
    return dict(tuple(row) for row in db.execute(query, [json.dumps(list(submission_ids))]))


def forget(db: sqlite3.Connection, now: Mapping[str, str | None]) -> None:
    """Within a transaction: what was found of these submissions goes, and the digests are those of what comes in its place."""
    these = [json.dumps(list(now))]
    db.execute("delete from cross_finding where submission_id in (select value from json_each(?))", these)
    db.execute("delete from cross_digest where submission_id in (select value from json_each(?))", these)
    db.executemany("insert into cross_digest values (?, ?)", [item for item in now.items() if item[1] is not None])


def insert(db: sqlite3.Connection, found: Sequence[CrossFinding]) -> None:
    """Within the same transaction: what is found now."""
    db.executemany("insert into cross_finding values (?, ?, ?, ?, ?, ?, ?)", found)
