"""`make screenshots`: the pictures of README and docs/ja, taken from the sample home that `make demo` made."""

from __future__ import annotations

from pipelines.demo import DEMO_HOME
from tests.browser.chromium import ROOT, chromium, save_picture, served, wait_until_drawn

IMAGES = ROOT / "docs" / "images"


def main() -> None:
    """Write `docs/images/progress.png`."""
    with chromium() as browser, served(DEMO_HOME, 8570) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="ja-JP")
        page.goto(address)
        wait_until_drawn(page)
        save_picture(page, IMAGES / "progress.png", height=1780)


if __name__ == "__main__":
    main()
