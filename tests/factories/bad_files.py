"""Files as they must not arrive, each with the fault it carries and what the readers must make of it.

Built from the contracts: no label or code is repeated here. Good files for contrast come from the same builders.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import xlsxwriter

from expectations.codes import CodeLists, load_code_lists
from expectations.contract import Contract, load_contracts
from pipelines.intake.naming import Senders

Grid = list[list[str]]
Outcome = Literal[
    "unreadable",  # detail: the reason code
    "unknown_name",  # detail: the field of NameReading that stays None
    "missing_column",  # detail: the column's id
    "short_row",  # detail: nothing
    "unread_cell",  # detail: the column's id
    "personal_data",  # detail: the kind
]

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
PERIOD = date(2024, 5, 1)
SENDER = "112011"


@dataclass(frozen=True)
class BadFile:
    """A file with one fault; `form` is the form it means to be."""

    fault: str
    form: str
    file_name: str
    data: bytes
    outcome: Outcome
    detail: str


def contracts() -> Mapping[str, Contract]:
    """The project's own contracts."""
    return load_contracts()


def codes() -> CodeLists:
    """The project's own code lists."""
    return load_code_lists(REFERENCE / "codes.csv", REFERENCE / "grant_components.csv")


def senders() -> Senders:
    """The municipalities of the project's own reference."""
    with (REFERENCE / "municipalities.csv").open(encoding="utf-8", newline="") as stream:
        return Senders(csv.DictReader(stream), "110001", "埼玉県")


def good_row(contract: Contract, number: int = 1) -> dict[str, str]:
    """A row every reader understands, by column id: required columns filled, the others blank."""
    values = {
        "identifier": f"R6-{number:04d}",
        "municipality": SENDER,
        "year_month": "2024-05",
        "date": "2024-05-10",
        "fiscal_year": "2024",
        "flag": "0",
        "integer": "1",
        "yen": "1000",
    }
    return {
        column.id: (values.get(column.type) or codes()[column.code_list or ""][0].code) if column.required else ""
        for column in contract.columns
    }


def grid(contract: Contract, rows: Iterable[Mapping[str, str]]) -> Grid:
    """The header of Japanese labels and the rows under it."""
    return [[column.label_ja for column in contract.columns], *([row[c.id] for c in contract.columns] for row in rows)]


def as_csv(cells: Grid, *, encoding: str = "utf-8", delimiter: str = ",", line_end: str = "\r\n") -> bytes:
    """The cells as a CSV file's bytes."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=line_end).writerows(cells)
    return stream.getvalue().encode(encoding)


def as_xlsx(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """The cells as a workbook's bytes, one sheet a key; texts beginning with `=` become formulas without a result."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "default_date_format": "yyyy/m/d"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, str) and value.startswith("="):
                        sheet.write_formula(at, column, value, None, "#REF!" if "#REF!" in value else "")  # pyright: ignore[reportArgumentType]
                    else:
                        sheet.write(at, column, value)
    return stream.getvalue()


def rezipped(data: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The workbook with its parts changed, and a sound archive again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def bad_files() -> list[BadFile]:
    """Every bad file, in the order a sender would meet the faults: file, name, header, rows, personal data."""
    return [*_unreadable(), *_misnamed(), *_misshapen(), *_wrong_cells(), *_personal()]


def _consultations(**changes: str) -> Grid:
    contract = contracts()["consultation"]
    rows = [good_row(contract, number) for number in range(1, 5)]
    rows[1] |= changes
    return grid(contract, rows)


def _name(ending: str = "csv") -> str:
    return f"{SENDER}_consultation_2024-05.{ending}"


def _unreadable() -> list[BadFile]:
    csv_bytes = as_csv(_consultations())
    book = as_xlsx({"Sheet1": _consultations()})
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
    other_zip = rezipped(book, _only_a_memo)
    part = "xl/worksheets/sheet1.xml"
    faults: list[tuple[str, str, bytes, str]] = [
        ("no bytes", "csv", b"", "empty_file"),
        ("only line breaks", "csv", b"\xef\xbb\xbf\r\n\r\n", "empty_file"),
        ("only separators", "csv", b",,,\r\n,,,\r\n", "empty_file"),
        ("workbook without cells", "xlsx", as_xlsx({"Sheet1": []}), "empty_file"),
        ("only NUL bytes", "csv", bytes(300), "nul_bytes"),
        ("NUL byte inside", "csv", csv_bytes[:200] + b"\x00" + csv_bytes[200:], "nul_bytes"),
        ("UTF-16 without a mark", "csv", as_csv(_consultations(), encoding="utf-16-le"), "nul_bytes"),
        ("UTF-32", "csv", as_csv(_consultations(), encoding="utf-32"), "nul_bytes"),
        ("EUC-JP", "csv", as_csv(_consultations(), encoding="euc-jp"), "undecodable"),
        ("control characters", "csv", b"\x01\x02" + csv_bytes, "not_text"),
        ("UTF-8 cut inside a character", "csv", "受付番号,受付年月".encode()[:-1], "cut_off"),
        ("CP932 cut inside a character", "csv", "受付番号,受付年月".encode("cp932")[:-1], "cut_off"),
        ("UTF-16 cut inside a character", "csv", as_csv(_consultations(), encoding="utf-16")[:-1], "cut_off"),
        ("cut inside quotes", "csv", csv_bytes + b'"R6-00', "cut_off"),
        ("quotes not doubled", "csv", csv_bytes + b'"a"b",x\r\n', "broken_quotes"),
        ("old Excel", "xls", ole + "Workbook".encode("utf-16-le"), "xls"),
        ("old Excel called .xlsx", "xlsx", ole + "Workbook".encode("utf-16-le"), "xls"),
        ("old Word", "doc", ole + "WordDocument".encode("utf-16-le"), "unsupported_kind"),
        ("workbook with a password", "xlsx", ole + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("workbook with macros", "xlsx", rezipped(book, lambda p: p.update({"xl/vbaProject.bin": b"x"})), "macro"),
        ("workbook made for macros", "xlsm", book, "macro"),
        ("zip", "zip", other_zip, "zip"),
        ("zip called .xlsx", "xlsx", other_zip, "zip"),
        ("Word", "docx", rezipped(book, lambda p: p.pop("xl/workbook.xml")), "unsupported_kind"),
        ("workbook cut in the middle", "xlsx", book[: len(book) // 2], "broken_workbook"),
        ("workbook with a flipped byte", "xlsx", _flipped(book), "broken_workbook"),
        (
            "workbook with broken XML",
            "xlsx",
            rezipped(book, lambda p: p.update({part: p[part][:300]})),
            "broken_workbook",
        ),
        ("zip bomb", "xlsx", rezipped(book, lambda p: p.update({"xl/a.xml": bytes(30_000_000)})), "unpacked_too_large"),
        ("two cells far apart", "xlsx", rezipped(book, _far_apart), "unpacked_too_large"),
        ("texts announced, not there", "xlsx", rezipped(book, _announcing), "broken_workbook"),
        ("PDF", "pdf", b"%PDF-1.7 ...", "pdf"),
        ("PDF called .csv", "csv", b"%PDF-1.7 ...", "pdf"),
        ("picture", "csv", b"\x89PNG\r\n\x1a\n" + bytes(20), "unsupported_kind"),
        ("web page called .csv", "csv", b"<html><table><tr><td>1</td></tr></table></html>", "unsupported_kind"),
        ("text in a .txt", "txt", csv_bytes, "unsupported_kind"),
    ]
    return [BadFile(fault, "consultation", _name(end), data, "unreadable", why) for fault, end, data, why in faults]


def _flipped(book: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        at = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 120
    return book[:at] + bytes([book[at] ^ 0xFF]) + book[at + 1 :]


def _only_a_memo(parts: dict[str, bytes]) -> None:
    parts.clear()
    parts["memo.txt"] = b"x"


def _far_apart(parts: dict[str, bytes]) -> None:
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b'r="A2"', b'r="XFD1048576"', 1)


def _announcing(parts: dict[str, bytes]) -> None:
    name = "xl/sharedStrings.xml"
    parts[name] = parts[name].replace(b'uniqueCount="', b'uniqueCount="9999999', 1)


def _misnamed() -> list[BadFile]:
    data = as_csv(_consultations())
    faults = [
        ("unknown municipality", "横浜市_consultation_2024-05.csv", "sender_code"),
        ("wrong check digit", "112012_consultation_2024-05.csv", "sender_code"),
        ("no municipality", "consultation_2024-05.csv", "sender_code"),
        ("unknown form", f"{SENDER}_相談記録_2024-05.csv", "form"),
        ("month 13", f"{SENDER}_consultation_2024-13.csv", "period"),
        ("no period", f"{SENDER}_consultation.csv", "period"),
        ("a day instead of a month", f"{SENDER}_consultation_20240501.csv", "period"),
        ("a year without 年度", f"{SENDER}_setup_2024.csv", "period"),
        ("a month of no era", f"{SENDER}_consultation_平成35年5月.csv", "period"),
    ]
    return [BadFile(fault, "consultation", name, data, "unknown_name", field) for fault, name, field in faults]


def _misshapen() -> list[BadFile]:
    cells = _consultations()
    contract = contracts()["consultation"]
    gone = next(index for index, column in enumerate(contract.columns) if column.id == "age_band")
    without = [[*row[:gone], *row[gone + 1 :]] for row in cells]
    renamed = [[*cells[0][:gone], "歳の区分", *cells[0][gone + 1 :]], *cells[1:]]
    cut = as_csv([*cells, cells[-1][:5]]).rstrip(b"\r\n")
    comma = as_csv(cells) + (",".join(cells[-1]) + ",234\r\n").encode()
    return [
        BadFile("a required column left out", "consultation", _name(), as_csv(without), "missing_column", "age_band"),
        BadFile("a required column renamed", "consultation", _name(), as_csv(renamed), "missing_column", "age_band"),
        BadFile("cut inside the last row", "consultation", _name(), cut, "short_row", ""),
        BadFile("a comma without quotes", "consultation", _name(), comma, "short_row", ""),
    ]


def _wrong_cells() -> list[BadFile]:
    consultation = [
        ("a month that is none", "received_ym", "2024-13"),
        ("a month of an era that had ended", "received_ym", "平成35年5月"),
        ("a month with two readings", "received_ym", "2024.1"),
        ("a day that is none", "received_ym", "令和6年2月30日"),
        ("no date at all", "received_ym", "五月"),
        ("an unknown code", "age_band", "100-120"),
        ("two codes where one is due", "age_band", "00-17;18-29"),
        ("an unknown code in a list", "issue_flags", "01;77"),
        ("a flag that is none", "is_complex", "たぶん"),
        ("a number with spaces", "consultation_no", "R6 0001"),
        ("a number too long", "consultation_no", "A" * 33),
    ]
    files = [
        BadFile(fault, "consultation", _name(), as_csv(_consultations(**{column: text})), "unread_cell", column)
        for fault, column, text in consultation
    ]
    files += [
        BadFile(
            fault,
            "consultation",
            _name("xlsx"),
            as_xlsx({"s": _consultations(age_band=text)}),
            "unread_cell",
            "age_band",
        )
        for fault, text in (("an Excel error", "=#REF!"), ("a formula nobody calculated", "=A1"))
    ]
    grant = [
        ("yen with a fraction", "total_cost", "1234.5"),
        ("commas out of place", "total_cost", "12,34"),
        ("a unit of its own", "total_cost", "3億円"),
        ("words for an amount", "total_cost", "約100円"),
        ("another prefecture's town", "municipality_code", "横浜市"),
        ("the prefecture as a municipality", "municipality_code", "110001"),
    ]
    contract = contracts()["grant"]
    name = "110001_grant_FY2024.csv"
    return files + [
        BadFile(
            fault, "grant", name, as_csv(grid(contract, [good_row(contract) | {column: text}])), "unread_cell", column
        )
        for fault, column, text in grant
    ]


def _personal() -> list[BadFile]:
    values = [
        ("a telephone number", "gap_reason", "048-123-4567", "phone"),
        ("a mobile number in full width", "gap_reason", "０９０－１２３４－５６７８", "phone"),
        ("a number from abroad", "gap_reason", "+81 90 1234 5678", "phone"),
        ("an e-mail address", "gap_reason", "taro@example.jp", "email"),
        ("a 個人番号", "gap_reason", "123456789018", "my_number"),
        ("an address", "gap_reason", "〒330-9301 埼玉県さいたま市浦和区高砂", "postal_address"),
        ("a name for a number", "consultation_no", "山田 太郎", "name_in_identifier"),
        ("digits for a number", "consultation_no", "1234567890", "long_digits_identifier"),
        ("a birth month", "received_ym", "昭和45年3月", "birth_month"),
        ("a birthday elsewhere", "gap_reason", "1970/3/14", "birth_month"),
    ]
    files = [
        BadFile(fault, "consultation", _name(), as_csv(_consultations(**{column: text})), "personal_data", kind)
        for fault, column, text, kind in values
    ]
    for title in ("氏名", "ｼﾒｲ(ﾌﾘｶﾞﾅ)", "ふりがな", "メ　ー　ル", "Full Name", "phoneNumber", "備\n考"):
        cells = [[*row, title if at == 0 else ""] for at, row in enumerate(_consultations())]
        fault = f"a column called {title!r}"
        files.append(BadFile(fault, "consultation", _name(), as_csv(cells), "personal_data", "forbidden_column"))
    title_row = [["担当 048-123-4567"], *_consultations()]
    files.append(BadFile("a number in a title", "consultation", _name(), as_csv(title_row), "personal_data", "phone"))
    return files
