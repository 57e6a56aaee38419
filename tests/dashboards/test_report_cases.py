"""Hard cases: no such month, the first month, nothing sent, everything hidden, empty tables."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import duckdb
import pypdf
import pytest

from dashboards import data
from dashboards.data import EditionError
from dashboards.reports.briefing import briefing
from dashboards.reports.context import Briefing, MonthlyReport
from dashboards.reports.monthly import monthly_report
from dashboards.reports.pictures import Gallery
from dashboards.reports.typeset import Typesetter
from tests.dashboards.report_shelf import KAWAGOE, MONTH, Shelf, hollow
from tests.dashboards.sample_kpis import NO_CONSULTATION_FILE, WITHOUT_REPORT


def test_the_public_edition_names_nobody_who_did_not_send(shelf: Shelf) -> None:
    told = {name: json.dumps(shelf.context(name)["sections"], ensure_ascii=False) for name in ("internal", "public")}
    assert "未提出の市町村と様式" in told["internal"] and "未提出の市町村と様式" not in told["public"]


def test_a_month_the_edition_lacks_is_an_answer(sample_home: Path) -> None:
    edition = data.current_edition("internal", sample_home)
    with pytest.raises(EditionError, match=r"令和7年5月は版 .* にありません"):
        monthly_report(edition, date(2025, 5, 1))
    with pytest.raises(EditionError, match="市町村コード 999999"):
        briefing(edition, "999999", MONTH)


def test_the_first_month_compares_with_nothing(sample_home: Path) -> None:
    edition = data.current_edition("internal", sample_home)
    report = monthly_report(edition, date(2023, 4, 1))
    rows = next(part for part in report.sections if part.id == "headline").tables[0].rows
    assert {row[3] for row in rows} == {"比較なし"}
    first = briefing(edition, KAWAGOE, date(2023, 4, 1))
    table = next(part for part in first.sections if part.id == "months").tables[0]
    assert all(row[1] == "" and row[-1] != "" for row in table.rows)


def test_what_is_missing_is_said(shelf: Shelf) -> None:
    lacking = shelf.context(NO_CONSULTATION_FILE)
    assert "…(未提出)" in "".join(lacking["lead"])
    unknown = shelf.context(WITHOUT_REPORT)
    assert "体制整備状況の届出がありません" in unknown["lead"][0]
    assert unknown["questions"][0]["rule"] == "no_report"


def _said(document: MonthlyReport | Briefing) -> dict[str, str]:
    return {part.id: "".join(part.sentences) for part in document.sections}


HOLLOW = {
    "hidden": ("x", "秘匿"),
    "missing": ("…", "提出がまだ無い"),
    "not_applicable": ("-", "対象外"),
}


@pytest.mark.parametrize("case", HOLLOW)
def test_all_cells_of_one_mark_still_make_sense(sample_home: Path, shelf: Shelf, tmp_path: Path, case: str) -> None:
    mark, word = HOLLOW[case]
    home = hollow(sample_home, tmp_path, lambda con: _mark_everything(con, mark))
    edition = data.current_edition("adviser", home)
    report, place = monthly_report(edition, MONTH), briefing(edition, KAWAGOE, MONTH)
    for document, parts in ((report, ("flow", "gap_needs", "presence")), (place, ("flow", "presence", "referrals"))):
        assert [part for part in parts if word not in _said(document)[part]] == []
    pdf = Typesetter(Gallery(shelf.charts)).pdf(place)
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 2 and len(place.questions) == 5


def test_empty_tables_still_make_sense(sample_home: Path, shelf: Shelf, tmp_path: Path) -> None:
    def empty(con: duckdb.DuckDBPyConnection) -> None:
        for table in ("support_flow", "gap_need_cross", "meeting_presence", "referral_source", "grant_component",
                      "grant_reconciliation", "support_given", "setup_history", "goal", "submission_status",
                      "published_figure", "kpi_monthly_by", "kpi_signal", "window_projection"):  # fmt: skip
            con.execute(f"delete from {table}")

    edition = data.current_edition("adviser", hollow(sample_home, tmp_path, empty))
    report, place = monthly_report(edition, MONTH), briefing(edition, KAWAGOE, MONTH)
    assert "記録がありません" in _said(report)["flow"] and "見込まれる提出はありません" in _said(report)["submissions"]
    assert "公表値がこの版にありません" in report.lead[0]
    assert "派遣の記録はありません" in _said(place)["support"] and len(place.questions) == 5
    Typesetter(Gallery(shelf.charts)).pdf(report)


def _mark_everything(con: duckdb.DuckDBPyConnection, mark: str) -> None:
    for table in ("kpi_monthly", "kpi_monthly_by"):
        con.execute(f"update {table} set numerator = null, denominator = null, value = null, mark = ?", [mark])
    for table, number in (("support_flow", "cases"), ("gap_need_cross", "consultations"), ("referral_source", "cases")):
        con.execute(f"update {table} set {number} = null, mark = ?", [mark])
    con.execute("update meeting_presence set meetings = null, of_meetings = null, mark = ?", [mark])
    con.execute("update kpi_signal set centre = null, lower = null, upper = null, signals = null, mark = ?", [mark])
