"""The only module that opens a published file: the edition in force, and `ask`.

Keyed by (build, audience): a new build is a new key, nothing is ever invalidated. Not here: what is asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from dashboards.access import AUDIENCES

# Text as Python's own: what is small and walked through cell by cell gains nothing from Arrow's, and pays for both ways.
pd.set_option("future.infer_string", False)
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}


class EditionError(Exception):
    """There is no edition to show; the message is a Japanese sentence for the person at the screen."""


@dataclass(frozen=True)
class Edition:
    """One published file: a build as one audience may see it. Hashable: the key of every cache."""

    build_id: str
    audience: str
    path: Path
    published_at: datetime
    origin: str
    data_month: date
    prefecture_code: str
    prefecture_name: str
    suppression_ja: str

    @property
    def home(self) -> Path:
        """The home it was published in."""
        return self.path.parents[2]

    @property
    def is_synthetic(self) -> bool:
        """True when no figure of this edition is real."""
        return self.origin == "synthetic"


def current_edition(audience: str, home: Path) -> Edition:
    """The edition in force for `audience`. Read it once per rerun and pass it down: no page straddles two builds.

    Raises EditionError: no build published yet, CURRENT.json unreadable, or no file for this audience.
    """
    pointer = home / "published" / "CURRENT.json"
    try:
        current = json.loads(pointer.read_text(encoding="utf-8"))
        build_id, published_at = current["build_id"], current["published_at"]
    except FileNotFoundError:
        raise EditionError(
            "公開された集計がまだありません。提出ファイルを取り込み(kasane run)、集計が終わると、ここに表示されます。"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise EditionError(
            "公開中の版を示すファイル CURRENT.json を読めません。kasane doctor で点検してください。"
        ) from None
    return _edition(pointer.parent / build_id / f"{audience}.duckdb", audience, published_at)


def edition_of_build(build_id: str, audience: str, home: Path) -> Edition:
    """A named build as one audience may see it, in force or not. Raises EditionError."""
    manifest = home / "published" / build_id / "manifest.json"
    try:
        published_at = json.loads(manifest.read_text(encoding="utf-8"))["published_at"]
    except FileNotFoundError:
        raise EditionError(f"版 {build_id} はありません。kasane builds で確かめてください。") from None
    return _edition(manifest.parent / f"{audience}.duckdb", audience, published_at)


@lru_cache(maxsize=8)
def _edition(path: Path, audience: str, published_at: str) -> Edition:
    if not path.is_file():
        raise EditionError(
            f"「{AUDIENCES[audience]}」向けの集計ファイルがこの版にありません。"
            "kasane run でもう一度公開するか、kasane rollback で前の版に戻してください。"
        )
    build = _cursor(path).execute("select * from build").df().iloc[0]
    return Edition(
        build_id=str(build["build_id"]),
        audience=audience,
        path=path,
        published_at=datetime.fromisoformat(published_at),
        origin=str(build["origin"]),
        data_month=pd.Timestamp(build["data_month"]).date(),
        prefecture_code=str(build["prefecture_code"]),
        prefecture_name=str(build["prefecture_name"]),
        suppression_ja=str(build["suppression_ja"] or ""),
    )


@lru_cache(maxsize=6)
def _connection(path: Path, before: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection that can reach this one file, or this and an earlier one, and nothing else."""
    connection = duckdb.connect()
    for name, file in (("published", path), ("earlier", before)):
        if file is not None:
            connection.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")
    # Small questions to small tables: a second thread costs more than it helps (measured: 20 ms against 9).
    connection.execute("set threads = 1")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def _cursor(path: Path) -> duckdb.DuckDBPyConnection:
    # One per query (connections are not shared between threads); a cursor starts in the empty in-memory catalogue.
    return _connection(path).cursor().execute("use published")


@lru_cache(maxsize=2048)  # all questions of the pages of 63 municipalities and a month
def _answer(edition: Edition, sql: str, parameters: tuple[Any, ...]) -> pd.DataFrame:
    # Tuples are the hashable form of a list parameter.
    values = [list(value) if isinstance(value, tuple) else value for value in parameters]
    return _frame(_cursor(edition.path), sql, values)


@lru_cache(maxsize=8)
def ask_both(before: Edition, edition: Edition, sql: str) -> pd.DataFrame:
    """The answer to one question about two builds: the tables of `before` are `earlier.main.…`. As `ask`; not to be altered."""
    return _frame(_connection(edition.path, before.path).cursor().execute("use published"), sql, [])


def _frame(cursor: duckdb.DuckDBPyConnection, sql: str, values: list[Any]) -> pd.DataFrame:
    try:
        answer = cursor.execute(sql, values)
    except (duckdb.CatalogException, duckdb.BinderException):
        raise EditionError(
            "この版は古い形で公開されているため、この画面を表示できません。kasane run でもう一度公開してください。"
        ) from None
    # DuckDB hands a nullable integer over as float; a count of yen must stay an integer.
    whole = {name: "Int64" for name, kind in _kinds(answer) if kind in _INTEGERS}
    return answer.df().astype(whole)


def _kinds(answer: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return [(column[0], str(column[1])) for column in answer.description or ()]


def ask(edition: Edition, sql: str, *parameters: Any) -> pd.DataFrame:
    """The answer to one question as a frame, integers nullable (Int64); a tuple is a list parameter. For query modules (those
    beside this one, and reports) only. Raises EditionError if the edition lacks the table."""
    # A shallow copy: pandas copies on write, so a caller cannot alter what the cache holds.
    return _answer(edition, sql, parameters).copy(deep=False)


@lru_cache(maxsize=256)
def _parts(edition: Edition, sql: str, parameters: tuple[Any, ...]) -> tuple[pd.DataFrame, dict[Any, Any]]:
    """An answer without its column `part`, and the places of the rows of each part."""
    answer = _answer(edition, sql, parameters)
    return answer.drop(columns="part"), answer.groupby("part", sort=False).indices


def ask_part(edition: Edition, part: Any, sql: str, *parameters: Any) -> pd.DataFrame:
    """The rows of one part (an area, a month) of an answer that says in its column `part` where each row belongs. Asked once
    for all parts: a look at another area or month costs no query. Else as `ask`."""
    rows, places = _parts(edition, sql, parameters)
    return rows.take(places.get(part, [])).reset_index(drop=True)
