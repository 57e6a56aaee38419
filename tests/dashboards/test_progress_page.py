"""The page 県全体の進捗 as a person meets it: audiences, months, states."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import data
from dashboards.labels import MARKS
from tests.dashboards.conftest import html_of
from tests.dashboards.published_sample import build_home

OpenPage = Callable[..., AppTest]


def cards_of(page: AppTest) -> dict[str, str]:
    """Label → figure as written, of every card."""
    found = re.findall(r'ks-label">(.*?)</p><p class="ks-figure"><b>(.*?)</b>', html_of(page))
    return dict(found)


@pytest.mark.parametrize("audience", ["internal", "adviser", "public"])
def test_every_audience_gets_the_page(open_page: OpenPage, sample_home: Path, audience: str) -> None:
    page = open_page(sample_home, audience)
    assert not page.exception
    assert [title.value for title in page.title] == ["県全体の進捗"]
    cards = cards_of(page)
    assert cards["窓口設置率"] == "57"
    assert cards["目標まで"] == "あと 6"
    assert len(cards) == 13
    assert len(page.get("vega_lite_chart")) == 3


def test_synthetic_banner_only_on_synthetic_data(open_page: OpenPage, sample_home: Path, tmp_path: Path) -> None:
    assert "合成データ" in html_of(open_page(sample_home))
    assert "合成データ" not in html_of(open_page(build_home(tmp_path, origin="real", months=1, municipalities=2)))


def test_cards_equal_the_published_figures(open_page: OpenPage, sample_home: Path) -> None:
    edition = data.current_edition("internal", sample_home)
    cards = cards_of(open_page(sample_home))
    for kpi in data.catalogue(edition, ("new_consultations", "gap_needs", "active_cases", "closures")).itertuples():
        history = data.kpi_history(edition, str(kpi.kpi_id), "prefecture")
        assert cards[str(kpi.label_ja)] == f"{history['numerator'].iloc[-1]:,}"


def test_month_in_the_address(open_page: OpenPage, sample_home: Path) -> None:
    page = open_page(sample_home, month="2023-08")
    assert not page.warning
    assert page.selectbox[0].value == "2023-08"
    assert cards_of(page)["窓口設置率"] == "53"
    assert "令和5年8月末" in html_of(page)


def test_choosing_a_month_writes_the_address_and_the_newest_clears_it(open_page: OpenPage, sample_home: Path) -> None:
    page = open_page(sample_home)
    page.selectbox[0].select("2023-12").run()
    assert page.query_params["month"] in ("2023-12", ["2023-12"])
    assert cards_of(page)["窓口設置率"] == "55"
    page.selectbox[0].select("2023-05").run()
    assert cards_of(page)["窓口設置率"] == "51"
    page.selectbox[0].select("2024-05").run()
    assert "month" not in page.query_params
    assert cards_of(page)["窓口設置率"] == "57"


@pytest.mark.parametrize("month", ["2031-01", "abc", "", "2024-13"])
def test_unknown_month_is_said_and_the_newest_shown(open_page: OpenPage, sample_home: Path, month: str) -> None:
    page = open_page(sample_home, month=month)
    assert not page.exception
    assert [warning.value for warning in page.warning] == [
        "アドレスで指定された「表示する月」はこの画面にありません。「令和6年5月」を表示しています。"
    ]
    assert cards_of(page)["窓口設置率"] == "57"


def test_unknown_kpi_is_said(open_page: OpenPage, sample_home: Path) -> None:
    page = open_page(sample_home, kpi="no_such_kpi")
    assert not page.exception
    assert len(page.warning) == 1


def test_no_build_yet(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(tmp_path)
    assert not page.exception
    assert "まだありません" in page.info[0].value


def test_unreadable_pointer(open_page: OpenPage, tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "CURRENT.json").write_text("{", encoding="utf-8")
    page = open_page(tmp_path)
    assert not page.exception
    assert "CURRENT.json" in page.info[0].value


def test_audience_file_missing(open_page: OpenPage, tmp_path: Path) -> None:
    build_home(tmp_path, build_id="short", months=1, municipalities=2)
    (tmp_path / "published" / "short" / "public.duckdb").unlink()
    page = open_page(tmp_path, "public")
    assert not page.exception
    assert "「公開」向けの集計ファイルがこの版にありません" in page.info[0].value


def test_unknown_audience(open_page: OpenPage, sample_home: Path) -> None:
    page = open_page(sample_home, "everyone")
    assert "KASANE_AUDIENCE" in page.info[0].value
    assert "窓口設置率" not in html_of(page)


def test_a_new_build_is_seen_at_the_next_rerun(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(build_home(tmp_path, build_id="first", months=2, municipalities=3))
    assert "first" in html_of(page)
    assert page.selectbox[0].value == "2023-05"
    build_home(tmp_path, build_id="second", months=3, municipalities=3)
    page.run()
    assert "second" in html_of(page)
    assert page.selectbox[0].value == "2023-06"
    assert "令和5年6月末" in html_of(page)


def test_marks_stand_in_the_table_with_their_meaning(open_page: OpenPage, sample_home: Path) -> None:
    markup = html_of(open_page(sample_home, "public"))
    for mark, meaning in MARKS.items():
        assert f'title="{meaning}">{mark}</td>' in markup
        assert f"{mark} {meaning}" in markup
    assert "10件未満の件数は x(秘匿)としています。" in markup
    internal = html_of(open_page(sample_home, "internal"))
    assert 'title="秘匿">x</td>' not in internal


def test_list_of_municipalities_without_window(open_page: OpenPage, sample_home: Path) -> None:
    markup = html_of(open_page(sample_home))
    listed = markup.split("窓口も調整チームもない6市町村</caption>")[1].split("</table>")[0]
    edition = data.current_edition("internal", sample_home)
    names = list(data.without_window(edition, date(2024, 5, 1))["area_label_ja"])
    assert re.findall(r'<th scope="row">(.*?)</th>', listed) == names
    assert "東秩父村" in names
    assert "届出なし" in listed.split("東秩父村")[1]


def test_plan_is_called_a_plan(open_page: OpenPage, sample_home: Path) -> None:
    markup = html_of(open_page(sample_home))
    assert "11市町(令和6年度の計画)" in markup
    assert "6市町(令和6年度の計画)" in markup
    assert "令和7年度(計画)" in markup
    assert "実績ではありません" in markup
