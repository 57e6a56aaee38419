"""Goals stated as numbers of persons, on the page of one municipality: shown to the prefecture, marked for everybody else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dashboards import data
from dashboards.parts.municipality import goal_table
from tests.dashboards.published_sample import build_home

MEASURED, REACHED = 3, 4


@pytest.mark.parametrize("audience", ["internal", "adviser", "public"])
def test_a_hidden_goal_has_the_mark_and_one_without_a_measure_says_so(tmp_path: Path, audience: str) -> None:
    home = build_home(tmp_path, months=2, municipalities=3)
    (path,) = home.glob(f"published/*/{audience}.duckdb")
    with duckdb.connect(str(path)) as con:
        if audience != "internal":  # as `protected_files` leaves it
            con.execute(
                "update goal set measured_value = null, is_reached = null where measured_kpi = 'new_consultations'"
            )
        (code,) = con.execute("select min(municipality_code) from goal").fetchall()[0]
    edition = data.current_edition(audience, home)
    of_persons, unmeasured = goal_table(edition, code, edition.data_month).rows
    said = [(cell.text, cell.mark) for cell in (of_persons[MEASURED], of_persons[REACHED])]
    assert said == ([("410", ""), ("届いた", "")] if audience == "internal" else [("x", "x"), ("x", "x")])
    assert [unmeasured[MEASURED].text, unmeasured[REACHED].text] == ["測れません", "判定なし"]
