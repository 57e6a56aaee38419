# Grain: one method × numerator × denominator: the 95 % interval (of a share, or of a count).
from typing import Any

import pandas as pd

from pipelines.statistics.intervals import garwood, wilson


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """The distinct pairs only: thousands of cells share a few hundred of them."""
    del session
    pairs = (
        dbt.ref("kpi_interval_cell")
        .filter("numerator is not null")
        .project("method, numerator, denominator")
        .distinct()
        .df()
        .sort_values(["method", "numerator", "denominator"], ignore_index=True)
    )
    is_share = pairs["method"] == "wilson"
    share = wilson(pairs["numerator"], pairs["denominator"].fillna(0))
    count = garwood(pairs["numerator"])
    return pairs.assign(
        lower_95=pd.Series(share[0]).where(is_share, count[0]), upper_95=pd.Series(share[1]).where(is_share, count[1])
    )
