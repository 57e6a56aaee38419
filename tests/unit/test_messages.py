"""Every rule, reason, kind and note that can come up has a sentence, and the sentence uses the contract's words."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import get_args

import pytest

from expectations import messages
from expectations.codes import CodeLists, load_code_lists
from expectations.contract import Contract, load_contracts
from expectations.suites import checks
from pipelines.intake import personal_data
from pipelines.intake.submissions import Status
from pipelines.intake.unreadable import Reason
from pipelines.settings import PROJECT_DIR

CONTRACTS = load_contracts()
INTAKE = PROJECT_DIR / "pipelines" / "intake"


@pytest.fixture(scope="module")
def codes() -> CodeLists:
    reference = PROJECT_DIR / "data" / "reference"
    return load_code_lists(reference / "codes.csv", reference / "grant_components.csv")


def quoted_in(path: Path, call: str) -> set[str]:
    return set(re.findall(rf'{call}\("(\w+)"', path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.form)
def test_every_check_has_a_sentence_that_names_its_column(contract: Contract, codes: CodeLists) -> None:
    for check in checks(contract):
        sentence = messages.row_message(check.rule, contract, check.column, check.params, codes)
        is_of_whole_rows = check.rule == "single_row"
        assert is_of_whole_rows or f"「{contract.column(check.column).label_ja}」" in sentence
        assert sentence.endswith("。") and "{" not in sentence


def test_a_cut_row_needs_no_column(codes: CodeLists) -> None:
    assert "途中で切れている" in messages.row_message("row_cut", CONTRACTS["case"], "", {}, codes)


def test_conditions_are_said_with_labels_of_columns_and_codes(codes: CodeLists) -> None:
    said = {
        (form, check.rule, check.column): messages.row_message(check.rule, contract, check.column, check.params, codes)
        for form, contract in CONTRACTS.items()
        for check in checks(contract)
    }
    assert "「狭間ニーズ」が「有」の場合" in said["consultation", "required_iff", "gap_reason"]
    assert "「対応区分」が「他制度・他機関へつなぐ」の場合" in said["consultation", "required_when", "referred_to"]
    assert "「終結年月」が記入されている場合" in said["case", "required_iff", "closure_type"]
    assert "「交付決定」「変更交付決定」" in said["grant", "required_when", "municipal_share"]
    assert "場合を除く" in said["case", "required_when", "planned_ym"]
    assert "年度" in said["setup", "in_period", "as_of"] and "年度" not in said["meeting", "in_period", "held_on"]
    assert "「市町村コード」「区分」「段階」「回」" in said["grant", "unique_key", "municipality_code"]
    assert "1,000の倍数" in said["grant", "multiple_of", "national_share"]


def test_long_code_lists_are_cut_and_lists_say_how_to_separate(codes: CodeLists) -> None:
    contract = CONTRACTS["consultation"]
    sentence = messages.row_message("unread", contract, "issue_flags", {}, codes)
    assert "「;」で区切る" in sentence and sentence.count("=") <= 12 and "など" in sentence


def test_every_reason_to_return_a_file_has_a_sentence() -> None:
    reasons = {
        *get_args(Reason),
        *quoted_in(INTAKE / "opening.py", "Reason"),
        *quoted_in(INTAKE / "reception.py", "Reason"),
    }
    assert {"unknown_form", "future_period", "too_many_errors", "pdf"} <= reasons
    for reason in reasons:
        for contract in (None, CONTRACTS["case"], CONTRACTS["grant"]):
            sentence = messages.file_message(reason, contract, limit_bytes=50 * 1024 * 1024)
            assert sentence.endswith("。") and "{" not in sentence, reason


def test_reasons_say_what_to_send_instead() -> None:
    case, grant = CONTRACTS["case"], CONTRACTS["grant"]
    assert "「ケース番号」" in messages.file_message("missing_column", case, column="case_no")
    assert "2024年5月" in messages.file_message("unknown_period", case)
    assert "年度" in messages.file_message("unknown_period", grant)
    assert "50MB" in messages.file_message("too_large", None, limit_bytes=50 * 1024 * 1024)
    assert "県が提出" in messages.file_message("wrong_sender", grant)


def test_every_kind_of_personal_data_status_and_note_has_words() -> None:
    assert set(messages.PERSONAL_DATA_LABELS) == set(get_args(personal_data.Kind))
    assert set(messages.STATUS_LABELS) == set(get_args(Status))
    notes = quoted_in(INTAKE / "opening.py", "Note") | quoted_in(INTAKE / "receipts.py", "Note")
    tables = (INTAKE / "tables.py").read_text(encoding="utf-8")
    passed_over = set(re.findall(r'^        "(\w+)": ', tables, re.MULTILINE))
    assert {"title_rows", "total_row", "hidden_sheet"} <= passed_over
    for note in notes | passed_over | {"cut_to_month"}:
        assert messages.note_message(note).endswith("。")


def test_the_outcomes_that_want_something_done_are_called_as_the_terms_and_the_guide_call_them() -> None:
    with (PROJECT_DIR / "data" / "reference" / "terms.csv").open(encoding="utf-8") as rows:
        terms = {row["term_ja"] for row in csv.DictReader(rows)}
    guide = (PROJECT_DIR / "docs" / "ja" / "README.md").read_text(encoding="utf-8")
    for status in ("accepted_with_errors", "returned", "refused_personal_data"):
        word = messages.STATUS_LABELS[status].partition("(")[0]
        assert word in terms and f"`{status}` {word}" in guide


@pytest.mark.parametrize(
    ("before", "now", "says"), [(5, 8, "3行増えます"), (8, 5, "3行減ります"), (5, 5, "増減はありません")]
)
def test_a_resubmission_says_what_changes(before: int, now: int, says: str) -> None:
    assert says in messages.counts_message(before, now)


def test_a_mask_tells_the_length_alone() -> None:
    assert messages.mask("090-1234-5678") == "〔13文字〕"
