"""Cells of the awkward part of the hand-made world, worked out by hand.

The comments give the working: stock and history of さいたま市's ledgers are in `kill_list.LEDGERS`.
"""

from __future__ import annotations

import duckdb
import pytest

from tests.dbt.cells import assert_published
from tests.dbt.hand_made import BEGAN, PREFECTURE, RUNNING
from tests.dbt.kill_list import SAITAMA, STARTER

FEB, MAR, APR, MAY, JUN, JUL, AUG, SEP = (f"2024-{month:02d}-01" for month in range(2, 10))
OF_ONE = "R-さいたま"

# kpi, area, month → numerator, denominator, value, mark
CELLS = [
    # In the stock: back, unseen-end, vanished | unseen-end, vanished, twice-1 | + back-again, same-number, − vanished.
    ("active_cases", SAITAMA, FEB, 3, None, 3.0, None),
    ("active_cases", SAITAMA, MAR, 3, None, 3.0, None),
    ("active_cases", SAITAMA, APR, 4, None, 4.0, None),
    ("active_cases", SAITAMA, JUN, None, None, None, "…"),
    ("active_cases", SAITAMA, JUL, 3, None, 3.0, None),
    # Accepted in February: unseen-end, same-number, and moved, which the newer ledger of March says.
    ("new_cases", SAITAMA, FEB, 3, None, 3.0, None),
    ("new_cases", SAITAMA, MAR, 1, None, 1.0, None),
    ("new_cases", SAITAMA, APR, 1, None, 1.0, None),
    ("returned_cases", SAITAMA, MAR, 2, None, 2.0, None),
    # same-number was closed in February once; its newest row closes it in August.
    ("closures", SAITAMA, FEB, 1, None, 1.0, None),
    ("closures", SAITAMA, AUG, 1, None, 1.0, None),
    # unseen-end was closed in June, and June has no ledger.
    ("closures", SAITAMA, JUN, None, None, None, "…"),
    ("closures", SAITAMA, JUL, 0, None, 0.0, None),
    # same-number and moved were accepted in February and are nowhere in its ledger.
    ("ledger_adjustment", SAITAMA, FEB, 2, None, 2.0, None),
    # moved ends in March without having been there.
    ("ledger_adjustment", SAITAMA, MAR, 1, None, 1.0, None),
    # same-number came without being accepted, vanished went without an end: 2, though +1 and −1.
    ("ledger_adjustment", SAITAMA, APR, 2, None, 2.0, None),
    ("ledger_adjustment", SAITAMA, MAY, 0, None, 0.0, None),
    # July follows no ledger: what left or entered meanwhile cannot be seen.
    ("ledger_adjustment", SAITAMA, JUL, 0, None, 0.0, None),
    ("ledger_adjustment", SAITAMA, AUG, 0, None, 0.0, None),
    # closed-once (C1) | with unseen-end (C6), though June has no ledger | with same-number (C3).
    ("closure_handover_share", SAITAMA, FEB, 1, 1, 1.0, None),
    ("closure_handover_share", SAITAMA, JUL, 1, 2, 0.5, None),
    ("closure_interrupted_share", SAITAMA, AUG, 1, 3, 1 / 3, None),
    # Six months after closed-once; supported again twice, counted once. A month before nothing had been closed long enough.
    ("reopened_share", SAITAMA, JUL, 0, 0, None, None),
    ("reopened_share", SAITAMA, AUG, 1, 1, 1.0, None),
    # Accepted in January: vanished, planned in March. In February: three, of which unseen-end planned in May.
    ("plan_within_3_months", SAITAMA, APR, 1, 1, 1.0, None),
    ("plan_within_3_months", SAITAMA, MAY, 1, 3, 1 / 3, None),
    # Only unseen-end consented, in April; the consent of back-again is withdrawn.
    ("consent_share", SAITAMA, MAR, 0, 7, 0.0, None),
    ("consent_share", SAITAMA, APR, 1, 8, 0.125, None),
    # Half is reached where S is exactly a half: of two cases at risk at 0 months one is closed.
    ("support_months_median", RUNNING, FEB, 0, None, 0.0, None),
    # At 4 months only closed-once is left at risk, and it ends there.
    ("support_months_median", SAITAMA, MAR, 4, None, 4.0, None),
    # At 4 months 2 of 5 end (S = 3/5), at 6 months the last one.
    ("support_months_median", SAITAMA, AUG, 6, None, 6.0, None),
    # At 6 months 1 of 2: 3/5 × 1/2.
    ("support_months_median", SAITAMA, SEP, 6, None, 6.0, None),
    # Pooled: 9/10 at 0 months, × 3/4 at 2 months, 0 at 4 months.
    ("support_months_median", PREFECTURE, MAR, 4, None, 4.0, None),
    # An empty ledger has no case, and so no median.
    ("support_months_median", BEGAN, MAR, None, None, None, "-"),
    ("support_months_median", SAITAMA, JUN, None, None, None, "…"),
    # Nobody was accepted for outreach.
    ("outreach_met_share", SAITAMA, MAR, 0, 0, None, None),
    ("outreach_met_share", SAITAMA, APR, None, None, None, "…"),
    # A region of one municipality is that municipality.
    ("ledger_adjustment", OF_ONE, APR, 2, None, 2.0, None),
    ("support_months_median", OF_ONE, AUG, 6, None, 6.0, None),
    ("closures", OF_ONE, JUN, None, None, None, "…"),
    # 行田市 starts on 15 June.
    ("active_cases", STARTER, MAY, None, None, None, "-"),
    ("active_cases", STARTER, JUN, None, None, None, "…"),
    ("active_cases", STARTER, JUL, 0, None, 0.0, None),
    ("status_known_rate", STARTER, MAY, 0, 1, 0.0, None),
    ("status_known_rate", STARTER, JUN, 1, 1, 1.0, None),
    ("submission_rate", STARTER, MAY, None, None, None, "-"),
    ("submission_rate", STARTER, JUN, 0, 8, 0.0, None),
    ("submission_rate", STARTER, JUL, 1, 8, 0.125, None),
    # What was known of last year is not known of this one.
    ("status_known_rate", SAITAMA, MAR, 1, 1, 1.0, None),
    ("status_known_rate", SAITAMA, APR, 0, 1, 0.0, None),
    # All came on 1 May: too late for March (10 April), in time for April.
    ("submission_rate", SAITAMA, MAR, 2, 8, 0.25, None),
    ("submission_on_time_rate", SAITAMA, MAR, 0, 8, 0.0, None),
    ("submission_on_time_rate", SAITAMA, APR, 1, 8, 0.125, None),
    # Only the consultations of April came, with one row of five in error.
    ("row_error_rate", RUNNING, APR, 1, 5, 0.2, None),
    # The visit of 29 February belongs to February and to the fiscal year that ends in March; March's file is missing.
    ("dispatch_visits", SAITAMA, FEB, 1, None, 1.0, None),
    ("dispatch_visits", SAITAMA, MAR, None, None, None, "…"),
    ("dispatch_reach", SAITAMA, FEB, 1, 1, 1.0, None),
    ("dispatch_reach", PREFECTURE, FEB, 1, 6, 1 / 6, None),
    ("dispatch_reach", SAITAMA, APR, 0, 1, 0.0, None),
    ("months_since_support", SAITAMA, FEB, 0, None, 0.0, None),
    ("months_since_support", SAITAMA, APR, 2, None, 2.0, None),
    ("months_since_support", RUNNING, APR, None, None, None, "-"),
    ("months_since_support", SAITAMA, MAR, None, None, None, "…"),
    # The elapsed months of an area do not exist, known or not.
    ("months_since_support", PREFECTURE, APR, None, None, None, "-"),
    ("months_since_support", OF_ONE, MAR, None, None, None, "-"),
    # Two consultations in February, one in March: the goal of three is reached in March, not due before.
    ("goal_progress", RUNNING, FEB, 0, 0, None, None),
    ("goal_progress", RUNNING, MAR, 1, 1, 1.0, None),
    ("goal_progress", RUNNING, APR, None, None, None, "-"),
    # One new case too many and one closure too few; who owes no ledger has none, whatever else it sent.
    ("balance_gap", RUNNING, FEB, 2, None, 2.0, None),
    ("balance_gap", BEGAN, MAR, None, None, None, "-"),
    # Population of 川越市: 354,571.
    ("new_consultations_per_100k", RUNNING, FEB, 2, 354_571, 2 / 354_571 * 100_000, None),
]

# kpi, area, month, dimension, member → numerator, mark
MEMBERS = [
    ("dispatch_visits", SAITAMA, FEB, "advice_topic", "cases", 1, None),
    ("dispatch_visits", SAITAMA, FEB, "advice_topic", "scheme", 1, None),
    ("dispatch_visits", SAITAMA, FEB, "advice_topic", "planning", 0, None),
    ("dispatch_visits", OF_ONE, MAR, "advice_topic", "cases", None, "…"),
]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "-".join(cell[:3]))
def test_cell(query: duckdb.DuckDBPyConnection, cell: tuple[object, ...]) -> None:
    columns = ("numerator", "denominator", "value", "mark")
    assert_published(query, cell, columns)


@pytest.mark.parametrize("cell", MEMBERS, ids=lambda cell: "-".join(cell[:5]))
def test_member(query: duckdb.DuckDBPyConnection, cell: tuple[object, ...]) -> None:
    assert_published(query, cell, ("numerator", "mark"))


def test_the_adjustments_of_a_month_close_its_balance(query: duckdb.DuckDBPyConnection) -> None:
    """entered − left − accepted + ended, where the month before has a ledger."""
    found = query.execute(
        "select period::varchar, entered, left_stock, accepted, ended, adjustment from core.fct_ledger_change"
        " where municipality_code = ? order by period",
        [SAITAMA],
    ).fetchall()
    assert found == [
        (FEB, None, None, 3, 1, -2),
        (MAR, 1, 1, 1, 2, 1),
        (APR, 2, 1, 1, 0, 0),
        (MAY, 0, 0, 0, 0, 0),
        (JUL, None, None, 0, 0, 0),
        (AUG, 1, 1, 1, 1, 0),
        (SEP, 0, 0, 0, 0, 0),
    ]
