"""How clerks vary: the habits a file is written with, and each value in those habits.

All of it is within what the design promises to accept. Cells become bytes in `files`; what is sent is `sending`'s.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random
from typing import Literal

from expectations.codes import Code, CodeLists
from expectations.contract import Cadence, Column, Contract
from pipelines.simulate.model import PREFECTURE_CODE, PREFECTURE_NAME, Municipality, fiscal_year_start
from pipelines.simulate.rows import Value

Cell = str | int | float | date
Encoding = Literal["utf-8", "utf-8-sig", "cp932", "utf-16"]
_WIDE = str.maketrans(
    {chr(code): chr(code + 0xFEE0) for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B))}
)
_HALF = str.maketrans({unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)})
_EXCEL_ZERO = date(1899, 12, 30)


@dataclass(frozen=True)
class Style:
    """The habits of one file. The defaults are those of a file without any."""

    kind: Literal["csv", "tsv", "xlsx"] = "csv"
    encoding: Encoding = "utf-8"
    delimiter: str = ","
    newline: str = "\n"
    header: Literal["id", "wide_id", "label", "half", "spaced"] = "label"
    titles: bool = False
    empty_rows: bool = False
    total_row: bool = False
    codes: Literal["code", "label", "wide", "short"] = "code"
    separator: str = ";"
    flags: tuple[str, str] = ("1", "0")
    dates: Literal["iso", "slash", "compact", "kanji", "era", "era_letter", "era_padded", "cell", "serial"] = "iso"
    wide_numbers: bool = False
    yen: Literal["plain", "comma", "yen_after", "yen_before", "thousands"] = "plain"
    minus: Literal["-", "△", "▲"] = "-"
    blank: str = ""
    sender: Literal["code6", "code5", "name", "full_name"] = "code6"
    form: Literal["id", "label"] = "id"
    period: Literal["iso", "compact", "kanji", "era", "era_letter", "era_padded"] = "iso"


def tidy(kind: Literal["csv", "xlsx"] = "csv", *, by_label: bool = True) -> Style:
    """A file as the template would have it."""
    return Style(kind=kind, header="label" if by_label else "id", dates="cell" if kind == "xlsx" else "iso")


def draw_style(rng: Random, *, workbook: bool = False) -> Style:
    """The habits of one sender on one day; a workbook if asked for."""
    kind = "xlsx" if workbook else rng.choices(("csv", "tsv", "xlsx"), (7, 1, 2))[0]
    delimiter = "\t" if kind == "tsv" or rng.random() < 0.1 else ","
    separators = (";", "、", "/", "|", "\n") if delimiter == "\t" else (";", "、", ",", "/", "|", "\n")
    newline = rng.choices(("\r\n", "\n", "\r"), (7, 2, 1))[0]
    if newline == "\r":  # a line break inside a cell would end the row
        separators = separators[:-1]
    dates = ("iso", "slash", "compact", "kanji", "era", "era_letter", "era_padded")
    return Style(
        kind=kind,
        encoding=rng.choices(("cp932", "utf-8-sig", "utf-8", "utf-16"), (5, 3, 1, 1))[0],
        delimiter=delimiter,
        newline=newline,
        header=rng.choices(("label", "half", "spaced", "id", "wide_id"), (5, 2, 2, 1, 1))[0],
        titles=rng.random() < 0.4,
        empty_rows=rng.random() < 0.3,
        total_row=rng.random() < 0.3,
        codes=rng.choice(("code", "label", "wide", "short")),
        separator=rng.choice(separators),
        flags=rng.choice(
            (
                ("有", "無"),
                ("あり", "なし"),
                ("はい", "いいえ"),
                ("○", "×"),
                ("1", "0"),
                ("TRUE", "FALSE"),
                ("該当", "非該当"),
            )
        ),
        dates=rng.choice((*dates, "cell", "cell", "cell", "serial") if kind == "xlsx" else dates),
        wide_numbers=rng.random() < 0.25,
        yen=rng.choice(("plain", "comma", "yen_after", "yen_before", "thousands")),
        blank=rng.choice(("", "", "-", "－", "ー", "―", "なし", "N/A")),
        sender=rng.choice(("code6", "code5", "name", "full_name")),
        form=rng.choice(("id", "label", "label")),
        period=rng.choice(("iso", "compact", "kanji", "era", "era_letter", "era_padded")),
        minus=rng.choice(("-", "△", "▲")),
    )


class Writer:
    """Writes the values of one form's columns in one style."""

    def __init__(self, contract: Contract, style: Style, code_lists: CodeLists, names: Mapping[str, str]) -> None:
        """`names`: municipality code → name."""
        self.header: list[Cell] = [_header(column, index, style) for index, column in enumerate(contract.columns)]
        self._style = style
        self._names = names
        self._columns = [self._column(column, code_lists) for column in contract.columns]

    def row(self, values: tuple[Value, ...]) -> list[Cell]:
        """One row's cells."""
        return [write(value) for write, value in zip(self._columns, values, strict=True)]

    def _column(self, column: Column, code_lists: CodeLists) -> Callable[[Value], Cell]:
        if column.type == "identifier":
            # No blank mark here: a dash would pass for an identifier.
            return lambda value: self._wide_if_usual(str(value or ""))
        texts = self._codes(code_lists.get(column.code_list or "", ()))
        blank = "" if column.type == "flag" else self._style.blank  # なし is a flag's no

        def write(value: Value) -> Cell:
            match value:
                case None | ():
                    return blank
                case bool():
                    return self._style.flags[0 if value else 1]
                case date():
                    return write_date(value, self._style.dates, with_day=column.type == "date")
                case tuple():
                    return self._style.separator.join(str(texts[code]) for code in value)
                case str():
                    return self._as_number(texts[value]) if column.code_list else self._municipality(value)
                case int() if column.type == "fiscal_year":
                    return write_fiscal_year(value, self._style.period)
                case int() | float():
                    return self._number(value, is_yen=column.type == "yen")

        return cache(write)

    def _codes(self, codes: tuple[Code, ...]) -> dict[str, str]:
        return {code.code: self._code(code.code, code.label_ja) for code in codes}

    def _code(self, code: str, label: str) -> str:
        match self._style.codes:
            case "label":
                return label
            case "wide":
                return code.translate(_WIDE)
            case "short":  # as Excel leaves 01 after it took it for a number
                return code.lstrip("0") if code.isdigit() and len(code) > 1 else code
            case _:
                return code

    def _as_number(self, text: str) -> Cell:
        return int(text) if self._style.kind == "xlsx" and self._style.codes == "short" and text.isdigit() else text

    def _municipality(self, code: str) -> str:
        name = self._names[code]
        return {"code6": code, "code5": code[:5], "name": name, "full_name": PREFECTURE_NAME + name}[self._style.sender]

    def _number(self, value: float, *, is_yen: bool) -> Cell:
        style = self._style
        if style.kind == "xlsx" and not style.wide_numbers and (not is_yen or style.yen == "plain"):
            return value
        return self._wide_if_usual(_yen(int(value), style) if is_yen else _amount(value, style))

    def _wide_if_usual(self, text: str) -> str:
        return text.translate(_WIDE) if self._style.wide_numbers else text


def _header(column: Column, index: int, style: Style) -> str:
    match style.header:
        case "id":
            return column.id
        case "wide_id":
            return column.id.translate(_WIDE)
        case "half":
            return f"　{column.label_ja} ".translate(_HALF)
        case "spaced":
            half = len(column.label_ja) // 2
            return column.label_ja[:half] + _break(index, style) + column.label_ja[half:]
        case _:
            return column.label_ja


def _break(index: int, style: Style) -> str:
    """What stands in the middle of a label that was too long for its cell."""
    return " " if index % 3 == 0 or style.newline == "\r" else "　" if index % 3 == 1 else "\n"


def _amount(value: float, style: Style) -> str:
    """A count as it is; a decimal number without a needless decimal, its thousands parted by those who part them in yen."""
    if isinstance(value, int):
        return str(value)
    return (f"{value:,}" if style.yen == "comma" else str(value)).removesuffix(".0")


def _yen(value: int, style: Style) -> str:
    minus, amount = style.minus if value < 0 else "", abs(value)
    match style.yen:
        case "comma":
            return f"{minus}{amount:,}"
        case "yen_before":
            return f"{minus}¥{amount:,}"
        case "thousands" if amount % 1000 == 0 and amount:
            return f"{minus}{amount // 1000:,}千円"
        case "yen_after" | "thousands":
            return f"{minus}{amount:,}円"
        case _:
            return f"{minus}{amount}"


def _era(day: date) -> tuple[str, str, int]:
    """Name, letter and year of the era of a day in Heisei or Reiwa."""
    return ("令和", "R", day.year - 2018) if day >= date(2019, 5, 1) else ("平成", "H", day.year - 1988)


def write_date(day: date, style: str, *, with_day: bool) -> Cell:
    """A day, or without its day the month it begins, in one of the ways people write it."""
    name, letter, year = _era(day)
    match style:
        case "cell":
            return day
        case "serial":
            return (day - _EXCEL_ZERO).days
        case "slash":  # a month is written with its first day, as spreadsheets do
            return f"{day.year}/{day.month}/{day.day}"
        case "compact":
            return f"{day:%Y%m%d}" if with_day else f"{day:%Y%m}"
        case "kanji":
            return f"{day.year}年{day.month}月" + (f"{day.day}日" if with_day else "")
        case "era":
            return f"{name}{'元' if year == 1 else year}年{day.month}月" + (f"{day.day}日" if with_day else "")
        case "era_letter":
            return f"{letter}{year}.{day.month}" + (f".{day.day}" if with_day else "")
        case "era_padded":
            return f"{letter}{year:02d}/{day.month:02d}" + (f"/{day.day:02d}" if with_day else "")
        case _:
            return day.isoformat() if with_day else f"{day:%Y-%m}"


def write_fiscal_year(start_year: int, style: str) -> str:
    """A fiscal year by the year it starts in."""
    name, letter, year = _era(fiscal_year_start(start_year).replace(month=5))
    match style:
        case "era":
            return f"{name}{'元' if year == 1 else year}年度"
        case "era_letter" | "era_padded":
            return f"{letter}{year}年度"
        case "kanji":
            return f"{start_year}年度"
        case _:
            return f"FY{start_year}"


def write_period(period: date, cadence: Cadence, style: str) -> str:
    """A month or fiscal year as file names and titles have it; no character a file name cannot hold."""
    if cadence == "fiscal_year":
        return write_fiscal_year(period.year, style)
    return str(write_date(period, style, with_day=False)).replace("/", "-")


def write_sender(municipality: Municipality | None, style: Style) -> str:
    """Who sends a file, as its name has it; None is the prefecture."""
    if municipality is None:
        return PREFECTURE_NAME if style.sender in {"name", "full_name"} else PREFECTURE_CODE
    prefix = PREFECTURE_NAME + municipality.reference["county"] if style.sender == "full_name" else ""
    by_code = {"code6": municipality.code, "code5": municipality.code[:5]}
    return by_code.get(style.sender, prefix + municipality.name)


def title_rows(municipality: Municipality | None, contract: Contract, period: date) -> list[list[Cell]]:
    """What people put above a table: what it is and for when, and whose it is."""
    return [
        [f"{contract.label_ja}　{write_period(period, contract.cadence, 'era')}"],
        [municipality.name if municipality else PREFECTURE_NAME],
    ]
