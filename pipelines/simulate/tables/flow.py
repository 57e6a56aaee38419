"""The flow of support: from which stage to which next one the consultations and cases of a fiscal year went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import combinations, pairwise, product
from typing import NamedTuple

from pipelines.simulate.known import Known
from pipelines.simulate.kpis import KPIS
from pipelines.simulate.kpis.cases import case_histories
from pipelines.simulate.model import Month, month_of
from pipelines.simulate.rows import CaseRow
from pipelines.simulate.tables.spans import by_year
from pipelines.simulate.truth import Cell

Step = tuple[str, str]

_ON_THE_WAY = ("accepted", "assessed", "planned", "conferenced", "started")
_ENDS = ("closed", "returned", "open", "lost")
_COMES_AGAIN_AFTER = ("closed", "returned")


class Flow(NamedTuple):
    """One row of support_flow."""

    fiscal_year: int
    prefecture_code: str
    area_level: str
    area_code: str
    from_stage: str
    to_stage: str
    cases: int | None
    completeness: str
    mark: str | None


def support_flow(known: Known, monthly: Sequence[Cell]) -> Iterator[Flow]:
    """Every step that can be made, with how many made it."""
    results = {code.code: code.group for code in known.world.code_lists["screening_result"]}
    first_steps = [("consultation", group) for group in dict.fromkeys(results.values())]
    later_steps = [
        *combinations(_ON_THE_WAY, 2),
        *product(_ON_THE_WAY, _ENDS),
        *((end, "reopened") for end in _COMES_AGAIN_AFTER),
    ]

    def of_consultations(known: Known, municipality: str, month: Month) -> Iterator[tuple[Step, int]]:
        for part in KPIS["new_consultations"].parts(known, municipality, month):
            yield ("consultation", results[part.thing.screening_result]), 1

    for kpi_id, steps, made in (
        ("new_consultations", first_steps, of_consultations),
        ("new_cases", later_steps, _of_cases),
    ):
        for *row, span in by_year(known, monthly, kpi_id, steps, made):
            yield Flow._make((*row, span.completeness, span.mark))


def _of_cases(known: Known, municipality: str, month: Month) -> Iterator[tuple[Step, int]]:
    """The steps of the cases accepted in a month; stages a case did not pass are skipped."""
    histories = case_histories(known, municipality)
    newest_ledger = max(m for m in known.months if known.standing("case", municipality, m).submitted)
    for row in histories:
        if month_of(row.accepted_ym) == month:
            is_listed = known.listed[municipality, row.case_no][-1] == newest_ledger
            for step in pairwise(_stages(row, histories, is_listed=is_listed)):
                yield step, 1


def _stages(row: CaseRow, histories: Iterable[CaseRow], *, is_listed: bool) -> Iterator[str]:
    yield "accepted"
    for stage in _ON_THE_WAY[1:]:
        if getattr(row, f"{stage}_ym") is not None:
            yield stage
    ended = row.closed_ym or row.returned_ym
    if ended is None:
        yield "open" if is_listed else "lost"
    else:
        yield "closed" if row.closed_ym else "returned"
        if any(_takes_up(other, row, ended) for other in histories):
            yield "reopened"


def _takes_up(other: CaseRow, row: CaseRow, ended: date) -> bool:
    return other.reopened_from == row.case_no and other.case_no != row.case_no and other.accepted_ym >= ended
