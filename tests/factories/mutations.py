"""Good files with something changed at random: bytes flipped, cut, inserted; cells swapped, doubled, replaced."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from typing import Literal

from hypothesis import strategies as st

from expectations.contract import Contract
from tests.factories.building import Grid, as_csv, as_xlsx, contracts, good_rows, grid, name_of

Encoding = Literal["utf-8", "utf-8-sig", "cp932", "utf-16"]

# What dates, amounts, flags and lists are written with, and what breaks them.
CELL_TEXTS = st.one_of(
    st.text("0123456789-/.年月日度RHSrhs元令和平成昭,;、|有無○×△▲円千¥\\ \u3000０１２ー－~'=+%#", max_size=12),
    st.from_regex(r"(令和|平成|昭和|R|H|S|20)?[0-9]{1,4}[-/.年][0-9]{1,2}([-/.月][0-9]{0,2}日?)?", fullmatch=True),
    st.from_regex(r"[-△▲]?[¥\\]?[0-9]{1,3}(,[0-9]{3}){0,2}(\.[0-9]{1,2})?(円|千円|名)?", fullmatch=True),
    st.text(max_size=8),
)


@dataclass(frozen=True)
class Mutated:
    """A file that was good. `cells`: what it says now, where that can be said without reading it as the intake does."""

    contract: Contract
    file_name: str
    data: bytes
    cells: Grid | None
    how: str


@st.composite
def mutated_bytes(draw: st.DrawFn) -> Mutated:
    """A CSV with up to three bytes or stretches changed; read again by the standard library alone."""
    contract = draw(st.sampled_from(list(contracts().values())))
    encoding: Encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp932", "utf-16"]))
    data = as_csv(grid(contract, good_rows(contract)), encoding=encoding)
    hows: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        data, how = draw(_changed(data))
        hows.append(how)
    return Mutated(contract, name_of(contract), data, _reread(data, encoding), f"{encoding}: {', '.join(hows)}")


@st.composite
def mutated_workbook(draw: st.DrawFn) -> Mutated:
    """A workbook with up to three bytes or stretches changed; it may say what it said, or nothing."""
    contract = draw(st.sampled_from(list(contracts().values())))
    cells = grid(contract, good_rows(contract))
    data, hows = _good_workbook(contract.form), list[str]()
    for _ in range(draw(st.integers(1, 3))):
        data, how = draw(_changed(data))
        hows.append(how)
    return Mutated(contract, name_of(contract, "xlsx"), data, cells, ", ".join(hows))


@cache
def _good_workbook(form: str) -> bytes:
    contract = contracts()[form]
    return as_xlsx({contract.label_ja: grid(contract, good_rows(contract))})


@st.composite
def mutated_cells(draw: st.DrawFn) -> Mutated:
    """A CSV or a workbook with one or two cells or rows changed."""
    contract = draw(st.sampled_from(list(contracts().values())))
    cells = [list(row) for row in grid(contract, good_rows(contract))]
    hows = [draw(_rearranged(cells)) for _ in range(draw(st.integers(1, 2)))]
    ending = draw(st.sampled_from(["csv", "xlsx"]))
    if ending == "xlsx":
        cells = [[cell.translate(_NOT_IN_XML) for cell in row] for row in cells]
        data = as_xlsx({contract.label_ja: cells})
        read = cells
    else:
        data = as_csv(cells)
        read = _reread(data, "utf-8")
    return Mutated(contract, name_of(contract, ending), data, read, ", ".join(hows))


_NOT_IN_XML = dict.fromkeys((*range(9), *range(11, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000), ord("=")))


@st.composite
def _changed(draw: st.DrawFn, data: bytes) -> tuple[bytes, str]:
    if not data:
        return data, "nothing left"
    at, length = draw(st.integers(0, len(data) - 1)), draw(st.integers(1, 40))
    how = draw(st.sampled_from(["flip", "drop", "insert", "double", "cut", "swap"]))
    head, middle, tail = data[:at], data[at : at + length], data[at + length :]
    match how:
        case "flip":
            return data[:at] + bytes([data[at] ^ (1 << draw(st.integers(0, 7)))]) + data[at + 1 :], f"{how} {at}"
        case "drop":
            return head + tail, f"{how} {at}+{length}"
        case "insert":
            return head + draw(st.binary(min_size=1, max_size=3)) + data[at:], f"{how} {at}"
        case "double":
            return head + middle + middle + tail, f"{how} {at}+{length}"
        case "cut":
            return data[: at or 1], f"{how} {at}"
        case _:
            return head + tail[:length] + middle + tail[length:], f"{how} {at}+{length}"


@st.composite
def _rearranged(draw: st.DrawFn, cells: Grid) -> str:
    """Changes the cells in place; returns how."""
    row = draw(st.integers(0, len(cells) - 1))
    at, other = draw(st.integers(0, len(cells[row]) - 1)), draw(st.integers(0, len(cells[row]) - 1))
    how = draw(
        st.sampled_from(["replace", "replace", "replace", "swap", "insert", "drop", "double row", "swap columns"])
    )
    match how:
        case "replace":
            cells[row][at] = draw(CELL_TEXTS)
        case "swap":
            cells[row][at], cells[row][other] = cells[row][other], cells[row][at]
        case "insert":
            cells[row].insert(at, draw(CELL_TEXTS))
        case "drop" if len(cells[row]) > 1:
            del cells[row][at]
        case "double row":
            cells.insert(row, list(cells[row]))
        case "swap columns":
            width = min(map(len, cells))
            for line in cells:
                line[at % width], line[other % width] = line[other % width], line[at % width]
    return f"{how} {row},{at}"


def _reread(data: bytes, encoding: Encoding) -> Grid | None:
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        return [list(map(str.strip, row)) for row in csv.reader(io.StringIO(text, newline=""))]
    except (UnicodeDecodeError, csv.Error):
        return None
