"""Which addresses have a page. Asked at every visit, the first one included: imports nothing heavy."""

from __future__ import annotations

from pathlib import Path

FRONT = "progress"  # has no address of its own
_MODULES = {path.stem for path in (Path(__file__).resolve().parent / "app_pages").glob("*.py")}
PAGES = frozenset(_MODULES - {"__init__", FRONT} | {""})


def has_page(path: str) -> bool:
    """Whether a page answers at `path`, the part of an address after the host."""
    return path.strip("/") in PAGES
