"""KPIs of the consultations received in a month."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.simulate.known import Known
from pipelines.simulate.kpis.base import Part, each, kpi, of_which
from pipelines.simulate.model import Month
from pipelines.simulate.rows import Consultation

_REFERRED_TO_MULTI_AGENCY = "4"


def _consultations(known: Known, municipality: str, month: Month) -> list[Consultation]:
    return known.rows("consultation", municipality, month, Consultation)


@kpi("consultation", adds=True)
def new_consultations(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(_consultations(known, municipality, month))


@kpi("consultation", kind="rate", per=100_000)
def new_consultations_per_100k(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    (population,) = (place.population for place in known.world.municipalities if place.code == municipality)
    yield Part(len(_consultations(known, municipality, month)), population)


@kpi("consultation", kind="share", adds=True)
def complex_share(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return of_which(_consultations(known, municipality, month), lambda row: row.is_complex)


@kpi("consultation", adds=True, gap_reason="gap_reason", age_band="age_band", household_type="household_type")
def gap_needs(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return each(row for row in _consultations(known, municipality, month) if row.gap_need)


@kpi("consultation", kind="share", adds=True)
def gap_need_share(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    return of_which(_consultations(known, municipality, month), lambda row: row.gap_need)


@kpi("consultation", kind="share", adds=True)
def multi_agency_referral_share(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    complex_ones = [row for row in _consultations(known, municipality, month) if row.is_complex]
    return of_which(complex_ones, lambda row: row.screening_result == _REFERRED_TO_MULTI_AGENCY)
