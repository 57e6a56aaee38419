"""The files of a report on record: read only as they were made, and put away once where an approved report lies.

What is checked is what goes out: the bytes are read once, compared with the record, then filed or mailed.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from pipelines.report_log import Report, ReportLog
from pipelines.settings import Settings


class NotAsMade(RuntimeError):
    """The files are not those that were made or approved; the message says in Japanese what to do."""


def filed_at(settings: Settings, report: Report) -> Path:
    """Where an approved report lies."""
    return settings.outbox_dir / f"{report.month:%Y-%m}" / report.report_id


def draft_files(settings: Settings, report: Report) -> Mapping[str, bytes]:
    """The files of the report where it was made, by path. Raises NotAsMade."""
    files, changed = _read(settings, report, settings.root / report.folder)
    if changed is not None:
        again = f"--month {report.month:%Y-%m} --audience {report.audience} --build {report.build_id}"
        raise NotAsMade(
            f"報告書 {report.report_id} のファイルが、作成したときのものと違います({report.folder}/{changed})。"
            f"`kasane report monthly {again}` で作り直し、内容を確かめて、表示された番号を改めて承認してください。"
        )
    return files


def filed_files(settings: Settings, report: Report) -> Mapping[str, bytes]:
    """The files of an approved report from its folder, put there first if they are not. Raises NotAsMade."""
    folder = filed_at(settings, report)
    if not folder.exists():
        _file(folder, draft_files(settings, report))
    files, changed = _read(settings, report, folder)
    if changed is not None:
        raise NotAsMade(
            f"報告書 {report.report_id} の配布したファイルが、承認したときのものと違います({folder / changed})。"
            f"このフォルダを別の場所に移してから、`kasane report send {report.report_id}` をもう一度実行してください。"
        )
    return files


def _read(settings: Settings, report: Report, folder: Path) -> tuple[dict[str, bytes], str | None]:
    """The files of the report, and the first that is lacking or not as it was recorded, if any."""
    with ReportLog(settings.manifest_db) as log:
        recorded = log.files(report.report_id)
    files: dict[str, bytes] = {}
    for name, sha in recorded.items():
        try:
            files[name] = (folder / name).read_bytes()
        except OSError:
            return files, name
        if hashlib.sha256(files[name]).hexdigest() != sha:
            return files, name
    return files, None if recorded else report.name


def _file(folder: Path, files: Mapping[str, bytes]) -> None:
    building = folder.with_name(folder.name + ".partial")
    shutil.rmtree(building, ignore_errors=True)
    for name, content in files.items():
        (building / name).parent.mkdir(parents=True, exist_ok=True)
        (building / name).write_bytes(content)
    building.rename(folder)
