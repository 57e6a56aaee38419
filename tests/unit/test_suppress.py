"""Primary suppression: what each audience may see of small counts of persons."""

from __future__ import annotations

import csv
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.disclosure.suppress import Threshold, read_thresholds, suppress
from pipelines.settings import PROJECT_DIR

PERSONS = frozenset({"gap_needs", "complex_share"})


def thresholds() -> list[Threshold]:
    with (PROJECT_DIR / "data/reference/disclosure_thresholds.csv").open(encoding="utf-8") as stream:
        return read_thresholds(list(csv.DictReader(stream)), on=date(2024, 5, 1))


def seen(audience: str, kpi: str, numerator: int | None, denominator: int | None, population: int) -> pd.Series:
    value = None if numerator is None else (numerator / denominator if denominator else float(numerator))
    cells = pd.DataFrame(
        {
            "kpi_id": [kpi],
            "area_code": ["A"],
            "numerator": pd.array([numerator], dtype="Int64"),
            "denominator": pd.array([denominator], dtype="Int64"),
            "value": [value],
            "mark": pd.Series([None], dtype=object),
        }
    )
    return suppress(
        cells, audience=audience, thresholds=thresholds(), population={"A": population}, person_kpis=PERSONS
    ).iloc[0]


@pytest.mark.parametrize(
    ("audience", "count", "population", "hidden"),
    [
        ("internal", 1, 3_000, False),
        ("adviser", 0, 3_000, False),
        ("adviser", 1, 3_000, True),
        ("adviser", 4, 3_000, True),
        ("adviser", 5, 3_000, False),
        ("public", 0, 24_999, False),
        ("public", 19, 24_999, True),
        ("public", 20, 24_999, False),
        ("public", 9, 25_000, True),
        ("public", 10, 25_000, False),
        ("public", 500, 1_999, True),
        ("public", 0, 1_999, True),
        ("public", 500, 2_000, False),
    ],
)
def test_counts(audience: str, count: int, population: int, hidden: bool) -> None:
    cell = seen(audience, "gap_needs", count, None, population)
    assert (cell["mark"] == "x") is hidden
    assert pd.isna(cell["numerator"]) is hidden
    assert pd.isna(cell["value"]) is hidden


@pytest.mark.parametrize(
    ("numerator", "denominator", "hidden"),
    [(5, 10, False), (4, 10, True), (6, 10, True), (10, 10, False), (0, 4, True), (0, 5, False), (0, 0, False)],
)
def test_a_share_is_hidden_with_any_small_part_of_it(numerator: int, denominator: int, hidden: bool) -> None:
    cell = seen("adviser", "complex_share", numerator, denominator, 30_000)
    assert (cell["mark"] == "x") is hidden
    assert pd.isna(cell["denominator"]) is hidden


def test_counts_of_municipalities_are_never_hidden() -> None:
    assert seen("public", "window_rate", 1, 2, 1_000)["mark"] is None


def test_a_missing_cell_keeps_its_own_mark() -> None:
    assert pd.isna(seen("public", "gap_needs", None, None, 1_000)["mark"])


def test_an_area_without_a_threshold_is_an_error() -> None:
    with pytest.raises(ValueError, match="no disclosure threshold"):
        seen("nobody", "gap_needs", 1, None, 10_000)


@given(st.sampled_from(["adviser", "public"]), st.integers(0, 60), st.integers(0, 60), st.integers(2_000, 90_000))
def test_no_small_part_of_a_share_is_ever_seen(audience: str, numerator: int, rest: int, population: int) -> None:
    cell = seen(audience, "complex_share", numerator, numerator + rest, population)
    below = 5 if audience == "adviser" else (20 if population < 25_000 else 10)
    small = any(0 < part < below for part in (numerator, rest, numerator + rest))
    assert (cell["mark"] == "x") is small
