"""Tables whose header or rows do not have the form's shape."""

from __future__ import annotations

from expectations.contract import Contract
from tests.factories.building import BadFile, Grid, as_csv, as_xlsx, changed, contracts, good_rows, grid, name_of


def misshapen_files() -> list[BadFile]:
    """Columns gone, doubled or shifted, rows cut or repeated, sheets twice, over all forms."""
    return [bad for contract in contracts().values() for bad in (*_columns(contract), *_rows(contract))]


def _columns(contract: Contract) -> list[BadFile]:
    form, name, cells = contract.form, name_of(contract), changed(contract)
    files: list[BadFile] = []
    for at, column in enumerate(contract.columns):
        if column.required:
            without = [[*row[:at], *row[at + 1 :]] for row in cells]
            renamed = [[*cells[0][:at], "なにか", *cells[0][at + 1 :]], *cells[1:]]
            for fault, table in (("left out", without), ("renamed", renamed)):
                fault = f"{column.id} {fault}"
                files.append(BadFile(fault, form, name, as_csv(table), "returned", "missing_column", column.id))
    first = contract.columns[0].id
    doubled = as_csv([[*row, row[0]] for row in cells])
    book = as_xlsx({form: cells, contract.label_ja: cells})
    return [
        *files,
        BadFile("a column twice", form, name, doubled, "returned", "duplicated_column", first),
        BadFile("the form on two sheets", form, name_of(contract, "xlsx"), book, "returned", "repeated_sheet"),
    ]


def _rows(contract: Contract) -> list[BadFile]:
    form, name, cells = contract.form, name_of(contract), changed(contract)
    last = len(cells)
    status = "accepted_with_errors" if contract.key else "returned"
    cut = as_csv([*cells[:-1], cells[-1][:-2]]).rstrip(b"\r\n")
    comma = as_csv([*cells[:-1], [*cells[-1], "234"]])
    files = [
        BadFile("cut inside the last row", form, name, cut, status, "row_cut", None, last),
        BadFile("a comma without quotes", form, name, comma, status, "row_cut", None, last),
    ]
    if not contract.key:
        two = as_csv([*cells, cells[-1]])
        return [*files, BadFile("a second row", form, name, two, "returned", "single_row", contract.columns[0].id, 2)]
    again = as_csv([*cells[:3], *cells[2:]])
    header_again = as_csv([*cells[:2], cells[0], *cells[2:]])
    column = contract.columns[0].id
    return [
        *files,
        BadFile("a row twice", form, name, again, status, "unique_key", contract.key[0], 3),
        BadFile("the header twice", form, name, header_again, status, "unread", column, 3),
        BadFile("cells one column to the right", form, name, as_csv(_shifted(cells)), status, "unread", column, 3),
        BadFile("most rows wrong", form, name, as_csv(_mostly_wrong(contract)), "returned", "too_many_errors"),
    ]


def _shifted(cells: Grid) -> Grid:
    return [*cells[:2], ["x y", *cells[2][:-1]], *cells[3:]]


def _mostly_wrong(contract: Contract) -> Grid:
    wrong = next(column.id for column in contract.columns if column.required and column.id not in contract.key)
    return grid(contract, [row | ({wrong: "※"} if at else {}) for at, row in enumerate(good_rows(contract))])
