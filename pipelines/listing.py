"""What the command line prints about a home: submissions, receipts, builds, the sum of a run. Reads, never writes."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO
from unicodedata import east_asian_width

from pipelines.builds import current_build_id, published_builds, read_build_manifest
from pipelines.intake.manifest import Manifest, Submission
from pipelines.intake.process import pending_files
from pipelines.intake.receipt_view import Receipt, entries, overview
from pipelines.intake.withdrawal import named
from pipelines.settings import Settings

Row = Mapping[str, Any]

_NAMED_AT_MOST = 5


def submission_rows(settings: Settings) -> list[Row]:
    """One row a submission, in order of arrival."""
    if not settings.manifest_db.exists():
        return []
    with Manifest(settings.manifest_db) as manifest:
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
    if not settings.manifest_db.exists():
        return []
    with Manifest(settings.manifest_db) as manifest:
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
        width = max(_cells(name) for name, _ in facts)
        lines = [name + " " * (width - _cells(name)) + "  " + value for name, value in facts]
        for entry in entries(receipt):
            row = f"{entry.row}行目" if entry.row is not None else ""
            place = f"「{entry.place}」" if entry.place else ""
            lines += ["", f"[{entry.kind}] {row}{place} {entry.found}".rstrip(), f"    {entry.message}"]
        stream.write(("\n" + "=" * 60 + "\n" if at else "") + "".join(_printable(line) + "\n" for line in lines))


def summary_lines(settings: Settings, as_of: datetime | None) -> list[str]:
    """What stands after a run: submissions by status, the build in force, the replay if it was one, files left over."""
    statuses = Counter(row["status"] for row in submission_rows(settings))
    counted = "、".join(f"{status} {count:,}" for status, count in sorted(statuses.items()))
    lines = [f"提出: {counted}"]
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
        lines.append(f"読めないか書き込み中なので、次に残したファイル {len(left):,} 件: {_printable(names)}")
    return lines


def print_rows(rows: Sequence[Row], form: str, stream: TextIO) -> None:
    """Print rows as an aligned table, CSV or JSON."""
    if form == "json":
        json.dump([dict(row) for row in rows], stream, ensure_ascii=False, indent=2)
        stream.write("\n")
    elif form == "csv":
        if rows:
            writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        _print_table(rows, stream)


def _print_table(rows: Sequence[Row], stream: TextIO) -> None:
    """Columns aligned for a terminal, where a kanji is two cells wide. Rich would take seconds for thousands of rows."""
    if not rows:
        print("まだ何もありません。", file=sys.stderr)
        return
    lines = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    widths = [max(_cells(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        padded = (text + " " * (width - _cells(text)) for text, width in zip(line, widths, strict=True))
        stream.write("  ".join(padded).rstrip() + "\n")


def _printable(text: str) -> str:
    """A file's name may hold what a terminal would obey."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _cells(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
