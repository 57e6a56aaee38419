"""Which rows tell the same count, and which only seem to because two numbers are equal by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pipelines.disclosure.counts import Counted
from pipelines.disclosure.sums import System, build_system
from tests.disclosure.worlds import PREFECTURE, level

TOWNS = {"112011": "R-A", "112020": "R-A"}
COUNTED = {
    "closures": Counted("case.closed", None, (0, 0)),
    "closure_handover_share": Counted("case.closed.closure_type=C1", "case.closed", (0, 11)),
}
WINDOW = "case.closed~0-11"


def system(year: Mapping[str, int], share: Mapping[str, tuple[int, int]]) -> System:
    """A fiscal year's closures by area, and a share over the same twelve months: (handed over, closed) by area."""
    closures = [("closures", area, number, None) for area, number in year.items()]
    shares = [("closure_handover_share", area, number, of) for area, (number, of) in share.items()]
    frames = {
        "kpi_monthly": frame(shares, pd.Timestamp(2025, 3, 1)),
        "kpi_period": frame(closures, pd.Timestamp(2024, 4, 1)).assign(period_kind="fiscal_year"),
    }
    return build_system(frames, counted=COUNTED, parents={**TOWNS, "R-A": PREFECTURE})


def frame(rows: Sequence[tuple[str, str, int, int | None]], period: pd.Timestamp) -> pd.DataFrame:
    told = pd.DataFrame(rows, columns=["kpi_id", "area_code", "numerator", "denominator"])
    told = told.assign(period=period, area_level=[level(str(area)) for area in told["area_code"]])
    return told.astype({"numerator": "Int64", "denominator": "Int64"})


def relations(system: System) -> set[tuple[str, frozenset[str]]]:
    """Every sum: its kind, and its counts by path and area."""
    named = [
        f"{system.paths[path]} {system.areas[area]}"
        for path, area in system.counts[["path", "area"]].itertuples(index=False)
    ]
    return {
        (kind, frozenset(np.array(named)[row.indices].tolist()))
        for kind, row in zip(system.kinds, system.sums.tocsr(), strict=True)
    }


def test_a_set_told_twice_is_one_count() -> None:
    year = {"112011": 5, "112020": 4, "R-A": 9, PREFECTURE: 9}
    told = system(year, {area: (1, number) for area, number in year.items()})
    assert not any("~" in told.paths[path] for path in told.counts["path"])
    assert told.counts["value"].groupby([told.counts["path"], told.counts["area"]]).size().max() == 1


def test_what_a_share_counts_otherwise_in_one_town_is_another_count_everywhere() -> None:
    """The region's 9 is 9 both ways by chance: one town closed a case more, of another the share knows one less."""
    year = {"112011": 5, "112020": 4, "R-A": 9, PREFECTURE: 9}
    told = system(year, {"112011": (1, 6), "112020": (1, 3), "R-A": (2, 9), PREFECTURE: (2, 9)})
    found = relations(told)
    for path in ("case.closed", WINDOW):
        assert ("area", frozenset({f"{path} 112011", f"{path} 112020", f"{path} R-A"})) in found
        assert ("area", frozenset({f"{path} R-A", f"{path} {PREFECTURE}"})) in found
    parts = {f"{WINDOW}{member} R-A" for member in ("", ".closure_type=C1", ".!closure_type=C1")}
    assert ("rest", frozenset(parts)) in found
    assert not {names for kind, names in found if kind == "same"}


def test_a_towns_number_is_one_where_nothing_shows_that_it_is_not() -> None:
    year = {"112011": 5, "112020": 4, "R-A": 9, PREFECTURE: 9}
    found = relations(system(year, {"112011": (1, 5), "R-A": (1, 5), PREFECTURE: (1, 5)}))
    same = {names for kind, names in found if kind == "same"}
    assert same == {frozenset({"case.closed 112011", f"{WINDOW} 112011"})}


def test_some_members_of_a_breakdown_are_not_the_set_where_they_add_up_to_it_by_chance() -> None:
    """All of the region's closures were handed over, but a share tells of two kinds of closing, and there are more."""
    year = {"112011": 5, "112020": 4, "R-A": 9, PREFECTURE: 9}
    by_type = [("closures", "R-A", number, None) for number in (9, 0, 0)]
    frames = {
        "kpi_period": frame([("closures", area, n, None) for area, n in year.items()], pd.Timestamp(2024, 4, 1)).assign(
            period_kind="fiscal_year"
        ),
        "kpi_monthly": frame(
            [("closure_handover_share", "R-A", 9, 9), ("closures", "R-A", 9, None)], pd.Timestamp(2025, 3, 1)
        ),
        "kpi_monthly_by": frame(by_type, pd.Timestamp(2025, 3, 1)).assign(
            dimension="closure_type", member=["C1", "C2", "C6"]
        ),
    }
    told = build_system(frames, counted=COUNTED, parents={**TOWNS, "R-A": PREFECTURE})
    members = [names for kind, names in relations(told) if kind == "members"]
    types = [f"case.closed.closure_type={member} R-A" for member in ("C1", "C2", "C6")]
    assert members == [frozenset({"case.closed R-A", *types})]
