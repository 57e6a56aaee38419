"""Ordered classes that turn the values of a KPI into a few colours. Not here: drawing, marks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from dashboards import theme
from dashboards.labels import WHOLE


@dataclass(frozen=True)
class Classes:
    """Ordered classes of a KPI: `edges` are the lower bounds of every class after the first positive one."""

    kind: str
    edges: tuple[float, ...]
    yes_no: bool = False

    def labels(self) -> list[str]:
        """Label of every class, lowest first."""
        if self.yes_no:
            return ["なし", "あり"]
        if self.kind in WHOLE:
            lows = [1, *(int(edge) for edge in self.edges)]
            return [
                "0",
                *(f"{low:,}〜{high - 1:,}" if high - 1 > low else f"{low:,}" for low, high in pairwise(lows)),
                f"{lows[-1]:,}以上",
            ]
        bounds = [f"{edge:.0%}" if self.kind == "share" else f"{edge:,.1f}" for edge in self.edges]
        between = [f"{low}〜{high}未満" for low, high in pairwise(bounds)]
        return ["0", f"{bounds[0]}未満", *between, f"{bounds[-1]}以上"] if bounds else ["0", "0超"]

    def colours(self) -> list[str]:
        """Ground of every class, lowest first."""
        return [theme.NO, theme.YES] if self.yes_no else list(theme.SEQUENCE[: len(self.edges) + 2])

    def index(self, value: float) -> int:
        """Which class a value belongs to."""
        return 0 if value <= 0 else 1 + (0 if self.yes_no else sum(value >= edge for edge in self.edges))


def classes_of(values: pd.Series, kind: str, *, yes_no: bool) -> Classes:
    """Classes from quantiles of the positive values of all months: a colour means the same in every month."""
    positive = values[values > 0]
    if yes_no or positive.empty:
        return Classes(kind, (), yes_no)
    digits = 0 if kind in WHOLE else 2 if kind == "share" else 1
    edges = sorted({round(float(edge), digits) for edge in positive.quantile([0.4, 0.7, 0.9])})
    lowest = 1 if kind in WHOLE else 0
    return Classes(kind, tuple(edge for edge in edges if edge > lowest))
