"""From one file to the submissions it holds: whose, which form, which period, which table, and what forbids to go on.

Personal data is looked for before anything else is made of a table. What the cells mean is not looked at here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from expectations.contract import Contract
from pipelines.intake.changes import MunicipalityChanges
from pipelines.intake.naming import NameReading, Senders, read_name
from pipelines.intake.personal_data import Finding, scan, scan_outside
from pipelines.intake.strays import stray_texts
from pipelines.intake.tables import HeaderMatch, RawTable, match_header, read_tables
from pipelines.intake.unreadable import Unreadable
from pipelines.intake.verdict import Note, Reason


@dataclass(frozen=True)
class Opened:
    """One form in one file. None where the file does not tell; with `findings` or `reasons` its rows are not read.

    `columns`: where the contract's columns stand in the table (positions from 0). `findings`: the form (None if unknown)
    and the place.
    """

    sender_code: str | None
    form: str | None
    period: date | None
    table: RawTable | None = None
    columns: Mapping[str, int] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    findings: tuple[tuple[str | None, Finding], ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def row_count(self) -> int:
        """Rows of the form; titles, totals and empty rows are none."""
        return len(self.table.row_numbers) if self.table else 0


@dataclass(frozen=True)
class Opener:
    """Opens the files of one run."""

    contracts: Mapping[str, Contract]
    senders: Senders
    changes: MunicipalityChanges
    max_title_rows: int

    def too_large(self, path: str) -> list[Opened]:
        """A file beyond the limit: its name is all that is looked at."""
        return [self._whole(read_name(path, self.contracts, self.senders), reasons=(Reason("too_large"),))]

    def called_after_somebody(self, path: str) -> list[Opened]:
        """A file whose name holds personal data: nothing else is looked at."""
        found = (None, Finding("file_name", None, None))
        return [self._whole(read_name(path, self.contracts, self.senders), findings=(found,))]

    def open(self, path: str, data: bytes, received_on: date) -> list[Opened]:
        """The submissions in a file, at least one. Precedence: personal data, then what makes it unreadable."""
        reading = read_name(path, self.contracts, self.senders)
        try:
            tables = read_tables(path, data, self.contracts, max_title_rows=self.max_title_rows)
            strays = stray_texts(data, tables)
        except Unreadable as unreadable:
            return [self._whole(reading, reasons=(Reason(unreadable.reason_code),))]
        forms = [self._form_of(table, reading, alone=len(tables) == 1) for table in tables]
        in_tables = (
            (form, finding)
            for form, table in zip(forms, tables, strict=True)
            for finding in scan(table, self.contracts[form] if form else None)
        )
        findings = (*in_tables, *((None, finding) for finding in scan_outside(strays)))
        if findings:
            return [self._whole(reading, findings=findings)]
        named = [(form, table) for form, table in zip(forms, tables, strict=True) if form]
        if not named:
            return [self._whole(reading, reasons=(Reason("unknown_form"), *self._unknown_sender(reading)))]
        passed_over = (Note("ignored_sheet"),) if len(named) < len(tables) else ()
        times = Counter(form for form, _ in named)
        return [
            self._one(self.contracts[form], table, reading, received_on, times[form] > 1, passed_over)
            for form, table in named
        ]

    def _whole(
        self,
        reading: NameReading,
        reasons: tuple[Reason, ...] = (),
        findings: tuple[tuple[str | None, Finding], ...] = (),
    ) -> Opened:
        """The file as one submission, by its name alone."""
        contract = self.contracts[reading.form] if reading.form else None
        fits = contract is None or reading.cadence == contract.cadence
        return Opened(
            reading.sender_code, reading.form, reading.period if fits else None, reasons=reasons, findings=findings
        )

    def _form_of(self, table: RawTable, reading: NameReading, *, alone: bool) -> str | None:
        """A sheet's own name decides; the file's name speaks for its only table, or for the one that looks like it."""
        if table.form:
            return table.form
        return reading.form if alone or table.resembles == reading.form else None

    def _one(
        self,
        contract: Contract,
        table: RawTable,
        reading: NameReading,
        received_on: date,
        is_repeated: bool,
        passed_over: tuple[Note, ...],
    ) -> Opened:
        named_period = reading.period if reading.cadence == contract.cadence else None
        period = named_period or table.period
        sender_code, change_notes = self._sender_then(reading.sender_code, period)
        match = match_header(table.header, contract)
        reasons = [
            *self._unknown_sender(reading),
            *self._merged_away(sender_code, period),
            *_of_sender(contract, reading, self.senders.prefecture_code),
            *_of_period(contract, reading, period, received_on),
            *([Reason("repeated_sheet")] if is_repeated else []),
            *_of_table(contract, table, match),
        ]
        notes = [*change_notes, *passed_over, *(Note(note) for note in table.notes)]
        notes += [
            Note("unknown_column", column_number=at + 1, is_warning=True)
            for at in sorted({*match.unknown, *table.unheaded})
        ]
        if named_period and table.period and table.period != named_period:
            notes.append(Note("other_period_in_title", is_warning=True))
        return Opened(sender_code, contract.form, period, table, match.columns, tuple(reasons), notes=tuple(notes))

    def _sender_then(self, code: str | None, period: date | None) -> tuple[str | None, tuple[Note, ...]]:
        """The code that counts in that period, and a note when it is another one than the file's name says."""
        if code is None or period is None:
            return code, ()
        then = self.changes.counts_for(code, period)
        return then, (Note("recoded"),) if then != code else ()

    def _merged_away(self, code: str | None, period: date | None) -> list[Reason]:
        return [Reason("merged_away")] if code and period and self.changes.is_merged_away(code, period) else []

    def _unknown_sender(self, reading: NameReading) -> list[Reason]:
        return [] if reading.sender_code else [Reason("unknown_sender")]


def _of_sender(contract: Contract, reading: NameReading, prefecture_code: str) -> Iterator[Reason]:
    if reading.sender_code and (reading.sender_code == prefecture_code) != (contract.sender == "prefecture"):
        yield Reason("wrong_sender")


def _of_period(contract: Contract, reading: NameReading, period: date | None, received_on: date) -> Iterator[Reason]:
    if period is None:
        yield Reason("other_cadence" if reading.period else "unknown_period")
    elif contract.kind != "statement" and period > received_on:
        yield Reason("future_period")


def _of_table(contract: Contract, table: RawTable, match: HeaderMatch) -> Iterator[Reason]:
    yield from (Reason("missing_column", column) for column in match.missing)
    yield from (Reason("duplicated_column", column) for column in dict.fromkeys(match.duplicated))
    if contract.kind == "statement" and not table.row_numbers:
        yield Reason("no_rows")
