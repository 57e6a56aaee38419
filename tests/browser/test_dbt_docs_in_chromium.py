"""The page of the models (`make docs`) as a reader opens it: one file, Japanese descriptions, nothing asked of the outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.dbt_docs import write_dbt_docs
from tests.browser.chromium import chromium

pytestmark = pytest.mark.browser


def test_the_page_shows_a_model_and_loads_nothing_from_outside(tmp_path: Path) -> None:
    page_file = tmp_path / "index.html"
    write_dbt_docs(page_file)
    asked: list[str] = []
    failed: list[str] = []
    with chromium() as browser:
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.goto(f"{page_file.as_uri()}#!/model/model.kasane.kpi_monthly")
        page.get_by_role("heading", name="kpi_monthly").first.wait_for()
        shown = page.inner_text("body")
        page.screenshot(path=str(tmp_path / "page.png"))
        page.goto(f"{page_file.as_uri()}#!/exposure/exposure.kasane.prefecture_progress")
        page.get_by_text("窓口設置の目標への歩み").first.wait_for()
    outside = [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    assert asked and outside == [] and failed == []
    assert "指標の値。1行は、指標 × 地域 × 月。" in shown and "分子。" in shown
