# Grain: one method × numerator × denominator: the 95 % interval (of a share, or of a count).
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.statistics.intervals import garwood, wilson


def model(dbt: Any, session: Any) -> pa.Table:
    """The distinct pairs only: thousands of cells share a few hundred of them."""
    del session
    pairs = (
        dbt.ref("kpi_interval_cell")
        .filter("numerator is not null")
        .project("method, numerator, denominator")
        .distinct()
        .order("method, numerator, denominator")
        .to_arrow_table()
    )
    numerator, denominator = pairs["numerator"].to_numpy(), pairs["denominator"].to_numpy()
    is_share = pairs["method"].to_numpy() == "wilson"
    bounds = np.empty((2, len(numerator)))
    bounds[:, is_share] = wilson(numerator[is_share], denominator[is_share])
    bounds[:, ~is_share] = garwood(numerator[~is_share])
    for name, bound in zip(("lower_95", "upper_95"), bounds, strict=True):
        pairs = pairs.append_column(name, pa.array(bound, from_pandas=True))  # a share of nothing has none
    return pairs
