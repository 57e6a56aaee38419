"""Starting the dashboard: ports, and that starting costs no heavy import."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from dashboards.serve import ADDRESS, free_port

ROOT = Path(__file__).resolve().parents[2]


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind((ADDRESS, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port(port) < port + 50


def test_the_start_command_imports_nothing_heavy() -> None:
    code = "import sys, dashboards.__main__; print([m for m in ('streamlit', 'pandas', 'duckdb', 'altair') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_dashboards_know_nothing_of_the_pipeline() -> None:
    """In a process of its own: importing the whole page must not load the pipeline, the gate or dbt."""
    code = (
        "import sys, dashboards.app_pages.progress; "
        "print([m for m in ('pipelines', 'expectations', 'dagster', 'dbt', 'great_expectations') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_an_unknown_audience_is_a_usage_error() -> None:
    command = [sys.executable, "-m", "dashboards", "--audience", "everyone"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 2
