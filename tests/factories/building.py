"""Good rows, tables and files of every form, made from the contracts: no label or code is repeated here.

What is wrong with a bad file does not belong here; those modules change what these functions give.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import xlsxwriter

from expectations.codes import CodeLists, load_code_lists
from expectations.contract import Contract, load_contracts
from pipelines.intake.naming import Senders, period_label
from pipelines.intake.submissions import Status
from pipelines.intake.tables import RawTable

Grid = list[list[str]]

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
PERIOD = date(2024, 5, 1)
SENDER, PREFECTURE = "112011", "110001"
SECOND_ROW = 3  # of the sheet, under the header
_ROWS = 4
# The first code of these lists would ask for more columns to be filled.
_FITTING = {"case": {"consent_status": "not_yet"}}


@dataclass(frozen=True)
class BadFile:
    """A file with one fault and what the intake must make of it; `form` is the form it means to be.

    `code`: the reason, the kind of personal data or the rule. `column` and `row` (of the sheet): where, if it has a place.
    """

    fault: str
    form: str
    file_name: str
    data: bytes
    status: Status
    code: str
    column: str | None = None
    row: int | None = None


def contracts() -> Mapping[str, Contract]:
    """The project's own contracts."""
    return load_contracts()


def codes() -> CodeLists:
    """The project's own code lists."""
    return load_code_lists(REFERENCE / "codes.csv", REFERENCE / "grant_components.csv")


def senders() -> Senders:
    """The municipalities of the project's own reference."""
    with (REFERENCE / "municipalities.csv").open(encoding="utf-8", newline="") as stream:
        return Senders(csv.DictReader(stream), PREFECTURE, "埼玉県")


def good_row(contract: Contract, number: int = 1) -> dict[str, str]:
    """A row without fault, by column id: required columns filled, the others blank; each number gives another key."""
    values = {
        "identifier": f"R6-{number:04d}",
        "municipality": SENDER,
        "year_month": "2024-05",
        "date": f"2024-05-{10 + number}",
        "fiscal_year": "2024",
        "flag": "0",
        "integer": "1",
        "number": "1.5",
        "yen": "1000",
    }
    row = {
        column.id: (values.get(column.type) or codes()[column.code_list or ""][0].code) if column.required else ""
        for column in contract.columns
    }
    numbered = {column: str(number) for column in contract.key if contract.column(column).type == "integer"}
    return row | numbered | _FITTING.get(contract.form, {})


def good_rows(contract: Contract) -> list[dict[str, str]]:
    """As many rows as leave one bad row in the minority; one where the form has no key."""
    return [good_row(contract, number) for number in range(1, _ROWS + 1 if contract.key else 2)]


def changed(contract: Contract, **changes: str) -> Grid:
    """Good rows, the second one (in a form of one row, that one) changed."""
    rows = good_rows(contract)
    rows[1 if contract.key else 0] |= changes
    return grid(contract, rows)


def changed_row(contract: Contract) -> int:
    """The row of the sheet that `changed` changes."""
    return SECOND_ROW if contract.key else 2


def grid(contract: Contract, rows: Iterable[Mapping[str, str]]) -> Grid:
    """The header of Japanese labels and the rows under it."""
    return [[column.label_ja for column in contract.columns], *([row[c.id] for c in contract.columns] for row in rows)]


def rows_of(table: RawTable) -> list[tuple[int, tuple[str, ...]]]:
    """The rows of a table with their numbers, from its columns."""
    cells = zip(*table.columns, strict=True) if table.columns else [()] * len(table.row_numbers)
    return list(zip(table.row_numbers, cells, strict=True))


def name_of(contract: Contract, ending: str = "csv") -> str:
    """A file name without fault."""
    sender = PREFECTURE if contract.sender == "prefecture" else SENDER
    return f"{sender}_{contract.form}_{period_label(PERIOD, contract.cadence)}.{ending}"


def as_csv(cells: Grid, *, encoding: str = "utf-8", delimiter: str = ",", line_end: str = "\r\n") -> bytes:
    """The cells as a CSV file's bytes."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=line_end).writerows(cells)
    return stream.getvalue().encode(encoding)


def as_xlsx(
    sheets: Mapping[str, Sequence[Sequence[object]]],
    then: Callable[[xlsxwriter.Workbook], object] = lambda book: None,
) -> bytes:
    """The cells as a workbook's bytes, one sheet a key; texts beginning with `=` become formulas without a result."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "default_date_format": "yyyy/m/d"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, str) and value.startswith("="):
                        sheet.write_formula(at, column, value, None, "#REF!" if "#REF!" in value else "")  # pyright: ignore[reportArgumentType]
                    elif isinstance(value, str):
                        sheet.write_string(at, column, value)
                    else:
                        sheet.write(at, column, value)
        then(book)
    return stream.getvalue()


def rezipped(data: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The workbook with its parts changed, and a sound archive again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()
