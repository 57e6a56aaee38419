"""How a figure is written for a Japanese reader: months and dates in 和暦, thousands, per cent, change, marks.

Here: formatting only. Names of KPIs, codes and areas come with the published file, never from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd

NO_COMPARISON = "比較なし"
WHOLE = {"count", "median", "elapsed"}  # kinds of KPI whose value is a whole number
MARKS = {"x": "秘匿", "…": "未提出", "-": "対象外"}
# A share of nothing is neither a mark nor zero: the municipality reported, and there was nothing to divide by.
NO_BASE = "分母0"
ABSENT = MARKS | {NO_BASE: "割合なし"}

_REIWA = (2019, 5)  # its first month


def wareki_year(day: date) -> str:
    """令和6年."""
    era, start = ("令和", 2019) if (day.year, day.month) >= _REIWA else ("平成", 1989)
    year = day.year - start + 1
    return f"{era}{'元' if year == 1 else year}年"


def wareki_month(day: date) -> str:
    """令和6年5月."""
    return f"{wareki_year(day)}{day.month}月"


def month_short(day: date) -> str:
    """6年5月: for the head of a narrow column."""
    return f"{wareki_year(day)[2:]}{day.month}月"


def wareki_date(day: date) -> str:
    """令和9年4月1日."""
    return f"{wareki_month(day)}{day.day}日"


def month_end(period: date) -> date:
    """The last day of the month."""
    return (period.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def months_before(period: date, months: int) -> date:
    """The first day of the month so many months earlier."""
    index = period.year * 12 + period.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def figure_date(as_of: str) -> str:
    """`2027-04-01` → 令和9年4月1日; `FY2024` → 令和6年度."""
    if as_of.startswith("FY"):
        return f"{wareki_year(date(int(as_of[2:]), 5, 1))}度"
    return wareki_date(date.fromisoformat(as_of))


def thousands(number: float) -> str:
    """1,234."""
    return f"{number:,.0f}"


def is_yes_no(kind: str, denominators: pd.Series) -> bool:
    """True for a share that is 0 or 1 of 1 in every area, such as "has a window": read as あり / なし, not as 100 %."""
    known = denominators.dropna()
    return kind == "share" and not known.empty and bool((known == 1).all())


def is_marked(cell: Any) -> bool:
    """True for a cell whose figure is not there: it carries a mark instead."""
    return isinstance(cell.mark, str)


def value_text(kind: str, cell: Any, *, yes_no: bool = False) -> str:
    """A KPI cell (numerator, value, mark) without its unit.

    Counts with thousands separators, shares in per cent, rates with one decimal. The mark where there is one;
    NO_BASE where a share has nothing to divide by.
    """
    if is_marked(cell):
        return cell.mark
    if pd.isna(cell.value):
        return NO_BASE
    if yes_no:
        return "あり" if cell.numerator else "なし"
    if kind in WHOLE:
        return thousands(cell.numerator)
    return f"{cell.value:.1%}" if kind == "share" else f"{cell.value:,.1f}"


def bound_text(kind: str, value: float) -> str:
    """An end of an interval, in the unit of the value: 12.3% of a share, else one decimal below 100."""
    if kind == "share":
        return f"{value:.1%}"
    return f"{value:,.1f}" if abs(value) < 100 and kind not in WHOLE else f"{value:,.0f}"


def change_text(kind: str, unit: str, now: float, before: float) -> str:
    """+12件, −1.6ポイント, 増減なし, 比較なし. `now` and `before` are values as published (a share is a fraction)."""
    if pd.isna(now) or pd.isna(before):
        return NO_COMPARISON
    difference = (now - before) * (100 if kind == "share" else 1)
    digits = 0 if kind in WHOLE else 1
    if round(difference, digits) == 0:
        return "増減なし"
    sign = "+" if difference > 0 else "−"
    return f"{sign}{abs(difference):,.{digits}f}{'ポイント' if kind == 'share' else unit}"


def fiscal_year_label(year: int) -> str:
    """2024 → 令和6年度."""
    return f"{wareki_year(date(year, 5, 1))}度"


def yen_short(amount: float) -> str:
    """1.2億円, 345万円, 999円: for inside a bar; tables hold the yen."""
    if amount >= 100_000_000:
        return f"{amount / 100_000_000:,.1f}億円"
    return f"{amount / 10_000:,.0f}万円" if amount >= 10_000 else f"{amount:,.0f}円"


def or_blank(text: Any, blank: str = "") -> str:
    """The text, or `blank` where there is none."""
    return text if isinstance(text, str) else blank


def named(names: Mapping[str, str], codes: Iterable[str]) -> str:
    """The names of codes, joined by 、."""
    return "、".join(names.get(code, code) for code in codes)
