"""The page in a real browser, served the way people start it. Needs Chromium: KASANE_CHROMIUM or one on the PATH."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from dashboards import data
from dashboards.app_pages.progress import KPIS
from dashboards.data import door
from dashboards.machine_readable import findings
from tests.browser.chromium import ROOT, save_picture, wait_until_drawn

SCREENSHOT = ROOT / "test-results" / "progress.png"

pytestmark = pytest.mark.browser


def test_the_page_stands(page: Page, address: str, home: Path) -> None:
    outside: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if is_outside(request.url) else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)

    page.goto(address)
    wait_until_drawn(page)

    assert page.inner_text("h1") == "県全体の進捗"
    assert "合成データ" in page.inner_text(".ks-banner")
    assert page.evaluate("document.documentElement.lang") == "ja"
    assert cards_on(page) == figures_in(home) | {"窓口設置率": "57", "目標まで": "あと 6"}
    names = page.eval_on_selector_all("[data-testid=stVegaLiteChart]", "all => all.map(c => c.ariaLabel)")
    assert len(set(names)) == 3 and all(re.search(r"\d", name) for name in names)
    edges = "all => all.map(e => [e.parentElement.firstChild, e].map(part => part.getBoundingClientRect()))"
    shares = page.eval_on_selector_all(".ks-share", edges)
    assert shares and all(share["top"] < count["bottom"] for count, share in shares), (
        "a share stands beside its count, not below"
    )
    assert page.locator(".ks-table").last.locator("tbody tr").count() == 63
    save_picture(page, SCREENSHOT)
    assert SCREENSHOT.stat().st_size > 50_000
    assert outside == []
    assert troubles == []


def test_a_narrow_screen_has_no_sideways_scroll(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 768, "height": 1000})
    page.goto(address)
    wait_until_drawn(page)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("m => m.scrollWidth <= m.clientWidth")


def test_the_csv_is_what_the_page_shows(page: Page, address: str) -> None:
    page.goto(f"{address}/?month=2024-04")
    with page.expect_download() as download:
        page.get_by_role("button", name="表「市町村別の値(令和6年4月)」をCSVで保存").click()
    content = Path(download.value.path()).read_bytes()
    assert download.value.suggested_filename == "kasane_synthetic_internal_progress_municipality_2024-04.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    assert findings(content) == []
    assert len(content.decode("utf-8-sig").splitlines()) == 64


def is_outside(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


def cards_on(page: Page) -> dict[str, str]:
    read = "all => all.map(c => [c.querySelector('.ks-label').innerText, c.querySelector('.ks-figure b').innerText])"
    return dict(page.eval_on_selector_all(".ks-card", read))


def figures_in(home: Path) -> dict[str, str]:
    """Label → figure of the prefecture's newest month, read straight from the published file."""
    edition = data.current_edition("internal", home)
    rows = door._cursor(edition.path).execute(
        """
        select c.label_ja, c.kind, c.kpi_id, k.numerator, k.value from kpi_monthly as k join kpi_catalogue as c using (kpi_id)
        where k.area_level = 'prefecture' and k.period = $1
            and list_contains($2::varchar[], k.kpi_id) and k.kpi_id != 'window_rate'
        """,
        [edition.data_month, list(KPIS)],
    )
    return {
        label: f"{value:.1%}"
        if kind == "share" and not kpi_id.endswith(("programme_rate", "transition_rate"))
        else f"{numerator:,}"
        for label, kind, kpi_id, numerator, value in rows.fetchall()
    }
