"""How figures are written."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from dashboards import labels, tables
from dashboards.access import AccessError, require_allowed
from dashboards.components import markup


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2027, 4, 1), "令和9年4月1日"),
    ],
)
def test_wareki(day: date, text: str) -> None:
    assert labels.wareki_date(day) == text


def test_figure_dates() -> None:
    assert labels.figure_date("FY2024") == "令和6年度"
    assert labels.figure_date("2023-04-01") == "令和5年4月1日"


@pytest.mark.parametrize(
    ("kind", "now", "before", "text"),
    [
        ("count", 1200, 100, "+1,100件"),
        ("count", 3, 5, "−2件"),
        ("count", 5, 5, "増減なし"),
        ("share", 0.5, 0.516, "−1.6ポイント"),
        ("share", 0.5004, 0.5, "増減なし"),
        ("count", float("nan"), 5, "比較なし"),
    ],
)
def test_change(kind: str, now: float, before: float, text: str) -> None:
    assert labels.change_text(kind, "件", now, before) == text


@pytest.mark.parametrize(
    ("kind", "numerator", "value", "mark", "text"),
    [
        ("count", 12345, 12345.0, None, "12,345"),
        ("count", 0, 0.0, None, "0"),
        ("count", None, None, "…", "…"),
        ("share", 1, 1 / 3, None, "33.3%"),
        ("share", 0, None, None, "分母0"),
    ],
)
def test_value(kind: str, numerator: int | None, value: float | None, mark: str | None, text: str) -> None:
    assert labels.value_text(kind, SimpleNamespace(numerator=numerator, value=value, mark=mark)) == text


def test_months_before_crosses_years() -> None:
    assert labels.months_before(date(2024, 1, 1), 1) == date(2023, 12, 1)
    assert labels.months_before(date(2024, 3, 1), 12) == date(2023, 3, 1)


def test_markup_escapes() -> None:
    card = markup.Card("<b>", "1", notes=("<script>",))
    assert "<script>" not in markup.cards([card], columns=3)
    assert "&lt;b&gt;" in markup.cards([card], columns=3)
    assert "<i>" not in markup.table(tables.table("i", "<i>", ["<i>"], [["<i>"]]))


@pytest.mark.parametrize("address", [None, "0.0.0.0", "192.0.2.1", "example.org"])  # noqa: S104 - the point of the test
def test_internal_edition_stays_on_this_machine(address: str | None) -> None:
    with pytest.raises(AccessError, match=r"127\.0\.0\.1"):
        require_allowed("internal", address)
    require_allowed("public", address)


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1"])
def test_internal_edition_on_loopback(address: str) -> None:
    require_allowed("internal", address)
