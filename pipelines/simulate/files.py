"""A world → the files people would send of it. Same world, same bytes.

What stands in a cell is `messy`'s to say, what was sent is the world's. What the files add up to is `truth`'s.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from random import Random

import xlsxwriter

from expectations.contract import Contract, load_contracts
from pipelines.simulate.messy import (
    Cell,
    Style,
    Writer,
    draw_style,
    tidy,
    title_rows,
    write_period,
    write_sender,
)
from pipelines.simulate.model import Municipality, Submission, World

MARKER = "kasane_synthetic.json"
_WORKBOOK_MADE = datetime(2023, 4, 1)  # noqa: DTZ001 - xlsxwriter takes it as UTC; any fixed moment keeps the bytes the same
# What CP932 has in place of characters it lacks; a reader takes both for the same.
_IN_CP932 = str.maketrans({"〜": "～", "¥": "\\"})


@dataclass(frozen=True)
class Sheet:
    """One table as it will stand in a file."""

    contract: Contract
    cells: list[list[Cell]]


def write_submissions(world: World, out: Path, *, messy: float = 0.0, bundle: bool = False) -> int:
    """Write every submission below `out/<sender code>/`, then arrivals.csv, municipalities.csv and, last, the marker.

    `messy`: the share of files written as people do. `bundle`: one workbook per sender and period with a sheet per
    form; it arrives when its first form did, so only the final KPIs, not those as of a day, are the world's truth.
    Returns the number of submitted files.
    """
    office = _Office(world, messy)
    arrivals: list[tuple[datetime, str]] = []
    for group in _groups(world, bundle=bundle):
        path, content = office.write(group, bundle=bundle)
        target = out / group[0].sender_code / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        arrivals.append((group[0].arrived_at, f"{group[0].sender_code}/{path}"))
    _write_table(
        out / "arrivals.csv", ("file", "arrived_at"), ((name, at.isoformat()) for at, name in sorted(arrivals))
    )
    reference = [municipality.reference for municipality in world.municipalities]
    _write_table(out / "municipalities.csv", tuple(reference[0]), (row.values() for row in reference))
    facts = {"seed": world.spec.seed, "municipalities": world.spec.municipalities, "months": world.spec.months}
    (out / MARKER).write_text(json.dumps({"origin": "synthetic", **facts}) + "\n", encoding="utf-8")
    return len(arrivals)


def _groups(world: World, *, bundle: bool) -> Iterator[list[Submission]]:
    """What goes into one file, first arrived first."""
    if not bundle:
        yield from ([submission] for submission in world.submissions)
        return
    ordered = sorted(world.submissions, key=_bundle_key)
    for _, group in groupby(ordered, key=_bundle_key):
        yield sorted(group, key=lambda submission: submission.arrived_at)


def _bundle_key(submission: Submission) -> tuple[str, date, str, int]:
    # A fiscal year and its April start on the same day, and are two periods.
    cadence = load_contracts()[submission.form].cadence
    return submission.sender_code, submission.period, cadence, submission.version


class _Office:
    """Writes files for all senders."""

    def __init__(self, world: World, messy: float) -> None:
        self._world = world
        self._messy = messy
        self._senders = {municipality.code: municipality for municipality in world.municipalities}
        self._names = {code: municipality.name for code, municipality in self._senders.items()}
        self._tidy_writers: dict[tuple[str, Style], Writer] = {}

    def write(self, group: list[Submission], *, bundle: bool) -> tuple[str, bytes]:
        """File name and content of what goes into one file."""
        first = group[0]
        rng = Random(f"{self._world.spec.seed}/file {first.key}")
        is_messy = rng.random() < self._messy
        by_label = first.sender_code[4] in "02468"  # some keep the English ids
        style = draw_style(rng, workbook=bundle) if is_messy else tidy("xlsx" if bundle else "csv", by_label=by_label)
        sheets = [self._sheet(submission, style, is_messy=is_messy) for submission in group]
        name = self._name(first, style, bundle=bundle, is_messy=is_messy)
        return name, _workbook(sheets, style) if style.kind == "xlsx" else _text(sheets[0].cells, style)

    def _name(self, submission: Submission, style: Style, *, bundle: bool, is_messy: bool) -> str:
        contract = load_contracts()[submission.form]
        form = [] if bundle else [contract.form if style.form == "id" else contract.label_ja]
        again = (
            [] if submission.version == 1 else [f"再提出{submission.version}" if is_messy else f"v{submission.version}"]
        )
        period = write_period(submission.period, contract.cadence, style.period)
        sender = write_sender(self._senders.get(submission.sender_code), style)
        return "_".join([sender, *form, period, *again]) + f".{style.kind}"

    def _sheet(self, submission: Submission, style: Style, *, is_messy: bool) -> Sheet:
        contract = load_contracts()[submission.form]
        writer = self._writer(contract, style, is_messy=is_messy)
        cells: list[list[Cell]] = []
        if style.titles:
            sender: Municipality | None = self._senders.get(submission.sender_code)
            cells += title_rows(sender, contract, submission.period)
        if style.empty_rows:
            cells.append([])
        cells.append([*writer.header])
        for index, row in enumerate(submission.rows):
            written = writer.row(row)
            if fault := submission.faults.get(index):
                written[row._fields.index(fault.column)] = fault.text
            cells.append(written)
            if style.empty_rows and index == 0:
                cells.append([])
        if style.total_row and submission.rows:
            cells.append(["合計", f"{len(submission.rows)}件"])
        width = len(contract.columns)
        return Sheet(contract, [_padded(row, width) for row in cells])

    def _writer(self, contract: Contract, style: Style, *, is_messy: bool) -> Writer:
        """Tidy files share a few writers; every messy one has its own habits."""
        if is_messy:
            return Writer(contract, style, self._world.code_lists, self._names)
        key = (contract.form, style)
        if key not in self._tidy_writers:
            self._tidy_writers[key] = Writer(contract, style, self._world.code_lists, self._names)
        return self._tidy_writers[key]


def _padded(row: list[Cell], width: int) -> list[Cell]:
    """The row as wide as the table, as spreadsheets save it."""
    return [*row, *("",) * (width - len(row))]


def _text(cells: list[list[Cell]], style: Style) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=style.delimiter, lineterminator=style.newline).writerows(cells)
    text = stream.getvalue()
    return (text.translate(_IN_CP932) if style.encoding == "cp932" else text).encode(style.encoding)


def _workbook(sheets: list[Sheet], style: Style) -> bytes:
    """Dates and numbers are real ones, everything else is text."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": _WORKBOOK_MADE})
        as_day = workbook.add_format({"num_format": "yyyy/m/d"})
        for sheet in sheets:
            page = workbook.add_worksheet(sheet.contract.form if style.form == "id" else sheet.contract.label_ja)
            for at, row in enumerate(sheet.cells):
                for column, cell in enumerate(row):
                    if isinstance(cell, date):
                        page.write_datetime(at, column, datetime(cell.year, cell.month, cell.day), as_day)  # noqa: DTZ001
                    elif isinstance(cell, int | float):
                        page.write_number(at, column, cell)
                    elif cell:
                        page.write_string(at, column, cell)
    return stream.getvalue()


def _write_table(path: Path, header: tuple[str, ...], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
