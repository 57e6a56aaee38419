"""`make bench`: what protecting costs, in seconds and in hidden cells, on synthetic breakdowns of 63 municipalities.

One month × 12 members, beside pytauargus' optimal solution of the same table; then 36 months with their years. Every grain is
shown, which is harder than what is published. Prints; nothing here passes or fails.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from pytauargus import protect as protect_by_tauargus

from pipelines.disclosure.audit import audit
from pipelines.disclosure.counts import Counted
from pipelines.disclosure.protect import Rules, claim, count, hide, protect, stand
from pipelines.disclosure.reader import look
from pipelines.disclosure.sums import System
from pipelines.disclosure.suppress import Pattern
from pipelines.disclosure.thresholds import PROTECTED_AUDIENCES, Threshold
from pipelines.disclosure.verify import verify
from pipelines.protected_files import _told as told_of
from pipelines.resources import connect
from pipelines.settings import Settings

BELOW = 10
MEMBERS = [f"m{number:02d}" for number in range(12)]
TOWNS = {f"11{number:03d}0": f"R-{number % 10}" for number in range(1, 64)}
PREFECTURE = "110001"
DENSITIES = {"sparse": 10.0, "middle": 33.0, "dense": 100.0}
RULES = Rules(
    counted={"gap_needs": Counted("consultation.gap_need", None, (0, 0))},
    levels=[],
    thresholds=[Threshold("public", 0, None, BELOW)],
    population=dict.fromkeys([*TOWNS, *TOWNS.values(), PREFECTURE], 50_000),
    parents={**TOWNS, **dict.fromkeys(TOWNS.values(), PREFECTURE)},
    persons=frozenset({"gap_needs"}),
)


def cells(mean: float, months: int) -> pd.DataFrame:
    """Municipality × month × member, sizes log-normal over municipalities."""
    random = np.random.default_rng(1)
    size = random.lognormal(0, 1, len(TOWNS))
    share = random.dirichlet(np.full(len(MEMBERS), 2.0)) * len(MEMBERS)
    expected = mean * size[:, None, None] / size.mean() * share[None, None, :] * np.ones((1, months, 1))
    index = pd.MultiIndex.from_product([TOWNS, range(months), MEMBERS], names=["area_code", "month", "member"])
    return pd.Series(random.poisson(expected).ravel(), index=index, name="numerator").reset_index()


def frames(towns: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The breakdown and its total as the marts hold them, with regions, the prefecture, and fiscal years of the total."""
    region = towns.assign(area_code=towns["area_code"].map(TOWNS))
    every = pd.concat([towns, region, towns.assign(area_code=PREFECTURE)])
    by = every.groupby(["area_code", "month", "member"], as_index=False)["numerator"].sum()
    total = by.groupby(["area_code", "month"], as_index=False)["numerator"].sum()
    year = (
        total.assign(month=total["month"] // 12 * 12).groupby(["area_code", "month"], as_index=False)["numerator"].sum()
    )
    told = {"kpi_monthly": total, "kpi_monthly_by": by.assign(dimension="gap_reason")}
    if towns["month"].nunique() > 1:
        told["kpi_period"] = year.assign(period_kind="fiscal_year")
    return {table: _as_mart(frame) for table, frame in told.items()}


def _as_mart(frame: pd.DataFrame) -> pd.DataFrame:
    areas = [str(area) for area in frame["area_code"]]
    named = {PREFECTURE: "prefecture"} | dict.fromkeys(TOWNS, "municipality")
    return frame.assign(
        kpi_id="gap_needs",
        period=[pd.Timestamp(2023 + (3 + month) // 12, (3 + month) % 12 + 1, 1) for month in frame["month"]],
        area_level=[named.get(area, "region") for area in areas],
        numerator=frame["numerator"].astype("Int64"),
        denominator=pd.array([None] * len(frame), dtype="Int64"),
        value=frame["numerator"].astype("Float64"),
        mark=pd.Series([None] * len(frame), dtype=object),
    ).drop(columns="month")


def leaked_by_thresholds_alone(system: System, told: dict[str, pd.DataFrame]) -> tuple[int, int]:
    """Small counts, and how many of them can be narrowed below the threshold when nothing else is hidden."""
    start = stand(system, RULES, "public", [])
    nothing = np.zeros(len(system.value), dtype=bool)
    pattern = Pattern(system, start.needed, start.never_shown, frozen=nothing, told=nothing)
    pattern.secret, pattern.open = pattern.sensitive.copy(), pattern.open & False
    pattern.settle()
    view = look(system, hide(told, pattern, RULES), start.never_shown, nothing)
    return int(pattern.sensitive.sum()), len(audit(view, start.needed, pattern.sensitive)[1])


def report(name: str, months: int, mean: float) -> None:
    """Protect one table and print what it took."""
    towns = cells(mean, months)
    told = frames(towns)
    began = time.perf_counter()
    system = count(told, RULES)
    read = time.perf_counter()
    done = protect(system, told, RULES, "public")
    protected = time.perf_counter()
    breaches = verify(claim(system, done.frames, RULES, "public", earlier=[], witnesses=done.witnesses))
    verified = time.perf_counter()
    cost = done.report[["cells", "small", "others", "counted", "counted_hidden"]].sum()
    print(
        f"{name:<7} {months:2d} months {cost['cells']:6,} cells: count {read - began:5.2f} s, protect and attack"
        f" {protected - read:6.2f} s, verify {verified - protected:5.2f} s, {len(breaches)} breaches;"
        f" small {cost['small']:,}, others {cost['others']:,} ({cost['others'] / cost['small']:.2f} each),"
        f" {1 - cost['counted_hidden'] / cost['counted']:.1%} of what is counted is shown"
    )
    again = time.perf_counter()
    protect(system, told, RULES, "public", earlier=[done.snapshot], witnesses=done.witnesses)
    print(f"        the same release again {time.perf_counter() - again:5.2f} s")


def optimal(mean: float) -> None:
    """The month table by pytauargus OPT, which lets a reader forget that zeros are printed."""
    towns = cells(mean, 1)
    persons = towns.loc[towns.index.repeat(towns["numerator"])]
    people = pd.DataFrame({"area": persons["area_code"].to_numpy(), "member": persons["member"].to_numpy(), "n": 1})
    began = time.perf_counter()
    # It leaves its logs where it is called.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        tree = Path(folder) / "area.hrc"
        regions = sorted(set(TOWNS.values()))
        lines = [line for region in regions for line in (region, *(f"@{t}" for t, r in TOWNS.items() if r == region))]
        tree.write_text("\n".join(lines) + "\n", encoding="ascii")
        rule = f"FREQ({BELOW},100)"
        result = protect_by_tauargus(
            people, ["area", "member"], "n", rule, "OPT(1)", hrc={"area": str(tree)}, workdir=folder
        )
        status = result.tables[0].dataframe()["status"].value_counts().to_dict()
    print(f"        pytauargus OPT {time.perf_counter() - began:5.2f} s, cells by status {status}")


def whole_release(settings: Settings) -> None:
    """All published tables of a home whose warehouse is built, as a first release to each audience, without earlier ones."""
    with connect(settings.warehouse_db, read_only=True) as con:
        _, rules, told = told_of(settings, con, "published")
    system = count(told, rules)
    for audience in PROTECTED_AUDIENCES:
        began = time.process_time()
        done = protect(system, told, rules, audience)
        protected = time.process_time()
        breaches = verify(claim(system, done.frames, rules, audience, earlier=[], witnesses=done.witnesses))
        verified = time.process_time()
        cost = done.report[["cells", "not_shown", "small", "others", "counted", "counted_hidden"]].sum()
        print(
            f"whole release, {audience:<8} {cost['cells']:8,} rows: protect and attack {protected - began:5.1f} s of processor,"
            f" verify {verified - protected:4.1f} s, {len(breaches)} breaches; small {cost['small']:,}, others {cost['others']:,}"
            f" ({cost['others'] / cost['small']:.2f} each), {1 - cost['counted_hidden'] / cost['counted']:.1%} of what is counted"
            f" is shown, withheld: {', '.join(sorted(done.withheld)) or 'nothing'}"
        )


def main() -> None:
    """Run and print."""
    for name, mean in DENSITIES.items():
        told = frames(cells(mean, 1))
        small, leaked = leaked_by_thresholds_alone(count(told, RULES), told)
        print(f"{name}: thresholds alone leave {leaked} of {small} small counts open to subtraction")
        report(name, 1, mean)
        optimal(mean)
    report("middle", 36, DENSITIES["middle"])


if __name__ == "__main__":
    main()
