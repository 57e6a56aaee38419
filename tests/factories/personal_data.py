"""Personal data as people write it, and text files of every form that carry it. Everything here is made up.

Workbooks, which have more places to hide it, are in `hidden_places.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

from expectations.contract import Contract
from pipelines.intake.personal_data import Kind
from tests.factories.building import BadFile, Grid, as_csv, changed, contracts, good_rows, grid, name_of


@dataclass(frozen=True)
class Plant:
    """A text that must not be in a submission, and the kind it must be found as."""

    text: str
    kind: Kind


def my_number(eleven: str) -> str:
    """The eleven digits and the check digit, by the ordinance's own formula."""
    total = sum(int(eleven[11 - n]) * (n + 1 if n <= 6 else n - 5) for n in range(1, 12))
    return eleven + str(0 if total % 11 <= 1 else 11 - total % 11)


_NUMBER = my_number("87654321012")
_WIDE = str.maketrans("0123456789-()+@.", "０１２３４５６７８９－（）＋＠．")

ANYWHERE: tuple[Plant, ...] = (
    *(
        Plant(text, "phone")
        for text in (
            "048-765-4321",
            "0487654321",
            "(048)765-4321",
            "048(765)4321",
            "048 765 4321",
            "04-2987-4321",
            "0493-87-4321",
            "090-8765-4321",
            "09087654321",
            "090.8765.4321",
            "090_8765_4321",
            "050-8765-4321",
            "0120-876-543",
            "+81-90-8765-4321",
            "+81 (0)48 765 4321",
            "+819087654321",
            "自宅048-765-4321(夜間)",
            "TEL:048-765-4321",
            *("048-765-4321".translate(_WIDE), "(048)765-4321".translate(_WIDE), "+81 90 8765 4321".translate(_WIDE)),
            *(f"090{dash}8765{dash}4321" for dash in "‐‑‒–—―−－ーｰ─━一・\u3000"),
            "090\u200b-8765\u200b-4321",
        )
    ),
    *(
        Plant(text, "email")
        for text in (
            "mikado@kasane-test.example",
            "mikado@kasane-test.example".translate(_WIDE),
            "連絡先:mikado.hana+1@city.kasane-test.example.jp",
            "mailto:mikado@kasane-test.example",
        )
    ),
    *(
        Plant(text, "my_number")
        for text in (
            _NUMBER,
            _NUMBER.translate(_WIDE),
            f"{_NUMBER[:4]} {_NUMBER[4:8]} {_NUMBER[8:]}",
            f"{_NUMBER[:4]}\u3000{_NUMBER[4:8]}\u3000{_NUMBER[8:]}",
            f"個人番号:{_NUMBER}",
        )
    ),
    *(
        Plant(text, "postal_address")
        for text in (
            "〒339-8765 埼玉県さいたま市架空区幻町1-2",
            "339-8765 さいたま市架空区幻町1-2-3",
            "〒3398765埼玉県幻市幻町",
            "〒339-8765　埼玉県幻市幻町".translate(_WIDE),
            "3398765 埼玉県幻市幻町",
            "埼玉県幻市幻町1-2 (〒339-8765)",
        )
    ),
)

IN_IDENTIFIERS: tuple[Plant, ...] = (
    *(
        Plant(text, "name_in_identifier")
        for text in (
            "架空 花乃",
            "架空花乃",
            "架空　花乃",
            "カクウ・ハナノ",
            "ｶｸｳ ﾊﾅﾉ",
            "かくう はなの",
            "Hanano Kakuu",
            "KAKUU, Hanano",
            "﨑空 花乃",
            "𠮷空 花乃",
        )
    ),
    *(
        Plant(text, "long_digits_identifier")
        for text in ("8765432109", "87654321098", "876543210987", "8765432109876", "8765432109".translate(_WIDE))
    ),
)

IN_PERSONS_ROWS = tuple(
    Plant(text, "birth_month")
    for text in ("1987-06-05", "昭和62年6月5日", "S62.6.5", "1987/6/5", "19870605", "平成10年3月")
)

HEADERS = (
    *("氏名", "氏　名", "お名前", "相談者氏名", "ｼﾒｲ(ﾌﾘｶﾞﾅ)", "ふりがな", "カナ", "ｶﾅ氏名", "住所", "現住所", "番地"),
    *("生年月日", "生年", "年齢", "電話番号", "連絡先電話", "携帯", "ＦＡＸ", "メ　ー　ル", "Ｅメール", "個人番号"),
    *("マイナンバー", "まいなんばー", "ﾏｲﾅﾝﾊﾞｰ", "宛名番号", "被保険者番号", "受給者番号", "学校名", "施設名", "勤務先"),
    *("備考", "備\n考", "特記事項", "自由記述", "Full Name", "family_name", "Ｎａｍｅ", "name_kana", "phoneNumber"),
    *("TEL", "Mobile", "E-mail", "DOB", "birth_date", "Date of Birth", "Age", "Home Address", "my_number", "Remarks"),
    *("誕生日", "年令", "連絡先", "緊急連絡先", "メモ", "ﾒﾓ", "コメント", "相談内容", "memo", "comments", "birthday"),
)

UNDER_A_FORBIDDEN_HEADER = "鵺野鵺乃"

Place = Callable[[Contract, str], Grid]


def personal_files() -> list[BadFile]:
    """Every kind of personal data in every form, as CSV: in UTF-8 and CP932, in one place after the other."""
    return [bad for contract in contracts().values() for bad in _of(contract)]


def holds_persons(contract: Contract) -> bool:
    """Whether its rows are about persons, so that a month before 2000 is a birth month."""
    return any(column.id_kind in ("consultation", "case") for column in contract.columns)


def _of(contract: Contract) -> list[BadFile]:
    places = cycle((in_a_title, in_a_code, in_the_total, in_an_unknown_column, beyond_the_header))
    planted = [(plant, next(places)) for plant in ANYWHERE]
    if any(column.type == "identifier" for column in contract.columns):
        planted += [(plant, in_an_identifier) for plant in IN_IDENTIFIERS]
    if holds_persons(contract):
        planted += [(plant, place) for plant in IN_PERSONS_ROWS for place in (in_a_code, in_an_unknown_column)]
    files = [
        _bad(f"{plant.kind} {number} {place.__name__}", contract, place(contract, plant.text), plant.kind, number)
        for number, (plant, place) in enumerate(planted)
    ]
    return files + [
        _bad(f"a column {number}{how}", contract, cells, "forbidden_column", number)
        for number, title in enumerate(HEADERS)
        for how, cells in (
            ("", under_a_header(contract, title)),
            *([(" merged down", under_a_merged_header(contract, title))] if number % 10 == 0 else []),
        )
    ]


def _bad(fault: str, contract: Contract, cells: Grid, kind: Kind, number: int) -> BadFile:
    """In CP932 every other time, where CP932 has the characters."""
    text = "".join(map("".join, cells))
    in_cp932 = number % 2 == 1 and text.encode("cp932", "ignore").decode("cp932") == text
    data = as_csv(cells, encoding="cp932" if in_cp932 else "utf-8")
    return BadFile(fault, contract.form, name_of(contract), data, "refused_personal_data", kind)


def in_a_title(contract: Contract, text: str) -> Grid:
    """Above the header."""
    return [["提出票", text], *grid(contract, good_rows(contract))]


def in_a_code(contract: Contract, text: str) -> Grid:
    """Where a code, a flag or a count is due."""
    column = next(column.id for column in contract.columns if column.type in ("code", "flag", "integer"))
    return changed(contract, **{column: text})


def in_an_identifier(contract: Contract, text: str) -> Grid:
    """Where a number of the sender's is due."""
    return changed(contract, **{next(column.id for column in contract.columns if column.type == "identifier"): text})


def in_the_total(contract: Contract, text: str) -> Grid:
    """In the closing row of totals."""
    return [*grid(contract, good_rows(contract)), ["合計", text]]


def in_an_unknown_column(contract: Contract, text: str) -> Grid:
    """Under a header that says nothing."""
    return [[*row, ["参考", text][at == 1] if at < 2 else ""] for at, row in enumerate(changed(contract))]


def beyond_the_header(contract: Contract, text: str) -> Grid:
    """To the right of the table, under no header."""
    return [[*row, *(["", text] if at == 1 else [])] for at, row in enumerate(changed(contract))]


def under_a_header(contract: Contract, title: str) -> Grid:
    """Under a header that announces personal data."""
    return [[*row, UNDER_A_FORBIDDEN_HEADER if at else title] for at, row in enumerate(changed(contract))]


def under_a_merged_header(contract: Contract, title: str) -> Grid:
    """The same, its header merged over two rows: a cell merged downwards keeps its text in the first."""
    cells = under_a_header(contract, title)
    return [[*[""] * (len(cells[0]) - 1), title], [*cells[0][:-1], ""], *cells[1:]]
