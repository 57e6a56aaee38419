"""Reads the data contracts: what a form is called, which columns it has and which rules bind them.

This is the only module that parses `contracts/*.yaml`. Everything that knows a column (reader, gate,
dbt sources, simulator, data dictionary) asks here. Judging rows (`suites.py`, `gate.py`) and the
sentences a sender reads (`messages.py`) do not belong here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

import yaml

CONTRACTS_DIR = Path(__file__).parent / "contracts"

FormKind = Literal["event", "ledger", "statement"]
Cadence = Literal["monthly", "fiscal_year"]
Sender = Literal["municipality", "prefecture"]
Severity = Literal["error", "warning"]
ColumnType = Literal[
    "identifier",  # a number its sender gave; kept only as a keyed hash
    "municipality",  # 6-digit code; also accepted as 5 digits or as a name
    "year_month",  # first day of the month
    "date",
    "fiscal_year",  # Gregorian start year of April-March
    "code",  # one code of a list
    "code_list",  # one or more codes of a list
    "flag",
    "number",  # decimal number
    "integer",
    "yen",  # integer yen; money notations are accepted
]

# The lake's physical type of each column type. `code_list` is sorted and has no duplicates.
DUCKDB_TYPES: Mapping[ColumnType, str] = MappingProxyType(
    {
        "identifier": "VARCHAR",
        "municipality": "VARCHAR",
        "year_month": "DATE",
        "date": "DATE",
        "fiscal_year": "BIGINT",
        "code": "VARCHAR",
        "code_list": "VARCHAR[]",
        "flag": "BOOLEAN",
        "integer": "BIGINT",
        "number": "DOUBLE",
        "yen": "BIGINT",
    }
)


class ContractError(ValueError):
    """A contract file says something Kasane cannot use; names the file and the place."""


@dataclass(frozen=True)
class Column:
    """One column of a form. `label_ja` is what the sender writes above it."""

    id: str
    label_ja: str
    type: ColumnType
    required: bool
    description_ja: str
    code_list: str | None = None
    id_kind: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    multiple_of: int | None = None

    @property
    def duckdb_type(self) -> str:
        """The column's type in the lake."""
        return DUCKDB_TYPES[self.type]


@dataclass(frozen=True)
class Rule:
    """A named cross-field rule; `params` is its `implementation` without the name.

    A `when` or `unless` in the parameters is a condition: `{column, equals | in | present}`.
    """

    name: str
    severity: Severity
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Contract:
    """One form. Grain: one row of the form is what `grain` says. There is one object a form, also in another process."""

    form: str
    label_ja: str
    version: str
    kind: FormKind
    cadence: Cadence
    sender: Sender
    purpose_ja: str
    limitations_ja: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rules: tuple[Rule, ...]
    accumulates_by: str | None = None

    def column(self, column_id: str) -> Column:
        """The column of that id; KeyError when the form has none."""
        return self._by_id[column_id]

    @cached_property
    def _by_id(self) -> dict[str, Column]:
        return {column.id: column for column in self.columns}

    def __reduce__(self) -> tuple[Callable[[str], Contract], tuple[str]]:
        """Pickled by its name."""
        return _contract_of, (self.form,)


@cache
def load_contracts(directory: Path = CONTRACTS_DIR) -> Mapping[str, Contract]:
    """All contracts by form id, in file-name order. Raises ContractError."""
    contracts = (_read_contract(path) for path in sorted(directory.glob("*.yaml")))
    return {contract.form: contract for contract in contracts}


def _contract_of(form: str) -> Contract:
    return load_contracts()[form]


def _read_contract(path: Path) -> Contract:
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    try:
        (table,) = document["schema"]
        custom = _custom(document)
        columns = tuple(_read_column(item) for item in table["properties"])
        keyed = sorted((p for p in table["properties"] if p.get("primaryKey")), key=lambda p: p["primaryKeyPosition"])
        return Contract(
            form=document["name"],
            label_ja=table["businessName"],
            version=document["version"],
            kind=custom["formKind"],
            cadence=custom["cadence"],
            sender=custom["sender"],
            purpose_ja=document["description"]["purpose"],
            limitations_ja=document["description"]["limitations"],
            grain=table["dataGranularityDescription"],
            columns=columns,
            key=tuple(item["name"] for item in keyed),
            rules=tuple(_read_rule(item) for item in table.get("quality", [])),
            accumulates_by=custom.get("accumulatesBy"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ContractError(f"{path.name}: {error!r}") from error


def _read_column(item: dict[str, Any]) -> Column:
    custom = _custom(item)
    options = item.get("logicalTypeOptions", {})
    if item["physicalType"] not in DUCKDB_TYPES:
        raise ValueError(f"{item['name']}: unknown column type {item['physicalType']}")
    return Column(
        id=item["name"],
        label_ja=item["businessName"],
        type=cast(ColumnType, item["physicalType"]),
        required=item["required"],
        description_ja=item["description"],
        code_list=custom.get("codeList"),
        id_kind=custom.get("idKind"),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        multiple_of=options.get("multipleOf"),
    )


def _read_rule(item: dict[str, Any]) -> Rule:
    params = dict(item["implementation"])
    return Rule(name=params.pop("rule"), severity=item["severity"], params=params)


def _custom(item: dict[str, Any]) -> dict[str, Any]:
    return {entry["property"]: entry["value"] for entry in item.get("customProperties", [])}
