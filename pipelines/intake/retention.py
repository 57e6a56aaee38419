"""The end of case-level rows: what is older than its time leaves the lake, on the record.

Only forms whose rows are about a person are concerned. Published builds and the inbox are never touched; the manifest's
lines stay, without the rows they speak of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from expectations.contract import Contract, load_contracts
from pipelines.intake import receipts
from pipelines.intake.lake import path_of
from pipelines.intake.manifest import Manifest
from pipelines.intake.personal_data import is_about_persons
from pipelines.intake.submissions import Submission
from pipelines.settings import Settings


@dataclass(frozen=True)
class Purge:
    """What leaves, or would. `submissions` are accepted ones with their rows, `receipts` show cells of rejected rows.

    `files`: the lake's, by form and period.
    """

    before: date
    submissions: tuple[Submission, ...]
    receipts: tuple[Submission, ...]
    files: tuple[Path, ...]

    @property
    def rows(self) -> int:
        """Rows that leave the lake."""
        return sum(submission.rows_accepted for submission in self.submissions)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing left to remove."""
        return not (self.submissions or self.receipts or self.files)


def first_month_kept(today: date, months: int) -> date:
    """The first day of the month that many months before today's."""
    years, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(years, month + 1, 1)


def plan(settings: Settings, before: date) -> Purge:
    """What of the periods before that month would be removed; changes nothing."""
    contracts = [contract for contract in load_contracts().values() if is_about_persons(contract)]
    with Manifest.reading(settings.manifest_db) as manifest:
        gone = manifest.purged()
        old = [one for one in manifest.submissions() if _is_old(one, contracts, before)]
        showing = [one for one in old if receipts.without_original_rows(manifest.receipt(one.submission_id))]
    leaving = [one for one in old if one.is_accepted and one.submission_id not in gone]
    # Also files of submissions purged before: a purge that was cut off left them.
    periods = {(one.form, one.period) for one in old if one.is_accepted}
    paths = (
        path_of(settings.lake_dir, contract, period)
        for contract in contracts
        for form, period in sorted(periods, key=str)
        if form == contract.form and period
    )
    files = tuple(path for path in paths if path.exists())
    return Purge(before, tuple(leaving), tuple(showing), files)


def purge(settings: Settings, planned: Purge, at: datetime) -> None:
    """Remove what was planned. Cut off at any moment, the same again finishes it.

    The manifest says first that the rows are gone: from then on they count nowhere, whether or not their file still lies
    there. The warehouse of the last run goes too, since it holds them.
    """
    with Manifest(settings.manifest_db) as manifest:
        texts = {one.submission_id: manifest.receipt(one.submission_id) for one in planned.receipts}
        emptied = {name: text for name, before in texts.items() if (text := receipts.without_original_rows(before))}
        for submission in planned.receipts:
            for copy in receipts.copies(settings.receipts_dir, submission):
                copy.unlink(missing_ok=True)
        manifest.purge([one.submission_id for one in planned.submissions], emptied, at)
        for path in planned.files:
            path.unlink()
        settings.warehouse_db.unlink(missing_ok=True)
        receipts.write_missing(settings.receipts_dir, manifest)


def _is_old(submission: Submission, contracts: list[Contract], before: date) -> bool:
    concerned = any(contract.form == submission.form for contract in contracts)
    return concerned and submission.period is not None and submission.period < before
