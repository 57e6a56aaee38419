"""`kasane explain`: from a published figure down to the rows of the submissions, counted again by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from io import StringIO

import pandas as pd
import pytest

from pipelines.builds import current_build_id
from pipelines.explain import CannotExplain, Explanation, explain, print_explanation
from pipelines.intake.manifest import Manifest
from pipelines.publish import published_rows
from tests.conftest import RunHome

MONTH = date(2024, 2, 1)


@pytest.fixture
def home(run_home: Callable[[int], RunHome]) -> RunHome:
    return run_home(7)


def busiest_town(home: RunHome) -> str:
    sql = """
        select area_code from kpi_monthly
        where kpi_id = 'closures' and area_level = 'municipality' and period = ? order by numerator desc nulls last limit 1
    """
    return published_rows(home.settings, str(current_build_id(home.settings)), sql, [MONTH])[0][0]


def printed(explanation: Explanation, form: str) -> str:
    stream = StringIO()
    print_explanation(explanation, form, stream)
    return stream.getvalue()


def test_a_history_is_followed_to_the_ledgers_that_tell_it(home: RunHome) -> None:
    town = busiest_town(home)
    found = explain(home.settings, "closures", area=town, month=MONTH)
    lake = pd.concat([pd.read_parquet(path) for path in sorted((home.settings.lake_dir / "case").glob("*.parquet"))])
    with Manifest(home.settings.manifest_db) as manifest:
        counting = {s.submission_id: s for s in manifest.known_at(None) if s.counts and s.form == "case"}
    mine = lake[(lake["sender_code"] == town) & lake["submission_id"].isin(list(counting))]
    newest = mine.sort_values("period").groupby("case_no").tail(1)
    assert found.figure["numerator"] == (pd.to_datetime(newest["closed_ym"]) == pd.Timestamp(MONTH)).sum() > 0

    told = Counter(counting[key].file_name for key in newest["submission_id"])
    assert found.submissions is not None
    own, history = [[r for r in found.submissions if r["reads"] == reads] for reads in ("その期間", "履歴")]
    assert [(r["period"], r["rows"]) for r in own] == [(MONTH.isoformat(), own[0]["rows_accepted"])]
    assert {r["file"]: r["rows"] for r in history} == {f: n for f, n in told.items() if f != own[0]["file"]}
    assert [step.name for step in found.chain if step.depth < 3] == ["closures", "fct_case", "stg_case"]
    assert {"lake.case", "intake.submission"} <= {step.name for step in found.chain}

    text = printed(found, "text") + printed(found, "json")
    assert not any(number in text for number in mine["case_no"]), "a case's number is printed"
    assert found.figure["formula_ja"].strip() in text and own[0]["received_at"] in text


def test_a_region_is_explained_by_its_municipalities(home: RunHome) -> None:
    found = explain(home.settings, "new_consultations", area=home.settings.prefecture_code, month=MONTH)
    assert found.submissions is not None and len(found.parts) == 9
    known = [part["numerator"] for part in found.parts if part["numerator"] is not None]
    assert found.figure["numerator"] == sum(known) == sum(row["rows"] for row in found.submissions) > 0
    assert len(known) == len(found.submissions)
    assert all("mark" in part and (part["mark"] is None) == (part["numerator"] is not None) for part in found.parts)


def test_a_member_of_a_breakdown_and_a_setup_based_rate(home: RunHome) -> None:
    town = busiest_town(home)
    cell = explain(home.settings, "closures", area=town, month=MONTH, dimension="closure_type", member="C1")
    whole = explain(home.settings, "closures", area=town, month=MONTH)
    assert 0 <= cell.figure["numerator"] <= whole.figure["numerator"]
    assert "closure_type = C1" in printed(cell, "text")
    window = json.loads(printed(explain(home.settings, "window_rate", area=town, month=MONTH), "json"))
    assert window["figure"]["denominator"] == 1
    assert {row["form"] for row in window["submissions"]} == {"setup"}
    assert all(row["period"] <= MONTH.isoformat() for row in window["submissions"])


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"kpi": "nothing"}, "指標 nothing はありません。あるもの: window_rate"),
        ({"area": "999999"}, "地域 999999 はありません"),
        ({"month": date(2030, 1, 1)}, "2030-01 は表示中の版の期間"),
        (
            {"dimension": "closure_type", "member": "C99"},
            "closure_type に C99 はありません。closure_type にあるもの: C1、",
        ),
        ({"dimension": "nothing", "member": "C1"}, "内訳 nothing はありません。closures の内訳: closure_type、"),
        ({"member": "C1"}, "--member には --dimension も要ります。closures の内訳: closure_type、"),
        ({"dimension": "closure_type"}, "--dimension には --member も要ります。closure_type にあるもの: C1、"),
    ],
    ids=["kpi", "area", "month", "member", "dimension", "member alone", "dimension alone"],
)
def test_what_is_not_there_is_named(home: RunHome, asked: dict[str, object], says: str) -> None:
    cell: dict[str, object] = {"kpi": "closures", "area": home.settings.prefecture_code, "month": MONTH} | asked
    with pytest.raises(CannotExplain) as told:
        explain(home.settings, str(cell.pop("kpi")), **cell)  # type: ignore[arg-type]
    assert says in str(told.value)
