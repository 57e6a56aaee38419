"""What dbt knows of the lake is generated from the contracts and has not drifted."""

from __future__ import annotations

import dataclasses

import yaml

from expectations.contract import load_contracts
from expectations.dbt_sources import COLUMN_DOCS_MARKDOWN, SOURCES_YAML, lake_columns_markdown, lake_sources_yaml
from pipelines.settings import PROJECT_DIR

DBT_PROJECT = PROJECT_DIR / "dbt_project"


def test_committed_sources_are_what_the_contracts_give() -> None:
    assert (DBT_PROJECT / SOURCES_YAML).read_text(encoding="utf-8") == lake_sources_yaml(load_contracts())


def test_committed_column_docs_are_what_the_contracts_give() -> None:
    assert (DBT_PROJECT / COLUMN_DOCS_MARKDOWN).read_text(encoding="utf-8") == lake_columns_markdown(load_contracts())


def test_a_new_column_of_a_contract_reaches_the_source_and_the_docs() -> None:
    contract = load_contracts()["case"]
    added = dataclasses.replace(contract.column("service"), id="added", label_ja="新しい項目")
    changed = {"case": dataclasses.replace(contract, columns=(*contract.columns, added))}
    (source,) = yaml.safe_load(lake_sources_yaml(changed))["sources"]
    assert source["tables"][0]["columns"][-1]["name"] == "added"
    assert "{% docs case__added %}\n新しい項目。" in lake_columns_markdown(changed)
