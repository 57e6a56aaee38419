"""Why a file cannot be read at all. The sentence a sender reads is made elsewhere, from the reason."""

from __future__ import annotations

from typing import Literal

Reason = Literal[
    "empty_file",
    "xls",  # the old binary Excel format
    "zip",
    "pdf",
    "unsupported_kind",  # any other kind of file
    "encrypted",  # a workbook with a password
    "macro",  # a workbook with macros
    "unpacked_too_large",  # a workbook that would unpack to more than is read
    "too_many_sheets",
    "too_many_rows",
    "too_wide",  # more columns, or more text in a cell, than any form has
    "broken_workbook",  # cut in the middle or damaged
    "nul_bytes",
    "undecodable",  # none of the encodings fits
    "not_text",  # decodes, but holds control characters
    "cut_off",  # ends inside a character or inside a quoted cell
    "broken_quotes",  # quotation marks inside a quoted cell are not doubled
]


class Unreadable(Exception):
    """A file that cannot be read; `reason_code` says why and carries nothing of its content."""

    def __init__(self, reason_code: Reason) -> None:
        super().__init__(reason_code)
        self.reason_code: Reason = reason_code
