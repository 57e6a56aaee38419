"""`make bench-dashboard`: 50 people at two servers, every page; beside them the page one would write first; and a browser.

Prints seconds to a healthy server, seconds of a rerun (p50, p95), exceptions, and LCP and CLS of every page in Chromium, quiet
and in the crowd. The naive page runs in the same minutes on the same machine: read the ratio. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser

from dashboards import data
from dashboards.app_pages import GROUPS
from pipelines.demo import DEMO_HOME
from tests.benchmarks.visitors import Seen, Visitor, by_page, crowd, quantile
from tests.browser.chromium import chromium, served, wait_until_drawn

NAMES = [module.__name__.rpartition(".")[2] for modules in GROUPS.values() for module in modules]
PAGES = ["/", *(f"/{name}" for name in NAMES[1:])]
NAIVE = Path(__file__).with_name("naive_page.py")
LOADS = 3  # of a page in the browser, each with an empty cache; the middle one is told
# Largest contentful paint, and the worst window of layout shifts (at most 5 s, gaps of less than 1 s), as web.dev defines them.
OBSERVE = """
window.lcp = 0; window.cls = 0; let sum = 0, first = 0, last = 0;
new PerformanceObserver(l => { for (const e of l.getEntries()) window.lcp = e.startTime; })
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(l => { for (const e of l.getEntries()) {
    if (e.hadRecentInput) continue;
    if (e.startTime - last > 1000 || e.startTime - first > 5000) { sum = 0; first = e.startTime; }
    sum += e.value; last = e.startTime; window.cls = Math.max(window.cls, sum);
} }).observe({type: 'layout-shift', buffered: true});
"""


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=DEMO_HOME, help="default: the home `make demo` made")
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--think", type=float, default=5.0, help="seconds between two actions, half to one and a half")
    options = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    load = (options.sessions, options.seconds, options.think)
    with ExitStack() as stack:
        began = time.perf_counter()
        addresses = [stack.enter_context(served(options.home, 8580))]
        print(f"healthy after       {time.perf_counter() - began:6.2f} s")
        addresses.append(stack.enter_context(served(options.home, 8590)))
        for address in addresses:
            alone = Seen()
            asyncio.run(Visitor(address, PAGES, 0, seed=0).walk(alone))
            seconds = [rerun.seconds for rerun in alone.reruns]
            print(f"first visit, alone  {seconds[0]:6.2f} s the first page, then at most {max(seconds[1:]):.2f} s")
        ours = asyncio.run(crowd(addresses, PAGES, *load))
        _tell("every page", ours, options.sessions)
        with chromium() as browser:
            _tell_paints("alone", addresses[0], browser)
            with _crowd_beside(addresses, load):
                _tell_paints("in the crowd", addresses[0], browser)
    with ExitStack() as stack:
        addresses = [stack.enter_context(_naive(options.home, port)) for port in (8600, 8610)]
        naive = asyncio.run(crowd(addresses, ["/"], *load))
        _tell("naive page", naive, options.sessions)
    ratio = quantile([r.seconds for r in naive.reruns], 0.95) / quantile([r.seconds for r in ours.reruns], 0.95)
    print(f"p95 of the naive page is {ratio:.1f} × ours")


def _tell(what: str, seen: Seen, sessions: int) -> None:
    print(f"{what}: {sessions} sessions, 2 processes")
    whole = [rerun.seconds for rerun in seen.reruns]
    for name, seconds in [*by_page(seen), ("all", whole)]:
        low, high = (quantile(seconds, share) * 1000 for share in (0.5, 0.95))
        print(
            f"  {name:<14} {len(seconds):5} reruns  p50 {low:6.0f} ms  p95 {high:6.0f} ms  max {max(seconds) * 1000:6.0f}"
        )
    print(f"  exceptions: {len(seen.exceptions)}", *sorted(set(seen.exceptions))[:5], sep="\n    ")


def _tell_paints(when: str, address: str, browser: Browser) -> None:
    print(f"Chromium, {when}: middle of {LOADS} loads with an empty cache")
    for page_path in PAGES:
        paints = [_paint(browser, address + page_path) for _ in range(LOADS)]
        lcp, cls = (median(values) for values in zip(*paints, strict=True))
        print(f"  {page_path:<14} LCP {lcp / 1000:5.2f} s  CLS {cls:5.3f}")


def _paint(browser: Browser, url: str) -> tuple[float, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP")
    page = context.new_page()
    page.add_init_script(OBSERVE)
    page.goto(url)
    wait_until_drawn(page)
    page.wait_for_timeout(500)
    found = page.evaluate("[window.lcp, window.cls]")
    context.close()
    return float(found[0]), float(found[1])


@contextmanager
def _crowd_beside(addresses: list[str], load: tuple[int, float, float]) -> Iterator[None]:
    """The crowd in a thread of its own, coming back until the block is done."""
    done = threading.Event()

    def come_back() -> None:
        while not done.is_set():
            asyncio.run(crowd(addresses, PAGES, load[0], 20, load[2]))

    people = threading.Thread(target=come_back)
    people.start()
    try:
        yield
    finally:
        done.set()
        people.join()


@contextmanager
def _naive(home: Path, port: int) -> Iterator[str]:
    """The naive page over the same published file."""
    published = data.current_edition("internal", home).path
    command = [sys.executable, "-m", "streamlit", "run", str(NAIVE), f"--server.port={port}"]
    command += ["--server.address=127.0.0.1", "--server.headless=true", "--browser.gatherUsageStats=false"]
    command += ["--server.fileWatcherType=none"]
    environment = os.environ | {"KASANE_NAIVE_FILE": str(published)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_until_healthy(address: str) -> None:
    for _ in range(300):
        try:
            with urlopen(f"{address}/_stcore/health", timeout=2):  # noqa: S310 - our own http address
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("the naive page does not answer")


if __name__ == "__main__":
    main()
