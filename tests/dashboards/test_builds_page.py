"""版と変更: the builds that were published, their checks, and what two of them do not have alike, cell by cell."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import data
from dashboards.exports import table_csv
from dashboards.machine_readable import findings
from dashboards.parts import builds
from tests.dashboards.published_sample import build_home
from tests.dashboards.test_pages import go_to, texts_of

OLD, NEW = "20240512T090000-000001", "20240612T090000-000002"
CHANGED = "kpi_id = 'new_consultations' and area_level = 'prefecture' and period = date '2023-05-01'"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two builds: the earlier one lacks the newest month, and one of its figures was 7 more."""
    home = tmp_path_factory.mktemp("builds")
    build_home(home, build_id=OLD, months=3, published_at="2024-05-12T09:00:00+09:00")
    build_home(home, build_id=NEW, months=3)
    for audience in ("internal", "adviser", "public"):
        with duckdb.connect(str(home / "published" / OLD / f"{audience}.duckdb")) as published:
            published.execute("delete from kpi_monthly where period = date '2023-06-01'")
            published.execute(f"update kpi_monthly set numerator = numerator + 7, value = value + 7 where {CHANGED}")
    return home


def editions(home: Path, audience: str = "internal") -> tuple[data.Edition, data.Edition]:
    return data.edition_of_build(OLD, audience, home), data.edition_of_build(NEW, audience, home)


def test_every_difference_is_found_and_nothing_else(home: Path) -> None:
    found = data.kpi_differences(*editions(home))
    changed = found[found["what"] == "changed"]
    assert list(changed["kpi_id"]) == ["new_consultations"] and list(changed["area_label_ja"]) == ["埼玉県"]
    assert int(changed["before_numerator"].iloc[0] - changed["after_numerator"].iloc[0]) == 7
    with duckdb.connect(str(home / "published" / NEW / "internal.duckdb"), read_only=True) as published:
        new = published.execute("select count(*) from kpi_monthly where period = date '2023-06-01'").fetchone()
    assert new is not None and (found["what"] == "new").sum() == new[0]
    assert not (found["what"] == "gone").any()


def test_a_build_is_like_itself(home: Path) -> None:
    same, _ = editions(home)
    assert data.kpi_differences(same, same).empty


def test_the_tables_are_machine_readable(home: Path) -> None:
    before, edition = editions(home)
    for table in (
        builds.builds_table(edition),
        builds.checks_table(edition),
        builds.changes_by_kpi(before, edition),
        builds.changed_cells(before, edition),
    ):
        assert table.rows and findings(table_csv(table)) == [], table.slug


def test_the_page_tells_builds_checks_and_differences(open_page: Callable[..., AppTest], home: Path) -> None:
    page = go_to(open_page(home), "builds")
    assert not page.exception and not page.warning
    words = texts_of(page)
    assert "公開した版 2件" in words and OLD in words
    assert "60件の検査に合格" in words and "集計表と明細が合わない市町村の月" in words
    assert "値が変わったマス 1" in words and f"版 {OLD} から変わった指標" in words


def test_counts_of_rows_stay_inside(open_page: Callable[..., AppTest], home: Path) -> None:
    page = go_to(open_page(home, "public"), "builds")
    assert "集計表と明細が合わない市町村の月" in texts_of(page)
    assert [row[1].mark for row in builds.checks_table(editions(home, "public")[1]).rows] == ["x"]


def test_a_damaged_manifest_is_left_out(tmp_path: Path) -> None:
    build_home(tmp_path, build_id=NEW, months=1, municipalities=3)
    shutil.copytree(tmp_path / "published" / NEW, tmp_path / "published" / f"{NEW}.building")
    (tmp_path / "published" / "half").mkdir()
    (tmp_path / "published" / "half" / "manifest.json").write_text("{", encoding="utf-8")
    edition = data.current_edition("internal", tmp_path)
    assert [build.build_id for build in data.published_builds(edition)] == [NEW]
    (tmp_path / "published" / NEW / "manifest.json").write_text(json.dumps({"build_id": NEW}), encoding="utf-8")
    assert data.published_builds(edition) == ()
    assert "検査の記録がありません" in builds.checks_words(edition)
