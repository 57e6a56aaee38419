# Grain: one month from the data month to the target date: municipalities with a window, projected.
from typing import Any

import pandas as pd

from pipelines.statistics.projection import Openings, project

LEVELS = (0.80, 0.95)
METHOD = "beta_binomial"


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """Nothing where there is no month yet or the target lies behind."""
    del session
    (state,) = dbt.ref("window_state").df().to_dict("records") or [None]
    if state is None:
        return _frame(pd.DatetimeIndex([]), [], [[], [], [], []])
    months = pd.date_range(state["data_month"], state["target_month"], freq="MS")
    aprils = (months[1:].month == 4).cumsum()
    ahead = [(0, 0), *((april, step - april) for step, april in enumerate(aprils, start=1))]
    projection = project(
        with_window=state["with_window"],
        without=state["without_window"],
        seen=[Openings(state[f"{kind}_months_at_risk"], state[f"{kind}_openings"]) for kind in ("april", "other")],
        ahead=ahead,
        levels=LEVELS,
    )
    return _frame(months, projection.mean, [bound for level in LEVELS for bound in projection.bounds[level]])


def _frame(months: pd.DatetimeIndex, mean: Any, bounds: list[Any]) -> pd.DataFrame:
    names = ("lower_80", "upper_80", "lower_95", "upper_95")
    columns = {"period": months, "municipalities": mean, **dict(zip(names, bounds, strict=True))}
    return pd.DataFrame(columns).astype({name: "float64" for name in ("municipalities", *names)}).assign(method=METHOD)
