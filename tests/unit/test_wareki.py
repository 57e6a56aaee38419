"""Dates as people write them: what is understood, what never is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.intake.wareki import ERAS, Era, NotADate, parse_date, parse_fiscal_year, parse_year_month

DAY = date(2024, 5, 1)


@pytest.mark.parametrize(
    "text",
    [
        *("2024-05-01", "2024/5/1", "2024.5.1", "20240501", "2024年5月1日", "２０２４年５月１日", "2024 年 5 月 1 日"),
        *(
            "令和6年5月1日",
            "R6.5.1",
            "R06/05/01",
            "r6-5-1",
            "R060501",
            "Ｒ６．５．１",
            "㋿6年5月1日",
            "令6.5.1",
            "R 6. 5. 1",
        ),
        *("2024-05-01T00:00:00", "2024-05-01 00:00:00", "2024/5/1 0:00", "45413", "2024ー05ー01", "2024−5−1"),
    ],
)
def test_a_day_in_every_notation(text: str) -> None:
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和元年5月1日", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("H31.4.30", date(2019, 4, 30)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("昭和元年12月25日", date(1926, 12, 25)),
        ("大正15年12月24日", date(1926, 12, 24)),
        ("明治45年7月29日", date(1912, 7, 29)),
    ],
)
def test_the_edges_of_the_eras(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "-",
            "令和6年2月30日",
            "2023-02-29",
            "2024-13-01",
            "平成35年5月1日",
            "昭和64年1月8日",
            "平成31年5月1日",
            "令和元年4月30日",
        ),
        *(
            "令和0年5月1日",
            "R0.5.1",
            "24/5/1",
            "6.5.1",
            "5/1",
            "2024-05",
            "2024年5月",
            "202405",
            "2024/5.1",
            "2024-05-01T09:30:00",
        ),
        *(
            "20245",
            "9999-12-31",
            "1000-01-01",
            "99999",
            "五月一日",
            "X6.5.1",
            "令和6年5月1日まで",
            "٢٠٢٤-٠٥-٠١",
            "May-24",
        ),
    ],
)
def test_what_is_impossible_or_has_two_readings_is_no_date(text: str) -> None:
    with pytest.raises(NotADate) as caught:
        parse_date(text)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05",
        "2024/5",
        "202405",
        "2024年5月",
        "R6.5",
        "R06-05",
        "R6/5",
        "R0605",
        "令和6年5月",
        "令和６年 ５月",
        "2024年5月分",
    ],
)
def test_a_month_in_every_notation(text: str) -> None:
    assert parse_year_month(text) == (DAY, False)


@pytest.mark.parametrize("text", ["2024-05-31", "令和6年5月9日", "20240520", "45413"])
def test_a_full_date_is_cut_to_its_month(text: str) -> None:
    assert parse_year_month(text) == (DAY, True)


def test_the_month_in_which_an_era_changed_belongs_to_both() -> None:
    assert parse_year_month("昭和64年1月") == parse_year_month("平成元年1月") == (date(1989, 1, 1), False)


@pytest.mark.parametrize(
    "text", ["2024-13", "2024-00", "平成35年5月", "平成31年5月", "令和元年4月", "2024.1", "6.5", "112011", "2024年度"]
)
def test_no_month(text: str) -> None:
    with pytest.raises(NotADate):
        parse_year_month(text)


@pytest.mark.parametrize(
    "text", ["2024年度", "FY2024", "fy2024", "令和6年度", "R6年度", "令和 6 年度", "２０２４", "R6"]
)
def test_a_fiscal_year_in_every_notation(text: str) -> None:
    assert parse_fiscal_year(text) == 2024


def test_the_fiscal_year_in_which_an_era_changed_belongs_to_both() -> None:
    assert parse_fiscal_year("平成31年度") == parse_fiscal_year("令和元年度") == 2019


@pytest.mark.parametrize(
    "text", ["", "平成32年度", "昭和64年度", "2024年", "令和6年", "24", "FY24", "2024-05", "112011"]
)
def test_no_fiscal_year(text: str) -> None:
    with pytest.raises(NotADate):
        parse_fiscal_year(text)


ERA_DAYS = st.sampled_from(ERAS).flatmap(lambda era: st.tuples(st.just(era), st.dates(era.first, era.last)))


def _era_year(era: Era, day: date) -> int:
    first_year = {"明治": 1868}.get(era.name, era.first.year)
    return day.year - first_year + 1


@settings(deadline=None)
@given(
    ERA_DAYS,
    st.sampled_from(["{n}{y}年{m}月{d}日", "{l}{y}.{m}.{d}", "{l}{y:02}/{m:02}/{d:02}", "{l}{y:02}{m:02}{d:02}"]),
)
def test_every_day_of_every_era_comes_back(era_day: tuple[Era, date], form: str) -> None:
    era, day = era_day
    written = form.format(n=era.name, l=era.letter, y=_era_year(era, day), m=day.month, d=day.day)
    assert parse_date(written) == day
    assert parse_year_month(written) == (day.replace(day=1), True)


@settings(deadline=None)
@given(ERA_DAYS)
def test_the_first_year_is_also_called_gannen(era_day: tuple[Era, date]) -> None:
    era, day = era_day
    if _era_year(era, day) == 1:
        assert parse_date(f"{era.name}元年{day.month}月{day.day}日") == day


def test_the_day_after_an_era_is_not_of_it() -> None:
    for era in ERAS[:-1]:
        after = era.last + timedelta(days=1)
        with pytest.raises(NotADate):
            parse_date(f"{era.letter}{_era_year(era, after)}.{after.month}.{after.day}")


@settings(deadline=None)
@given(st.text() | st.from_regex(r"[MTSHR令和平成0-9元年月日./-]{1,12}"))
def test_no_text_raises_anything_else(text: str) -> None:
    for parse in (parse_date, parse_year_month, parse_fiscal_year):
        try:
            parse(text)
        except NotADate:
            continue
