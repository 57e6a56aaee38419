"""The page one would write first: six figures, four charts, one table, all made anew by pandas and Altair at every rerun.

What `make bench-dashboard` sets the real pages beside; a Streamlit script, no part of the product.
"""

from __future__ import annotations

import os
from pathlib import Path

import altair as alt
import duckdb
import pandas as pd
import streamlit as st

MONTHS = (
    "select k.*, c.label_ja from kpi_monthly as k join kpi_catalogue as c using (kpi_id) "
    "where k.area_level = 'municipality' and list_contains(['new_consultations', 'gap_needs', 'new_cases', 'closures'], kpi_id)"
)


def main() -> None:
    """One rerun."""
    with duckdb.connect(os.environ["KASANE_NAIVE_FILE"], read_only=True) as published:
        rows = published.execute(MONTHS).df()
        towns = published.execute("select municipality_code as area_code, name from dim_municipality order by 1").df()
    name = st.selectbox("市町村", towns["name"])
    here = rows[rows["area_code"] == towns.loc[towns["name"] == name, "area_code"].iloc[0]].sort_values("period")
    st.title(name)
    for place, (_, group) in zip(st.columns(6), [*here.groupby("label_ja"), *here.groupby("kpi_id")][:6], strict=False):
        place.metric(str(group["label_ja"].iloc[0]), f"{group['numerator'].iloc[-1]}")
    for kpi_id in here["kpi_id"].unique():
        st.altair_chart(_line(here[here["kpi_id"] == kpi_id]))
    st.dataframe(here)


def _line(rows: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    base = alt.Chart(rows).encode(alt.X("period:T", title="月"), tooltip=["period:T", "numerator:Q"])
    line = base.mark_line().encode(alt.Y("numerator:Q", title="件"))
    return alt.layer(line, line.mark_point()).properties(title=str(rows["label_ja"].iloc[0]), height=230)


if Path(os.environ.get("KASANE_NAIVE_FILE", "")).is_file():
    main()
