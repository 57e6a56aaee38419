"""The system's Chromium, and the dashboard served the way people start it. For tests and for the pictures of the docs."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
QUIET_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class ChromiumMissing(RuntimeError):
    """There is no Chromium here; the message says what to install."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser named in KASANE_CHROMIUM, or one on the PATH. Raises ChromiumMissing."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = os.environ.get("KASANE_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if program is None:
        raise ChromiumMissing(
            "Chromium is missing: install it (Debian: apt-get install chromium) or set KASANE_CHROMIUM."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET_FLAGS)
        yield browser
        browser.close()


@contextmanager
def served(home: Path, port: int) -> Iterator[str]:
    """The address `python -m dashboards` prints once it answers."""
    command = [sys.executable, "-m", "dashboards", "--port", str(port), "--home", str(home)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        try:
            assert found, "the server gave no address"
            yield found.group()
        finally:
            server.send_signal(signal.SIGTERM)


# The status is the last part of a page, and its text is of this page: all that stands before it has been put in the document.
# What was put there may still be a placeholder: every named figure then gets its chart, and every chart its drawing.
DRAWN = """() => {
    const all = selector => [...document.querySelectorAll(selector)];
    const title = document.querySelector('h1')?.innerText;
    return document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')
        && all('[role=status].ks-hear').some(status => title && status.innerText.startsWith(title))
        && all('[data-testid=stSkeleton]').length === 0
        && all('[data-testid=stVegaLiteChart] svg').length >= all('.ks-figure-name').length
        && document.fonts.status === 'loaded';
}"""


def wait_until_drawn(page: Page) -> None:
    """The script is done, the whole page is there, every chart is drawn, and so are the fonts."""
    page.wait_for_function(DRAWN)


def save_picture(page: Page, path: Path, *, height: int | None = None) -> None:
    """A picture of the whole page, or of its first `height` pixels.

    Streamlit scrolls inside the page: a picture of all of it needs a window as high as its contents.
    """
    whole = page.locator("[data-testid=stMain]").evaluate("m => m.scrollHeight")
    page.set_viewport_size({"width": 1280, "height": height or int(whole) + 20})
    page.wait_for_timeout(500)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
