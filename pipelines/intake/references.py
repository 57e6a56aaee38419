"""What files say of each other: references that lead nowhere, and keys of a ledger that vanish or come back.

Judged over every submission that counts, from the lake's identifier columns; nothing is kept between two judgements, so what
another file mends is simply not found any more. Rules inside one file belong to the gate, telling the sender to `rejudging.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expectations.contract import Contract, Rule
from pipelines.intake.changes import MunicipalityChanges
from pipelines.intake.judgements import CrossFinding
from pipelines.intake.manifest import KnownSubmission

_PLACE = ["submission_id", "row_number"]


class CrossJudge:
    """Judges the submissions that count of one home."""

    def __init__(
        self,
        lake_dir: Path,
        contracts: Mapping[str, Contract],
        changes: MunicipalityChanges,
        known: Sequence[KnownSubmission],
        purged: frozenset[str],
    ) -> None:
        """`purged`: ids of submissions whose rows are gone."""
        self._lake_dir = lake_dir
        self._contracts = contracts
        self._changes = changes
        self._counting = [submission for submission in known if submission.counts]
        # Where rows of a form were purged, nobody can tell any more whether a number was among them.
        self._purged = {(one.sender_code, one.form) for one in known if one.submission_id in purged}
        self._ids = pa.array([submission.submission_id for submission in self._counting], pa.string())

    def findings(self) -> list[CrossFinding]:
        """Everything there is to say, in the order in which the manifest gives it back."""
        found = [
            finding
            for contract in self._contracts.values()
            for rule in contract.rules
            for finding in self._judge(contract, rule)
        ]
        return sorted(found, key=lambda f: (f.submission_id, f.rule, f.column, f.row or 0, f.other_row or 0))

    def _judge(self, contract: Contract, rule: Rule) -> Iterator[CrossFinding]:
        if rule.name == "reference_exists":
            yield from self._unresolved(contract, rule)
        elif rule.name == "key_continues":
            yield from self._histories(contract, rule)

    def _unresolved(self, contract: Contract, rule: Rule) -> Iterator[CrossFinding]:
        """A keyed hash tells sender and kind of number apart, so that one set of numbers answers for all senders."""
        column, target = contract.column(rule.params["column"]), self._contracts[rule.params["form"]]
        referred = next(key for key in target.key if target.column(key).id_kind == column.id_kind)
        there = pc.unique(self._rows(target, [referred])[referred])
        rows = self._rows(contract, [*_PLACE, column.id])
        astray = rows.filter(pc.and_(rows[column.id].is_valid(), pc.invert(pc.is_in(rows[column.id], value_set=there))))
        senders = {one.submission_id: one.sender_code for one in self._counting}
        for submission_id, row in zip(*(astray[name].to_pylist() for name in _PLACE), strict=True):
            if (senders[submission_id], target.form) not in self._purged:
                yield CrossFinding(submission_id, "reference_exists", column.id, row)

    def _histories(self, contract: Contract, rule: Rule) -> Iterator[CrossFinding]:
        """The ledgers of one municipality in the order of their months, whatever the order in which they came."""
        (key,) = contract.key
        sequences = self._sequences(contract.form)
        if all(len(ledgers) < 2 for ledgers in sequences):
            return
        conditions: Sequence[Mapping[str, Any]] = rule.params["ended"]
        columns = dict.fromkeys([*_PLACE, key, *(condition["column"] for condition in conditions)])
        frame = self._rows(contract, list(columns)).to_pandas()
        if frame.empty:
            return
        place = {
            one.submission_id: (at, ledger)
            for at, ledgers in enumerate(sequences)
            for ledger, one in enumerate(ledgers)
        }
        frame["sender"] = frame["submission_id"].map({name: at for name, (at, _) in place.items()})
        frame["ledger"] = frame["submission_id"].map({name: ledger for name, (_, ledger) in place.items()})
        frame["ended"] = _any(frame, conditions)
        frame = frame.sort_values(["sender", key, "ledger"], ignore_index=True)
        later = frame.groupby(["sender", key])[["ledger", "ended", *_PLACE]].shift(-1)
        yield from _vanished(frame, later["ledger"], key, sequences)
        yield from _reopened(frame, later, key)
        yield from _listed_later(frame, later["ledger"], key, sequences)

    def _sequences(self, form: str) -> list[list[KnownSubmission]]:
        """Per municipality its ledgers by month; a municipality that changed its code is one."""
        by_sender: dict[str, list[KnownSubmission]] = {}
        for submission in self._counting:
            if submission.form == form and submission.sender_code:
                by_sender.setdefault(self._changes.first_code(submission.sender_code), []).append(submission)
        return [sorted(ledgers, key=lambda one: str(one.period)) for ledgers in by_sender.values()]

    def _rows(self, contract: Contract, columns: list[str]) -> pa.Table:
        """Those columns of the rows that count."""
        wanted = list(dict.fromkeys(["submission_id", *columns]))
        tables = [pa.table({name: pa.array([], pa.string()) for name in wanted})]
        for path in sorted((self._lake_dir / contract.form).glob("*.parquet")):
            rows = pq.read_table(path, columns=wanted)
            tables.append(rows.filter(pc.is_in(rows["submission_id"], value_set=self._ids)).select(columns))
        return pa.concat_tables(tables[1:] or [tables[0].select(columns)])


def _any(frame: pd.DataFrame, conditions: Sequence[Mapping[str, Any]]) -> pd.Series:
    """Whether one of the conditions of the contract holds, per row."""
    ended = pd.Series(data=False, index=frame.index)
    for condition in conditions:
        values = frame[condition["column"]]
        ended |= values.notna() if "present" in condition else values.isin(condition["in"])
    return ended


def _vanished(
    frame: pd.DataFrame, later: pd.Series, key: str, sequences: Sequence[Sequence[KnownSubmission]]
) -> Iterator[CrossFinding]:
    """Open in one ledger, absent from the next: told where it is absent."""
    lengths = frame["sender"].map(dict(enumerate(map(len, sequences))))
    gone = frame[~frame["ended"] & (frame["ledger"] + 1 < lengths) & (later != frame["ledger"] + 1)]
    for sender, ledger, submission_id, row in gone[["sender", "ledger", *_PLACE]].itertuples(index=False, name=None):
        absent_from = sequences[sender][ledger + 1].submission_id
        yield CrossFinding(absent_from, "vanished_key", key, None, submission_id, int(row))


def _reopened(frame: pd.DataFrame, later: pd.DataFrame, key: str) -> Iterator[CrossFinding]:
    """Ended in one ledger, open in the next one that lists it: told where it is open."""
    again = frame["ended"] & later["ended"].eq(other=False)
    places = zip(
        *(frame.loc[again, name] for name in _PLACE), *(later.loc[again, name] for name in _PLACE), strict=True
    )
    for earlier_id, earlier_row, submission_id, row in places:
        yield CrossFinding(submission_id, "reopened_key", key, int(row), earlier_id, int(earlier_row))


def _listed_later(
    frame: pd.DataFrame, later: pd.Series, key: str, sequences: Sequence[Sequence[KnownSubmission]]
) -> Iterator[CrossFinding]:
    """A ledger that came after one of a later month: how many of its keys that one or another later one lists."""
    listed = frame.loc[later.notna(), "submission_id"].value_counts()
    for ledgers in sequences:
        for at, ledger in enumerate(ledgers[:-1]):
            came_late = any(other.arrival < ledger.arrival for other in ledgers[at + 1 :])
            if came_late and ledger.submission_id in listed.index:
                yield CrossFinding(
                    ledger.submission_id, "listed_later", key, None, rows=int(listed[ledger.submission_id])
                )
