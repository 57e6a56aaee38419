"""Writes a contract's form as an Excel workbook: how to use it, the form itself, an example, its code lists.

The intake reads the sheet that has the form's name. The others are kept upright, one line a column, so that none of them
looks like a filled form, whatever is written there. What is said about one column belongs to `entry.py`.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from expectations import messages
from expectations.codes import CodeLists
from expectations.contract import Column, Contract, load_contracts
from expectations.dictionary import UNVERIFIED_JA
from expectations.suites import checks
from pipelines.settings import Settings
from pipelines.templates import entry
from pipelines.templates.example import full_row, keep_rules

START, EXAMPLE, CODE_TABLE = "はじめに", "記入例", "コード表"
"""The sheets beside the form."""
FORM_PROPERTY, VERSION_PROPERTY = "kasane_form", "kasane_contract_version"
"""Custom document properties: the form's id and the version of its contract."""

_MADE = datetime(2024, 4, 1)  # noqa: DTZ001 - xlsxwriter takes it as UTC; any fixed moment keeps the bytes the same
# Bound to no theme: the theme's own fonts have no Japanese.
_FONT = {"font_name": "游ゴシック", "font_size": 11, "font_family": 3, "font_charset": 128, "font_scheme": "none"}
_LAST_ROW = 1_048_575  # of any Excel sheet, from 0
_A4 = 9
_SAID_AS_CONDITIONS = frozenset({"required_iff", "required_when", "only_when", "only_value", "not_value", "single_row"})


def write_templates(settings: Settings, out: Path) -> int:
    """Write every contract's form into the folder; how many. Same contracts and code lists, same bytes."""
    lists = entry.load_lists(settings)
    out.mkdir(parents=True, exist_ok=True)
    contracts = load_contracts().values()
    for contract in contracts:
        name = f"{contract.label_ja}_様式_v{contract.version}.xlsx"
        (out / name).write_bytes(_Template(contract, lists).content())
    return len(contracts)


class _Template:
    """One workbook on its way."""

    def __init__(self, contract: Contract, lists: CodeLists) -> None:
        self._contract = contract
        self._lists = lists
        self._full = full_row(contract, lists)
        self._stream = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._stream, {"in_memory": True, "default_format_properties": {**_FONT}})
        upright = {"valign": "top", "text_wrap": True, "num_format": entry.AS_TEXT}
        heading = {"bold": True, "border": 1, "valign": "vcenter", "align": "center", "text_wrap": True}
        self._text = self._book.add_format(upright)
        self._title = self._book.add_format({"bold": True, "font_size": 16})
        self._heading = self._book.add_format(heading | {"bg_color": "#D9E2F0"})
        self._must = self._book.add_format(heading | {"bg_color": "#1F3A5F", "font_color": "#FFFFFF"})

    def content(self) -> bytes:
        """The workbook's bytes; once."""
        contract = self._contract
        self._book.set_properties({"title": contract.label_ja, "author": "Kasane", "created": _MADE})
        self._book.set_custom_property(FORM_PROPERTY, contract.form, "text")
        self._book.set_custom_property(VERSION_PROPERTY, contract.version, "text")
        start, form, example, table = map(self._book.add_worksheet, (START, contract.label_ja, EXAMPLE, CODE_TABLE))
        self._fill_start(start)
        self._fill_form(form, self._fill_code_table(table))
        self._fill_example(example)
        self._book.close()
        return self._stream.getvalue()

    def _fill_start(self, sheet: Worksheet) -> None:
        sheet.write_string(0, 0, "この様式の使い方", self._title)
        self._list(sheet, 2, ("項目", "内容"), (16, 90), _how_to_use(self._contract))

    def _fill_form(self, sheet: Worksheet, ranges: Mapping[str, str]) -> None:
        """The header and what Excel checks below it; the rows are the sender's."""
        for at, column in enumerate(self._contract.columns):
            sheet.write_string(0, at, column.label_ja, self._must if column.required else self._heading)
            cells = self._book.add_format({"num_format": entry.NUMBER_FORMATS[column.type]})
            sheet.set_column(at, at, max(14, min(30, _width(column.label_ja) + 4)), cells)
            comment = "\n".join(self._explained(column))
            height = 24 + 18 * sum(1 + _width(line) // 44 for line in comment.splitlines())
            sheet.write_comment(0, at, comment, {"width": 330, "height": height, "font_name": _FONT["font_name"]})
            check = entry.entry_check(column, xl_rowcol_to_cell(1, at), ranges.get(entry.list_name(column) or ""))
            if check:
                sheet.data_validation(1, at, _LAST_ROW, at, check)
        sheet.set_row(0, 36)
        text_as_meant = {"number_stored_as_text": xl_range(1, 0, _LAST_ROW, len(self._contract.columns) - 1)}
        sheet.ignore_errors(text_as_meant)
        _lay_out(sheet, header_row=0)

    def _explained(self, column: Column) -> list[str]:
        """What the note on a header says, a line each."""
        example = str(entry.written(column, self._full[column.id], self._lists))
        return [
            f"【{_need(column, self._conditions(column))}】{column.description_ja}",
            f"書き方: {entry.how_to_fill(column)}。",
            f"例: {example}",
            *self._conditions(column),
        ]

    def _fill_example(self, sheet: Worksheet) -> None:
        row = keep_rules(self._contract, self._full, self._lists)
        lines = [
            (
                column.label_ja,
                str(entry.written(column, row[column.id], self._lists)) or "(空欄)",
                _need(column, self._conditions(column)),
                "\n".join([f"{entry.how_to_fill(column)}。", *self._conditions(column)]),
                column.description_ja,
            )
            for column in self._contract.columns
        ]
        sheet.write_string(0, 0, "1行分の記入例(このシートは読み取りません)", self._title)
        self._list(sheet, 2, ("列の見出し", "例", "必須かどうか", "書き方", "説明"), (26, 30, 16, 60, 50), lines)

    def _fill_code_table(self, sheet: Worksheet) -> dict[str, str]:
        """Every list of the form below one another; where each list's labels stand, by list."""
        lines: list[tuple[str, ...]] = []
        ranges: dict[str, str] = {}
        users: dict[str, list[str]] = {}
        for column in self._contract.columns:
            if name := entry.list_name(column):
                users.setdefault(name, []).append(column.label_ja)
        header_row = 2
        for name, labels in users.items():
            first = header_row + 1 + len(lines)
            used_by = "・".join(labels)
            lines += [
                (used_by, code.code, code.label_ja, UNVERIFIED_JA if code.verified == "no" else "")
                for code in self._lists[name]
            ]
            ranges[name] = f"'{CODE_TABLE}'!{xl_range_abs(first, 2, header_row + len(lines), 2)}"
        sheet.write_string(0, 0, "選べるコードと名称" if lines else "この様式にコードの列はありません", self._title)
        if lines:
            self._list(sheet, header_row, ("使う列", "コード", "名称", "原本の確認"), (36, 22, 50, 14), lines)
        return ranges

    def _list(
        self,
        sheet: Worksheet,
        header_row: int,
        header: Sequence[str],
        widths: Sequence[int],
        lines: Iterable[Sequence[str]],
    ) -> None:
        for at, (label, width) in enumerate(zip(header, widths, strict=True)):
            sheet.set_column(at, at, width)
            sheet.write_string(header_row, at, label, self._heading)
        for row, line in enumerate(lines, start=header_row + 1):
            for at, text in enumerate(line):
                sheet.write_string(row, at, text, self._text)
        _lay_out(sheet, header_row)

    def _conditions(self, column: Column) -> list[str]:
        """When the column has to be filled or left empty, in the words in which the receipt would say so."""
        return [
            messages.row_message(check.rule, self._contract, column.id, check.params, self._lists)
            for check in checks(self._contract)
            if check.column == column.id and check.rule in _SAID_AS_CONDITIONS
        ]


def _lay_out(sheet: Worksheet, header_row: int) -> None:
    """On the screen the header stays; on paper it comes back on every A4 page, as wide as the sheet."""
    sheet.freeze_panes(header_row + 1, 0)
    sheet.repeat_rows(header_row)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")


def _need(column: Column, conditions: Sequence[str]) -> str:
    if column.required:
        return "必須"
    return "条件による" if conditions else "空欄でもよい"


def _how_to_use(contract: Contract) -> list[tuple[str, str]]:
    monthly, prefectural = contract.cadence == "monthly", contract.sender == "prefecture"
    sender = "県名" if prefectural else "市町村名"
    period, example = ("年月", "2024年5月") if monthly else ("年度", "2024年度")
    empty = (
        "1行以上が必要です。見出しだけのファイルは受け取れません。"
        if contract.kind == "statement"
        else f"見出しだけのまま提出してください。その{'月' if monthly else '年度'}は0件だったという報告として受け取ります。"
    )
    correction = (
        f"直した{contract.column(contract.accumulates_by).label_ja}の行を書いたファイルを出し直してください。その行だけを差し替えます。"
        if contract.accumulates_by
        else "すべての行を書いたファイルを出し直してください。前のファイルを丸ごと差し替えます。"
    )
    return [
        ("様式", contract.label_ja),
        ("目的", contract.purpose_ja),
        ("記入しないもの・限界", contract.limitations_ja),
        ("提出", f"{'県' if prefectural else '市町村'}が{'月' if monthly else '年度'}ごとに1つのファイルにします。"),
        ("ファイル名", f"{sender}_{contract.label_ja}_{period}.xlsx (例 {sender}_{contract.label_ja}_{example}.xlsx)"),
        ("書くところ", f"「{contract.label_ja}」シートの2行目から、1件を1行に書きます。"),
        ("シートと見出し", "シート名と見出しは変えないでください。列を足しても読み取りません。"),
        ("必須の列", "濃い色の見出しの列です。見出しにマウスを重ねると、書き方と例が出ます。"),
        ("空欄", "書くことがない欄は空欄のままにします。「-」や「N/A」も空欄として読みます。"),
        ("0件のとき", empty),
        ("個人情報", "氏名・住所・生年月日・電話番号・個人番号などは、番号の列も含めてどこにも書かないでください。"),
        ("見つかったとき", "個人情報が1つでもあるとファイル全体を受け取れません。その中身はどこにも残しません。"),
        ("直すとき", correction),
        ("版", contract.version),
    ]


def _width(text: str) -> int:
    """Half-width characters the text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "FWA" else 1 for character in text)
