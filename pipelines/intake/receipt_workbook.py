"""A receipt as a workbook for people: 概要, エラー一覧, 原本行. The same receipt gives the same bytes.

Every cell is written as text, so nothing that begins like a formula can be one. What is said is `receipt_view.py`'s.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipelines.intake.receipt_view import Receipt, entries, overview

OVERVIEW, ENTRIES, ORIGINALS = "概要", "エラー一覧", "原本行"
"""The sheets, in order."""

_MADE = datetime(2024, 4, 1)  # noqa: DTZ001 - xlsxwriter takes it as UTC; any fixed moment keeps the bytes the same
# Bound to no theme: the theme's own fonts have no Japanese.
_FONT = {"font_name": "游ゴシック", "font_size": 11, "font_family": 3, "font_charset": 128, "font_scheme": "none"}
_WIDEST = 40
_TEXTS = "xl/sharedStrings.xml"  # where a workbook keeps the texts of its cells
_ABOUT_ORIGINALS = (
    "受け付けなかった行のうち、誤りのなかったセルだけを載せています。〔番号〕は番号が書かれていたセル"
    "(番号は保存しません)、〔誤り〕は誤りに関わるセルです。直す所は「エラー一覧」をご覧ください。"
)


def workbook(receipt: Receipt) -> bytes:
    """The receipt's workbook.

    Nearly all receipts have nothing to list. Their workbooks differ in a few texts only, so these are added to a copy
    packed once: thousands of files would otherwise cost three milliseconds each.
    """
    if entries(receipt) or receipt.get("original_rows"):
        return _workbook(receipt, overview(receipt))
    names, values = zip(*overview(receipt), strict=True)
    blank, texts = _blank(names, receipt.get("original_rows_note"))
    for at, value in enumerate(values):
        texts = texts.replace(_placeholder(at), escape(value).encode())
    stream = io.BytesIO(blank)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo(_TEXTS), texts, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


@lru_cache(maxsize=64)
def _blank(names: tuple[str, ...], note: str | None) -> tuple[bytes, bytes]:
    """A workbook that lists nothing, without its texts, and the texts with a placeholder for each value of the overview."""
    lines = [(name, _placeholder(at).decode()) for at, name in enumerate(names)]
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_workbook({"original_rows_note": note}, lines))) as made,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for part in made.infolist():
            if part.filename != _TEXTS:
                archive.writestr(part, made.read(part))
        texts = made.read(_TEXTS)
    return stream.getvalue(), texts


def _placeholder(at: int) -> bytes:
    return f"\ue000{at}\ue001".encode()


def _workbook(receipt: Receipt, told: Sequence[tuple[str, str]]) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "default_format_properties": _FONT})
    book.set_properties({"title": "受付票", "author": "Kasane", "created": _MADE})
    heading = book.add_format(
        {"bold": True, "border": 1, "valign": "vcenter", "text_wrap": True, "bg_color": "#D9E2F0"}
    )
    text = book.add_format({"valign": "top", "text_wrap": True, "num_format": "@"})
    _lay_out(book.add_worksheet(OVERVIEW), ("項目", "内容"), (20, 90), told, heading, text)
    _lay_out(
        book.add_worksheet(ENTRIES),
        ("種類", "行番号", "列", "書かれていたもの", "内容と直し方"),
        (16, 8, 28, 18, 90),
        (
            (entry.kind, "" if entry.row is None else str(entry.row), entry.place, entry.found, entry.message)
            for entry in entries(receipt)
        ),
        heading,
        text,
    )
    _fill_originals(book.add_worksheet(ORIGINALS), receipt, heading, text)
    book.close()
    return stream.getvalue()


def _fill_originals(sheet: Worksheet, receipt: Receipt, heading: Format, text: Format) -> None:
    rows = receipt.get("original_rows", [])
    if not rows:
        nothing = receipt.get("original_rows_note") or "載せる行はありません。"
        _lay_out(sheet, (ORIGINALS,), (90,), [(nothing,)], heading, text)
        return
    names = ("行番号", *receipt["original_columns"])
    lines = [(str(row["row"]), *row["cells"]) for row in rows]
    widths = [min(_WIDEST, max(8, *(_width(line[at]) + 2 for line in (names, *lines)))) for at in range(len(names))]
    _lay_out(sheet, names, widths, lines, heading, text)
    sheet.write_comment(0, 0, _ABOUT_ORIGINALS, {"width": 360, "height": 130, "font_name": _FONT["font_name"]})
    # Printed and read without hovering too: the note stands below the rows as well.
    sheet.write_string(len(lines) + 2, 1, _ABOUT_ORIGINALS)


def _lay_out(
    sheet: Worksheet,
    names: Sequence[str],
    widths: Sequence[int],
    lines: Iterable[Sequence[str]],
    heading: Format,
    text: Format,
) -> None:
    """A header that stays in sight, and wrapped text below it."""
    for at, (name, width) in enumerate(zip(names, widths, strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, name, heading)
    for row, line in enumerate(lines, start=1):
        for at, cell in enumerate(line):
            sheet.write_string(row, at, cell, text)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in text)
