"""Cells that their column's type does not accept, and cells left empty or out of range: one a file."""

from __future__ import annotations

from expectations.contract import Column, ColumnType, Contract
from tests.factories.building import BadFile, as_csv, as_xlsx, changed, changed_row, contracts, name_of

_MONTHS = ("2024-13", "平成35年5月", "2024.1", "五月", "R0.5", "昨年5月", "2024-05と2024-06", "令和6年", "2024/5/32")
_DATES = (
    "令和6年2月30日",
    "2023-02-29",
    "2024-05",
    "平成31年5月1日",
    "5月1日",
    "2024/05-01",
    "昭和64年1月8日",
    "20240532",
)
_NUMBERS = ("1.5件", "12,34", "一", "約3", "1-2", "3名", "1e3", "0x10", "1/2", "--1")
_UNREADABLE: dict[ColumnType, tuple[str, ...]] = {
    "identifier": ("R6 0001", "A" * 33, "R6/0001", "第7号", "R6-0001;R6-0002", "=1"),
    "municipality": ("横浜市", "110001", "112012", "みどり市", "112011;112020"),
    "year_month": _MONTHS,
    "date": _DATES,
    "fiscal_year": ("24年度", "平成35年度", "2024-05", "来年度", "R6.5"),
    "code": ("そんなコードはない", "999", "1;2", "※", "?"),
    "code_list": ("そんなコードはない", "01;999", ";;", "01 02", "?"),
    "flag": ("たぶん", "2", "有無", "yes/no", "△", "-1"),
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "yen": ("1234.5", "12,34", "3億円", "約100円", "百円", "1,000ドル", "1000円2000円"),
}


def wrong_cells() -> list[BadFile]:
    """Unreadable, blank and out-of-range cells in every column of every form."""
    return [bad for contract in contracts().values() for column in contract.columns for bad in _of(contract, column)]


def _of(contract: Contract, column: Column) -> list[BadFile]:
    faults = [("unread", text) for text in _texts(contract, column)]
    if column.required:
        faults += [("required", text) for text in ("", "-", "N/A") if text != "-" or column.type != "flag"]
    if column.minimum is not None:
        faults.append(("minimum", str(column.minimum - 1)))
    if column.maximum is not None:
        faults.append(("maximum", str(column.maximum + 1)))
    if column.multiple_of is not None:
        faults.append(("multiple_of", str(column.multiple_of + 1)))
    files = [
        _bad(f"{column.id} {rule} {number}", contract, column, rule, as_csv(changed(contract, **{column.id: text})))
        for number, (rule, text) in enumerate(faults)
    ]
    if column == contract.columns[-1]:
        for fault, text in (("an Excel error", "=#REF!"), ("a formula nobody calculated", "=A1")):
            book = as_xlsx({"s": changed(contract, **{column.id: text})})
            files.append(_bad(f"{column.id} {fault}", contract, column, "unread", book, "xlsx"))
    return files


def _texts(contract: Contract, column: Column) -> list[str]:
    """One text of its type's list for each column, in turn, so that over all forms every text stands somewhere."""
    texts = _UNREADABLE[column.type]
    turn = sum(map(len, (contract.form, column.id)))
    return [texts[turn % len(texts)], texts[(turn + 1) % len(texts)]]


def _bad(fault: str, contract: Contract, column: Column, rule: str, data: bytes, ending: str = "csv") -> BadFile:
    status = "accepted_with_errors" if contract.key else "returned"
    name = name_of(contract, ending)
    return BadFile(fault, contract.form, name, data, status, rule, column.id, changed_row(contract))
