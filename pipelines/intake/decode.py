"""From bytes to text, and what kind of file the bytes are; judged by content before the name is believed.

Cells, headers and rows do not belong here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from pipelines.intake import workbook
from pipelines.intake.unreadable import Unreadable

Kind = Literal["csv", "xlsx"]
Encoding = Literal["utf-8", "utf-16", "cp932"]

_EXTENSIONS = {".csv", ".tsv", ".xlsx"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOT_READ = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"{\\rtf")
_MARKUP = re.compile(rb"\s*<(?:\?xml|!doctype|html|table|meta|head)", re.IGNORECASE)
# No text a spreadsheet writes holds these; CP932 decodes nearly any bytes, so they are what gives binary data away.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\uf8f0-\uf8f3\ufffd\uffff]")


@dataclass(frozen=True)
class Decoded:
    """A text file's text without its byte order mark, and the encoding it was in."""

    text: str
    encoding: Encoding


def kind_of(name: str, data: bytes) -> Kind:
    """Whether the bytes are a text table or an Excel workbook. Raises Unreadable for everything else."""
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise Unreadable("nul_bytes" if b"\x00" in data else "empty_file")
    extension = PurePosixPath(name).suffix.casefold()
    if data.startswith(_OLE):
        raise Unreadable(_ole_kind(data, extension))
    if data.startswith(workbook.SIGNATURES):
        workbook.require_workbook(data)
        if extension == ".xlsm":
            raise Unreadable("macro")
        return "xlsx"
    if data.startswith(b"%PDF"):
        raise Unreadable("pdf")
    if data.startswith(_NOT_READ) or _MARKUP.match(data.removeprefix(b"\xef\xbb\xbf")) or extension not in _EXTENSIONS:
        raise Unreadable("unsupported_kind")
    return "csv"


def decode(data: bytes) -> Decoded:
    """The text, decoded strictly: UTF-8 with or without mark, UTF-16 with mark, CP932. Raises Unreadable."""
    decoded = Decoded(*_decode(data))
    if "\x00" in decoded.text:
        raise Unreadable("nul_bytes")
    if _NOT_TEXT.search(decoded.text):
        raise Unreadable("not_text")
    return decoded


def _decode(data: bytes) -> tuple[str, Encoding]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), "utf-16"
        except UnicodeDecodeError as error:
            raise Unreadable("cut_off" if len(data) % 2 else "undecodable") from error
    if b"\x00" in data:
        raise Unreadable("nul_bytes")
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        # UTF-8 that breaks off inside its last character would pass as CP932 gibberish.
        if error.reason == "unexpected end of data" and not data[: error.start].isascii():
            raise Unreadable("cut_off") from error
    try:
        return data.decode("cp932"), "cp932"
    except UnicodeDecodeError as error:
        raise Unreadable("cut_off" if error.end == len(data) and error.start > 0 else "undecodable") from error


def _ole_kind(data: bytes, extension: str) -> Literal["encrypted", "xls", "unsupported_kind"]:
    """What the old Office container holds; a password-protected .xlsx is one too."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "encrypted"
    holds_workbook = any(name.encode("utf-16-le") in data for name in ("Workbook", "Book"))
    return "xls" if holds_workbook or extension == ".xls" else "unsupported_kind"
