"""Habits that cost someone dearly once; each pattern says why it is banned and where it may stand."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SELF = Path(__file__).relative_to(ROOT)

BANNED = [
    (r"duckdb\.connect\(", "one door to DuckDB on each side", {"pipelines/resources.py", "dashboards/data/door.py"}),
    (r"shift_jis|Shift_JIS", "shift_jis cannot read ①㈱髙; cp932 can", set()),
    (r"errors\s*=\s*[\"']replace", "replacing a byte changes data silently", set()),
    (r"except (Exception|BaseException):\s*\n\s*pass", "an error nobody sees", set()),
    (r"(?<!\w)/work/|\.\./shared|\.library", "a path of one machine", set()),
    (r"https?://(files\.)?pyth" + r"onhosted|https?://pypi|registry\.npm" + "js", "a package registry's host", set()),
    (r"返却|受取拒否|受付箱", "the words are 差戻し, 受領拒否, 受領箱 (data/reference/terms.csv, docs/ja)", set()),
    (r"use_container_width", "removed from Streamlit", set()),
]


def tracked_texts() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    kinds = {".py", ".sql", ".yml", ".yaml", ".toml", ".md", ".sh", ".lock", ""}
    return [Path(name) for name in listed if Path(name).suffix in kinds and (ROOT / name).is_file()]


@pytest.mark.parametrize(("pattern", "why", "allowed"), BANNED, ids=[why for _, why, _ in BANNED])
def test_banned_pattern(pattern: str, why: str, allowed: set[str]) -> None:
    texts = tracked_texts()
    assert len(texts) > 50, "the list of files is not the project's"
    found = [
        f"{path}:{number}"
        for path in texts
        if path != SELF and str(path) not in allowed and not (str(path).startswith("tests/") and allowed)
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8", errors="strict").split("\n"), 1)
        if re.search(pattern, line)
    ]
    assert found == [], why
