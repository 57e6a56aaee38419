"""Work that is shared between processes gives what one process gives, to the byte, and a lost process is said."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.intake import process
from pipelines.intake.crew import Crew, CrewLost
from pipelines.settings import TIME_ZONE, Settings
from pipelines.simulate.files import write_submissions
from pipelines.simulate.model import WorldSpec
from pipelines.simulate.world import make_world
from tests.factories.clerks import Clerks, consultations

KEY = bytes(range(32))


def take_in(home: Path, inbox: Path, now: datetime) -> dict[str, bytes]:
    """Every file of lake and receipts after a run of the intake over that inbox."""
    settings = Settings(home=home, inbox=inbox)
    settings.rekey_secret.parent.mkdir(parents=True)
    settings.rekey_secret.write_bytes(KEY)
    process.process_inbox(settings, now=now)
    kept = [*settings.lake_dir.rglob("*.parquet"), *settings.receipts_dir.rglob("*.*")]
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in kept if path.is_file()}


def send(inbox: Path, months: int) -> datetime:
    """Put what three municipalities sent there, most of it messy; returns when the last of it had arrived."""
    world = make_world(WorldSpec(seed=5, municipalities=3, months=months, first_month=date(2024, 4, 1)))
    write_submissions(world, inbox, messy=0.7)
    return world.submissions[-1].arrived_at


def test_shared_work_leaves_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = send(tmp_path / "inbox", months=1)
    alone = take_in(tmp_path / "alone", tmp_path / "inbox", now)
    monkeypatch.setattr(process, "WORTH_SHARING", 1)
    monkeypatch.setattr(process, "_FILES_AT_ONCE", 3)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    shared = take_in(tmp_path / "shared", tmp_path / "inbox", now)
    assert len(alone) > 40
    assert shared == alone


def test_files_committed_in_portions_leave_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = send(tmp_path / "inbox", months=2)
    whole = take_in(tmp_path / "whole", tmp_path / "inbox", now)
    monkeypatch.setattr(process, "_FILES_A_COMMIT", 7)
    portions = take_in(tmp_path / "portions", tmp_path / "inbox", now)
    assert portions.keys() == whole.keys()
    for name, data in whole.items():
        if name.endswith(".parquet"):
            assert pq.read_table(BytesIO(portions[name])).equals(pq.read_table(BytesIO(data))), name
        else:
            assert portions[name] == data, name


@pytest.mark.parametrize("portion", [1, 2, 3])
def test_files_that_came_together_are_told_so_across_portions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    inbox, now = tmp_path / "inbox", datetime(2024, 8, 10, 9, tzinfo=TIME_ZONE)
    inbox.mkdir()
    for at in range(4):
        path = inbox / f"川越市_consultation_2024-05_{at}.csv"
        path.write_text(consultations("2024-05", f"U-{at}"), encoding="utf-8")
        os.utime(path, (1_700_000_000 + at, 1_700_000_000 + at))
    (inbox / "熊谷市_consultation_2024-05.csv").write_text(consultations("2024-05", "U-1"), encoding="utf-8")
    (inbox / "川越市_consultation_2024-05_5.csv").write_text("壊れた", encoding="utf-8")
    whole = take_in(tmp_path / "whole", inbox, now)
    assert sum(b'"arrival_order", "message"' in data for data in whole.values()) == 4
    monkeypatch.setattr(process, "_FILES_A_COMMIT", portion)
    portions = take_in(tmp_path / "portions", inbox, now)
    assert {name: data for name, data in portions.items() if "receipts/" in name} == {
        name: data for name, data in whole.items() if "receipts/" in name
    }


def test_files_that_came_together_are_told_so_across_batches_of_rows(settings: Settings) -> None:
    clerks = Clerks(settings.model_copy(update={"gate_batch_rows": 1}))
    names = [f"川越市_consultation_2024-05_{at}.csv" for at in range(2)]
    for at, name in enumerate(names):
        clerks.put(name, consultations("2024-05", f"U-{at}"))
    clerks.run()
    assert [[note["note"] for note in clerks.receipt(name)["notes"]] for name in names] == [["arrival_order"]] * 2


def test_items_are_taken_as_they_are_needed_and_results_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(-40, 0):
            taken.append(item)
            yield item

    with Crew(shares=True) as crew:
        results = crew.map(abs, items(), chunk=2)
        assert next(results) == 40
        assert len(taken) < 20
        assert list(results) == list(range(39, 0, -1))


def test_a_process_that_is_ended_from_outside_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with Crew(shares=True) as crew, pytest.raises(CrewLost, match="もう一度実行してください"):
        list(crew.map(os._exit, [3], chunk=1))
