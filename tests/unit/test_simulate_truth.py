"""The truth: its sums add up in every cell, and hand-made worlds give what the definitions say."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from expectations.contract import load_contracts
from pipelines.settings import TIME_ZONE
from pipelines.simulate.known import Known
from pipelines.simulate.kpis import KPIS
from pipelines.simulate.model import (
    PREFECTURE_CODE,
    Fault,
    Municipality,
    Submission,
    World,
    WorldSpec,
    first_day,
    month_of,
    reference_code_lists,
)
from pipelines.simulate.rows import CaseRow, Consultation, GrantRow, MonthlySummary, Row, SetupRow
from pipelines.simulate.truth import Cell, Expected, expected_kpis, write_truth
from pipelines.simulate.world import make_world

A, B = "111007", "112011"
APRIL, MAY, JUNE = date(2023, 4, 1), date(2023, 5, 1), date(2023, 6, 1)


@pytest.fixture(scope="module")
def world() -> World:
    """12 municipalities × 14 months, as sent."""
    return make_world(WorldSpec(seed=7, municipalities=12, months=14))


@pytest.fixture(scope="module")
def expected(world: World) -> Expected:
    """Its truth."""
    return expected_kpis(world)


# --- identities ---


def test_areas_are_the_sums_of_their_municipalities(world: World, expected: Expected) -> None:
    regions = {municipality.code: municipality.region_code for municipality in world.municipalities}
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
            if cell.area_level != "municipality":
                key = (cell.kpi_id, cell.period, cell.dimension, cell.member, cell.area_code)
                assert [cell.numerator, cell.denominator] == sums[key]
                checked += 1
        assert checked > 100


def test_members_add_up_to_their_kpi(expected: Expected) -> None:
    whole = {(cell.kpi_id, cell.period, cell.area_code): cell for cell in expected.monthly}
    sums: dict[tuple[object, ...], int | None] = {}
    for cell in expected.monthly_by:
        key = (cell.kpi_id, cell.period, cell.area_code, cell.dimension)
        sums[key] = None if cell.numerator is None else (sums.get(key) or 0) + cell.numerator
    assert sums
    for (kpi_id, period, area, _), total in sums.items():
        assert whole[kpi_id, period, area].numerator == total  # type: ignore[index]


def test_every_cell_is_there_once(world: World, expected: Expected) -> None:
    areas = 12 + len({municipality.region_code for municipality in world.municipalities}) + 1
    assert len(expected.monthly) == len(KPIS) * 14 * areas
    for cells in (expected.monthly, expected.monthly_by):
        keys = [(c.kpi_id, c.period, c.area_level, c.area_code, c.dimension or "", c.member or "") for c in cells]
        assert keys == sorted(set(keys))


def test_marks_values_and_completeness_fit(expected: Expected) -> None:
    seen = set()
    for cell in (*expected.monthly, *expected.monthly_by):
        seen.add(cell.completeness)
        assert (cell.mark is not None) == (cell.numerator is None)
        if cell.mark is not None:
            assert cell.value is None and cell.denominator is None
            assert (cell.mark == "-") == (cell.completeness == "not_applicable")
        elif cell.denominator is None:
            assert cell.value == cell.numerator
        else:
            assert cell.value == (cell.numerator / cell.denominator if cell.denominator else None)  # type: ignore[operator]
        if cell.area_level == "municipality":
            assert cell.submitted_areas in {0, 1} and cell.expected_areas in {0, 1}
    assert seen == {"complete", "partial", "missing", "not_applicable"}


# --- small worlds made by hand ---


def _world(*submissions: Submission) -> World:
    municipalities = tuple(
        Municipality({"municipality_code": code, "name": code, "region": code, "population_2020": "1000"})
        for code in (A, B)
    )
    return World(WorldSpec(1, 2, 3), municipalities, submissions, reference_code_lists())


_clock = iter(range(10_000))


def _sent(
    sender: str, form: str, period: date, *rows: Row, faults: Mapping[int, Fault] | None = None, version: int = 1
) -> Submission:
    """Arrives an hour after the one made before."""
    arrived = datetime(2023, 7, 1, tzinfo=TIME_ZONE) + timedelta(hours=next(_clock))
    return Submission(sender, form, period, version, arrived, rows, faults or {})


def _setup(as_of: date, status: str = "none", *, window: bool = False, team: bool = False) -> SetupRow:
    return SetupRow(as_of, status, window, None, team, None, "none", None, False)


def _consultation(number: str, period: date, *, complex_: bool = False, gap: str | None = None) -> Consultation:
    people = ("75+", "2", ("33",))
    return Consultation(number, period, "1", "elderly", *people, complex_, gap is not None, gap, "1", ())


def _case(number: str, accepted: date, closed: date | None = None, returned: date | None = None) -> CaseRow:
    ending = ("C3", None) if closed else (None, None)
    people = ("75+", "2", ("33",), False, None, None, "not_yet", None, None, None, 0, None, None)
    return CaseRow(number, None, "outreach", accepted, "18", *people, returned, closed, *ending, (), None)


def _cell(world: World, kpi: str, period: date, area: str, as_of: datetime | None = None) -> Cell:
    (found,) = (
        c for c in expected_kpis(world, as_of=as_of).monthly if (c.kpi_id, c.period, c.area_code) == (kpi, period, area)
    )
    return found


def _member(world: World, kpi: str, period: date, area: str, dimension: str, member: str) -> Cell:
    (found,) = (
        cell
        for cell in expected_kpis(world).monthly_by
        if cell[:2] == (kpi, period) and cell[4:7] == (area, dimension, member)
    )
    return found


def test_consultations_wanted_from_the_first_month_sent_on() -> None:
    world = _world(
        _sent(A, "consultation", MAY, _consultation("1", MAY, complex_=True), _consultation("2", MAY, gap="age")),
        _sent(B, "consultation", APRIL, _consultation("1", APRIL)),
        _sent(B, "consultation", JUNE),
    )
    standings = {
        (area, period): _cell(world, "new_consultations", period, area).completeness
        for area in (A, B, PREFECTURE_CODE)
        for period in (APRIL, MAY, JUNE)
    }
    assert [standings[A, period] for period in (APRIL, MAY, JUNE)] == ["not_applicable", "complete", "missing"]
    assert [standings[B, period] for period in (APRIL, MAY, JUNE)] == ["complete", "missing", "complete"]
    assert standings[PREFECTURE_CODE, MAY] == "partial"
    assert _cell(world, "new_consultations", APRIL, A).mark == "-"
    assert _cell(world, "new_consultations", JUNE, A).mark == "…"
    empty = _cell(world, "complex_share", JUNE, B)
    assert (empty.numerator, empty.denominator, empty.value, empty.mark) == (0, 0, None, None)
    share = _cell(world, "complex_share", MAY, PREFECTURE_CODE)
    assert (share.numerator, share.denominator, share.value) == (1, 2, 0.5)
    assert _member(world, "gap_needs", MAY, A, "gap_reason", "age").numerator == 1
    assert _member(world, "gap_needs", MAY, A, "gap_reason", "unknown").numerator == 0


def test_every_monthly_form_widens_the_grid_and_none_speaks_for_another() -> None:
    world = _world(
        _sent(A, "consultation", APRIL),
        _sent(B, "monthly_summary", MAY, MonthlySummary(1, 0, 0, 0, 0, 0)),
        _sent(PREFECTURE_CODE, "training", JUNE),
        _sent(PREFECTURE_CODE, "grant_payment", date(2024, 4, 1)),
    )
    assert {cell.period for cell in expected_kpis(world).monthly} == {APRIL, MAY, JUNE}
    assert _cell(world, "new_consultations", MAY, A).completeness == "missing"
    assert _cell(world, "new_consultations", MAY, B).completeness == "not_applicable"
    standing = Known(world, None).standing
    summaries = [standing("monthly_summary", B, month_of(month)).completeness for month in (APRIL, MAY, JUNE)]
    assert summaries == ["not_applicable", "complete", "missing"]
    assert [standing("training", B, month_of(month)) for month in (MAY, JUNE)] == [
        ("missing", 0, 1),
        ("complete", 1, 1),
    ]


def test_rejected_rows_do_not_count_and_mark_partial() -> None:
    rows = [_consultation(str(number), MAY) for number in range(4)]
    world = _world(_sent(A, "consultation", MAY, *rows, faults={2: Fault("received_ym", "2023-13")}))
    cell = _cell(world, "new_consultations", MAY, A)
    assert (cell.numerator, cell.completeness) == (3, "partial")


def test_the_later_version_replaces_the_whole_and_as_of_looks_back() -> None:
    first = _sent(A, "consultation", MAY, _consultation("1", MAY), _consultation("2", MAY))
    second = _sent(A, "consultation", MAY, _consultation("3", MAY), version=2)
    world = _world(second, first)
    assert _cell(world, "new_consultations", MAY, A).numerator == 1
    before = second.arrived_at - timedelta(minutes=1)
    assert _cell(world, "new_consultations", MAY, A, as_of=before).numerator == 2
    naive = before.replace(tzinfo=None)
    assert _cell(world, "new_consultations", MAY, A, as_of=naive).numerator == 2
    assert expected_kpis(world, as_of=first.arrived_at - timedelta(minutes=1)) == ([], [])


def test_setup_rows_accumulate_and_never_heard_of_counts_as_without() -> None:
    world = _world(
        _sent(A, "setup", APRIL, _setup(APRIL, "implementing", window=True)),
        _sent(A, "setup", APRIL, _setup(MAY, "transition_prep", team=True), version=2),
        _sent(A, "consultation", APRIL),
        _sent(A, "consultation", JUNE),
    )
    assert [_cell(world, "programme_rate", month, A).numerator for month in (APRIL, MAY, JUNE)] == [1, 0, 0]
    assert [_cell(world, "transition_rate", month, A).numerator for month in (APRIL, MAY, JUNE)] == [0, 1, 1]
    unheard = _cell(world, "window_rate", APRIL, B)
    assert (unheard.numerator, unheard.denominator, unheard.completeness, unheard.mark) == (0, 1, "missing", None)
    whole = _cell(world, "window_rate", APRIL, PREFECTURE_CODE)
    assert (whole.numerator, whole.denominator, whole.completeness) == (1, 2, "partial")
    # An implementing or preparing municipality is expected to send every monthly form.
    assert _cell(world, "jusou_meetings", MAY, A).mark == "…"
    assert _cell(world, "jusou_meetings", MAY, B).mark == "-"


def test_flows_take_the_newest_row_and_stocks_the_months_own() -> None:
    world = _world(
        _sent(A, "case", APRIL, _case("1", APRIL), _case("2", APRIL)),
        _sent(A, "case", MAY, _case("1", APRIL, closed=MAY), _case("2", first_day(month_of(APRIL) - 1))),
        _sent(B, "case", APRIL, _case("1", APRIL)),
        _sent(B, "case", JUNE, _case("1", APRIL, returned=JUNE)),
    )
    assert _cell(world, "new_cases", APRIL, A).numerator == 1  # case 2 was mended in May
    assert _cell(world, "active_cases", APRIL, A).numerator == 2
    assert _cell(world, "active_cases", MAY, A).numerator == 1
    assert _cell(world, "closures", MAY, A).numerator == 1
    assert _member(world, "closures", MAY, A, "lead_agency_after", "unknown").numerator == 1
    assert _member(world, "closures", MAY, A, "closure_type", "C3").numerator == 1
    # Sent unexpectedly counts; a month without a ledger has no flows.
    sent = _cell(world, "returned_cases", JUNE, B)
    assert (sent.numerator, sent.submitted_areas, sent.expected_areas, sent.completeness) == (1, 1, 0, "complete")
    assert _cell(world, "returned_cases", MAY, B).mark == "-"


def _grant(stage: str, dated_on: date, amount: int, component: str = "multi_agency", seq: int = 1) -> GrantRow:
    return GrantRow(A, component, stage, seq, dated_on, 0, 0, 0, 0, amount, 1000, 0)


def test_execution_is_final_over_the_latest_decision_and_march_knows_the_whole_year() -> None:
    march = date(2024, 3, 1)
    world = _world(
        _sent(A, "consultation", APRIL),
        _sent(A, "consultation", march),
        _sent(
            PREFECTURE_CODE,
            "grant",
            APRIL,
            _grant("decision", date(2023, 7, 1), 9_000),
            _grant("change", date(2024, 1, 9), 5_000),
            _grant("change", date(2024, 1, 9), 7_000, seq=2),
            _grant("final", date(2024, 5, 20), 3_000),
            _grant("decision", date(2023, 7, 1), 90_000, component="outreach"),
            _grant("final", date(2024, 2, 1), 1_000, component="consult_child"),
            _grant("decision", date(2023, 4, 2), 4_000, component="consult_child"),
        ),
    )
    cell = _cell(world, "grant_execution_rate", march, A)
    assert (cell.numerator, cell.denominator) == (3_000 + 1_000 + 1_000 + 1_000, 7_000 + 1_000 + 4_000 + 1_000)
    february = _cell(world, "grant_execution_rate", date(2024, 2, 1), A)
    assert (february.numerator, february.denominator) == (2_000, 5_000)
    assert _member(world, "grant_execution_rate", march, A, "field", "child").denominator == 5_000
    other = _cell(world, "grant_execution_rate", march, B)
    assert (other.numerator, other.denominator, other.value, other.completeness) == (0, 0, None, "complete")
    assert _member(world, "grant_execution_rate", march, B, "field", "lump").value is None


# --- as files ---


def test_files_have_the_columns_of_the_published_tables(world: World, expected: Expected, tmp_path: Path) -> None:
    write_truth(world, tmp_path)
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


def test_every_dimension_is_a_column_of_its_form_or_the_field_of_a_component() -> None:
    for kpi in KPIS.values():
        columns = {column.id for column in load_contracts()[kpi.form].columns}
        assert set(kpi.dimensions) - columns <= {"field"}
