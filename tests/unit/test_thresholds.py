"""The rules as data: tiers of population, and which rows an audience is never shown."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipelines.disclosure.protect import count, protect
from pipelines.disclosure.thresholds import Level, Threshold, read_levels, read_thresholds, threshold_by_area
from pipelines.settings import PROJECT_DIR
from tests.disclosure import worlds

REFERENCE = PROJECT_DIR / "data" / "reference"


def rows_of(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def thresholds() -> list[Threshold]:
    return read_thresholds(rows_of("disclosure_thresholds.csv"), on=date(2024, 5, 1))


def seen(audience: str, number: int, population: int) -> pd.Series:
    """How one count of a prefecture of one municipality looks; nothing else is there that could be hidden with it."""
    town = "112011"
    atoms = {(town, 1, "all"): number}
    world = worlds.World(atoms, {("kpi_monthly", "new_consultations", 1, None, town): (list(atoms), None)})
    rules = replace(worlds.rules(population), thresholds=thresholds())
    frames = world.frames()
    return protect(count(frames, rules), frames, rules, audience).frames["kpi_monthly"].iloc[0]


@pytest.mark.parametrize(
    ("audience", "number", "population", "hidden"),
    [
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
def test_counts(audience: str, number: int, population: int, hidden: bool) -> None:
    cell = seen(audience, number, population)
    assert (cell["mark"] == "x") is hidden
    assert pd.isna(cell["numerator"]) is hidden
    assert pd.isna(cell["value"]) is hidden


@hypothesis_settings(max_examples=60)
@given(st.sampled_from(["adviser", "public"]), st.integers(0, 60), st.integers(2_000, 90_000))
def test_no_small_count_is_ever_seen(audience: str, number: int, population: int) -> None:
    below = 5 if audience == "adviser" else (20 if population < 25_000 else 10)
    assert (seen(audience, number, population)["mark"] == "x") is (0 < number < below)


def test_an_area_without_a_threshold_is_an_error() -> None:
    with pytest.raises(ValueError, match="no disclosure threshold"):
        threshold_by_area("nobody", thresholds(), {"112011": 10_000})


def test_a_level_that_is_not_shown_is_hidden_whole_zeros_too() -> None:
    level = Level("public", "kpi_monthly", "consultation", "municipality", "month")
    world = worlds.World(
        {("112011", 1, "all"): 0},
        {("kpi_monthly", "new_consultations", 1, None, "112011"): ([("112011", 1, "all")], None)},
    )
    rules, frames = replace(worlds.rules(), levels=[level]), world.frames()
    done = protect(count(frames, rules), frames, rules, "public")
    assert done.frames["kpi_monthly"]["mark"].tolist() == ["x"]
    assert done.report["not_shown"].tolist() == [1]


def test_every_level_names_counts_that_a_kpi_counts() -> None:
    counted = {
        f"{path}." for row in rows_of("disclosure_counts.csv") for path in (row["counts"], row["counts_of"]) if path
    }
    for level in read_levels(rows_of("disclosure_levels.csv")):
        assert not level.counts or any(path.startswith(f"{level.counts}.") for path in counted), level
