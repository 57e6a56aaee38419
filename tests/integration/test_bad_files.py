"""Every file of the zoo before the real intake, all in one run: none is taken in silently, each is told what is wrong."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.intake.inbox import list_files
from pipelines.intake.manifest import Manifest
from pipelines.intake.process import IntakeSummary, process_inbox
from pipelines.intake.submissions import KnownSubmission
from pipelines.settings import TIME_ZONE, Settings
from tests.factories.bad_files import bad_files
from tests.factories.building import BadFile, as_csv, changed, contracts, good_rows, grid, name_of

NOBODY = 65_534
NOW = datetime(2024, 6, 10, 9, tzinfo=TIME_ZONE)


def put(settings: Settings, name: str, data: bytes) -> Path:
    path = settings.inbox_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def submissions(settings: Settings) -> dict[str, list[KnownSubmission]]:
    with Manifest(settings.manifest_db) as manifest:
        found: dict[str, list[KnownSubmission]] = {}
        for one in manifest.known_at(None):
            found.setdefault(one.file_name, []).append(one)
        return found


def receipt(settings: Settings, submission: KnownSubmission) -> dict[str, Any]:
    return json.loads((settings.receipts_dir / submission.receipt).read_text(encoding="utf-8"))


def complaint(bad: BadFile, sent: list[KnownSubmission], told: list[dict[str, Any]]) -> str | None:
    """What is not as the zoo expects, in ids and places only."""
    if {one.status for one in sent} != {bad.status}:
        return f"status {[one.status for one in sent]}, codes {[one.error_codes for one in sent]}"
    if any(one.rows_total != one.rows_accepted + one.rows_rejected for one in sent):
        return "rows do not balance"
    if bad.row is None:
        return (
            None if all(bad.code in one.error_codes for one in sent) else f"codes {[one.error_codes for one in sent]}"
        )
    listed = [
        (line["row"], line["column"], line["rule"]) for one in told for line in (*one["errors"], *one["warnings"])
    ]
    return None if (bad.row, bad.column, bad.code) in listed else f"listed {sorted(listed, key=str)}"


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[str, BadFile]]:
    """A home that has taken in every bad file, and the files by their names in the inbox."""
    settings = Settings(home=tmp_path_factory.mktemp("zoo"))
    files = {f"{at:04d}/{bad.file_name}": bad for at, bad in enumerate(bad_files())}
    for name, bad in files.items():
        put(settings, name, bad.data)
    process_inbox(settings, now=NOW)
    return settings, files


def test_every_bad_file_has_the_outcome_it_must_have(zoo: tuple[Settings, dict[str, BadFile]]) -> None:
    settings, files = zoo
    found = submissions(settings)
    assert found.keys() == files.keys()
    wrong = [
        f"{bad.form}: {bad.fault} ({bad.code}): {what}"
        for name, bad in files.items()
        if (what := complaint(bad, found[name], [receipt(settings, one) for one in found[name]]))
    ]
    assert not wrong, "\n".join(wrong)
    silently = [
        name for name, sent in found.items() if any(one.status == "accepted" and not one.warnings for one in sent)
    ]
    assert silently == []


def test_bad_rows_never_reach_the_lake(zoo: tuple[Settings, dict[str, BadFile]]) -> None:
    settings, files = zoo
    bad_rows = {
        (one.submission_id, files[name].row)
        for name, sent in submissions(settings).items()
        for one in sent
        if files[name].status == "accepted_with_errors"
    }
    rows = duckdb.execute(
        f"select submission_id, row_number from read_parquet('{settings.lake_dir}/*/*.parquet', union_by_name=true)"
    ).fetchall()
    assert bad_rows and len(rows) > len(bad_rows)
    assert bad_rows.isdisjoint(rows)


def test_the_zoo_is_large_and_every_fault_has_a_name_of_its_own() -> None:
    times = Counter((bad.form, bad.fault) for bad in bad_files())
    assert [fault for fault, count in times.items() if count > 1] == []
    assert {bad.form for bad in bad_files()} == contracts().keys()
    assert len({(bad.file_name, bad.data) for bad in bad_files()}) >= 200
    assert Counter(bad.status for bad in bad_files()).keys() == {
        *("accepted", "accepted_with_errors", "returned", "refused_personal_data")
    }


def test_the_rows_the_zoo_is_made_from_are_good(settings: Settings) -> None:
    for contract in contracts().values():
        put(settings, name_of(contract), as_csv(grid(contract, good_rows(contract))))
    process_inbox(settings, now=NOW)
    found = [one for sent in submissions(settings).values() for one in sent]
    assert {(one.status, one.warnings, one.rows_rejected) for one in found} == {("accepted", 0, 0)}
    assert {one.form for one in found} == contracts().keys()


def good_file(settings: Settings, name: str = "112011_consultation_2024-05.csv") -> Path:
    return put(settings, name, as_csv(changed(contracts()["consultation"])))


def run(settings: Settings, caplog: pytest.LogCaptureFixture) -> IntakeSummary:
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        return process_inbox(settings, now=NOW)


def test_what_is_no_plain_file_is_logged_and_disturbs_nothing(
    settings: Settings, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_bytes(as_csv(changed(contracts()["case"])))
    good_file(settings)
    inbox = settings.inbox_dir
    os.mkfifo(inbox / "112011_case_2024-05.csv")
    (inbox / "112020_case_2024-05.csv").symlink_to(outside)
    (inbox / "112038_case_2024-05.csv").symlink_to(inbox / "nowhere.csv")
    (inbox / "112054_case_2024-05.csv").mkdir()
    (inbox / "112062_case_2024-05.csv").symlink_to(tmp_path, target_is_directory=True)
    assert run(settings, caplog).by_status == {"accepted": 1}
    for code in ("112011", "112020", "112038", "112062"):
        assert f"{code}_case_2024-05.csv" in caplog.text
    assert outside.exists()


def test_a_file_that_grows_while_it_is_looked_at_waits_for_the_next_run(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody copies it over a slow line: at each look it is a whole file as far as anyone can tell."""
    settings = settings.model_copy(update={"settle_seconds": 1.0})
    whole, done = as_csv(changed(contracts()["consultation"])), threading.Event()
    path = put(settings, "112011_consultation_2024-05.csv", whole[:300])

    def copy_slowly() -> None:
        while not done.wait(0.05):
            with path.open("ab") as stream:
                stream.write(b"R6-0009,")
        path.write_bytes(whole)

    writer = threading.Thread(target=copy_slowly)
    writer.start()
    assert run(settings, caplog).by_status == {}
    assert path.name in caplog.text
    done.set()
    writer.join()
    assert run(settings, caplog).by_status == {"accepted": 1}


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Stand in the folder as its owner, who is not root: to root every file is open."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    before = Path.cwd()
    os.chdir(folder)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.chdir(before)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become somebody else")
def test_a_folder_nobody_may_read_is_logged_and_disturbs_nothing(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    good_file(settings)
    good_file(settings, "closed/112020_consultation_2024-05.csv").parent.chmod(0)
    with as_nobody(settings.inbox_dir), caplog.at_level(logging.WARNING):
        assert [file.path for file in list_files(Path())] == ["112011_consultation_2024-05.csv"]
    assert "Permission denied" in caplog.text and "closed" in caplog.text


def test_a_file_still_being_written_waits_for_the_next_run(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    first, growing = good_file(settings), good_file(settings, "112020_consultation_2024-05.csv")
    os.utime(first, (1_700_000_000, 1_700_000_000))

    def grow(name: str, done: int, total: int) -> None:
        if done == 1:
            with growing.open("ab") as stream:
                stream.write(b"R6-0009,")

    with caplog.at_level(logging.WARNING):
        assert process_inbox(settings, now=NOW, on_progress=grow).by_status == {"accepted": 1}
    assert growing.name in caplog.text
    growing.write_bytes(first.read_bytes())
    assert run(settings, caplog).by_status == {"accepted": 1}


def test_a_file_that_vanishes_or_cannot_be_read_is_logged(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    first, vanishing = good_file(settings), good_file(settings, "112020_consultation_2024-05.csv")
    os.utime(first, (1_700_000_000, 1_700_000_000))

    def take_away(name: str, done: int, total: int) -> None:
        vanishing.unlink(missing_ok=True)

    with caplog.at_level(logging.WARNING):
        assert process_inbox(settings, now=NOW, on_progress=take_away).by_status == {"accepted": 1}
    assert vanishing.name in caplog.text
