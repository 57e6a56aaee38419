"""The rows of one form out of many files: collected, typed, put before the gate once.

One validation costs as much as reading many files, so the files of a batch share one. What follows from the failures
(status, receipt, lake) does not belong here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import pandas as pd

from expectations import gate, messages
from expectations.codes import CodeLists
from expectations.contract import Contract
from expectations.suites import Check, checks
from pipelines.intake.changes import MunicipalityChanges
from pipelines.intake.naming import Senders
from pipelines.intake.normalise import normalise
from pipelines.intake.opening import Opened
from pipelines.intake.original_rows import original_rows
from pipelines.intake.verdict import Failure, Note, Verdict

_CUT = Check("row_cut", "")


@dataclass(frozen=True)
class JudgedRows:
    """`verdicts` by submission id (none where there is nothing to say); `good` are the typed rows without an error."""

    verdicts: dict[str, Verdict]
    good: pd.DataFrame


@dataclass(frozen=True)
class Judge:
    """What rows are judged by, besides the contract of their form."""

    codes: CodeLists
    senders: Senders
    changes: MunicipalityChanges
    secret: bytes
    grant_components: list[dict[str, str]]


class RowBatch:
    """Rows of one form, in order of arrival, waiting to be judged."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._ids: list[str] = []
        self._rows: list[int] = []
        self._senders: list[str] = []
        self._periods: list[date] = []
        self._cells: dict[str, list[str]] = {column.id: [] for column in contract.columns}
        self._cut: list[int] = []  # positions of rows that do not line up with their header
        self._seen: dict[str, str] = {}  # each distinct text is kept once

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, submission_id: str, opened: Opened) -> None:
        """Take in the rows of a submission whose sender, period and columns are known."""
        table, start = opened.table, len(self._ids)
        if table is None or opened.sender_code is None or opened.period is None:
            raise ValueError("only what was opened without reasons or findings has rows")
        self._ids += [submission_id] * len(table.rows)
        self._rows += [number for number, _ in table.rows]
        self._senders += [opened.sender_code] * len(table.rows)
        self._periods += [opened.period] * len(table.rows)
        self._cut += [start + at for at, (number, _) in enumerate(table.rows) if number in table.short_rows]
        keep = self._seen.setdefault
        for column_id, cells in self._cells.items():
            at = opened.columns.get(column_id)
            texts = [""] * len(table.rows) if at is None else [keep(row[at], row[at]) for _, row in table.rows]
            cells += texts

    def judge(self, judge: Judge) -> JudgedRows:
        """Type the rows and put them before the gate."""
        raw = self._frame()
        # Numbers are keyed by the first code of their municipality, so that they match after its code has changed.
        keyed = raw.assign(sender_code=raw["sender_code"].map(judge.changes.first_code))
        normalised = normalise(keyed, self.contract, judge.codes, judge.senders, judge.secret)
        frame = normalised.frame.assign(sender_code=raw["sender_code"])
        failures = gate.check(frame, self.contract, grant_components=judge.grant_components).failures
        judged_by = checks(self.contract)
        verdicts: defaultdict[str, Verdict] = defaultdict(Verdict)
        for at in self._cut:
            verdicts[self._ids[at]].failures.append(Failure(self._rows[at], _CUT, ""))
        for position, check_at in zip(failures["position"], failures["check"], strict=True):
            check = judged_by[check_at]
            cell = self._cells[check.column][position]
            failure = Failure(self._rows[position], check, messages.mask(cell) if cell else "")
            verdicts[self._ids[position]].failures.append(failure)
        for submission_id, row, column, note in normalised.notes.itertuples(index=False, name=None):
            verdicts[submission_id].notes.append(Note(note, int(row), column))
        failed = [
            (int(at), judged_by[check]) for at, check in zip(failures["position"], failures["check"], strict=True)
        ]
        for submission_id, rows in original_rows(frame, self.contract, judge.codes, failed, set(self._cut)).items():
            verdicts[submission_id].originals.extend(rows)
        bad = {*self._cut, *failures.loc[failures["severity"] == "error", "position"]}
        return JudgedRows(dict(verdicts), frame.drop(index=list(bad)))

    def _frame(self) -> pd.DataFrame:
        rows = {"submission_id": self._ids, "row_number": self._rows, "sender_code": self._senders}
        periods = pd.Series(self._periods, dtype="datetime64[s]")
        cells = {column: pd.Series(texts, dtype="object") for column, texts in self._cells.items()}
        return pd.DataFrame({**rows, "period": periods, **cells})
