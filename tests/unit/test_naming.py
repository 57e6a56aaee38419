"""File names: who, which form, which period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipelines.intake.naming import NameReading, Senders, parse_period, period_label, periods_in, read_name
from tests.factories.building import BadFile, contracts, senders
from tests.factories.misnamed import misnamed_files

MAY = date(2024, 5, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(
            ("112011", "112011"),
            ("11201", "112011"),
            ("川越市", "112011"),
            ("埼玉県川越市", "112011"),
            (" １１２０１１ ", "112011"),
        ),
        *(
            ("入間郡三芳町", "113247"),
            ("三芳町", "113247"),
            ("埼玉県入間郡三芳町", "113247"),
            ("鶴ケ島市", "112411"),
            ("鶴ヶ島市", "112411"),
        ),
        *(
            ("さいたま市浦和区", "111007"),
            ("埼玉県さいたま市大宮区", "111007"),
            ("11101", "111007"),
            ("111015", "111007"),
        ),
        *(("埼玉県", "110001"), ("110001", "110001"), ("11000", "110001")),
        *(
            ("横浜市", None),
            ("112012", None),
            ("111016", None),
            ("川越", None),
            ("川越市旭区", None),
            ("", None),
            ("11299", None),
        ),
    ],
)
def test_senders_by_every_name_they_go_by(text: str, code: str | None) -> None:
    assert senders().resolve(text) == code


def test_a_name_two_municipalities_share_names_neither() -> None:
    rows = [
        {"municipality_code": "013994", "name": "泊村", "county": "甲郡", "kind": "村"},
        {"municipality_code": "016969", "name": "泊村", "county": "乙郡", "kind": "村"},
    ]
    both = Senders(rows, "010006", "北海道")
    assert both.resolve("泊村") is None
    assert both.resolve("乙郡泊村") == "016969"


def test_the_prefecture_is_no_municipality() -> None:
    assert senders().municipality("埼玉県") is None
    assert senders().municipality("川越市") == "112011"


@pytest.mark.parametrize("period", ["2024-05", "202405", "2024年5月", "R6.5", "R06-05", "令和6年5月"])
@pytest.mark.parametrize("form", ["consultation", "相談受付", "Consultation"])
@pytest.mark.parametrize(
    "rest", [".csv", "_修正版.tsv", "_2_最終.xlsx", " (1).csv", " - コピー (2).xlsx", "のコピー.csv"]
)
def test_a_month_s_file(period: str, form: str, rest: str) -> None:
    reading = read_name(f"somewhere/112011/川越市_{form}_{period}{rest}", contracts(), senders())
    assert reading == NameReading("112011", "consultation", MAY, "monthly")


@pytest.mark.parametrize("period", ["2024年度", "FY2024", "令和6年度", "R6年度"])
def test_a_fiscal_year_s_file(period: str) -> None:
    reading = read_name(f"埼玉県_交付金_{period}.xlsx", contracts(), senders())
    assert reading == NameReading("110001", "grant", date(2024, 4, 1), "fiscal_year")


def test_a_workbook_need_not_name_a_form() -> None:
    assert read_name("川越市_R6.5.xlsx", contracts(), senders()) == NameReading("112011", None, MAY, "monthly")


def test_a_form_id_with_underscores() -> None:
    renamed = {"monthly_summary": replace(contracts()["meeting"], form="monthly_summary", label_ja="月次集計表")}
    assert read_name("112011_monthly_summary_2024-05_v2.csv", renamed, senders()).form == "monthly_summary"
    assert read_name("112011_monthly_summary.csv", renamed, senders()).form == "monthly_summary"


@pytest.mark.parametrize("bad", misnamed_files(), ids=lambda b: b.fault)
def test_what_a_name_does_not_tell(bad: BadFile) -> None:
    assert getattr(read_name(bad.file_name, contracts(), senders()), bad.column or "") is None


def test_periods_mentioned_in_a_title() -> None:
    title = "令和 6 年 5 月分 相談受付簿(作成 令和6年6月3日) 112011"
    assert periods_in(title) == {(MAY, "monthly")}
    assert periods_in("令和6年度 体制整備状況 FY2023") == {
        (date(2024, 4, 1), "fiscal_year"),
        (date(2023, 4, 1), "fiscal_year"),
    }
    assert periods_in("2024/05/01 R6.5.1") == set()


def test_period_labels_read_back() -> None:
    assert period_label(MAY, "monthly") == "2024-05"
    assert period_label(date(2024, 4, 1), "fiscal_year") == "FY2024"
    assert parse_period("2024-05") == (MAY, "monthly")
    assert parse_period("FY2024") == (date(2024, 4, 1), "fiscal_year")
    assert parse_period("2024-05-01") is None
