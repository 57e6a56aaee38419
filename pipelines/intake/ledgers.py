"""The history of a municipality's ledgers: keys that vanish, come back, or are decided by a ledger that came before.

Ledgers stand in the order of their months, whatever the order in which they came. What an ended row is says the contract.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.contract import Contract, Rule
from pipelines.intake.changes import MunicipalityChanges
from pipelines.intake.cross_findings import CrossFinding, Due
from pipelines.intake.lake_columns import LakeColumns, files_of
from pipelines.intake.submissions import Counted

Sequences = Mapping[str, Sequence[Counted]]
"""Per municipality (by its first code) its ledgers of one form, by month."""

_PLACE = ["submission_id", "row_number"]


def by_month(ledgers: Iterable[Counted], changes: MunicipalityChanges) -> Sequences:
    """A municipality that changed its code is one."""
    found: defaultdict[str, list[Counted]] = defaultdict(list)
    for one in ledgers:
        found[changes.first_code(one.sender_code)].append(one)
    return {municipality: sorted(ledgers, key=_month) for municipality, ledgers in found.items()}


def following(sequences: Sequences, due: Iterable[Due], changes: MunicipalityChanges) -> list[Counted]:
    """Ledgers from the first month on of which one is due, and earlier ones that are told of later ones, or were."""
    changed: defaultdict[str, list[Due]] = defaultdict(list)
    for one in due:
        changed[changes.first_code(one.sender_code)].append(one)
    found: list[Counted] = []
    for municipality, ones in changed.items():
        ledgers = sequences.get(municipality, [])
        first = min(map(_month, ones))
        overtaken = {one.submission_id for one in _overtaken(sorted([*ledgers, *ones], key=_month))}
        found += [one for one in ledgers if one.period >= first or one.submission_id in overtaken]
    return found


def contradictions(
    lake: LakeColumns, contract: Contract, rule: Rule, sequences: Sequences, these: Collection[str]
) -> Iterator[CrossFinding]:
    """What there is to say to these ledgers (ids). `sequences` holds those of their municipalities.

    Only the keys that they or the ledgers before them list are looked at, but those through all the years.
    """
    (key,) = contract.key
    longer = [ledgers for ledgers in sequences.values() if len(ledgers) > 1]
    near = (
        ledger
        for ledgers in longer
        for ledger, next_one in zip_longest(ledgers, ledgers[1:])
        if ledger.submission_id in these or (next_one and next_one.submission_id in these)
    )
    keys = lake.numbers(contract, key, files_of(near))
    conditions: Sequence[Mapping[str, Any]] = rule.params["ended"]
    columns = list(dict.fromkeys([*_PLACE, key, *(condition["column"] for condition in conditions)]))
    files = files_of(ledger for ledgers in longer for ledger in ledgers) if len(keys) else {}
    found = [rows.filter(pc.is_in(rows[key], value_set=keys)) for rows in lake.rows(contract, columns, files)]
    if any(map(len, found)):
        frame = _in_order(pa.concat_tables(found), key, longer)
        frame["ended"] = _any(frame, conditions)
        later = frame.groupby(["sender", key])[["ledger", "ended", *_PLACE]].shift(-1)
        said = (
            *_vanished(frame, later["ledger"], key, longer),
            *_reopened(frame, later, key),
            *_listed_later(frame, later["ledger"], key, longer),
        )
        yield from (finding for finding in said if finding.submission_id in these)


def _in_order(table: pa.Table, key: str, sequences: Sequence[Sequence[Counted]]) -> pd.DataFrame:
    """Rows by municipality (`sender`), key and ledger, both counted from 0.

    The same few thousand submissions and numbers stand in every ledger: what is sorted and grouped are their places.
    """
    frame = table.to_pandas(categories=["submission_id", key])
    senders = {one.submission_id: at for at, ledgers in enumerate(sequences) for one in ledgers}
    ledgers = {one.submission_id: at for ledgers in sequences for at, one in enumerate(ledgers)}
    frame["sender"] = frame["submission_id"].map(senders).astype("int64")
    frame["ledger"] = frame["submission_id"].map(ledgers).astype("int64")
    frame[key] = frame[key].cat.codes
    return frame.sort_values(["sender", key, "ledger"], ignore_index=True)


def _month(ledger: Counted | Due) -> date:
    return ledger.period


def _overtaken(ledgers: Sequence[Counted | Due]) -> Iterator[Counted | Due]:
    """Of the ledgers of a municipality by month those that came after one of a later month."""
    earliest = ledgers[-1].arrival
    for ledger in reversed(ledgers):
        if earliest < ledger.arrival:
            yield ledger
        earliest = min(earliest, ledger.arrival)


def _any(frame: pd.DataFrame, conditions: Sequence[Mapping[str, Any]]) -> pd.Series:
    """Whether one of the conditions of the contract holds, per row."""
    ended = pd.Series(data=False, index=frame.index)
    for condition in conditions:
        values = frame[condition["column"]]
        ended |= values.notna() if "present" in condition else values.isin(condition["in"])
    return ended


def _vanished(
    frame: pd.DataFrame, later: pd.Series, key: str, sequences: Sequence[Sequence[Counted]]
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
    frame: pd.DataFrame, later: pd.Series, key: str, sequences: Sequence[Sequence[Counted]]
) -> Iterator[CrossFinding]:
    """A ledger that came after one of a later month: how many of its keys that one or another later one lists."""
    listed = frame.loc[later.notna(), "submission_id"].value_counts()
    for ledgers in sequences:
        for ledger in _overtaken(ledgers):
            if rows := int(listed.get(ledger.submission_id, 0)):
                yield CrossFinding(ledger.submission_id, "listed_later", key, None, rows=rows)
