"""Monthly reports and briefings: the same numbers as the published file, accessible, the same bytes, and sense in every case."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import docx
import duckdb
import pypdf
import pytest
from docx.oxml.ns import qn
from python_calamine import CalamineWorkbook

from dashboards import data
from dashboards.data import EditionError
from dashboards.reports import desk
from dashboards.reports.briefing import briefing
from dashboards.reports.context import Briefing, MonthlyReport, Picture, Section
from dashboards.reports.make import Made, Order, Workshop
from dashboards.reports.monthly import monthly_report
from dashboards.reports.package_check import faults_of
from dashboards.reports.pictures import Gallery
from dashboards.reports.typeset import CannotTypeset, Typesetter
from dashboards.reports.wording import count_text
from tests.dashboards.published_sample import NO_CONSULTATION_FILE, PREFECTURE, WITHOUT_REPORT

MONTH = date(2024, 5, 1)
KAWAGOE = "112011"
AUDIENCES = ("internal", "adviser", "public")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class Shelf:
    """Documents made once for all tests; read only."""

    folder: Path
    charts: Path
    made: dict[str, Made]

    def path(self, name: str, ending: str) -> Path:
        return self.folder / (self.made[name].name + ending)

    def pdf(self, name: str) -> pypdf.PdfReader:
        return pypdf.PdfReader(self.path(name, ".pdf"))

    def context(self, name: str) -> dict[str, Any]:
        return json.loads(self.path(name, ".json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def shelf(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    folder = tmp_path_factory.mktemp("reports")
    workshop = Workshop(folder / "out", folder / "charts")
    orders = {audience: Order(data.current_edition(audience, sample_home), MONTH) for audience in AUDIENCES}
    adviser = data.current_edition("adviser", sample_home)
    orders |= {code: Order(adviser, MONTH, code) for code in (KAWAGOE, WITHOUT_REPORT, NO_CONSULTATION_FILE)}
    return Shelf(folder / "out", folder / "charts", {name: workshop.make(order) for name, order in orders.items()})


def text_of(reader: pypdf.PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def numbers_in(text: str) -> set[str]:
    return {found.rstrip(",") for found in NUMBER.findall(text)}


def strings_of(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in strings_of(value)]
    if isinstance(node, list):
        return [text for value in node for text in strings_of(value)]
    return [str(node)] if node is not None else []


# Figures


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_tables_are_the_published_file(shelf: Shelf, sample_home: Path, audience: str) -> None:
    """Every cell of kpi_monthly of the month, and of the other tables, in their order or another."""
    tables = {table["id"]: table for table in shelf.context(audience)["tables"]}
    path = data.current_edition(audience, sample_home).path
    with duckdb.connect(str(path), read_only=True) as con:
        wanted = con.execute(
            "select kpi_id, area_code, numerator, denominator, value, mark from kpi_monthly where period = ?", [MONTH]
        ).fetchall()
        flow = con.execute(
            "select cases, mark from support_flow where fiscal_year = 2024 and area_code = ?", [PREFECTURE]
        ).fetchall()
        gaps = con.execute(
            "select consultations, mark from gap_need_cross where fiscal_year = 2024 and area_code = ?", [PREFECTURE]
        ).fetchall()
    at = [column["id"] for column in tables["kpi"]["columns"]]
    picked = [at.index(name) for name in ("kpi_id", "area_code", "numerator", "denominator", "value", "mark")]
    found = [tuple(row[index] for index in picked) for row in tables["kpi"]["rows"]]
    assert len(found) == len(wanted) > 1000
    assert sorted(found, key=str) == sorted(wanted, key=lambda row: str(_like(row)))
    assert sorted((tuple(row[-2:]) for row in tables["support_flow"]["rows"]), key=str) == sorted(flow, key=str)
    assert sorted((tuple(row[-2:]) for row in tables["gap_needs"]["rows"]), key=str) == sorted(gaps, key=str)


def _like(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A count's value as the context has it: whole."""
    kpi, area, numerator, denominator, value, mark = row
    number: Any = value
    is_whole = value is not None and denominator is None and float(value).is_integer()
    return (kpi, area, numerator, denominator, int(number) if is_whole else value, mark)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_headline_is_the_prefectures_cell(shelf: Shelf, sample_home: Path, audience: str) -> None:
    section = next(part for part in shelf.context(audience)["sections"] if part["id"] == "headline")
    path = data.current_edition(audience, sample_home).path
    text = text_of(shelf.pdf(audience))
    with duckdb.connect(str(path), read_only=True) as con:
        for label, shown, *_ in section["tables"][0]["rows"]:
            cell = con.execute(
                "select numerator, value, mark, kind, unit from kpi_monthly join kpi_catalogue using (kpi_id)"
                " where area_code = ? and period = ? and label_ja = ?",
                [PREFECTURE, MONTH, label],
            ).fetchall()
            numerator, value, mark, kind, unit = cell[0]
            form = {"share": f"{value:.1%}", "rate": f"{value:,.1f}"} if value is not None else {}
            wanted = mark or form.get(kind, f"{numerator:,}" if numerator is not None else "")
            assert shown.startswith(wanted) and (kind == "share" or mark or shown == f"{wanted}{unit}")
            assert shown in text


@pytest.mark.parametrize("name", [*AUDIENCES, KAWAGOE, WITHOUT_REPORT, NO_CONSULTATION_FILE])
def test_a_pdf_holds_no_number_its_context_does_not(shelf: Shelf, name: str) -> None:
    """Nothing is worked out after the context; the axis of a chart and the page numbers are all that comes later."""
    context, reader = shelf.context(name), shelf.pdf(name)
    drawn = [path.read_text(encoding="utf-8") for path in shelf.charts.glob("*.svg")]
    known = numbers_in("\n".join([*strings_of(context), *re.findall(r">([^<>]+)</text>", "\n".join(drawn))]))
    pages = {str(number) for number in range(1, len(reader.pages) + 1)}
    assert numbers_in(text_of(reader)) - known - pages == set()


@pytest.mark.parametrize("name", [*AUDIENCES, KAWAGOE])
def test_a_pdf_prints_every_cell_of_its_tables(shelf: Shelf, name: str) -> None:
    text = re.sub(r"\s", "", text_of(shelf.pdf(name)))
    cells = [
        cell
        for part in shelf.context(name)["sections"]
        for table in part["tables"]
        for row in table["rows"]
        for cell in row
    ]
    assert len(cells) > 20
    assert [cell for cell in cells if re.sub(r"\s", "", cell) not in text] == []


def test_the_briefing_counts_month_by_month(shelf: Shelf, sample_home: Path) -> None:
    table = next(part for part in shelf.context(KAWAGOE)["sections"] if part["id"] == "months")["tables"][0]
    shown = {row[0].partition("(")[0]: row[1:] for row in table["rows"]}
    path = data.current_edition("adviser", sample_home).path
    with duckdb.connect(str(path), read_only=True) as con:
        rows = con.execute(
            "select label_ja, numerator, mark from kpi_monthly join kpi_catalogue using (kpi_id)"
            " where area_code = ? and period between '2023-06-01' and ? order by period",
            [KAWAGOE, MONTH],
        ).fetchall()
    assert len(shown) >= 6 and "x" in {cell for row in shown.values() for cell in row}
    for label, texts in shown.items():
        assert texts == [count_text(number, mark) for name, number, mark in rows if name == label]


# Accessibility and type


@pytest.mark.parametrize("name", [*AUDIENCES, KAWAGOE, WITHOUT_REPORT])
def test_a_pdf_is_accessible(shelf: Shelf, name: str) -> None:
    reader, context = shelf.pdf(name), shelf.context(name)
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "ja-JP" and root["/MarkInfo"]["/Marked"].value and "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value
    assert reader.metadata is not None and reader.metadata.title == f"{context['title_ja']} {context['subject_ja']}"
    assert re.search(r"pdfuaid:part[>=]\"?1", root["/Metadata"].get_data().decode("utf-8"))
    bookmarks = [entry.title for entry in _flat(reader.outline)]
    assert len(bookmarks) > len(context["sections"])
    assert [part["title_ja"] for part in context["sections"] if part["title_ja"] not in bookmarks] == []
    alts = set(_alternatives(root["/StructTreeRoot"]))
    assert {picture["alt"] for part in context["sections"] for picture in part["pictures"]} <= alts


def _flat(outline: list[Any]) -> list[Any]:
    return [entry for one in outline for entry in (_flat(one) if isinstance(one, list) else [one])]


def _alternatives(node: Any) -> list[str]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [text for kid in node for text in _alternatives(kid)]
    if not isinstance(node, dict):
        return []
    return [*([str(node["/Alt"])] if "/Alt" in node else []), *_alternatives(node.get("/K", []))]


@pytest.mark.parametrize("name", [*AUDIENCES, KAWAGOE])
def test_a_pdf_embeds_our_font_and_no_other(shelf: Shelf, name: str) -> None:
    fonts: dict[str, bool] = {}
    for page in shelf.pdf(name).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            fonts[str(descriptor["/FontName"])] = "/FontFile3" in descriptor
    assert fonts and all(fonts.values())
    assert {name.partition("+")[2] for name in fonts} == {"NotoSansCJKjp-Regular", "NotoSansCJKjp-Bold"}


def test_a_chart_without_words_makes_no_document(shelf: Shelf, sample_home: Path) -> None:
    with pytest.raises(ValueError, match="without a figure"):
        Picture(id="path", spec={}, alt="推移の図")
    whole = monthly_report(data.current_edition("internal", sample_home), MONTH)
    part = next(part for part in whole.sections if part.pictures)
    silent = Picture.model_construct(**dict(part.pictures[0]) | {"alt": None})
    broken = whole.model_copy(update={"sections": (part.model_copy(update={"pictures": (silent,)}),)})
    with pytest.raises(CannotTypeset, match="alt"):
        Typesetter(Gallery(shelf.charts)).pdf(broken)


@pytest.mark.parametrize("name", [*AUDIENCES, KAWAGOE])
def test_every_page_says_synthetic_edition_and_build(shelf: Shelf, name: str) -> None:
    stamp = shelf.context(name)["stamp"]
    for page in shelf.pdf(name).pages:
        text = page.extract_text()
        assert "合成データ" in text and stamp["build_id"] in text and f"{stamp['audience_ja']}版" in text
    assert stamp["suppression_ja"] in text_of(shelf.pdf(name)).replace("\n", "")


def test_real_figures_are_not_called_synthetic(sample_home: Path, shelf: Shelf, tmp_path: Path) -> None:
    home = _hollow(sample_home, tmp_path, lambda con: con.execute("update build set origin = 'real'"))
    made = Workshop(tmp_path / "out", shelf.charts).make(Order(data.current_edition("adviser", home), MONTH))
    files = [name for name in made.files if not name.endswith((".pdf", ".xlsx"))]
    assert "合成".encode() not in b"".join((tmp_path / "out" / name).read_bytes() for name in files)
    assert "合成" not in text_of(pypdf.PdfReader(tmp_path / "out" / f"{made.name}.pdf"))


# Determinism


def test_another_process_makes_the_same_bytes(shelf: Shelf, sample_home: Path, tmp_path: Path) -> None:
    for name, what in (("public", ["monthly"]), (KAWAGOE, ["briefing", "--municipality", KAWAGOE])):
        audience = "adviser" if name == KAWAGOE else name
        command = [
            sys.executable,
            "-m",
            "dashboards.reports",
            *what,
            "--home",
            str(sample_home),
            "--out",
            str(tmp_path),
        ]
        command += ["--month", "2024-05", "--audience", audience, "--charts", str(tmp_path / "charts")]
        environment = os.environ | {"TZ": "America/New_York", "PYTHONHASHSEED": "1", "LANG": "C"}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        *progress, last = (json.loads(line) for line in done.stdout.splitlines())
        assert progress == [{"done": 1, "total": 1}]
        document = last["documents"][0]
        assert document["files"] == shelf.made[name].files and document["digest"] == shelf.made[name].digest
        for file, sha in document["files"].items():
            assert hashlib.sha256((tmp_path / file).read_bytes()).hexdigest() == sha


def test_what_stands_is_not_made_again(shelf: Shelf, sample_home: Path, tmp_path: Path) -> None:
    shutil.copytree(shelf.folder, tmp_path / "out")
    workshop = Workshop(tmp_path / "out", shelf.charts)
    order = Order(data.current_edition("adviser", sample_home), MONTH, KAWAGOE)
    standing = workshop.standing(order)
    assert standing is not None and not standing.is_new and standing.digest == shelf.made[KAWAGOE].digest
    (tmp_path / "out" / f"{order.name}.docx").write_bytes(b"edited by hand")
    assert workshop.standing(order) is None
    other = Order(data.current_edition("adviser", sample_home), date(2024, 4, 1), KAWAGOE)
    assert workshop.standing(other) is None


# Excel, Word, open data


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


# Editions and hard cases


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
    home = _hollow(sample_home, tmp_path, lambda con: _mark_everything(con, mark))
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

    edition = data.current_edition("adviser", _hollow(sample_home, tmp_path, empty))
    report, place = monthly_report(edition, MONTH), briefing(edition, KAWAGOE, MONTH)
    assert "記録がありません" in _said(report)["flow"] and "見込まれる提出はありません" in _said(report)["submissions"]
    assert "公表値がこの版にありません" in report.lead[0]
    assert "派遣の記録はありません" in _said(place)["support"] and len(place.questions) == 5
    Typesetter(Gallery(shelf.charts)).pdf(report)


def _hollow(sample_home: Path, tmp_path: Path, change: Callable[[duckdb.DuckDBPyConnection], object]) -> Path:
    """A copy of the sample home, its adviser file changed."""
    home = tmp_path / "home"
    shutil.copytree(sample_home / "published", home / "published")
    path = next((home / "published").glob("*/adviser.duckdb"))
    with duckdb.connect(str(path)) as con:
        change(con)
    return home


def _mark_everything(con: duckdb.DuckDBPyConnection, mark: str) -> None:
    for table in ("kpi_monthly", "kpi_monthly_by"):
        con.execute(f"update {table} set numerator = null, denominator = null, value = null, mark = ?", [mark])
    for table, number in (("support_flow", "cases"), ("gap_need_cross", "consultations"), ("referral_source", "cases")):
        con.execute(f"update {table} set {number} = null, mark = ?", [mark])
    con.execute("update meeting_presence set meetings = null, of_meetings = null, mark = ?", [mark])
    con.execute("update kpi_signal set centre = null, lower = null, upper = null, signals = null, mark = ?", [mark])


def test_a_briefing_is_two_pages(shelf: Shelf) -> None:
    assert [len(shelf.pdf(code).pages) for code in (KAWAGOE, WITHOUT_REPORT, NO_CONSULTATION_FILE)] == [2, 2, 2]


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
    for ending in (".docx", "_record.docx"):
        assert zipfile.ZipFile(io.BytesIO(shelf.path(KAWAGOE, ending).read_bytes())).testzip() is None


def test_a_page_offers_the_same_documents(shelf: Shelf, sample_home: Path) -> None:
    edition = data.current_edition("adviser", sample_home)
    assert desk.briefing_pdf(edition, MONTH, KAWAGOE) == shelf.path(KAWAGOE, ".pdf").read_bytes()
    assert desk.briefing_word(edition, MONTH, KAWAGOE) == shelf.path(KAWAGOE, ".docx").read_bytes()
    assert desk.report_xlsx(edition, MONTH) == shelf.path("adviser", ".xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(desk.report_open_data(edition, MONTH))) as archive:
        folder = shelf.path("adviser", "_open_data")
        assert {name: archive.read(name) for name in archive.namelist()} == {
            path.name: path.read_bytes() for path in folder.iterdir()
        }
