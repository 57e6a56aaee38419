"""Is a folder of open data what its datapackage.json says, and machine-readable? The rules of a table are in machine_readable.py.

Knows files only, nothing of reports (`python -m dashboards.reports.package_check FOLDER`).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dashboards.machine_readable import findings

DATED = "年月日が西暦でない"  # a rule of `findings`
BOM = b"\xef\xbb\xbf"
_TYPES = {
    "integer": re.compile(r"-?(0|[1-9]\d*)"),
    "number": re.compile(r"-?(0|[1-9]\d*)(\.\d+)?(e-?\d+)?"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "yearmonth": re.compile(r"\d{4}-\d{2}"),
}


def faults_of(folder: Path) -> list[str]:
    """What is wrong in a data package, a sentence each with file and row; empty if nothing is."""
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        described = {str(resource["path"]): resource for resource in package["resources"]}
    except (OSError, ValueError, KeyError):
        return ["datapackage.json: 読めません"]
    there = {path.name for path in folder.glob("*.csv")}
    found = [f"{name}: datapackage.json に説明がありません" for name in sorted(there - described.keys())]
    found += [f"{name}: ファイルがありません" for name in described.keys() - there]
    for name in sorted(there & described.keys()):
        found += [f"{name}: {fault}" for fault in _file((folder / name).read_bytes(), described[name])]
    return found


def _file(content: bytes, resource: dict[str, Any]) -> Iterator[str]:
    if content.startswith(BOM):
        yield "先頭に BOM があります"
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except UnicodeDecodeError:
        yield "UTF-8 ではありません"
        return
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != resource["hash"]:
        yield "datapackage.json のハッシュと違います"
    fields = resource["schema"]["fields"]
    if not rows or rows[0] != [field["name"] for field in fields]:
        yield "項目名が datapackage.json と違います"
        return
    for one in findings(content if content.startswith(BOM) else BOM + content):
        # A text may begin with an era (the title of a source); a date has its type.
        is_text = 0 < one.column <= len(fields) and fields[one.column - 1]["type"] == "string"
        if not (is_text and one.rule == DATED):
            yield f"{one.row}行目: {one.rule}"
    for number, row in enumerate(rows[1:], start=2):
        for field, cell in zip(fields, row, strict=False):
            yield from (f"{number}行目「{field['name']}」: {fault}" for fault in _cell(cell, field))


def _cell(cell: str, field: dict[str, Any]) -> Iterator[str]:
    if not cell:
        return
    pattern = _TYPES.get(field["type"])
    if pattern and not pattern.fullmatch(cell):
        yield f"{field['type']} ではありません(単位、桁区切り、和暦、記号は入れません)"
    allowed = field.get("constraints", {}).get("enum")
    if allowed and cell not in allowed:
        yield "決められた値ではありません"
    if field["type"] == "string" and cell[0] in "=+@":
        yield "計算式に見える文字で始まっています"


if __name__ == "__main__":
    faults = faults_of(Path(sys.argv[1]))
    print("\n".join(faults) or "機械判読可能です。")
    sys.exit(bool(faults))
