"""Files that are no tables at all, or none that may be opened: wrong kinds, broken bytes, workbooks made to do harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from tests.factories.building import BadFile, as_csv, as_xlsx, changed, contracts, name_of, rezipped

_SHEET, _TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
_LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def unreadable_files() -> list[BadFile]:
    """Files that are returned unread; `code` is the reason."""
    contract = contracts()["consultation"]
    return [
        BadFile(fault, contract.form, name_of(contract, ending), data, "returned", reason)
        for fault, ending, data, reason in (*_texts(), *_workbooks(), *_other_kinds(), *_beyond_limits())
    ]


def _cells() -> list[list[str]]:
    return changed(contracts()["consultation"])


def _texts() -> list[tuple[str, str, bytes, str]]:
    data = as_csv(_cells())
    return [
        ("no bytes", "csv", b"", "empty_file"),
        ("only line breaks", "csv", b"\xef\xbb\xbf\r\n\r\n", "empty_file"),
        ("only separators", "csv", b",,,\r\n,,,\r\n", "empty_file"),
        ("only NUL bytes", "csv", bytes(300), "nul_bytes"),
        ("NUL byte inside", "csv", data[:200] + b"\x00" + data[200:], "nul_bytes"),
        ("NUL bytes at the end", "csv", data + bytes(512), "nul_bytes"),
        ("UTF-16 without a mark", "csv", as_csv(_cells(), encoding="utf-16-le"), "nul_bytes"),
        ("UTF-32", "csv", as_csv(_cells(), encoding="utf-32"), "nul_bytes"),
        ("EUC-JP", "csv", as_csv(_cells(), encoding="euc-jp"), "undecodable"),
        ("ISO-2022-JP", "csv", as_csv(_cells(), encoding="iso2022-jp"), "not_text"),
        ("control characters", "csv", b"\x01\x02" + data, "not_text"),
        ("UTF-8 cut inside a character", "csv", "受付番号,受付年月".encode()[:-1], "cut_off"),
        ("CP932 cut inside a character", "csv", "受付番号,受付年月".encode("cp932")[:-1], "cut_off"),
        ("UTF-16 cut inside a character", "csv", as_csv(_cells(), encoding="utf-16")[:-1], "cut_off"),
        ("cut inside quotes", "csv", data + b'"R6-00', "cut_off"),
        ("quotes not doubled", "csv", data + b'"a"b",x\r\n', "broken_quotes"),
    ]


def _workbooks() -> list[tuple[str, str, bytes, str]]:
    book = as_xlsx({"Sheet1": _cells()})
    made: list[tuple[str, Callable[[dict[str, bytes]], object], str]] = [
        ("workbook with macros", lambda parts: parts.update({"xl/vbaProject.bin": b"x"}), "macro"),
        ("workbook with an old macro sheet", lambda parts: parts.update({"xl/macrosheets/s.xml": b"x"}), "macro"),
        ("workbook with broken XML", lambda parts: parts.update({_SHEET: parts[_SHEET][:300]}), "broken_workbook"),
        (
            "workbook with broken properties",
            lambda parts: parts.update({"docProps/core.xml": b"<a>"}),
            "broken_workbook",
        ),
        ("entities in the texts", _entities(_TEXTS), "broken_workbook"),
        ("entities in a sheet", _entities(_SHEET), "broken_workbook"),
        ("entities in the book", _entities("xl/workbook.xml"), "broken_workbook"),
        ("entities in a property", _entities("docProps/core.xml"), "broken_workbook"),
        ("a sheet in UTF-16", _in_utf16, "broken_workbook"),
        ("zip bomb", lambda parts: parts.update({"xl/a.xml": bytes(30_000_000)}), "unpacked_too_large"),
        ("two cells far apart", _far_apart, "unpacked_too_large"),
        ("texts announced, not there", _announcing, "broken_workbook"),
        ("a sheet that is not there", lambda parts: parts.pop(_SHEET), "broken_workbook"),
        ("no list of sheets", lambda parts: parts.pop("xl/_rels/workbook.xml.rels"), "broken_workbook"),
        ("Word", lambda parts: parts.pop("xl/workbook.xml"), "unsupported_kind"),
    ]
    return [
        ("workbook without cells", "xlsx", as_xlsx({"Sheet1": []}), "empty_file"),
        ("workbook made for macros", "xlsm", book, "macro"),
        ("workbook cut in the middle", "xlsx", book[: len(book) // 2], "broken_workbook"),
        ("workbook with a flipped byte", "xlsx", _flipped(book), "broken_workbook"),
        ("workbook with a locked part", "xlsx", _locked(book), "encrypted"),
        *((fault, "xlsx", rezipped(book, change), reason) for fault, change, reason in made),
    ]


def _other_kinds() -> list[tuple[str, str, bytes, str]]:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
    other_zip = rezipped(as_xlsx({"Sheet1": _cells()}), _only_a_memo)
    return [
        ("old Excel", "xls", ole + "Workbook".encode("utf-16-le"), "xls"),
        ("old Excel called .xlsx", "xlsx", ole + "Workbook".encode("utf-16-le"), "xls"),
        ("old Word", "doc", ole + "WordDocument".encode("utf-16-le"), "unsupported_kind"),
        ("workbook with a password", "xlsx", ole + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("zip", "zip", other_zip, "zip"),
        ("zip called .xlsx", "xlsx", other_zip, "zip"),
        ("PDF", "pdf", b"%PDF-1.7 ...", "pdf"),
        ("PDF called .csv", "csv", b"%PDF-1.7 ...", "pdf"),
        ("picture", "csv", b"\x89PNG\r\n\x1a\n" + bytes(20), "unsupported_kind"),
        ("gzip", "csv", b"\x1f\x8b\x08\x00" + bytes(20), "unsupported_kind"),
        ("web page called .csv", "csv", b"<html><table><tr><td>1</td></tr></table></html>", "unsupported_kind"),
        ("text in a .txt", "txt", as_csv(_cells()), "unsupported_kind"),
    ]


def _beyond_limits() -> list[tuple[str, str, bytes, str]]:
    header, row = _cells()[:2]
    return [
        ("a cell of 10 MB", "csv", as_csv([header, [*row[:-1], "あ" * 3_400_000]]), "too_wide"),
        ("a line of 10 MB", "csv", as_csv(_cells()) + b"1," * 5_000_000, "too_wide"),
        ("a thousand columns", "xlsx", as_xlsx({"s": [[*header, *map(str, range(1000))], row]}), "too_wide"),
        (
            "one wide row above many",
            "csv",
            as_csv([[*header, *[""] * 985], [*row, *map(str, range(980))]]) + b"x\n" * 21_000,
            "too_wide",
        ),
        ("too many rows", "csv", as_csv([header]) + b"x\n" * 200_001, "too_many_rows"),
        ("too many sheets", "xlsx", as_xlsx({f"s{at}": _cells() for at in range(101)}), "too_many_sheets"),
    ]


def _flipped(book: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        at = archive.getinfo(_SHEET).header_offset + 120
    return book[:at] + bytes([book[at] ^ 0xFF]) + book[at + 1 :]


def _locked(book: bytes) -> bytes:
    """The first entry of the archive's directory says it is encrypted."""
    at = book.index(b"PK\x01\x02") + 8
    return book[:at] + bytes([book[at] | 1]) + book[at + 1 :]


def _only_a_memo(parts: dict[str, bytes]) -> None:
    parts.clear()
    parts["memo.txt"] = b"x"


def _entities(part: str) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        declaration, end, rest = parts[part].partition(b"?>")
        parts[part] = declaration + end + _LAUGHS + rest

    return change


def _in_utf16(parts: dict[str, bytes]) -> None:
    parts[_SHEET] = parts[_SHEET].decode().replace("UTF-8", "UTF-16").encode("utf-16")


def _far_apart(parts: dict[str, bytes]) -> None:
    parts[_SHEET] = parts[_SHEET].replace(b'r="A2"', b'r="XFD1048576"', 1)


def _announcing(parts: dict[str, bytes]) -> None:
    parts[_TEXTS] = parts[_TEXTS].replace(b'uniqueCount="', b'uniqueCount="9999999', 1)
