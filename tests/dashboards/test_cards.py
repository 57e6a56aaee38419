"""What a card says of a change: a difference between months is only one of the field where the same municipalities sent."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dashboards import data
from dashboards.parts import cards
from tests.dashboards.published_sample import build_home

KPI = "new_consultations"


def change_in(home: Path, silent: tuple[int | None, int | None]) -> str:
    """The last month's change of the prefecture when one municipality (by place) sent nothing then, and one the month before."""
    (path,) = home.glob("published/*/internal.duckdb")
    with duckdb.connect(str(path)) as con:
        codes = [
            code for (code,) in con.execute("select municipality_code from dim_municipality order by all").fetchall()
        ]
        months = con.execute("select distinct period from kpi_monthly order by period desc").fetchall()
        con.execute("update kpi_monthly set submitted_areas = 1 where area_level = 'municipality'")
        for (month,), place in zip(months, silent, strict=True):
            con.execute(
                "update kpi_monthly set submitted_areas = 0 where kpi_id = ? and period = ? and area_code = ?",
                [KPI, month, codes[place] if place is not None else ""],
            )
        con.execute(
            "update kpi_monthly set submitted_areas = 3, mark = null, numerator = 50, value = 50"
            " where area_level = 'prefecture'"
        )
    edition = data.current_edition("internal", home)
    (card,) = cards.cards_of(edition, edition.prefecture_code, months[0][0], (KPI,))
    return dict(card.changes)["前月比"]


@pytest.mark.parametrize(
    ("silent_now", "silent_before", "marked"),
    [(None, None, False), (1, 1, False), (1, 2, True), (1, None, True), (None, 1, True)],
)
def test_a_change_is_for_reference_where_others_sent_even_as_many(
    tmp_path: Path, silent_now: int | None, silent_before: int | None, marked: bool
) -> None:
    home = build_home(tmp_path, months=2, municipalities=4)
    assert change_in(home, (silent_now, silent_before)).endswith("(参考)") is marked


@pytest.mark.parametrize(
    ("area_code", "level"),
    [("110001", "prefecture"), ("270008", "prefecture"), ("010006", "prefecture"), ("R-西部", "region"),
     ("112011", "municipality"), ("011002", "municipality"), ("100001", "prefecture")],
)  # fmt: skip
def test_the_level_of_a_code_in_any_prefecture(area_code: str, level: str) -> None:
    assert cards._level(area_code) == level
