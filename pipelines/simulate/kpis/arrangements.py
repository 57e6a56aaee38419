"""KPIs of how municipalities are arranged: each of them is in the denominator, heard of or not."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.simulate.known import Known
from pipelines.simulate.kpis.base import Part, kpi
from pipelines.simulate.model import Month, fiscal_year, month_of


def _has_status(known: Known, municipality: str, month: Month, status: str) -> Iterator[Part]:
    row = known.setup(municipality, month)
    yield Part(int(row is not None and row.implementation_status == status))


@kpi("setup", kind="share", is_always_known=True)
def window_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    row = known.setup(municipality, month)
    yield Part(int(row is not None and (row.one_stop_window or row.coordination_team)))


@kpi("setup", kind="share", is_always_known=True)
def programme_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return _has_status(known, municipality, month, "implementing")


@kpi("setup", kind="share", is_always_known=True)
def transition_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return _has_status(known, municipality, month, "transition_prep")


@kpi("setup", kind="share", is_always_known=True)
def status_known_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    stated = {fiscal_year(month_of(row.as_of)) for row in known.setups(municipality, month)}
    yield Part(int(fiscal_year(month) in stated))
