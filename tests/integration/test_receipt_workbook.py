"""The workbook a sender opens: what it says of a real file, what it never says, and that people can read it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from python_calamine import CalamineWorkbook

from pipelines.intake import receipt_workbook
from pipelines.intake.manifest import Manifest
from pipelines.intake.original_rows import NUMBER, SHOWN_AT_MOST, WITHHELD
from pipelines.intake.process import process_inbox
from pipelines.intake.receipt_view import entries, overview
from pipelines.intake.receipt_workbook import ENTRIES, ORIGINALS, OVERVIEW
from pipelines.intake.receipts import copies
from pipelines.intake.submissions import Submission
from pipelines.settings import TIME_ZONE, Settings
from tests.factories.building import as_csv, codes, contracts, good_row, good_rows, grid, name_of

NOW = datetime(2025, 6, 10, 9, tzinfo=TIME_ZONE)
PLANTED = "KASANE-PLANTED"
CASE = contracts()["case"]
Sheets = dict[str, list[list[str]]]


def take_in(settings: Settings, name: str, data: bytes) -> Submission:
    path = settings.inbox_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    process_inbox(settings, now=NOW)
    with Manifest(settings.manifest_db) as manifest:
        return next(one for one in reversed(manifest.submissions()) if one.file_name == name)


def receipt_sheets(settings: Settings, submission: Submission) -> Sheets:
    book = CalamineWorkbook.from_path(copies(settings.receipts_dir, submission)[1])
    return {
        name: [[str(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()]
        for name in book.sheet_names
    }


def bad_case_file(**changes: str) -> bytes:
    rows = good_rows(CASE)
    rows[1] |= changes
    return as_csv(grid(CASE, rows))


def original(sheets: Sheets) -> dict[str, str]:
    """The first rejected row as its workbook shows it, by column label."""
    header, row = sheets[ORIGINALS][:2]
    return dict(zip(header, row, strict=True))


def made_up(**parts: Any) -> dict[str, Any]:
    said = {"file": "a.csv", "status_label": "受理", "received_at": "2024-06-01T09:00", "submission_id": "a" * 32}
    return {**said, **parts}


def label(column: str) -> str:
    return CASE.column(column).label_ja


def test_a_bad_row_is_told_with_place_length_and_what_passed(settings: Settings) -> None:
    sent = take_in(settings, name_of(CASE), bad_case_file(service=PLANTED, gap_need="無"))
    sheets = receipt_sheets(settings, sent)
    assert list(sheets) == [OVERVIEW, ENTRIES, ORIGINALS]
    facts = dict(sheets[OVERVIEW][1:])
    assert facts["ファイル名"] == sent.file_name and facts["受け付けなかった行"] == "1" and "一部受理" in facts["判定"]
    _, row, place, found, message = next(line for line in sheets[ENTRIES] if line[0] == "誤り")
    assert (row, place, found) == ("3", label("service"), f"〔{len(PLANTED)}文字〕") and message
    shown = original(sheets)
    assert shown["行番号"] == "3" and shown[label("service")] == WITHHELD
    assert shown[label("case_no")] == NUMBER and shown[label("consultation_no")] == ""
    assert shown[label("gap_need")] == "無" and shown[label("accepted_ym")] == "2024-05"
    assert shown[label("age_band")] == codes()["age_band"][0].label_ja


def test_nothing_that_failed_and_no_number_is_in_any_receipt(settings: Settings) -> None:
    sent = take_in(settings, name_of(CASE), bad_case_file(service=PLANTED, case_no=f"{PLANTED}-1"))
    assert sent.rows_rejected == 1
    for path in (*copies(settings.receipts_dir, sent), settings.manifest_db):
        held = [path.read_bytes()]
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                held = [archive.read(name) for name in archive.namelist()]
        assert not any(PLANTED.encode() in part for part in held), path.name


def test_both_months_of_a_wrong_order_are_withheld(settings: Settings) -> None:
    shown = original(
        receipt_sheets(
            settings, take_in(settings, name_of(CASE), bad_case_file(closed_ym="2024-04", closure_type="C2"))
        )
    )
    assert shown[label("closed_ym")] == shown[label("accepted_ym")] == WITHHELD


def test_a_row_that_does_not_line_up_shows_no_cell(settings: Settings) -> None:
    cells = grid(CASE, good_rows(CASE))
    cells[2] = [*cells[2], "x"]
    shown = original(receipt_sheets(settings, take_in(settings, name_of(CASE), as_csv(cells))))
    assert {value for name, value in shown.items() if name != "行番号"} == {WITHHELD}


def test_a_refused_file_shows_places_and_kinds_only(settings: Settings) -> None:
    sent = take_in(settings, name_of(CASE), bad_case_file(service="049-224-8811"))
    assert sent.status == "refused_personal_data"
    sheets = receipt_sheets(settings, sent)
    assert sheets[ENTRIES][1][:2] == ["個人情報の疑い", "3"]
    assert len(sheets[ORIGINALS]) == 2 and "ありません" in sheets[ORIGINALS][1][0]
    assert not any("8811" in cell for sheet in sheets.values() for row in sheet for cell in row)


def test_many_rejected_rows_are_cut_and_counted(settings: Settings) -> None:
    rows = [good_row(CASE, number) for number in range(1, 2 * SHOWN_AT_MOST + 50)]
    for row in rows[: SHOWN_AT_MOST + 3]:
        row["service"] = "?"
    sent = take_in(settings, name_of(CASE), as_csv(grid(CASE, rows)))
    receipt = json.loads(copies(settings.receipts_dir, sent)[0].read_text(encoding="utf-8"))
    assert len(receipt["original_rows"]) == SHOWN_AT_MOST and receipt["rows_not_passed"] == SHOWN_AT_MOST + 3
    assert any(f"{SHOWN_AT_MOST + 3:,} 行" in line[1] for line in receipt_sheets(settings, sent)[OVERVIEW])


@pytest.mark.parametrize("form", sorted(contracts()))
def test_every_form_shows_rows_with_an_unreadable_cell(settings: Settings, form: str) -> None:
    """Every type of column is put into words; the one that failed is not."""
    contract = contracts()[form]
    column = next(one for one in contract.columns if one.type not in ("identifier", "municipality") and one.required)
    rows = good_rows(contract)
    rows[-1] |= {column.id: PLANTED}
    sent = take_in(settings, name_of(contract), as_csv(grid(contract, rows)))
    shown = original(receipt_sheets(settings, sent))
    filled = {one.label_ja for one in contract.columns if rows[-1][one.id]}
    assert shown[column.label_ja] == WITHHELD
    assert {name for name, value in shown.items() if value} >= filled


def test_it_is_laid_out_to_be_read(settings: Settings) -> None:
    sent = take_in(settings, name_of(CASE), bad_case_file(service=PLANTED))
    xml: dict[str, Any] = {}
    with zipfile.ZipFile(copies(settings.receipts_dir, sent)[1]) as archive:
        xml = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}
    sheets = [text for name, text in xml.items() if name.startswith("xl/worksheets/")]
    assert len(sheets) == 3 and all('state="frozen"' in text and "customWidth" in text for text in sheets)
    assert 'wrapText="1"' in xml["xl/styles.xml"]
    assert "2024-04-01" in xml["docProps/core.xml"]


def test_a_mended_file_brings_the_rejected_rows_back(settings: Settings) -> None:
    first = take_in(settings, name_of(CASE), bad_case_file(service=PLANTED))
    mended = take_in(settings, f"再提出/{Path(name_of(CASE)).stem}_v2.csv", as_csv(grid(CASE, good_rows(CASE))))
    assert (first.rows_accepted, mended.rows_accepted) == (3, 4) and mended.rows_rejected == 0
    assert any("1行増えます" in line[1] for line in receipt_sheets(settings, mended)[OVERVIEW])
    with Manifest(settings.manifest_db) as manifest:
        assert [known.is_current for known in manifest.known_at(None)] == [False, True]
        assert all(one.rows_total == one.rows_accepted + one.rows_rejected for one in manifest.submissions())


@pytest.mark.parametrize("text", ["<&>", "]]>", " \n前と後ろ\t", "制御\x01\x1f文字", "_x0001_", "𠮷﨑", "=1+1", "'"])
@pytest.mark.parametrize("rows", [0, 2])
def test_any_text_comes_through_as_it_is(text: str, rows: int) -> None:
    """The rows are written here, not by a library: markup, spaces and characters XML has none for."""
    errors = [{"row": at, "column_label": "列", "found": "", "message": text} for at in range(rows)]
    receipt = made_up(
        file=text,
        errors=errors,
        original_columns=[text],
        rows_not_passed=rows,
        original_rows=[{"row": at, "cells": [text]} for at in range(rows)],
    )
    data = receipt_workbook.workbook(receipt)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for part in archive.namelist():
            ET.fromstring(archive.read(part))  # noqa: S314 - our own
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert sheets[OVERVIEW] == [["項目", "内容"], *map(list, overview(receipt))]
    assert [row[-1] for row in sheets[ENTRIES][1:]] == [text] * rows == [entry.message for entry in entries(receipt)]
    if rows:
        assert sheets[ORIGINALS][:3] == [["行番号", text], ["0", text], ["1", text]]


def test_receipts_share_parts_and_nothing_else() -> None:
    """Parts that are the same are packed once: no receipt may show in the next, and a book made again is the same bytes."""
    shown = {"original_columns": ["列"], "original_rows": [{"row": 1, "cells": ["い"]}], "rows_not_passed": 1}
    noted = {"notes": [{"note": "title_rows", "message": "ろ"}]}
    receipts = [made_up(**parts) for parts in ({}, noted, shown, {"original_rows_note": "は"}, noted | shown)]
    books = [receipt_workbook.workbook(receipt) for receipt in receipts]
    assert books == [receipt_workbook.workbook(receipt) for receipt in receipts]
    for receipt, data in zip(receipts, books, strict=True):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.namelist()
        assert parts[0] == "[Content_Types].xml" and len(set(parts)) == len(parts)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        said = {
            str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
        }
        told = {"い": "original_rows", "ろ": "notes", "は": "original_rows_note"}
        assert said & told.keys() == {mark for mark, part in told.items() if part in receipt}
