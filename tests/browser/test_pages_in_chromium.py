"""Every page in a real browser: nothing from outside, nothing cut, nothing a screen reader trips over, files, links, paper."""

from __future__ import annotations

import io
import re
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from dashboards.app_pages import GROUPS
from dashboards.machine_readable import findings
from tests.browser.chromium import ROOT, wait_until_drawn

pytestmark = pytest.mark.browser

TITLES = {module.__name__.rpartition(".")[2]: module.TITLE for modules in GROUPS.values() for module in modules}
PATHS = {name: "/" if name == "progress" else f"/{name}" for name in TITLES}
# Streamlit's own markup: in a navigation with groups, the list's children are the groups (docs/accessibility.md).
OF_STREAMLIT = ("stSidebarNavItems", "stSidebarNavLinkContainer", "st-emotion-cache")
QUESTIONS = re.findall(
    r"^\| \d+ \| .*? \| (.*?) \| `(.*?)` \| (.*?) \|$",
    (ROOT / "docs" / "ja" / "questions.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def is_outside(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


def our_violations(page: Page) -> list[tuple[str, str]]:
    found = []
    for violation in Axe().run(page).response["violations"]:
        for node in violation["nodes"]:
            if not (violation["id"] in ("list", "listitem") and any(mark in node["html"] for mark in OF_STREAMLIT)):
                found.append((violation["id"], node["html"][:120]))
    return found


@pytest.mark.parametrize("name", TITLES)
def test_a_page_stands(page: Page, address: str, name: str) -> None:
    outside: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if is_outside(request.url) else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))

    page.goto(address + PATHS[name])
    wait_until_drawn(page)

    assert page.inner_text("h1") == TITLES[name]
    page.wait_for_function("document.documentElement.lang === 'ja'")  # set by a script of the page, a moment after it
    assert "合成データ" in page.inner_text(".ks-banner")
    assert TITLES[name] in page.inner_text("[role=status].ks-hear")
    levels = page.eval_on_selector_all("h1, h2, h3", "all => all.map(h => Number(h.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    names = page.eval_on_selector_all("[data-testid=stVegaLiteChart]", "all => all.map(c => c.ariaLabel)")
    assert len(set(names)) == len(names)
    assert all(re.match(r"図\d+ ", text) and re.search(r"\d", text[4:]) for text in names), names
    assert page.locator("[data-testid=stException]").count() == 0
    assert our_violations(page) == []
    main = page.locator("[data-testid=stMain]")
    for width in (768, 320):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(150)
        assert main.evaluate("m => m.scrollWidth <= m.clientWidth"), f"sideways scroll at {width}"
    small = page.eval_on_selector_all(
        "main button, main summary, main select, [data-testid=stMain] button, [data-testid=stMain] summary",
        "all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 24).map(e => e.outerHTML.slice(0, 90))",
    )
    assert small == [], "targets of at least 24 pixels"
    assert outside == []
    assert troubles == []


def test_an_address_without_a_page_says_so_in_japanese(page: Page, address: str) -> None:
    answer = page.goto(f"{address}/gap_needs")
    assert answer is not None and answer.status == 404
    assert page.inner_text("h1") == "このアドレスの画面はありません"
    assert our_violations(page) == []
    page.get_by_role("link", name="はじめの画面").click()
    wait_until_drawn(page)
    assert page.inner_text("h1") == TITLES["progress"]


def test_dark_follows_the_browser_and_charts_with_it(browser: Browser, address: str) -> None:
    context = browser.new_context(color_scheme="dark", locale="ja-JP", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address)
    wait_until_drawn(page)
    ground = page.locator("[data-testid=stApp]").evaluate("e => getComputedStyle(e).backgroundColor")
    assert ground == "rgb(18, 24, 30)"
    text = page.locator("[data-testid=stVegaLiteChart] svg text").first
    assert text.evaluate("e => getComputedStyle(e).fill") == "rgb(169, 180, 191)"
    assert our_violations(page) == []
    context.close()


def test_navigation_keeps_what_was_chosen_and_a_link_reproduces_it(page: Page, address: str, browser: Browser) -> None:
    page.goto(f"{address}/?month=2024-02")
    wait_until_drawn(page)
    page.get_by_role("link", name=TITLES["municipality"]).click()
    page.wait_for_selector(f"h1:has-text('{TITLES['municipality']}')")
    wait_until_drawn(page)
    page.get_by_role("combobox", name=re.compile("市町村")).first.fill("所沢市")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ks-facts:has-text('所沢市の体制(令和6年2月末)')")
    page.wait_for_function("location.search.includes('area=112089')")
    link = page.url
    assert "month=2024-02" in link
    other = browser.new_page(locale="ja-JP")
    other.goto(link)
    other.wait_for_selector(".ks-facts:has-text('所沢市の体制(令和6年2月末)')")
    other.close()


def test_a_keyboard_reaches_filters_charts_files_and_tables(page: Page, address: str) -> None:
    page.goto(f"{address}/gap")
    wait_until_drawn(page)
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "(e => e.getAttribute('aria-label') || e.innerText || e.tagName)(document.activeElement).slice(0, 60)"
            )
        )
    order = [
        next((i for i, text in enumerate(seen) if word in text), -1)
        for word in ("県全体の進捗", "表示する月", "図1をPNGで保存", "図1の数値")
    ]
    assert -1 not in order and order == sorted(order), seen


def test_files_of_a_chart(page: Page, address: str) -> None:
    page.goto(f"{address}/gap")
    wait_until_drawn(page)
    files = {}
    for kind in ("PNG", "SVG", "CSV"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"図1を{kind}で保存").click()
        assert download.value.suggested_filename == f"kasane_synthetic_internal_gap_series_gap_needs.{kind.lower()}"
        files[kind] = Path(download.value.path()).read_bytes()
    assert files["PNG"].startswith(b"\x89PNG") and len(files["PNG"]) > 10_000
    words = "".join(ET.fromstring(files["SVG"]).itertext())  # noqa: S314 - our own file
    assert "合成データ" in words and "狭間ニーズ件数" in words and "light-dark" not in files["SVG"].decode()
    assert findings(files["CSV"]) == []


def plain(text: str) -> str:
    """Without spaces, and with the characters of a PDF's radicals as people write them."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize(("name", "most"), [("progress", 6), ("municipality", 12), ("comparison", 9)])
def test_paper(page: Page, address: str, name: str, most: int) -> None:
    """A4: every heading arrives, and no more sheets than a person would print."""
    page.goto(address + PATHS[name])
    wait_until_drawn(page)
    headings = page.eval_on_selector_all("[data-testid=stMain] h2", "all => all.map(h => h.innerText)")
    paper = PdfReader(io.BytesIO(page.pdf(format="A4", print_background=True)))
    text = plain("".join(sheet.extract_text() for sheet in paper.pages))
    assert [heading for heading in headings if plain(heading) not in text] == []
    assert 1 <= len(paper.pages) <= most


@pytest.mark.parametrize(("title", "path", "shown"), QUESTIONS, ids=[shown for *_, shown in QUESTIONS])
def test_a_question_is_answered_where_the_list_says(
    page: Page, address: str, title: str, path: str, shown: str
) -> None:
    page.goto(address + path)
    page.wait_for_selector(f"h1:has-text('{title}')")
    page.wait_for_selector(f"text={shown}")


def test_there_are_ten_questions() -> None:
    assert len(QUESTIONS) == 10
