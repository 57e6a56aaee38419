"""KPIs of 地域づくり: places where people meet, and resources that are lacking."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.simulate.known import Known
from pipelines.simulate.kpis.base import Part, each, kpi, of_which
from pipelines.simulate.model import Month, first_day
from pipelines.simulate.rows import NeedRow, PlaceRow


def _open_places(known: Known, municipality: str, month: Month) -> list[PlaceRow]:
    rows = known.rows("place", municipality, month, PlaceRow)
    return [row for row in rows if row.closed_ym is None or row.closed_ym > first_day(month)]


@kpi("place")
def places(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(_open_places(known, municipality, month))


@kpi("place", adds=True)
def place_visitors(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return (Part(row.visitors) for row in _open_places(known, municipality, month))


@kpi("place", kind="share")
def places_open_to_all_share(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return of_which(_open_places(known, municipality, month), lambda row: row.is_open_to_all)


@kpi("resource_need")
def resource_needs_open(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    rows = known.rows("resource_need", municipality, month, NeedRow)
    return each(row for row in rows if row.need_status in {"identified", "considering"})


@kpi("resource_need", adds=True)
def resources_developed(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    rows = known.history("resource_need", municipality, NeedRow)
    return each(row for row in rows if row.need_status == "developed" and row.resolved_ym == first_day(month))
