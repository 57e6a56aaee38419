"""What the command line prints about a home: submissions, receipts, builds, the sum of a run. Reads, never writes."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO

from expectations.messages import STATUS_LABELS
from pipelines.builds import current_build_id, published_builds, read_build_manifest
from pipelines.intake.manifest import Manifest
from pipelines.intake.process import pending_files
from pipelines.intake.receipt_view import Receipt, entries, overview
from pipelines.intake.submissions import Submission
from pipelines.intake.withdrawal import named
from pipelines.settings import Settings
from pipelines.terminal import cells, printable

Row = Mapping[str, Any]

_NAMED_AT_MOST = 5

SUBMISSION_COLUMNS = (
    "file", "municipality_code", "form", "period", "status",
    "rows_total", "rows_accepted", "rows_rejected", "error_codes", "received_at",
)  # fmt: skip
BUILD_COLUMNS = ("build_id", "data_month", "published_at", "origin", "as_of", "current")


def submission_rows(settings: Settings) -> list[Row]:
    """One row a submission, in order of arrival."""
    with Manifest.reading(settings.manifest_db) as manifest:
        found = manifest.submissions()
    return [submission_row(submission) for submission in found]


def submission_row(submission: Submission) -> dict[str, Any]:
    """A submission as every list of them shows it."""
    return {
        "file": submission.file_name,
        "municipality_code": submission.sender_code or "",
        "form": submission.form or "",
        "period": submission.period.isoformat() if submission.period else "",
        "status": submission.status,
        "rows_total": submission.rows_total,
        "rows_accepted": submission.rows_accepted,
        "rows_rejected": submission.rows_rejected,
        "error_codes": ";".join(submission.error_codes),
        "received_at": submission.received_at.isoformat(timespec="seconds"),
    }


def build_rows(settings: Settings) -> list[Row]:
    """One row a published build, newest first."""
    return [
        {
            "build_id": build.build_id,
            "data_month": f"{build.data_month:%Y-%m}",
            "published_at": build.published_at.isoformat(timespec="seconds"),
            "origin": build.origin,
            "as_of": build.as_of.isoformat(timespec="seconds") if build.as_of else "",
            "current": "yes" if build.is_current else "",
        }
        for build in published_builds(settings)
    ]


def receipts_of(settings: Settings, file: str) -> list[Receipt]:
    """The receipts of the submissions that came in a file of that name or path, and whether they were taken back since."""
    with Manifest.reading(settings.manifest_db) as manifest:
        return [
            json.loads(manifest.receipt(one.submission_id))
            | {
                "withdrawn_at": one.withdrawn_at.isoformat(timespec="seconds") if one.withdrawn_at else None,
                "withdrawn_reason": one.withdrawn_reason,
            }
            for one in named(manifest.submissions(), file)
        ]


def print_receipts(receipts: Sequence[Receipt], stream: TextIO) -> None:
    """Print receipts to be read: the facts, then a paragraph for everything to mend or to know."""
    for at, receipt in enumerate(receipts):
        facts = overview(receipt)
        if receipt["withdrawn_at"]:
            withdrawn = f"{receipt['withdrawn_at'].replace('T', ' ')} 理由: {receipt['withdrawn_reason']}"
            facts.insert(0, ("取り下げ済み", withdrawn))
        width = max(cells(name) for name, _ in facts)
        lines = [name + " " * (width - cells(name)) + "  " + value for name, value in facts]
        for entry in entries(receipt):
            row = f"{entry.row}行目" if entry.row is not None else ""
            place = f"「{entry.place}」" if entry.place else ""
            lines += ["", f"[{entry.kind}] {row}{place} {entry.found}".rstrip(), f"    {entry.message}"]
        stream.write(("\n" + "=" * 60 + "\n" if at else "") + "".join(printable(line) + "\n" for line in lines))


def arrived_lines(settings: Settings) -> list[str]:
    """How many submissions were judged how, and where to read why; nothing before the first one."""
    line = _statuses(settings)
    where = f"なぜそうなったかは、`kasane submissions` と受付票({settings.receipts_dir})にあります。"
    return [line, where] if line else []


def summary_lines(settings: Settings, as_of: datetime | None) -> list[str]:
    """What stands after a run: submissions by status, the build in force, the replay if it was one, files left over."""
    lines = [_statuses(settings)]
    current = current_build_id(settings)
    if current is not None:
        facts = read_build_manifest(settings, current)
        rows = facts["rows"]
        lines.append(
            f"表示中の版: {current} (データ月 {facts['data_month'][:7]}、"
            f"指標 {rows['kpi_monthly']:,} 行、内訳 {rows['kpi_monthly_by']:,} 行)"
        )
        warned = facts.get("checks", {}).get("warned", [])  # a build from before this record has none
        lines += [f"注意: {check['label_ja']} {check['failures']:,} 件({check['reason_ja']})" for check in warned]
    replays = [build for build in published_builds(settings) if as_of is not None and build.as_of == as_of]
    if replays:
        lines.append(f"再現した版: {replays[0].build_id} (表示中の版は変わりません)")
    if left := pending_files(settings):
        names = "、".join(file.path for file in left[:_NAMED_AT_MOST])
        lines.append(f"読めないか書き込み中なので、次に残したファイル {len(left):,} 件: {printable(names)}")
    return lines


def _statuses(settings: Settings) -> str:
    counts = Counter(row["status"] for row in submission_rows(settings))
    counted = [
        f"{label.partition('(')[0]} {counts[status]:,}" for status, label in STATUS_LABELS.items() if counts[status]
    ]
    return f"提出: {'、'.join(counted)}" if counted else ""


def print_rows(rows: Sequence[Row], form: str, stream: TextIO, *, columns: Sequence[str] = ()) -> None:
    """Print rows as an aligned table, CSV or JSON. `columns`: the header of a CSV also where there is no row."""
    if form == "json":
        json.dump([dict(row) for row in rows], stream, ensure_ascii=False, indent=2)
        stream.write("\n")
    elif form == "csv":
        writer = csv.DictWriter(stream, fieldnames=columns or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    else:
        _print_table(rows, stream)


def _print_table(rows: Sequence[Row], stream: TextIO) -> None:
    """Columns aligned for a terminal, where a kanji is two cells wide. Rich would take seconds for thousands of rows."""
    if not rows:
        print("まだ何もありません。", file=sys.stderr)
        return
    lines = [list(rows[0]), *([printable(str(value)) for value in row.values()] for row in rows)]
    widths = [max(cells(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        padded = (text + " " * (width - cells(text)) for text, width in zip(line, widths, strict=True))
        stream.write("  ".join(padded).rstrip() + "\n")
