"""Making documents: starts `python -m dashboards.reports` as a process of its own, reads its answer, files what it made.

The pipeline knows no chart and no page; what it hands over is a home, a build, a month and an audience.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal

from pipelines.builds import build_id, current_build_id
from pipelines.deadlines import deadline
from pipelines.intake.manifest import Manifest
from pipelines.report_log import Origin, Report, ReportLog
from pipelines.settings import PROJECT_DIR, TIME_ZONE, Settings

TOLD = 3  # exit code of a trouble that dashboards.reports tells in a sentence

Kind = Literal["monthly", "briefing"]


class ReportFailed(RuntimeError):
    """No document was made; the message says why, in Japanese. `may_pass`: trying again may help."""

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


@dataclass(frozen=True)
class MadeDocument:
    """One document in its folder. `files`: path under the folder → SHA-256; `digest` is over all of them."""

    name: str
    kind: Kind
    title_ja: str
    build_id: str
    audience: str
    month: str
    municipality_code: str | None
    files: Mapping[str, str]
    digest: str
    is_new: bool


def make_documents(
    settings: Settings,
    kind: Kind,
    *,
    month: date,
    audience: str,
    out: Path | None = None,
    build: str | None = None,
    municipality: str | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Path, list[MadeDocument]]:
    """Make the documents of a month from a build (default: the one in force); returns their folder. Raises ReportFailed."""
    chosen = build or current_build_id(settings)
    if chosen is None:
        raise ReportFailed("公開された版がまだありません。`kasane run` を実行してください。")
    folder = (out or folder_of(settings, month, audience, chosen)).expanduser().resolve()
    command = [sys.executable, "-m", "dashboards.reports", kind, "--home", str(settings.root), "--out", str(folder)]
    command += ["--month", f"{month:%Y-%m}", "--audience", audience, "--build", chosen]
    command += ["--charts", str(settings.charts_dir)]
    command += ["--municipality", municipality] if municipality else []
    made: list[MadeDocument] = []
    for message in _messages(command, settings.work_dir / f"documents_{kind}_{month:%Y-%m}_{audience}.log"):
        if "documents" in message:
            made = [MadeDocument(**document) for document in message["documents"]]
        else:
            on_progress(message["done"], message["total"])
    return folder, made


def _messages(command: list[str], log: Path) -> Iterator[dict[str, Any]]:
    """What the process answers. What it says beside that goes to a file, which stays if the process broke off."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KASANE_SMTP")}
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("wb") as beside,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=beside, text=True, cwd=PROJECT_DIR, env=environment
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - asked for a pipe
        yield from (json.loads(line) for line in process.stdout)
    if process.returncode not in {0, TOLD}:
        said = f"文書を作る処理が途中で止まりました(終了コード {process.returncode})。どこで止まったかは {log} にあります。"
        raise ReportFailed(said, may_pass=True)
    trouble = log.read_text(encoding="utf-8", errors="backslashreplace").strip()
    log.unlink()
    if process.returncode:
        raise ReportFailed(trouble)


def folder_of(settings: Settings, month: date, audience: str, build: str) -> Path:
    """Where the documents of a build are kept: another build never writes over them."""
    return settings.reports_dir / f"{month:%Y-%m}" / f"{audience}_{build}"


def known_by_deadline(settings: Settings, month: date) -> datetime:
    """The last moment of the day on which the monthly forms of a month are due, in Japan."""
    return datetime.combine(deadline(settings, "monthly", month), time.max, tzinfo=TIME_ZONE)


def build_as_of(settings: Settings, as_of: datetime) -> str:
    """The id of the build made of what was known then; whether it is published is another question."""
    with Manifest(settings.manifest_db) as manifest:
        return build_id(settings, manifest.known_at(as_of), manifest.origin(), as_of)


def make_report(
    settings: Settings,
    *,
    month: date,
    audience: str,
    at: datetime,
    origin: Origin,
    build: str | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Report, Path]:
    """Make a monthly report in its home folder and record it as a draft. The same report again is the same record."""
    folder, made = make_documents(
        settings, "monthly", month=month, audience=audience, build=build, on_progress=on_progress
    )
    document = made[0]
    report = Report(
        report_id=f"{document.month}-{audience}-{document.digest[:8]}",
        month=month,
        audience=document.audience,
        build_id=document.build_id,
        digest=document.digest,
        title_ja=document.title_ja,
        folder=str(folder.relative_to(settings.root)),
        name=document.name,
        origin=origin,
        made_at=at,
    )
    with ReportLog(settings.manifest_db) as log:
        log.record(report, document.files)
        return log.report(report.report_id), folder
