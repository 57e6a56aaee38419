"""`pyproject.toml` names every package that is imported, and none that is not; ADR 2 says of each why.

What comes only because another package needs it may go when that one does.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
RUNS = ("pipelines", "expectations", "dashboards", "dbt_project/models")
OURS = {"pipelines", "expectations", "dashboards", "tests"}
# Started as programs, found as plugins, or read by a type checker.
NEVER_IMPORTED = {
    *("dagster-webserver", "dbt-duckdb"),
    *("basedpyright", "dbt-bouncer", "import-linter", "pre-commit", "pytest-xdist", "ruff", "sqlfluff"),
    *("hatchling", "editables", "pandas-stubs", "types-pyyaml"),
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def declared(lines: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in lines}


TO_RUN = declared(PROJECT["dependencies"])
TO_DEVELOP = declared(PROJECT["optional-dependencies"]["dev"])


def imports(path: Path) -> Iterator[str]:
    """Names of the packages of others that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
        yield from {name.partition(".")[0] for name in names} - OURS - sys.stdlib_module_names


def imported(*rooms: str) -> dict[str, set[str]]:
    """Imported name → the distributions that bring it; several where they share a namespace."""
    brings = packages_distributions()
    names = {name for room in rooms for path in (ROOT / room).rglob("*.py") for name in imports(path)}
    return {name: {canonicalize_name(one) for one in brings.get(name, [])} for name in names}


def test_what_runs_is_declared_to_run() -> None:
    found = imported(*RUNS)
    assert len(found) > 20, "the modules are not the project's"
    assert {name for name, brought_by in found.items() if not brought_by & TO_RUN} == set()


def test_what_the_tests_use_is_declared() -> None:
    assert {name for name, brought_by in imported("tests").items() if not brought_by & (TO_RUN | TO_DEVELOP)} == set()


def test_nothing_is_declared_that_nobody_uses() -> None:
    used = set().union(*imported(*RUNS, "tests").values())
    assert (TO_RUN | TO_DEVELOP) - used - NEVER_IMPORTED == set()
    assert NEVER_IMPORTED <= TO_RUN | TO_DEVELOP


def test_every_declared_package_has_its_reason() -> None:
    told = (ROOT / "docs" / "adr" / "0002-dependencies.md").read_text(encoding="utf-8")
    firsts = re.findall(r"^\| (?!package)(.+?) \|", told, re.MULTILINE)
    names = {canonicalize_name(name) for cell in firsts for name in re.findall(r"[a-z][\w-]*", cell)}
    names |= {"noto-cjk-sans-jp-bold"} if "noto-cjk-sans-jp-regular, -bold" in told else set()
    assert (TO_RUN | TO_DEVELOP) - names == set()
