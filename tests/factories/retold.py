"""Whether a value in the lake says what its text said, judged without the reader's own code.

Knows only how texts may be written that are listed as tolerated; what is neither that nor the value itself is a lie.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any

from expectations.contract import Column
from pipelines.intake.rekey import rekey
from tests.factories.building import codes

_DASHES = re.compile("[\u2010-\u2015\u2212\u30fc]")
_FLAGS = {
    **dict.fromkeys(("有", "有り", "あり", "はい", "○", "◯", "〇", "1", "true", "該当"), True),
    **dict.fromkeys(("無", "無し", "なし", "いいえ", "×", "0", "false", "非該当"), False),
}
_ERAS_BEGAN_AFTER = {
    "令和": 2018,
    "r": 2018,
    "令": 2018,
    "平成": 1988,
    "h": 1988,
    "平": 1988,
    "昭和": 1925,
    "s": 1925,
    "昭": 1925,
}


def says(column: Column, value: Any, text: str, sender: str, secret: bytes) -> bool:
    """Whether the value may stand for the text in that column."""
    key = re.sub(r"[\s\u200b-\u200d\ufeff]+", "", _DASHES.sub("-", unicodedata.normalize("NFKC", text))).casefold()
    if value is None:
        return key in ("", "-", "なし", "n/a")
    match column.type:
        case "identifier":
            return value == rekey(secret, sender, column.id_kind or "", unicodedata.normalize("NFKC", text).strip())
        case "municipality":
            return key in (value, value[:5])
        case "flag":
            return _FLAGS.get(key) == value
        case "code":
            return _is_code(column, value, key)
        case "code_list":
            return _are_codes(column, value, text)
        case "integer" | "yen" | "number":
            return _amount(key) == value
        case "fiscal_year":
            return _years(key, value)
        case _:
            return _date(key, value.date() if isinstance(value, datetime) else value, column.type == "date")


def _is_code(column: Column, value: str, key: str) -> bool:
    labels = {code.code: code.label_ja for code in codes()[column.code_list or ""]}
    label = re.sub(r"\s+", "", _DASHES.sub("-", unicodedata.normalize("NFKC", labels[value]))).casefold()
    return key in (value.casefold(), label) or (value.isdigit() and key.isdigit() and int(value) == int(key))


def _are_codes(column: Column, value: list[str], text: str) -> bool:
    pieces = [piece for piece in re.split(r"[;、,/|\n]", unicodedata.normalize("NFKC", text)) if piece.strip()]
    keys = {re.sub(r"\s+", "", _DASHES.sub("-", piece)).casefold() for piece in pieces}
    return all(any(_is_code(column, code, key) for key in keys) for code in value) and len(value) <= len(keys)


def _amount(key: str) -> float | None:
    thousands = 1000 if key.endswith("千円") else 1
    bare = re.sub(r"[¥\\円千]", "", key).replace(",", "")
    sign = -1 if re.match(r"[-△▲]", bare) else 1
    digits = re.sub(r"^[-△▲]", "", bare)
    return sign * float(digits) * thousands if re.fullmatch(r"[0-9]+(\.[0-9]+)?", digits) else None


def _years(key: str, year: int) -> bool:
    numbers = {int(number) for number in re.findall("[0-9]+", key.replace("元", "1"))}
    began = [after for era, after in _ERAS_BEGAN_AFTER.items() if era in key]
    return year in numbers or any(year - after in numbers for after in began)


def _date(key: str, value: date, to_the_day: bool) -> bool:
    digits = re.sub("[^0-9]", "", key.replace("元", "01"))
    compact = (f"{value:%Y%m%d}", f"{value:%Y%m}", f"{value:%m%d}", f"{value:%m}")
    if re.fullmatch(r"[0-9]{6,8}", key):
        return digits == compact[0] if to_the_day else digits.startswith(compact[1])
    if re.fullmatch(r"[mtshr][0-9]{4,6}", key):
        return digits[2:].startswith(compact[2] if to_the_day else compact[3])
    if re.fullmatch(r"[0-9]{5}", key):
        day = date(1899, 12, 30) + timedelta(days=int(key))
        return day == value if to_the_day else day.replace(day=1) == value
    numbers = [int(number) for number in re.findall("[0-9]+", key.replace("元", "1"))]
    return _years(key, value.year) and value.month in numbers[1:] and (not to_the_day or value.day in numbers[2:])
