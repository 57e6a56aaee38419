"""Every published cell of the statistics, worked out again in plain loops: no numpy, no scipy, no SQL beyond reading.

Funnels, control charts, survival, projection and peers of one whole synthetic world. That the formulas are the right ones is
shown against printed values in tests/unit; here it is that each cell was given the right figures.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import duckdb
import pytest

from pipelines.resources import connect
from pipelines.settings import PROJECT_DIR
from tests.conftest import RunHome

TWO_SIGMA, THREE_SIGMA = 0.022750131948179195, 0.0013498980316300933
Pmf = Callable[[int], float]


@pytest.fixture(scope="module")
def warehouse(run_home: Callable[[int], RunHome]) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(run_home(7).settings.warehouse_db, read_only=True) as con:
        yield con


def rows(warehouse: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    answer = warehouse.execute(sql)
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def binomial(size: int, share: float) -> Pmf:
    def pmf(count: int) -> float:
        if share in (0, 1):
            return float(count == size * share)
        log = math.lgamma(size + 1) - math.lgamma(count + 1) - math.lgamma(size - count + 1)
        return math.exp(log + count * math.log(share) + (size - count) * math.log1p(-share))

    return pmf


def poisson(mean: float) -> Pmf:
    def pmf(count: int) -> float:
        return math.exp(count * math.log(mean) - mean - math.lgamma(count + 1)) if mean else float(count == 0)

    return pmf


def reached(pmf: Pmf, probability: float) -> tuple[int, float]:
    """The smallest count at which the distribution function reaches `probability`, and its value there."""
    count, total = 0, pmf(0)
    while total < probability:
        count += 1
        total += pmf(count)
    return count, total


def same(found: float | None, expected: float | None, tolerance: float = 1e-9) -> bool:
    if found is None or expected is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=tolerance, abs_tol=tolerance)


def test_every_funnel(warehouse: duckdb.DuckDBPyConnection) -> None:
    cells = rows(
        warehouse,
        """
        select i.*, kind, per, own.denominator, whole.numerator as whole_numerator, whole.denominator as whole_denominator
        from published.kpi_interval as i
        join published.kpi_catalogue using (kpi_id)
        join published.kpi_monthly as own using (kpi_id, period, area_level, area_code)
        join published.kpi_monthly as whole
            on whole.area_level = 'prefecture' and whole.kpi_id = i.kpi_id and whole.period = i.period
        where i.area_level = 'municipality'
        """,
    )
    drawn = 0
    for cell in cells:
        expected: dict[str, float | None] = dict.fromkeys(("lower_95", "upper_95", "lower_998", "upper_998"))
        if cell["kind"] in {"share", "rate"} and cell["denominator"] and cell["whole_denominator"]:
            drawn += 1
            size, share = cell["denominator"], cell["whole_numerator"] / cell["whole_denominator"]
            pmf = binomial(size, share) if cell["kind"] == "share" else poisson(share * size)
            one = cell["per"] / size
            for name, tail in (("95", 0.025), ("998", 0.001)):
                count, total = reached(pmf, tail)
                expected[f"lower_{name}"] = max(count - (total - tail) / pmf(count), 0) * one
                count, total = reached(pmf, 1 - tail)
                upper = count + 1 - (total - (1 - tail)) / pmf(count)
                expected[f"upper_{name}"] = (min(upper, size) if cell["kind"] == "share" else upper) * one
        for name, limit in expected.items():
            assert same(cell[f"funnel_{name}"], limit, 1e-7), (cell, name, limit)
    assert drawn > 500


def control_chart(values: Sequence[float | None], kind: str) -> dict[str, Any]:
    """Centre, limits and rules by month, in the words of docs/adr/0018."""
    known = [value for value in values if value is not None]
    centre = math.fsum(known) / len(known)
    ranges = [abs(b - a) for a, b in pairwise(values) if a is not None and b is not None]
    reach = 2.66 * math.fsum(ranges) / len(ranges) if ranges else math.nan
    lower, upper, near_lower, near_upper = (
        centre - reach,
        centre + reach,
        centre - reach * 2 / 3,
        centre + reach * 2 / 3,
    )
    is_poisson = kind == "count" and centre < 10
    if is_poisson:
        lower, upper = (reached(poisson(centre), tail)[0] for tail in (THREE_SIGMA, 1 - THREE_SIGMA))
        near_lower, near_upper = (reached(poisson(centre), tail)[0] for tail in (TWO_SIGMA, 1 - TWO_SIGMA))
    return {
        "method": "poisson" if is_poisson else "xmr",
        "centre": centre,
        "lower": None if math.isnan(lower) else max(lower, 0),
        "upper": None if math.isnan(upper) else min(upper, 1) if kind == "share" else upper,
        "signals": set(signals(values, centre, (lower, upper), (near_lower, near_upper))),
    }


def signals(
    values: Sequence[float | None], centre: float, limits: tuple[float, float], near: tuple[float, float]
) -> Iterator[tuple[int, str]]:
    """Each month of each pattern, and its rule."""
    slack = 1e-9 * max(abs(centre), 1)
    side, outer = [0] * len(values), [0] * len(values)
    for at, value in enumerate(values):
        if value is None:
            continue
        side[at] = (value > centre + slack) - (value < centre - slack)
        if value < limits[0] - slack or value > limits[1] + slack:
            yield at, "outside"
        else:
            outer[at] = (value > near[1] + slack) - (value < near[0] - slack)
    for at in range(len(values) - 6):
        seven = range(at, at + 7)
        steps = [b - a for a, b in pairwise(values[at : at + 7]) if a is not None and b is not None]
        if abs(sum(side[month] for month in seven)) == 7:
            yield from ((month, "run_of_7") for month in seven)
        if len(steps) == 6 and (min(steps) > slack or max(steps) < -slack):
            yield from ((month, "trend_of_7") for month in seven)
    for at in range(len(values) - 2):
        three = [month for month in range(at, at + 3) if values[month] is not None]
        for direction in (1, -1):
            beyond = [month for month in three if outer[month] == direction]
            if len(three) == 3 and len(beyond) >= 2:
                yield from ((month, "two_of_3") for month in beyond)


def test_every_control_chart(warehouse: duckdb.DuckDBPyConnection) -> None:
    series: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for cell in rows(
        warehouse,
        "select kpi_id, area_level, area_code, period, value, kind from published.kpi_monthly"
        " join published.kpi_catalogue using (kpi_id) where adds_over_time order by period",
    ):
        series[cell["kpi_id"], cell["area_level"], cell["area_code"]].append(cell)
    published = {
        (chart["kpi_id"], chart["area_level"], chart["area_code"]): chart
        for chart in rows(warehouse, "select * from published.kpi_signal")
    }
    rules: set[str] = set()
    charted = {key: cells for key, cells in series.items() if sum(cell["value"] is not None for cell in cells) >= 12}
    assert published.keys() == charted.keys()
    for key, cells in charted.items():
        chart, found = control_chart([cell["value"] for cell in cells], cells[0]["kind"]), published[key]
        months = [cell["period"] for cell in cells if cell["value"] is not None]
        assert (found["months"], found["first_period"], found["last_period"]) == (len(months), months[0], months[-1])
        assert found["method"] == chart["method"], key
        assert all(same(found[name], chart[name]) for name in ("centre", "lower", "upper")), (key, found, chart)
        signals = {(signal["period"], signal["rule"]) for signal in found["signals"]}
        assert signals == {(cells[at]["period"], rule) for at, rule in chart["signals"]}, key
        rules |= {rule for _, rule in signals}
    assert len(charted) > 100 and "outside" in rules and len(rules) >= 2


def test_every_month_of_every_survival_curve(warehouse: duckdb.DuckDBPyConnection) -> None:
    """S(t) as a product of fractions over the cases of the area, counted one by one."""
    ended: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for case in rows(
        warehouse,
        """
        select area_code, accepted_ym, closed_ym, coalesce(closed_ym, returned_ym, own.period) as until
        from core.fct_case as own
        join core.fct_form_status as ledger using (municipality_code)
        join intermediate.int_area_municipality using (municipality_code)
        where form = 'case' and is_accepted and ledger.period = (select data_month from published.build)
        """,
    ):
        accepted, until = case["accepted_ym"], case["until"]
        months = (until.year - accepted.year) * 12 + until.month - accepted.month
        ended[case["area_code"]].append((max(months, 0), case["closed_ym"] is not None))
    curves: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for point in rows(warehouse, "select * from published.support_duration order by area_code, months"):
        curves[point["area_code"]].append(point)
    for area, curve in curves.items():
        cases, survival = ended[area], Fraction(1)
        assert [point["months"] for point in curve] == list(range(max(months for months, _ in cases) + 1)), area
        for point in curve:
            at_risk = sum(months >= point["months"] for months, _ in cases)
            events = sum(months == point["months"] and is_closed for months, is_closed in cases)
            censored = sum(months == point["months"] and not is_closed for months, is_closed in cases)
            assert (point["at_risk"], point["events"], point["censored"]) == (at_risk, events, censored), point
            survival *= Fraction(at_risk - events, at_risk)
            assert same(point["survival"], float(survival), 1e-12), point
    assert len(curves) >= 4


def windows_known(warehouse: duckdb.DuckDBPyConnection) -> list[list[tuple[int, bool]]]:
    """Of each municipality heard of, month (1 to 12) and whether it had a window or a team, by its newest statement then."""
    stated: dict[str, list[tuple[Any, bool]]] = defaultdict(list)
    for setup in rows(warehouse, "select * from staging.stg_setup order by as_of"):
        has = setup["one_stop_window"] or setup["coordination_team"]
        stated[setup["municipality_code"]].append((setup["as_of"].replace(day=1), has))
    months = [month["period"] for month in rows(warehouse, "select period from published.dim_month order by period")]
    return [
        [(month.month, [has for day, has in own if day <= month][-1]) for month in months if own[0][0] <= month]
        for own in stated.values()
    ]


def test_every_month_of_the_projection(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The mean in closed form; of a bound, that the chance below it is the tail, integrated over both unknown chances."""
    stories = [story for story in windows_known(warehouse) if story]
    with_window = sum(story[-1][1] for story in stories)
    without = len(rows(warehouse, "select * from published.dim_municipality")) - with_window
    seen: dict[bool, list[bool]] = {True: [], False: []}  # openings in April, and in other months
    for story in stories:
        for (_, had), (month, has) in pairwise(story):
            seen[month == 4] += [] if had else [has]
    posterior = {april: (0.5 + sum(own), 12 - 0.5 + len(own) - sum(own)) for april, own in seen.items()}
    published = rows(warehouse, "select * from published.window_projection order by period")
    (build,) = rows(warehouse, "select data_month from published.build")
    assert published[0]["period"] == build["data_month"] and len(published) > 3
    ahead = {True: 0, False: 0}
    for at, point in enumerate(published):
        ahead[point["period"].month == 4] += at > 0
        still = math.prod(stays_shut(posterior[april], ahead[april]) for april in (True, False))
        mean = with_window + without * (1 - still)
        assert same(point["municipalities"], mean), point
        chances = list(shut_after(posterior, ahead))
        for level, tail in ((80, 0.1), (95, 0.025)):
            for bound, wanted in ((point[f"lower_{level}"], tail), (point[f"upper_{level}"], 1 - tail)):
                below, up_to = (at_most(bound - with_window - less, without, chances) for less in (1, 0))
                assert (below <= wanted + 0.005 and up_to >= wanted - 0.005) or same(bound, mean), point
        assert point["lower_95"] <= point["lower_80"] <= mean + 1e-9 <= point["upper_80"] + 2e-9


def stays_shut(beta: tuple[float, float], months: int) -> float:
    """Mean of (1 - p)^months for p of that beta distribution."""
    a, b = beta
    return math.prod((b + month) / (a + b + month) for month in range(months))


def shut_after(posterior: dict[bool, tuple[float, float]], ahead: dict[bool, int]) -> Iterator[tuple[float, float]]:
    """Chance of none by then and its weight, over a fine net of both chances."""
    for april, weight in net(posterior[True]):
        for other, other_weight in net(posterior[False]):
            yield (1 - april) ** ahead[True] * (1 - other) ** ahead[False], weight * other_weight


def net(beta: tuple[float, float], points: int = 80) -> list[tuple[float, float]]:
    """p = u² flattens the pole at 0 of a beta distribution with a = 1/2."""
    a, b = beta
    chances = [((step + 0.5) / points) ** 2 for step in range(points)]
    weights = [math.exp((a - 0.5) * math.log(p) + (b - 1) * math.log1p(-p)) for p in chances]
    whole = math.fsum(weights)
    return [(p, weight / whole) for p, weight in zip(chances, weights, strict=True) if weight > 1e-9 * whole]


def at_most(opened: float, without: int, chances: list[tuple[float, float]]) -> float:
    """Chance that no more than `opened` of those without open one."""
    if opened < 0:
        return 0.0
    binned: dict[float, float] = defaultdict(float)
    for chance, weight in chances:
        binned[round(chance, 3)] += weight
    return math.fsum(
        weight * math.fsum(map(binomial(without, 1 - chance), range(min(int(opened), without) + 1)))
        for chance, weight in binned.items()
    )


def peers(towns: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The six nearest of each, as docs/adr/0009 measures them."""

    def trait(number: Callable[[dict[str, Any]], float]) -> dict[str, float]:
        values = {town["municipality_code"]: number(town) for town in towns}
        mean, deviation = statistics.fmean(values.values()), statistics.pstdev(values.values())
        return {code: (value - mean) / deviation for code, value in values.items()}

    traits = [
        trait(lambda town: math.log(int(town["population_2020"]))),
        trait(lambda town: int(town["pop_65plus"]) / int(town["population_2020"])),
        trait(lambda town: int(town["households_elderly_single"]) / int(town["households_general"])),
        trait(lambda town: int(town["population_2020"]) / int(town["habitable_area_ha"])),
        {town["municipality_code"]: float(town["kind"] not in {"町", "村"}) for town in towns},
    ]
    expected = {}
    for own in traits[0]:
        apart = {
            other: round(math.dist([t[own] for t in traits], [t[other] for t in traits]), 9)
            for other in traits[0]
            if other != own
        }
        expected[own] = sorted(apart, key=lambda other: (apart[other], other))[:6]
    return expected


def test_every_municipalitys_peers(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Whether it sent anything or not."""
    found = rows(warehouse, "select municipality_code, peers from published.dim_municipality")
    expected = peers(rows(warehouse, "select * from reference.municipalities"))
    assert {town["municipality_code"]: town["peers"] for town in found} == expected


def test_the_peers_of_all_of_the_prefectures_municipalities(run_home: Callable[[int], RunHome]) -> None:
    """The same models on the reference table as it is: 63 municipalities, none left out."""
    compiled = run_home(7).settings.work_dir / "dbt" / "compiled" / "kasane" / "models"
    with duckdb.connect() as con:
        con.execute("attach ':memory:' as warehouse")
        con.execute("create schema warehouse.reference; create schema warehouse.staging")
        table = PROJECT_DIR / "data" / "reference" / "municipalities.csv"
        con.execute(f"create table warehouse.reference.municipalities as from read_csv('{table}', all_varchar = true)")
        staging, mart = (
            (compiled / folder).read_text(encoding="utf-8")
            for folder in ("staging/stg_municipality.sql", "marts/core/dim_municipality.sql")
        )
        con.execute(f"create view warehouse.staging.stg_municipality as {staging}")
        expected = peers(rows(con, "from warehouse.reference.municipalities"))
        assert {town["municipality_code"]: town["peers"] for town in rows(con, mart)} == expected
    assert len(expected) == 63
