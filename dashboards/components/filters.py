"""Choices shared by pages (month, area, comparison), kept in the address: a link reproduces the view.

The address wins; without it, what the person chose on the page before; else the default. Not here: what a page does with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data
from dashboards.data import Edition
from dashboards.frames import rows_of

COMPARISONS = {"prefecture": "県全体", "region": "同じ地域", "peers": "似た6市町村"}


def choose(name: str, label: str, options: Mapping[str, str], notices: DeltaGenerator) -> str:
    """A select box (value → label; the first is the default) kept in the address as `?name=value`.

    A value the address names but `options` lacks is answered with a warning in `notices` and the default.
    """
    keys = list(options)
    asked = st.query_params.get(name)
    kept = st.session_state.get(f"kept:{name}", keys[0])
    if asked is not None and asked not in options:
        notices.warning(
            f"アドレスで指定された「{label}」はこの画面にありません。「{options[keys[0]]}」を表示しています。"
        )
        kept = keys[0]
    start = next((str(value) for value in (asked, kept) if value in options), keys[0])
    # The key keeps the box's choice while the address follows it; a build with other options starts a new box.
    chosen = st.selectbox(
        label, keys, index=keys.index(start), format_func=options.__getitem__, key=f"{name}={keys[0]}:{len(keys)}"
    )
    if chosen == keys[0]:
        st.query_params.pop(name, None)
        st.session_state.pop(f"kept:{name}", None)
    else:
        st.query_params[name] = chosen
        st.session_state[f"kept:{name}"] = chosen
    return chosen


def choose_month(edition: Edition, notices: DeltaGenerator) -> date:
    """First day of the month to look at, default the data month."""
    return date.fromisoformat(choose("month", "表示する月", _months(edition), notices) + "-01")


def choose_area(edition: Edition, notices: DeltaGenerator, *levels: str) -> str:
    """Code of an area of the given levels, default the first of the first level."""
    label = "市町村" if levels == ("municipality",) else "地域・市町村"
    return choose("area", label, _areas(edition, levels), notices)


def choose_comparison(notices: DeltaGenerator) -> str:
    """What a municipality is set beside: one of COMPARISONS."""
    return choose("compare", "比べる相手", COMPARISONS, notices)


def label_of(edition: Edition, area_code: str) -> str:
    """Name of an area."""
    return _areas(edition, ("prefecture", "region", "municipality"))[area_code]


@lru_cache(maxsize=8)
def _months(edition: Edition) -> dict[str, str]:
    return {f"{m.period:%Y-%m}": str(m.label_ja) for m in rows_of(data.months(edition))}


@lru_cache(maxsize=16)
def _areas(edition: Edition, levels: tuple[str, ...]) -> dict[str, str]:
    areas = data.areas(edition)
    return {str(a.area_code): str(a.label_ja) for level in levels for a in rows_of(areas[areas["area_level"] == level])}


def search(name: str, label: str, example: str) -> str:
    """Words to look for, kept in the address as `?name=…`."""
    words = st.text_input(label, value=st.query_params.get(name, ""), placeholder=example, key=f"{name}=").strip()
    if words:
        st.query_params[name] = words
    else:
        st.query_params.pop(name, None)
    return words
