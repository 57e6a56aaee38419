"""What may be written to a terminal, and how wide it gets there. File names and reasons may hold anything."""

from __future__ import annotations

from unicodedata import category, east_asian_width


def printable(text: str) -> str:
    """One line without what a terminal would obey, line ends included; every kind of space stays."""
    return "".join(one if one.isprintable() or category(one) == "Zs" else "\N{REPLACEMENT CHARACTER}" for one in text)


def cells(text: str) -> int:
    """The columns a text takes: a kanji is two wide."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)
