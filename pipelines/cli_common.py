"""What the command line's modules share: audiences, formats, settings, the home's lock, and how a command ends in failure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

import typer

from pipelines.terminal import printable


class Audience(StrEnum):
    """Who may read a published file."""

    internal = "internal"
    adviser = "adviser"
    public = "public"


class TableFormat(StrEnum):
    """How a list is printed."""

    table = "table"
    csv = "csv"
    json = "json"


class ReceiptFormat(StrEnum):
    """How a receipt is printed."""

    text = "text"
    json = "json"


def fail(message: str, code: int = 1) -> NoReturn:
    """Say why on stderr and end."""
    typer.echo("\n".join(map(printable, message.split("\n"))), err=True)
    raise typer.Exit(code)


def load_settings(**overrides: Any) -> Any:
    """The settings, or an end that names the wrong ones."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from pipelines.settings import Settings

    try:
        settings = Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        wrong = error.errors()
        names = "、".join("KASANE_" + str(item["loc"][0]).upper() for item in wrong)
        why = [f"{item.get('ctx', {})['error']}。" for item in wrong if item["type"] == "value_error"]  # our own
        fail("\n".join([f"設定に誤りがあります: {names}", *why]), 2)
    except SettingsError as error:
        names = "、".join("KASANE_" + name.upper() for name in re.findall(r'field "(\w+)"', str(error)))
        fail(f"設定に誤りがあります: {names}(JSON として読めません)", 2)
    if settings.root.exists() and not settings.root.is_dir():
        fail(f"保管場所(KASANE_HOME)にできるのはフォルダだけです: {settings.root}", 2)
    return settings


def moment(text: str) -> datetime:
    """A moment in Japan: `2024-06-10T09:00`; of a day alone, `2024-06-10`, its end, since what came in that day was known."""
    from pipelines.settings import TIME_ZONE

    try:
        told = datetime.fromisoformat(text)
        is_day = len(text) <= len("2024-06-10")
    except ValueError:
        raise typer.BadParameter(
            f"「{text}」は日時として読めません。2024-06-10 か 2024-06-10T09:00 のように書いてください。"
        ) from None
    if is_day:
        return datetime.combine(told, time.max, TIME_ZONE)
    return told.replace(tzinfo=told.tzinfo or TIME_ZONE)


def require_empty(out: Path) -> None:
    """What somebody keeps in a folder is never written over."""
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        fail(f"{out} は空ではありません。空のフォルダを指定してください。", 2)


@contextmanager
def only_writer(settings: Any) -> Iterator[None]:
    """Hold the home while the command works on it; says so when another process does."""
    from pipelines import exclusive

    with exclusive.only_writer(settings, on_wait=lambda: typer.echo("ほかの処理が終わるのを待っています。", err=True)):
        yield
