"""A world → the files people send of it → the real intake → the lake: every row of all 16 forms comes back as it was."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from python_calamine import load_workbook

from expectations.contract import Column, Contract, load_contracts
from pipelines.intake import manifest as kept
from pipelines.intake.process import process_inbox
from pipelines.intake.rekey import load_or_create_secret, rekey
from pipelines.settings import Settings
from pipelines.simulate.files import write_submissions
from pipelines.simulate.model import Submission, World, WorldSpec
from pipelines.simulate.rows import Row, Value
from pipelines.simulate.world import make_world

CONTRACTS = load_contracts()
# Over the turn of a fiscal year, so that payments, refunds and both years' statements are in it.
FIRST_MONTH, MONTHS, MUNICIPALITIES = date(2023, 12, 1), 8, 6

Sent = list[tuple[Submission, kept.Submission]]


def take_in(settings: Settings, world: World, *, bundle: bool) -> Sent:
    """Write the world's files, take them in, and find for each submission of the world what became of it."""
    write_submissions(world, settings.inbox_dir, messy=0.7, bundle=bundle)
    process_inbox(settings, now=world.submissions[-1].arrived_at)
    with kept.Manifest(settings.manifest_db) as manifest:
        taken: dict[tuple[str | None, str | None, date | None], list[kept.Submission]] = defaultdict(list)
        for submission in manifest.submissions():
            taken[submission.three].append(submission)
    made: dict[tuple[str, str, date], list[Submission]] = defaultdict(list)
    for submission in world.submissions:
        made[submission.sender_code, submission.form, submission.period].append(submission)
    assert taken.keys() == made.keys()
    return [pair for three in made for pair in zip(made[three], taken[three], strict=True)]


def round_trip(settings: Settings, world: World, *, bundle: bool) -> None:
    """Everything that must hold of a world that was taken in."""
    sent = take_in(settings, world, bundle=bundle)
    assert {submission.form for submission, _ in sent} == set(CONTRACTS)
    lake = _lake(settings)
    secret = load_or_create_secret(settings.rekey_secret)
    assert any(submission.is_returned for submission, _ in sent)
    for submission, known in sent:
        if submission.is_returned:
            assert (known.status, lake[known.submission_id]) == ("returned", []), submission.key
            continue
        good = submission.good_rows
        assert (known.status, known.rows_total, known.rows_accepted, known.rows_rejected) == (
            "accepted_with_errors" if submission.faults else "accepted",
            len(submission.rows),
            len(good),
            len(submission.faults),
        ), submission.key
        contract, in_lake = CONTRACTS[submission.form], lake[known.submission_id]
        assert [{column.id: row[column.id] for column in contract.columns} for row in in_lake] == [
            _as_kept(row, contract, submission.sender_code, secret) for row in good
        ], submission.key
        assert {(row["sender_code"], row["period"]) for row in in_lake} <= {(submission.sender_code, submission.period)}
        _rejected_rows_are_named(settings, submission, known, [row["row_number"] for row in in_lake])


def _lake(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """Submission id → its rows in the order of the file."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in settings.lake_dir.glob("*/*.parquet"):
        for row in pq.read_table(path).to_pylist():
            rows[row["submission_id"]].append(row)
    for found in rows.values():
        found.sort(key=lambda row: row["row_number"])
    return rows


def _as_kept(row: Row, contract: Contract, sender: str, secret: bytes) -> dict[str, object]:
    return {column.id: _value(getattr(row, column.id), column, sender, secret) for column in contract.columns}


def _value(value: Value, column: Column, sender: str, secret: bytes) -> object:
    if column.id_kind and value is not None:
        return rekey(secret, sender, column.id_kind, str(value))
    return (list(value) or None) if isinstance(value, tuple) else value


def _rejected_rows_are_named(
    settings: Settings, submission: Submission, known: kept.Submission, accepted: list[int]
) -> None:
    """The receipt lists exactly the spoilt rows, by the number that a person sees beside them in the file."""
    receipt = json.loads((settings.receipts_dir / known.receipt).read_text(encoding="utf-8"))
    rejected = {error["row"] for error in receipt["errors"]}
    numbers = sorted({*accepted, *rejected})
    assert len(numbers) == len(submission.rows), submission.key
    assert rejected == {numbers[index] for index in submission.faults}, submission.key
    if submission.faults:
        contract = CONTRACTS[submission.form]
        table = _as_seen(settings.inbox_dir / known.file_name, contract)
        positions = {column.id: position for position, column in enumerate(contract.columns)}
        for index, fault in submission.faults.items():
            assert table[numbers[index] - 1][positions[fault.column]] == fault.text, submission.key


def _as_seen(path: Path, contract: Contract) -> list[list[Any]]:
    """The table of a form as a person sees it who opens the file."""
    if path.suffix == ".xlsx":
        book = load_workbook(path)
        name = next((name for name in (contract.form, contract.label_ja) if name in book.sheet_names), None)
        assert name is not None
        return book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp932")
    delimiter = "\t" if "\t" in text else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _world(seed: int) -> World:
    return make_world(WorldSpec(seed, MUNICIPALITIES, MONTHS, FIRST_MONTH))


@pytest.mark.parametrize(("seed", "bundle"), [(7, False), (11, True)], ids=["files", "bundles"])
def test_the_lake_equals_the_world(settings: Settings, seed: int, bundle: bool) -> None:
    world = _world(seed)
    assert any(submission.faults for submission in world.submissions)
    round_trip(settings, world, bundle=bundle)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(200, 220))
def test_many_lakes_equal_their_worlds(settings: Settings, seed: int) -> None:
    round_trip(settings, _world(seed), bundle=seed % 4 == 0)
