"""A label, a type or a rule stands in one place: the contract. Everything else asks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from expectations.codes import load_code_lists
from expectations.contract import CONTRACTS_DIR, Contract, load_contracts
from pipelines.settings import PROJECT_DIR, Settings

CONTRACTS = load_contracts()
# Words of one or two characters (日付, 区分, 回) are ordinary Japanese and may stand for themselves.
LABELS = {c.label_ja for contract in CONTRACTS.values() for c in contract.columns if len(c.label_ja) > 2}
SOURCES = [
    path for room in ("pipelines", "expectations", "dashboards") for path in sorted((PROJECT_DIR / room).rglob("*.py"))
]
MODELS = sorted((PROJECT_DIR / "dbt_project").rglob("*.sql"))
MODEL_YAMLS = [
    path
    for path in sorted((PROJECT_DIR / "dbt_project" / "models").rglob("*.yml"))
    if not path.name.startswith("_lake")
]


@pytest.mark.parametrize("path", sorted(CONTRACTS_DIR.glob("*.yaml")), ids=lambda path: path.stem)
def test_contract_is_valid_odcs(path: Path) -> None:
    document = OpenDataContractStandard.from_file(str(path))
    assert document.kind == "DataContract"
    assert document.name == path.stem
    assert document.schema_ is not None and len(document.schema_[0].properties or []) == len(
        CONTRACTS[path.stem].columns
    )


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.form)
def test_contract_is_closed(contract: Contract) -> None:
    """Lists exist, keys and rules name columns of the form, labels are told apart."""
    settings = Settings()
    codes = load_code_lists(settings.reference("codes.csv"), settings.reference("grant_components.csv"))
    ids = {column.id for column in contract.columns}
    assert {column.code_list for column in contract.columns if column.code_list} <= codes.keys()
    assert all((column.code_list is not None) == (column.type in {"code", "code_list"}) for column in contract.columns)
    assert all((column.id_kind is not None) == (column.type == "identifier") for column in contract.columns)
    assert set(contract.key) <= ids
    assert contract.key or any(rule.name == "single_row" for rule in contract.rules)
    assert len({column.label_ja for column in contract.columns}) == len(ids)
    for rule in contract.rules:
        assert _columns_of(rule.params) <= ids, rule


def _columns_of(params: object) -> set[str]:
    named: set[str] = set()
    if isinstance(params, dict) or hasattr(params, "items"):
        for key, value in params.items():  # type: ignore[union-attr]
            if key in {"column", "other", "by"}:
                named.add(value)
            elif key in {"columns", "others"}:
                named.update(value)
            else:
                named |= _columns_of(value)
    return named


def test_no_label_is_repeated_in_python() -> None:
    found = [
        f"{path.relative_to(PROJECT_DIR)}:{node.lineno} {node.value}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in LABELS
    ]
    assert found == []


def test_no_label_is_repeated_in_sql() -> None:
    found = [
        f"{path.relative_to(PROJECT_DIR)} {label}"
        for path in MODELS
        for label in re.findall(r"'([^']*)'", path.read_text(encoding="utf-8"))
        if label in LABELS
    ]
    assert found == []


def test_no_label_is_repeated_in_model_descriptions() -> None:
    names = {"label", "label_ja"}

    def values(node: object) -> list[str]:
        if isinstance(node, dict):  # a KPI or a page may be named like a column a municipality fills in
            return [text for key, value in node.items() if key not in names for text in values(value)]
        if isinstance(node, list):
            return [text for value in node for text in values(value)]
        return [node] if isinstance(node, str) else []

    found = [
        f"{path.relative_to(PROJECT_DIR)} {text}"
        for path in MODEL_YAMLS
        for text in values(yaml.safe_load(path.read_text(encoding="utf-8")))
        if text in LABELS
    ]
    assert found == []


def test_staging_gives_no_contract_column_another_type() -> None:
    ids = "|".join(sorted({column.id for contract in CONTRACTS.values() for column in contract.columns}))
    cast = re.compile(rf"cast\(\s*({ids})\s+as|\b({ids})\s*::", re.IGNORECASE)
    staging = [path for path in MODELS if "staging" in path.parts]
    assert len(staging) >= len(CONTRACTS)
    lake_models = [path for path in staging if path.stem.removeprefix("stg_") in CONTRACTS]
    assert [str(path) for path in lake_models if cast.search(path.read_text(encoding="utf-8"))] == []
