"""From cells as text to typed columns, by what the contract says each column holds.

A text that its column's type does not accept is marked unread, never guessed and never kept. Whether an understood
value is allowed (ranges, keys, cross-field rules) does not belong here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from expectations.codes import Code, CodeLists
from expectations.contract import Column, ColumnType, Contract
from pipelines.intake.cells import Cells
from pipelines.intake.naming import Senders
from pipelines.intake.rekey import rekeyer
from pipelines.intake.text import compact, is_blank_mark, label_key
from pipelines.intake.wareki import NotADate, parse_date, parse_fiscal_year, parse_year_month

ROW_COLUMNS = ("submission_id", "row_number", "sender_code", "period")
CUT_TO_MONTH = "cut_to_month"
_UNREAD = "unread"

# At least one letter or digit: a lone dash is a blank mark, not a number.
_IDENTIFIER = re.compile(r"(?![0-9]{10,13}\Z)(?=[_-]*[0-9A-Za-z])[0-9A-Za-z_-]{1,32}")
_DIGITS = r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0+)?"
_INTEGER = re.compile(rf"(?P<minus>[-△▲]?){_DIGITS}")
# The backslash is what other encodings make of the ¥ of CP932. The minus stands before or after it, not on both sides.
_YEN = re.compile(rf"(?P<minus>[-△▲]?[¥\\]?|[¥\\][-△▲]){_DIGITS}(?P<unit>円|千円)?")
_DECIMAL = re.compile(r"(?P<minus>[-△▲]?)(?P<digits>(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?)")
_MAX_DIGITS = 15  # of the number as written; also in thousands of yen it then fits 64 bits
_SEPARATORS = re.compile(r"([;、,/|\n])")

_FLAGS = {text: True for text in ("有", "有り", "あり", "はい", "○", "◯", "〇", "1", "true", "該当")} | {
    text: False for text in ("無", "無し", "なし", "いいえ", "×", "0", "false", "非該当")
}

Reader = Callable[[str], Any]


class NotUnderstood(ValueError):
    """The text is not of its column's type. The message never repeats the text."""


@dataclass(frozen=True)
class Normalised:
    """`frame`: one row per raw row: the row columns, per contract column its typed values, then each `<id>__unread`.

    Blank and unread values are null; unread is True where something stands that the type does not accept.
    `notes`: submission_id, row_number, column, note; one row per cell that was changed on the way (`cut_to_month`).
    """

    frame: pd.DataFrame
    notes: pd.DataFrame


@dataclass(frozen=True)
class _Month:
    first: date
    was_full_date: bool


def normalise(
    rows: pd.DataFrame,
    cells: Mapping[str, Cells],
    contract: Contract,
    codes: CodeLists,
    senders: Senders,
    secret: bytes,
) -> Normalised:
    """Types every column of the contract; `rows` has the row columns, `cells` the column of texts of those it holds, by id.

    A column that `cells` lacks is blank throughout. Each distinct text of a column is understood once.
    """
    rows = rows[list(ROW_COLUMNS)].reset_index(drop=True)
    sender_places, sender_codes = pd.factorize(rows["sender_code"].to_numpy(dtype=object))
    typed: dict[str, pd.Series] = {}
    unread: dict[str, pd.Series] = {}
    notes = [pd.DataFrame(columns=["submission_id", "row_number", "column", "note"])]
    for column in contract.columns:
        texts = cells.get(column.id) or Cells.of([""] * len(rows))
        read = _reader(column, codes, senders)
        understood = [_understand(text, read) for text in texts.distinct]
        places, values = texts.places, [value for value, _ in understood]
        unread[f"{column.id}__unread"] = pd.Series(_is(_UNREAD, understood)[places], index=rows.index)
        cut = rows.loc[_is(CUT_TO_MONTH, understood)[places], ["submission_id", "row_number"]]
        if len(cut):
            notes.append(cut.assign(column=column.id, note=CUT_TO_MONTH))
        if column.type == "identifier":
            places, values = _rekeyed(sender_places, sender_codes, places, values, column.id_kind or "", secret)
        array = _array(values, column.type).take(places)
        typed[column.id] = pd.Series(array, index=rows.index, dtype=array.dtype)
    columns = {**typed, **unread}
    return Normalised(rows.assign(**columns), pd.concat(notes[1:] or notes, ignore_index=True))


def _is(outcome: str, understood: Sequence[tuple[Any, str | None]]) -> np.ndarray:
    return np.array([found == outcome for _, found in understood], dtype=bool)


def _understand(text: str, read: Reader) -> tuple[Any, str | None]:
    """The value of a cell and what became of it. What a type accepts wins over the blank marks: なし may be a code."""
    if not text:
        return None, None
    try:
        value = read(text)
    except (NotUnderstood, NotADate):
        return None, None if is_blank_mark(text) else _UNREAD
    if isinstance(value, _Month):
        return value.first, CUT_TO_MONTH if value.was_full_date else None
    return value, None


def _reader(column: Column, codes: CodeLists, senders: Senders) -> Reader:
    """How a text of the column is understood; the reader raises NotUnderstood or NotADate."""
    match column.type:
        case "municipality":
            return lambda text: _found(senders.municipality(text))
        case "code":
            index = _code_index(codes[column.code_list or ""])
            return lambda text: _found(index.get(label_key(text)))
        case "code_list":
            index = _code_index(codes[column.code_list or ""])
            longest = max(len(_SEPARATORS.split(writing)) for writing in index)
            return lambda text: _several_codes(text, index, longest)
        case _:
            return _READERS[column.type]


def _found(value: Any) -> Any:
    if value is None:
        raise NotUnderstood("not in the list")
    return value


def _identifier(text: str) -> str:
    normalised = unicodedata.normalize("NFKC", text).strip()
    if not _IDENTIFIER.fullmatch(normalised):
        raise NotUnderstood("not a number as senders may give them")
    return normalised


def _integer(text: str, notation: re.Pattern[str]) -> int:
    match = notation.fullmatch(compact(text))
    parts = match.groupdict() if match else {}
    digits = parts.get("digits", "").replace(",", "")
    if not 0 < len(digits) <= _MAX_DIGITS:
        raise NotUnderstood("not an integer")
    amount = int(digits) * (1000 if parts.get("unit") == "千円" else 1)
    return -amount if set(parts["minus"]) & set("-△▲") else amount


def _number(text: str) -> float:
    match = _DECIMAL.fullmatch(compact(text))
    if not match or len(match["digits"]) > _MAX_DIGITS:
        raise NotUnderstood("not a number")
    amount = float(match["digits"].replace(",", ""))
    return -amount if set(match["minus"]) & set("-△▲") else amount


# Types that need to know nothing but the text.
_READERS: dict[ColumnType, Reader] = {
    "identifier": _identifier,
    "year_month": lambda text: _Month(*parse_year_month(text)),
    "date": parse_date,
    "fiscal_year": parse_fiscal_year,
    "flag": lambda text: _found(_FLAGS.get(label_key(text))),
    "integer": lambda text: _integer(text, _INTEGER),
    "number": _number,
    "yen": lambda text: _integer(text, _YEN),
}


def _code_index(codes: Sequence[Code]) -> dict[str, str]:
    """Code by everything people write for it: the code, its label, and the code without the zeros Excel drops.

    A code beats a label, and a writing that fits two codes fits none.
    """
    labels = [(label_key(code.label_ja), code.code) for code in codes]
    shortened = [(code.code.lstrip("0") or "0", code.code) for code in codes if code.code.isdigit()]
    return _unambiguous(shortened) | _unambiguous(labels) | {label_key(code.code): code.code for code in codes}


def _unambiguous(writings: list[tuple[str, str]]) -> dict[str, str]:
    times = Counter(writing for writing, _ in writings)
    return {writing: code for writing, code in writings if times[writing] == 1}


def _several_codes(text: str, index: dict[str, str], longest: int) -> tuple[str, ...]:
    """The codes of a cell, sorted. Of the pieces between separators the longest run that is one code wins.

    So a label may itself hold a separator (税務、水道); `longest` is the most pieces, separators counted, that one has.
    """
    pieces = _SEPARATORS.split(unicodedata.normalize("NFKC", text))
    found: set[str] = set()
    at = 0
    while at < len(pieces):
        if not pieces[at].strip():
            at += 2  # nothing between two separators, or after the last
            continue
        ends = range(min(at + longest, len(pieces)), at, -2)
        # A line break always separates: comparing drops it, and 1 over 1 would become 11.
        runs = (end for end in ends if "\n" not in pieces[at:end])
        end = next((end for end in runs if label_key("".join(pieces[at:end])) in index), None)
        if end is None:
            raise NotUnderstood("not in the list")
        found.add(index[label_key("".join(pieces[at:end]))])
        at = end + 1
    if not found:
        raise NotUnderstood("no code")
    return tuple(sorted(found))


def _rekeyed(
    sender_places: np.ndarray,
    sender_codes: np.ndarray,
    places: np.ndarray,
    values: Sequence[str | None],
    id_kind: str,
    secret: bytes,
) -> tuple[np.ndarray, list[str | None]]:
    """Places and values again, one value per distinct pair of sender and number: the hash depends on both."""
    pair_places, pairs = pd.factorize(sender_places * len(values) + places)
    keyed = [rekeyer(secret, code, id_kind) for code in sender_codes]
    hashed: list[str | None] = []
    for sender, value in zip(*(part.tolist() for part in np.divmod(pairs, max(len(values), 1))), strict=True):
        number = values[value]
        hashed.append(None if number is None else keyed[sender](number))
    return pair_places, hashed


def _array(values: list[Any], column_type: ColumnType) -> Any:
    """The distinct values as an array of the column's type in frames."""
    match column_type:
        case "year_month" | "date":
            return np.array(values, dtype="datetime64[s]")
        case "integer" | "yen" | "fiscal_year":
            return pd.array(values, dtype="Int64")
        case "number":
            return pd.array(values, dtype="Float64")
        case "flag":
            return pd.array(values, dtype="boolean")
        case _:
            return _objects(values)


def _objects(values: Iterable[Any]) -> np.ndarray:
    items = list(values)
    return np.fromiter(items, dtype=object, count=len(items))
