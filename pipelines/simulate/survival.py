"""How long things last, with those that have not ended yet: Kaplan–Meier in exact fractions.

Which things, and when each begins and ends, is its caller's to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple


class Spell(NamedTuple):
    """How long one thing was seen to last, and whether it was seen to end then."""

    months: int
    is_event: bool


class Step(NamedTuple):
    """One length at which something ended or went out of sight; `survival` is the share that lasts longer."""

    months: int
    at_risk: int
    events: int
    censored: int
    survival: Fraction


def survival_curve(spells: Iterable[Spell]) -> list[Step]:
    """The steps by length. Of the same length, ends come before those that went out of sight."""
    counted = Counter(spells)
    at_risk, survival = sum(counted.values()), Fraction(1)
    steps: list[Step] = []
    for months in sorted({spell.months for spell in counted}):
        events, censored = counted[Spell(months, is_event=True)], counted[Spell(months, is_event=False)]
        survival *= 1 - Fraction(events, at_risk)
        steps.append(Step(months, at_risk, events, censored, survival))
        at_risk -= events + censored
    return steps


def median_months(spells: Iterable[Spell]) -> int | None:
    """The shortest length after which at most half still last; None if more than half outlast what was seen."""
    return next((step.months for step in survival_curve(spells) if step.survival <= Fraction(1, 2)), None)
