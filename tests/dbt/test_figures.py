"""Cells of the hand-made warehouse, counted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.generate import kpi_definitions
from tests.dbt.cells import assert_published
from tests.dbt.hand_made import BEGAN, NEIGHBOUR, PREFECTURE, RUNNING, SILENT

if TYPE_CHECKING:
    from tests.dbt.conftest import Built

SHARED_REGION, BEGAN_REGION = "R-川越比企", "R-北部"
FEB, MAR, APR = "2024-02-01", "2024-03-01", "2024-04-01"

# kpi, area, month → numerator, denominator, value, completeness, submitted, expected, mark
CELLS = [
    # A team is enough; the neighbour's window of 2023 still stands in 2024 though nothing was sent for FY2024.
    ("window_rate", RUNNING, FEB, 1, 1, 1.0, "complete", 1, 1, None),
    ("window_rate", NEIGHBOUR, APR, 1, 1, 1.0, "missing", 0, 1, None),
    ("window_rate", SILENT, FEB, 0, 1, 0.0, "missing", 0, 1, None),
    ("window_rate", PREFECTURE, FEB, 3, 6, 0.5, "partial", 3, 6, None),
    ("window_rate", BEGAN_REGION, FEB, 0, 1, 0.0, "missing", 0, 1, None),
    ("transition_rate", PREFECTURE, MAR, 1, 6, 1 / 6, "partial", 3, 6, None),
    ("programme_rate", PREFECTURE, MAR, 1, 6, 1 / 6, "partial", 3, 6, None),
    ("programme_rate", PREFECTURE, APR, 2, 6, 1 / 3, "partial", 2, 6, None),
    # The re-sent file of March replaces the first one; April has a rejected row.
    ("new_consultations", RUNNING, MAR, 1, None, 1.0, "complete", 1, 1, None),
    ("new_consultations", RUNNING, APR, 3, None, 3.0, "partial", 1, 1, None),
    # Who does not run the programme owes consultation from the first month it sent.
    ("new_consultations", BEGAN, FEB, None, None, None, "not_applicable", 0, 0, "-"),
    ("new_consultations", BEGAN, APR, None, None, None, "missing", 0, 1, "…"),
    ("new_consultations", SILENT, APR, None, None, None, "not_applicable", 0, 0, "-"),
    ("new_consultations", PREFECTURE, FEB, 2, None, 2.0, "partial", 1, 2, None),
    ("new_consultations", PREFECTURE, APR, 3, None, 3.0, "partial", 1, 3, None),
    ("new_consultations", BEGAN_REGION, APR, None, None, None, "missing", 0, 1, "…"),
    ("complex_share", RUNNING, FEB, 1, 2, 0.5, "complete", 1, 1, None),
    ("complex_share", RUNNING, MAR, 0, 1, 0.0, "complete", 1, 1, None),
    ("complex_share", BEGAN, FEB, None, None, None, "not_applicable", 0, 0, "-"),
    ("gap_needs", PREFECTURE, MAR, 1, None, 1.0, "partial", 2, 3, None),
    ("gap_need_share", PREFECTURE, MAR, 1, 2, 0.5, "partial", 2, 3, None),
    # The newest ledger row of c1 closes it in March; the ledger of April is missing.
    ("new_cases", RUNNING, FEB, 1, None, 1.0, "complete", 1, 1, None),
    ("new_cases", RUNNING, APR, None, None, None, "missing", 0, 1, "…"),
    ("active_cases", RUNNING, FEB, 1, None, 1.0, "complete", 1, 1, None),
    ("active_cases", RUNNING, MAR, 1, None, 1.0, "complete", 1, 1, None),
    ("closures", RUNNING, MAR, 1, None, 1.0, "complete", 1, 1, None),
    ("returned_cases", RUNNING, MAR, 0, None, 0.0, "complete", 1, 1, None),
    # An accepted file counts, expected or not; an empty ledger is an accepted statement of zero.
    ("active_cases", BEGAN, MAR, 0, None, 0.0, "complete", 1, 0, None),
    ("active_cases", BEGAN_REGION, MAR, 0, None, 0.0, "complete", 1, 0, None),
    ("active_cases", SHARED_REGION, MAR, 1, None, 1.0, "complete", 1, 1, None),
    ("jusou_meetings", RUNNING, FEB, 2, None, 2.0, "complete", 1, 1, None),
    ("jusou_meetings", RUNNING, MAR, 0, None, 0.0, "complete", 1, 1, None),
    ("support_meetings", RUNNING, FEB, 1, None, 1.0, "complete", 1, 1, None),
    # A final of May counts in March of its fiscal year only; zero over zero has no value and no mark.
    ("grant_execution_rate", RUNNING, FEB, 0, 0, None, "complete", 1, 1, None),
    ("grant_execution_rate", RUNNING, MAR, 3_000_000, 4_000_000, 0.75, "complete", 1, 1, None),
    ("grant_execution_rate", PREFECTURE, MAR, 3_000_000, 4_000_000, 0.75, "complete", 6, 6, None),
    ("grant_execution_rate", PREFECTURE, APR, None, None, None, "missing", 0, 6, "…"),
]

# kpi, area, month, dimension, member → numerator, denominator, mark
MEMBERS = [
    ("gap_needs", RUNNING, FEB, "gap_reason", "age", 1, None, None),
    ("gap_needs", RUNNING, FEB, "gap_reason", "income", 0, None, None),
    ("gap_needs", RUNNING, FEB, "gap_reason", "unknown", 0, None, None),
    ("gap_needs", RUNNING, FEB, "age_band", "unknown", 1, None, None),
    ("gap_needs", BEGAN, FEB, "gap_reason", "age", None, None, "-"),
    ("new_cases", RUNNING, MAR, "service", "participation", 1, None, None),
    ("new_cases", RUNNING, MAR, "referred_from", "10", 1, None, None),
    ("active_cases", RUNNING, FEB, "service", "outreach", 0, None, None),
    ("closures", RUNNING, FEB, "lead_agency_after", "01", 1, None, None),
    ("closures", RUNNING, MAR, "lead_agency_after", "unknown", 1, None, None),
    ("closures", PREFECTURE, MAR, "closure_type", "C4", 1, None, None),
    ("grant_execution_rate", RUNNING, MAR, "field", "new_functions", 3_000_000, 4_000_000, None),
    ("grant_execution_rate", RUNNING, MAR, "field", "elderly", 0, 0, None),
]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "-".join(cell[:3]))
def test_cell(query: duckdb.DuckDBPyConnection, cell: tuple[object, ...]) -> None:
    columns = ("numerator", "denominator", "value", "completeness", "submitted_areas", "expected_areas", "mark")
    assert_published(query, cell, columns)


@pytest.mark.parametrize("cell", MEMBERS, ids=lambda cell: "-".join(cell[:5]))
def test_member(query: duckdb.DuckDBPyConnection, cell: tuple[object, ...]) -> None:
    assert_published(query, cell, ("numerator", "denominator", "mark"))


def test_the_grid_is_kpi_by_area_by_month(query: duckdb.DuckDBPyConnection) -> None:
    areas, months = 6 + 5 + 1, 8
    assert query.execute("select count(*) from published.kpi_monthly").fetchone() == (
        len(kpi_definitions()) * areas * months,
    )


def test_a_dimension_has_unknown_only_where_its_column_may_be_blank(query: duckdb.DuckDBPyConnection) -> None:
    with_unknown = query.execute(
        "select distinct kpi_id, dimension from published.kpi_monthly_by where member = 'unknown' order by all"
    ).fetchall()
    assert with_unknown == [
        ("closures", "closure_type"),
        ("closures", "lead_agency_after"),
        ("gap_cases", "gap_response"),
        ("gap_needs", "age_band"),  # the list has the code itself
        ("gap_needs", "gap_reason"),
    ]


def test_every_member_has_a_label(query: duckdb.DuckDBPyConnection) -> None:
    assert (
        query.execute(
            "select distinct dimension, member from published.kpi_monthly_by"
            " join published.kpi_dimension using (kpi_id, dimension)"
            " anti join published.code_label on code_label.code_list = kpi_dimension.code_list and code = member"
        ).fetchall()
        == []
    )


def test_labels_of_dimensions_come_from_the_contracts(query: duckdb.DuckDBPyConnection) -> None:
    found = query.execute("select label_ja from published.kpi_dimension where dimension = 'gap_reason'").fetchall()
    assert (
        found
        == query.execute(
            "select label_ja from reference.form_column where form = 'consultation' and column_id = 'gap_reason'"
        ).fetchall()
    )


def test_submission_status_lists_what_is_expected_and_what_came(query: duckdb.DuckDBPyConnection) -> None:
    found = query.execute(
        "select sender_code, period::varchar, expected, status, completeness from published.submission_status"
        " where form in ('consultation', 'setup', 'grant') and sender_code in (?, ?, ?, ?)"
        " and period <= date '2024-04-01' order by all",
        [PREFECTURE, BEGAN, SILENT, NEIGHBOUR],
    ).fetchall()
    assert found == [
        (PREFECTURE, "2023-04-01", True, "accepted", "complete"),
        (PREFECTURE, "2024-04-01", True, None, "missing"),
        (BEGAN, "2023-04-01", True, None, "missing"),
        (BEGAN, "2024-03-01", True, "accepted", "complete"),
        (BEGAN, "2024-04-01", True, None, "missing"),
        (BEGAN, "2024-04-01", True, None, "missing"),
        (SILENT, "2023-04-01", True, None, "missing"),
        (SILENT, "2024-04-01", True, None, "missing"),
        (NEIGHBOUR, "2023-04-01", True, "accepted", "complete"),
        (NEIGHBOUR, "2024-04-01", True, None, "missing"),
    ]


def test_the_build_names_its_data_month(query: duckdb.DuckDBPyConnection) -> None:
    assert query.execute("select origin, data_month::varchar from published.build").fetchall() == [
        ("synthetic", "2024-09-01")
    ]


def test_before_anything_was_sent_there_are_labels_and_no_figures(built_of_nothing: Built) -> None:
    with duckdb.connect(str(built_of_nothing.warehouse), read_only=True) as con:
        assert con.execute("select count(*) from published.kpi_monthly").fetchone() == (0,)
        assert con.execute("select count(*) from published.kpi_catalogue").fetchone() == (len(kpi_definitions()),)
        assert con.execute("select data_month from published.build").fetchall() == [(None,)]
