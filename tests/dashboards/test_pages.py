"""Every page for every audience, and what holds on all of them: names, texts, tables, notices, states."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboards.app_pages import GROUPS
from tests.dashboards.conftest import html_of
from tests.dashboards.published_sample import build_home

OpenPage = Callable[..., AppTest]
PAGES = {module.__name__.rpartition(".")[2]: module.TITLE for modules in GROUPS.values() for module in modules}
# Latin words a Japanese reader expects; everything else visible is Japanese.
LATIN = {"Kasane", "CSV", "PNG", "SVG", "XmR", "NPO", "SSW", "MHLW", "x", "DV", "kasane", "run"}


def go_to(page: AppTest, name: str, **query: str) -> AppTest:
    """Open another page of the same session, as the navigation does: its address starts empty."""
    page._page_hash = calc_hash("" if name == "progress" else name)  # switch_page knows pages that are files only
    for parameter in list(page.query_params):
        del page.query_params[parameter]
    for parameter, value in query.items():
        page.query_params[parameter] = value
    return page.run()


def texts_of(page: AppTest) -> str:
    return re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]+>", " ", html_of(page), flags=re.S)


@pytest.mark.parametrize("audience", ["internal", "adviser", "public"])
def test_every_page_for_every_audience(open_page: OpenPage, sample_home: Path, audience: str) -> None:
    page = open_page(sample_home, audience)
    for name, title in PAGES.items():
        go_to(page, name)
        assert not page.exception, name
        assert [heading.value for heading in page.title] == [title]
        assert not page.warning and not page.info, name
        assert "合成データ" in html_of(page), name
        names = re.findall(r"ks-figure-name\">(図\d+ .*?)<", html_of(page))
        assert len(names) == len(set(names)) == len(page.get("vega_lite_chart")), name
        alts = [chart.proto.alt for chart in page.get("vega_lite_chart")]
        assert all(re.match(r"図\d+ ", alt) and re.search(r"\d", alt.split("。", 1)[1]) for alt in alts), name
        tables = Counter(re.findall(r'role="region" aria-label="(.*?)"', html_of(page)))
        assert sum(tables.values()) >= len(names), "every chart has its table"
        foreign = {word for word in re.findall(r"[A-Za-z]{2,}", texts_of(page)) if word not in LATIN}
        if name not in ("catalogue", "builds"):
            assert not {word for word in foreign if not re.fullmatch(r"[a-f0-9T]+", word)}, (name, foreign)


def test_a_choice_follows_to_the_next_page_and_into_the_address(open_page: OpenPage, sample_home: Path) -> None:
    page = go_to(open_page(sample_home), "municipality", area="112089", month="2024-02")
    assert "所沢市の体制(令和6年2月末)" in texts_of(page)
    go_to(page, "comparison")
    assert page.query_params["area"] in ("112089", ["112089"])
    assert page.query_params["month"] in ("2024-02", ["2024-02"])
    assert "所沢市" in texts_of(page)


@pytest.mark.parametrize(
    ("name", "query", "shown"),
    [
        ("municipality", {"area": "999999"}, "さいたま市の体制"),
        ("flow", {"area": "nowhere"}, "図1 埼玉県: 相談はどこへ進んだか"),
        ("comparison", {"compare": "x", "compare_kpi": "no_such"}, "図1 複合課題の割合"),
        ("submissions", {"form": "no_such", "month": "1999-01"}, "令和6年5月分が届いていない"),
        ("catalogue", {"definition": "no_such"}, "窓口設置率の式"),
    ],
)
def test_unknown_parameters_are_said_and_the_default_shown(
    open_page: OpenPage, sample_home: Path, name: str, query: dict[str, str], shown: str
) -> None:
    page = go_to(open_page(sample_home), name, **query)
    assert not page.exception
    assert len(page.warning) == len(query)
    assert all("アドレスで指定された" in warning.value for warning in page.warning)
    assert shown in texts_of(page)


def test_the_first_month_of_all(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(build_home(tmp_path, months=1, municipalities=20), "adviser")
    for name, title in PAGES.items():
        go_to(page, name)
        assert not page.exception, name
        assert [heading.value for heading in page.title] == [title]


def test_one_municipality(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(build_home(tmp_path, months=2, municipalities=1))
    for name in PAGES:
        go_to(page, name)
        assert not page.exception, name


def test_search_in_the_catalogue(open_page: OpenPage, sample_home: Path) -> None:
    page = go_to(open_page(sample_home), "catalogue", words="狭間 割合")
    assert "指標 1件" in texts_of(page) and "狭間ニーズの割合の式" in texts_of(page)
    page = go_to(open_page(sample_home), "catalogue", words="どこにもない")
    assert "当てはまる指標はありません" in page.info[0].value


def test_an_edition_of_an_older_shape_says_so(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(build_home(tmp_path, build_id="old", months=1, municipalities=3, without=("support_flow",)))
    go_to(page, "flow")
    assert not page.exception
    assert "kasane run でもう一度公開してください" in page.info[0].value
