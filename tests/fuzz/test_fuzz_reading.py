"""Anything at all before the readers: they say what they read, or why they cannot; they never break and never guess."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipelines.intake.cells import Cells
from pipelines.intake.decode import decode
from pipelines.intake.normalise import normalise
from pipelines.intake.personal_data import scan
from pipelines.intake.strays import stray_texts
from pipelines.intake.tables import read_tables
from pipelines.intake.unreadable import Unreadable
from pipelines.intake.wareki import NotADate, parse_date, parse_fiscal_year, parse_year_month
from tests.factories.building import SENDER, codes, contracts, rows_of, senders
from tests.factories.mutations import CELL_TEXTS, Mutated, mutated_bytes, mutated_cells, mutated_workbook
from tests.factories.retold import says

SECRET = bytes(32)
# Shrinking what takes milliseconds to build takes minutes; a failure names the file and how it was changed.
BOUNDED = settings(max_examples=100, phases=(Phase.explicit, Phase.reuse, Phase.generate))
MARKS = st.sampled_from(
    [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
JAPANESE = st.text('あア亜ー―－〜①㈱髙﨑①,"\r\n\t 0-9年月受付番号').map(lambda text: text.encode("cp932", "ignore"))


def read_what_there_is(name: str, data: bytes) -> None:
    """Tables and findings, or Unreadable: anything else fails the test."""
    try:
        tables = read_tables(name, data, contracts())
        stray_texts(data, tables)
    except Unreadable as unreadable:
        assert unreadable.args == (unreadable.reason_code,)
        return
    for table in tables:
        assert all(len(cells) >= len(table.header) for _, cells in rows_of(table))
        scan(table, contracts().get(table.form or table.resembles or ""))


@BOUNDED
@given(MARKS, st.one_of(st.binary(max_size=200), JAPANESE))
def test_bytes_decode_to_what_encodes_to_them(mark: bytes, body: bytes) -> None:
    data = mark + body
    try:
        decoded = decode(data)
    except Unreadable:
        return
    if decoded.encoding == "utf-8":
        assert decoded.text.encode() == data.removeprefix(b"\xef\xbb\xbf")
    elif decoded.encoding == "utf-16":
        assert decoded.text == data.decode("utf-16")
    else:
        # CP932 has several bytes for some characters, and one of them each way back.
        assert decoded.text.encode("cp932").decode("cp932") == decoded.text == data.decode("cp932")


@BOUNDED
@given(st.sampled_from(["a.csv", "a.xlsx", "a.tsv", "112011_case_2024-05.csv"]), MARKS, st.binary(max_size=300))
def test_any_bytes_are_read_or_unreadable(name: str, mark: bytes, body: bytes) -> None:
    read_what_there_is(name, mark + body)


@BOUNDED
@given(st.one_of(mutated_bytes(), mutated_cells(), mutated_workbook()))
def test_damaged_files_are_read_or_unreadable(mutated: Mutated) -> None:
    read_what_there_is(mutated.file_name, mutated.data)


@settings(max_examples=300, phases=BOUNDED.phases)
@given(CELL_TEXTS)
def test_a_date_says_what_the_text_says(text: str) -> None:
    """No number may become another: month 2024.1 is not October, 平成35年 is not 令和5年."""
    readings: list[tuple[str, Any]] = []
    for column_type, read in (
        ("date", parse_date),
        ("year_month", parse_year_month),
        ("fiscal_year", parse_fiscal_year),
    ):
        try:
            value = read(text)
        except NotADate as error:
            assert not text.strip() or text not in str(error) or len(text) < 3
            continue
        readings.append((column_type, value[0] if isinstance(value, tuple) else value))
    by_type = {column.type: column for contract in contracts().values() for column in contract.columns}
    assert [kind for kind, value in readings if not says(by_type[kind], value, text, SENDER, SECRET)] == []  # type: ignore[index]


@BOUNDED
@given(st.dates(date(1873, 1, 1), date(2099, 12, 31)))
def test_every_day_reads_back(day: date) -> None:
    texts = (day.isoformat(), f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日")
    assert {parse_date(text) for text in texts} == {day}
    assert {parse_year_month(text)[0] for text in (*texts, f"{day:%Y-%m}", f"{day:%Y%m}")} == {day.replace(day=1)}


@pytest.mark.parametrize("form", contracts())
@settings(max_examples=10, phases=BOUNDED.phases)
@given(st.data())
def test_a_typed_value_says_what_its_text_says(form: str, data: st.DataObject) -> None:
    contract = contracts()[form]
    texts = {column.id: data.draw(st.lists(CELL_TEXTS, min_size=4, max_size=4)) for column in contract.columns}
    rows = {"submission_id": "s", "row_number": range(1, 5), "sender_code": SENDER, "period": pd.Timestamp(2024, 5, 1)}
    cells = {column: [text.strip() for text in of_column] for column, of_column in texts.items()}
    columns = {column: Cells.of(of_column) for column, of_column in cells.items()}
    frame = normalise(pd.DataFrame(rows), columns, contract, codes(), senders(), SECRET).frame
    for column in contract.columns:
        for text, value, unread in zip(cells[column.id], frame[column.id], frame[f"{column.id}__unread"], strict=True):
            known = value if isinstance(value, (tuple, list)) or not pd.isna(value) else None
            plain = known.to_pydatetime() if isinstance(known, pd.Timestamp) else known
            assert known is None if unread else says(column, plain, text, SENDER, SECRET), (form, column.id)
