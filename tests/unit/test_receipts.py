"""What a receipt says, what it keeps to itself, and that it comes back when it is lost."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from expectations.codes import load_code_lists
from expectations.contract import load_contracts
from expectations.suites import Check
from pipelines.intake.manifest import Manifest
from pipelines.intake.opening import Opened
from pipelines.intake.personal_data import Finding
from pipelines.intake.receipt_view import overview
from pipelines.intake.receipt_workbook import workbook
from pipelines.intake.receipts import (
    LISTED_AT_MOST,
    Facts,
    content,
    copies,
    receipt_path,
    with_note,
    without_original_rows,
    write_missing,
)
from pipelines.intake.submissions import Status, Submission
from pipelines.intake.verdict import Failure, Note, OriginalRow, Reason, Verdict
from pipelines.settings import PROJECT_DIR, TIME_ZONE

REFERENCE = PROJECT_DIR / "data" / "reference"
OPENED = Opened("112011", "case", date(2024, 5, 1))
UNREAD = Check("unread", "accepted_ym")


def submission(status: Status = "accepted", **changes: Any) -> Submission:
    facts: dict[str, Any] = {
        "submission_id": "a" * 32,
        "file_name": "川越市_case_2024-05.csv",
        "content_sha256": "b" * 64,
        "size": 1,
        "sender_code": "112011",
        "form": "case",
        "period": date(2024, 5, 1),
        "status": status,
        "rows_total": 4,
        "rows_accepted": 3,
        "rows_rejected": 1,
        "warnings": 0,
        "error_codes": (),
        "received_at": datetime(2024, 6, 1, 9, tzinfo=TIME_ZONE),
        "arrival_order": 1,
        "receipt": "112011/x.json",
    }
    return Submission(**(facts | changes))


def facts(opened: Opened = OPENED, verdict: Verdict | None = None, **changes: Any) -> Facts:
    codes = load_code_lists(REFERENCE / "codes.csv", REFERENCE / "grant_components.csv")
    made = Facts(opened, verdict or Verdict(), load_contracts()["case"], codes, "川越市", 50 * 1024 * 1024)
    return replace(made, **changes)


def receipt(status: Status = "accepted", reasons: tuple[Reason, ...] = (), **changes: Any) -> dict[str, Any]:
    return json.loads(content(submission(status), reasons, facts(**changes)))


def test_an_error_names_row_column_rule_and_length() -> None:
    made = receipt("accepted_with_errors", verdict=Verdict([Failure(7, UNREAD, "〔5文字〕")]))
    (error,) = made["errors"]
    assert (error["row"], error["column_label"], error["rule"], error["found"]) == (
        7,
        "受理年月",
        "unread",
        "〔5文字〕",
    )
    assert "令和6年5月" in error["message"]
    assert (made["municipality"], made["form_label"], made["period"]) == ("川越市", "支援ケース台帳", "2024-05")
    assert made["status_label"].startswith("一部受理")


def test_errors_come_in_the_order_of_rows_and_warnings_apart() -> None:
    warning = Check("reached_by", "consent_ym", "warning", {"by": "conferenced_ym"})
    made = receipt(verdict=Verdict([Failure(9, UNREAD, ""), Failure(3, warning, ""), Failure(2, UNREAD, "")]))
    assert [error["row"] for error in made["errors"]] == [2, 9]
    assert [entry["rule"] for entry in made["warnings"]] == ["reached_by"]


def test_a_long_list_is_cut_and_says_how_long_it_was() -> None:
    many = [Failure(row, UNREAD, "") for row in range(LISTED_AT_MOST + 5)]
    made = receipt(verdict=Verdict(many))
    assert made["errors_total"] == LISTED_AT_MOST + 5 and len(made["errors"]) == LISTED_AT_MOST


def test_a_refusal_tells_places_and_kinds_and_nothing_else() -> None:
    found = (("case", Finding("phone", 3, 12)), ("case", Finding("forbidden_column", 5, None)))
    made = receipt("refused_personal_data", opened=replace(OPENED, findings=found))
    assert set(made) == {
        "submission_id", "file", "content_sha256", "size", "status", "status_label", "received_at",
        "messages", "findings_total", "findings",
    }  # fmt: skip
    assert [(one["kind"], one["column_number"], one["row"]) for one in made["findings"]] == [
        ("phone", 3, 12), ("forbidden_column", 5, None),
    ]  # fmt: skip
    assert len(made["messages"]) == 2


def test_reasons_notes_and_changes_are_sentences() -> None:
    notes = (Note("unknown_column", column_number=4, is_warning=True), Note("title_rows"))
    made = receipt("returned", (Reason("missing_column", "case_no"),), opened=replace(OPENED, notes=notes))
    assert "「ケース番号」" in made["messages"][0]
    assert made["notes"][0]["column_number"] == 4 and made["notes"][1]["note"] == "title_rows"
    assert "2行減ります" in receipt(rows_before=5)["messages"][0]


@pytest.mark.parametrize("notes", [0, 1, LISTED_AT_MOST])
def test_a_note_that_is_added_comes_last_and_is_counted(notes: int) -> None:
    opened = replace(OPENED, notes=(Note("title_rows"),) * notes)
    said = content(submission(), (), facts(opened))
    noted, before = json.loads(with_note(said, Note("arrival_order"))), json.loads(said)
    assert list(noted) == list(before) and noted["notes_total"] == notes + 1
    assert [one["note"] for one in noted["notes"]] == (["title_rows"] * notes + ["arrival_order"])[:LISTED_AT_MOST]
    assert all(noted[key] == before[key] for key in before if not key.startswith("notes"))


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("川越市_case_2024-05.csv", "112011/川越市_case_2024-05_aaaaaaaaaaaa.json"),
        ("sub/a b:c?.csv", "112011/a_b_c__aaaaaaaaaaaa.json"),
        ("../../etc/passwd", "112011/passwd_aaaaaaaaaaaa.json"),
    ],
)
def test_receipt_names_are_safe(file_name: str, expected: str) -> None:
    assert receipt_path("112011", file_name, "a" * 32) == expected


def test_receipt_names_fit_every_file_system() -> None:
    path = receipt_path(None, "長" * 200 + ".csv", "a" * 32)
    assert path.startswith("unknown/") and len(path.rpartition("/")[2].encode()) < 255


def test_a_receipt_that_is_gone_is_written_again(tmp_path: Path) -> None:
    sent = submission("accepted_with_errors")
    text = content(sent, (), facts(verdict=Verdict([Failure(7, UNREAD, "〔5文字〕")])))
    written: list[bytes] = []
    with Manifest(tmp_path / "manifest.sqlite") as manifest:
        manifest.commit([sent], receipts={sent.submission_id: text})
        for lost in (0, 1):
            write_missing(tmp_path / "receipts", manifest)
            both = copies(tmp_path / "receipts", sent)
            assert both[0].read_text(encoding="utf-8") == text
            written.append(both[1].read_bytes())
            both[lost].unlink()
        write_missing(tmp_path / "receipts", manifest)
        written.append(both[1].read_bytes())
    assert len(set(written)) == 1, "a workbook written again is the same"
    assert sorted(path.suffix for path in (tmp_path / "receipts" / "112011").iterdir()) == [".json", ".xlsx"]


def test_rejected_rows_are_shown_only_as_far_as_they_passed() -> None:
    rows = [OriginalRow(7, ("〔番号〕", "", "多機関協働"))]
    text = content(submission(), (), facts(verdict=Verdict([Failure(7, UNREAD, "")], originals=rows)))
    made = json.loads(text)
    assert made["original_columns"][0] == "ケース番号"
    assert made["original_rows"] == [{"row": 7, "cells": ["〔番号〕", "", "多機関協働"]}]
    later = without_original_rows(text)
    assert later is not None and "多機関協働" not in later
    assert json.loads(later)["errors"] == made["errors"]
    assert without_original_rows(later) is None


def test_a_list_that_is_cut_says_so_to_people_too() -> None:
    many = [Failure(row, UNREAD, "") for row in range(LISTED_AT_MOST + 5)]
    told = overview(receipt(verdict=Verdict(many)))
    assert any(f"{LISTED_AT_MOST + 5:,} 件" in value for name, value in told if name == "ご連絡")


def test_what_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    made = receipt() | {"file": "=HYPERLINK(1)", "messages": ["+1", "@x", "-2"]}
    path = tmp_path / "receipt.xlsx"
    path.write_bytes(workbook(made))
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert sheets and not any(b"<f>" in sheet for sheet in sheets)
    cells = {cell for row in CalamineWorkbook.from_path(path).get_sheet_by_name("概要").to_python() for cell in row}
    assert cells >= {"=HYPERLINK(1)", "+1", "@x", "-2"}
