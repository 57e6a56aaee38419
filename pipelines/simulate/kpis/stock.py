"""KPIs of the stock of cases: what the ledger of the month itself lists, and whether it moves as the histories say."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.simulate.known import Known
from pipelines.simulate.kpis.base import Part, each, kpi, of_which
from pipelines.simulate.model import Month, first_day
from pipelines.simulate.rows import CaseRow


def in_stock(known: Known, municipality: str, month: Month) -> list[CaseRow]:
    """The cases that the ledger of a month lists and that have not ended by its end."""
    by = first_day(month)
    return [
        row
        for row in known.rows("case", municipality, month, CaseRow)
        if not any(ended is not None and ended <= by for ended in (row.closed_ym, row.returned_ym))
    ]


@kpi("case", service="service")
def active_cases(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(in_stock(known, municipality, month))


def with_gap(known: Known, municipality: str, month: Month) -> list[CaseRow]:
    """Those of the stock that have a need no scheme takes."""
    return [row for row in in_stock(known, municipality, month) if row.gap_need]


@kpi("case", gap_response="gap_response")
def gap_cases(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(with_gap(known, municipality, month))


@kpi("case", kind="share")
def gap_unmet_share(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return of_which(with_gap(known, municipality, month), lambda row: row.gap_response == "none_yet")


def signed_adjustments(known: Known, municipality: str, month: Month) -> dict[str, int]:
    """Case number → how far the stock moved otherwise than its history says; keys that moved as they should are absent.

    Over two months with a ledger each, active = active before + new − closed − returned + Σ of these.
    """
    ym = first_day(month)
    history = {row.case_no: row for row in known.history("case", municipality, CaseRow)}
    now = {row.case_no for row in in_stock(known, municipality, month)}
    sees_before = bool(known.standing("case", municipality, month - 1).submitted)
    before = {row.case_no for row in in_stock(known, municipality, month - 1)} if sees_before else set[str]()
    found: dict[str, int] = {}
    for case_no in history.keys() | now | before:
        row = history.get(case_no)
        is_new = row is not None and row.accepted_ym == ym
        has_ended = row is not None and ym in (row.closed_ym, row.returned_ym)
        if sees_before:
            entered, left = case_no in now - before, case_no in before - now
            moved = entered - left - is_new + has_ended
        else:
            moved = -int(is_new and case_no not in now and not has_ended)
        if moved:
            found[case_no] = moved
    return found


@kpi("case", adds=True)
def ledger_adjustment(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(signed_adjustments(known, municipality, month))
