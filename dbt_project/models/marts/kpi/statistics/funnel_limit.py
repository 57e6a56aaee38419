# Grain: one method × denominator × the prefecture's numerator and denominator: limits of the numerator around its value.
from typing import Any

import numpy as np
import pandas as pd

from pipelines.statistics.intervals import binomial_funnel, poisson_funnel

TAILS = {"95": 0.025, "998": 0.001}


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """The distinct combinations only."""
    del session
    points = (
        dbt.ref("kpi_interval_cell")
        .filter("centre_denominator is not null")
        .project("method, denominator, centre_numerator, centre_denominator")
        .distinct()
        .df()
        .sort_values(["method", "denominator", "centre_numerator", "centre_denominator"], ignore_index=True)
    )
    is_share = points["method"] == "wilson"
    centre = points["centre_numerator"] / points["centre_denominator"]
    for name, tail in TAILS.items():
        share = binomial_funnel(np.minimum(centre, 1), points["denominator"], tail)
        count = poisson_funnel(centre * points["denominator"], tail)
        points[f"lower_{name}"] = np.where(is_share, share[0], count[0])
        points[f"upper_{name}"] = np.where(is_share, share[1], count[1])
    return points
