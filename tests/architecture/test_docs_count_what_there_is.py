"""Numbers that the texts say of the product itself."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_guide_counts_and_lists_every_page() -> None:
    pages = [path for path in (ROOT / "dashboards" / "app_pages").glob("*.py") if path.stem != "__init__"]
    guide = (ROOT / "docs" / "ja" / "README.md").read_text(encoding="utf-8")
    said = re.search(r"(\d+)の画面を選びます", guide)
    table = guide.partition("| 画面 | 答える問い |\n|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert said and int(said[1]) == len(table) == len(pages)


def test_lists_of_the_changelog_have_no_gaps() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert not re.search(r"\n[- ] .*\n\n- ", text)
