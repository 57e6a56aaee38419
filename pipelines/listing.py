"""What the command line prints about a home: submissions, receipts, builds, the sum of a run. Reads, never writes."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO
from unicodedata import east_asian_width

from pipelines.builds import current_build_id, published_builds, read_build_manifest
from pipelines.intake.manifest import Manifest
from pipelines.settings import Settings

Row = Mapping[str, Any]


def submission_rows(settings: Settings) -> list[Row]:
    """One row a submission, in order of arrival."""
    if not settings.manifest_db.exists():
        return []
    with Manifest(settings.manifest_db) as manifest:
        found = manifest.submissions()
    return [
        {
            "file": s.file_name,
            "municipality_code": s.sender_code or "",
            "form": s.form or "",
            "period": s.period.isoformat() if s.period else "",
            "status": s.status,
            "rows_total": s.rows_total,
            "rows_accepted": s.rows_accepted,
            "rows_rejected": s.rows_rejected,
            "error_codes": ";".join(s.error_codes),
            "received_at": s.received_at.isoformat(timespec="seconds"),
        }
        for s in found
    ]


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


def receipts_of(settings: Settings, file: str) -> list[str]:
    """The receipts (JSON text) of the submissions that came in a file of that name or path."""
    if not settings.manifest_db.exists():
        return []
    with Manifest(settings.manifest_db) as manifest:
        paths = [s.receipt for s in manifest.submissions() if file in {s.file_name, Path(s.file_name).name}]
    return [(settings.receipts_dir / path).read_text(encoding="utf-8") for path in paths if path]


def summary_lines(settings: Settings) -> list[str]:
    """What stands after a run: submissions by status, the build in force, its month and size."""
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


def _cells(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
