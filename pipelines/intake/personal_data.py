"""Recognises what must not be in a submission at all: personal data in headers and cells.

Says where and of which kind, never what. Deciding what happens to the file does not belong here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from string import ascii_letters
from typing import Literal

from expectations.contract import Column, Contract
from pipelines.intake.tables import RawTable, match_header
from pipelines.intake.text import fold, is_blank_mark, label_key
from pipelines.intake.wareki import NotADate, parse_year_month

Kind = Literal[
    "forbidden_column",
    "phone",
    "email",
    "my_number",
    "postal_address",
    "name_in_identifier",
    "long_digits_identifier",
    "birth_month",
    "file_name",
]


@dataclass(frozen=True)
class Finding:
    """One place with personal data. `column_number` counts from 1; `row_number` is the sender's, None for a header.

    Both are None where it stands outside the cells: in a comment, a property, a drawing.
    """

    kind: Kind
    column_number: int | None
    row_number: int | None


_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


def _kana_key(text: str) -> str:
    return label_key(text).translate(_HIRAGANA_TO_KATAKANA)


_FORBIDDEN_WORDS = tuple(
    _kana_key(word)
    for word in (
        *(
            "氏名",
            "名前",
            "フリガナ",
            "カナ",
            "住所",
            "番地",
            "生年",
            "年齢",
            "電話",
            "携帯",
            "FAX",
            "メール",
            "個人番号",
        ),
        *(
            "マイナンバー",
            "宛名番号",
            "被保険者番号",
            "受給者番号",
            "学校名",
            "施設名",
            "勤務先",
            "備考",
            "特記",
            "自由記述",
        ),
        # Other words for the same, of which the English forms below are refused too.
        *("誕生日", "年令", "連絡先", "メモ", "コメント", "相談内容"),
    )
)
# English forms stand as whole words: `age` is not in `stage`.
_FORBIDDEN_ENGLISH = re.compile(
    r"(?<![a-z])(?:(?:full|first|last|family|given|sur)?names?|furigana|kana|address(?:es)?|birth(?:day|date)?|dob|ages?"
    r"|tele?(?:phone)?|phones?|mobile|cell ?phone|fax|e?mails?|my ?number|individual number|insured number"
    r"|(?:insurance|beneficiary|recipient|addressee) (?:number|no)|school|facility|work ?place|employer"
    r"|remarks?|notes?|memo|comments?|free ?text|special notes?)(?![a-z])"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_LETTERS = re.compile(r"[^a-z]+")

_START, _END = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_GAP = r"[\s().-]{0,3}"
# Within a look-ahead, so that a number that starts inside another candidate is tried too.
_PHONE = re.compile(rf"{_START}(?=(0[0-9]{{1,4}}{_GAP}[0-9]{{1,4}}{_GAP}[0-9]{{3,4}}){_END})")
_PHONE_ABROAD = re.compile(rf"\+ ?81{_GAP}(?:0{_GAP})?([1-9][0-9]{{0,3}}{_GAP}[0-9]{{1,4}}{_GAP}[0-9]{{3,4}}){_END}")
# How telephone numbers are grouped; numbers of cases (R5-0412-003, 04-0001-0012) are grouped otherwise.
_PHONE_SHAPE = re.compile(
    r"0[1-9][0-9]{8}|0[2-9]0[0-9]{8}|0800[0-9]{7}"
    r"|0[346]-[1-9][0-9]{3}-[0-9]{4}|0[1-9][0-9]-[1-9][0-9]{2}-[0-9]{4}|0[1-9][0-9]{2}-[1-9][0-9]-[0-9]{4}"
    r"|0[1-9][0-9]{3}-[1-9]-[0-9]{4}|0[2-9]0-[0-9]{4}-[0-9]{4}|0(?:120|180|570|990)-[0-9]{3}-[0-9]{3}|0800-[0-9]{3}-[0-9]{4}"
    r"|0[1-9][0-9]{0,3}-[1-9][0-9]{4,7}|0[2-9]0[0-9]{4}-[0-9]{4}"
)
# What some people type for a dash between the groups of a number.
_NEARLY_A_DASH = re.compile(r"(?<=[0-9)])\s*[─━一・_/~]\s*(?=[0-9(])")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
# The decimals of a fraction are no number of a person.
_MY_NUMBER = re.compile(rf"{_START}(?<![0-9]\.)[0-9]{{4}}([ -]?)[0-9]{{4}}\1[0-9]{{4}}{_END}")
_POSTAL_CODE = re.compile(
    rf"〒\s*[0-9]{{3}}-?[0-9]{{4}}{_END}|(?<![0-9A-Za-z-])[0-9]{{3}}-[0-9]{{4}}(?![0-9A-Za-z-])"
    r"|(?<![0-9A-Za-z-])[0-9]{7}\s*(?=[\u3400-\u9fff]{2,3}[都道府県])"
)
_ADDRESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{1,20}[都道府県市区町村郡]")
_PART_OF_A_NAME = re.compile(r"[^/_]+")
_NOT_DIGITS = re.compile(r"[^0-9]+")

# Every digit as 0, every letter as a, hyphen and underscore as -, the end of a line as it is, everything else as ?.
_SHAPE = bytes(
    ord(
        next(
            (to for to, held in (("0", "0123456789"), ("a", ascii_letters), ("-", "-_"), ("\n", "\n")) if by in held),
            "?",
        )
    )
    for by in map(chr, range(256))
)
# What is in none of the shapes of plain numbers: other characters, and ten digits on end that do not follow a letter or digit.
_NOT_PLAIN = re.compile(rb"\?|(?<![0a])(?:0-*){10}")
_LONG_DIGITS = re.compile(r"[0-9]{10,13}")
# Names are where the rare variants of characters are: 﨑, 𠮷.
_NAME_CHARACTER = r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々]"
_JAPANESE_NAME = re.compile(rf"{_NAME_CHARACTER}{{2,}}(?:[\s・]{_NAME_CHARACTER}+)*")
_LATIN_NAME = re.compile(r"[A-Za-z]{2,}[\s,]+[A-Za-z]{2,}")
_NO_NAMES = frozenset({"なし", "無し", "不明", "未定", "未採番", "該当なし", "同上", "合計", "総計", "小計", "計"})

_PERSON_IDS = frozenset({"consultation", "case"})
_LAST_BIRTH_YEAR = 1999


def scan(table: RawTable, contract: Contract | None) -> list[Finding]:
    """Everything forbidden in the table, titles and total rows included; in the order of columns, then rows.

    Without a contract (unknown form) a header is forgiven if it is a label of the form the table resembles.
    """
    match = match_header(table.header, contract) if contract else None
    known = frozenset(match.columns.values()) if match else table.known_columns
    by_position = {index: column_id for column_id, index in match.columns.items()} if match else {}
    findings = [
        Finding("forbidden_column", index + 1, None)
        for index, title in enumerate(table.header)
        if index not in known and _is_forbidden_header(title)
    ]
    outside = [(table.header_row, table.header), *table.skipped]
    found = [*_outside_the_rows(outside), *_in_rows(table, contract, by_position)]
    return findings + sorted(found, key=lambda finding: (finding.column_number or 0, finding.row_number or 0))


def scan_outside(texts: Iterable[str]) -> list[Finding]:
    """What is forbidden in the texts a workbook carries outside its cells; each kind once."""
    return [Finding(kind, None, None) for kind in sorted(set[Kind]().union(*map(scan_text, texts)))]


def scan_text(text: str) -> set[Kind]:
    """Kinds of personal data in a text of no particular column: a title, a comment, a document property."""
    if len(text) < 6:
        return set()
    folded = text if text.isascii() else _INVISIBLE.sub("", fold(text))
    kinds: set[Kind] = set()
    if "@" in folded and _EMAIL.search(folded):
        kinds.add("email")
    if len(_NOT_DIGITS.sub("", folded)) < 7:
        return kinds
    if any(_is_my_number(_NOT_DIGITS.sub("", match.group())) for match in _MY_NUMBER.finditer(folded)):
        kinds.add("my_number")
    if _has_phone(_NEARLY_A_DASH.sub("-", folded)):
        kinds.add("phone")
    if not folded.isascii() and _POSTAL_CODE.search(folded) and _ADDRESS.search(folded):
        kinds.add("postal_address")
    return kinds


def is_personal_name(path: str) -> bool:
    """Whether a file's name or folder holds somebody's telephone number or mail address.

    Each part by itself, since a day and a municipality's code side by side (0501/112011_…) are no telephone number; twelve
    digits are a time of day, not a person's number.
    """
    return any(map(_is_personal_part, _PART_OF_A_NAME.findall(path)))


@lru_cache(maxsize=65_536)
def _is_personal_part(part: str) -> bool:
    """Codes, forms and months are the same few thousand parts in every listing of the inbox; each is looked at once."""
    return not {"phone", "email"}.isdisjoint(scan_text(part))


def _outside_the_rows(lines: Iterable[tuple[int, tuple[str, ...]]]) -> Iterator[Finding]:
    """In the header, the titles and the totals."""
    for number, cells in lines:
        for at, text in enumerate(cells, start=1):
            yield from (Finding(kind, at, number) for kind in sorted(_kinds_of_label(text)))


def _in_rows(table: RawTable, contract: Contract | None, by_position: Mapping[int, str]) -> Iterator[Finding]:
    """Judges every distinct text of a column once."""
    for index, cells in enumerate(table.columns):
        column = contract.column(by_position[index]) if contract and index in by_position else None
        texts = set(cells) - {""}
        if column and column.type == "identifier" and are_plain_numbers(texts):
            continue
        judge = _judge(contract, column)
        guilty = {text: sorted(kinds) for text in texts if (kinds := judge(text))}
        if guilty:
            places = zip(table.row_numbers, cells, strict=True)
            yield from (Finding(kind, index + 1, number) for number, text in places for kind in guilty.get(text, ()))


def _judge(contract: Contract | None, column: Column | None) -> Callable[[str], Collection[Kind]]:
    """What to look for in the rows of a column of that form; None is a column the form does not have."""
    if column and column.type == "identifier":
        # Its own label stands there where someone joined two tables: a wrong row, but nobody's name.
        return lambda text: set() if label_key(text) == label_key(column.label_ja) else identifier_kinds(text)
    if contract and is_about_persons(contract):
        serials = column is not None and column.type in ("year_month", "date")
        return partial(_kinds_about_persons, serials)
    return _kinds_of_label


@lru_cache(maxsize=65_536)
def _kinds_of_label(text: str) -> frozenset[Kind]:
    """Codes, months and labels are the same few thousand texts in every file; each is looked at once."""
    return frozenset(scan_text(text))


@lru_cache(maxsize=65_536)
def _kinds_about_persons(serials: bool, text: str) -> frozenset[Kind]:
    birth_month: set[Kind] = {"birth_month"} if _is_birth_month(text, serials) else set()
    return frozenset(scan_text(text) | birth_month)


def _is_forbidden_header(title: str) -> bool:
    key = _kana_key(title).replace("令和", "")  # 2024年令和6年 is no 年令
    words = _NOT_LETTERS.sub(" ", _CAMEL.sub(" ", unicodedata.normalize("NFKC", title)).casefold())
    return any(word in key for word in _FORBIDDEN_WORDS) or _FORBIDDEN_ENGLISH.search(words) is not None


def _has_phone(folded: str) -> bool:
    national = (match[1] for match in _PHONE.finditer(folded))
    abroad = ("0" + match[1] for match in _PHONE_ABROAD.finditer(folded))
    candidates = (_NOT_DIGITS.sub("-", number) for number in (*national, *abroad))
    return any(len(number.replace("-", "")) in (10, 11) and _PHONE_SHAPE.fullmatch(number) for number in candidates)


def _is_my_number(digits: str) -> bool:
    """個人番号 ends in a check digit over the eleven before it."""
    backwards = [int(digit) for digit in reversed(digits[:11])]
    total = sum(digit * (at + 1 if at <= 6 else at - 5) for at, digit in enumerate(backwards, start=1))
    return int(digits[11]) == (0 if total % 11 <= 1 else 11 - total % 11)


def identifier_kinds(text: str) -> set[Kind]:
    """Kinds of personal data in a text that stands where a sender's own number belongs."""
    kinds = scan_text(text)
    folded = unicodedata.normalize("NFKC", text)
    if "-" in folded:
        # 2024-0501-0003 is how offices number things, and one in eleven of those has a valid check digit.
        kinds.discard("my_number")
    if _LONG_DIGITS.fullmatch(folded):
        kinds.add("long_digits_identifier")
    is_name = _JAPANESE_NAME.fullmatch(folded) or _LATIN_NAME.fullmatch(folded)
    if is_name and folded not in _NO_NAMES and not is_blank_mark(folded):
        kinds.add("name_in_identifier")
    return kinds


def are_plain_numbers(texts: Collection[str]) -> bool:
    """Whether all are of the shapes nearly every number has, in which `identifier_kinds` finds nothing.

    Letters, digits, hyphens and underscores, and nowhere so many digits that a telephone number or a person's number could
    begin there. Every row has another number, so this is asked of a column at once, by the few shapes of its numbers.
    """
    lines = "\n".join(texts)
    if not lines.isascii() or lines.count("\n") >= max(len(texts), 1):
        return False
    shapes = set(lines.encode("ascii").translate(_SHAPE).split(b"\n"))
    return not _NOT_PLAIN.search(b"\n".join(shapes))


def is_about_persons(contract: Contract) -> bool:
    """Whether a row is about a person: it holds the number of a consultation or of a case."""
    return any(column.id_kind in _PERSON_IDS for column in contract.columns)


def _is_birth_month(text: str, serials: bool) -> bool:
    """A date before 2000. Bare digits count only where dates stand, or when they spell a whole day."""
    if text.isdigit() and len(text) != 8 and not serials:
        return False
    try:
        return parse_year_month(text)[0].year <= _LAST_BIRTH_YEAR
    except NotADate:
        return False
