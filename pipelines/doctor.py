"""`kasane doctor`: looks at everything of a home that can be looked at, and says what is sound, what is not, and what to do.

Reads only; mending is for people and for the next run. Whether figures are right is the tests' and the gate's business.
"""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from expectations.codes import load_code_lists
from expectations.contract import load_contracts
from pipelines.builds import (
    CURRENT,
    UnknownBuild,
    current_build_id,
    published_folders,
    read_build_manifest,
    reference_files,
)
from pipelines.dbt import dbt_executable
from pipelines.disclosure.thresholds import AUDIENCES
from pipelines.intake import receipts
from pipelines.intake.changes import ChangesError, MunicipalityChanges
from pipelines.intake.lake import differing
from pipelines.intake.manifest import Manifest
from pipelines.intake.process import pending_files
from pipelines.intake.rekey import SecretError, fingerprint, load_secret
from pipelines.resources import connect
from pipelines.settings import PROJECT_DIR, Settings

State = Literal["正常", "注意", "異常"]
_FREE_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Diagnosis:
    """One thing looked at. 異常 stops the next run or shows wrong or no figures; 注意 does not."""

    state: State
    subject: str
    said: str


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """Everything, the simple before what depends on it; a damaged manifest ends it, since the rest is judged by it."""
    yield from _environment(settings)
    yield from _reference(settings)
    if not settings.manifest_db.exists():
        yield Diagnosis("注意", "受付簿", "まだ何も受け付けていません。")
        return
    try:
        with Manifest(settings.manifest_db) as manifest:
            yield _manifest(manifest)
            yield _secret(settings, manifest)
            yield _lake(settings, manifest)
            yield _receipts(settings, manifest)
            origin = manifest.origin()
        yield from _inbox(settings)
    except sqlite3.DatabaseError:
        yield Diagnosis("異常", "受付簿", "manifest.sqlite が壊れています。控えを空の保管場所に戻してください。")
        return
    yield from _published(settings, origin)


def _environment(settings: Settings) -> Iterator[Diagnosis]:
    version = ".".join(map(str, sys.version_info[:3]))
    lacking = [name for name in (dbt_executable(), sys.executable) if not os.access(name, os.X_OK)]
    if lacking:
        yield Diagnosis("異常", "環境", f"{'、'.join(lacking)} がありません。`make setup` をやり直してください。")
    else:
        yield Diagnosis("正常", "環境", f"Python {version}")
    existing = next(path for path in (settings.root, *settings.root.parents) if path.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        yield Diagnosis("異常", "保管場所", f"{existing} に書けません。権限を確かめてください。")
    free = shutil.disk_usage(existing).free
    state: State = "正常" if free >= _FREE_BYTES else "注意"
    yield Diagnosis(state, "保管場所", f"{settings.root} (空き {free / 1024**3:,.1f} GiB)")


def _reference(settings: Settings) -> Iterator[Diagnosis]:
    wrong = [path.name for path in reference_files(settings) if not _has_its_columns(path)]
    try:
        codes = load_code_lists(settings.reference("codes.csv"), settings.reference("grant_components.csv"))
        used = {column.code_list for contract in load_contracts().values() for column in contract.columns}
        absent = sorted(name for name in used if name and name not in codes)
        with settings.reference("municipality_changes.csv").open(encoding="utf-8-sig", newline="") as stream:
            MunicipalityChanges(csv.DictReader(stream))
    except (OSError, KeyError, ChangesError, ValueError) as error:
        said = str(error) if isinstance(error, ChangesError) else f"読めません: {'、'.join(wrong) or '参照表'}"
        yield Diagnosis("異常", "参照表", said)
        return
    if wrong or absent:
        what = [*(f"{name} の列か文字コード" for name in wrong), *(f"codes.csv にない一覧 {name}" for name in absent)]
        yield Diagnosis("異常", "参照表", f"直してください: {'、'.join(what)}")
    else:
        own = sum(path.is_relative_to(settings.root) for path in reference_files(settings))
        yield Diagnosis("正常", "参照表", f"{len(reference_files(settings))} 表(うちこの保管場所のもの {own})")


def _has_its_columns(path: Path) -> bool:
    """Whether it can be read and has every column of the project's own table of that name."""
    headers: list[list[str]] = []
    for one in (path, PROJECT_DIR / "data" / "reference" / path.name):
        try:
            with one.open(encoding="utf-8-sig", newline="") as stream:
                headers.append(next(csv.reader(stream), []))
                stream.read()
        except (OSError, UnicodeDecodeError):
            return False
    return set(headers[1]) <= set(headers[0])


def _manifest(manifest: Manifest) -> Diagnosis:
    damage = manifest.damage()
    if damage:
        return Diagnosis("異常", "受付簿", f"壊れています({damage[0]})。控えを空の保管場所に戻してください。")
    return Diagnosis("正常", "受付簿", f"提出 {len(manifest.submissions()):,} 件")


def _secret(settings: Settings, manifest: Manifest) -> Diagnosis:
    began_with, path = manifest.rekey_fingerprint(), settings.rekey_secret
    if began_with is None:
        return Diagnosis("正常", "鍵", "まだ使っていません。")
    if not path.exists():
        said = f"{path} がありません。別に保管した鍵を戻してください。戻すまで、新しいファイルは受け付けません。"
        return Diagnosis("異常", "鍵", said)
    try:
        same = fingerprint(load_secret(path)) == began_with
    except (SecretError, OSError):
        same = False
    if not same:
        return Diagnosis("異常", "鍵", f"{path} が、これまでの受付で使った鍵と違います。元の鍵を戻してください。")
    if path.stat().st_mode & 0o077:
        return Diagnosis("注意", "鍵", f"{path} をほかの人も読めます。`chmod 600` で閉じてください。")
    return Diagnosis("正常", "鍵", "これまでの受付と同じ鍵です。")


def _lake(settings: Settings, manifest: Manifest) -> Diagnosis:
    try:
        wrong = differing(settings.lake_dir, manifest.promised_rows())
    except (pa.ArrowException, OSError):
        return Diagnosis("異常", "蓄積", "読めない Parquet ファイルがあります。控えを空の保管場所に戻してください。")
    if wrong:
        said = f"受付簿と行数の合わない提出が {wrong:,} 件あります。控えを空の保管場所に戻してください。"
        return Diagnosis("異常", "蓄積", said)
    rows = sum(sum(submissions.values()) for _, _, submissions in manifest.promised_rows())
    return Diagnosis("正常", "蓄積", f"受付簿のとおり {rows:,} 行")


def _receipts(settings: Settings, manifest: Manifest) -> Diagnosis:
    submissions = manifest.submissions()
    copies = (receipts.copies(settings.receipts_dir, submission) for submission in submissions)
    absent = sum(not all(path.exists() for path in paths) for paths in copies)
    if absent:
        return Diagnosis("注意", "受付票", f"{absent:,} 件のファイルがありません。次の `kasane run` で書き直します。")
    return Diagnosis("正常", "受付票", f"{len(submissions):,} 件")


def _inbox(settings: Settings) -> Iterator[Diagnosis]:
    waiting = pending_files(settings)
    closed = [file.path for file in waiting if not os.access(file.absolute, os.R_OK)]
    if closed:
        yield Diagnosis("注意", "受領箱", f"読む権限のないファイルがあります: {'、'.join(closed[:5])}")
    said = f"まだ読んでいないファイル {len(waiting):,} 件"
    yield Diagnosis("注意" if waiting else "正常", "受領箱", said + ("。`kasane run` で読みます。" if waiting else ""))


def _published(settings: Settings, origin: str) -> Iterator[Diagnosis]:
    folders = published_folders(settings)
    broken = [folder.name for folder in folders if not _is_whole(settings, folder, origin)]
    if broken:
        said = f"開けない版があります: {'、'.join(broken)}。控えを空の保管場所に戻してください。"
        yield Diagnosis("異常", "公開した版", said)
    current = current_build_id(settings)
    if current is None and (settings.published_dir / CURRENT).exists():
        said = f"{CURRENT} を読めないか、指す版がありません。次の `kasane run` で直ります。"
        yield Diagnosis("異常", "表示中の版", said)
    elif current is None:
        yield Diagnosis("注意", "表示中の版", "まだ公開していません。`kasane run` を実行してください。")
    else:
        yield Diagnosis("正常", "表示中の版", f"{current}(版は {len(folders):,} 件)")


def _is_whole(settings: Settings, folder: Path, origin: str) -> bool:
    """Whether the build's manifest and its three files can be read and are what the folder says."""
    try:
        facts = read_build_manifest(settings, folder.name)
        for audience in AUDIENCES:
            with connect(folder / f"{audience}.duckdb", read_only=True) as con:
                told = con.execute("select build_id, origin, audience from build").fetchall()
                if told != [(folder.name, origin, audience)]:
                    return False
    except (OSError, ValueError, KeyError, UnknownBuild, duckdb.Error):
        return False
    return (facts["build_id"], facts["origin"]) == (folder.name, origin)
