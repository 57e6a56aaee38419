"""Reads the code lists from the reference tables. Which column uses which list is the contract's to say."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from expectations.rates import newest_rates


@dataclass(frozen=True)
class Code:
    """One code of a list. `group` is the code of another list that it belongs to: the `agency_group` of an
    agency type, the `field` of a grant component, the `support_stage` a screening result leads to."""

    code: str
    label_ja: str
    group: str
    verified: str


CodeLists = Mapping[str, tuple[Code, ...]]


@cache
def load_code_lists(codes_csv: Path, grant_components_csv: Path) -> CodeLists:
    """Every code list by name, codes in their printed order.

    The grant components are a code list too (`grant_component`), kept with their rates in a file of their own.
    """
    lists: dict[str, list[tuple[int, Code]]] = {}
    for row in _rows(codes_csv):
        code = Code(row["code"], row["label_ja"], row["group"], row["verified"])
        lists.setdefault(row["list"], []).append((int(row["sort"]), code))
    ordered = {
        name: tuple(code for _, code in sorted(codes, key=lambda pair: pair[0])) for name, codes in lists.items()
    }
    ordered["grant_component"] = tuple(
        Code(component, row["label_ja"], row["field"], row["verified"])
        for component, row in newest_rates(_rows(grant_components_csv)).items()
    )
    return ordered


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
