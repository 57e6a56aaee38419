"""KPIs of 参加支援: matches with resources, each as its newest row tells it."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.simulate.known import Known
from pipelines.simulate.kpis.base import Part, each, kpi, of_which
from pipelines.simulate.model import Month, first_day
from pipelines.simulate.rows import MatchRow


def _matched(known: Known, municipality: str, month: Month) -> list[MatchRow]:
    rows = known.history("participation", municipality, MatchRow)
    return [row for row in rows if row.matched_ym == first_day(month)]


@kpi("participation", adds=True, resource_type="resource_type", resource_origin="resource_origin")
def new_matches(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(_matched(known, municipality, month))


@kpi("participation", kind="share", adds=True)
def retention_6m(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    made = [row for row in _matched(known, municipality, month - 6) if row.match_status != "matching"]
    return of_which(made, lambda row: not _is_given_up(row, month))


def _is_given_up(row: MatchRow, by: Month) -> bool:
    return row.match_status == "withdrawn" and row.ended_ym is not None and row.ended_ym <= first_day(by)
