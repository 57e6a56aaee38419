"""THE door: one typed function per question a page or report asks of a published file.

Every answer is a pandas frame with the columns its docstring names; marked cells have null numbers. Only `door` opens files.
Here: questions, by subject, one module each. Not here: Streamlit (reports use this package too), formatting, chart grammar.
"""

from dashboards.data.builds import Build, kpi_differences, published_builds
from dashboards.data.cases import (
    gap_need_cross,
    meeting_presence,
    referral_source,
    support_duration,
    support_flow,
)
from dashboards.data.door import Edition, EditionError, ask, current_edition, edition_of_build
from dashboards.data.grants import grant_component, grant_reconciliation
from dashboards.data.kpi import (
    catalogue,
    catalogue_full,
    dimensions,
    kpi_area,
    kpi_by,
    kpi_history,
    kpi_interval,
    kpi_month,
    kpi_signal,
    marks,
)
from dashboards.data.reference import (
    areas,
    builds,
    code_labels,
    forms,
    months,
    municipalities_of,
    municipality,
    published_figures,
    tiles,
)
from dashboards.data.setup import (
    SETUP_KPI,
    function_profile,
    goals,
    setup_history,
    setup_newest,
    window_projection,
    without_window,
)
from dashboards.data.submissions import submission_status
from dashboards.data.support import support_given

__all__ = [
    "SETUP_KPI",
    "Build",
    "Edition",
    "EditionError",
    "areas",
    "ask",
    "builds",
    "catalogue",
    "catalogue_full",
    "code_labels",
    "current_edition",
    "dimensions",
    "edition_of_build",
    "forms",
    "function_profile",
    "gap_need_cross",
    "goals",
    "grant_component",
    "grant_reconciliation",
    "kpi_area",
    "kpi_by",
    "kpi_differences",
    "kpi_history",
    "kpi_interval",
    "kpi_month",
    "kpi_signal",
    "marks",
    "meeting_presence",
    "months",
    "municipalities_of",
    "municipality",
    "published_builds",
    "published_figures",
    "referral_source",
    "setup_history",
    "setup_newest",
    "submission_status",
    "support_duration",
    "support_flow",
    "support_given",
    "tiles",
    "window_projection",
    "without_window",
]
