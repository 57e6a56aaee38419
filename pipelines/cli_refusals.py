"""What the command line says when it cannot do what was asked: one sentence in Japanese on stderr, and an exit status.

Here: wrong usage (2), and what is wrong outside the program, such as a damaged file or a folder that cannot be written (1).
What one command refuses is said by that command. Errors of the program itself (KeyError, wrong SQL) are let through: their
traceback is for its developers.
"""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from difflib import get_close_matches
from typing import Any

# Typer keeps its copy of Click to itself and has no other way to tell one wrong usage from the other.
from typer._click.exceptions import (
    BadOptionUsage,
    BadParameter,
    MissingParameter,
    NoArgsIsHelpError,
    NoSuchOption,
    UsageError,
)
from typer.core import TyperGroup

from pipelines.cli_common import fail
from pipelines.os_reasons import os_reason

_DOCTOR = "`kasane doctor` で確かめてください。"
_EXAMPLE = datetime(2024, 5, 31, 9, 30)  # noqa: DTZ001 - shows how a day or month is written


class Commands(TyperGroup):
    """The commands of Kasane; what goes wrong in any of them is said in words."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Parse what stands before the command."""
        with _said_in_words():
            return super().make_context(*args, **kwargs)

    def invoke(self, *args: Any, **kwargs: Any) -> Any:
        """Parse and run the command."""
        with _said_in_words():
            return super().invoke(*args, **kwargs)


@contextmanager
def _said_in_words() -> Iterator[None]:
    try:
        yield
    except NoArgsIsHelpError:
        raise
    except UsageError as error:
        path = error.ctx.command_path if error.ctx else "kasane"
        fail(f"{_usage(error)}使い方: `{path} --help`", error.exit_code)
    except Exception as error:
        said = _trouble(error)
        if said is None:
            raise
        fail(said)


def _trouble(error: Exception) -> str | None:
    """What is wrong outside the program; None when it is the program's own mistake."""
    if isinstance(error, OSError) and error.errno != errno.EPIPE:  # the reader of a pipe may leave when it likes
        return f"{error.filename or 'ファイル'} を読み書きできません: {os_reason(error)}。"
    if isinstance(error, sqlite3.DatabaseError):
        return _manifest_trouble(error)
    from pipelines.builds import DamagedBuild

    if isinstance(error, DamagedBuild):
        return f"{error}{_DOCTOR}"
    return _database_trouble(error)


def _manifest_trouble(error: sqlite3.DatabaseError) -> str | None:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        return "受付簿(manifest.sqlite)をほかの処理が使っています。終わってから、もう一度実行してください。"
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL}:
        return f"受付簿(manifest.sqlite)を読み書きできません。権限と空き容量を見て、{_DOCTOR}"
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return f"受付簿(manifest.sqlite)を読めません(壊れています)。{_DOCTOR}"
    return None


def _database_trouble(error: Exception) -> str | None:
    """A DuckDB or Parquet file that is gone or damaged; DuckDB says so in several ways and names the file in its text."""
    import duckdb

    told = str(error)
    damaged = isinstance(error, duckdb.IOException) or type(error) is duckdb.Error or "No magic bytes" in told
    if not (isinstance(error, duckdb.Error) and damaged):
        return None
    named = re.search(r"""["'](/[^"'\n]+)["']""", told)
    return f"{named[1] if named else '版のファイル'} を読めません(ないか、壊れているか、権限がありません)。{_DOCTOR}"


def _usage(error: UsageError) -> str:
    """One sentence on a command that was not written as it must be."""
    match error:
        case MissingParameter():
            return f"{_name(error)} を指定してください。"
        case BadParameter():
            return f"{_name(error)} の値が違います。{_wanted(error)}"
        case NoSuchOption():
            return f"{error.option_name} という指定はありません。{_meant(error.possibilities or [])}"
        case BadOptionUsage():
            return f"{error.option_name} は{'値をとりません' if 'not take' in error.message else '値が要ります'}。"
    command = re.match(r"No such command '(.*?)'\.", error.message)
    if command:
        known = getattr(error.ctx.command, "commands", {}) if error.ctx else {}
        return f"{command[1]} というコマンドはありません。{_meant(get_close_matches(command[1], known))}"
    extra = re.search(r"unexpected extra arguments?(?:\(s\))? \((.*)\)", error.message)
    return f"余分な指定があります: {extra[1]}。" if extra else f"書き方が違います: {error.message}。"


def _name(error: BadParameter) -> str:
    named = [*getattr(error.param, "opts", []), "指定"]  # an option's spellings, an argument's name
    return named[0] if named[0].startswith("-") else named[0].upper()


def _meant(near: Iterable[str]) -> str:
    names = "、".join(sorted(near))
    return f"もしかして: {names}。" if names else ""


def _wanted(error: BadParameter) -> str:
    """What the option takes, from its declaration; Pydantic's own sentence is English."""
    described = getattr(error.param, "type_descriptor", None)
    if described is None:
        return ""
    info = described.parameter_info
    if info.parser:  # our own, which says it in Japanese
        return error.message
    if described.choices:
        return f"{'、'.join(str(getattr(one, 'value', one)) for one in described.choices)} のどれかにしてください。"
    if info.formats:
        return f"{' か '.join(_EXAMPLE.strftime(form) for form in info.formats)} のように書いてください。"
    bounds = [f"{limit} {side}" for limit, side in ((info.min, "以上"), (info.max, "以下")) if limit is not None]
    number = {int: "整数", float: "数"}.get(described.annotation)
    return f"{'、'.join(bounds)}{'の' if bounds and number else ''}{number or '値'}にしてください。"
