"""From a file's bytes to its tables: cells as text, the header found, everything that is no row set aside.

What a cell means (dates, codes, numbers) and whether it may be kept do not belong here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from itertools import repeat, zip_longest

from expectations.contract import Contract
from pipelines.intake import workbook
from pipelines.intake.decode import decode, kind_of
from pipelines.intake.naming import form_named, periods_in
from pipelines.intake.text import label_key
from pipelines.intake.unreadable import Reason, Unreadable

Row = tuple[int, tuple[str, ...]]  # the sender's row number (1 = first line of the sheet) and its cells

_TOTALS = frozenset({"合計", "計", "総計"})
_MAX_ROWS = 200_000  # the largest city sends a twentieth of it in a month
_MAX_COLUMNS = 1_000
_MAX_CELLS = 20_000_000  # of the rectangle that rows and columns span
_HEADER_AT_LEAST = 2  # one cell that equals a label may be chance


@dataclass(frozen=True)
class RawTable:
    """One table as sent; every cell is trimmed text, '' where empty.

    `form` is the form the sheet is named after, None in a CSV; `resembles` the form whose labels the header fits best.
    `known_columns` are the positions (from 0) of that form's labels in `header`.
    `period` is the one period its titles mention, of the cadence of that form, if they mention exactly one.
    `columns` are the cells of its rows, column by column, as many as `header` has at least; `row_numbers` those of the sender.
    `skipped` are title and total rows, which are no rows of the form.
    `unheaded`: positions of columns that hold something under no header.
    `short_rows`: numbers of rows whose cells do not line up with the header (cut off, or an unquoted comma): errors.
    `notes`: ids of what was passed over: `title_rows`, `empty_rows`, `total_row`, `hidden_sheet`, `hidden_rows`.
    """

    sheet: str | None
    form: str | None
    resembles: str | None
    known_columns: frozenset[int]
    period: date | None
    header: tuple[str, ...]
    header_row: int
    row_numbers: Sequence[int]
    columns: tuple[tuple[str, ...], ...]
    skipped: tuple[Row, ...]
    notes: tuple[str, ...]
    short_rows: frozenset[int]
    unheaded: frozenset[int]


@dataclass(frozen=True)
class HeaderMatch:
    """Where a contract's columns stand in a header (positions from 0).

    `missing` are required columns without a place: one that may be blank may be absent.
    """

    columns: Mapping[str, int]
    missing: tuple[str, ...]
    unknown: tuple[int, ...]
    duplicated: tuple[str, ...]


def read_tables(
    file_name: str, data: bytes, contracts: Mapping[str, Contract], *, max_title_rows: int = 10
) -> list[RawTable]:
    """The tables of a CSV (one) or a workbook (one a sheet that is not empty). Raises Unreadable."""
    if kind_of(file_name, data) == "csv":
        text = decode(data).text
        line_open = not text.endswith(("\n", "\r"))
        return [_csv_table(_csv_rows(text), contracts, max_title_rows, line_open)]
    tables: list[RawTable] = []
    for sheet in workbook.read_sheets(data):
        form = form_named(sheet.name, contracts)
        if any(map(any, sheet.rows)):
            candidates = {form: contracts[form]} if form else contracts
            tables.append(_table(sheet.rows, candidates, max_title_rows, sheet, form))
    if not tables:
        raise Unreadable("empty_file")
    return tables


@lru_cache(maxsize=4096)
def match_header(header: tuple[str, ...], contract: Contract) -> HeaderMatch:
    """Finds the contract's columns by Japanese label or id, in whatever width, spacing, case or dash."""
    ids = _column_ids(contract)
    columns: dict[str, int] = {}
    unknown: list[int] = []
    duplicated: list[str] = []
    for index, cell in enumerate(header):
        column_id = ids.get(label_key(cell))
        if column_id is None:
            if cell:
                unknown.append(index)
        elif column_id in columns:
            duplicated.append(column_id)
        else:
            columns[column_id] = index
    missing = tuple(column.id for column in contract.columns if column.required and column.id not in columns)
    return HeaderMatch(columns, missing, tuple(unknown), tuple(duplicated))


def _csv_rows(text: str) -> list[tuple[str, ...]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        return [tuple(map(str.strip, cells)) for cells in reader]
    except csv.Error as error:
        raise Unreadable(_why(str(error))) from error


def _delimiter(text: str) -> str:
    """Comma, tab or semicolon, by the line that is parted most often by it.

    That is the header: amounts hold commas too (1,234円), so counting over all lines would take a tab file for the other kind.
    A semicolon alone parts a line only where neither of the others is; within cells it parts codes.
    """
    lines = text[:8000].splitlines()[:-1] or [text]
    without_commas = [line for line in lines if "," not in line]
    counts = (
        (_most(",", [line for line in lines if "\t" not in line]), ","),
        (_most("\t", without_commas), "\t"),
        (_most(";", [line for line in without_commas if "\t" not in line]), ";"),
    )
    return max(counts, key=lambda found: found[0])[1]


def _most(mark: str, lines: list[str]) -> int:
    """How often it stands in the line that holds it most."""
    return max(map(str.count, lines, repeat(mark)), default=0)


def _why(complaint: str) -> Reason:
    """The reason behind what the CSV reader complains of."""
    if "unexpected end" in complaint:
        return "cut_off"
    return "too_wide" if "field limit" in complaint else "broken_quotes"


def _csv_table(
    rows: list[tuple[str, ...]], contracts: Mapping[str, Contract], max_title_rows: int, line_open: bool
) -> RawTable:
    """`line_open`: the text ends without a line break, as a file cut in the middle does.

    Only then is a short last row an error: Excel itself leaves out trailing empty cells now and then.
    """
    table = _table(rows, contracts, max_title_rows)
    width = len(table.header)
    too_wide = {
        number
        for column in table.columns[width:]
        for number, cell in zip(table.row_numbers, column, strict=True)
        if cell
    }
    cut = {len(rows)} & set(table.row_numbers[-1:]) if line_open and len(rows[-1]) < width else set[int]()
    within = frozenset(index for index in table.unheaded if index < width)
    return replace(table, short_rows=frozenset(too_wide | cut), unheaded=within)


def _table(
    rows: Sequence[tuple[str, ...]],
    contracts: Mapping[str, Contract],
    max_title_rows: int,
    sheet: workbook.Sheet | None = None,
    form: str | None = None,
) -> RawTable:
    filled = [row for row in enumerate(rows, start=1) if any(row[1])]
    if not filled:
        raise Unreadable("empty_file")
    if len(filled) > _MAX_ROWS:
        raise Unreadable("too_many_rows")
    width = max(len(cells) for _, cells in filled)
    if width > _MAX_COLUMNS or width * len(filled) > _MAX_CELLS:
        raise Unreadable("too_wide")
    at, resembles = _find_header(filled[: max_title_rows + 1], contracts)
    contract = contracts[resembles] if resembles else None
    titles, (header_row, _), body = filled[:at], filled[at], filled[at + 1 :]
    columns = tuple(zip_longest(*(cells for _, cells in body), fillvalue=""))
    held = {index for index, column in enumerate(columns) if any(column)}
    header = _header(filled, at, held, contract)
    totals: list[Row] = []
    while body and label_key(next(filter(None, body[-1][1]))) in _TOTALS:
        totals.append(body.pop())
    if totals:
        columns = tuple(column[: len(body)] for column in columns)
    passed_over = {
        "title_rows": bool(titles),
        "empty_rows": filled[-1][0] > len(filled),
        "total_row": bool(totals),
        "hidden_sheet": sheet is not None and sheet.hidden,
        "hidden_rows": sheet is not None and sheet.has_hidden_rows,
    }
    stated = [cell for _, cells in titles for cell in cells] + list(header) + ([sheet.name] if sheet else [])
    return RawTable(
        sheet=sheet.name if sheet else None,
        form=form,
        resembles=resembles,
        known_columns=frozenset(match_header(header, contract).columns.values()) if contract else frozenset(),
        period=_period(stated, contract),
        header=header,
        header_row=header_row,
        row_numbers=tuple(number for number, _ in body),
        columns=columns + (("",) * len(body),) * (len(header) - len(columns)),
        skipped=(*titles, *reversed(totals)),
        notes=tuple(note for note, applies in passed_over.items() if applies),
        short_rows=frozenset(),
        unheaded=frozenset(index for index in held if index >= len(header) or not header[index]),
    )


def _header(filled: list[Row], at: int, held: Collection[int], contract: Contract | None) -> tuple[str, ...]:
    """The cells of the header's row, up to its last text; `held` are the columns that hold something under it.

    What stands above an empty cell heads its column only if there is something to head.
    """
    ids = _column_ids(contract) if contract else {}
    own = filled[at][1]
    merged = _merged_down(filled, at)
    cells = [
        cell if own[i : i + 1] == (cell,) or i in held or label_key(cell) in ids else ""
        for i, cell in enumerate(merged)
    ]
    return tuple(cells[: max((index for index, cell in enumerate(cells, start=1) if cell), default=0)])


def _merged_down(filled: list[Row], at: int) -> tuple[str, ...]:
    """The cells of a row, the empty ones as in the row above: a cell merged over two rows keeps its text in the first."""
    number, cells = filled[at]
    above = filled[at - 1][1] if at and filled[at - 1][0] == number - 1 else ()
    return tuple(own or upper for own, upper in zip_longest(cells, above, fillvalue=""))


def _find_header(filled: list[Row], contracts: Mapping[str, Contract]) -> tuple[int, str | None]:
    """Which of the rows is the header, and of which form; without any likeness, the fullest row and no form."""
    best: tuple[int, int] = (_HEADER_AT_LEAST, -sum(len(contract.columns) for contract in contracts.values()))
    at, likeness = max(range(len(filled)), key=lambda index: sum(map(bool, filled[index][1]))), None
    candidates = tuple(contracts.values())
    for index in range(len(filled)):
        fit, form = _likeness(_merged_down(filled, index), candidates)
        if fit > best:
            best, at, likeness = fit, index, form
        if likeness and best[1] == 0:
            break  # every required column is there; what follows are rows
    return at, likeness


@lru_cache(maxsize=4096)
def _likeness(cells: tuple[str, ...], contracts: tuple[Contract, ...]) -> tuple[tuple[int, int], str]:
    """The form whose labels fit the cells best: how many do, and how many required ones are missing (less than 0).

    Senders keep their header from month to month, and share it with each other.
    """
    fits: list[tuple[tuple[int, int], str]] = []
    for contract in contracts:
        match = match_header(cells, contract)
        fits.append(((len(match.columns), -len(match.missing)), contract.form))
    return max(fits, key=lambda found: found[0])


def _period(stated: Iterable[str], contract: Contract | None) -> date | None:
    periods = set[tuple[date, str]]().union(*map(periods_in, stated))
    fitting = {period for period, cadence in periods if contract is None or cadence == contract.cadence}
    return fitting.pop() if len(fitting) == 1 else None


@cache
def _column_ids(contract: Contract) -> dict[str, str]:
    return {label_key(text): column.id for column in contract.columns for text in (column.label_ja, column.id)}
