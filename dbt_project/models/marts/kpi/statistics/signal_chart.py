# Grain: one KPI × area with at least twelve known months: its control chart and the months that stand out.
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.statistics.control_chart import control_charts

SIGNAL = pa.struct([("period", pa.date32()), ("rule", pa.string())])


def model(dbt: Any, session: Any) -> pa.Table:
    """All series at once; they all cover the same months."""
    del session
    series = dbt.ref("kpi_series").order("kpi_id, area_level, area_code").to_arrow_table().combine_chunks()
    periods = series["periods"][0].values if len(series) else pa.array([], pa.date32())
    values = series["month_values"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    charts = control_charts(
        values.reshape(len(series), len(periods)).astype(float), is_count=series["kind"].to_numpy() == "count"
    )
    found = np.stack(list(charts.signals.values()), axis=2)  # series × month × rule
    at_series, at_month, at_rule = np.nonzero(found)
    signals = pa.StructArray.from_arrays(
        [periods.take(pa.array(at_month)), pa.array(np.array(list(charts.signals))[at_rule], pa.string())],
        fields=list(SIGNAL),
    )
    offsets = np.concatenate([[0], np.cumsum(np.bincount(at_series, minlength=len(series)))])
    return pa.table(
        {
            "kpi_id": series["kpi_id"],
            "area_level": series["area_level"],
            "area_code": series["area_code"],
            "is_poisson": charts.is_poisson,
            "centre": charts.centre,
            "lower": charts.lower,
            "upper": charts.upper,
            "signals": pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), signals),
        }
    )
