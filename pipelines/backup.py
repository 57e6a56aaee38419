"""The state of a home as one file, and that file as a home again.

In it: the manifest, the lake, the receipts, the home's reference tables, the published builds, reports. Not in it: the
inbox, which stays with whoever keeps the originals; what a run makes anew; and the secret that keys numbers, so that a
backup that gets lost matches nobody's numbers. Whether a home is sound is `doctor.py`'s to say.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from pipelines.durable import flush, write_beside
from pipelines.intake.manifest import Manifest
from pipelines.os_reasons import os_reason
from pipelines.settings import Settings

_INDEX = "kasane_backup.json"
_FORMAT = 1
_MANIFEST = "manifest.sqlite"
_FOLDERS = ("lake", "receipts", "reference", "published", "reports", "outbox")
_UNFINISHED = (".partial", ".building")


class BackupError(ValueError):
    """A backup that cannot be made or taken back; the message is in Japanese, for the person at the keyboard."""


@dataclass(frozen=True)
class BackupFacts:
    """What a backup says of itself. `files`: content hash by path in the home."""

    created_at: datetime
    origin: str
    rekey_fingerprint: str | None
    files: dict[str, str]


def write_backup(settings: Settings, out: Path, now: datetime) -> BackupFacts:
    """Write the state to one new file; the caller holds the home. Raises BackupError."""
    if out.exists():
        raise BackupError(f"{out} はすでにあります。別の名前を指定してください。")
    if not settings.manifest_db.exists():
        raise BackupError("まだ何も受け付けていないので、控えるものがありません。")
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.work_dir) as folder, Manifest(settings.manifest_db) as manifest:
        copy = Path(folder) / _MANIFEST
        manifest.copy_to(copy)
        sources = {_MANIFEST: copy} | dict(_state_files(settings.root))
        facts = BackupFacts(
            now,
            manifest.origin(),
            manifest.rekey_fingerprint(),
            {name: _digest(path) for name, path in sources.items()},
        )
        write_beside(out, lambda stream: _pack(stream, facts, sources))
    return facts


def restore_backup(settings: Settings, file: Path) -> BackupFacts:
    """Make an empty home what the backup's was; nothing that is there is ever written over. Raises BackupError.

    Every file is checked before the first one is put in its place, and the manifest comes last: without it a home is empty.
    """
    root = settings.root
    taken = [name for name in (_MANIFEST, *_FOLDERS) if name != "reference" and _holds_something(root / name)]
    if taken:
        raise BackupError(f"{root} は空ではありません({'、'.join(taken)})。空の KASANE_HOME に戻してください。")
    root.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(file) as archive, tempfile.TemporaryDirectory(prefix=".restoring-", dir=root) as folder:
            facts = _facts(archive)
            _unpack(archive, facts, Path(folder))
            _require_same_reference(root, facts)
            for name in sorted(facts.files, key=lambda name: name == _MANIFEST):
                target = root / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(Path(folder) / name, target)
            flush(root)
            return facts
    except (zipfile.BadZipFile, zlib.error, KeyError, json.JSONDecodeError, FileNotFoundError) as error:
        raise BackupError(f"{file.name} を控えとして読めません(ないか、壊れているか、控えではありません)。") from error
    except OSError as error:
        raise BackupError(f"{root} に戻せません: {os_reason(error)}") from error


def _state_files(root: Path) -> Iterator[tuple[str, Path]]:
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root)
            if path.is_file() and not any(part.endswith(_UNFINISHED) for part in name.parts):
                yield name.as_posix(), path


def _pack(stream: BinaryIO, facts: BackupFacts, sources: dict[str, Path]) -> None:
    """For its owner only, and squeezed lightly: Parquet and DuckDB files are already, receipts are not."""
    os.fchmod(stream.fileno(), 0o600)
    index: dict[str, Any] = {
        "format": _FORMAT,
        "created_at": facts.created_at.isoformat(timespec="seconds"),
        "origin": facts.origin,
        "rekey_fingerprint": facts.rekey_fingerprint,
        "files": facts.files,
    }
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(_INDEX, json.dumps(index, ensure_ascii=False, indent=1))
        for name, path in sources.items():
            archive.write(path, name)


def _facts(archive: zipfile.ZipFile) -> BackupFacts:
    index = json.loads(archive.read(_INDEX))
    if index["format"] != _FORMAT:
        raise BackupError("この控えは、この版の Kasane では読めません。")
    return BackupFacts(
        datetime.fromisoformat(index["created_at"]), index["origin"], index["rekey_fingerprint"], index["files"]
    )


def _unpack(archive: zipfile.ZipFile, facts: BackupFacts, folder: Path) -> None:
    for name, digest in facts.files.items():
        parts = PurePosixPath(name).parts
        if ".." in parts or parts[0] not in (_MANIFEST, *_FOLDERS):
            raise BackupError(f"この控えには、あってはならない名前のファイルが入っています: {name}")
        archive.extract(name, folder)
        if _digest(folder / name) != digest:
            raise BackupError(f"控えの中の {name} が壊れています。別の控えを使ってください。")
        flush(folder / name)


def _require_same_reference(root: Path, facts: BackupFacts) -> None:
    """A reference table that is there already may be one somebody has mended since."""
    other = [
        name
        for name, digest in facts.files.items()
        if name.startswith("reference/") and (root / name).exists() and _digest(root / name) != digest
    ]
    if other:
        raise BackupError(f"中身の違う参照表がすでにあります: {'、'.join(other)}。よけてから、もう一度戻してください。")


def _holds_something(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.iterdir()))


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
