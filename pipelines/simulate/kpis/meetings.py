"""KPIs of the meetings of a month: how many, how broad, how full."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.simulate.known import Known
from pipelines.simulate.kpis.base import Part, each, kpi, of_which
from pipelines.simulate.model import Month
from pipelines.simulate.rows import Meeting

_BROAD = 3


def _meetings(known: Known, municipality: str, month: Month, meeting_type: str) -> list[Meeting]:
    rows = known.rows("meeting", municipality, month, Meeting)
    return [row for row in rows if row.meeting_type == meeting_type]


@kpi("meeting", adds=True)
def jusou_meetings(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(_meetings(known, municipality, month, "jusou"))


@kpi("meeting", adds=True)
def support_meetings(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(_meetings(known, municipality, month, "support_106_6"))


@kpi("meeting", kind="rate", adds=True)
def cases_per_meeting(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return (Part(row.cases_discussed) for row in _meetings(known, municipality, month, "jusou"))


@kpi("meeting", kind="share", adds=True)
def meeting_breadth(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    group = {code.code: code.group for code in known.world.code_lists["agency_type"]}
    return of_which(
        _meetings(known, municipality, month, "jusou"),
        lambda row: len({group[agency] for agency in row.agency_types}) >= _BROAD,
    )
