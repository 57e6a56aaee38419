"""A receipt as a workbook for people: 概要, エラー一覧, 原本行. The same receipt gives the same bytes.

Every cell is written as text, so nothing that begins like a formula can be one. What is said is `receipt_view.py`'s.
Thousands of receipts differ in their rows alone: all around them is made once, by xlsxwriter, the rows are written here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

import xlsxwriter

from pipelines.intake.receipt_view import Receipt, entries, overview

OVERVIEW, ENTRIES, ORIGINALS = "概要", "エラー一覧", "原本行"
"""The sheets, in order."""

_MADE = datetime(2024, 4, 1)  # noqa: DTZ001 - xlsxwriter takes it as UTC; any fixed moment keeps the bytes the same
# Bound to no theme: the theme's own fonts have no Japanese.
_FONT = {"font_name": "游ゴシック", "font_size": 11, "font_family": 3, "font_charset": 128, "font_scheme": "none"}
_PLAIN, _HEADING, _TEXT = range(3)  # xlsxwriter numbers formats in the order of their first use
_WIDEST = 40
_ABOUT_ORIGINALS = (
    "受け付けなかった行のうち、誤りのなかったセルだけを載せています。〔番号〕は番号が書かれていたセル"
    "(番号は保存しません)、〔誤り〕は誤りに関わるセルです。直す所は「エラー一覧」をご覧ください。"
)
_COMMENT_WIDTH, _COMMENT_INSET, _COLUMN = 360, 15, 64  # pixels; the last is a column nobody set the width of

# What a frame has where the columns and rows of a sheet go, what would tell their number, and where its comment ends.
_SHEET = re.compile("<cols>.*</sheetData>")
_SIZE = re.compile("<dimension [^>]*/>")
_COMMENT_END = re.compile(f"(?<=<x:Anchor>1, {_COMMENT_INSET}, 0, 2, )[0-9]+, [0-9]+")
_NOT_PLAIN = re.compile("[&<>\x00-\x08\x0b-\x1f]|_x")
# Characters XML has none for are written by their numbers, and so is what looks like one so written.
_BY_NUMBER = re.compile("[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")

Line = Sequence[str]
Part = tuple[str, bytes]
"""A file of the workbook: its name and what it holds."""


@dataclass(frozen=True)
class _Frame:
    """A workbook without rows. `sheets`: each part's name, and what stands before and after its columns and rows."""

    others: tuple[Part, ...]
    sheets: tuple[tuple[str, str, str], ...]
    drawing: tuple[str, str] | None


def workbook(receipt: Receipt) -> bytes:
    """The receipt's workbook."""
    rows = receipt.get("original_rows", [])
    frame = _frame(has_comment=bool(rows))
    listed = [
        (entry.kind, "" if entry.row is None else str(entry.row), entry.place, entry.found, entry.message)
        for entry in entries(receipt)
    ]
    told = _sheet(frame.sheets[0], ("項目", "内容"), (20, 90), overview(receipt))
    names = ("種類", "行番号", "列", "書かれていたもの", "内容と直し方")
    entered = _sheet(frame.sheets[1], names, (16, 8, 28, 18, 90), listed)
    if rows:
        return _archive(frame.others, [told, entered, *_originals(frame, receipt["original_columns"], rows)])
    nothing = receipt.get("original_rows_note") or "載せる行はありません。"
    no_row = _sheet(frame.sheets[2], (ORIGINALS,), (90,), ((nothing,),))
    if listed:
        return _archive((*frame.others, no_row), [told, entered])
    return _archive((*frame.others, entered, no_row), [told])


def _originals(frame: _Frame, columns: Line, rows: Sequence[Mapping[str, Any]]) -> tuple[Part, Part]:
    """The sheet of rejected rows, and what draws its comment."""
    names = ("行番号", *columns)
    lines = [(str(row["row"]), *row["cells"]) for row in rows]
    widths = [
        min(_WIDEST, max(8, *(_width(cell) + 2 for cell in column))) for column in zip(names, *lines, strict=True)
    ]
    # Printed and read without hovering too: the comment stands below the rows as well.
    return _sheet(frame.sheets[2], names, widths, lines, below=_ABOUT_ORIGINALS), _drawing(frame, widths)


def _archive(shared: tuple[Part, ...], own: Iterable[Part]) -> bytes:
    """The parts many receipts share, packed once, then those of this one."""
    stream = io.BytesIO(_packed(shared))
    with zipfile.ZipFile(stream, "a") as book:
        _pack(book, own, level=1)  # quickly: it is done for every receipt, and all are small
    return stream.getvalue()


@lru_cache(maxsize=16)
def _packed(parts: tuple[Part, ...]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as book:
        _pack(book, parts, level=9)
    return stream.getvalue()


def _pack(book: zipfile.ZipFile, parts: Iterable[Part], *, level: int) -> None:
    """Every part with the zip calendar's first day, so that the same parts give the same bytes."""
    for name, content in parts:
        book.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, level)


def _sheet(
    frame: tuple[str, str, str], names: Line, widths: Sequence[int], lines: Sequence[Line], below: str = ""
) -> Part:
    """A sheet with a header, text below it, and maybe one more line after a gap, from the second column on."""
    name, before, after = frame
    columns = (
        f'<col min="{at}" max="{at}" width="{width}.7109375" customWidth="1"/>' for at, width in enumerate(widths, 1)
    )
    rows = [_row(1, names, _HEADING), *(_row(number, line, _TEXT) for number, line in enumerate(lines, 2))]
    if below:
        rows.append(_row(len(lines) + 3, ("", below), _PLAIN))
    xml = f"{before}<cols>{''.join(columns)}</cols><sheetData>{''.join(rows)}</sheetData>{after}"
    return name, xml.encode()


def _row(number: int, line: Line, style: int) -> str:
    """Its cells stand side by side from the first column on, so that none has to say where it stands."""
    return f'<row r="{number}">{"".join([_cell(text, style) for text in line])}</row>'


@lru_cache(maxsize=8192)
def _cell(text: str, style: int) -> str:
    if not text:
        return f'<c s="{style}"/>'
    if _NOT_PLAIN.search(text):
        text = _BY_NUMBER.sub(lambda found: f"_x{ord(found[0]):04X}_", escape(text))
    space = "" if text == text.strip() else ' xml:space="preserve"'
    return f'<c s="{style}" t="inlineStr"><is><t{space}>{text}</t></is></c>'


@cache
def _frame(*, has_comment: bool) -> _Frame:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "default_format_properties": _FONT})
    book.set_properties({"title": "受付票", "author": "Kasane", "created": _MADE})
    heading = book.add_format(
        {"bold": True, "border": 1, "valign": "vcenter", "text_wrap": True, "bg_color": "#D9E2F0"}
    )
    text = book.add_format({"valign": "top", "text_wrap": True, "num_format": "@"})
    for name in (OVERVIEW, ENTRIES, ORIGINALS):
        sheet = book.add_worksheet(name)
        sheet.set_column(0, 0, 8)
        sheet.write_blank(0, 0, None, heading)
        sheet.write_blank(1, 0, None, text)
        sheet.freeze_panes(1, 0)  # a header that stays in sight
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        if has_comment and name == ORIGINALS:
            look = {"width": _COMMENT_WIDTH, "height": 130, "font_name": _FONT["font_name"]}
            sheet.write_comment(0, 0, _ABOUT_ORIGINALS, look)
    book.close()
    with zipfile.ZipFile(stream) as made:
        contents = {name: made.read(name) for name in made.namelist()}
    sheets = sorted(name for name in contents if name.startswith("xl/worksheets/sheet"))
    drawing = next((name for name in contents if name.endswith(".vml")), None)
    return _Frame(
        tuple(part for part in contents.items() if part[0] not in {*sheets, drawing}),
        tuple(_around_rows(name, contents[name].decode()) for name in sheets),
        (drawing, contents[drawing].decode()) if drawing else None,
    )


def _around_rows(name: str, xml: str) -> tuple[str, str, str]:
    before, after = _SHEET.split(_SIZE.sub("", xml))
    return name, before, after


def _drawing(frame: _Frame, widths: Sequence[int]) -> Part:
    """The shape of the comment, as wide as it is to be over columns of these widths."""
    if frame.drawing is None:
        raise ValueError("only a frame with a comment draws one")
    name, shape = frame.drawing
    pixels = [width * 7 + 5 for width in widths]
    column, left = 1, _COMMENT_INSET + _COMMENT_WIDTH
    while left >= (width := pixels[column] if column < len(pixels) else _COLUMN):
        column, left = column + 1, left - width
    return name, _COMMENT_END.sub(f"{column}, {left}", shape).encode()


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in text)
