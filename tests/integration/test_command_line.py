"""The command line as a user meets it: separate processes, exit codes, Japanese sentences, no tracebacks."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from pipelines.builds import current_build_id
from pipelines.cli import app
from pipelines.settings import PROJECT_DIR
from tests.conftest import RunHome

KASANE = str(Path(sys.executable).with_name("kasane"))


def kasane(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KASANE_HOME": str(home)}
    return subprocess.run([KASANE, *arguments], env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def home(run_home: Callable[[int], RunHome]) -> RunHome:
    return run_home(7)


def _registered() -> dict[str, TyperGroup | None]:
    """Every command by its full name, with the group where it is one."""
    found: dict[str, TyperGroup | None] = {}

    def walk(group: TyperGroup, path: str) -> None:
        for name, command in group.commands.items():
            inner = command if isinstance(command, TyperGroup) else None
            found[f"{path}{name}"] = inner
            if inner:
                walk(inner, f"{path}{name} ")

    root = get_command(app)
    assert isinstance(root, TyperGroup)
    walk(root, "")
    return found


def _in_readme(registered: Collection[str]) -> set[str]:
    """The commands of README's table, where `… show` goes on with the group named before it."""
    text = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")
    named: set[str] = set()
    for row in re.findall(r"^\| (`kasane .*?) \| ", text, re.MULTILINE):
        group = ""
        for begin, words in re.findall(r"`(kasane|…) ([^`]*)`", row):
            first, second = [*words.split(), ""][:2]
            group, leaf = (first, second) if begin == "kasane" else (group, first)
            two = f"{group} {leaf}"
            named.add(two if begin == "…" or two in registered else group)
    return named


def test_help_names_every_command(tmp_path: Path) -> None:
    done = kasane(tmp_path, "--help")
    listed = re.findall(r"^  (\w+) +\S", done.stdout.partition("Commands:")[2], re.MULTILINE)
    assert done.returncode == 0 and set(listed) == {name for name in _registered() if " " not in name}


def test_readme_lists_every_command_and_no_other() -> None:
    registered = _registered()
    only_groups = {name for name, group in registered.items() if group and not group.invoke_without_command}
    assert _in_readme(registered) == registered.keys() - only_groups


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["export", "kpi", "--out", "x.csv"], 1, "kasane run"),
        (["export", "kpi", "--out", "x.docx"], 2, ".csv"),
        (["rollback", "202405-none"], 1, "202405-none"),
        (["quality"], 1, "kasane run"),
        (["submissions", "show", "nothing.csv"], 1, "受付票はありません"),
        (["submissions", "missing", "--month", "2024-05"], 1, "kasane run"),
        (["submissions", "missing", "--month", "May"], 2, "month"),
        (["submissions", "withdraw", "nothing.csv", "--reason", "誤送"], 1, "という提出はありません"),
        (["backup", "x.zip"], 1, "控えるものがありません"),
        (["restore", "nothing.zip"], 1, "控えとして読めません"),
        (["run", "--inbox", "nowhere"], 2, "というフォルダはありません"),
        (["purge"], 2, "KASANE_CASE_RETENTION_MONTHS"),
        (["run", "--as-of", "yesterday"], 2, "as-of"),
        (["run"], 1, "まだありません"),
        (["simulate"], 2, "out"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_done_is_said(tmp_path: Path, arguments: list[str], code: int, says: str) -> None:
    done = kasane(tmp_path / "home", *arguments)
    assert done.returncode == code
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    environment = {**os.environ, "KASANE_HOME": str(tmp_path), "KASANE_KEEP_BUILDS": "many"}
    done = subprocess.run([KASANE, "builds"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "KASANE_KEEP_BUILDS" in done.stderr and "Traceback" not in done.stderr


def test_a_second_run_says_there_is_nothing_new(home: RunHome) -> None:
    done = kasane(home.settings.root, "run", "--inbox", str(home.settings.inbox_dir))
    assert done.returncode == 0
    assert done.stdout.startswith("新しいものはありません") and str(current_build_id(home.settings)) in done.stdout


def test_submissions_in_three_formats(home: RunHome) -> None:
    root = home.settings.root
    as_json = json.loads(kasane(root, "submissions", "--format", "json").stdout)
    as_csv = list(csv.DictReader(io.StringIO(kasane(root, "submissions", "--format", "csv").stdout)))
    assert [row["file"] for row in as_csv] == [row["file"] for row in as_json]
    assert list(as_csv[0]) == [
        "file", "municipality_code", "form", "period", "status",
        "rows_total", "rows_accepted", "rows_rejected", "error_codes", "received_at",
    ]  # fmt: skip
    assert all(row["rows_total"] == row["rows_accepted"] + row["rows_rejected"] for row in as_json)
    assert {row["status"] for row in as_json} >= {"accepted", "accepted_with_errors"}
    assert as_csv[0]["file"] in kasane(root, "submissions").stdout.replace("\n", "")


def test_show_prints_the_receipt(home: RunHome) -> None:
    root = home.settings.root
    rows = json.loads(kasane(root, "submissions", "--format", "json").stdout)
    faulty = next(row for row in rows if row["status"] == "accepted_with_errors")
    as_json = kasane(root, "submissions", "show", faulty["file"], "--format", "json")
    assert as_json.returncode == 0
    (receipt,) = json.loads(as_json.stdout)
    assert receipt["rows_rejected"] == faulty["rows_rejected"] > 0
    to_read = kasane(root, "submissions", "show", faulty["file"]).stdout
    assert receipt["status_label"] in to_read and receipt["errors"][0]["message"] in to_read
    assert f"[誤り] {receipt['errors'][0]['row']}行目" in to_read and '"' not in to_read


def test_who_is_missing_as_a_list_and_as_csv(home: RunHome) -> None:
    root = home.settings.root
    missing = kasane(root, "submissions", "missing", "--month", "2023-09", "--format", "csv")
    everything = json.loads(
        kasane(root, "submissions", "missing", "--month", "2023-09", "--all", "--format", "json").stdout
    )
    rows = list(csv.DictReader(io.StringIO(missing.stdout)))
    assert rows == [row for row in everything if row["timeliness"] == "missing"] and 0 < len(rows) < len(everything)
    assert f"未提出 {len(rows)} 件" in missing.stderr


def test_export_and_builds(home: RunHome, tmp_path: Path) -> None:
    root = home.settings.root
    (build,) = json.loads(kasane(root, "builds", "--format", "json").stdout)
    assert build["build_id"] == current_build_id(home.settings) and build["current"] == "yes"
    done = kasane(root, "export", "kpi", "--out", str(tmp_path / "k.csv"), "--audience", "public")
    assert done.returncode == 0 and build["build_id"] in done.stdout
    with (tmp_path / "k.csv").open(encoding="utf-8", newline="") as stream:
        marks = {row["mark"] for row in csv.DictReader(stream)}
    assert marks >= {"", "x", "…", "-"}


def test_nothing_heavy_is_imported_for_help() -> None:
    """Start-up is quick because of what is not imported; that can be tested, seconds cannot."""
    script = "import sys, pipelines.cli; print([m for m in sys.modules if m.split('.')[0] in sys.argv[1].split(',')])"
    heavy = "pandas,numpy,dagster,duckdb,great_expectations,pyarrow,streamlit,pydantic"
    done = subprocess.run([sys.executable, "-c", script, heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_disclosure_says_what_is_hidden_before_and_after_and_by_whole_lines(home: RunHome) -> None:
    for audience in ("adviser", "public"):
        done = kasane(home.settings.home, "disclosure", "--audience", audience, "--format", "json")
        rows = json.loads(done.stdout)
        assert done.returncode == 0 and {row["table"] for row in rows} >= {"kpi_monthly", "kpi_monthly_by"}
        told = [row for row in rows if row["cells"] > row["not_shown"]]
        assert sum(row["small"] for row in told) > 0
        for row in told:
            small, hidden, whole = (
                float(row[name].rstrip("%")) for name in ("small_share", "hidden_share", "whole_lines_share")
            )
            assert 0 <= small <= hidden <= 100 and small <= whole <= 100
    assert "庁内用" in kasane(home.settings.home, "disclosure", "--audience", "internal").stdout
