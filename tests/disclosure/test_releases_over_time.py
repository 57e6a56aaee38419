"""A year and more of monthly releases with late corrections: who keeps every one of them learns nothing from any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.disclosure.audit import Finding, audit
from pipelines.disclosure.counts import Counted
from pipelines.disclosure.protect import Protected, Rules, claim, count, protect
from pipelines.disclosure.reader import look
from pipelines.disclosure.thresholds import Level, Threshold
from pipelines.disclosure.verify import verify
from tests.disclosure.worlds import PREFECTURE, level

BELOW = 5
TOWNS = {f"11{number:03d}0": f"R-{number % 4}" for number in range(1, 13)}
MEMBERS = ["income", "age", "housing"]
FIRST = pd.Timestamp(2024, 4, 1)
RULES = Rules(
    counted={"gap_needs": Counted("consultation.gap_need", None, (0, 0))},
    levels=[
        Level(
            "public", table, "", area, "month"
        )  # as the public edition: towns by quarter, members for regions and above
        for table, area in (("kpi_monthly", "municipality"), ("kpi_monthly_by", "municipality"))
    ],
    thresholds=[Threshold("public", 0, None, BELOW)],
    population=dict.fromkeys([*TOWNS, *TOWNS.values(), PREFECTURE], 50_000),
    parents={**TOWNS, **dict.fromkeys(TOWNS.values(), PREFECTURE)},
    persons=frozenset({"gap_needs"}),
)


def releases(number: int, corrected: float, seed: int) -> list[dict[str, pd.DataFrame]]:
    """The published tables month after month, each with a month more and a share of earlier cells corrected (synthetic)."""
    random = np.random.default_rng(seed)
    size = random.lognormal(0, 1, len(TOWNS))
    cells = np.zeros((len(TOWNS), 0, len(MEMBERS)), dtype="int64")
    told = []
    for _ in range(number):
        late = random.random(cells.shape) < corrected
        cells = np.maximum(cells + late * random.integers(-2, 4, cells.shape), 0)
        cells = np.concatenate([cells, random.poisson(6 * size[:, None, None], (len(TOWNS), 1, len(MEMBERS)))], axis=1)
        told.append(tables(cells))
    return told


def tables(cells: np.ndarray) -> dict[str, pd.DataFrame]:
    """Town × month × member as the marts hold it: totals, members, quarters; towns, regions, prefecture."""
    months = pd.date_range(FIRST, periods=cells.shape[1], freq="MS")
    index = pd.MultiIndex.from_product([TOWNS, months, MEMBERS], names=["area_code", "period", "member"])
    towns = pd.Series(cells.ravel(), index=index, name="numerator").reset_index()
    every = pd.concat(
        [towns, towns.assign(area_code=towns["area_code"].map(TOWNS)), towns.assign(area_code=PREFECTURE)]
    )
    by = every.groupby(["area_code", "period", "member"], as_index=False)["numerator"].sum()
    total = by.groupby(["area_code", "period"], as_index=False)["numerator"].sum()
    starts = total["period"].dt.to_period("Q").dt.to_timestamp()
    quarter = total.assign(period=starts).groupby(["area_code", "period"], as_index=False)["numerator"].sum()
    whole = quarter[quarter["period"] + pd.DateOffset(months=2) <= months[-1]].reset_index(drop=True)
    return {
        "kpi_monthly": as_mart(total),
        "kpi_monthly_by": as_mart(by.assign(dimension="gap_reason")),
        "kpi_period": as_mart(whole.assign(period_kind="fiscal_quarter")),
    }


def as_mart(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(
        kpi_id="gap_needs",
        area_level=[level(str(area)) for area in frame["area_code"]],
        numerator=frame["numerator"].astype("Int64"),
        denominator=pd.array([None] * len(frame), dtype="Int64"),
        value=frame["numerator"].astype("Float64"),
        mark=pd.Series([None] * len(frame), dtype=object),
    )


def attack(frames: dict[str, pd.DataFrame], done: Protected, earlier: Sequence[pd.DataFrame]) -> list[Finding]:
    """What somebody who kept every release can narrow down, of this one and of what earlier ones hid: without their proofs."""
    told = claim(count(frames, RULES), done.frames, RULES, "public", earlier=earlier, witnesses=done.witnesses)
    view = look(told.system, done.frames, told.never_shown, told.told)
    lines = told.system.shown["count"].to_numpy()
    offered = told.system.remembered.copy()
    offered[lines[~told.never_shown]] = True
    small = (told.system.value > 0) & (told.system.value < told.needed) & ~view.readable & offered
    tables, _ = audit(view, told.needed, small)
    return audit(view, told.needed, small, known=tables)[1]


def replay(number: int, corrected: float, seed: int) -> int:
    """Release, verify and attack month after month; returns how many releases showed nothing, because nothing was safe."""
    earlier: list[pd.DataFrame] = []
    alone: list[pd.DataFrame] = []
    proof, leaked, silent = None, 0, 0
    for frames in releases(number, corrected, seed):
        system = count(frames, RULES)
        done = protect(system, frames, RULES, "public", earlier=earlier, witnesses=proof)
        silent += bool(done.withheld)
        told = claim(system, done.frames, RULES, "public", earlier=earlier, witnesses=done.witnesses)
        assert verify(told) == []
        # A release that shows nothing tells no more than the ones before it, which were attacked.
        assert done.withheld or attack(frames, done, earlier) == []
        independent = protect(system, frames, RULES, "public")
        leaked += len(attack(frames, independent, alone))
        alone.append(independent.snapshot)
        earlier.append(done.snapshot)
        proof = done.witnesses
    assert leaked > 0  # else this test could not fail
    return silent


def test_four_releases_with_corrections_tell_nothing_together() -> None:
    assert replay(4, corrected=0.1, seed=2) == 0


def test_a_region_that_got_another_name_stops_no_release() -> None:
    first, second = releases(2, 0.0, seed=2)
    before = protect(count(first, RULES), first, RULES, "public")
    assert "R-0" in set(before.snapshot["area"])
    renamed = {table: frame.replace({"area_code": {"R-0": "R-9"}}) for table, frame in second.items()}
    parents = {area: "R-9" if parent == "R-0" else parent for area, parent in RULES.parents.items()}
    rules = replace(RULES, parents=parents | {"R-9": PREFECTURE}, population={**RULES.population, "R-9": 50_000})
    system = count(renamed, rules)
    done = protect(system, renamed, rules, "public", earlier=[before.snapshot])
    told = claim(system, done.frames, rules, "public", earlier=[before.snapshot], witnesses=done.witnesses)
    assert verify(told) == [] and not done.withheld
    assert {"R-9"} <= set(done.snapshot["area"]) and "R-0" not in set(done.snapshot["area"])


@pytest.mark.soak
def test_24_releases_with_corrections_tell_nothing_together() -> None:
    """In a prefecture of twelve towns, of which 3 % of the cells change every month: now and then nothing can be shown."""
    assert replay(24, corrected=0.03, seed=2) <= 10
