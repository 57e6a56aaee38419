"""The reception desk of one run: gives each submission its number, its status and its receipt, and its rows to the lake.

Files come in order of arrival; rows are judged by form, many files at once. Nothing counts until the manifest has it.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from expectations.codes import load_code_lists
from expectations.contract import load_contracts
from pipelines.intake import lake, receipts
from pipelines.intake.changes import MunicipalityChanges
from pipelines.intake.crew import Crew
from pipelines.intake.judgements import Judgement, count_failures
from pipelines.intake.judging import Judge, JudgedRows, RowBatch
from pipelines.intake.manifest import Manifest, ManifestError
from pipelines.intake.naming import Senders
from pipelines.intake.opening import Opened, Opener
from pipelines.intake.reading import Reader
from pipelines.intake.rekey import SecretError, fingerprint, load_or_create_secret, load_secret
from pipelines.intake.submissions import FileStamp, Status, Submission
from pipelines.intake.verdict import Note, Reason, Verdict
from pipelines.settings import TIME_ZONE, Settings

Three = tuple[str | None, str | None, date | None]

_TOGETHER = Note("arrival_order")


@dataclass(frozen=True)
class _Draft:
    """A submission before its outcome is known; `opened` without its table."""

    submission_id: str
    stamp: FileStamp
    received_at: datetime
    arrival_order: int
    opened: Opened
    rows: int

    @property
    def three(self) -> Three:
        return self.opened.sender_code, self.opened.form, self.opened.period


@dataclass(frozen=True, slots=True)
class _Standing:
    """The submission of a three that stands at this moment of the run."""

    arrival: tuple[datetime, int]
    content_sha256: str
    rows_accepted: int


@dataclass(frozen=True)
class Decided:
    """A submission, its receipt's content and what the gate said of it."""

    submission: Submission
    receipt: str
    judgement: Judgement


class Reception:
    """Takes files in order of arrival; `close` gives what the manifest is to commit."""

    def __init__(self, settings: Settings, manifest: Manifest, crew: Crew, now: datetime, before: int) -> None:
        """`reader` reads what is received here, `now` is when this run judges, `before` the last number before this run.

        Raises ManifestError when the secret is not the one this home began with.
        """
        self._now = now.astimezone(TIME_ZONE)  # the manifest finds the last gate by its text
        self._settings = settings
        self._contracts = load_contracts()
        components = settings.reference("grant_components.csv")
        senders = Senders(
            _rows(settings.reference("municipalities.csv")), settings.prefecture_code, settings.prefecture_name
        )
        secret = _secret(settings.rekey_secret, manifest)
        codes = load_code_lists(settings.reference("codes.csv"), components)
        changes = MunicipalityChanges(_rows(settings.reference("municipality_changes.csv")))
        self._judge = Judge(codes, senders, changes, secret, _rows(components))
        opener = Opener(self._contracts, senders, changes, settings.max_title_rows)
        self.reader = Reader(opener, settings.max_file_bytes)
        self._crew = crew
        self._manifest = manifest
        self._before = before
        self._orders = self._committed = manifest.last_order()
        self._taken: set[str] = set()
        self._accepted: set[str] = set()
        self._standing: dict[Three, _Standing | None] = {}
        self._together: defaultdict[tuple[Three, datetime], list[str]] = defaultdict(list)
        self._batches: dict[str, RowBatch] = {}
        self._drafts: defaultdict[str, list[_Draft]] = defaultdict(list)
        self._decided: list[Decided] = []

    def receive(self, stamp: FileStamp, opened: Sequence[Opened], received_at: datetime) -> None:
        """A file as read."""
        for one in opened:
            self._receive_one(one, stamp, received_at)

    def close(self) -> tuple[list[Decided], dict[str, str]]:
        """Judge what is still waiting; all submissions in order of arrival, and what receipts committed by this run say now."""
        self._judge_forms(list(self._batches))
        with_others, retold = self._came_together()
        decided = [
            replace(one, receipt=receipts.with_note(one.receipt, _TOGETHER))
            if one.submission.submission_id in with_others
            else one
            for one in self._decided
        ]
        return sorted(decided, key=lambda one: one.submission.arrival_order), retold

    def _came_together(self) -> tuple[set[str], dict[str, str]]:
        """Those of which another of the same three came at the same time, and receipts of those committed that had none yet."""
        with_others: set[str] = set()
        retold: dict[str, str] = {}
        for (three, received_at), ids in self._together.items():
            earlier = (
                self._manifest.judged_with(three, received_at, self._before) if self._committed > self._before else []
            )
            if len(ids) + len(earlier) > 1:
                with_others.update(ids)
            if len(earlier) == 1:
                retold[earlier[0]] = receipts.with_note(self._manifest.receipt(earlier[0]), _TOGETHER)
        return with_others, retold

    def _receive_one(self, opened: Opened, stamp: FileStamp, received_at: datetime) -> None:
        self._orders += 1
        three = (opened.sender_code, opened.form, opened.period)
        attempts = (_submission_id(stamp.content_sha256, three, attempt) for attempt in count())
        submission_id = next(one for one in attempts if one not in self._taken and not self._manifest.knows(one))
        self._taken.add(submission_id)
        draft = _Draft(submission_id, stamp, received_at, self._orders, replace(opened, table=None), opened.row_count)
        if opened.findings:
            self._decide(draft, "refused_personal_data")
        elif opened.reasons or opened.form is None:
            self._decide(draft, "returned", opened.reasons)
        else:
            batch = self._batches.setdefault(opened.form, RowBatch(self._contracts[opened.form]))
            batch.add(submission_id, opened)
            self._drafts[opened.form].append(draft)
            if len(batch) >= self._settings.gate_batch_rows:
                self._judge_forms([opened.form])

    def _judge_forms(self, forms: Sequence[str]) -> None:
        """The batches of these forms, each judged whole."""
        batches = (self._batches.pop(form) for form in forms)
        judge = partial(RowBatch.judge, judge=self._judge)
        for form, judged in zip(forms, self._crew.map(judge, batches, chunk=1), strict=True):
            self._take(form, judged)

    def _take(self, form: str, judged: JudgedRows) -> None:
        """Decide on a form's submissions in order of arrival, and give the accepted rows to the lake."""
        accepted: set[str] = set()
        for draft in self._drafts.pop(form):
            verdict = judged.verdicts.get(draft.submission_id, Verdict())
            status, reasons = self._status(draft, verdict)
            submission = self._decide(draft, status, reasons, verdict)
            self._together[draft.three, draft.received_at].append(draft.submission_id)
            if submission.is_accepted:
                accepted.add(draft.submission_id)
                self._stands(submission)
        rows = judged.good.filter(
            pc.is_in(judged.good["submission_id"], value_set=pa.array(sorted(accepted), pa.string()))
        )
        self._accepted |= accepted
        periods = pc.unique(rows["period"]).to_pylist()
        keep = self._accepted.union(*(self._manifest.accepted(form, period) for period in periods))
        lake.append(self._settings.lake_dir, self._contracts[form], rows, keep)

    def _status(self, draft: _Draft, verdict: Verdict) -> tuple[Status, Sequence[Reason]]:
        rejected = len(verdict.rejected_rows)
        if rejected > self._settings.returned_error_share * draft.rows:
            all_elsewhere = len(verdict.rows_failing("in_period")) == draft.rows
            return "returned", [Reason("other_period") if all_elsewhere else Reason("too_many_errors")]
        standing = self._stands_of(draft.three)
        if standing and standing.content_sha256 == draft.stamp.content_sha256:
            return "duplicate", []
        return ("accepted_with_errors" if rejected else "accepted"), []

    def _stands_of(self, three: Three) -> _Standing | None:
        if three not in self._standing:
            one = self._manifest.standing(three)
            self._standing[three] = one and _Standing(one.arrival, one.content_sha256, one.rows_accepted)
        return self._standing[three]

    def _stands(self, submission: Submission) -> None:
        before = self._stands_of(submission.three)
        if before is None or before.arrival < submission.arrival:
            self._standing[submission.three] = _Standing(
                submission.arrival, submission.content_sha256, submission.rows_accepted
            )

    def _decide(
        self,
        draft: _Draft,
        status: Status,
        reasons: Sequence[Reason] = (),
        verdict: Verdict | None = None,
    ) -> Submission:
        rows_judged = draft.rows if verdict else 0
        verdict = verdict or Verdict()
        opened, stamp = draft.opened, draft.stamp
        rejected = {"returned": draft.rows, "accepted_with_errors": len(verdict.rejected_rows)}.get(status, 0)
        accepted = draft.rows - rejected if status in ("accepted", "accepted_with_errors") else 0
        submission = Submission(
            submission_id=draft.submission_id,
            file_name=stamp.path,
            content_sha256=stamp.content_sha256,
            size=stamp.size,
            sender_code=opened.sender_code,
            form=opened.form,
            period=opened.period,
            status=status,
            rows_total=accepted + rejected,
            rows_accepted=accepted,
            rows_rejected=rejected,
            warnings=_warnings(opened, verdict),
            error_codes=_error_codes(status, opened, reasons, verdict),
            received_at=draft.received_at,
            arrival_order=draft.arrival_order,
            receipt=receipts.receipt_path(opened.sender_code, stamp.path, draft.submission_id),
        )
        facts = receipts.Facts(
            opened=opened,
            verdict=verdict,
            contract=self._contracts.get(opened.form) if opened.form else None,
            codes=self._judge.codes,
            sender_name=self._judge.senders.names.get(opened.sender_code) if opened.sender_code else None,
            max_file_bytes=self._settings.max_file_bytes,
            rows_before=self._rows_before(submission),
        )
        judgement = Judgement(submission.submission_id, self._now, rows_judged, count_failures(verdict.failures))
        self._decided.append(Decided(submission, receipts.content(submission, reasons, facts), judgement))
        return submission

    def _rows_before(self, submission: Submission) -> int | None:
        """Rows of the submission this one replaces, if it replaces one; forms that accumulate replace none whole."""
        if not submission.is_accepted:
            return None
        standing = self._stands_of(submission.three)
        if standing is None or standing.arrival > submission.arrival:
            return None
        accumulates = self._contracts[submission.form].accumulates_by if submission.form else None
        return None if accumulates else standing.rows_accepted


def _secret(path: Path, manifest: Manifest) -> bytes:
    """The secret this home began with; made for its first file, never a second time. Raises ManifestError."""
    if manifest.rekey_fingerprint() is None:
        secret = load_or_create_secret(path)
    else:
        try:
            secret = load_secret(path)
        except (FileNotFoundError, SecretError) as error:
            raise ManifestError(
                "番号を置き換える鍵(secrets/rekey.key)がないか、壊れています。別に保管した鍵を戻してください。"
            ) from error
    manifest.claim_rekey_fingerprint(fingerprint(secret))
    return secret


def _submission_id(content_sha256: str, three: Three, attempt: int) -> str:
    sender_code, form, period = three
    parts = (content_sha256, sender_code or "", form or "", period.isoformat() if period else "", str(attempt))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _warnings(opened: Opened, verdict: Verdict) -> int:
    of_rows = sum(failure.severity == "warning" for failure in verdict.failures)
    return of_rows + sum(note.is_warning for note in opened.notes)


def _error_codes(status: Status, opened: Opened, reasons: Sequence[Reason], verdict: Verdict) -> tuple[str, ...]:
    """What went wrong, by id: kinds of personal data alone when refused, else reasons, then rules."""
    if status == "refused_personal_data":
        return tuple(sorted({finding.kind for _, finding in opened.findings}))
    if status == "duplicate":
        return ()
    rules = sorted({failure.check.rule for failure in verdict.failures if failure.severity == "error"})
    return tuple(dict.fromkeys([*(reason.code for reason in reasons), *rules]))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
