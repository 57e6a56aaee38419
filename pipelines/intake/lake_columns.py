"""Columns of the lake, read one file after the other: of which submissions, and which numbers stand in them.

Nothing here holds more than one file of the lake and what it is asked about. What the numbers mean is `references.py`'s and
`ledgers.py`'s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expectations.contract import Contract
from pipelines.intake import lake
from pipelines.intake.cross_findings import Due
from pipelines.intake.manifest import Manifest
from pipelines.intake.submissions import Counted

Files = Mapping[date, pa.Array]
"""Ids of submissions of one form by their period, which is the file of the lake that holds their rows."""


class LakeColumns:
    """Of one home, as long as nothing is committed to it."""

    def __init__(self, lake_dir: Path, manifest: Manifest) -> None:
        self._lake_dir = lake_dir
        self._manifest = manifest
        self._counting: dict[str, Files] = {}

    def counting(self, form: str) -> Files:
        """All that counts of a form: a few dozen bytes a submission, asked for once."""
        if form not in self._counting:
            periods = ((period, self._manifest.counting_in(form, period)) for period in self._manifest.periods(form))
            self._counting[form] = {period: ids_of(these) for period, these in periods if these}
        return self._counting[form]

    def rows(self, contract: Contract, columns: list[str], files: Files) -> Iterator[pa.Table]:
        """Those columns of the rows of these submissions, one file of the lake after the other, the newest first."""
        for period in sorted(files, reverse=True):
            path = lake.path_of(self._lake_dir, contract, period)
            if path.exists():
                wanted = list(dict.fromkeys(["submission_id", *columns]))
                with pq.ParquetFile(path, read_dictionary=["submission_id"]) as file:
                    rows = file.read(columns=wanted).combine_chunks()
                yield _of(rows, files[period]).select(columns)

    def numbers(self, contract: Contract, column: str, files: Files) -> pa.Array:
        """Every number these submissions have in a column, once."""
        return distinct(rows[column] for rows in self.rows(contract, [column], files))

    def nowhere(self, contract: Contract, column: str, numbers: pa.Array, files: Files) -> pa.Array:
        """Those of the numbers that none of these submissions has there. Most are found in the newest files."""
        rows = self.rows(contract, [column], files)
        while len(numbers) and (held := next(rows, None)) is not None:
            found = pc.unique(held[column].filter(pc.is_in(held[column], value_set=numbers)))
            numbers = numbers.filter(pc.invert(pc.is_in(numbers, value_set=found)))
        return numbers


def files_of(these: Iterable[Counted | Due]) -> Files:
    """The submissions by the file their rows are in."""
    found: defaultdict[date, list[Counted | Due]] = defaultdict(list)
    for one in these:
        found[one.period].append(one)
    return {period: ids_of(ones) for period, ones in found.items()}


def ids_of(these: Iterable[Counted | Due]) -> pa.Array:
    """Their ids."""
    return pa.array((one.submission_id for one in these), pa.string())


def without(files: Files, these: Files) -> Files:
    """The same without these."""
    left = {
        period: ids.filter(pc.invert(pc.is_in(ids, value_set=these[period]))) if period in these else ids
        for period, ids in files.items()
    }
    return {period: ids for period, ids in left.items() if len(ids)}


def newest(files: Files) -> Files:
    """The newest of them alone."""
    return dict(sorted(files.items())[-1:])


def distinct(columns: Iterable[pa.ChunkedArray]) -> pa.Array:
    """Every text in them once, blanks left out."""
    return pc.unique(pa.chunked_array((part for column in columns for part in column.chunks), pa.string())).drop_null()


def _of(rows: pa.Table, ids: pa.Array) -> pa.Table:
    """The rows of these submissions: asked of each submission once, not of each row."""
    places = rows["submission_id"].combine_chunks()
    wanted = pc.is_in(places.dictionary, value_set=ids)
    return rows if pc.all(wanted).as_py() else rows.filter(wanted.take(places.indices))
