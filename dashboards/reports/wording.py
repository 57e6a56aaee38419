"""How a document words figures: a cell with its unit, a change, what it says where there is no figure. Texts only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd

from dashboards import labels
from dashboards.labels import MARKS

EMPTY = "—"


def fiscal_year_of(month: date) -> int:
    """The fiscal year (April to March) of a month."""
    return month.year - (month.month < 4)


def fiscal_year_label(fiscal_year: int) -> str:
    """令和6年度."""
    return labels.figure_date(f"FY{fiscal_year}")


def count_text(number: Any, mark: Any) -> str:
    """A count with thousands, or its mark."""
    if isinstance(mark, str):
        return mark
    return EMPTY if pd.isna(number) else labels.thousands(number)


def with_unit(kpi: Any, cell: Any) -> str:
    """1,234件, 34.2%, x(秘匿)."""
    text = labels.value_text(kpi.kind, cell)
    if text in labels.ABSENT:
        return f"{text}({labels.ABSENT[text]})"
    return text if kpi.kind == "share" else f"{text}{kpi.unit}"


def value_of(cell: Any) -> float | int | None:
    """The value as data: whole where it is a count."""
    if pd.isna(cell.value):
        return None
    return int(cell.value) if float(cell.value).is_integer() and pd.isna(cell.denominator) else float(cell.value)


def whole(number: Any) -> int | None:
    """A nullable count as data."""
    return None if pd.isna(number) else int(number)


def text_or_none(text: Any) -> str | None:
    """A nullable text as data."""
    return None if pd.isna(text) else str(text)


def date_text(day: Any) -> str:
    """令和6年5月1日, or a dash where there is none."""
    return EMPTY if pd.isna(day) else labels.wareki_date(pd.Timestamp(day).date())


def yen_text(amount: float) -> str:
    """1,234,000円; a minus as −."""
    return f"{amount:,.0f}円".replace("-", "−")


def why_absent(marks: Iterable[Any], what: str) -> str:
    """One sentence for a part of which no figure can be shown."""
    found = {mark for mark in marks if isinstance(mark, str)}
    if "x" in found:
        return f"{what}は、小さい数を守るためすべて秘匿しています。"
    if "…" in found:
        return f"{what}は、もとになる提出がまだ無いため分かりません。"
    if "-" in found:
        return f"{what}は、対象外です(もとになる様式の提出が見込まれていません)。"
    return f"{what}は、この版に記録がありません(閲覧区分によっては載せていません)。"


def names(found: Iterable[str], limit: int = 12) -> str:
    """A、B、C ほか3."""
    listed = list(found)
    rest = len(listed) - limit
    return "、".join(listed[:limit]) + (f" ほか{rest}" if rest > 0 else "")


LEGEND = "記号: 0 該当なし、" + "、".join(f"{mark} {meaning}" for mark, meaning in MARKS.items())
