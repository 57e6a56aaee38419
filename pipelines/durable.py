"""Files that are there whole or not at all, also after a power cut: written beside, flushed, renamed, the folder flushed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def write_beside(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a file beside `path` and rename it into place; where it fails, nothing is left."""
    building = path.with_name(path.name + ".partial")
    with building.open("wb") as stream:
        try:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        except BaseException:
            building.unlink()
            raise
    building.replace(path)
    flush(path.parent)


def flush(path: Path) -> None:
    """Bring a file's content, or a folder's names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
