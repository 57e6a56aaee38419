"""What can be said about a submission and its rows: reasons, notes, failures. Places and ids, never values.

The sentences are made by `expectations.messages`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from expectations.contract import Severity
from expectations.suites import Check


@dataclass(frozen=True)
class Reason:
    """Why a file or form is returned whole; `column` where it is about one."""

    code: str
    column: str | None = None


@dataclass(frozen=True)
class Note:
    """Something to tell the sender that rejects nothing. `column` is a contract's, `column_number` the sheet's (from 1)."""

    note: str
    row: int | None = None
    column: str | None = None
    column_number: int | None = None
    is_warning: bool = False


@dataclass(frozen=True)
class Failure:
    """One row that fails one check. `mask` is the length of what stands in the cell, '' when nothing does."""

    row: int
    check: Check
    mask: str

    @property
    def severity(self) -> Severity:
        """Whether the row is rejected for it."""
        return self.check.severity


@dataclass(frozen=True)
class OriginalRow:
    """A rejected row as a receipt may show it: its number in the sheet and, in the contract's order, what passed in words."""

    row: int
    cells: tuple[str, ...]


@dataclass
class Verdict:
    """What was found in one submission's rows."""

    failures: list[Failure] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    originals: list[OriginalRow] = field(default_factory=list)  # of the rejected rows, the first ones only

    @property
    def rejected_rows(self) -> frozenset[int]:
        """Numbers of the rows with at least one error."""
        return frozenset(failure.row for failure in self.failures if failure.severity == "error")

    def rows_failing(self, rule: str) -> frozenset[int]:
        """Numbers of the rows that fail a rule."""
        return frozenset(failure.row for failure in self.failures if failure.check.rule == rule)
