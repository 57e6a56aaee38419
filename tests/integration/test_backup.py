"""A home out into one file and back: the same figures, the same record, no secret; nothing is ever written over."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import zipfile
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.backup import BackupError, restore_backup, write_backup
from pipelines.builds import current_build_id
from pipelines.intake.manifest import Manifest, ManifestError
from pipelines.intake.process import process_inbox
from pipelines.publish import export_kpis
from pipelines.run import nothing_new
from pipelines.settings import TIME_ZONE, Settings
from tests.integration.test_purge import digests

NOW = datetime(2025, 6, 10, 9, tzinfo=TIME_ZONE)


@pytest.fixture
def backup(small_home: Settings, tmp_path: Path) -> Path:
    write_backup(small_home, tmp_path / "kept.zip", NOW)
    return tmp_path / "kept.zip"


@pytest.fixture
def restored(backup: Path, tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "again")
    restore_backup(settings, backup)
    return settings


def figures(settings: Settings, out: Path) -> bytes:
    export_kpis(settings, build=str(current_build_id(settings)), audience="internal", by=True, out=out)
    return out.read_bytes()


def test_the_secret_and_the_inbox_are_not_in_it(small_home: Settings, backup: Path) -> None:
    secret = small_home.rekey_secret.read_bytes()
    with zipfile.ZipFile(backup) as archive:
        names = archive.namelist()
        assert all(
            secret not in archive.read(name) and secret.hex().encode() not in archive.read(name) for name in names
        )
    assert {name.split("/")[0] for name in names} == {
        *("kasane_backup.json", "manifest.sqlite", "lake", "receipts", "reference", "published")
    }
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_what_comes_back_is_what_was_there(small_home: Settings, restored: Settings, tmp_path: Path) -> None:
    for folder in ("lake", "receipts", "reference", "published"):
        before, after = digests(small_home.root / folder), digests(restored.root / folder)
        assert before == after and before
    with Manifest(small_home.manifest_db) as one, Manifest(restored.manifest_db) as other:
        assert one.known_at(None) == other.known_at(None) and one.builds() == other.builds()
    assert figures(small_home, tmp_path / "a.csv") == figures(restored, tmp_path / "b.csv")


def test_work_goes_on_only_with_the_old_secret(small_home: Settings, restored: Settings, tmp_path: Path) -> None:
    settings = restored.model_copy(update={"inbox": small_home.inbox_dir})
    assert nothing_new(settings), "the same inbox holds nothing that the manifest does not know"
    inbox = Path(shutil.copytree(small_home.inbox_dir, tmp_path / "inbox"))
    late = min(inbox.rglob("*consultation*.csv"))
    late.with_stem(late.stem + "_訂正").write_bytes(late.read_bytes() + b"\r\n")
    settings = restored.model_copy(update={"inbox": inbox})
    with pytest.raises(ManifestError, match="別に保管した鍵"):
        process_inbox(settings, now=NOW)
    assert not settings.rekey_secret.exists(), "a new secret would match no number that is there"
    shutil.copytree(small_home.rekey_secret.parent, settings.rekey_secret.parent)
    summary = process_inbox(settings, now=NOW)
    (period,) = summary.periods["consultation"]
    path = settings.lake_dir / "consultation" / f"{period:%Y-%m}.parquet"
    numbers = pq.read_table(path, columns=["submission_id", "sender_code", "consultation_no"]).to_pylist()
    with Manifest(settings.manifest_db) as manifest:
        submission = max(manifest.submissions(), key=lambda one: one.arrival_order).submission_id
    new = {row["consultation_no"] for row in numbers if row["submission_id"] == submission}
    assert new and new <= {row["consultation_no"] for row in numbers if row["submission_id"] != submission}


def test_nothing_is_written_over(small_home: Settings, backup: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="すでにあります"):
        write_backup(small_home, backup, NOW)
    before = digests(small_home.root)
    with pytest.raises(BackupError, match="空ではありません"):
        restore_backup(small_home, backup)
    assert digests(small_home.root) == before

    mended = Settings(home=tmp_path / "mended")
    table = mended.root / "reference" / "municipalities.csv"
    table.parent.mkdir(parents=True)
    table.write_text("直した表", encoding="utf-8")
    with pytest.raises(BackupError, match=r"reference/municipalities\.csv"):
        restore_backup(mended, backup)
    assert digests(mended.root).keys() == {"reference/municipalities.csv"}


def change(backup: Path, member: str, data: bytes) -> Path:
    """A backup in which one member is another; its own checksums fit."""
    out = backup.with_name(f"{hashlib.sha256(data).hexdigest()[:8]}.zip")
    with zipfile.ZipFile(backup) as archive, zipfile.ZipFile(out, "w") as changed:
        for name in {*archive.namelist(), member}:
            changed.writestr(name, data if name == member else archive.read(name))
    return out


def test_a_damaged_backup_puts_nothing_in_place(backup: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(backup) as archive:
        index = json.loads(archive.read("kasane_backup.json"))
    parquet = next(name for name in index["files"] if name.endswith(".parquet"))
    half = tmp_path / "half.zip"
    half.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    outside = json.dumps(index | {"files": {"../outside.csv": "0"}}).encode()
    newer = json.dumps(index | {"format": 2}).encode()
    for file, says in (
        (half, "控えとして読めません"),
        (change(backup, parquet, b"other"), "壊れています"),
        (change(backup, "kasane_backup.json", b"{"), "控えとして読めません"),
        (change(backup, "kasane_backup.json", outside), "あってはならない名前"),
        (change(backup, "kasane_backup.json", newer), "この版の Kasane では読めません"),
    ):
        settings = Settings(home=tmp_path / "empty")
        with pytest.raises(BackupError, match=says):
            restore_backup(settings, file)
        assert list(settings.root.iterdir()) == []
        assert not (tmp_path / "outside.csv").exists()
