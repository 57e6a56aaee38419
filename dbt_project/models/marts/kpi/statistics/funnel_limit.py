# Grain: one method × denominator × the prefecture's numerator and denominator: limits of the numerator around its value.
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.statistics.intervals import binomial_funnel, poisson_funnel

TAILS = {"95": 0.025, "998": 0.001}


def model(dbt: Any, session: Any) -> pa.Table:
    """The distinct combinations only."""
    del session
    points = (
        dbt.ref("kpi_interval_cell")
        .filter("centre_denominator is not null")
        .project("method, denominator, centre_numerator, centre_denominator")
        .distinct()
        .order("method, denominator, centre_numerator, centre_denominator")
        .to_arrow_table()
    )
    size = points["denominator"].to_numpy()
    centre = points["centre_numerator"].to_numpy() / points["centre_denominator"].to_numpy()
    is_share = points["method"].to_numpy() == "wilson"
    for name, tail in TAILS.items():
        limits = np.empty((2, len(size)))
        limits[:, is_share] = binomial_funnel(centre[is_share], size[is_share], tail)
        limits[:, ~is_share] = poisson_funnel((centre * size)[~is_share], tail)
        for side, limit in zip(("lower", "upper"), limits, strict=True):
            points = points.append_column(f"{side}_{name}", pa.array(limit))
    return points
