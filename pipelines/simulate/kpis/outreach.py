"""KPIs of outreach: what is done in a month, and whether those it is for were met."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.simulate.known import Known
from pipelines.simulate.kpis.base import Part, each, kpi, of_which
from pipelines.simulate.kpis.cases import YEAR, case_histories, within
from pipelines.simulate.model import Month, month_of
from pipelines.simulate.rows import Outreach


def _outreach(known: Known, municipality: str, month: Month) -> list[Outreach]:
    return known.rows("outreach", municipality, month, Outreach)


@kpi("outreach")
def outreach_persons(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(_outreach(known, municipality, month))


@kpi("outreach", adds=True)
def outreach_contacts(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    for row in _outreach(known, municipality, month):
        yield Part(row.visits + row.letters + row.calls_messages + row.accompaniments + row.agency_contacts)


@kpi("case", "outreach", kind="share")
def outreach_met_share(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    first_met: dict[str, Month] = {}
    for each_month in known.months:
        for row in _outreach(known, municipality, each_month):
            if row.met_person:
                first_met.setdefault(row.case_no, each_month)
    accepted = [
        row
        for row in case_histories(known, municipality)
        if row.service == "outreach" and within(row.accepted_ym, month - 6 - YEAR + 1, month - 6)
    ]
    return of_which(
        accepted, lambda row: first_met.get(row.case_no, month_of(row.accepted_ym) + 7) <= month_of(row.accepted_ym) + 6
    )
