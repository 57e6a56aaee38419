"""The other published tables of the sample home: docs/architecture.md §5 beside the KPIs, plausible and seeded.

For tests of the dashboard alone; what the real tables hold is tested where they are made.
"""

from __future__ import annotations

import pandas as pd

from tests.dashboards.sample_base import FORMS, Sample
from tests.dashboards.sample_of_persons import (
    gap_need_cross,
    intervals,
    meeting_presence,
    referral_source,
    signals,
    support_duration,
    support_flow,
)
from tests.dashboards.sample_of_support import (
    function_profile,
    goal,
    grant_component,
    grant_reconciliation,
    submission_status,
    support_given,
    window_projection,
)


def other_tables(sample: Sample, kpi_rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every table but the KPIs and the small ones. `kpi_rows`: finished rows of kpi_monthly."""
    return {
        "kpi_interval": intervals(kpi_rows),
        "kpi_signal": signals(kpi_rows),
        "gap_need_cross": gap_need_cross(sample),
        "support_flow": support_flow(sample),
        "support_duration": support_duration(sample),
        "meeting_presence": meeting_presence(sample),
        "referral_source": referral_source(sample),
        "grant_component": grant_component(sample),
        "grant_reconciliation": grant_reconciliation(sample),
        "support_given": support_given(sample),
        "goal": goal(sample),
        "function_profile": function_profile(sample),
        "window_projection": window_projection(sample),
        "submission_status": submission_status(sample),
        "form_label": pd.DataFrame(FORMS, columns=["form", "label_ja", "cadence", "sender"]),
    }
