"""The cells of one column of many files: each distinct text once, and per row which of them stands there.

Columns repeat a few hundred texts over hundreds of thousands of rows, so whatever is asked of a cell is asked of a text.
What the texts mean does not belong here.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Self

import numpy as np


class _Places(dict[str, int]):
    """The place of each text; a new one gets the next."""

    def __missing__(self, text: str) -> int:
        place = self[text] = len(self)
        return place


class Cells:
    """A column that grows by the rows of one file after the other."""

    def __init__(self) -> None:
        self._places = _Places()
        self._rows = array("i")

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """A column of these texts."""
        made = cls()
        made.add(texts)
        return made

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, texts: Iterable[str]) -> None:
        """The cells of further rows."""
        self._rows.extend(map(self._places.__getitem__, texts))

    def add_blank(self, rows: int) -> None:
        """Further rows in which nothing stands."""
        self._rows.extend(repeat(self._places[""], rows))

    @property
    def distinct(self) -> Sequence[str]:
        """Every text once, in the order of their first rows."""
        return list(self._places)

    @property
    def places(self) -> np.ndarray:
        """Per row the place of its text in `distinct`."""
        return np.asarray(self._rows, dtype=np.int32)
