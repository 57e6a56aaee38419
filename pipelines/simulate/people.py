"""Who asks for help and with what: the attributes of one consultation, drawn so that they fit together.

What happens then (`flow`) does not belong here. The weights are invented; the codes are those of the code lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import NamedTuple


class Person(NamedTuple):
    """What is known of a person when the consultation is received."""

    age_band: str
    household_type: str
    issue_flags: tuple[str, ...]
    is_complex: bool
    gap_reason: str | None
    """Why no existing scheme could take the main need; None where one could."""


class Weighted:
    """Codes with weights, to be drawn from many times."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._codes = list(weights)
        self._sums = list(accumulate(weights.values()))

    def draw(self, rng: Random) -> str:
        """One code."""
        return rng.choices(self._codes, cum_weights=self._sums)[0]

    def some(self, rng: Random, count: int) -> tuple[str, ...]:
        """Up to `count` different codes, sorted."""
        return tuple(sorted(set(rng.choices(self._codes, cum_weights=self._sums, k=count))))


_YOUNG = Weighted({"00-17": 22, "18-29": 20, "30-39": 18, "40-49": 19, "50-64": 21})
_OLD = Weighted({"65-74": 38, "75+": 62})
_HOUSEHOLDS = {
    "young": Weighted({"1": 22, "3": 6, "4": 24, "5": 26, "6": 9, "7": 5, "8": 1, "9": 5, "0": 2}),
    "old": Weighted({"2": 44, "3": 23, "6": 18, "7": 6, "8": 2, "9": 5, "0": 2}),
}
_ISSUES = {
    "00-17": Weighted({"18": 25, "17": 20, "22": 10, "29": 10, "03": 8, "04": 12, "21": 12, "34": 8, "19": 3, "99": 2}),
    "young": Weighted(
        {"01": 10, "02": 1, "03": 9, "04": 10, "05": 3, "06": 16, "07": 7, "08": 1, "09": 22, "10": 9, "11": 8}
        | {"12": 13, "13": 6, "14": 4, "15": 11, "16": 10, "17": 14, "20": 3, "21": 8, "22": 6, "23": 4, "24": 1}
        | {"25": 7, "26": 4, "27": 0.3, "28": 5, "30": 3, "31": 5, "32": 2, "33": 4, "34": 8, "99": 3}
    ),
    "old": Weighted(
        {"01": 14, "02": 3, "03": 4, "06": 5, "07": 6, "09": 13, "10": 3, "11": 6, "14": 5, "15": 17, "17": 10}
        | {"22": 4, "25": 3, "26": 3, "28": 6, "31": 9, "32": 7, "33": 30, "35": 24, "99": 2}
    ),
}
_ISSUE_COUNT = Weighted({"1": 38, "2": 30, "3": 18, "4": 9, "5": 5})
_COMPLEX_BY_COUNT = (0.0, 0.06, 0.3, 0.6, 0.8, 0.9)
_GAP_BY_COUNT = (0.0, 0.02, 0.05, 0.09, 0.13, 0.16)
_GAP_REASON = Weighted(
    {"age": 9, "income": 13, "certificate": 21, "no_resource": 24, "refusal": 15, "between_schemes": 15, "other": 3}
)


def draw_person(rng: Random, share_65plus: float) -> Person:
    """One person of a municipality with that share of people of 65 and older."""
    old = rng.random() < 0.15 + share_65plus
    age = "unknown" if rng.random() < 0.015 else _OLD.draw(rng) if old else _YOUNG.draw(rng)
    issues = _ISSUES[age if age in _ISSUES else "old" if old else "young"].some(rng, int(_ISSUE_COUNT.draw(rng)))
    gap = rng.random() < _GAP_BY_COUNT[len(issues)]
    return Person(
        age_band=age,
        household_type=_HOUSEHOLDS["old" if old else "young"].draw(rng),
        issue_flags=issues,
        is_complex=rng.random() < _COMPLEX_BY_COUNT[len(issues)],
        gap_reason=_GAP_REASON.draw(rng) if gap else None,
    )
