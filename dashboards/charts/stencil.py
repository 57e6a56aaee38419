"""Charts drawn once by Altair and filled with figures many times.

Altair needs some 50 ms to turn a chart into a spec, whatever its figures. A stencil is that spec without figures: drawn once
per process and set of words, filled at every new month or municipality. Not here: what a chart looks like.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ParamSpec

import altair as alt
import pandas as pd
from altair.utils.schemapi import disable_debug_mode

from dashboards import theme

Spec = dict[str, Any]
Drawn = alt.LayerChart | alt.FacetChart
Asked = ParamSpec("Asked")

# Altair checks every part against the schema of Vega-Lite, most of its time; our tests check every kind of chart instead.
disable_debug_mode()


def finished(chart: Drawn) -> Spec:
    """The spec of a chart in the house style."""
    return theme.styled(chart).to_dict(validate=False)


def stencil(draw: Callable[Asked, Drawn]) -> Callable[Asked, Spec]:
    """The chart a function draws from words alone (its arguments), once for every set of them."""

    @lru_cache(maxsize=256)
    def drawn(*words: Any, **more: Any) -> Spec:
        return finished(draw(*words, **more))

    return drawn  # type: ignore[return-value]


def filled(spec: Spec, height: int, *, numbers: dict[str, float] | None = None, **datasets: pd.DataFrame) -> Spec:
    """A stencil with its figures: a frame for every dataset it names, a number for every parameter, a height in pixels."""
    values = numbers or {}
    parameters = [{**one, "value": values.get(one["name"], one.get("value"))} for one in spec.get("params", [])]
    rows = spec.get("datasets", {}) | {name: records(frame) for name, frame in datasets.items()}
    return spec | {"height": height, "datasets": rows} | ({"params": parameters} if parameters else {})


def coloured(spec: Spec, layer: int, colours: dict[str, str]) -> Spec:
    """A stencil whose layer has these names and colours as its scale."""
    layers = list(spec["layer"])
    encoding = layers[layer]["encoding"]
    scale = {"domain": list(colours), "range": list(colours.values())}
    layers[layer] = layers[layer] | {"encoding": encoding | {"color": encoding["color"] | {"scale": scale}}}
    return spec | {"layer": layers}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as JSON has them: days as ISO text, what is not known as null."""
    return json.loads(frame.to_json(orient="records", date_format="iso", date_unit="s"))
