"""Cells become typed values, or are marked unread."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.codes import Code
from pipelines.intake.cells import Cells
from pipelines.intake.normalise import Normalised, normalise
from pipelines.intake.rekey import rekey
from pipelines.intake.tables import match_header, read_tables
from tests.factories.building import SENDER, BadFile, codes, contracts, good_row, rows_of, senders
from tests.factories.wrong_cells import wrong_cells

SECRET = b"k" * 32
LISTS = codes()
SENDERS = senders()


def run(form: str, cells: list[dict[str, str]], sender_codes: list[str] | None = None) -> Normalised:
    rows = pd.DataFrame({"submission_id": "s1", "row_number": range(2, len(cells) + 2)})
    rows["sender_code"] = sender_codes or SENDER
    rows["period"] = pd.Timestamp("2024-05-01").as_unit("s")
    texts = {column: Cells.of([row[column] for row in cells]) for column in cells[0]} if cells else {}
    return normalise(rows, texts, contracts()[form], LISTS, SENDERS, SECRET)


def read_one(form: str, column: str, text: str) -> Any:
    """The typed value, None for blank; raises ValueError when the cell is unread."""
    (cell,) = run(form, [good_row(contracts()[form]) | {column: text}]).frame.to_dict("records")
    value: Any = cell[column]
    blank = not isinstance(value, tuple) and pd.isna(value)
    if cell[f"{column}__unread"]:
        assert blank
        raise ValueError("unread")
    return None if blank else value


@pytest.mark.parametrize("form", contracts())
def test_the_frame_has_every_column_typed_and_its_mark(form: str) -> None:
    contract = contracts()[form]
    frame = run(form, [good_row(contract), dict.fromkeys(good_row(contract), "")]).frame
    ids = [column.id for column in contract.columns]
    assert list(frame) == ["submission_id", "row_number", "sender_code", "period", *ids, *(f"{i}__unread" for i in ids)]
    dtypes = {"year_month": "datetime64[s]", "date": "datetime64[s]", "flag": "boolean"}
    dtypes |= dict.fromkeys(("integer", "yen", "fiscal_year"), "Int64") | {"number": "Float64"}
    assert {c.id: str(frame[c.id].dtype) for c in contract.columns} == {
        c.id: dtypes.get(c.type, "object") for c in contract.columns
    }
    assert not frame[[f"{i}__unread" for i in ids]].to_numpy().any()
    assert bool(frame.loc[0, [c.id for c in contract.columns if c.required]].notna().all())
    assert bool(frame.loc[1, ids].isna().all())


def test_absent_columns_are_blank_and_no_rows_are_fine() -> None:
    contract = contracts()["consultation"]
    row = {
        column.id: text
        for column, text in zip(contract.columns, good_row(contract).values(), strict=True)
        if column.required
    }
    frame = run("consultation", [row]).frame
    assert frame["gap_reason"].isna().all()
    assert not frame["gap_reason__unread"].any()
    assert run("consultation", []).frame.shape == (0, 4 + 2 * len(contract.columns))


@pytest.mark.parametrize("bad", [b for b in wrong_cells() if b.code == "unread"], ids=lambda b: f"{b.form} {b.fault}")
def test_a_wrong_cell_is_unread_and_alone(bad: BadFile) -> None:
    contract = contracts()[bad.form]
    (table,) = read_tables(bad.file_name, bad.data, contracts())
    columns = match_header(table.header, contract).columns
    frame = run(bad.form, [{column: cells[at] for column, at in columns.items()} for _, cells in rows_of(table)]).frame
    marks = frame[[f"{column.id}__unread" for column in contract.columns]]
    assert marks.sum().sum() == 1
    assert marks[f"{bad.column}__unread"].sum() == 1


@pytest.mark.parametrize("mark", ["", "-", "－", "ー", "―", "−", "なし", "N/A", "ｎ／ａ", "\u3000"])
def test_blank_marks(mark: str) -> None:
    assert read_one("case", "consultation_no", mark) is None
    assert read_one("case", "closed_ym", mark) is None
    assert read_one("grant", "municipal_share", mark) is None
    assert read_one("setup", "planned_start_fy", mark) is None
    assert read_one("case", "evaluation_changes", mark) is None


def test_a_value_of_the_type_wins_over_a_blank_mark() -> None:
    assert read_one("setup", "operator", "なし") == "none"
    assert read_one("setup", "one_stop_window", "なし") == False  # noqa: E712


@pytest.mark.parametrize("text", ["有", "あり", "有り", "はい", "○", "◯", "〇", "1", "１", "TRUE", "True", "該当"])
def test_flags_that_say_yes(text: str) -> None:
    assert bool(read_one("consultation", "is_complex", text)) is True


@pytest.mark.parametrize("text", ["無", "なし", "無し", "いいえ", "×", "0", "０", "FALSE", "false", "非該当"])
def test_flags_that_say_no(text: str) -> None:
    assert bool(read_one("consultation", "is_complex", text)) is False


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        *(
            ("1234", 1234),
            ("1,234", 1234),
            ("１，２３４", 1234),
            ("¥1,234", 1234),
            ("￥1,234", 1234),
            ("\\1,234", 1234),
            ("1,234円", 1234),
        ),
        *(
            ("12千円", 12000),
            ("1,234 千円", 1234000),
            ("△5", -5),
            ("▲5", -5),
            ("-5", -5),
            ("−5", -5),
            ("－５", -5),
            ("△ 1,000円", -1000),
        ),
        *(("-¥5", -5), ("¥-5", -5), ("0", 0), ("-0", 0), ("1234.0", 1234), ("0012", 12)),
    ],
)
def test_money_in_every_notation(text: str, amount: int) -> None:
    assert read_one("grant", "total_cost", text) == amount


@pytest.mark.parametrize(
    "text",
    ["1,23", "1234,567", "12.5", "1 234", "--5", "-¥-5", "千円", "1e6", "1.234", "5円円", "9" * 16, "十", "５〇"],
)
def test_money_in_no_notation(text: str) -> None:
    with pytest.raises(ValueError, match="unread"):
        read_one("grant", "total_cost", text)


def test_a_count_is_not_money() -> None:
    assert read_one("meeting", "attendees", "1,234") == 1234
    assert read_one("meeting", "attendees", "１２") == 12
    with pytest.raises(ValueError, match="unread"):
        read_one("meeting", "attendees", "12円")


@settings(deadline=None)
@given(st.integers(-(10**14), 10**14), st.sampled_from(["{}", "{:,}", "¥{:,}", "{:,}円", "{}円"]))
def test_numbers_come_back(number: int, notation: str) -> None:
    assert read_one("grant", "total_cost", notation.format(number)) == number


def test_codes_by_code_label_or_without_the_zeros_excel_drops() -> None:
    assert read_one("case", "referred_from", "01") == read_one("case", "referred_from", "1") == "01"
    assert read_one("case", "referred_from", "地域包括支援ｾﾝﾀｰ") == "01"
    assert read_one("case", "referred_from", "福祉事務所（生活保護）") == "11"
    assert read_one("consultation", "household_type", "0") == "0"
    assert read_one("case", "closed_ym", "") is None
    for text in ("0～17歳", "0~17歳", "０〜１７ 歳", "00－17"):
        assert read_one("case", "age_band", text) == "00-17"


@pytest.mark.parametrize("text", ["001", "0", "100", "センター", "01 02"])
def test_codes_are_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="unread"):
        read_one("case", "referred_from", text)


def test_a_shortened_code_that_fits_two_fits_none(monkeypatch: pytest.MonkeyPatch) -> None:
    twins = tuple(Code(code, f"甲{code}", "", "yes") for code in ("01", "001", "2"))
    monkeypatch.setitem(LISTS, "agency_type", twins)  # type: ignore[arg-type]
    assert read_one("case", "referred_from", "01") == "01"
    with pytest.raises(ValueError, match="unread"):
        read_one("case", "referred_from", "1")


@pytest.mark.parametrize("separator", [";", "；", "、", "､", ",", "，", "/", "／", "|", "\n", "; ", "\r\n"])
def test_several_codes_in_a_cell(separator: str) -> None:
    assert read_one("consultation", "issue_flags", separator.join(["9", "病気", "01", "22"])) == ("01", "09", "22")


def test_a_label_may_hold_a_separator(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = tuple(
        Code(*pair, "", "yes") for pair in (("01", "税務、水道"), ("02", "税務"), ("03", "A/B, C"), ("11", "子"))
    )
    monkeypatch.setitem(LISTS, "issue_flags", odd)  # type: ignore[arg-type]
    assert read_one("consultation", "issue_flags", "税務、水道、A/B, C") == ("01", "03")
    assert read_one("consultation", "issue_flags", "税務;税務、水道;") == ("01", "02")
    assert read_one("consultation", "issue_flags", "1\n1") == ("01",)


@settings(deadline=None)
@given(st.lists(st.sampled_from(LISTS["issue_flags"]), min_size=1), st.sampled_from(";、,/|\n"), st.data())
def test_code_lists_come_back(chosen: list[Code], separator: str, data: st.DataObject) -> None:
    written = [data.draw(st.sampled_from([code.code, code.label_ja, code.code.lstrip("0")])) for code in chosen]
    assert read_one("consultation", "issue_flags", separator.join(written)) == tuple(
        sorted({code.code for code in chosen})
    )


def test_a_full_date_in_a_month_column_is_cut_and_noted() -> None:
    rows = [
        good_row(contracts()["consultation"], n) | {"received_ym": text} for n, text in enumerate(("2024-05", "R6.5.9"))
    ]
    result = run("consultation", rows)
    assert [value.date() for value in result.frame["received_ym"]] == [date(2024, 5, 1)] * 2
    assert result.notes.to_dict("records") == [
        {"submission_id": "s1", "row_number": 3, "column": "received_ym", "note": "cut_to_month"}
    ]


def test_numbers_are_rekeyed_by_sender_and_kind_and_never_kept() -> None:
    row = good_row(contracts()["case"]) | {
        "case_no": "Ｒ６－０００１ ",
        "consultation_no": "R6-0001",
        "reopened_from": "R6-0001",
    }
    frame = run("case", [row, row, row], [SENDER, "112020", SENDER]).frame
    assert frame["case_no"][0] == frame["case_no"][2] == rekey(SECRET, SENDER, "case", "R6-0001")
    assert frame["case_no"][1] == rekey(SECRET, "112020", "case", "R6-0001")
    assert frame["reopened_from"][0] == frame["case_no"][0] != frame["consultation_no"][0]
    assert "R6-0001" not in frame.to_csv()


@pytest.mark.parametrize("text", ["1234567890", "1234567890123", "A" * 33, "R6 1", "第1号", "__", "a.b"])
def test_numbers_senders_may_not_give(text: str) -> None:
    with pytest.raises(ValueError, match="unread"):
        read_one("case", "case_no", text)


@pytest.mark.parametrize("text", ["1", "123456789", "12345678901234", "R5-0412-003", "a_b", "A" * 32, "1234567890A"])
def test_numbers_senders_may_give(text: str) -> None:
    assert read_one("case", "case_no", text) == rekey(SECRET, SENDER, "case", text)


def test_municipalities_by_code_or_name() -> None:
    for text in ("112011", "11201", "川越市", "埼玉県川越市"):
        assert read_one("grant", "municipality_code", text) == "112011"


def test_fiscal_years_and_dates() -> None:
    assert read_one("setup", "planned_start_fy", "令和7年度") == read_one("setup", "planned_start_fy", "2025") == 2025
    assert read_one("setup", "as_of", "R6.4.1").date() == date(2024, 4, 1)


@settings(deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_a_value_blank_or_unread(text: str) -> None:
    contract = contracts()["case"]
    frame = run("case", [dict.fromkeys((column.id for column in contract.columns), text)]).frame
    for column in contract.columns:
        assert frame[column.id].isna().iloc[0] or not frame[f"{column.id}__unread"].iloc[0]
