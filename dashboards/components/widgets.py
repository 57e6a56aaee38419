"""The Streamlit side of shared parts: a choice that lives in the address, a chart with its text, markup on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.components import markup


def choose_from_address(name: str, label: str, options: Mapping[str, str], notices: DeltaGenerator) -> str:
    """A select box (value → label; the first is the default) kept in the address as `?name=value`: a view is a link.

    A value the address names but `options` lacks is answered with a warning in `notices` and the default.
    """
    asked = st.query_params.get(name)
    keys = list(options)
    default = asked if asked is not None and asked in options else keys[0]
    if asked is not None and asked != default:
        notices.warning(
            f"アドレスで指定された「{label}」はこの版にありません。「{options[keys[0]]}」を表示しています。"
        )
    # The key keeps the box's choice while the address follows it; a build with a newer default starts a new box.
    chosen = st.selectbox(
        label, keys, index=keys.index(default), format_func=options.__getitem__, key=f"{name}={keys[0]}"
    )
    if chosen == keys[0]:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = chosen
    return chosen


def draw_chart(spec: dict[str, Any], alt: str, sources: tuple[str, ...]) -> None:
    """A finished Vega-Lite spec with its text alternative, and its sources below."""
    st.vega_lite_chart(spec=spec, width="stretch", theme=None, alt=alt)
    st.html(markup.small_print(sources))
