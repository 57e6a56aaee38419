"""The layers and what each model owes, read from dbt's own manifest."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from expectations.contract import load_contracts
from expectations.dbt_sources import LAKE_COLUMNS
from pipelines.generate import KPI_PAGES
from pipelines.settings import PROJECT_DIR
from pipelines.simulate.kpis import KPIS

if TYPE_CHECKING:
    from tests.dbt.conftest import Built

DBT_PROJECT = PROJECT_DIR / "dbt_project"

MAY_READ = {
    "staging": {"source"},
    "intermediate": {"staging", "intermediate"},
    "marts": {"staging", "intermediate", "marts"},
    "reports": {"marts"},
}
KPI_FACTS = {
    "label_ja", "sort", "kind", "unit", "per", "direction", "formula_ja", "why_it_matters", "source", "owner",
    "reviewed_on", "counts_persons", "adds_over_time", "forms",
}  # fmt: skip


def models(built: Built) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in built.manifest["nodes"].values() if node["resource_type"] == "model"}


def layer(node: dict[str, Any]) -> str:
    folders = node["fqn"][1:-1]
    return "reports" if "reports" in folders else folders[0]


def is_kpi(node: dict[str, Any]) -> bool:
    return node["fqn"][1:-1] == ["marts", "kpi"]


def test_every_layer_reads_only_what_it_may(built: Built) -> None:
    nodes = built.manifest["nodes"]
    wrong = []
    for model in models(built).values():
        for parent in model["depends_on"]["nodes"]:
            kind = "source" if parent.startswith("source.") else layer(nodes[parent])
            if kind not in MAY_READ[layer(model)]:
                wrong.append(f"{model['name']} reads {parent}")
    assert wrong == []


def test_every_model_has_its_grain_in_the_first_line_and_one_yml_beside_it() -> None:
    found = [path for kind in ("sql", "py") for path in (DBT_PROJECT / "models").rglob(f"*.{kind}")]
    assert len(found) > 100
    first_lines = {path: path.read_text(encoding="utf-8").partition("\n")[0] for path in found}
    assert [str(path) for path, line in first_lines.items() if not re.match(r"(--|#) Grain: \w", line)] == []
    ymls = {path for path in (DBT_PROJECT / "models").rglob("*.yml") if not path.name.startswith("_")}
    assert {path.with_suffix(".yml") for path in found} == ymls


def test_every_published_table_has_a_contract_a_key_and_a_description_of_each_column(built: Built) -> None:
    published = [model for model in models(built).values() if model["schema"] == "published"]
    assert len(published) >= 13
    for model in published:
        assert model["contract"]["enforced"], model["name"]
        assert model["config"]["materialized"] == "table", model["name"]
        assert any(constraint["type"] in {"primary_key", "unique"} for constraint in model["constraints"]), model[
            "name"
        ]
        assert model["description"], model["name"]
        assert [name for name, column in model["columns"].items() if not column["description"]] == [], model["name"]


def test_a_contract_says_nothing_that_is_not_checked(built: Built) -> None:
    """What macros/materializations.sql enforces: columns that are never blank, keys of a table."""
    for model in models(built).values():
        assert {constraint["type"] for constraint in model["constraints"]} <= {"primary_key", "unique"}, model["name"]
        for column in model["columns"].values():
            assert {constraint["type"] for constraint in column["constraints"]} <= {"not_null"}, model["name"]


def test_a_table_with_two_rows_of_one_key_or_a_blank_in_it_is_not_made(built: Built, tmp_path: Path) -> None:
    made_by = next((built.warehouse.parent / "target").glob("run/**/models/marts/core/dim_month.sql")).read_text(
        "utf-8"
    )
    copy = tmp_path / "warehouse.duckdb"
    shutil.copyfile(built.warehouse, copy)
    for months, complaint in (("from months union all from months", "same period"), ("select null", "NOT NULL")):
        with duckdb.connect(str(copy)) as con:
            con.execute("create or replace table months as select period from intermediate.int_month")
            con.execute(
                "create or replace view intermediate.int_month as"
                f" select cast(period as date) as period, date '2024-05-01' as last_month from ({months}) as m (period)"
            )
            with pytest.raises(duckdb.Error, match=complaint):
                con.execute(made_by)


def test_every_model_is_described(built: Built) -> None:
    assert [name for name, model in models(built).items() if not model["description"]] == []


def test_schemas_are_exactly_the_four(built: Built) -> None:
    assert {model["schema"] for model in models(built).values()} == {"staging", "intermediate", "core", "published"}


def test_nothing_published_names_a_case_a_submission_or_a_row(query: duckdb.DuckDBPyConnection) -> None:
    identifiers = {c.id for contract in load_contracts().values() for c in contract.columns if c.type == "identifier"}
    assert {"case_no", "consultation_no", "meeting_no"} <= identifiers
    columns = query.execute(
        "select column_name from information_schema.columns where table_schema = 'published'"
    ).fetchall()
    assert len(columns) > 100
    assert {name for (name,) in columns} & (identifiers | {"submission_id", "row_number", "file_name"}) == set()


@pytest.mark.parametrize("form", load_contracts())
def test_staging_hands_on_the_contract_and_nothing_else(query: duckdb.DuckDBPyConnection, form: str) -> None:
    found = query.execute(
        "select column_name, data_type from duckdb_columns() where schema_name = 'staging' and table_name = ?",
        [f"stg_{form}"],
    ).fetchall()
    stated = {column.id: column.duckdb_type for column in load_contracts()[form].columns}
    kept = {"period": LAKE_COLUMNS["period"][0], "municipality_code": LAKE_COLUMNS["sender_code"][0]}
    assert dict(found) == kept | stated


def test_the_list_of_kpis_is_the_folder(built: Built, query: duckdb.DuckDBPyConnection) -> None:
    in_folder = {name for name, model in models(built).items() if is_kpi(model)}
    assert {kpi for (kpi,) in query.execute("select kpi_id from published.kpi_catalogue").fetchall()} == in_folder


def test_every_kpi_of_the_list_has_a_unit_test_a_page_and_an_oracle(
    built: Built, query: duckdb.DuckDBPyConnection
) -> None:
    listed = {kpi for (kpi,) in query.execute("select kpi_id from published.kpi_catalogue").fetchall()}
    assert len(listed) == 52  # 51 of the design, and gap_cases (ADR 31)
    assert listed - {unit_test["model"] for unit_test in built.manifest["unit_tests"].values()} == set()
    assert {page.stem for page in KPI_PAGES.glob("*.md")} == listed
    assert KPIS.keys() == listed


def test_every_kpi_says_what_the_catalogue_needs(built: Built) -> None:
    for model in models(built).values():
        if is_kpi(model):
            assert model["config"]["meta"].keys() >= KPI_FACTS, model["name"]


def test_a_kpi_counts_by_exactly_the_dimensions_it_declares(built: Built) -> None:
    for model in models(built).values():
        if is_kpi(model):
            counted = re.findall(r"cast\('(\w+)' as varchar\) as dimension", model["compiled_code"])
            assert counted == list(model["config"]["meta"].get("dimensions", {})), model["name"]


def test_the_order_of_the_kpis_is_unambiguous_and_that_of_the_list(query: duckdb.DuckDBPyConnection) -> None:
    assert query.execute("select count(*) - count(distinct sort) from published.kpi_catalogue").fetchone() == (0,)
    listed = re.findall(r"^        '(\w+)',$", (DBT_PROJECT / "macros" / "kpi.sql").read_text("utf-8"), re.MULTILINE)
    assert [kpi for (kpi,) in query.execute("select kpi_id from published.kpi_catalogue order by sort").fetchall()] == (
        listed
    )


def test_every_test_of_the_figures_says_how_grave_it_is_and_why(built: Built) -> None:
    singular = [
        node
        for node in built.manifest["nodes"].values()
        if node["resource_type"] == "test" and not node.get("test_metadata")
    ]
    assert len(singular) >= 6
    for node in singular:
        assert node["config"]["severity"] in {"error", "warn"}, node["name"]
        assert node["config"]["meta"]["reason"], node["name"]


def test_every_unit_test_ran(built: Built) -> None:
    ran = {r["unique_id"]: r["status"] for r in built.run_results["results"] if r["unique_id"].startswith("unit_test.")}
    assert len(ran) >= 70
    assert ran.keys() == built.manifest["unit_tests"].keys()
    assert set(ran.values()) == {"pass"}


def test_sources_carry_the_asset_keys_of_the_pipeline(built: Built) -> None:
    for source in built.manifest["sources"].values():
        assert source["config"]["meta"]["dagster"]["asset_key"] == [source["source_name"], source["name"]]
