"""What guards the house: every check says how severe it is and why, every reader is on record, and warnings reach staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines.settings import PROJECT_DIR

if TYPE_CHECKING:
    from tests.dbt.conftest import Built

# A mart outside core reads what core made of a form, never the form itself. Who may all the same, and why.
MAY_READ_A_FORM = {
    (
        "resource_needs_open",
        "stg_resource_need",
    ),  # the ledger of the month as it came, of which core keeps the newest row only
}


def nodes(built: Built, kind: str) -> list[dict[str, Any]]:
    return [node for node in built.manifest["nodes"].values() if node["resource_type"] == kind]


def reading_a_form(built: Built) -> set[str]:
    """The staging models of the sixteen forms."""
    return {
        model["unique_id"]
        for model in nodes(built, "model")
        if any(parent.startswith("source.kasane.lake.") for parent in model["depends_on"]["nodes"])
    }


def test_every_data_test_says_how_severe_it_is_and_why(built: Built) -> None:
    tests = nodes(built, "test")
    assert len(tests) > 30
    for test in tests:
        assert test["unrendered_config"].get("severity") in {"error", "warn"}, test["name"]
        assert test["config"]["meta"].get("reason"), f"{test['name']} gives no reason"


def test_what_only_warns_has_a_label_for_staff(built: Built) -> None:
    warning = [test for test in nodes(built, "test") if test["config"]["severity"].lower() == "warn"]
    assert len(warning) >= 5
    for test in warning:
        assert test["config"]["meta"].get("label_ja"), test["name"]


def test_every_form_is_watched_for_its_municipality(built: Built) -> None:
    """Facts that name a municipality are compared with the table of municipalities."""
    name = "every_fact_is_about_a_municipality_of_the_reference_table"
    (watch,) = [test for test in nodes(built, "test") if test["name"] == name]
    forms = reading_a_form(built)
    facts = [
        model
        for model in nodes(built, "model")
        if model["name"].startswith("fct_") and forms & set(model["depends_on"]["nodes"])
    ]
    assert len(facts) >= 10
    assert [model["name"] for model in facts if model["unique_id"] not in watch["depends_on"]["nodes"]] == []


def test_rows_of_an_unknown_municipality_are_found(built: Built) -> None:
    name = "every_fact_is_about_a_municipality_of_the_reference_table"
    (watch,) = [test for test in nodes(built, "test") if test["name"] == name]
    with duckdb.connect(str(built.warehouse), read_only=True) as con:
        reference = '"warehouse"."published"."dim_municipality"'
        without = f"(from {reference} where municipality_code <> '112011')"
        found = con.execute(watch["compiled_code"].replace(reference, without)).fetchall()
    assert ("fct_case", "112011") in found
    assert {municipality for _, municipality in found} == {"112011"}


def test_marts_outside_core_read_no_form_directly(built: Built) -> None:
    forms = reading_a_form(built)
    assert len(forms) == 16
    found = {
        (model["name"], parent.split(".")[-1])
        for model in nodes(built, "model")
        if model["fqn"][1] == "marts" and "core" not in model["fqn"]
        for parent in model["depends_on"]["nodes"]
        if parent in forms
    }
    assert found <= MAY_READ_A_FORM


def test_a_view_that_many_models_read_is_none_that_works(built: Built) -> None:
    """A view is computed again for each of its readers: beyond five, an intermediate model is a table."""
    children = built.manifest["child_map"]
    for model in nodes(built, "model"):
        if model["fqn"][1] == "intermediate" and model["config"]["materialized"] == "view":
            readers = [child for child in children[model["unique_id"]] if child.startswith("model.")]
            assert len(readers) <= 5 or model["name"] in CHEAP_VIEWS, f"{model['name']} has {len(readers)} readers"


CHEAP_VIEWS = {"int_month", "int_municipality_month", "int_area_municipality"}  # a few hundred rows of reference


def test_every_page_is_an_exposure_and_exposures_read_published_tables_only(built: Built) -> None:
    exposures = list(built.manifest["exposures"].values())
    for exposure in exposures:
        assert exposure["description"] and exposure["owner"]["name"] and exposure["label"], exposure["name"]
        read = [built.manifest["nodes"][parent] for parent in exposure["depends_on"]["nodes"]]
        assert [model["name"] for model in read if model["schema"] != "published"] == []
    pages = {path.stem for path in (PROJECT_DIR / "dashboards" / "app_pages").glob("[!_]*.py")}
    assert pages <= {exposure["config"]["meta"].get("page") for exposure in exposures}


def test_the_age_of_submissions_has_a_policy(built: Built) -> None:
    """Monthly files are due by the 10th of the month after, so the newest is at most 41 days old when all is well."""
    source = built.manifest["sources"]["source.kasane.intake.submission"]
    assert source["freshness"]["warn_after"] == {"count": 45, "period": "day"}
    assert source["freshness"]["error_after"] == {"count": 75, "period": "day"}
    assert source["freshness"]["filter"] == "counts"


@pytest.mark.parametrize(
    ("rows", "months_before", "found"),
    [(49, 12, True), (50, 12, False), (49, 5, False)],
    ids=["less than half", "half", "too short a history"],
)
def test_a_fall_below_half_the_usual_rows_is_found(built: Built, rows: int, months_before: int, found: bool) -> None:
    (test,) = [one for one in nodes(built, "test") if one["name"] == "rows_of_a_form_do_not_fall_to_half_the_usual"]
    with duckdb.connect() as con:
        con.execute("attach ':memory:' as warehouse")
        con.execute("create schema warehouse.core")
        con.execute("create schema warehouse.published")
        con.execute(
            "create table warehouse.core.fct_form_status as"
            " select '112011' as municipality_code, 'consultation' as form,"
            " cast(date '2024-05-01' - to_months(n::int) as date) as period,"
            " true as is_monthly_municipal, true as is_accepted, if(n = 0, ?, 95 + 10 * (n % 2)) as rows_total"
            " from range(? + 1) as month (n)",
            [rows, months_before],
        )
        con.execute(
            "create table warehouse.published.dim_month as select date '2024-05-01' as period, true as is_data_month"
        )
        columns = [row[0] for row in con.execute(f"from ({test['compiled_code']})").fetchall()]
    assert columns == (["112011"] if found else [])
