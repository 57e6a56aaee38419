# Grain: one month from the data month to the target date: municipalities with a window, projected.
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.statistics.projection import Openings, project

LEVELS = (0.80, 0.95)
METHOD = "beta_binomial"


def model(dbt: Any, session: Any) -> pa.Table:
    """Nothing where there is no month yet or the target lies behind."""
    del session
    (state,) = dbt.ref("window_state").to_arrow_table().to_pylist() or [None]
    if state is None:
        return _table(np.array([], "datetime64[M]"), [], [[], [], [], []])
    first, last = (np.datetime64(state[name], "M") for name in ("data_month", "target_month"))
    months = np.arange(first, last + 1)
    aprils = (months[1:].astype(int) % 12 == 3).cumsum()
    ahead = [(0, 0), *((april, step - april) for step, april in enumerate(aprils, start=1))]
    projection = project(
        with_window=state["with_window"],
        without=state["without_window"],
        seen=[Openings(state[f"{kind}_months_at_risk"], state[f"{kind}_openings"]) for kind in ("april", "other")],
        ahead=ahead,
        levels=LEVELS,
    )
    return _table(months, projection.mean, [bound for level in LEVELS for bound in projection.bounds[level]])


def _table(months: Any, mean: Any, bounds: list[Any]) -> pa.Table:
    names = ("municipalities", "lower_80", "upper_80", "lower_95", "upper_95")
    columns = {name: pa.array(column, pa.float64()) for name, column in zip(names, [mean, *bounds], strict=True)}
    return pa.table(
        {"period": months.astype("datetime64[D]"), **columns, "method": pa.array([METHOD] * len(months), pa.string())}
    )
