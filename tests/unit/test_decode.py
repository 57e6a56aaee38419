"""Encodings and kinds of file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.intake.decode import Decoded, decode, kind_of
from pipelines.intake.unreadable import Unreadable
from tests.factories.building import as_xlsx

TEXT = "受付番号,髙﨑①㈱~〜−\r\nあ,ｱ\r\n"


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("cp932", "cp932")],
)
def test_every_encoding_people_send(codec: str, encoding: str) -> None:
    text = TEXT.replace("〜−", "～－")  # what Windows writes for them
    decoded = decode(text.encode(codec))
    assert (decoded.text, decoded.encoding) == (text, encoding)


def test_big_endian_utf16() -> None:
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be")).text == TEXT


@settings(deadline=None)
@given(
    st.text(st.characters(blacklist_categories=("Cs", "Cc", "Co", "Cn")), min_size=1).filter(
        lambda t: "\ufffd" not in t
    )
)
def test_utf8_and_utf16_come_back(text: str) -> None:
    for codec in ("utf-8-sig", "utf-16"):
        assert decode(text.encode(codec)).text == text


@settings(deadline=None)
@given(st.text(st.sampled_from("相談受付年月髙﨑①㈱ｱｲｳ,;ABC012\n"), min_size=1))
def test_cp932_comes_back(text: str) -> None:
    table = f"受付番号,受付年月\n{text}"  # a few characters alone may be valid UTF-8 as well
    assert decode(table.encode("cp932")) == Decoded(table, "cp932")


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_text_or_unreadable(data: bytes) -> None:
    try:
        assert "\x00" not in decode(data).text
    except Unreadable:
        return


def test_content_is_believed_before_the_name() -> None:
    assert kind_of("a.xlsx", TEXT.encode()) == "csv"
    assert kind_of("a.csv", as_xlsx({"s": [["a"]]})) == "xlsx"
    assert kind_of("A.TSV", TEXT.encode("utf-16")) == "csv"
    assert kind_of("a.csv", b"PK,1\r\n") == "csv"
