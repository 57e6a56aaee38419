# Grain: one area × month in which the median of support is reached.
"""The Kaplan–Meier median of support in whole months: the smallest t with S(t) ≤ 1/2.

In Python because S must be exact: half is half only in whole numbers, and the products outgrow every integer of SQL.
"""

from itertools import groupby
from operator import itemgetter

import pyarrow as pa

MEDIAN = pa.schema([("area_code", pa.string()), ("period", pa.date32()), ("months", pa.int32())])


def model(dbt, session):
    """Areas and months in which S never falls to half have no row."""
    life_table = dbt.ref("fct_support_months").filter("events > 0").order("area_code, period, months")
    rows = life_table.project("area_code, period, months, at_risk, events").fetchall()
    medians = []
    for area_and_month, steps in groupby(rows, key=itemgetter(0, 1)):
        survived, of = 1, 1  # S as a fraction, never reduced: integers grow, and stay exact
        for _, _, months, at_risk, events in steps:
            survived *= at_risk - events
            of *= at_risk
            if 2 * survived <= of:
                medians.append({"area_code": area_and_month[0], "period": area_and_month[1], "months": months})
                break
    return pa.Table.from_pylist(medians, schema=MEDIAN)
