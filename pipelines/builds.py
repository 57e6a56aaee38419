"""Which build a set of inputs makes, and which build is in force.

A build's id is made from everything it depends on: the same inputs are the same build, so a run that was cut off finishes
its work when repeated, and a run with nothing new knows it. Files inside a build belong to `publish.py`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from expectations.contract import CONTRACTS_DIR, load_contracts
from pipelines.durable import write_beside
from pipelines.intake.manifest import Build, Manifest
from pipelines.intake.submissions import KnownSubmission
from pipelines.report_log import ReportLog
from pipelines.settings import PROJECT_DIR, TIME_ZONE, Settings

DBT_PROJECT_DIR = PROJECT_DIR / "dbt_project"
CURRENT = "CURRENT.json"
BUILDING = ".building"
"""Ends the name of a build's folder until all of it is there."""


class NothingToPublish(RuntimeError):
    """No accepted monthly submission yet, so there is no month to show."""


class UnknownBuild(LookupError):
    """There is no published build of that id in this home."""


class Replay(ValueError):
    """The build shows what was known at some earlier time; it is never in force."""


class DamagedBuild(ValueError):
    """The manifest.json of a published build cannot be read; the message names it, in Japanese."""


@dataclass(frozen=True)
class PublishedBuild:
    """One build under `published/`, as its manifest.json tells it."""

    build_id: str
    data_month: date
    published_at: datetime
    origin: str
    as_of: datetime | None
    is_current: bool


def data_month(submissions: Iterable[KnownSubmission], as_of: datetime | None = None) -> date:
    """The last month with a current accepted monthly form, of what was known at `as_of`. Raises NothingToPublish."""
    monthly = {contract.form for contract in load_contracts().values() if contract.cadence == "monthly"}
    months = [known.period for known in submissions if known.is_current and known.form in monthly and known.period]
    if not months and as_of:
        raise NothingToPublish(
            f"{as_of.astimezone(TIME_ZONE):%Y-%m-%d %H:%M} までに受け付けた月次のファイルはありません。"
        )
    if not months:
        raise NothingToPublish("受け付けた月次のファイルがまだありません。")
    return max(months)


def build_id(
    settings: Settings, submissions: Sequence[KnownSubmission], origin: str, as_of: datetime | None = None
) -> str:
    """`<data month>-<12 hex>`; equal for equal submissions, settings, reference tables, rules, models and code.

    A replay says in its files that it is one, so it is another build than the one that was made at the time.
    """
    digest = hashlib.sha256(f"{origin} {as_of.isoformat() if as_of else ''}\n".encode())
    for known in sorted(submissions, key=lambda known: known.submission_id):
        facts = (known.submission_id, known.status, known.stands, known.is_current, known.counts, known.received_at)
        digest.update(f"{facts}\n".encode())
    digest.update(json.dumps(input_digests(settings)).encode())
    return f"{data_month(submissions, as_of):%Y%m}-{digest.hexdigest()[:12]}"


def input_digests(settings: Settings) -> dict[str, str]:
    """What a build stands on besides the submissions: the settings that decide figures, and digests of tables and rules."""
    return {
        "settings": f"{settings.monthly_deadline_day} {settings.prefectural_share_rule}",
        "reference": _digest(reference_files(settings)),
        "rules": _digest(_rule_files()),
    }


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def reference_files(settings: Settings) -> list[Path]:
    """Every reference table by name, the home's own before the project's."""
    names = sorted(path.name for path in (PROJECT_DIR / "data" / "reference").glob("*.csv"))
    return [settings.reference(name) for name in names]


def model_files() -> list[Path]:
    """Everything dbt reads of the project: models, their definitions, macros, tests, documentation blocks."""
    kinds = {".sql", ".py", ".yml", ".md"}
    found = (path for path in DBT_PROJECT_DIR.rglob("*") if path.suffix in kinds)
    return sorted(path for path in found if "target" not in path.relative_to(DBT_PROJECT_DIR).parts)


def _rule_files() -> list[Path]:
    """What decides numbers besides the data: contracts, models, statistics, disclosure control, the publishing code."""
    pipelines = PROJECT_DIR / "pipelines"
    code = [pipelines / name for name in ("resources.py", "publish.py", "protected_files.py")]
    rooms = sorted(path for room in ("statistics", "disclosure") for path in (pipelines / room).glob("*.py"))
    return [*sorted(CONTRACTS_DIR.glob("*.yaml")), *model_files(), *rooms, *code]


def current_build_id(settings: Settings) -> str | None:
    """The build in force; None before the first one, and when the pointer is damaged or its build is gone.

    The next run then publishes anew.
    """
    pointer = _pointer(settings)
    return pointer["build_id"] if pointer else None


def newest_build_id(settings: Settings) -> str | None:
    """The build that the last run put in force, though somebody may have gone back to an older one since; else None."""
    pointer = _pointer(settings)
    return (pointer.get("instead_of") or pointer["build_id"]) if pointer else None


def _pointer(settings: Settings) -> dict[str, Any] | None:
    try:
        pointer = json.loads((settings.published_dir / CURRENT).read_text(encoding="utf-8"))
        read_build_manifest(settings, pointer["build_id"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return pointer


def go_back_to(settings: Settings, build: str) -> None:
    """Put an older build in force, until a run makes another than the newest. Raises UnknownBuild, and Replay for a replay."""
    if read_build_manifest(settings, build)["as_of"]:
        raise Replay(build)
    point_current_at(settings, build, instead_of=newest_build_id(settings))


def point_current_at(settings: Settings, build: str, *, instead_of: str | None = None) -> None:
    """Put a published build in force: one atomic rename, so a reader sees the old build or the new one, never half.

    `instead_of`: the newest build, where an older one is to stay in force beside it. Raises UnknownBuild.
    """
    facts = read_build_manifest(settings, build)
    pointer = {
        **({"instead_of": instead_of} if instead_of not in {None, build} else {}),
        "build_id": build,
        "published_at": datetime.now(TIME_ZONE).isoformat(timespec="seconds"),
        "data_month": facts["data_month"],
        "origin": facts["origin"],
    }
    write_json(settings.published_dir / CURRENT, pointer)


def read_build_manifest(settings: Settings, build: str) -> dict[str, Any]:
    """manifest.json of a build. Raises UnknownBuild and DamagedBuild."""
    path = settings.published_dir / build / "manifest.json"
    if not path.is_file():
        raise UnknownBuild(build)
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DamagedBuild(f"版 {build} の {path.name} が壊れています。") from error
    if not (isinstance(facts, dict) and facts.get("build_id") == build):
        raise DamagedBuild(f"版 {build} の {path.name} が、その版のものではありません。")
    return facts


def published_folders(settings: Settings) -> list[Path]:
    """Where the published builds lie; what a killed run left half-published is none."""
    folders = sorted(path.parent for path in settings.published_dir.glob("*/manifest.json"))
    return [folder for folder in folders if folder.suffix != BUILDING]


def published_builds(settings: Settings) -> list[PublishedBuild]:
    """All published builds that can be read, newest first; `damaged_builds` names the others."""
    current = current_build_id(settings)
    builds = []
    for folder in published_folders(settings):
        with suppress(DamagedBuild):
            builds.append(_described(read_build_manifest(settings, folder.name), current))
    return sorted(builds, key=lambda build: (build.published_at, build.build_id), reverse=True)


def damaged_builds(settings: Settings) -> list[str]:
    """A sentence on each published build whose manifest.json cannot be read."""
    damaged = []
    for folder in published_folders(settings):
        try:
            read_build_manifest(settings, folder.name)
        except DamagedBuild as error:
            damaged.append(str(error))
    return damaged


def _described(facts: Mapping[str, Any], current: str | None) -> PublishedBuild:
    return PublishedBuild(
        build_id=facts["build_id"],
        data_month=date.fromisoformat(facts["data_month"]),
        published_at=datetime.fromisoformat(facts["published_at"]),
        origin=facts["origin"],
        as_of=datetime.fromisoformat(facts["as_of"]) if facts["as_of"] else None,
        is_current=facts["build_id"] == current,
    )


def record(settings: Settings, facts: Mapping[str, Any]) -> None:
    """Keep in the manifest that a build was made, and from which submissions: the record outlives the build's files."""
    as_of = datetime.fromisoformat(facts["as_of"]) if facts["as_of"] else None
    with Manifest(settings.manifest_db) as manifest:
        counted = [known for known in manifest.known_at(as_of) if known.counts]
        listed = "\n".join(sorted(known.submission_id for known in counted))
        manifest.record_build(
            Build(
                build_id=facts["build_id"],
                created_at=datetime.fromisoformat(facts["published_at"]),
                data_month=date.fromisoformat(facts["data_month"]),
                origin=facts["origin"],
                as_of=as_of,
                submissions_fingerprint=hashlib.sha256(listed.encode()).hexdigest(),
                path=facts["build_id"],
            ),
            counted,
        )


def prune(settings: Settings) -> list[str]:
    """Remove the oldest builds beyond `keep_builds`. Returns what was removed.

    The one in force, those that reports cite and those that cannot be read stay.
    """
    with ReportLog(settings.manifest_db) as log:
        cited = log.cited_builds()
    old = published_builds(settings)[settings.keep_builds :]
    removable = [build.build_id for build in old if not build.is_current and build.build_id not in cited]
    for build in removable:
        shutil.rmtree(settings.published_dir / build)
    return removable


def write_json(path: Path, document: Any) -> None:
    """A JSON document, there whole or not at all."""
    write_beside(path, lambda stream: stream.write(json.dumps(document, ensure_ascii=False, indent=2).encode()))
