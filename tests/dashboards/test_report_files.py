"""The files beside the paper: Excel, Word, open data, the context; and the same from a page."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from python_calamine import CalamineWorkbook

from dashboards import data
from dashboards.reports import desk
from dashboards.reports.context import Briefing, MonthlyReport, Section
from dashboards.reports.package_check import faults_of
from tests.dashboards.report_shelf import AUDIENCES, KAWAGOE, MONTH, Shelf


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_the_workbook_holds_the_tables_with_real_numbers(shelf: Shelf, audience: str) -> None:
    context, path = shelf.context(audience), shelf.path(audience, ".xlsx")
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["はじめに", *(table["title_ja"] for table in context["tables"])]
    for table in context["tables"]:
        head, *rows = book.get_sheet_by_name(table["title_ja"]).to_python()
        assert head == [column["label_ja"] for column in table["columns"]]
        assert len(rows) == len(table["rows"])
        for row, wanted in zip(rows, table["rows"], strict=True):  # a workbook keeps sixteen digits
            assert row == [
                "" if cell is None else pytest.approx(cell, rel=1e-15) if isinstance(cell, float) else cell
                for cell in wanted
            ]
    notes = str(book.get_sheet_by_name("はじめに").to_python())
    assert (
        "合成データ" in notes and context["stamp"]["build_id"] in notes and context["stamp"]["suppression_ja"] in notes
    )
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert all('state="frozen"' in sheet and "<mergeCell" not in sheet and "<f>" not in sheet for sheet in sheets)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_open_data_is_machine_readable(shelf: Shelf, audience: str) -> None:
    folder = shelf.path(audience, "_open_data")
    assert faults_of(folder) == []
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert {resource["path"] for resource in package["resources"]} == {path.name for path in folder.glob("*.csv")}
    assert (
        "合成データ" in package["description"]
        and shelf.context(audience)["stamp"]["suppression_ja"] in package["description"]
    )


FAULTS: dict[str, Callable[[str], str]] = {
    "BOM": lambda text: "\ufeff" + text,
    "integer ではありません": lambda text: text.replace("2024,", "令和6年度,", 1),
    "決められた値ではありません": lambda text: text.rstrip("\r\n") + "秘密\r\n",
    "項目名が datapackage.json と違います": lambda text: text.replace("年度", "年 度", 1),
    "ハッシュ": lambda text: text + "2024,高齢,1,1,\r\n",
    "空の行": lambda text: text + ",,,,\r\n",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_in_open_data_is_found(shelf: Shelf, tmp_path: Path, fault: str) -> None:
    shutil.copytree(shelf.path("internal", "_open_data"), tmp_path / "data")
    path = tmp_path / "data" / "meeting_presence.csv"
    path.write_bytes(FAULTS[fault](path.read_bytes().decode("utf-8")).encode("utf-8"))
    assert any(fault in found for found in faults_of(tmp_path / "data"))


@pytest.mark.parametrize("ending", [".docx", "_record.docx"])
def test_the_word_files_are_filled_in(shelf: Shelf, ending: str) -> None:
    context, path = shelf.context(KAWAGOE), shelf.path(KAWAGOE, ending)
    document = docx.Document(str(path))
    tables = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    text = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *tables])
    assert "{{" not in text and "{%" not in text
    assert all(question["text"] in text and question["figure"] in text for question in context["questions"])
    assert context["municipality_name"] in text and "合成データ" in document.sections[0].header.paragraphs[0].text
    alts = [drawing.get("descr") for drawing in document.element.body.iter(qn("wp:docPr"))]
    pictures = [picture["alt"] for part in context["sections"] for picture in part["pictures"]]
    assert alts == (pictures if ending == ".docx" else []) and pictures
    with zipfile.ZipFile(path) as archive:
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_context_refuses_what_it_may_not_hold() -> None:
    with pytest.raises(ValueError, match="nothing under it"):
        Section(id="empty", title_ja="空")


def test_the_documents_read_back(shelf: Shelf) -> None:
    """The JSON beside a document is a whole context: it validates, and nothing in it is rounded."""
    for name, kind in (("internal", MonthlyReport), (KAWAGOE, Briefing)):
        text = shelf.path(name, ".json").read_text(encoding="utf-8")
        assert kind.model_validate_json(text).model_dump_json(indent=1) + "\n" == text


def test_word_and_excel_open_from_bytes(shelf: Shelf) -> None:
    """The archives are whole."""
    for name, ending in ((KAWAGOE, ".docx"), (KAWAGOE, "_record.docx"), ("internal", ".xlsx")):
        assert zipfile.ZipFile(io.BytesIO(shelf.path(name, ending).read_bytes())).testzip() is None


def test_a_page_offers_the_same_documents(shelf: Shelf, sample_home: Path) -> None:
    edition = data.current_edition("adviser", sample_home)
    handed = {name: desk.for_adviser(data.current_edition(name, sample_home)).audience for name in AUDIENCES}
    assert handed == {"internal": "adviser", "adviser": "adviser", "public": "public"}
    assert desk.briefing_pdf(edition, MONTH, KAWAGOE) == shelf.path(KAWAGOE, ".pdf").read_bytes()
    assert desk.briefing_word(edition, MONTH, KAWAGOE) == shelf.path(KAWAGOE, ".docx").read_bytes()
    assert desk.report_xlsx(edition, MONTH) == shelf.path("adviser", ".xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(desk.report_open_data(edition, MONTH))) as archive:
        folder = shelf.path("adviser", "_open_data")
        assert {name: archive.read(name) for name in archive.namelist()} == {
            path.name: path.read_bytes() for path in folder.iterdir()
        }
