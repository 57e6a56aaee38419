"""What a file name says: who sent it, which form it is and for which period.

What stands inside the file does not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath

from expectations.contract import Cadence, Contract
from pipelines.intake.text import compact, fold, label_key
from pipelines.intake.wareki import NotADate, parse_fiscal_year, parse_year_month

_DESIGNATED_CITY = "政令市"
_SMALL_KE = str.maketrans("ヶヵ", "ケカ")
_PERIOD_IN_TEXT = re.compile(
    r"(?<![0-9A-Za-z])(?:FY[0-9]{4}|(?:(?:明治|大正|昭和|平成|令和|[MTSHR])(?:元|[0-9]{1,2})|[0-9]{4})"
    r"(?:年度|年[0-9]{1,2}月(?![0-9])|[-/.][0-9]{1,2}(?![-/.0-9]))|[0-9]{6}(?![0-9]))",
    re.IGNORECASE,
)
# What Windows and browsers put behind a name that is taken already; folded, so that ー is a dash.
_COPY = re.compile(r"(?:\s*(?:\([0-9]{1,3}\)|- ?コピ-|のコピ-|- ?copy))+$", re.IGNORECASE)


@dataclass(frozen=True)
class NameReading:
    """What a file name tells; None where it tells nothing that is understood.

    `period` is the first day of the month or of the fiscal year, `cadence` says of which.
    """

    sender_code: str | None
    form: str | None
    period: date | None
    cadence: Cadence | None


class Senders:
    """Who may send a file, by every name and code they go by. `names`: the usual name by 6-digit code."""

    def __init__(self, municipalities: Iterable[Mapping[str, str]], prefecture_code: str, prefecture_name: str) -> None:
        """`municipalities`: rows of the municipality reference (municipality_code, name, county, kind)."""
        self.prefecture_code = prefecture_code
        self.names: dict[str, str] = {prefecture_code: prefecture_name}
        self._codes: dict[str, set[str]] = {}
        self._designated: dict[str, str] = {}
        self._prefecture = _name_key(prefecture_name)
        for text in (prefecture_code, prefecture_code[:5], prefecture_name):
            self._add(text, prefecture_code)
        for row in municipalities:
            code, name, county = row["municipality_code"], row["name"], row["county"]
            self.names[code] = name
            for text in {code, code[:5], name, prefecture_name + name, county + name, prefecture_name + county + name}:
                self._add(text, code)
            if row["kind"] == _DESIGNATED_CITY:
                self._designated[_name_key(name)] = code

    def resolve(self, text: str) -> str | None:
        """The sender's 6-digit code, or None when the text names nobody or more than one."""
        key = _name_key(text)
        codes = self._codes.get(key, set())
        if len(codes) == 1:
            return next(iter(codes))
        return None if codes else self._city_of_ward(key)

    def municipality(self, text: str) -> str | None:
        """As `resolve`, but the prefecture is nobody."""
        code = self.resolve(text)
        return None if code == self.prefecture_code else code

    def _add(self, text: str, code: str) -> None:
        self._codes.setdefault(_name_key(text), set()).add(code)

    def _city_of_ward(self, key: str) -> str | None:
        """A designated city's wards are written after its name and numbered after its code."""
        if key.endswith("区"):
            name = key.removeprefix(self._prefecture)
            return next((code for city, code in self._designated.items() if name.startswith(city)), None)
        if re.fullmatch(r"[0-9]{5}|[0-9]{6}", key) and (len(key) == 5 or key[5] == _check_digit(key[:5])):
            cities = [code for code in self._designated.values() if code[:3] == key[:3] and code[:5] < key[:5]]
            return max(cities, default=None)
        return None


def read_name(file_name: str, contracts: Mapping[str, Contract], senders: Senders) -> NameReading:
    """Reads `{municipality}_{form}_{period}[_{anything}].{ext}` or `{municipality}_{period}[_{anything}].{ext}`.

    `file_name` may be a path; only its last part is read. Form ids may hold underscores themselves.
    """
    sender, *rest = _COPY.sub("", fold(PurePosixPath(file_name).stem)).split("_")
    periods = [parse_period(part) for part in rest]
    at = next((index for index, period in enumerate(periods) if period), None)
    period, cadence = (at is not None and periods[at]) or (None, None)
    # Without a period nothing tells where the form ends; its id may hold underscores, so the longest one counts.
    ends = range(len(rest), 0, -1) if at is None else [at]
    forms = (form_named("_".join(rest[:end]), contracts) for end in ends)
    return NameReading(senders.resolve(sender), next(filter(None, forms), None), period, cadence)


def form_named(text: str, contracts: Mapping[str, Contract]) -> str | None:
    """The form whose id or Japanese name the text is."""
    key = label_key(text)
    return next((c.form for c in contracts.values() if key in (label_key(c.form), label_key(c.label_ja))), None)


@lru_cache(maxsize=8192)
def parse_period(text: str) -> tuple[date, Cadence] | None:
    """The period the text is, whole: a month or a fiscal year. A full date is no period."""
    folded = fold(text)
    try:
        if folded.endswith("年度") or folded.upper().startswith("FY"):
            return date(parse_fiscal_year(folded), 4, 1), "fiscal_year"
        first, was_full_date = parse_year_month(folded)
    except NotADate:
        return None
    return None if was_full_date else (first, "monthly")


@lru_cache(maxsize=8192)
def periods_in(text: str) -> frozenset[tuple[date, Cadence]]:
    """Every period mentioned in a line such as a title; dates with a day are not periods."""
    found = (parse_period(match.group()) for match in _PERIOD_IN_TEXT.finditer(compact(text)))
    return frozenset(period for period in found if period)


def period_label(period: date, cadence: Cadence) -> str:
    """`2024-05` for a month, `FY2024` for a fiscal year: the names of lake files and receipts."""
    return f"FY{period.year}" if cadence == "fiscal_year" else f"{period:%Y-%m}"


def _name_key(text: str) -> str:
    return label_key(text).translate(_SMALL_KE)


def _check_digit(code5: str) -> str:
    """The sixth digit of a local government code."""
    weighted = sum(int(digit) * weight for digit, weight in zip(code5, range(6, 1, -1), strict=True))
    return str((11 - weighted % 11) % 10)
