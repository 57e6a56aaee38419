"""`make screenshots`: the pictures of README and docs/ja, every page, taken from the sample home that `make demo` made."""

from __future__ import annotations

from dashboards.app_pages import GROUPS
from pipelines.demo import DEMO_HOME
from tests.browser.chromium import ROOT, chromium, save_picture, served, wait_until_drawn

IMAGES = ROOT / "docs" / "images"
HEIGHT = 1500  # enough to know the page by


def main() -> None:
    """Write `docs/images/<page>.png` for every page."""
    with chromium() as browser, served(DEMO_HOME, 8570) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="ja-JP")
        for name in (module.__name__.rpartition(".")[2] for modules in GROUPS.values() for module in modules):
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(address if name == "progress" else f"{address}/{name}")
            wait_until_drawn(page)
            save_picture(page, IMAGES / f"{name}.png", height=HEIGHT)


if __name__ == "__main__":
    main()
