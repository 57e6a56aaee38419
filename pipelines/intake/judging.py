"""The rows of one form out of many files: collected, typed, put before the gate once.

One validation costs as much as reading many files, so the files of a batch share one. What follows from the failures
(status, receipt, lake) does not belong here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from expectations import gate, messages
from expectations.codes import CodeLists
from expectations.contract import Contract
from expectations.suites import Check, checks
from pipelines.intake import lake
from pipelines.intake.cells import Cells
from pipelines.intake.changes import MunicipalityChanges
from pipelines.intake.naming import Senders
from pipelines.intake.normalise import normalise
from pipelines.intake.opening import Opened
from pipelines.intake.original_rows import original_rows
from pipelines.intake.verdict import Failure, Note, Verdict

_CUT = Check("row_cut", "")


@dataclass(frozen=True)
class JudgedRows:
    """`verdicts` by submission id (none where there is nothing to say); `good` are the rows without an error, for the lake."""

    verdicts: dict[str, Verdict]
    good: pa.Table


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
        self._submissions: list[tuple[str, str, date]] = []  # id, sender and period of each
        self._counts: list[int] = []  # its rows
        self._rows: list[int] = []
        self._cells = {column.id: Cells() for column in contract.columns}
        self._cut: list[int] = []  # positions of rows that do not line up with their header

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, submission_id: str, opened: Opened) -> None:
        """Take in the rows of a submission whose sender, period and columns are known."""
        table, start = opened.table, len(self._rows)
        if table is None or opened.sender_code is None or opened.period is None:
            raise ValueError("only what was opened without reasons or findings has rows")
        self._submissions.append((submission_id, opened.sender_code, opened.period))
        self._counts.append(len(table.row_numbers))
        self._rows += table.row_numbers
        if table.short_rows:
            self._cut += [start + at for at, number in enumerate(table.row_numbers) if number in table.short_rows]
        for column_id, cells in self._cells.items():
            at = opened.columns.get(column_id)
            if at is None:
                cells.add_blank(len(table.row_numbers))
            else:
                cells.add(table.columns[at])

    def judge(self, judge: Judge) -> JudgedRows:
        """Type the rows and put them before the gate."""
        raw = self._frame()
        # Numbers are keyed by the first code of their municipality, so that they match after its code has changed.
        first_codes = {code: judge.changes.first_code(code) for code in raw["sender_code"].unique()}
        keyed = raw.assign(sender_code=raw["sender_code"].map(first_codes))
        normalised = normalise(keyed, self._cells, self.contract, judge.codes, judge.senders, judge.secret)
        frame = normalised.frame.assign(sender_code=raw["sender_code"])
        failures = gate.check(frame, self.contract, grant_components=judge.grant_components).failures
        judged_by = checks(self.contract)
        failed = [
            (int(at), judged_by[check]) for at, check in zip(failures["position"], failures["check"], strict=True)
        ]
        verdicts = self._verdicts(raw["submission_id"].to_numpy(), failed)
        for submission_id, row, column, note in normalised.notes.itertuples(index=False, name=None):
            verdicts[submission_id].notes.append(Note(note, int(row), column))
        for submission_id, rows in original_rows(frame, self.contract, judge.codes, failed, set(self._cut)).items():
            verdicts[submission_id].originals.extend(rows)
        is_good = np.ones(len(frame), dtype=bool)
        is_good[[*self._cut, *failures.loc[failures["severity"] == "error", "position"]]] = False
        return JudgedRows(dict(verdicts), lake.typed(frame, self.contract).filter(pa.array(is_good)))

    def _verdicts(self, submission_ids: np.ndarray, failed: Iterable[tuple[int, Check]]) -> defaultdict[str, Verdict]:
        """What is wrong with the rows, by submission; `failed` has the place of a row and the check."""
        verdicts: defaultdict[str, Verdict] = defaultdict(Verdict)
        for at in self._cut:
            verdicts[submission_ids[at]].failures.append(Failure(self._rows[at], _CUT, ""))
        texts = {column: cells.distinct for column, cells in self._cells.items()}
        for position, check in failed:
            cell = texts[check.column][int(self._cells[check.column].places[position])]
            failure = Failure(self._rows[position], check, messages.mask(cell) if cell else "")
            verdicts[submission_ids[position]].failures.append(failure)
        return verdicts

    def _frame(self) -> pd.DataFrame:
        """The row columns: what is known of a row besides its cells."""
        ids, senders, periods = zip(*self._submissions, strict=True) if self._submissions else ((), (), ())
        of_submissions = pd.DataFrame(
            {
                "submission_id": pd.Series(ids, dtype="object"),
                "sender_code": pd.Series(senders, dtype="object"),
                "period": pd.Series(periods, dtype="datetime64[s]"),
            }
        )
        rows = of_submissions.loc[of_submissions.index.repeat(self._counts)].reset_index(drop=True)
        return rows.assign(row_number=pd.Series(self._rows, dtype="int64"))
