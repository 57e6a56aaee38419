"""Equal tiles, one a municipality, because the KPIs count municipalities.

Colour is never alone: every tile also carries its figure or mark as text, and tiles without a figure have a dashed border.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboards import theme
from dashboards.charts.classes import Classes
from dashboards.charts.stencil import Drawn, Spec, coloured, filled, stencil
from dashboards.frames import rows_of
from dashboards.labels import ABSENT, value_text

HEIGHT = 430
_LEGEND = alt.Legend(
    title=None,
    orient="bottom",
    columns=4,
    symbolType="square",
    symbolSize=190,
    symbolStrokeColor=theme.EDGE,
    symbolStrokeWidth=1,
    labelFontSize=12.5,
    rowPadding=6,
    columnPadding=18,
)


def tile_map(tiles: pd.DataFrame, classes: Classes) -> Spec:
    """`tiles`: 1 row = municipality with name, tile_label, tile_col, tile_row, numerator, value, mark.

    The chart's data hold what is written on the tiles and nothing else.
    """
    written = _written(tiles, classes)
    columns, rows = (tuple(range(int(at.min()), int(at.max()) + 1)) for at in (tiles["tile_col"], tiles["tile_row"]))
    return filled(coloured(_tiles(columns, rows), 0, _legend(written, classes)), HEIGHT, tiles=written)


@stencil
def _tiles(columns: tuple[int, ...], rows: tuple[int, ...]) -> Drawn:
    base = alt.Chart(alt.NamedData("tiles")).encode(
        alt.X("tile_col:O", axis=None, scale=alt.Scale(domain=list(columns), paddingInner=0.05, paddingOuter=0)),
        alt.Y("tile_row:O", axis=None, scale=alt.Scale(domain=list(rows), paddingInner=0.05, paddingOuter=0)),
    )
    ground = base.mark_rect(strokeWidth=1, cornerRadius=3, aria=False).encode(
        color=alt.Color("legend_label:N", legend=_LEGEND),
        stroke=alt.value(theme.EDGE),
        tooltip=[alt.Tooltip("name:N", title="市町村"), alt.Tooltip("text:N", title="値")],
    )
    dashes = base.transform_filter(alt.FieldOneOfPredicate("text", ["x", "…"])).mark_rect(
        fillOpacity=0, stroke=theme.QUIET, strokeWidth=1.5, strokeDash=[4, 3], cornerRadius=3, aria=False
    )
    ink = alt.Color("ink:N", scale=None)
    name = base.mark_text(dy=-8, fontSize=12, aria=False).encode(text="tile_label:N", color=ink)
    figure = base.mark_text(dy=9, fontSize=13, fontWeight="bold", aria=False).encode(text="text:N", color=ink)
    return alt.layer(ground, dashes, name, figure)


def _written(tiles: pd.DataFrame, classes: Classes) -> pd.DataFrame:
    """1 row = tile: name, tile_label, tile_col, tile_row, text, class_label, legend_label, ink."""
    labels = classes.labels()
    colours = dict(zip(labels, classes.colours(), strict=True)) | _absent_grounds()
    frame = tiles[["name", "tile_label", "tile_col", "tile_row"]].copy()
    cells = rows_of(tiles)
    frame["text"] = [value_text(classes.kind, cell, yes_no=classes.yes_no) for cell in cells]
    frame["class_label"] = [
        _absent_label(text) if text in ABSENT else labels[classes.index(cell.value)]
        for text, cell in zip(frame["text"], cells, strict=True)
    ]
    frame["legend_label"] = _with_count(frame["class_label"], frame["class_label"])
    frame["ink"] = [theme.ink_on(colours[label]) for label in frame["class_label"]]
    return frame


def _legend(frame: pd.DataFrame, classes: Classes) -> dict[str, str]:
    """Legend label → colour: every class, then the marks that occur."""
    occurring = set(frame["class_label"])
    grounds = dict(zip(classes.labels(), classes.colours(), strict=True))
    grounds |= {label: ground for label, ground in _absent_grounds().items() if label in occurring}
    return dict(zip(_with_count(pd.Series(list(grounds)), frame["class_label"]), grounds.values(), strict=True))


def _with_count(labels: pd.Series, tiles: pd.Series) -> list[str]:
    counts = tiles.value_counts()
    return [f"{label}({counts.get(label, 0)})" for label in labels]


def _absent_grounds() -> dict[str, str]:
    return {_absent_label(text): ground for text, ground in theme.ABSENT_GROUND.items()}


def _absent_label(text: str) -> str:
    return f"{text} {ABSENT[text]}"
