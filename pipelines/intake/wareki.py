"""Dates, months and fiscal years as people write them in Japan.

Never guesses: what is impossible (令和6年2月30日, 平成35年) or has two readings (2024.1 may be October) is `NotADate`.
Where a date may stand and what it means there does not belong here.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.intake.text import compact


class NotADate(ValueError):
    """The text is no date of the kind asked for. The message never repeats the text."""


@dataclass(frozen=True)
class Era:
    """An era and the days it covers, both ends included."""

    name: str
    letter: str
    first: date
    last: date


ERAS = (
    # Meiji counts from 1873 here: before that Japan did not use this calendar.
    Era("明治", "M", date(1873, 1, 1), date(1912, 7, 29)),
    Era("大正", "T", date(1912, 7, 30), date(1926, 12, 24)),
    Era("昭和", "S", date(1926, 12, 25), date(1989, 1, 7)),
    Era("平成", "H", date(1989, 1, 8), date(2019, 4, 30)),
    Era("令和", "R", date(2019, 5, 1), date(2099, 12, 31)),
)
_FIRST_YEARS = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
_ERA_BY_MARK = {mark: era for era in ERAS for mark in (era.name, era.name[0], era.letter)}

_EARLIEST, _LATEST = ERAS[0].first, ERAS[-1].last
# Excel counts days from here (its 29 February 1900 never was). Below the range lie the numbers that may be a year and
# a month run together (20245), so a smaller serial is not a date.
_SERIAL_ZERO = date(1899, 12, 30)
_SERIALS = range(21916, 73051)  # 1960-01-01 to 2099-12-31

_YEAR = r"(?:(?P<era>明治|大正|昭和|平成|令和|[明大昭平令MTSHR])(?P<era_year>元|[0-9]{1,2})|(?P<year>[0-9]{4}))"
_MONTH = r"(?P<month>[0-9]{1,2})"
_DAY = r"(?P<day>[0-9]{1,2})"
_MIDNIGHT = r"(?:[ T]0?0:00(?::00(?:\.0+)?)?)?"
_ERA_COMPACT = r"(?P<era>[MTSHR])(?P<era_year>[0-9]{2})"

_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}年{_MONTH}月{_DAY}日{_MIDNIGHT}",
        rf"{_YEAR}(?P<mark>[-/.]){_MONTH}(?P=mark){_DAY}{_MIDNIGHT}",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
        rf"{_ERA_COMPACT}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})",
    )
)
_MONTHS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}年{_MONTH}月分?",
        rf"{_YEAR}[-/]{_MONTH}",
        # A dot only after an era: Excel shows the number 2024.10 as 2024.1.
        rf"(?P<era>明治|大正|昭和|平成|令和|[明大昭平令MTSHR])(?P<era_year>元|[0-9]{{1,2}})\.{_MONTH}",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})",
        rf"{_ERA_COMPACT}(?P<month>[0-9]{{2}})",
    )
)
_FISCAL_YEARS = (
    re.compile(r"FY(?P<year>[0-9]{4})", re.IGNORECASE),
    re.compile(rf"{_YEAR}(?:年度)?", re.IGNORECASE),
)


def parse_date(text: str) -> date:
    """The day the text names. Raises NotADate, for a blank too."""
    cleaned = compact(text)
    if match := _match(_DATES, cleaned):
        return _in_era(match, int(match["month"]), int(match["day"]))
    if len(cleaned) == 5 and cleaned.isascii() and cleaned.isdigit() and int(cleaned) in _SERIALS:
        return _SERIAL_ZERO + timedelta(days=int(cleaned))
    raise NotADate("not understood as a date")


def parse_year_month(text: str) -> tuple[date, bool]:
    """The first day of the month the text names, and whether a full date was cut to it. Raises NotADate."""
    if not (match := _match(_MONTHS, compact(text))):
        return parse_date(text).replace(day=1), True
    month = int(match["month"])
    year = _western_year(match)
    first = _day(year, month, 1)
    last = first.replace(day=monthrange(year, month)[1])
    _require_overlap(match, first, last)
    return first, False


def parse_fiscal_year(text: str) -> int:
    """The Gregorian year in which the fiscal year (April to March) starts. Raises NotADate."""
    if not (match := _match(_FISCAL_YEARS, compact(text))):
        raise NotADate("not understood as a fiscal year")
    year = _western_year(match)
    _require_overlap(match, _day(year, 4, 1), _day(year + 1, 3, 31))
    return year


def _match(patterns: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    return next((match for pattern in patterns if (match := pattern.fullmatch(text))), None)


def _era(match: re.Match[str]) -> Era | None:
    mark = match.groupdict().get("era")
    return _ERA_BY_MARK[mark.upper()] if mark else None


def _western_year(match: re.Match[str]) -> int:
    era = _era(match)
    if era is None:
        return int(match["year"])
    number = 1 if match["era_year"] == "元" else int(match["era_year"])
    if number == 0:
        raise NotADate("an era starts with year 1")
    return _FIRST_YEARS[era.name] + number - 1


def _in_era(match: re.Match[str], month: int, day: int) -> date:
    found = _day(_western_year(match), month, day)
    _require_overlap(match, found, found)
    return found


def _day(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise NotADate("no such day") from None
    if not _EARLIEST <= found <= _LATEST:
        raise NotADate("out of any plausible range")
    return found


def _require_overlap(match: re.Match[str], first: date, last: date) -> None:
    """A month or year in which the era changed belongs to both eras; a day to one."""
    era = _era(match)
    if era is not None and not (era.first <= last and first <= era.last):
        raise NotADate("outside its era")
