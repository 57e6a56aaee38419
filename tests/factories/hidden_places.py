"""Workbooks that carry a text where few people look: hidden sheets and cells, notes, properties, names, drawings, caches.

Which texts must not be there is said in `personal_data.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from expectations.contract import Contract
from tests.factories.building import Grid, as_xlsx, good_rows, grid, rezipped

Build = Callable[[Contract, str], bytes]


def _book(contract: Contract, then: Callable[[xlsxwriter.Workbook, Worksheet], object]) -> bytes:
    sheets = {contract.label_ja: _cells(contract)}
    return as_xlsx(sheets, lambda book: then(book, book.worksheets()[0]))


def _cells(contract: Contract) -> Grid:
    return grid(contract, good_rows(contract))


def _in_cells(change: Callable[[Grid, str], Grid]) -> Build:
    return lambda contract, text: as_xlsx({contract.label_ja: change(_cells(contract), text)})


def _with(change: Callable[[xlsxwriter.Workbook, Worksheet, str], object]) -> Build:
    return lambda contract, text: _book(contract, lambda book, sheet: change(book, sheet, text))


def _part(name: str, template: str) -> Build:
    """A part that the writer of these files does not make, as Excel would leave it."""

    def build(contract: Contract, text: str) -> bytes:
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        part = '<?xml version="1.0" encoding="UTF-8"?>\n' + template.format(escaped)
        return rezipped(
            as_xlsx({contract.label_ja: _cells(contract)}), lambda parts: parts.update({name: part.encode()})
        )

    return build


def _hidden_sheet(book: xlsxwriter.Workbook, sheet: Worksheet, text: str) -> None:
    other = book.add_worksheet("控え")
    other.write_string(40, 5, text)
    other.hide()


def _very_hidden_sheet(book: xlsxwriter.Workbook, sheet: Worksheet, text: str) -> None:
    other = book.add_worksheet("控え")
    other.write_string(0, 0, text)
    other.very_hidden()


def _hidden_row(book: xlsxwriter.Workbook, sheet: Worksheet, text: str) -> None:
    sheet.write_string(9, 60, text)
    sheet.set_row(9, None, None, {"hidden": True})


def _hidden_column(book: xlsxwriter.Workbook, sheet: Worksheet, text: str) -> None:
    sheet.write_string(1, 60, text)
    sheet.set_column(60, 60, None, None, {"hidden": True})


def _white_on_white(book: xlsxwriter.Workbook, sheet: Worksheet, text: str) -> None:
    sheet.write_string(1, 60, text, book.add_format({"font_color": "#FFFFFF"}))


def _bold_in_the_middle(book: xlsxwriter.Workbook, sheet: Worksheet, text: str) -> None:
    bold = book.add_format({"bold": True})
    sheet.write_rich_string(1, 60, text[:5], bold, text[5:])


def _chart_title(book: xlsxwriter.Workbook, sheet: Worksheet, text: str) -> None:
    chart = book.add_chart({"type": "column"})
    assert chart is not None
    chart.add_series({"values": [sheet.get_name(), 1, 0, 2, 0]})
    chart.set_title({"name": text})
    sheet.insert_chart("H9", chart)


def _alternative_text(book: xlsxwriter.Workbook, sheet: Worksheet, text: str) -> None:
    sheet.insert_textbox("H9", "図", {"description": text})


def _properties(name: str) -> Build:
    return _with(lambda book, sheet, text: book.set_properties({name: text}))


def _validation(name: str) -> Build:
    rule = {"validate": "list", "source": ["有", "無"]}
    return _with(lambda book, sheet, text: sheet.data_validation("H2", {**rule, name: text[:32]}))


PLACES: Mapping[str, Build] = MappingProxyType(
    {
        "a title row": _in_cells(lambda cells, text: [["提出票", text], *cells]),
        "the row of totals": _in_cells(lambda cells, text: [*cells, ["合計", text]]),
        "an unknown column": _in_cells(lambda cells, text: [[*cells[0], "参考"], [*cells[1], text], *cells[2:]]),
        "a cell far to the right": _in_cells(
            lambda cells, text: [cells[0], [*cells[1], *[""] * 200, text], *cells[2:]]
        ),
        "a sheet of notes": lambda contract, text: as_xlsx({contract.label_ja: _cells(contract), "控え": [["", text]]}),
        "a hidden sheet": _with(_hidden_sheet),
        "a very hidden sheet": _with(_very_hidden_sheet),
        "a hidden row": _with(_hidden_row),
        "a hidden column": _with(_hidden_column),
        "white letters": _with(_white_on_white),
        "letters partly bold": _with(_bold_in_the_middle),
        "a formula": _with(lambda book, sheet, text: sheet.write_formula(1, 60, f'=LEN("{text}")', None, 12)),
        "a comment": _with(lambda book, sheet, text: sheet.write_comment("B2", f"確認 {text} まで")),
        "a comment's author": _with(lambda book, sheet, text: sheet.write_comment("B2", "確認", {"author": text})),
        "a hyperlink": _with(
            lambda book, sheet, text: sheet.write_url("H2", f"https://kasane.example/?q={text}", None, "x")
        ),
        "a hyperlink's tip": _with(
            lambda book, sheet, text: sheet.write_url("H2", "https://kasane.example", None, "x", text)
        ),
        "an input prompt": _validation("input_message"),
        "an input error": _validation("error_title"),
        "a page header": _with(lambda book, sheet, text: sheet.set_header(f'&L&"ＭＳ ゴシック,標準"&11{text}&R&P')),
        "a page footer": _with(lambda book, sheet, text: sheet.set_footer(f"&C{text}")),
        "a text box": _with(lambda book, sheet, text: sheet.insert_textbox("H9", text)),
        "a picture's description": _with(_alternative_text),
        "a chart's title": _with(_chart_title),
        "the title of the book": _properties("title"),
        "the author of the book": _properties("author"),
        "the keywords of the book": _properties("keywords"),
        "the comments on the book": _properties("comments"),
        "the company": _properties("company"),
        "the manager": _properties("manager"),
        "a property of one's own": _with(lambda book, sheet, text: book.set_custom_property("控え", text)),
        "a defined name": _with(lambda book, sheet, text: book.define_name("控え", f'="{text}"')),
        "a conversation": _part(
            "xl/threadedComments/threadedComment1.xml",
            '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
            '<threadedComment ref="B2"><text>{}</text></threadedComment></ThreadedComments>',
        ),
        "a pivot table's memory": _part(
            "xl/pivotCache/pivotCacheRecords1.xml",
            '<pivotCacheRecords xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1">'
            '<r><s v="{}"/></r></pivotCacheRecords>',
        ),
        "another book's memory": _part(
            "xl/externalLinks/externalLink1.xml",
            '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook><sheetDataSet>'
            '<sheetData sheetId="0"><row r="1"><cell r="A1" t="str"><v>{}</v></cell></row></sheetData>'
            "</sheetDataSet></externalBook></externalLink>",
        ),
        "a custom part": _part("customXml/item1.xml", "<memo>{}</memo>"),
        "an old drawing": _part("xl/drawings/vmlDrawing9.vml", "<xml><v:textbox><br><font>{}</font></v:textbox></xml>"),
    }
)
