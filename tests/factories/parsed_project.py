"""dbt's parse of the project, moved from one warehouse to another. Only what saves tests the same seconds belongs here."""

from __future__ import annotations

import pprint
from pathlib import Path

import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.artifacts.resources.base import FileHash
from dbt.contracts.graph.manifest import Manifest

from pipelines.builds import DBT_PROJECT_DIR

_NOT_ABOUT_THE_CONNECTION = frozenset({"type", "threads"})


def fit(target: Path, warehouse: Path) -> None:
    """Make a parse that was copied into a target folder hold for another warehouse.

    dbt parses everything anew when the warehouse lies elsewhere than the last time, which costs a run more than most of its
    models do; nothing that is parsed depends on where. Were this wrong, dbt would notice and parse: slower, never false.
    """
    profile = yaml.safe_load((DBT_PROJECT_DIR / "profiles.yml").read_text(encoding="utf-8"))
    output = profile["kasane"]["outputs"]["warehouse"] | {"path": str(warehouse)}
    credentials = DuckDBCredentials.from_dict({k: v for k, v in output.items() if k not in _NOT_ABOUT_THE_CONNECTION})
    parse = target / "partial_parse.msgpack"
    manifest = Manifest.from_msgpack(parse.read_bytes())
    manifest.state_check.profile_hash = FileHash.from_contents(pprint.pformat(sorted(credentials.connection_info())))
    parse.write_bytes(manifest.to_msgpack())
