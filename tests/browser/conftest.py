"""One sample home, one server and one browser for all tests of pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium, served
from tests.dashboards.published_sample import build_home


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one published sample build. Read only."""
    return build_home(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="session")
def address(home: Path) -> Iterator[str]:
    """Where the dashboard answers."""
    with served(home, 8560) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of an office screen."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="ja-JP", accept_downloads=True)
    yield page
    page.close()
