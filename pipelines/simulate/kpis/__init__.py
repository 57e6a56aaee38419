"""What each KPI counts, in plain loops over what is known of a world: one small function a KPI.

The definitions are those of the design and of docs/adr/0005 and 0009. Areas, completeness and files are `truth`'s.
"""

from pipelines.simulate.kpis import (  # noqa: F401 - importing them registers their KPIs
    arrangements,
    backing,
    cases,
    community,
    consultations,
    goals,
    meetings,
    money,
    outreach,
    participation,
    register,
    stock,
)
from pipelines.simulate.kpis.base import KPIS, Kpi, Part

__all__ = ["KPIS", "Kpi", "Part"]
