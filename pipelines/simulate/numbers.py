"""The numbers an office gives to consultations, cases, meetings and what else it counts: its own habit, each once."""

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

    def match(self, now: float) -> str:
        """The next number of a match with a resource."""
        return self._next("J", now)

    def place(self, now: float) -> str:
        """The next number of a place of 地域づくり."""
        return self._next("B", now)

    def need(self, now: float) -> str:
        """The next number of a resource that is lacking."""
        return self._next("N", now)

    def goal(self, now: float) -> str:
        """The next number of a goal."""
        return self._next("G", now)

    def payment(self, now: float) -> str:
        """The next number of a payment."""
        return self._next("P", now)

    def dispatch(self, now: float) -> str:
        """The next number of a dispatch."""
        return self._next("D", now)

    def action(self, now: float) -> str:
        """The next number of an agreed action."""
        return self._next("A", now)

    def training(self, now: float) -> str:
        """The next number of a training session."""
        return self._next("T", now)

    def _next(self, kind: str, now: float) -> str:
        month = int(now)
        first = first_day(month)
        day = 1 + int((now - month) * monthrange(first.year, first.month)[1])
        self._given[kind, month] += 1
        return self._style(kind, first.year, first.month, day, self._given[kind, month])
