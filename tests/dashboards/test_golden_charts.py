"""Chart specs as golden files: a change of how a chart is drawn is seen in review, not by a reader.

`KASANE_WRITE_GOLDEN=1 pytest tests/dashboards/test_golden_charts.py` writes them anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import altair as alt
import pandas as pd
import pytest

from dashboards.charts.bars import bars, stacked
from dashboards.charts.classes import classes_of
from dashboards.charts.funnel import funnel
from dashboards.charts.heat import heat
from dashboards.charts.lines import Limits, control, side_by_side
from dashboards.charts.stencil import Spec
from dashboards.charts.survival import survival
from dashboards.charts.target_path import even_path, target_path
from dashboards.charts.tile_map import tile_map

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "charts"
MONTHS = pd.to_datetime(["2024-03-01", "2024-04-01", "2024-05-01"])


def _bars() -> Spec:
    return bars(pd.DataFrame({"label": ["甲", "乙"], "value": [3.0, None], "text": ["3", "x"]}), "件数(件)")


def _stacked() -> Spec:
    rows = [("甲", "国費", 2.0, "2"), ("甲", "県費", 1.0, "1"), ("乙", "国費", 4.0, "4"), ("乙", "県費", None, "…")]
    return stacked(pd.DataFrame(rows, columns=["label", "series", "value", "text"]), ["国費", "県費"], "金額(円)")


def _control() -> Spec:
    frame = pd.DataFrame(
        {"period": MONTHS, "value": [5.0, None, 19.0], "text": ["5", "…", "19"], "signal": ["", "", "限界の外"]}
    )
    return control(frame, "件数(件)", Limits(8.0, 1.0, 15.0))


def _heat() -> Spec:
    frame = pd.DataFrame({"row": ["甲", "甲"], "column": ["子", "丑"], "value": [4, None], "text": ["4", "x"]})
    return heat(frame, classes_of(pd.Series([1.0, 4.0, 9.0]), "count", yes_no=False))


def _funnel() -> Spec:
    frame = pd.DataFrame({"label": ["甲", "乙"], "size": [10.0, 100.0], "value": [0.3, 0.9], "centre": [0.4, 0.4]})
    frame = frame.assign(lower_95=0.2, upper_95=0.6, lower_998=0.1, upper_998=0.7, is_chosen=[True, False])
    return funnel(frame, "分母", "割合(%)", share=True)


def _survival() -> Spec:
    frame = pd.DataFrame({"months": [0, 6, 12], "at_risk": [40, 20, 9], "survival": [1.0, 0.6, 0.4]})
    return survival(frame.assign(lower_95=[1.0, 0.5, 0.3], upper_95=[1.0, 0.7, 0.5]))


def _target_path() -> Spec:
    actual = pd.DataFrame({"day": pd.to_datetime(["2023-04-01", "2024-05-31"]), "count": [51, 57], "label": ["", "57"]})
    ahead = pd.DataFrame({"day": pd.to_datetime(["2024-05-31", "2027-04-01"]), "count": [57.0, 61.0]})
    ahead = ahead.assign(lower=[57.0, 59.0], upper=[57.0, 63.0])
    return target_path(actual, even_path(date(2023, 4, 1), 51, date(2027, 4, 1), 63), ahead)


def _side_by_side() -> Spec:
    rows = [(month, name, value, str(value)) for month in MONTHS[:2] for name, value in (("甲", 1.0), ("乙", 2.0))]
    return side_by_side(pd.DataFrame(rows, columns=["period", "series", "value", "text"]), ["甲", "乙"], "件数(件)")


def _tile_map() -> Spec:
    tiles = pd.DataFrame({"name": ["甲市", "乙町"], "tile_label": ["甲", "乙"], "tile_col": [1, 3], "tile_row": [2, 2]})
    tiles = tiles.assign(numerator=pd.Series([4, None]), value=pd.Series([4.0, None]), mark=pd.Series([None, "x"]))
    return tile_map(tiles, classes_of(pd.Series([1.0, 4.0, 9.0]), "count", yes_no=False))


CHARTS: dict[str, Callable[[], Spec]] = {
    "bars": _bars,
    "stacked": _stacked,
    "control": _control,
    "heat": _heat,
    "funnel": _funnel,
    "survival": _survival,
    "target_path": _target_path,
    "side_by_side": _side_by_side,
    "tile_map": _tile_map,
}


@pytest.mark.parametrize("name", CHARTS)
def test_chart_is_drawn_as_agreed(name: str) -> None:
    spec = CHARTS[name]()
    alt.LayerChart.from_dict(spec)  # charts are not checked against the schema when they are drawn
    named = {layer["data"]["name"] for layer in spec["layer"] if "data" in layer} | {spec.get("data", {}).get("name")}
    assert named - {None} == set(spec["datasets"]), "every row named is there, and no other"
    drawn = json.dumps(spec, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    path = GOLDEN / f"{name}.json"
    if os.environ.get("KASANE_WRITE_GOLDEN"):
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8")
