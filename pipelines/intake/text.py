"""How two pieces of text are compared: widths, dashes, spaces and blank marks.

Meaning (dates, codes, names of municipalities) does not belong here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Typists reach for whichever dash is near; each family counts as one character when text is compared.
_DASHES = {code: "-" for code in (*range(0x2010, 0x2016), 0x2212, 0xFF0D, 0x30FC)}
_WAVES = {code: "~" for code in (0x301C, 0xFF5E)}
_ONE_CHARACTER_EACH = _DASHES | _WAVES

_INVISIBLE = re.compile(r"[\s\u200b-\u200d\ufeff]+")
_SPACE_NOT_BETWEEN_DIGITS = re.compile(r"(?<![0-9])\s+|\s+(?![0-9])")
_BLANK_MARKS = frozenset({"", "-", "なし", "n/a"})


def fold(text: str) -> str:
    """The text in NFKC, trimmed, every dash a `-` and every wave dash a `~`."""
    return unicodedata.normalize("NFKC", text).translate(_ONE_CHARACTER_EACH).strip()


def compact(text: str) -> str:
    """The folded text without spaces, except between two digits: those keep numbers apart."""
    return _SPACE_NOT_BETWEEN_DIGITS.sub("", fold(text))


@lru_cache(maxsize=8192)
def label_key(text: str) -> str:
    """What two labels share when they are the same label: folded, without spaces or line breaks, in one case."""
    return _INVISIBLE.sub("", fold(text)).casefold()


def is_blank_mark(text: str) -> bool:
    """Whether people write this to say "nothing here"; a type that accepts the text itself goes first."""
    return fold(text).casefold() in _BLANK_MARKS
