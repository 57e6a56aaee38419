"""What files say of each other: references that lead nowhere, and keys of a ledger that vanish or come back.

Judged over every submission that counts, from the lake's identifier columns; nothing is kept between two judgements, so what
another file mends is simply not found any more. Rules inside one file belong to the gate, telling the sender to `rejudging.py`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expectations.contract import Contract, Rule
from pipelines.intake import lake
from pipelines.intake.changes import MunicipalityChanges
from pipelines.intake.judgements import CrossFinding
from pipelines.intake.manifest import KnownSubmission
from pipelines.intake.naming import period_label

_PLACE = ["submission_id", "row_number"]


@dataclass(frozen=True)
class Findings:
    """What there is to say to one submission. `astray`: rows whose number leads nowhere, ascending, by column.

    Every ledger refers to all its cases' beginnings, so those rows are most of it; they are told one by one only when asked.
    """

    astray: list[tuple[str, np.ndarray]] = field(default_factory=list)
    others: list[CrossFinding] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The same for the same findings, and for no others."""
        said = [(column, rows.tolist()) for column, rows in self.astray], sorted(self.others, key=_order)
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def listed(self, submission_id: str) -> list[CrossFinding]:
        """One by one, in the order in which the manifest gives them back."""
        references = [
            CrossFinding(submission_id, "reference_exists", column, int(row))
            for column, rows in self.astray
            for row in rows
        ]
        return sorted([*references, *self.others], key=_order)


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
        self._ids: defaultdict[tuple[str, str], list[str]] = defaultdict(list)  # of a form and a file of the lake
        for one in self._counting:
            if one.form and one.period:
                self._ids[one.form, period_label(one.period, contracts[one.form].cadence)].append(one.submission_id)

    def findings(self) -> dict[str, Findings]:
        """Everything there is to say, by submission."""
        found: defaultdict[str, Findings] = defaultdict(Findings)
        for contract in self._contracts.values():
            for rule in contract.rules:
                if rule.name == "reference_exists":
                    for submission_id, column, rows in self._unresolved(contract, rule):
                        found[submission_id].astray.append((column, rows))
                elif rule.name == "key_continues":
                    for finding in self._histories(contract, rule):
                        found[finding.submission_id].others.append(finding)
        return dict(found)

    def _unresolved(self, contract: Contract, rule: Rule) -> Iterator[tuple[str, str, np.ndarray]]:
        """A keyed hash tells sender and kind of number apart, so that one set of numbers answers for all senders.

        One file after the other, since neither side has to fit into memory: only the numbers that are referred to are kept.
        """
        column, target = contract.column(rule.params["column"]), self._contracts[rule.params["form"]]
        referred = next(key for key in target.key if target.column(key).id_kind == column.id_kind)
        wanted = _distinct(rows[column.id] for rows in self._files(contract, [column.id]))
        there = _distinct(
            rows[referred].filter(pc.is_in(rows[referred], value_set=wanted))
            for rows in self._files(target, [referred])
        )
        missing = wanted.filter(pc.invert(pc.is_in(wanted, value_set=there)))
        senders = {one.submission_id: one.sender_code for one in self._counting}
        for rows in self._files(contract, [*_PLACE, column.id]) if len(missing) else ():
            astray = rows.filter(pc.is_in(rows[column.id], value_set=missing))
            told = astray.group_by("submission_id").aggregate([("row_number", "list")])
            for submission_id, numbers in zip(told["submission_id"].to_pylist(), told["row_number_list"], strict=True):
                if (senders[submission_id], target.form) not in self._purged:
                    yield submission_id, column.id, np.sort(numbers.values.to_numpy())

    def _histories(self, contract: Contract, rule: Rule) -> Iterator[CrossFinding]:
        """The ledgers of one municipality in the order of their months, whatever the order in which they came."""
        (key,) = contract.key
        sequences = self._sequences(contract.form)
        if all(len(ledgers) < 2 for ledgers in sequences):
            return
        conditions: Sequence[Mapping[str, Any]] = rule.params["ended"]
        columns = dict.fromkeys([*_PLACE, key, *(condition["column"] for condition in conditions)])
        # The same few thousand submissions and numbers stand in every ledger: what is sorted and grouped are their places.
        frame = self._rows(contract, list(columns)).to_pandas(categories=["submission_id", key])
        if frame.empty:
            return
        place = {
            one.submission_id: (at, ledger)
            for at, ledgers in enumerate(sequences)
            for ledger, one in enumerate(ledgers)
        }
        frame["sender"] = frame["submission_id"].map({name: at for name, (at, _) in place.items()}).astype("int64")
        frame["ledger"] = (
            frame["submission_id"].map({name: ledger for name, (_, ledger) in place.items()}).astype("int64")
        )
        frame[key] = frame[key].cat.codes
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
        empty = lake.schema(contract).empty_table().select(columns)
        return pa.concat_tables([empty, *self._files(contract, columns)])

    def _files(self, contract: Contract, columns: list[str]) -> Iterator[pa.Table]:
        """The same, one file of the lake after the other."""
        for path in sorted((self._lake_dir / contract.form).glob("*.parquet")):
            if ids := self._ids.get((contract.form, path.stem)):
                rows = pq.read_table(path, columns=list(dict.fromkeys(["submission_id", *columns])))
                counts = pc.is_in(rows["submission_id"], value_set=pa.array(ids, pa.string()))
                yield rows.filter(counts).select(columns)


def _distinct(columns: Iterable[pa.ChunkedArray]) -> pa.Array:
    """Every text in them once, blanks left out."""
    found = [pc.unique(column).drop_null() for column in columns]
    return pc.unique(pa.concat_arrays([pa.array([], pa.string()), *found]))


def _order(finding: CrossFinding) -> tuple[str, str, int, int]:
    return finding.rule, finding.column, finding.row or 0, finding.other_row or 0


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
    lengths = np.array([len(ledgers) for ledgers in sequences])[frame["sender"]]
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
        earliest = ledgers[-1].arrival
        for ledger in reversed(ledgers[:-1]):
            if earliest < ledger.arrival and (rows := int(listed.get(ledger.submission_id, 0))):
                yield CrossFinding(ledger.submission_id, "listed_later", key, None, rows=rows)
            earliest = min(earliest, ledger.arrival)
