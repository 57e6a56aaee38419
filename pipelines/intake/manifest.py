"""The manifest: what was submitted and what became of it. SQLite, one file per home, and the intake's commit point.

A submission counts once it is committed here, whatever the lake holds. Rows are not kept here, nor any value of them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from expectations.contract import load_contracts
from pipelines.intake import counting, cross_findings, judgements
from pipelines.intake.cross_findings import CrossFinding, Due
from pipelines.intake.judgements import Judgement
from pipelines.intake.submissions import (
    COLUMNS,
    PLACES,
    Counted,
    FileStamp,
    KnownSubmission,
    Submission,
    from_row,
    to_row,
)

_SCHEMA = """
create table if not exists home (key text primary key, value text not null) strict, without rowid;
create table if not exists file (
  path text primary key, size integer not null, mtime_ns integer not null, content_sha256 text not null
) strict, without rowid;
create table if not exists submission (
  submission_id text primary key,
  file_name text not null,
  content_sha256 text not null,
  size integer not null,
  sender_code text,
  form text,
  period text,
  status text not null check (
    status in ('accepted', 'accepted_with_errors', 'returned', 'refused_personal_data', 'duplicate')),
  rows_total integer not null check (rows_total = rows_accepted + rows_rejected),
  rows_accepted integer not null check (rows_accepted >= 0),
  rows_rejected integer not null check (rows_rejected >= 0),
  warnings integer not null check (warnings >= 0),
  error_codes text not null,
  received_at text not null,
  arrival_order integer not null unique,
  receipt text not null unique,
  withdrawn_at text,
  withdrawn_reason text,
  check (status not like 'accepted%' or (sender_code is not null and form is not null and period is not null))
) strict, without rowid;
create table if not exists receipt (
  submission_id text primary key references submission (submission_id), content text not null
) strict, without rowid;
create table if not exists purged (
  submission_id text primary key references submission (submission_id), purged_at text not null
) strict, without rowid;
create table if not exists build (
  build_id text primary key, created_at text not null, data_month text not null, origin text not null, as_of text,
  submissions_fingerprint text not null, path text not null
) strict, without rowid;
create table if not exists release (
  build_id text not null, audience text not null, remembered_at integer not null, snapshot blob not null,
  primary key (build_id, audience)
) strict, without rowid;
create table if not exists build_counted (
  build_id text references build (build_id), first_arrival integer not null, last_arrival integer not null,
  primary key (build_id, first_arrival)
) strict, without rowid;
"""


class ManifestError(ValueError):
    """What was asked of the manifest cannot be; the message is in Japanese, for the person at the keyboard."""


@dataclass(frozen=True)
class Build:
    """A published build and the submissions it stands on."""

    build_id: str
    created_at: datetime
    data_month: date
    origin: str
    as_of: datetime | None
    submissions_fingerprint: str
    path: str


class Manifest:
    """Opens (and if need be makes) the manifest of a home. Use as a context manager."""

    def __init__(self, path: Path | Literal[":memory:"]) -> None:
        if isinstance(path, Path):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.execute("pragma foreign_keys = on")
        self._db.executescript(_SCHEMA + judgements.SCHEMA + cross_findings.SCHEMA + counting.SCHEMA)

    @classmethod
    def reading(cls, path: Path) -> Self:
        """For whoever only reads: a home without a manifest answers as one with nothing in it, and stays without."""
        return cls(path if path.exists() else ":memory:")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._db.close()

    def origin(self) -> str:
        """`real` or `synthetic`; a home that has read nothing yet is real."""
        return self._home("origin") or "real"

    def claim_origin(self, origin: str) -> None:
        """The first inbox decides. Raises ManifestError for an inbox of the other kind."""
        if self._claim("origin", origin) != origin:
            raise ManifestError(
                "本物の提出と合成データは同じ保管場所に混ぜられません。この保管場所(KASANE_HOME)は"
                f"{'合成データ' if origin == 'real' else '本物の提出'}用です。別の KASANE_HOME を指定してください。"
            )

    def rekey_fingerprint(self) -> str | None:
        """Of the secret this home began with; None before the first file."""
        return self._home("rekey_fingerprint")

    def claim_rekey_fingerprint(self, fingerprint: str) -> None:
        """The first secret decides. Raises ManifestError when it is another one now: no number would match any more."""
        if self._claim("rekey_fingerprint", fingerprint) != fingerprint:
            raise ManifestError(
                "番号を置き換える鍵(secrets/rekey.key)が、これまでの受付で使ったものと違います。元の鍵ファイルを戻してください。"
            )

    def commit(
        self,
        submissions: Sequence[Submission],
        files: Iterable[FileStamp] = (),
        receipts: Mapping[str, str] | None = None,
        judged: Sequence[Judgement] = (),
        retold: Mapping[str, str] | None = None,
    ) -> None:
        """Everything or nothing, in one transaction. `receipts`: content by submission id; `retold`: of earlier ones."""
        rows = [to_row(submission) for submission in submissions]
        stamps = [(file.path, file.size, file.mtime_ns, file.content_sha256) for file in files]
        with self._transaction():
            self._db.executemany(f"insert into submission ({COLUMNS}) values ({PLACES})", rows)
            self._db.executemany("insert or replace into file values (?, ?, ?, ?)", stamps)
            self._db.executemany("insert into receipt values (?, ?)", (receipts or {}).items())
            judgements.insert_judgements(self._db, judged)
            cross_findings.make_due(self._db, (one.submission_id for one in submissions if one.is_accepted))
            self._rewrite_receipts(retold or {})

    def has_read(self, path: str, size: int, mtime_ns: int) -> bool:
        """Whether a file of the inbox looks as it did when it was last read. Asked of every file there ever was, each run."""
        query = "select 1 from file where path = ? and size = ? and mtime_ns = ?"
        return self._db.execute(query, (path, size, mtime_ns)).fetchone() is not None

    def settled(self, paths: Iterable[str]) -> dict[str, str]:
        """Content of these files, by path, as they were last read, unless all they came to was returned.

        Touching a file changes nothing: an old version must not come back into force because somebody copied a folder. One
        that was returned counts nowhere; put in again it is judged again, since its month may have begun meanwhile.
        """
        query = """
            select distinct file.path, file.content_sha256 from json_each(?) as these
            cross join file on file.path = these.value
            cross join submission
              on file.path = submission.file_name and file.content_sha256 = submission.content_sha256
            where status <> 'returned'
        """
        return dict(tuple(row) for row in self._db.execute(query, [json.dumps(list(paths))]))

    def last_order(self) -> int:
        """The number of the submission that came last; 0 before the first."""
        return self._db.execute("select coalesce(max(arrival_order), 0) from submission").fetchone()[0]

    def knows(self, submission_id: str) -> bool:
        """Whether there is a submission of that id."""
        query = "select 1 from submission where submission_id = ?"
        return self._db.execute(query, (submission_id,)).fetchone() is not None

    def judged_with(
        self, three: tuple[str | None, str | None, date | None], received_at: datetime, after: int
    ) -> list[str]:
        """Ids of those of a three that came at that time, were numbered later than that and put before the gate."""
        query = """
            select submission_id from submission join judgement using (submission_id)
            where sender_code = ? and form = ? and period = ? and received_at = ? and arrival_order > ?
              and (status <> 'returned' or judgement.rows > 0)
        """
        sender, form, period = three
        values = (sender, form, period and period.isoformat(), received_at.isoformat(), after)
        return [row[0] for row in self._db.execute(query, values)]

    def submission(self, submission_id: str) -> Submission:
        """The submission of that id."""
        query = f"select {COLUMNS} from submission where submission_id = ?"
        return Submission(**from_row(self._db.execute(query, (submission_id,)).fetchone()))

    def submissions(self) -> list[Submission]:
        """All submissions in order of arrival."""
        rows = self._db.execute(f"select {COLUMNS} from submission order by arrival_order")
        return sorted((Submission(**from_row(row)) for row in rows), key=lambda submission: submission.arrival)

    def receipt(self, submission_id: str) -> str:
        """The receipt's content as it was committed; the file under the receipts' folder is a copy of it."""
        row = self._db.execute("select content from receipt where submission_id = ?", (submission_id,)).fetchone()
        return row["content"]

    def receipt_paths(self) -> Iterator[tuple[str, str]]:
        """Every submission's id and where its receipt lies, folder by folder."""
        return map(tuple, self._db.execute("select submission_id, receipt from submission order by receipt"))

    def last_gate(self) -> dict[str, Judgement]:
        """What the gate said of the submissions of the last run that took anything in, by submission id."""
        return judgements.last_gate(self._db)

    def cross_findings(self) -> list[CrossFinding]:
        """What files say of each other, as it stood at the last run."""
        return cross_findings.findings(self._db)

    def cross_digests(self, submission_ids: Iterable[str]) -> dict[str, str]:
        """Of what was found of these: whoever has the same again need not be told again."""
        return cross_findings.digests(self._db, submission_ids)

    def judge_anew_unless(self, rules: str) -> None:
        """All that was accepted is due where the last judgement was made by other rules than these (a digest of them)."""
        if self._home("cross_rules") != rules:
            with self._transaction():
                cross_findings.make_all_due(self._db)
                self._db.execute("insert or replace into home values ('cross_rules', ?)", (rules,))

    def due_rows(self) -> dict[str, int]:
        """How many rows are to be judged against other files, by sender."""
        return cross_findings.due_rows(self._db)

    def due(self, senders: Iterable[str]) -> list[Due]:
        """What of these senders may have begun or ceased to count since the last judgement."""
        return cross_findings.due(self._db, senders)

    def replace_cross_findings(
        self,
        digests: Mapping[str, str | None],
        found: Iterable[tuple[str, Sequence[CrossFinding]]],
        retold: Callable[[str, Sequence[CrossFinding]], str],
        settled: Iterable[Due],
    ) -> None:
        """The new state of some submissions and their receipts, in one transaction, with which `settled` are due no more.

        `digests`: of all of them, None where nothing is found any more. `retold`: a receipt's content with these findings.
        """
        with self._transaction():
            cross_findings.forget(self._db, digests)
            for submission_id, findings in found:
                cross_findings.insert(self._db, findings)
                self._rewrite_receipts({submission_id: retold(submission_id, findings)})
            cross_findings.settle(self._db, settled)

    def known_at(self, as_of: datetime | None) -> list[KnownSubmission]:
        """The submissions that had arrived by `as_of` (None: all), and which of them counted then."""
        then = [submission for submission in self.submissions() if as_of is None or submission.received_at <= as_of]
        gone = self.purged()  # whatever `as_of` is: nobody can count these rows any more
        standing = [s for s in then if s.is_accepted and not _is_withdrawn(s, as_of) and s.submission_id not in gone]
        stand = {submission.submission_id for submission in standing}
        newest = {submission.three: submission.submission_id for submission in standing}
        accumulating = {contract.form for contract in load_contracts().values() if contract.accumulates_by}
        counting = {s.submission_id for s in standing if s.form in accumulating} | set(newest.values())
        return [
            KnownSubmission(
                **vars(submission),
                stands=submission.submission_id in stand,
                is_current=newest.get(submission.three) == submission.submission_id,
                counts=submission.submission_id in counting,
            )
            for submission in then
        ]

    def standing(self, three: tuple[str | None, str | None, date | None]) -> Submission | None:
        """The accepted submission of a sender, form and period that stands now."""
        submission_id = counting.standing(self._db, three)
        return self.submission(submission_id) if submission_id else None

    def counting_in(self, form: str, period: date) -> list[Counted]:
        """The submissions whose rows enter from one file of the lake."""
        return counting.in_file(self._db, form, period)

    def counting_of(self, form: str, senders: Iterable[str]) -> list[Counted]:
        """The submissions of a form from these senders whose rows enter."""
        return counting.of_senders(self._db, form, senders)

    def counted(self, submission_ids: Iterable[str]) -> list[Counted]:
        """These submissions, which are known to count."""
        return counting.counted(self._db, submission_ids)

    def periods(self, form: str) -> list[date]:
        """Every period of which anything of a form was accepted."""
        return counting.periods(self._db, form)

    def accepted(self, form: str, period: date) -> set[str]:
        """Ids of all that was ever accepted for one file of the lake."""
        return counting.accepted(self._db, form, period)

    def withdraw(self, submission_id: str, reason: str, at: datetime) -> None:
        """Take an accepted submission back, on the record; the one before it counts again. Raises ManifestError."""
        with self._transaction():
            changed = self._db.execute(
                "update submission set withdrawn_at = ?, withdrawn_reason = ?"
                " where submission_id = ? and status like 'accepted%' and withdrawn_at is null",
                (at.isoformat(), reason, submission_id),
            )
            if changed.rowcount != 1:
                raise ManifestError(
                    "取り下げられる提出ではありません(受理されていないか、すでに取り下げられています)。"
                )
            cross_findings.make_due(self._db, [submission_id])

    def purged(self) -> frozenset[str]:
        """Submissions whose rows have left the lake because their time was over."""
        return frozenset(row["submission_id"] for row in self._db.execute("select submission_id from purged"))

    def purge(self, submission_ids: Iterable[str], receipts: Mapping[str, str], at: datetime) -> None:
        """Record that the rows of these are gone, with the receipts (content by submission id) that no longer show any.

        What is written over is overwritten on the disk too.
        """
        self._db.execute("pragma secure_delete = on")
        with self._transaction():
            rows = [(submission_id, at.isoformat()) for submission_id in submission_ids]
            self._db.executemany("insert into purged values (?, ?)", rows)
            cross_findings.make_due(self._db, [submission_id for submission_id, _ in rows])
            self._rewrite_receipts(receipts)
        self._db.execute("pragma wal_checkpoint(truncate)")

    def purged_forms(self) -> set[tuple[str, str]]:
        """Sender and form of everything whose rows have left the lake."""
        query = "select distinct sender_code, form from purged cross join submission using (submission_id)"
        return {(row[0], row[1]) for row in self._db.execute(query)}

    def promised_rows(self) -> Iterator[tuple[str, date, dict[str, int]]]:
        """How many rows each file of the lake must hold of each submission: form, period, rows by id."""
        return counting.promised_rows(self._db)

    def unbalanced(self) -> int:
        """Submissions whose rows are not all accounted for."""
        query = "select count(*) from submission where rows_total <> rows_accepted + rows_rejected"
        return self._db.execute(query).fetchone()[0]

    def damage(self) -> list[str]:
        """What SQLite finds wrong with the file, in its own words; nothing when it is whole."""
        found = [str(row[0]) for row in self._db.execute("pragma integrity_check")]
        broken = self._db.execute("pragma foreign_key_check").fetchall()
        return [line for line in found if line != "ok"] + [f"foreign key of {row['table']}" for row in broken]

    def copy_to(self, path: Path) -> None:
        """A copy of the whole file as of this moment, whoever else reads or writes."""
        copy = sqlite3.connect(path)
        try:
            self._db.backup(copy)
            copy.execute("pragma journal_mode = delete")  # one file, nothing beside it
        finally:
            copy.close()

    def record_build(self, build: Build, counted: Iterable[Submission]) -> None:
        """Keep a build and which submissions it counted; recording the same build again changes nothing."""
        orders = sorted(submission.arrival_order for submission in counted)
        row = (
            build.build_id,
            build.created_at.isoformat(),
            build.data_month.isoformat(),
            build.origin,
            build.as_of.isoformat() if build.as_of else None,
            build.submissions_fingerprint,
            build.path,
        )
        with self._transaction():
            if self._db.execute("insert or ignore into build values (?, ?, ?, ?, ?, ?, ?)", row).rowcount:
                stretches = [(build.build_id, first, last) for first, last in _stretches(orders)]
                self._db.executemany("insert into build_counted values (?, ?, ?)", stretches)

    def counted_by(self, build_id: str) -> list[Submission] | None:
        """The submissions whose rows a build counted, in order of arrival; None where no record of it says so.

        Kept for every build, also those whose files are gone. Nearly all submissions count, one after the other, so
        stretches of the order of arrival say in kilobytes what a row each would say in megabytes.
        """
        query = f"""
            select {COLUMNS} from build_counted
            join submission on arrival_order between first_arrival and last_arrival
            where build_id = ? order by arrival_order
        """
        return [Submission(**from_row(row)) for row in self._db.execute(query, (build_id,))] or None

    def remember_release(self, build_id: str, audience: str, snapshot: bytes) -> None:
        """Keep what an audience is shown by a build: readers keep it too, whatever becomes of the build."""
        with self._transaction():
            self._db.execute(
                "insert or replace into release values (?, ?, (select coalesce(max(remembered_at), 0) + 1 from release), ?)",
                (build_id, audience, snapshot),
            )

    def releases(self, audience: str, *, but: str) -> list[bytes]:
        """Every release to an audience in order, except the build being made."""
        query = "select snapshot from release where audience = ? and build_id <> ? order by remembered_at"
        return [row[0] for row in self._db.execute(query, (audience, but))]

    def builds(self) -> list[Build]:
        """All builds, oldest first."""
        return [
            Build(
                row["build_id"],
                datetime.fromisoformat(row["created_at"]),
                date.fromisoformat(row["data_month"]),
                row["origin"],
                datetime.fromisoformat(row["as_of"]) if row["as_of"] else None,
                row["submissions_fingerprint"],
                row["path"],
            )
            for row in self._db.execute("select * from build order by created_at, build_id")
        ]

    def _rewrite_receipts(self, contents: Mapping[str, str]) -> None:
        changed = [(content, submission_id) for submission_id, content in contents.items()]
        self._db.executemany("update receipt set content = ? where submission_id = ?", changed)

    def _home(self, key: str) -> str | None:
        row = self._db.execute("select value from home where key = ?", (key,)).fetchone()
        return row["value"] if row else None

    def _claim(self, key: str, value: str) -> str | None:
        with self._transaction():
            self._db.execute("insert or ignore into home values (?, ?)", (key, value))
        return self._home(key)

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


class _Transaction:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK when the block raises."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("begin immediate")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._db.execute("commit" if kind is None else "rollback")


def _stretches(orders: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending numbers as (first, last) of each run without a gap."""
    found: list[tuple[int, int]] = []
    for order in orders:
        if found and order == found[-1][1] + 1:
            found[-1] = (found[-1][0], order)
        else:
            found.append((order, order))
    return found


def _is_withdrawn(submission: Submission, as_of: datetime | None) -> bool:
    at = submission.withdrawn_at
    return at is not None and (as_of is None or at <= as_of)
