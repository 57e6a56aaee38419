"""The tables of a report as open data: one UTF-8 CSV a table and a datapackage.json that says what each column is.

What machine-readable means is in dashboards.machine_readable, the check of a folder in package_check.py.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import Any

from dashboards.labels import MARKS
from dashboards.reports.context import Column, Kind, MonthlyReport, Table

TYPES: dict[Kind, str] = {
    "year": "integer",
    "integer": "integer",
    "yen": "integer",
    "number": "number",
    "share": "number",
    "date": "date",
    "month": "yearmonth",
}


def open_data(report: MonthlyReport, name: str) -> dict[str, bytes]:
    """File name → bytes: every table, and the description of all under `name`."""
    files = {f"{table.id}.csv": _csv(table) for table in report.tables}
    package = _package(report, name, files)
    files["datapackage.json"] = (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()
    return files


def _csv(table: Table) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)  # RFC 4180: CRLF, quotes only where needed
    writer.writerow([column.label_ja for column in table.columns])
    writer.writerows([["" if cell is None else cell for cell in row] for row in table.rows])
    return stream.getvalue().encode()


def _package(report: MonthlyReport, name: str, files: dict[str, bytes]) -> dict[str, Any]:
    stamp = report.stamp
    description = f"{stamp.suppression_ja} 記号: " + "、".join(f"{mark} {meaning}" for mark, meaning in MARKS.items())
    if stamp.origin == "synthetic":
        description = "合成データです。数値はすべて架空です。" + description
    return {
        "profile": "tabular-data-package",
        "name": name.replace("_", "-"),
        "title": f"{report.title_ja} {report.subject_ja} {stamp.audience_ja}版",
        "description": description,
        "version": stamp.build_id,
        "languages": ["ja"],
        "resources": [_resource(table, files[f"{table.id}.csv"]) for table in report.tables],
    }


def _resource(table: Table, content: bytes) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.id.replace("_", "-"),
        "title": table.title_ja,
        "path": f"{table.id}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {"fields": [_field(column) for column in table.columns], "missingValues": [""]},
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.label_ja, "type": TYPES.get(column.kind, "string")}
    if column.unit_ja:
        field["unit"] = column.unit_ja
    if column.kind == "mark":
        field["constraints"] = {"enum": list(MARKS)}
    return field
