"""What must not be in a file is found, and what merely looks like it is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.intake.personal_data import Finding, are_plain_numbers, identifier_kinds, scan, scan_text
from pipelines.intake.tables import RawTable, read_tables
from tests.factories.building import BadFile, Grid, as_csv, contracts, good_row, grid
from tests.factories.personal_data import my_number
from tests.factories.wrong_cells import wrong_cells

CONSULTATION = contracts()["consultation"]


def table_of(cells: Grid) -> RawTable:
    (table,) = read_tables("a.csv", as_csv(cells), contracts())
    return table


@pytest.mark.parametrize("bad", wrong_cells(), ids=lambda b: f"{b.form} {b.fault}")
def test_other_faults_are_no_personal_data(bad: BadFile) -> None:
    tables = read_tables(bad.file_name, bad.data, contracts())
    assert [scan(table, contracts()[bad.form]) for table in tables] == [[]]


@pytest.mark.parametrize("form", contracts())
@pytest.mark.parametrize("with_contract", [True, False])
def test_no_form_is_refused_for_its_own_labels(form: str, with_contract: bool) -> None:
    contract = contracts()[form]
    for header in ([column.label_ja for column in contract.columns], [column.id for column in contract.columns]):
        table = table_of([header, list(good_row(contract).values())])
        assert scan(table, contract if with_contract else None) == []


def test_a_finding_names_the_place_and_never_the_value() -> None:
    rows = [good_row(CONSULTATION, number) for number in (1, 2)]
    cells = [["一覧"], *grid(CONSULTATION, rows)]
    cells[1].append("氏名")
    cells[2].append("")
    cells[3].append("090-1234-5678")
    at = len(CONSULTATION.columns) + 1
    assert scan(table_of(cells), CONSULTATION) == [Finding("forbidden_column", at, None), Finding("phone", at, 4)]


def test_a_label_of_another_form_is_not_forgiven() -> None:
    meeting = contracts()["meeting"]
    cells = grid(meeting, [good_row(meeting)])
    cells[0].append("年齢階級")
    assert [finding.kind for finding in scan(table_of(cells), meeting)] == ["forbidden_column"]


@pytest.mark.parametrize(
    "title",
    ["Stage", "agency_types", "message count", "Language", "renamed", "comparison", "会議室", "集計", "2024年令和6年"],
)
def test_harmless_headers(title: str) -> None:
    assert scan(table_of([[title, "甲", "乙"], ["1", "2", "3"]]), None) == []


@pytest.mark.parametrize(
    "title",
    [
        *(
            "氏　名",
            "お名前",
            "ﾌﾘｶﾞﾅ",
            "カナ氏名",
            "現住所",
            "番地",
            "生年月日",
            "年齢",
            "電話番号",
            "携帯",
            "ｆａｘ",
            "Ｅメール",
            "個人番号",
        ),
        *(
            "マイナンバー",
            "まいなんばー",
            "宛名番号",
            "被保険者番号",
            "受給者番号",
            "学校名",
            "施設名",
            "勤務先",
            "備考欄",
            "特記事項",
            "自由記述",
        ),
        *("誕生日", "年令", "緊急連絡先", "メモ", "ﾒﾓ欄", "コメント", "相談内容"),
        *(
            "Name",
            "name_kana",
            "Date of Birth",
            "birthDate",
            "Age",
            "TEL",
            "e-mail",
            "EMail",
            "my_number",
            "Address",
            "Remarks",
            "notes",
        ),
    ],
)
def test_forbidden_headers_of_an_unknown_form(title: str) -> None:
    assert Finding("forbidden_column", 1, None) in scan(table_of([[title, "甲", "乙"], ["1", "2", "3"]]), None)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "048-824-2111",
            "(048)824-2111",
            "048(824)2111",
            "０４８－８２４－２１１１",
            "048ー824ー2111",
            "048−824−2111",
            "048 824 2111",
        ),
        *(
            "090-1234-5678",
            "09012345678",
            "0488242111",
            "03-1234-5678",
            "0120-123-456",
            "0800-123-4567",
            "0493-21-1234",
            "04-2953-1111",
        ),
        *(
            "+81 48-824-2111",
            "+81-90-1234-5678",
            "+81(0)90-1234-5678",
            "＋８１４８８２４２１１１",
            "電話:048-824-2111(内線)",
            "2024-05-01 048-824-2111",
        ),
    ],
)
def test_telephone_numbers(text: str) -> None:
    assert scan_text(text) == {"phone"}


@pytest.mark.parametrize("text", ["taro@example.jp", "ＴＡＲＯ＠ＥＸＡＭＰＬＥ．ＪＰ", "連絡先 a.b+c@city.lg.jp まで"])
def test_email_addresses(text: str) -> None:
    assert scan_text(text) == {"email"}


@pytest.mark.parametrize(
    "text", ["〒330-9301埼玉県さいたま市", "330-9301 さいたま市浦和区高砂3-15-1", "埼玉県川越市元町1-3-1(〒3508601)"]
)
def test_postal_addresses(text: str) -> None:
    assert scan_text(text) == {"postal_address"}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "2024-05-01",
            "2024-05",
            "20240501",
            "令和6年5月1日",
            "2024-05-01T00:00:00",
            "R5-0412-003",
            "R6-0001",
            "04-0001-0012",
        ),
        *(
            "00-17",
            "75+",
            "01;05;09",
            "01、05、09、10、11、12",
            "1,234,567円",
            "¥12,345,678",
            "1234567890",
            "112011",
            "A048-824-2111",
        ),
        *("2024/05/01 2024/05/31", "330-9301", "川越市", "本人(電話・メール等)", "8050", "0-0-0", "0000000000"),
    ],
)
def test_what_merely_looks_like_it(text: str) -> None:
    assert scan_text(text) == set()


@settings(deadline=None)
@given(st.text("123456789", min_size=11, max_size=11), st.integers(1, 9), st.sampled_from(["", " ", "-"]))
def test_individual_numbers_by_their_check_digit(eleven: str, off: int, gap: str) -> None:
    number = my_number(eleven)
    wrong = number[:11] + str((int(number[11]) + off) % 10)
    for text, is_one in ((number, True), (wrong, False), ("X" + number, False), (number + "1", False)):
        grouped = gap.join((text[:-8], text[-8:-4], text[-4:])) if len(text) == 12 else text
        assert ("my_number" in scan_text(f"番号({grouped})")) is is_one


def test_numbers_of_offices_are_no_individual_numbers() -> None:
    grouped = "1234-5678-9018"
    assert scan_text(grouped) == {"my_number"}
    rows = [good_row(CONSULTATION) | {"consultation_no": grouped}]
    assert scan(table_of(grid(CONSULTATION, rows)), CONSULTATION) == []


@pytest.mark.parametrize("text", ["1999-12", "H11.12", "昭和45年3月", "1970/3/14", "29221", "19700314"])
def test_a_month_before_2000_is_a_birth_month_only_in_a_person_s_row(text: str) -> None:
    rows = [good_row(CONSULTATION) | {"received_ym": text}]
    assert [finding.kind for finding in scan(table_of(grid(CONSULTATION, rows)), CONSULTATION)] == ["birth_month"]
    setup = contracts()["setup"]
    assert scan(table_of(grid(setup, [good_row(setup) | {"window_since": text}])), setup) == []


def test_blank_marks_and_odd_numbers_are_no_names() -> None:
    for text in ("なし", "ー", "不明", "第12号", "R6年0001"):
        rows = [good_row(CONSULTATION) | {"consultation_no": text}]
        assert scan(table_of(grid(CONSULTATION, rows)), CONSULTATION) == []


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_scanned(text: str) -> None:
    assert isinstance(scan_text(text), set)


NUMBERS = st.one_of(
    st.text("0123456789-_", max_size=14),
    st.text("09AZaz-_", max_size=14),
    st.text("0123456789-_ ,.@+()\n〒７ー山田太郎県", max_size=16),
    st.from_regex(r"[A-Z]?[0-9]{4}-[0-9]{4}(-[0-9]{1,4})?", fullmatch=True),
    st.from_regex(r"[A-Z]?[0-9]{9,13}|[0-9]{4}[A-Z][-_][0-9]{2}[A-Z]?[-_]?[0-9]{4,7}", fullmatch=True),
    st.from_regex(r"[A-Z]?[-_]?0[0-9]{1,4}[-_]?[0-9]{1,4}[-_]?[0-9]{3,4}[-_]?[A-Z]?", fullmatch=True),
    st.from_regex(r"\+?(81|0)[0-9]{1,4}-?[0-9]{1,4}-?[0-9]{3,4}", fullmatch=True),
)


@settings(max_examples=2000)
@given(st.sets(NUMBERS, max_size=4))
def test_a_column_of_plain_numbers_holds_nothing(texts: set[str]) -> None:
    """Columns are passed over by the shape of their numbers: never one in which looking at each would find something."""
    if are_plain_numbers(texts):
        assert [text for text in texts if identifier_kinds(text)] == []


@pytest.mark.parametrize(
    "text",
    ["048-824-2111", "0488242111", "1234567890", "山田太郎", "Yamada Taro", "a@b.jp", "12345\n67890", "+8148824211"],
)
def test_one_number_that_is_not_plain_has_its_column_looked_at(text: str) -> None:
    numbers = {f"{form}{number:04}" for form in ("S2304-", "S2023040", "2023R_04S") for number in range(20)}
    assert are_plain_numbers(numbers) and not are_plain_numbers({*numbers, text})
