"""The numbers a municipality gives to consultations, cases and meetings: its own habit, each number once."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Callable
from random import Random

from pipelines.simulate.model import first_day

# The era and the day (R5-0412-S003), the year with a letter, or a house style. None is bare digits, as an identifier of
# 10 to 13 digits would be taken for a telephone or personal number.
_STYLES: tuple[Callable[[str, int, int, int, int], str], ...] = (
    lambda kind, year, month, day, serial: f"R{year - 2018}-{month:02d}{day:02d}-{kind}{serial:03d}",
    lambda kind, year, month, day, serial: f"{kind}{year % 100:02d}{month:02d}-{serial:04d}",
    lambda kind, year, month, day, serial: f"{year}{kind}_{month:02d}x{serial:04d}",
    lambda kind, year, month, day, serial: f"{kind.lower()}{year}{month:02d}{serial:05d}",
)


class Numbering:
    """Gives numbers in one style, drawn once; serial within the month."""

    def __init__(self, rng: Random) -> None:
        self._style = rng.choice(_STYLES)
        self._given: Counter[tuple[str, int]] = Counter()

    def consultation(self, now: float) -> str:
        """The next number of a consultation received at a time (months)."""
        return self._next("S", now)

    def case(self, now: float) -> str:
        """The next case number."""
        return self._next("K", now)

    def meeting(self, now: float) -> str:
        """The next number of a meeting."""
        return self._next("M", now)

    def _next(self, kind: str, now: float) -> str:
        month = int(now)
        first = first_day(month)
        day = 1 + int((now - month) * monthrange(first.year, first.month)[1])
        self._given[kind, month] += 1
        return self._style(kind, first.year, first.month, day, self._given[kind, month])
