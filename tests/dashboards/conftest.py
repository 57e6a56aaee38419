"""One sample home for all dashboard tests, and the page on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from tests.dashboards.published_sample import build_home
from tests.dashboards.report_shelf import Shelf, fill_shelf

APP = Path(__file__).resolve().parents[2] / "dashboards" / "app.py"


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one published sample build. Read only."""
    return build_home(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def shelf(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Documents made once for all tests; read only."""
    return fill_shelf(sample_home, tmp_path_factory.mktemp("reports"))


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open the dashboard on a home as one audience, with the query of its address, run once."""
    # AppTest reads no configuration beside the app; `python -m dashboards` has this from dashboards/.streamlit.
    config.set_option("server.address", "127.0.0.1")

    def open_(home: Path, audience: str = "internal", **query: str) -> AppTest:
        monkeypatch.setenv("KASANE_HOME", str(home))
        monkeypatch.setenv("KASANE_AUDIENCE", audience)
        page = AppTest.from_file(str(APP), default_timeout=30)
        for name, value in query.items():
            page.query_params[name] = value
        return page.run()

    return open_


def html_of(page: AppTest) -> str:
    """All markup of the page, in order."""
    return "\n".join(element.proto.body for element in page.get("html"))
