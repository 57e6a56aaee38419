"""Chart specs: what is encoded, what is said, and that nothing hidden is inside."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dashboards import data
from dashboards.app_pages.progress import KPIS
from dashboards.charts.classes import classes_of
from dashboards.charts.target_path import even_path, target_path
from dashboards.parts import kpi_views, way
from dashboards.parts.figure import Figure

MAY = date(2024, 5, 1)


def map_of(edition: data.Edition, month: date, kpi_id: str) -> Figure:
    figure = kpi_views.map_figure(edition, month, kpi_id)
    assert isinstance(figure, Figure)
    return figure


def rows_in(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for rows in spec["datasets"].values() for row in rows]


def test_even_path_is_the_printed_one() -> None:
    path = even_path(date(2023, 4, 1), 51, date(2027, 4, 1), 63)
    assert list(path["count"]) == [51, 54, 57, 60, 63]
    assert list(path["day"].dt.year) == [2023, 2024, 2025, 2026, 2027]


def test_target_path_leaves_room_for_every_figure() -> None:
    actual = pd.DataFrame({"day": pd.to_datetime(["2023-04-01", "2023-05-31"]), "count": [40, 44], "label": ["", "44"]})
    spec = target_path(actual, even_path(date(2023, 4, 1), 51, date(2027, 4, 1), 63))
    domains = [
        layer["encoding"]["y"]["scale"]["domain"] for layer in spec["layer"] if "scale" in layer["encoding"]["y"]
    ]
    assert domains and all(low < 40 and high > 63 for low, high in domains)


def test_target_path_says_where_we_are(sample_home: Path) -> None:
    figure = way.path_figure(data.current_edition("internal", sample_home), MAY)
    assert isinstance(figure, Figure)
    assert figure.alt == (
        "総合相談窓口または調整チームのある市町村の数の推移。令和5年4月1日の51から令和6年5月末の57まで。"
        "目標は令和9年4月1日の63、あと6市町村。これまでの進み方が続いた場合の見通しは63.0(80%区間 61〜63)。"
    )
    assert any("重層的支援体制整備事業について" in line for line in figure.sources)
    assert {"57(あと6市町村)", "目標 63"} <= {row.get("label") or row.get("text") for row in rows_in(figure.spec)}


def test_an_earlier_month_knows_nothing_later(sample_home: Path) -> None:
    figure = way.path_figure(data.current_edition("internal", sample_home), date(2023, 8, 1))
    assert isinstance(figure, Figure)
    days = [row["day"] for row in rows_in(figure.spec) if row.get("label") is not None]
    assert max(days).startswith("2023-08-31")


@pytest.mark.parametrize("kpi_id", KPIS)
def test_map_shows_every_municipality_and_a_number_in_words(sample_home: Path, kpi_id: str) -> None:
    figure = map_of(data.current_edition("public", sample_home), MAY, kpi_id)
    tiles = rows_in(figure.spec)
    assert len(tiles) == 63
    assert len({(tile["tile_col"], tile["tile_row"]) for tile in tiles}) == 63
    assert any(character.isdigit() for character in figure.alt.split("。")[1])
    assert len(figure.table.rows) == 63
    color = figure.spec["layer"][0]["encoding"]["color"]
    assert {tile["legend_label"] for tile in tiles} <= set(color["scale"]["domain"])
    assert len(color["scale"]["domain"]) == len(set(color["scale"]["domain"])) == len(color["scale"]["range"])


def test_public_map_holds_no_hidden_value(sample_home: Path) -> None:
    """A tile says what is written on it; the internal figure of a hidden cell is nowhere in what is sent."""
    public = map_of(data.current_edition("public", sample_home), MAY, "gap_needs")
    tiles = rows_in(public.spec)
    assert {"numerator", "value", "denominator"}.isdisjoint(key for tile in tiles for key in tile)
    inside = data.kpi_month(data.current_edition("internal", sample_home), MAY, ("gap_needs",))
    small = set(inside.loc[inside["numerator"].between(1, 9), "area_label_ja"])
    assert small
    assert {tile["text"] for tile in tiles if tile["name"] in small} == {"x"}
    assert not any(word in json.dumps(public.spec, ensure_ascii=False) for word in ("internal", "numerator"))


def test_classes_are_the_same_in_every_month(sample_home: Path) -> None:
    edition = data.current_edition("internal", sample_home)

    def labels(month: date) -> list[str]:
        domain = map_of(edition, month, "new_consultations").spec["layer"][0]["encoding"]["color"]["scale"]
        return [label.split("(")[0] for label in domain["domain"] if label[0] not in "x…-"]

    assert labels(MAY) == labels(date(2023, 4, 1))
    assert labels(MAY)[0] == "0"


def test_classes_cover_every_value_once() -> None:
    classes = classes_of(pd.Series([0, 1, 1, 2, 5, 9, 40], dtype=float), "count", yes_no=False)
    assert [classes.index(value) for value in (0, 1, 40)] == [0, 1, len(classes.labels()) - 1]
    assert len(classes.labels()) == len(classes.colours()) == len(set(classes.labels()))
    assert classes_of(pd.Series([0.0, 1.0]), "share", yes_no=True).labels() == ["なし", "あり"]
    assert classes_of(pd.Series([], dtype=float), "count", yes_no=False).index(0) == 0


def test_specs_are_cached_and_left_alone(sample_home: Path) -> None:
    edition = data.current_edition("internal", sample_home)
    first = map_of(edition, MAY, "gap_needs")
    before = json.dumps(first.spec)
    assert map_of(data.current_edition("internal", sample_home), MAY, "gap_needs") is first
    assert json.dumps(first.spec) == before
