"""Municipalities that changed their code or merged: whose a file is, by its period.

The table is `municipality_changes.csv` (old_code, new_code, changed_on, kind: `recode` or `merger`); both codes also stand in
`municipalities.csv`, since old months stay the old municipality's. What the runbook tells staff is in docs/runbooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


class ChangesError(ValueError):
    """The table cannot be used; the message names the line, in Japanese."""


@dataclass(frozen=True)
class _Change:
    old: str
    new: str
    on: date


class MunicipalityChanges:
    """What the table means for a sender and a period (its first day)."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Raises ChangesError for a kind or a date that is none, two changes of one code, or a code that comes back."""
        self._recoded_to: dict[str, _Change] = {}
        self._recoded_from: dict[str, _Change] = {}
        self._merged: dict[str, _Change] = {}
        for line, row in enumerate(rows, start=2):
            change = _read(row, line)
            if change.old in self._recoded_to or change.old in self._merged:
                raise ChangesError(f"municipality_changes.csv の{line}行目: 同じ old_code が2行以上あります。")
            if row["kind"] == "merger":
                self._merged[change.old] = change
            elif change.new in self._recoded_from or self._comes_back(change):
                raise ChangesError(
                    f"municipality_changes.csv の{line}行目: recode は1つの市町村の新旧のコードだけです。"
                )
            else:
                self._recoded_to[change.old] = change
                self._recoded_from[change.new] = change

    def counts_for(self, code: str, period: date) -> str:
        """The code under which that municipality's file of that period counts, whichever of its codes the file bears."""
        while (change := self._recoded_from.get(code)) and period < change.on:
            code = change.old
        while (change := self._recoded_to.get(code)) and period >= change.on:
            code = change.new
        return code

    def is_merged_away(self, code: str, period: date) -> bool:
        """Whether the municipality had become part of another one by then; a part does not state the whole of that one."""
        change = self._merged.get(code)
        return change is not None and period >= change.on

    def first_code(self, code: str) -> str:
        """The earliest code of the same municipality: what its numbers are keyed by, so that they match across the change."""
        while change := self._recoded_from.get(code):
            code = change.old
        return code

    def codes(self, code: str) -> list[str]:
        """Every code of the same municipality, the earliest first."""
        found = [self.first_code(code)]
        while change := self._recoded_to.get(found[-1]):
            found.append(change.new)
        return found

    def _comes_back(self, change: _Change) -> bool:
        """Whether following the changes from the new code leads to the old one: there would be no end to it."""
        code = change.new
        while code in self._recoded_to:
            code = self._recoded_to[code].new
        return code == change.old


def _read(row: Mapping[str, str], line: int) -> _Change:
    if row["kind"] not in {"recode", "merger"}:
        raise ChangesError(f"municipality_changes.csv の{line}行目: kind は recode か merger です。")
    try:
        return _Change(row["old_code"], row["new_code"], date.fromisoformat(row["changed_on"]))
    except ValueError as error:
        raise ChangesError(
            f"municipality_changes.csv の{line}行目: changed_on は 2025-04-01 のように書きます。"
        ) from error
