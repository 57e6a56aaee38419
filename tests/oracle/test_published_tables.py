"""The tables beside the KPI marts, on a whole synthetic world: against lifelines, statsmodels, plain sums and planted gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

from pipelines.resources import connect
from tests.conftest import RunHome


@pytest.fixture(scope="module")
def home(run_home: Callable[[int], RunHome]) -> RunHome:
    return run_home(7)


@pytest.fixture(scope="module")
def warehouse(home: RunHome) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(home.settings.warehouse_db, read_only=True) as con:
        yield con


def ask(warehouse: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """A pandas frame; untyped, as its stubs know less than its columns."""
    return warehouse.execute(sql).df()


def test_every_survival_curve_is_the_one_lifelines_fits(warehouse: duckdb.DuckDBPyConnection) -> None:
    cases = ask(
        warehouse,
        """
        select area_level, area_code, closed_ym is not null as is_closed,
            greatest(datediff('month', accepted_ym, coalesce(closed_ym, returned_ym, own.period)), 0) as months
        from core.fct_case as own
        join core.fct_form_status as ledger using (municipality_code)
        join intermediate.int_area_municipality using (municipality_code)
        where form = 'case' and is_accepted and ledger.period = (select data_month from published.build)
        """,
    )
    published = ask(warehouse, "select * from published.support_duration")
    sizes = cases.groupby("area_code").size()
    levels = cases.drop_duplicates("area_code").set_index("area_code")["area_level"]
    assert set(published["area_code"]) == {
        area for area, size in sizes.items() if levels[area] != "municipality" or size >= 30
    }
    for area, curve in published.groupby("area_code"):
        own = cases[cases["area_code"] == area]
        fit = KaplanMeierFitter(alpha=0.05).fit(own["months"], own["is_closed"], timeline=curve["months"])
        assert np.allclose(curve["survival"], fit.survival_function_.iloc[:, 0], rtol=0, atol=1e-12), area
        shown = curve["survival"] > 0
        band = fit.confidence_interval_[shown.to_numpy()]
        assert np.allclose(curve.loc[shown, ["lower_95", "upper_95"]], band, rtol=0, atol=1e-9), area
        assert curve["at_risk"].iloc[0] == len(own)
        assert curve["events"].sum() == own["is_closed"].sum()


def test_the_median_of_every_curve_is_the_kpi(warehouse: duckdb.DuckDBPyConnection) -> None:
    compared = ask(
        warehouse,
        """
        select area_code, kpi.numerator, median from published.kpi_monthly as kpi
        join published.build as build on kpi.period = build.data_month
        join (
            select area_code, min(months) filter (where survival <= 0.5 + 1e-12) as median
            from published.support_duration group by area_code
        ) using (area_code)
        where kpi_id = 'support_months_median'
        """,
    )
    assert len(compared) >= 4
    assert compared["numerator"].equals(compared["median"].astype(compared["numerator"].dtype))


def test_every_interval_is_that_of_statsmodels(warehouse: duckdb.DuckDBPyConnection) -> None:
    cells = ask(
        warehouse,
        """
        select i.*, kind, per, numerator, denominator, value, kpi.mark as kpi_mark
        from published.kpi_interval as i
        join published.kpi_monthly as kpi using (kpi_id, period, area_level, area_code)
        join published.kpi_catalogue using (kpi_id)
        """,
    )
    assert cells["mark"].equals(cells["kpi_mark"])
    shares = cells[(cells["kind"] == "share") & (cells["denominator"] > 0)]
    expected = proportion_confint(shares["numerator"], shares["denominator"], method="wilson")
    assert np.allclose(shares[["lower_95", "upper_95"]], np.array(expected).T, rtol=0, atol=1e-12)
    others = cells[(cells["kind"] != "share") & cells["value"].notna() & (cells["numerator"] > 0)]
    one = np.where(others["kind"] == "rate", others["per"] / others["denominator"], 1)
    bounds = {n: confint_poisson(n, 1, method="exact-c") for n in others["numerator"].unique()}
    expected = np.array([bounds[n] for n in others["numerator"]]) * one[:, None]
    assert np.allclose(others[["lower_95", "upper_95"]], expected, rtol=1e-9)
    known = cells[cells["value"].notna()]
    assert len(shares) > 500 and len(others) > 500
    assert ((known["lower_95"] <= known["value"] + 1e-12) & (known["value"] <= known["upper_95"] + 1e-12)).all()
    assert cells[cells["value"].isna()][["lower_95", "upper_95"]].isna().all(axis=None)


def test_a_funnel_stands_around_the_prefectures_value(warehouse: duckdb.DuckDBPyConnection) -> None:
    funnels = ask(
        warehouse,
        """
        select i.*, kind, prefecture.value as centre from published.kpi_interval as i
        join published.kpi_catalogue using (kpi_id)
        join published.kpi_monthly as own using (kpi_id, period, area_level, area_code)
        join published.kpi_monthly as prefecture on prefecture.area_level = 'prefecture'
            and prefecture.kpi_id = i.kpi_id and prefecture.period = i.period
        where i.area_level = 'municipality' and kind in ('share', 'rate') and own.value is not null
        """,
    )
    limits = ["funnel_lower_998", "funnel_lower_95", "funnel_centre", "funnel_upper_95", "funnel_upper_998"]
    assert funnels["funnel_centre"].equals(funnels["centre"])
    assert (funnels[limits].diff(axis=1).iloc[:, 1:] >= -1e-9).all(axis=None)
    assert len(funnels) > 500
    counts = ask(warehouse, "select * from published.kpi_interval where area_level <> 'municipality'")
    assert counts[limits].isna().all(axis=None)


def test_the_years_are_the_sums_of_their_months(warehouse: duckdb.DuckDBPyConnection) -> None:
    months = ask(
        warehouse,
        "select kpi_id, area_code, period, numerator, denominator from published.kpi_monthly"
        " join published.kpi_catalogue using (kpi_id) where adds_over_time",
    )
    months["period"] = [pd.Timestamp(day.year - (day.month < 4), 4, 1) for day in months["period"]]
    expected = months.groupby(["kpi_id", "area_code", "period"])[["numerator", "denominator"]].sum(min_count=1)
    years = ask(warehouse, "select * from published.kpi_period where period_kind = 'fiscal_year'")
    found = years.set_index(["kpi_id", "area_code", "period"])[["numerator", "denominator"]].sort_index()
    pd.testing.assert_frame_equal(found, expected.sort_index(), check_dtype=False)


@pytest.mark.parametrize(
    ("table", "counted", "kpi"),
    [
        ("gap_need_cross", "consultations", "gap_needs"),
        ("referral_source", "cases", "new_cases"),
        ("(from published.support_flow where from_stage = 'consultation')", "cases", "new_consultations"),
        ("(from published.support_flow where from_stage = 'accepted')", "cases", "new_cases"),
    ],
)
def test_the_parts_of_a_table_sum_to_their_kpi(
    warehouse: duckdb.DuckDBPyConnection, table: str, counted: str, kpi: str
) -> None:
    source = table if table.startswith("(") else f"published.{table}"
    parts = ask(
        warehouse,
        f"""
        select year.numerator, year.mark, year.completeness, sum(part.{counted}) as parts,
            any_value(part.mark) as part_mark, any_value(part.completeness) as part_completeness
        from {source} as part
        join published.kpi_period as year
            on year.kpi_id = '{kpi}' and period_kind = 'fiscal_year' and year.area_code = part.area_code
            and extract(year from year.period) = part.fiscal_year
        group by year.area_code, year.period, year.numerator, year.mark, year.completeness
        """,
    )
    areas, years = ask(warehouse, "select * from published.dim_area"), 2
    assert len(parts) == len(areas) * years
    assert parts["numerator"].astype("Int64").equals(parts["parts"].astype("Int64"))
    assert parts["mark"].equals(parts["part_mark"])
    assert parts["completeness"].equals(parts["part_completeness"])
    assert parts["numerator"].sum() > 0


def test_what_flows_into_a_stage_flows_out_again(warehouse: duckdb.DuckDBPyConnection) -> None:
    flow = ask(warehouse, "select * from published.support_flow where cases > 0 and from_stage <> 'consultation'")
    into: Counter[Any] = Counter()
    out: Counter[Any] = Counter()
    for row in flow.itertuples():
        into[row.area_code, row.fiscal_year, row.to_stage] += row.cases
        out[row.area_code, row.fiscal_year, row.from_stage] += row.cases
    passed = {"assessed", "planned", "conferenced", "started"}
    assert {stage for _, _, stage in into} > passed | {"closed", "open", "reopened"}
    for stage, cases in out.items():
        if stage[2] in passed:
            assert into[stage] == cases, stage
        elif stage[2] != "accepted":
            assert into[stage] >= cases, stage


def test_meetings_attended_are_counted_once_per_group(warehouse: duckdb.DuckDBPyConnection) -> None:
    groups = dict(
        warehouse.execute("select code, \"group\" from reference.codes where list = 'agency_type'").fetchall()
    )
    expected: Counter[Any] = Counter()
    meetings = warehouse.execute(
        "select municipality_code, period, agency_types from staging.stg_meeting where meeting_type = 'jusou'"
    ).fetchall()
    for municipality, period, agencies in meetings:
        year = period.year - (period.month < 4)
        expected.update((municipality, year, group) for group in {groups[agency] for agency in agencies})
    found = ask(
        warehouse, "select * from published.meeting_presence where area_level = 'municipality' and meetings > 0"
    )
    assert expected == {(row.area_code, row.fiscal_year, row.agency_group): row.meetings for row in found.itertuples()}
    assert (found["meetings"] <= found["of_meetings"]).all()


def test_a_lump_gap_is_the_kpi_of_its_year(warehouse: duckdb.DuckDBPyConnection) -> None:
    kpi = warehouse.execute(
        "select area_code, period, numerator from published.kpi_monthly where kpi_id = 'grant_lump_gap_yen'"
        " and area_level = 'municipality' and extract(month from period) = 3 and numerator <> 0"
    ).fetchall()
    found = warehouse.execute(
        "select municipality_code, make_date(fiscal_year + 1, 3, 1), difference_yen from published.grant_reconciliation"
        " where finding = 'lump_gap' and component is null and fiscal_year = 2023"
    ).fetchall()
    assert sorted(found) == sorted(kpi)


def test_shares_off_their_rate_are_those_counted_in_fractions(warehouse: duckdb.DuckDBPyConnection) -> None:
    rates = warehouse.execute("select component, national_rate, prefectural_rate from reference.grant_components")
    by_component = {component: (Fraction(own), Fraction(other)) for component, own, other in rates.fetchall()}
    expected = set()
    for row in ask(warehouse, "select * from published.grant_component").itertuples():
        if row.stage in {"decision", "change", "report", "final"}:
            shares = (row.national_share, row.prefectural_share)
            for name, share, rate in zip(("national", "prefectural"), shares, by_component[row.component], strict=True):
                due = int(row.selected * rate) // 1_000 * 1_000
                if share != due:
                    expected.add((row.municipality_code, row.fiscal_year, row.component, row.stage, name, due, share))
    found = warehouse.execute(
        "select municipality_code, fiscal_year, component, stage, amount, expected_yen, found_yen"
        " from published.grant_reconciliation where finding = 'share_off_rate'"
    ).fetchall()
    assert set(found) == expected
