"""The door: what it answers, and that it opens nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from dashboards import data
from dashboards.data import door
from dashboards.exports import table_csv
from dashboards.parts.kpi_views import month_table

MAY = date(2024, 5, 1)


def test_the_connection_reaches_this_file_only(sample_home: Path, tmp_path: Path) -> None:
    edition = data.current_edition("public", sample_home)
    data.months(edition)
    cursor = door._cursor(edition.path)
    outside = tmp_path / "other.csv"
    outside.write_text("a\n1\n", encoding="utf-8")
    for sql in (
        f"select * from read_csv('{outside}')",
        f"attach '{edition.path.with_name('internal.duckdb')}' as other (read_only)",
        "set enable_external_access = true",
        "create table published.note as select 1 as a",
    ):
        with pytest.raises(duckdb.Error):
            cursor.execute(sql)


def test_audiences_have_their_own_figures(sample_home: Path) -> None:
    hidden = {}
    for audience in ("internal", "adviser", "public"):
        cells = data.kpi_month(data.current_edition(audience, sample_home), MAY, ("gap_needs",))
        assert len(cells) == 63
        assert cells.loc[cells["mark"].notna(), ["numerator", "denominator", "value"]].isna().all().all()
        hidden[audience] = int((cells["mark"] == "x").sum())
    assert hidden["internal"] == 0 < hidden["adviser"] < hidden["public"]


def test_an_answer_can_be_altered_without_altering_the_next(sample_home: Path) -> None:
    edition = data.current_edition("internal", sample_home)
    first = data.kpi_history(edition, "gap_needs", "prefecture")
    first["value"] = -1.0
    first.loc[0, "mark"] = "x"
    again = data.kpi_history(edition, "gap_needs", "prefecture")
    assert (again["value"] >= 0).all()
    assert again["mark"].isna().all()


def test_catalogue_keeps_the_order_asked_and_leaves_out_the_unknown(sample_home: Path) -> None:
    edition = data.current_edition("internal", sample_home)
    assert list(data.catalogue(edition, ("closures", "nothing", "new_cases"))["kpi_id"]) == ["closures", "new_cases"]


def test_region_sums_equal_the_prefecture(sample_home: Path) -> None:
    edition = data.current_edition("internal", sample_home)
    regions = data.kpi_history(edition, "new_consultations", "region").groupby("period")["numerator"].sum()
    prefecture = data.kpi_history(edition, "new_consultations", "prefecture").set_index("period")["numerator"]
    assert regions.eq(prefecture).all()


def test_csv_has_a_bom_numbers_and_marks_apart(sample_home: Path) -> None:
    edition = data.current_edition("public", sample_home)
    content = table_csv(month_table(edition, MAY, ("new_consultations", "gap_needs")))
    assert content.startswith(b"\xef\xbb\xbf")
    header, *lines = content.decode("utf-8-sig").splitlines()
    assert header == (
        "団体コード,市町村,地域,新規相談受付件数(件),新規相談受付件数の記号,狭間ニーズ件数(件),狭間ニーズ件数の記号"
    )
    assert len(lines) == 63
    shown = data.kpi_month(edition, MAY, ("gap_needs",)).set_index("area_code")["numerator"]
    assert f",{shown['111007']}," in lines[0] and lines[0].startswith("111007,さいたま市,さいたま,")
    marked = [line for line in lines if line.endswith((",x", ",…", ",-"))]
    assert marked and all(line.split(",")[5] == "" for line in marked)
