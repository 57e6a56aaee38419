"""The national rules for machine-readable tables, as far as a CSV can break them.

統計表における機械判読可能なデータの表記方法の統一ルール(総務省): one table a file, one heading row, one value a cell, numbers as
numbers, no layout in the text, no characters of one platform, western dates, units in the heading, area codes beside names.
Workbook rules (merged cells, formulas, objects) have no meaning in a CSV. `findings(bytes)` is the whole of it.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

MARKS = {"x", "…", "-", ""}
_LOOKS_NUMERIC = re.compile(r"[+\-−△▲]?[0-9０-９][0-9０-９,，.．]*\s*(%|%|円|千円|件|回|人|市町村|か月)?$")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?$")
_ERA_DATE = re.compile(r"^(明治|大正|昭和|平成|令和|[MTSHR])\s?(\d+|元)[年.]")
_PLATFORM = re.compile(
    "[①-⑳Ⅰ-Ⅹⅰ-ⅹ㈱㈲㈹㍉㌔㌢㍍㌘㌧㌃㌶㍑㍗㌍㌦㌣㌫㍊㌻㎜㎝㎞㎎㎏㏄㎡㍻㍼㍽㍾㋿№℡㊤㊥㊦㊧㊨\ue000-\uf8ff]"
)
_CODE_HEADS = ("コード", "ID", "版", "年月", "日", "年度", "期間", "時点")


@dataclass(frozen=True)
class Finding:
    """One breach: the rule, and where (row 1 is the heading; 0: the whole file)."""

    rule: str
    row: int
    column: int = 0


def findings(content: bytes) -> list[Finding]:
    """Every breach in one CSV file."""
    if not content.startswith(b"\xef\xbb\xbf"):
        return [Finding("UTF-8(BOM付き)でない", 0)]
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    if not rows:
        return [Finding("項目名がない", 0)]
    return [*_head_findings(rows[0]), *_shape_findings(rows), *_cell_findings(rows)]


def _head_findings(head: list[str]) -> list[Finding]:
    found = [Finding("項目名が空", 1, i) for i, name in enumerate(head, 1) if not name.strip()]
    found += [Finding("項目名が重複", 1, i) for i, name in enumerate(head, 1) if head.index(name) != i - 1]
    if any(name == "市町村" for name in head) and not any("コード" in name for name in head):
        found.append(Finding("地域コードがない", 1))
    return found


def _shape_findings(rows: list[list[str]]) -> list[Finding]:
    found = [Finding("列の数が項目名と違う", n) for n, row in enumerate(rows, 1) if len(row) != len(rows[0])]
    # A blank line or a second heading parts one table into two.
    found += [Finding("空の行", n) for n, row in enumerate(rows, 1) if not any(row)]
    found += [Finding("表の途中に項目名", n) for n, row in enumerate(rows[1:], 2) if row == rows[0]]
    return found


def _cell_findings(rows: list[list[str]]) -> list[Finding]:
    found = []
    numeric = {i for i in range(len(rows[0])) if _is_numeric(rows[0][i], [row[i] for row in rows[1:] if len(row) > i])}
    for n, row in enumerate(rows, 1):
        for i, cell in enumerate(row):
            rule = _rule_broken(cell, in_numbers=n > 1 and i in numeric)
            if rule:
                found.append(Finding(rule, n, i + 1))
    return found


def _is_numeric(head: str, cells: list[str]) -> bool:
    known = [cell for cell in cells if cell not in MARKS]
    looks = sum(bool(_LOOKS_NUMERIC.match(cell)) for cell in known)
    return not head.endswith(_CODE_HEADS) and not head.endswith("の記号") and bool(known) and looks * 2 > len(known)


def _rule_broken(cell: str, *, in_numbers: bool) -> str | None:
    if "\n" in cell or "\r" in cell:
        return "セルの中で改行"
    if cell != cell.strip() or "  " in cell or "\u3000" in cell:
        return "体裁を整える空白"
    if _PLATFORM.search(cell):
        return "機種依存文字"
    if _ERA_DATE.match(cell):
        return "年月日が西暦でない"
    if in_numbers and cell and not _NUMBER.match(cell):
        return "数値のセルに数値でない文字"
    return None
