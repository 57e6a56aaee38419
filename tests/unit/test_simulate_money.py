"""Money adds up: shares of grants by the rates of their component, payments to what was granted."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction

from pipelines.simulate.grants import components, shares
from pipelines.simulate.model import World, reference_code_lists
from pipelines.simulate.rows import GrantRow, Payment
from tests.unit.submissions import newest

CODES = {name: {code.code for code in codes} for name, codes in reference_code_lists().items()}


def test_the_worked_example_of_the_shares() -> None:
    assert shares(7_345_678, Fraction(1, 2), Fraction(1, 4)) == (3_672_000, 1_836_000, 1_837_678)


def test_shares_follow_the_rates_and_add_up(prefecture: World) -> None:
    rows = [row for s in prefecture.submissions for row in s.rows if isinstance(row, GrantRow)]
    assert {row.stage for row in rows} == CODES["grant_stage"] - {"settlement"}
    for row in rows:
        if row.stage in {"decision", "change", "report", "final"}:
            selected = min(row.base_amount, row.eligible_actual, row.total_cost - row.other_income)
            component = components(2024)[row.component]  # no rate has changed yet
            assert (row.national_share, row.prefectural_share, row.municipal_share) == shares(
                selected, component.national_rate, component.prefectural_rate
            ) or _is_the_gap(row, prefecture)
            assert row.national_share + row.prefectural_share + (row.municipal_share or 0) == selected


def _is_the_gap(row: GrantRow, world: World) -> bool:
    """Whether it is the only share that is off on purpose."""
    (gap,) = (gap for gap in world.gaps if gap.form == "grant")
    return (row.municipality_code, row.stage, row.component) == (gap.municipality_code, "decision", "outreach")


def test_payments_rebuild_the_advances_but_for_known_gaps(prefecture: World) -> None:
    difference: Counter[tuple[date, str]] = Counter()
    national: Counter[tuple[date, str, str]] = Counter()
    refunds: set[str] = set()
    for (_, year), submission in newest(prefecture, "grant").items():
        for row in submission.rows:
            if isinstance(row, GrantRow) and row.stage == "advance":
                difference[year, row.municipality_code] -= row.prefectural_share
                national[year, row.municipality_code, components(2024)[row.component].field] -= row.national_share
    for (_, year), submission in newest(prefecture, "grant_payment").items():
        for row in submission.rows:
            assert isinstance(row, Payment)
            if row.amount_yen < 0:
                refunds.add(row.source)
            elif row.source == "prefectural":
                difference[year, row.municipality_code] += row.amount_yen
            else:
                national[year, row.municipality_code, row.field] += row.amount_yen
    gaps: Counter[tuple[date, str]] = Counter()
    for gap in prefecture.gaps:
        if gap.form == "grant_payment":
            gaps[gap.period, gap.municipality_code] += gap.amount
    assert gaps and {key: amount for key, amount in difference.items() if amount} == gaps
    assert len(difference) > 20 and set(national.values()) == {0} and refunds == {"national"}


def test_towns_have_a_hardship_component_of_their_own(prefecture: World) -> None:
    towns = {municipality.code for municipality in prefecture.municipalities if municipality.is_town}
    rows = [row for s in prefecture.submissions for row in s.rows if isinstance(row, GrantRow)]
    assert {row.municipality_code in towns for row in rows if row.component == "consult_hardship"} == {False}
    assert all(row.municipality_code in towns for row in rows if row.component == "consult_hardship_town")
