"""Damaged files before the whole intake: never a traceback, never a row that says what its file does not say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from expectations.contract import Contract
from pipelines.intake.manifest import Manifest
from pipelines.intake.naming import period_label
from pipelines.intake.process import process_inbox
from pipelines.intake.submissions import KnownSubmission
from pipelines.settings import TIME_ZONE, Settings
from tests.factories.building import PERIOD, PREFECTURE, SENDER, Grid, contracts
from tests.factories.mutations import Mutated, mutated_bytes, mutated_cells, mutated_workbook
from tests.factories.retold import says

NOW = datetime(2024, 6, 10, 9, tzinfo=TIME_ZONE)
CORPUS = Path(__file__).parent / "corpus"
# Many files an example, for a run of the intake costs seconds; so a failure names its file instead of being shrunk.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
FILES = st.lists(st.one_of(mutated_bytes(), mutated_cells(), mutated_workbook()), min_size=30, max_size=40)


def taken_in(home: Path, files: dict[str, bytes]) -> tuple[Settings, dict[str, list[KnownSubmission]]]:
    """The home after a run over the files, and the submissions by file."""
    kept = Settings(home=home)
    for name, data in files.items():
        path = kept.inbox_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    process_inbox(kept, now=NOW)
    found: dict[str, list[KnownSubmission]] = {name: [] for name in files}
    with Manifest(kept.manifest_db) as manifest:
        for one in manifest.known_at(None):
            found[one.file_name].append(one)
    return kept, found


def rows_in_lake(kept: Settings, contract: Contract) -> dict[str, list[dict[str, Any]]]:
    """The rows of a form by submission."""
    rows: dict[str, list[dict[str, Any]]] = {}
    if any((kept.lake_dir / contract.form).glob("*.parquet")):
        result = duckdb.execute(f"select * from '{kept.lake_dir}/{contract.form}/*.parquet'")
        names = [column[0] for column in result.description or []]
        for values in result.fetchall():
            row = dict(zip(names, values, strict=True))
            rows.setdefault(row["submission_id"], []).append(row)
    return rows


def lies(contract: Contract, cells: Grid | None, rows: Iterable[dict[str, Any]], secret: bytes) -> list[str]:
    """Columns of accepted rows that say what their file does not say."""
    if cells is None:
        return ["rows of a file that cannot be decoded"] if list(rows) else []
    labels = {column.label_ja: column for column in contract.columns}
    header = max(cells, key=lambda row: len(labels.keys() & {"".join(cell.split()) for cell in row}), default=[])
    places = {
        labels[title].id: at
        for at, cell in reversed(list(enumerate(header)))
        if (title := "".join(cell.split())) in labels
    }
    found: list[str] = []
    for row in rows:
        line = cells[row["row_number"] - 1]
        for column in contract.columns:
            at = places.get(column.id)
            text = line[at] if at is not None and at < len(line) else ""
            if not says(column, row[column.id], text, row["sender_code"], secret):
                found.append(f"{column.id} in row {row['row_number']}")
    return found


def nothing_is_made_up(home: Path, mutated: list[Mutated]) -> None:
    files = {f"{at}/{one.file_name}": one for at, one in enumerate(mutated)}
    kept, found = taken_in(home, {name: one.data for name, one in files.items()})
    assert [name for name, sent in found.items() if not sent] == []
    secret = kept.rekey_secret.read_bytes()
    lake = {form: rows_in_lake(kept, contract) for form, contract in contracts().items()}
    made_up = []
    for name, one in files.items():
        for sent in found[name]:
            assert sent.rows_total == sent.rows_accepted + sent.rows_rejected
            if sent.is_accepted and (
                what := lies(one.contract, one.cells, lake[sent.form or ""].get(sent.submission_id, []), secret)
            ):
                made_up.append((one.contract.form, one.file_name, one.how, what))
    assert made_up == []


@settings(max_examples=3, phases=PHASES)
@given(FILES)
def test_damaged_files_never_say_what_they_do_not_say(
    tmp_path_factory: pytest.TempPathFactory, files: list[Mutated]
) -> None:
    nothing_is_made_up(tmp_path_factory.mktemp("fuzz"), files)


@pytest.mark.soak
@settings(max_examples=60, phases=PHASES)
@given(FILES)
def test_very_many_damaged_files(tmp_path_factory: pytest.TempPathFactory, files: list[Mutated]) -> None:
    nothing_is_made_up(tmp_path_factory.mktemp("fuzz"), files)


def test_what_was_once_found_wanting_is_still_told(tmp_path: Path) -> None:
    """The corpus: `{status}__{code}__{what}.{form}.{ending}`, each once found wanting and then mended."""
    cases = sorted(path for path in CORPUS.iterdir() if path.suffix in (".csv", ".xlsx"))
    assert cases
    names = {}
    for case in cases:
        contract = contracts()[case.suffixes[-2].removeprefix(".")]
        sender = PREFECTURE if contract.sender == "prefecture" else SENDER
        period = period_label(PERIOD, contract.cadence)
        names[f"{case.stem}/{sender}_{contract.form}_{period}{case.suffix}"] = case
    _, found = taken_in(tmp_path, {name: case.read_bytes() for name, case in names.items()})
    for name, case in names.items():
        status, code, _ = case.name.split("__", 2)
        assert {(one.status, code in one.error_codes) for one in found[name]} == {(status, code != "none")}, case.name
