"""What the command line's modules share: audiences, formats, settings, and how a command ends in failure."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NoReturn

import typer


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


def fail(message: str, code: int = 1) -> NoReturn:
    """Say why on stderr and end."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


def load_settings(**overrides: Any) -> Any:
    """The settings, or an end that names the wrong ones."""
    from pydantic import ValidationError

    from pipelines.settings import Settings

    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        names = "、".join("KASANE_" + str(item["loc"][0]).upper() for item in error.errors())
        fail(f"設定に誤りがあります: {names}", 2)
