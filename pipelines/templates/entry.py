"""How one column is filled in: what its sender is told, what Excel lets through, how a value looks in a cell.

What a whole row needs belongs to `example.py`, sheets to `workbook.py`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from expectations.codes import Code, CodeLists, load_code_lists
from expectations.contract import Column, ColumnType
from pipelines.settings import Settings

Value = str | tuple[str, ...] | bool | int | float | date | None
"""A cell's meaning: a code, several codes, a flag, a number, a day (the first one of a month), a sender's number."""
Cell = str | int | float | date

YES, NO = "有", "無"
SEPARATOR = ";"

_MUNICIPALITIES = "municipality"
AS_TEXT = 49
"""Excel's own number format `@`: what is typed stays as it is; no zero is dropped, 00-17 and 2024-05 become no day."""

NUMBER_FORMATS: Mapping[ColumnType, str | int] = MappingProxyType(
    {
        "identifier": AS_TEXT,
        "municipality": AS_TEXT,
        "year_month": AS_TEXT,
        "date": "yyyy-mm-dd",
        "fiscal_year": "0",
        "code": AS_TEXT,
        "code_list": AS_TEXT,
        "flag": AS_TEXT,
        "number": "General",
        "integer": "#,##0",
        "yen": "#,##0",
    }
)
"""Number formats of Excel, by text or by number."""

_HOW: Mapping[ColumnType, str] = {
    "identifier": "半角の英数字・ハイフン・下線で32文字まで(10〜13桁の数字だけの番号は使えません)",
    "municipality": "一覧から選びます",
    "year_month": "2024-05 のように、西暦と月をハイフンでつなぎます",
    "date": "2024-05-15 のように、日付を書きます",
    "fiscal_year": "西暦の年度を数字4けたで書きます",
    "code": "一覧から選びます",
    "code_list": f"「コード表」の名称かコードを書きます。2つ以上のときは「{SEPARATOR}」で区切ります",
    "flag": f"{YES}・{NO}から選びます",
    "number": "数を書きます",
    "integer": "整数を書きます",
    "yen": "円単位の整数を書きます",
}
_MOST = 10**15 - 1  # the intake reads numbers of 15 digits at most
_EARLIEST, _LATEST = date(1960, 1, 1), date(2099, 12, 31)


def load_lists(settings: Settings) -> CodeLists:
    """Everything that can be chosen from: the code lists, and the municipalities by county and name."""
    codes = load_code_lists(settings.reference("codes.csv"), settings.reference("grant_components.csv"))
    with settings.reference("municipalities.csv").open(encoding="utf-8-sig", newline="") as stream:
        municipalities = tuple(
            Code(row["municipality_code"], row["county"] + row["name"], row["kind"], "yes")
            for row in csv.DictReader(stream)
        )
    return {**codes, _MUNICIPALITIES: municipalities}


def list_name(column: Column) -> str | None:
    """The list of `load_lists` that the column's values come from, None where it has none."""
    return _MUNICIPALITIES if column.type == "municipality" else column.code_list


def options(column: Column, lists: CodeLists) -> tuple[Code, ...]:
    """What the column's values are chosen from; empty for a column without a list."""
    name = list_name(column)
    return lists[name] if name else ()


def how_to_fill(column: Column) -> str:
    """One Japanese sentence without its full stop: the one way of writing the form asks for, and the limits."""
    limits = [
        f"{limit:,}{words}"
        for limit, words in ((column.minimum, "以上"), (column.maximum, "以下"), (column.multiple_of, "の倍数"))
        if limit is not None
    ]
    return _HOW[column.type] + (f"({'、'.join(limits)})" if limits else "")


def written(column: Column, value: Value, lists: CodeLists) -> Cell:
    """What stands in the cell, '' for nothing. Codes are written as the drop-downs write them: by their label."""
    match value:
        case None:
            return ""
        case bool():
            return YES if value else NO
        case tuple():
            return SEPARATOR.join(_label(column, code, lists) for code in value)
        case date() if column.type == "year_month":
            return f"{value:%Y-%m}"
        case str() if list_name(column):
            return _label(column, value, lists)
        case _:
            return value


def entry_check(column: Column, cell: str, choices: str | None) -> dict[str, Any] | None:
    """What xlsxwriter is told to let through, None where Excel cannot check (several codes in a cell).

    `cell` is the first cell it holds for, `choices` the range of the column's list. It stops what the intake would not
    take either; where the intake reads other writings too (令和6年5月), Excel only asks whether to go on.
    """
    accepted = _accepted(column, cell, choices)
    if accepted is None:
        return None
    asks = column.type in ("year_month", "date", "fiscal_year")
    return {
        **accepted,
        "error_type": "warning" if asks else "stop",
        "error_title": "記入のしかたを確かめてください",
        "error_message": f"{column.label_ja}: {how_to_fill(column)}。",
    }


def _accepted(column: Column, cell: str, choices: str | None) -> dict[str, Any] | None:
    least = -_MOST if column.minimum is None else column.minimum
    most = _MOST if column.maximum is None else column.maximum
    match column.type:
        case "code" | "municipality":
            return {"validate": "list", "source": f"={choices}"}
        case "flag":
            return {"validate": "list", "source": [YES, NO]}
        case "identifier":
            # With an exponent behind it only a bare number stays one: 2024-05-01 would else count as a day.
            digits = f'AND(LEN({cell})>=10,LEN({cell})<=13,ISNUMBER(-({cell}&"E0")))'
            return {"validate": "custom", "value": f"=AND(LEN({cell})<=32,NOT({digits}))"}
        case "year_month":
            month = f"VALUE(RIGHT({cell},2))"
            shape = f'LEN({cell})=7,MID({cell},5,1)="-",VALUE(LEFT({cell},4))>={_EARLIEST.year}'
            return {"validate": "custom", "value": f"=AND({shape},{month}>=1,{month}<=12)"}
        case "date":
            return {"validate": "date", "criteria": "between", "minimum": _EARLIEST, "maximum": _LATEST}
        case "fiscal_year":
            years = {"minimum": _EARLIEST.year, "maximum": _LATEST.year}
            return {"validate": "integer", "criteria": "between", **years}
        case "integer" | "yen" if column.multiple_of is not None:
            bounds = f"{cell}>={least},{cell}<={most}"
            return {"validate": "custom", "value": f"=AND(MOD({cell},{column.multiple_of})=0,{bounds})"}
        case "integer" | "yen":
            return {"validate": "integer", "criteria": "between", "minimum": least, "maximum": most}
        case "number":
            return {"validate": "decimal", "criteria": "between", "minimum": least, "maximum": most}
        case _:
            return None


def _label(column: Column, code: str, lists: CodeLists) -> str:
    return next(item.label_ja for item in options(column, lists) if item.code == code)
