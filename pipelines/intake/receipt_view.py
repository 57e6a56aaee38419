"""What a person reads of a receipt: the facts of the submission, then one entry a thing to mend or to know.

Takes a receipt's content as `receipts.py` makes it. How a workbook or a terminal lays it out does not belong here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Receipt = Mapping[str, Any]

_KINDS = {
    "errors": "誤り",
    "warnings": "注意",
    "cross_file": "ほかのファイルとの照合",
    "notes": "お知らせ",
    "findings": "個人情報の疑い",
}


@dataclass(frozen=True)
class Entry:
    """One line of the list. `row` is that of the sender's sheet; `found` is at most the length of what stands there."""

    kind: str
    row: int | None
    place: str
    found: str
    message: str


def overview(receipt: Receipt) -> list[tuple[str, str]]:
    """Name and value of what is said about the submission as a whole; what a receipt does not know is left out."""
    told = [
        ("ファイル名", receipt["file"]),
        ("提出元", " ".join(filter(None, (receipt.get("municipality_code"), receipt.get("municipality"))))),
        ("提出した様式", receipt.get("form_label")),
        ("対象の年月・年度", receipt.get("period")),
        ("判定", receipt["status_label"]),
        ("受付日時", receipt["received_at"].replace("T", " ")),
        ("データの行数", _count(receipt.get("rows_total"))),
        ("受け付けた行", _count(receipt.get("rows_accepted"))),
        ("受け付けなかった行", _count(receipt.get("rows_rejected"))),
        *((f"{label}の数", _count(receipt.get(f"{kind}_total"))) for kind, label in _KINDS.items()),
        *(("ご連絡", message) for message in receipt.get("messages", ())),
        *(("ご連絡", message) for message in _left_out(receipt)),
        ("受付票番号", receipt["submission_id"]),
    ]
    return [(name, value) for name, value in told if value]


def entries(receipt: Receipt) -> list[Entry]:
    """Everything the receipt lists: errors, warnings, notes, places of personal data."""
    return [
        Entry(label, item.get("row"), _place(item), _found(kind, item), item.get("message") or item["kind_label"])
        for kind, label in _KINDS.items()
        for item in receipt.get(kind, ())
    ]


def _left_out(receipt: Receipt) -> Iterator[str]:
    for kind, label in _KINDS.items():
        listed = receipt.get(kind, ())
        if (total := receipt.get(f"{kind}_total", 0)) > len(listed):
            yield f"{label}は {total:,} 件あります。一覧には初めの {len(listed):,} 件を載せました。"
    shown = receipt.get("original_rows", ())
    if 0 < len(shown) < (total := receipt["rows_not_passed"]):
        yield f"受け付けなかった行は {total:,} 行あります。原本行には初めの {len(shown):,} 行を載せました。"


def _place(item: Mapping[str, Any]) -> str:
    number = item.get("column_number")
    return item.get("column_label") or (f"左から{number}列目" if number else "")


def _found(kind: str, item: Mapping[str, Any]) -> str:
    return item.get("found") or ("空欄" if kind == "errors" and item.get("column") else "")


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
