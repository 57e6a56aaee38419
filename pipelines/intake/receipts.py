"""Receipts (受付票): what became of a submission, said to its sender. JSON for machines, a workbook for people.

The content is made once and committed with the manifest; the files are copies and are written again when they are not there.
No receipt holds a value that failed: row number, column, rule, sentence and its length. Of rejected rows the cells that passed
are shown in words (`original_rows.py`), never a number; of a refused file nothing is.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path, PurePosixPath
from typing import Any

from expectations import messages
from expectations.codes import CodeLists
from expectations.contract import Contract
from pipelines.intake.crew import Crew
from pipelines.intake.manifest import Manifest
from pipelines.intake.naming import period_label
from pipelines.intake.opening import Opened
from pipelines.intake.submissions import Submission
from pipelines.intake.verdict import Failure, Note, Reason, Verdict

LISTED_AT_MOST = 1000
"""Errors, warnings, notes or findings a receipt lists one by one; it always says how many there are."""

_AT_ONCE = 128
_UNSAFE = re.compile(r"[^\w.-]+")
_STEM_CHARACTERS = 60


@dataclass(frozen=True)
class Facts:
    """What a receipt tells besides the line in the manifest. `rows_before`: of the submission this one replaces."""

    opened: Opened
    verdict: Verdict
    contract: Contract | None
    codes: CodeLists
    sender_name: str | None
    max_file_bytes: int
    rows_before: int | None = None


def receipt_path(sender_code: str | None, file_name: str, submission_id: str) -> str:
    """Where the receipt lies under the receipts' folder: by sender, named after the file."""
    stem = _UNSAFE.sub("_", PurePosixPath(file_name).stem)[:_STEM_CHARACTERS]
    return f"{sender_code or 'unknown'}/{stem}_{submission_id[:12]}.json"


def content(submission: Submission, reasons: Sequence[Reason], facts: Facts) -> str:
    """The receipt as JSON text. `reasons`: why it is returned, if it is."""
    receipt = _head(submission)
    if submission.status == "refused_personal_data":
        receipt |= _refusal(facts)
    else:
        receipt |= _body(submission, reasons, facts)
    return as_text(receipt)


def write_missing(receipts_dir: Path, manifest: Manifest, crew: Crew | None = None) -> None:
    """Write every receipt that is committed but does not lie there: the new ones, and what a crash left out."""
    missing = (
        (_copies(receipts_dir, receipt), manifest.receipt(submission_id))
        for folder, receipts in groupby(manifest.receipt_paths(), key=_folder)
        for there in [_lying_in(receipts_dir, folder)]
        for submission_id, receipt in receipts
        if not there.issuperset(_names(receipt))
    )
    for _ in (crew or Crew(shares=False)).map(_write_copies, missing, chunk=_AT_ONCE):
        pass  # the results are the files


def copies(receipts_dir: Path, submission: Submission) -> tuple[Path, Path]:
    """Where a receipt lies as JSON and as a workbook. Remove both when its content changes, and it is written anew."""
    return _copies(receipts_dir, submission.receipt)


def without_original_rows(content: str) -> str | None:
    """The receipt without the cells of rejected rows, for when their time is over; None if it shows none."""
    receipt = json.loads(content)
    if not receipt.get("original_rows"):
        return None
    note = "保存期間を過ぎたため、行の内容は消去しました。"
    return as_text(receipt | {"original_rows": [], "original_rows_note": note})


def with_note(content: str, note: Note) -> str:
    """The receipt with one more note, about the whole file."""
    receipt = json.loads(content)
    receipt["notes"] = [*receipt["notes"], _note_line(note, None)][:LISTED_AT_MOST]
    return as_text(receipt | {"notes_total": receipt["notes_total"] + 1})


def as_text(receipt: Mapping[str, Any]) -> str:
    """How a receipt's content is written. In one line: laying it out takes ten times as long, and people have the workbook."""
    return json.dumps(receipt, ensure_ascii=False)


def _copies(receipts_dir: Path, receipt: str) -> tuple[Path, Path]:
    as_json, as_workbook = _names(receipt)
    return receipts_dir / as_json, receipts_dir / as_workbook


def _names(receipt: str) -> tuple[str, str]:
    return receipt, receipt.removesuffix(".json") + ".xlsx"


def _folder(receipt: tuple[str, str]) -> str:
    return receipt[1].rpartition("/")[0]


def _lying_in(receipts_dir: Path, folder: str) -> set[str]:
    """What lies there. One look at each folder costs less than one for each of thousands of receipts."""
    return {f"{folder}/{name}" for _, _, names in islice(os.walk(receipts_dir / folder), 1) for name in names}


def _write_copies(receipt: tuple[tuple[Path, Path], str]) -> None:
    from pipelines.intake.receipt_workbook import workbook  # only where there is something to write

    (as_json, as_workbook), text = receipt
    _write(as_json, text.encode())
    _write(as_workbook, workbook(json.loads(text)))


def _write(path: Path, data: bytes) -> None:
    building = path.with_name(path.name + ".building")
    try:
        building.write_bytes(data)
    except FileNotFoundError:  # the sender's first receipt
        building.parent.mkdir(parents=True, exist_ok=True)
        building.write_bytes(data)
    building.replace(path)


def _head(submission: Submission) -> dict[str, Any]:
    return {
        "submission_id": submission.submission_id,
        "file": submission.file_name,
        "content_sha256": submission.content_sha256,
        "size": submission.size,
        "status": submission.status,
        "status_label": messages.STATUS_LABELS[submission.status],
        "received_at": submission.received_at.isoformat(timespec="seconds"),
    }


def _refusal(facts: Facts) -> dict[str, Any]:
    found = [finding for _, finding in facts.opened.findings]
    kinds = dict.fromkeys(finding.kind for finding in found)
    return {
        "messages": [messages.personal_data_message(kind) for kind in kinds],
        "findings_total": len(found),
        "findings": [
            {
                "form": form,
                "row": finding.row_number,
                "column_number": finding.column_number,
                "kind": finding.kind,
                "kind_label": messages.PERSONAL_DATA_LABELS[finding.kind],
            }
            for form, finding in facts.opened.findings[:LISTED_AT_MOST]
        ],
    }


def _body(submission: Submission, reasons: Sequence[Reason], facts: Facts) -> dict[str, Any]:
    contract, period = facts.contract, submission.period
    failures = sorted(facts.verdict.failures, key=lambda failure: failure.row)
    errors = [failure for failure in failures if failure.severity == "error"]
    warnings = [failure for failure in failures if failure.severity == "warning"]
    notes = [*facts.opened.notes, *facts.verdict.notes]
    return {
        "municipality_code": submission.sender_code,
        "municipality": facts.sender_name,
        "form": submission.form,
        "form_label": contract.label_ja if contract else None,
        "period": period_label(period, contract.cadence) if period and contract else None,
        "arrival_order": submission.arrival_order,
        "rows_total": submission.rows_total,
        "rows_accepted": submission.rows_accepted,
        "rows_rejected": submission.rows_rejected,
        "messages": [*_reason_messages(reasons, facts), *_counts_messages(submission, facts)],
        "errors_total": len(errors),
        "errors": [_line(failure, facts) for failure in errors[:LISTED_AT_MOST]],
        "warnings_total": len(warnings),
        "warnings": [_line(failure, facts) for failure in warnings[:LISTED_AT_MOST]],
        "notes_total": len(notes),
        "notes": [_note_line(note, contract) for note in notes[:LISTED_AT_MOST]],
        "rows_not_passed": len(facts.verdict.rejected_rows),
        "original_columns": [column.label_ja for column in contract.columns] if contract else [],
        "original_rows": [{"row": row.row, "cells": row.cells} for row in facts.verdict.originals],
    }


def _reason_messages(reasons: Sequence[Reason], facts: Facts) -> list[str]:
    return [
        messages.file_message(
            reason.code,
            facts.contract,
            column=reason.column,
            limit_bytes=facts.max_file_bytes,
        )
        for reason in reasons
    ]


def _counts_messages(submission: Submission, facts: Facts) -> list[str]:
    if facts.rows_before is None:
        return []
    return [messages.counts_message(facts.rows_before, submission.rows_accepted)]


def _line(failure: Failure, facts: Facts) -> dict[str, Any]:
    check, contract = failure.check, facts.contract
    if contract is None:
        raise ValueError("rows are judged by a contract only")
    return {
        "row": failure.row,
        "column": check.column or None,
        "column_label": contract.column(check.column).label_ja if check.column else None,
        "rule": check.rule,
        "found": failure.mask,
        "message": messages.row_message(check.rule, contract, check.column, check.params, facts.codes),
    }


def _note_line(note: Note, contract: Contract | None) -> dict[str, Any]:
    label = contract.column(note.column).label_ja if contract and note.column else None
    places = {"row": note.row, "column_number": note.column_number, "column": note.column, "column_label": label}
    return {
        "note": note.note,
        **{key: value for key, value in places.items() if value is not None},
        "message": messages.note_message(note.note),
    }
