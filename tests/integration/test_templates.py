"""The forms as a clerk meets them: filled in the sheet's own XML, sent, taken in for real, and read back from the lake."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import duckdb
import pytest
from python_calamine import load_workbook
from typer.testing import CliRunner

from expectations.codes import CodeLists
from expectations.contract import Column, Contract, load_contracts
from pipelines.cli import app
from pipelines.intake.manifest import Manifest
from pipelines.intake.process import process_inbox
from pipelines.settings import TIME_ZONE, Settings
from pipelines.templates import workbook
from pipelines.templates.entry import Cell, Value, load_lists, options, written
from pipelines.templates.example import Row, full_row, keep_rules

CONTRACTS = load_contracts()
BY_FORM = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.form)
NOW = datetime(2024, 6, 10, 9, tzinfo=TIME_ZONE)
# Nothing that a clerk has to do anything about: the form's own sheets beside the rows.
HARMLESS_NOTES = {"ignored_sheet"}
FORM_SHEET = "xl/worksheets/sheet2.xml"


@pytest.fixture(scope="module")
def lists() -> CodeLists:
    return load_lists(Settings())


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every form as the command writes it."""
    out = tmp_path_factory.mktemp("templates") / "forms"
    done = CliRunner().invoke(app, ["templates", "--out", str(out)])
    assert done.exit_code == 0 and "16 件" in done.stdout
    assert len(list(out.iterdir())) == len(CONTRACTS) == 16
    return {
        form: (out / f"{contract.label_ja}_様式_v{contract.version}.xlsx").read_bytes()
        for form, contract in CONTRACTS.items()
    }


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def parsed(xml: bytes) -> ET.Element:
    return ET.fromstring(xml)  # noqa: S314 - written by Kasane itself


def filled(data: bytes, rows: list[list[Cell]]) -> bytes:
    """The workbook with rows written below the form's header, each cell in the format that its column has."""
    book = parts(data)
    sheet = book[FORM_SHEET].decode()
    styles = [re.search(r'style="(\d+)"', column) for column in re.findall(r"<col [^>]*/>", sheet)]
    body = "".join(
        f'<row r="{number}">'
        + "".join(_cell(chr(65 + at), number, cell, styles[at]) for at, cell in enumerate(row) if cell != "")
        + "</row>"
        for number, row in enumerate(rows, start=2)
    )
    book[FORM_SHEET] = sheet.replace("</sheetData>", body + "</sheetData>").encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in book.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _cell(letter: str, number: int, value: Cell, style: re.Match[str] | None) -> str:
    where = f'r="{letter}{number}"' + (f' s="{style[1]}"' if style else "")
    if isinstance(value, str):
        return f'<c {where} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    days = (value - date(1899, 12, 30)).days if isinstance(value, date) else value
    return f"<c {where}><v>{days}</v></c>"


def rows_with_every_code(contract: Contract, lists: CodeLists) -> list[Row]:
    """A good row for each value that can be chosen in each column, both flags, and all of a list's codes in one cell."""
    full = full_row(contract, lists)
    wishes: list[Row] = [{}]
    for column in contract.columns:
        codes = [option.code for option in options(column, lists)]
        values: list[Value] = [*codes]
        if column.type == "code_list":
            values = [*((code,) for code in codes), tuple(sorted(codes))]
        elif column.type == "flag":
            values = [True, False]
        wishes += [{column.id: value} for value in values]
    if any(rule.name == "single_row" for rule in contract.rules):
        assert wishes == [{}]
    rows = [keep_rules(contract, full | wish, lists) for wish in wishes]
    if contract.form == "function_check":  # its key leaves room for 20 items in each area
        rows = [row | {"item_no": at + 1} for at, row in enumerate(rows)]
    return [row | _key(contract, row, at) for at, row in enumerate(rows)]


def _key(contract: Contract, row: Row, at: int) -> Row:
    """Numbers and days of the key, told apart."""
    made: Row = {}
    for column in map(contract.column, contract.key):
        value = row[column.id]
        if column.type == "identifier":
            made[column.id] = f"R6-{at:03d}"
        elif isinstance(value, date):
            made[column.id] = value + timedelta(days=at)
        elif column.type == "integer" and column.maximum is None:
            made[column.id] = at + 1
    return made


def file_name(contract: Contract, settings: Settings) -> str:
    sender = settings.prefecture_name if contract.sender == "prefecture" else "川越市"
    return f"{sender}_{contract.label_ja}_{'2024年5月' if contract.cadence == 'monthly' else '2024年度'}.xlsx"


def take_in(settings: Settings, files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """Run the real intake over the files; the receipts by file name."""
    settings.inbox_dir.mkdir(parents=True)
    for name, data in files.items():
        (settings.inbox_dir / name).write_bytes(data)
    process_inbox(settings, now=NOW)
    with Manifest(settings.manifest_db) as manifest:
        known = manifest.known_at(None)
        assert len(known) == len(files)
        return {one.file_name: json.loads(manifest.receipt(one.submission_id)) for one in known}


def in_the_lake(column: Column, value: Value) -> object:
    """How the typed value comes back from Parquet; numbers of senders come back hashed and are not compared."""
    if isinstance(value, tuple):
        return list(value)
    return "hashed" if column.type == "identifier" and value is not None else value


def test_filled_forms_go_through_and_every_choice_reads_back_as_its_code(
    templates: dict[str, bytes], settings: Settings, lists: CodeLists
) -> None:
    rows = {form: rows_with_every_code(contract, lists) for form, contract in CONTRACTS.items()}
    files = {
        file_name(contract, settings): filled(
            templates[form],
            [[written(column, row[column.id], lists) for column in contract.columns] for row in rows[form]],
        )
        for form, contract in CONTRACTS.items()
    }
    receipts = take_in(settings, files)
    for form, contract in CONTRACTS.items():
        receipt = receipts[file_name(contract, settings)]
        told = (receipt["status"], receipt["rows_accepted"], receipt["errors"], receipt["warnings"])
        assert told == ("accepted", len(rows[form]), [], []), form
        assert receipt.get("cross_file", []) == [], form
        assert {note["note"] for note in receipt["notes"]} <= HARMLESS_NOTES, form
        assert read_back(settings, contract) == [
            tuple(in_the_lake(column, row[column.id]) for column in contract.columns) for row in rows[form]
        ], form


def read_back(settings: Settings, contract: Contract) -> list[tuple[object, ...]]:
    chosen = ", ".join(
        f"case when {column.id} is not null then 'hashed' end" if column.type == "identifier" else column.id
        for column in contract.columns
    )
    (path,) = (settings.lake_dir / contract.form).glob("*.parquet")
    return duckdb.execute(f"select {chosen} from '{path}' order by row_number").fetchall()


def test_every_code_of_every_used_list_was_chosen(lists: CodeLists) -> None:
    """What the round trip above stands on."""
    for contract in CONTRACTS.values():
        rows = rows_with_every_code(contract, lists)
        for column in contract.columns:
            chosen = [row[column.id] for row in rows if row[column.id] is not None]
            flat = {code for value in chosen for code in (value if isinstance(value, tuple) else (value,))}
            codes = {option.code for option in options(column, lists)}
            assert codes <= flat, (contract.form, column.id)
            assert column.type != "flag" or flat == {True, False}, (contract.form, column.id)


def test_an_untouched_form_says_nothing_happened_or_is_returned(
    templates: dict[str, bytes], settings: Settings
) -> None:
    receipts = take_in(settings, {file_name(CONTRACTS[form], settings): data for form, data in templates.items()})
    for contract in CONTRACTS.values():
        receipt = receipts[file_name(contract, settings)]
        expected = "returned" if contract.kind == "statement" else "accepted"
        assert (receipt["status"], receipt["rows_total"], receipt["warnings_total"]) == (expected, 0, 0), contract.form
        assert {note["note"] for note in receipt["notes"]} <= HARMLESS_NOTES, contract.form
        assert ("見出しだけで行がありません" in "".join(receipt["messages"])) == (expected == "returned")


def test_a_form_under_its_own_name_asks_for_the_sender(templates: dict[str, bytes], settings: Settings) -> None:
    receipts = take_in(settings, {"相談受付_様式_v1.0.0.xlsx": templates["consultation"]})
    (receipt,) = receipts.values()
    assert receipt["status"] == "returned" and receipt["form"] == "consultation"
    assert any("市町村" in message for message in receipt["messages"])


@BY_FORM
def test_the_form_is_the_contract(contract: Contract, templates: dict[str, bytes], lists: CodeLists) -> None:
    book = load_workbook(io.BytesIO(templates[contract.form]))
    assert book.sheet_names == [workbook.START, contract.label_ja, workbook.EXAMPLE, workbook.CODE_TABLE]
    assert book.get_sheet_by_name(contract.label_ja).to_python() == [[column.label_ja for column in contract.columns]]
    start = {str(row[0]): row[1] for row in book.get_sheet_by_name(workbook.START).to_python() if len(row) > 1}
    assert {contract.purpose_ja, contract.limitations_ja, contract.version} <= set(start.values())
    example = book.get_sheet_by_name(workbook.EXAMPLE).to_python()[3:]
    assert [row[0] for row in example] == [column.label_ja for column in contract.columns]
    listed = {(str(row[1]), str(row[2])) for row in book.get_sheet_by_name(workbook.CODE_TABLE).to_python()[3:]}
    wanted = {(item.code, item.label_ja) for column in contract.columns for item in options(column, lists)}
    assert listed == wanted


@BY_FORM
def test_excel_is_told_about_every_column(contract: Contract, templates: dict[str, bytes], lists: CodeLists) -> None:
    """Drop-downs offer exactly the labels of the list; every other column but those of several codes is checked."""
    sheet = parsed(parts(templates[contract.form])[FORM_SHEET])
    space = {"m": sheet.tag[1 : sheet.tag.index("}")]}
    checks = {str(check.get("sqref")): check for check in sheet.iterfind(".//m:dataValidation", space)}
    table = load_workbook(io.BytesIO(templates[contract.form])).get_sheet_by_name(workbook.CODE_TABLE).to_python()
    formats = [column.get("style") for column in sheet.iterfind("m:cols/m:col", space)]
    assert len(formats) == len(contract.columns)
    for at, column in enumerate(contract.columns):
        check = checks.pop(f"{chr(65 + at)}2:{chr(65 + at)}1048576", None)
        if column.type == "code_list":
            assert check is None
            continue
        assert check is not None, column.id
        formulas = [
            formula.text or "" for tag in ("formula1", "formula2") for formula in check.iterfind(f"m:{tag}", space)
        ]
        assert formulas and all(len(formula) <= 255 for formula in formulas)
        assert len(check.get("error") or "") <= 255 and column.label_ja in (check.get("error") or "")
        if choices := options(column, lists):
            first, last = map(int, re.findall(r"\$C\$(\d+)", formulas[0]))
            assert [row[2] for row in table[first - 1 : last]] == [choice.label_ja for choice in choices], column.id
        if column.minimum is not None:
            assert str(column.minimum) in "".join(formulas)
    assert checks == {}


@BY_FORM
def test_every_part_is_whole_and_every_header_has_its_note(contract: Contract, templates: dict[str, bytes]) -> None:
    book = parts(templates[contract.form])
    trees = {name: parsed(data) for name, data in book.items() if name.endswith((".xml", ".rels", ".vml"))}
    notes = ["".join(note.itertext()) for note in trees["xl/comments1.xml"].iter() if note.tag.endswith("}comment")]
    assert len(notes) == len(contract.columns)
    for column, note in zip(contract.columns, notes, strict=True):
        assert column.description_ja in note and "例: " in note
        assert note.startswith("【必須】") == column.required
    properties = "".join(trees["docProps/custom.xml"].itertext())
    assert properties == contract.form + contract.version
    sheet = book[FORM_SHEET].decode()
    assert 'orientation="landscape"' in sheet and 'paperSize="9"' in sheet and 'state="frozen"' in sheet
    text = [
        column for column in contract.columns if column.type in ("identifier", "code", "year_month", "municipality")
    ]
    as_text = _text_styles(book["xl/styles.xml"])
    styles = re.findall(r'<col [^>]*style="(\d+)"', sheet)
    assert all(int(styles[contract.columns.index(column)]) in as_text for column in text)


def _text_styles(styles: bytes) -> set[int]:
    """Positions of the cell formats that hold everything as text (number format 49)."""
    tree = parsed(styles)
    formats = next(element for element in tree if element.tag.endswith("}cellXfs"))
    return {at for at, item in enumerate(formats) if item.get("numFmtId") == "49"}


def test_the_same_contracts_give_the_same_bytes(templates: dict[str, bytes], tmp_path: Path) -> None:
    workbook.write_templates(Settings(), tmp_path)
    assert {path.read_bytes() for path in tmp_path.iterdir()} == set(templates.values())


def test_nothing_of_somebody_elses_is_written_over(tmp_path: Path) -> None:
    kept = tmp_path / "相談受付_様式_v1.0.0.xlsx"
    kept.write_bytes(b"filled in by hand")
    for out in (tmp_path, kept):
        done = CliRunner().invoke(app, ["templates", "--out", str(out)])
        assert done.exit_code == 2 and "空のフォルダ" in done.output
    done = CliRunner().invoke(app, ["templates", "--out", str(kept / "below")])
    assert done.exit_code == 1 and "書けません" in done.output
    assert kept.read_bytes() == b"filled in by hand"
