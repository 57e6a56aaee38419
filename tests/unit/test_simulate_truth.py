"""The truth: its sums add up in every cell, and hand-made worlds give what the definitions say."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from expectations.contract import load_contracts
from pipelines.simulate.known import Known
from pipelines.simulate.kpis import KPIS
from pipelines.simulate.kpis.stock import signed_adjustments
from pipelines.simulate.model import PREFECTURE_CODE, Fault, World, WorldSpec, first_day, month_of
from pipelines.simulate.rows import MonthlySummary
from pipelines.simulate.truth import Expected, expected_kpis
from pipelines.simulate.truth_files import write_truth
from pipelines.simulate.world import make_world
from tests.unit.hand_worlds import (
    APRIL,
    JUNE,
    MAY,
    A,
    B,
    case,
    cell_of,
    consultation,
    grant,
    member_of,
    sent,
    setup,
    world,
)

POOLED = {"support_months_median", "months_since_support"}
SEVERAL_MEMBERS = "advice_topic"


@pytest.fixture(scope="module")
def sample() -> World:
    """12 municipalities × 14 months, as sent."""
    return make_world(WorldSpec(seed=7, municipalities=12, months=14))


@pytest.fixture(scope="module")
def expected(sample: World) -> Expected:
    """Its truth."""
    return expected_kpis(sample)


# --- identities ---


def test_areas_are_the_sums_of_their_municipalities(sample: World, expected: Expected) -> None:
    regions = {municipality.code: municipality.region_code for municipality in sample.municipalities}
    for cells in (expected.monthly, expected.monthly_by):
        sums: dict[tuple[object, ...], list[int | None]] = defaultdict(lambda: [None, None])
        for cell in cells:
            if cell.area_level == "municipality":
                for area in (regions[cell.area_code], PREFECTURE_CODE):
                    total = sums[cell.kpi_id, cell.period, cell.dimension, cell.member, area]
                    for index, part in enumerate((cell.numerator, cell.denominator)):
                        if part is not None:
                            total[index] = (total[index] or 0) + part
        checked = 0
        for cell in cells:
            if cell.area_level != "municipality" and cell.kpi_id not in POOLED:
                key = (cell.kpi_id, cell.period, cell.dimension, cell.member, cell.area_code)
                assert [cell.numerator, cell.denominator] == sums[key]
                checked += 1
        assert checked > 100


def test_members_add_up_to_their_kpi(expected: Expected) -> None:
    whole = {(cell.kpi_id, cell.period, cell.area_code): cell for cell in expected.monthly}
    sums: dict[tuple[object, ...], int | None] = {}
    for cell in expected.monthly_by:
        if cell.dimension == SEVERAL_MEMBERS:
            continue
        key = (cell.kpi_id, cell.period, cell.area_code, cell.dimension)
        sums[key] = None if cell.numerator is None else (sums.get(key) or 0) + cell.numerator
    assert sums
    for (kpi_id, period, area, _), total in sums.items():
        assert whole[kpi_id, period, area].numerator == total  # type: ignore[index]


def test_every_cell_is_there_once(sample: World, expected: Expected) -> None:
    areas = 12 + len({municipality.region_code for municipality in sample.municipalities}) + 1
    assert len(expected.monthly) == len(KPIS) * 14 * areas
    for cells in (expected.monthly, expected.monthly_by):
        keys = [(c.kpi_id, c.period, c.area_level, c.area_code, c.dimension or "", c.member or "") for c in cells]
        assert keys == sorted(set(keys))


def test_marks_values_and_completeness_fit(expected: Expected) -> None:
    seen = set()
    for cell in (*expected.monthly, *expected.monthly_by):
        kpi = KPIS[cell.kpi_id]
        seen.add(cell.completeness)
        assert (cell.mark is not None) == (cell.numerator is None)
        if cell.mark is not None:
            assert cell.value is None and cell.denominator is None
            assert cell.mark == "-" or cell.completeness == "missing"
            if kpi.kind not in {"median", "elapsed"}:
                assert (cell.mark == "-") == (cell.completeness == "not_applicable")
        elif cell.denominator is None:
            assert not kpi.has_denominator and cell.value == cell.numerator
        elif cell.denominator == 0:
            assert cell.value is None
        else:
            assert cell.value == pytest.approx(cell.numerator * kpi.per / cell.denominator)  # type: ignore[operator]
        if cell.area_level == "municipality":
            assert cell.submitted_areas in {0, 1} and cell.expected_areas in {0, 1}
    assert seen == {"complete", "partial", "missing", "not_applicable"}


def test_the_stock_moves_by_the_flows_and_the_adjustments(sample: World, expected: Expected) -> None:
    cells = {(cell.kpi_id, cell.period, cell.area_code): cell.numerator for cell in expected.monthly}
    known, checked, adjusted = Known(sample, None), 0, 0
    for municipality in sample.municipalities:
        for month in known.months[1:]:
            now, before = first_day(month), first_day(month - 1)

            def count(kpi_id: str, period: date = now, area: str = municipality.code) -> int | None:
                return cells[kpi_id, period, area]

            if count("active_cases") is None or count("active_cases", before) is None:
                continue
            signed = signed_adjustments(known, municipality.code, month)
            flows = [count(kpi_id) or 0 for kpi_id in ("new_cases", "closures", "returned_cases")]
            moved = flows[0] - flows[1] - flows[2] + sum(signed.values())
            assert (count("active_cases", before) or 0) + moved == count("active_cases")
            assert count("ledger_adjustment") == len(signed)
            checked, adjusted = checked + 1, adjusted + len(signed)
    assert checked > 20 and adjusted > 3


# --- small worlds made by hand ---


def test_consultations_wanted_from_the_first_month_sent_on() -> None:
    made = world(
        sent(A, "consultation", MAY, consultation("1", MAY, complex_=True), consultation("2", MAY, gap="age")),
        sent(B, "consultation", APRIL, consultation("1", APRIL)),
        sent(B, "consultation", JUNE),
    )
    standings = {
        (area, period): cell_of(made, "new_consultations", period, area).completeness
        for area in (A, B, PREFECTURE_CODE)
        for period in (APRIL, MAY, JUNE)
    }
    assert [standings[A, period] for period in (APRIL, MAY, JUNE)] == ["not_applicable", "complete", "missing"]
    assert [standings[B, period] for period in (APRIL, MAY, JUNE)] == ["complete", "missing", "complete"]
    assert standings[PREFECTURE_CODE, MAY] == "partial"
    assert cell_of(made, "new_consultations", APRIL, A).mark == "-"
    assert cell_of(made, "new_consultations", JUNE, A).mark == "…"
    empty = cell_of(made, "complex_share", JUNE, B)
    assert (empty.numerator, empty.denominator, empty.value, empty.mark) == (0, 0, None, None)
    share = cell_of(made, "complex_share", MAY, PREFECTURE_CODE)
    assert (share.numerator, share.denominator, share.value) == (1, 2, 0.5)
    assert member_of(made, "gap_needs", MAY, A, "gap_reason", "age").numerator == 1
    assert member_of(made, "gap_needs", MAY, A, "gap_reason", "unknown").numerator == 0


def test_every_monthly_form_widens_the_grid_and_none_speaks_for_another() -> None:
    made = world(
        sent(A, "consultation", APRIL),
        sent(B, "monthly_summary", MAY, MonthlySummary(1, 0, 0, 0, 0, 0)),
        sent(PREFECTURE_CODE, "training", JUNE),
        sent(PREFECTURE_CODE, "grant_payment", date(2024, 4, 1)),
    )
    assert {cell.period for cell in expected_kpis(made).monthly} == {APRIL, MAY, JUNE}
    assert cell_of(made, "new_consultations", MAY, A).completeness == "missing"
    assert cell_of(made, "new_consultations", MAY, B).completeness == "not_applicable"
    standing = Known(made, None).standing
    summaries = [standing("monthly_summary", B, month_of(month)).completeness for month in (APRIL, MAY, JUNE)]
    assert summaries == ["not_applicable", "complete", "missing"]
    assert [standing("training", B, month_of(month)) for month in (MAY, JUNE)] == [
        ("missing", 0, 1),
        ("complete", 1, 1),
    ]


def test_rejected_rows_do_not_count_and_mark_partial() -> None:
    rows = [consultation(str(number), MAY) for number in range(4)]
    made = world(sent(A, "consultation", MAY, *rows, faults={2: Fault("received_ym", "2023-13")}))
    found = cell_of(made, "new_consultations", MAY, A)
    assert (found.numerator, found.completeness) == (3, "partial")


def test_the_later_version_replaces_the_whole_and_as_of_looks_back() -> None:
    first = sent(A, "consultation", MAY, consultation("1", MAY), consultation("2", MAY))
    second = sent(A, "consultation", MAY, consultation("3", MAY), version=2)
    made = world(second, first)
    assert cell_of(made, "new_consultations", MAY, A).numerator == 1
    before = second.arrived_at - timedelta(minutes=1)
    assert cell_of(made, "new_consultations", MAY, A, as_of=before).numerator == 2
    naive = before.replace(tzinfo=None)
    assert cell_of(made, "new_consultations", MAY, A, as_of=naive).numerator == 2
    assert expected_kpis(made, as_of=first.arrived_at - timedelta(minutes=1)) == ([], [])


def test_setup_rows_accumulate_and_never_heard_of_counts_as_without() -> None:
    made = world(
        sent(A, "setup", APRIL, setup(APRIL, "implementing", window=True)),
        sent(A, "setup", APRIL, setup(MAY, "transition_prep", team=True), version=2),
        sent(A, "consultation", APRIL),
        sent(A, "consultation", JUNE),
    )
    assert [cell_of(made, "programme_rate", month, A).numerator for month in (APRIL, MAY, JUNE)] == [1, 0, 0]
    assert [cell_of(made, "transition_rate", month, A).numerator for month in (APRIL, MAY, JUNE)] == [0, 1, 1]
    unheard = cell_of(made, "window_rate", APRIL, B)
    assert (unheard.numerator, unheard.denominator, unheard.completeness, unheard.mark) == (0, 1, "missing", None)
    whole = cell_of(made, "window_rate", APRIL, PREFECTURE_CODE)
    assert (whole.numerator, whole.denominator, whole.completeness) == (1, 2, "partial")
    # An implementing or preparing municipality is expected to send every monthly form.
    assert cell_of(made, "jusou_meetings", MAY, A).mark == "…"
    assert cell_of(made, "jusou_meetings", MAY, B).mark == "-"


def test_flows_take_the_newest_row_and_stocks_the_months_own() -> None:
    made = world(
        sent(A, "case", APRIL, case("1", APRIL), case("2", APRIL)),
        sent(A, "case", MAY, case("1", APRIL, closed=MAY), case("2", first_day(month_of(APRIL) - 1))),
        sent(B, "case", APRIL, case("1", APRIL)),
        sent(B, "case", JUNE, case("1", APRIL, returned=JUNE)),
    )
    assert cell_of(made, "new_cases", APRIL, A).numerator == 1  # case 2 was mended in May
    assert cell_of(made, "active_cases", APRIL, A).numerator == 2
    assert cell_of(made, "active_cases", MAY, A).numerator == 1
    assert cell_of(made, "closures", MAY, A).numerator == 1
    assert member_of(made, "closures", MAY, A, "lead_agency_after", "unknown").numerator == 1
    assert member_of(made, "closures", MAY, A, "closure_type", "C3").numerator == 1
    # Sent unexpectedly counts; a month without a ledger has no flows.
    unexpected = cell_of(made, "returned_cases", JUNE, B)
    assert (
        unexpected.numerator,
        unexpected.submitted_areas,
        unexpected.expected_areas,
        unexpected.completeness,
    ) == (1, 1, 0, "complete")
    assert cell_of(made, "returned_cases", MAY, B).mark == "-"


def test_execution_is_final_over_the_latest_decision_and_march_knows_the_whole_year() -> None:
    march = date(2024, 3, 1)
    made = world(
        sent(A, "consultation", APRIL),
        sent(A, "consultation", march),
        sent(
            PREFECTURE_CODE,
            "grant",
            APRIL,
            grant("decision", date(2023, 7, 1), 9_000),
            grant("change", date(2024, 1, 9), 5_000),
            grant("change", date(2024, 1, 9), 7_000, seq=2),
            grant("final", date(2024, 5, 20), 3_000),
            grant("decision", date(2023, 7, 1), 90_000, component="outreach"),
            grant("final", date(2024, 2, 1), 1_000, component="consult_child"),
            grant("decision", date(2023, 4, 2), 4_000, component="consult_child"),
        ),
    )
    found = cell_of(made, "grant_execution_rate", march, A)
    assert (found.numerator, found.denominator) == (3_000 + 1_000 + 1_000 + 1_000, 7_000 + 1_000 + 4_000 + 1_000)
    february = cell_of(made, "grant_execution_rate", date(2024, 2, 1), A)
    assert (february.numerator, february.denominator) == (2_000, 5_000)
    assert member_of(made, "grant_execution_rate", march, A, "field", "child").denominator == 5_000
    other = cell_of(made, "grant_execution_rate", march, B)
    assert (other.numerator, other.denominator, other.value, other.completeness) == (0, 0, None, "complete")
    assert member_of(made, "grant_execution_rate", march, B, "field", "lump").value is None


# --- as files ---


def test_files_have_the_columns_of_the_published_tables(sample: World, expected: Expected, tmp_path: Path) -> None:
    write_truth(sample, tmp_path)
    with (tmp_path / "kpi_monthly.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert " ".join(header) == (
        "kpi_id period prefecture_code area_level area_code numerator denominator value completeness "
        "submitted_areas expected_areas mark"
    )
    assert len(rows) == len(expected.monthly)
    shown = dict(zip(header, next(row for row in rows if row[0] == "window_rate"), strict=True))
    assert shown["value"] == repr(int(shown["numerator"]) / int(shown["denominator"])) and shown["mark"] == ""
    with (tmp_path / "kpi_monthly_by.csv").open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream))[4:8] == ["area_code", "dimension", "member", "numerator"]


def test_every_dimension_is_a_column_of_its_form() -> None:
    # A visit has several topics, a component of the grant a field.
    not_columns = {"dispatch_visits": {"advice_topic"}, "grant_execution_rate": {"field"}}
    for kpi_id, kpi in KPIS.items():
        columns = {column.id for form in kpi.forms for column in load_contracts()[form].columns}
        assert set(kpi.dimensions) - columns == not_columns.get(kpi_id, set())
