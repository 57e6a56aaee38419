"""Tables out of files: the header found, rows and nothing but rows."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pipelines.intake.tables import RawTable, match_header, read_tables
from pipelines.intake.workbook import CELL_WITHOUT_VALUE
from tests.factories.building import Grid, as_csv, as_xlsx, contracts, good_row, grid, rows_of

MEETING = contracts()["meeting"]
ROWS = [good_row(MEETING, number) for number in (1, 2, 3)]
CELLS = grid(MEETING, ROWS)


def read_csv(cells: Grid, **how: str) -> RawTable:
    (table,) = read_tables("a.csv", as_csv(cells, **how), contracts())
    return table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_encodings_delimiters_and_line_ends_give_the_same_table(encoding: str, delimiter: str, line_end: str) -> None:
    table = read_csv(CELLS, encoding=encoding, delimiter=delimiter, line_end=line_end)
    assert table == read_csv(CELLS)
    assert table.header == tuple(CELLS[0])
    assert rows_of(table) == [(number, tuple(row)) for number, row in enumerate(CELLS[1:], start=2)]
    assert (table.sheet, table.form, table.resembles, table.notes) == (None, None, "meeting", ())
    assert table.short_rows == frozenset()


def test_titles_totals_and_empty_rows_are_no_rows_and_are_noted() -> None:
    total = ["合　計", "", "", "9"]
    table = read_csv(
        [["会議一覧"], ["令和6年5月分", "川越市"], [], CELLS[0], CELLS[1], ["", ""], CELLS[2], total, ["計", "9"]]
    )
    assert table.header_row == 4
    assert [number for number, _ in rows_of(table)] == [5, 7]
    assert [number for number, _ in table.skipped] == [1, 2, 8, 9]
    assert table.notes == ("title_rows", "empty_rows", "total_row")
    assert table.period == date(2024, 5, 1)


def test_a_total_in_the_middle_is_a_row() -> None:
    assert len(read_csv([CELLS[0], ["合計", "9"], *CELLS[1:]]).row_numbers) == 4


def test_ten_titles_but_not_eleven() -> None:
    titles = [[f"説明{number}"] for number in range(11)]
    assert read_csv([*titles[:10], *CELLS]).resembles == "meeting"
    assert read_csv([*titles, *CELLS]).resembles is None


def test_titles_that_mention_two_months_state_none() -> None:
    assert read_csv([["令和6年5月分", "作成 令和6年6月"], *CELLS]).period is None
    assert read_csv([["令和6年度", "令和6年5月分", "令和6年6月3日作成"], *CELLS]).period == date(2024, 5, 1)


def test_columns_in_any_order_under_label_or_id_of_any_width() -> None:
    header = ("会議\n番号", "ＨＥＬＤ＿ＯＮ", "会 議 種 別", "検討ｹ-ｽ数", "知らない列", "", "attendees", "参加者数")
    match = match_header(header, MEETING)
    assert match.columns == {"meeting_no": 0, "held_on": 1, "meeting_type": 2, "cases_discussed": 3, "attendees": 6}
    assert (match.unknown, match.duplicated) == ((4,), ("attendees",))
    assert match.missing == (
        "plans_reviewed",
        "closures_reviewed",
        "resource_issues",
        "agency_types",
        "non_welfare_present",
    )


def test_a_column_that_may_be_blank_may_be_absent() -> None:
    consultation = contracts()["consultation"]
    header = tuple(column.label_ja for column in consultation.columns if column.required)
    assert match_header(header, consultation).missing == ()


def test_a_header_alone_is_a_table_without_rows() -> None:
    table = read_csv(CELLS[:1])
    assert (rows_of(table), table.short_rows, table.resembles) == ([], frozenset(), "meeting")


def test_an_unknown_header_is_the_fullest_row() -> None:
    table = read_csv([["一覧"], ["甲", "乙", "丙"], ["1", "2", "3"]])
    assert (table.header, table.resembles, table.known_columns) == (("甲", "乙", "丙"), None, frozenset())


def test_line_breaks_inside_cells_do_not_shift_row_numbers() -> None:
    cells = [CELLS[0], [*CELLS[1][:-1], "有\n(1名)"], CELLS[2]]
    assert read_csv(cells).row_numbers == (2, 3)


def test_a_short_last_row_is_an_error_only_where_the_file_breaks_off() -> None:
    short = as_csv([*CELLS, CELLS[1][:4]])
    (whole,) = read_tables("a.csv", short, contracts())
    (cut,) = read_tables("a.csv", short.rstrip(b"\r\n"), contracts())
    assert (whole.short_rows, cut.short_rows) == (frozenset(), frozenset({5}))
    assert {len(cells) for _, cells in rows_of(whole)} == {len(CELLS[0])}


def test_a_whole_last_row_without_a_line_break_is_no_error() -> None:
    (table,) = read_tables("a.csv", as_csv(CELLS).rstrip(b"\r\n"), contracts())
    assert table.short_rows == frozenset()


def test_a_workbook_gives_a_table_a_sheet() -> None:
    setup = contracts()["setup"]
    book = {
        "会議": [
            [None, "令和6年5月"],
            [],
            [None, *CELLS[0]],
            [None, *CELLS[1]],
            [None, *CELLS[2][:1], date(2024, 5, 2), "jusou", 12.0],
        ],
        "空": [],
        "体制整備状況": [[column.id for column in setup.columns], list(good_row(setup).values())],
        "メモ": [["a", True, 1.5]],
    }
    meeting, arrangements, memo = read_tables("川越市_2024-05.xlsx", as_xlsx(book), contracts())
    assert (meeting.form, meeting.period, meeting.header_row) == ("meeting", date(2024, 5, 1), 3)
    assert match_header(meeting.header, MEETING).columns["meeting_no"] == 1
    assert rows_of(meeting)[1] == (5, ("", CELLS[2][0], "2024-05-02", "jusou", "12", *[""] * 6))
    assert (arrangements.form, arrangements.sheet, len(rows_of(arrangements))) == ("setup", "体制整備状況", 1)
    assert (memo.form, memo.header) == (None, ("a", "TRUE", "1.5"))


def test_a_cell_excel_could_not_calculate_is_not_blank() -> None:
    cells = [CELLS[0], [CELLS[1][0], "=#REF!", "=A1"], CELLS[2]]
    (table,) = read_tables("a.xlsx", as_xlsx({"会議": cells}), contracts())
    assert rows_of(table)[0][1][:3] == (CELLS[1][0], CELL_WITHOUT_VALUE, CELL_WITHOUT_VALUE)
    assert rows_of(table)[1][1] == tuple(CELLS[2])


def test_a_workbook_that_repeats_a_few_texts_many_times_is_read() -> None:
    """`count` of the shared texts is how often they are used: far more than the part has bytes, and honest."""
    data = as_xlsx({"a": [["受付番号", "受付年月"], *([["有", "無"]] * 2_000)]})
    (table,) = read_tables("112011_consultation_2024-05.xlsx", data, contracts())
    assert len(rows_of(table)) == 2_000


def test_a_tab_file_whose_amounts_hold_more_commas_than_it_has_tabs() -> None:
    contract = contracts()["grant"]
    amounts = [c.label_ja for c in contract.columns if c.type == "yen"]
    lines = ["\t".join(amounts), *["\t".join(["1,234,567,890円"] * len(amounts))] * 3]
    (table,) = read_tables("a.csv", "\r\n".join([*lines, ""]).encode(), contracts())
    assert table.header == tuple(amounts)
    assert [len(cells) for _, cells in rows_of(table)] == [len(amounts)] * 3


def test_codes_parted_by_semicolons_and_a_title_with_one_do_not_make_a_semicolon_file() -> None:
    cells = [["記入例;01;02;03"], CELLS[0], *([*row[:7], "01;02", *row[8:]] for row in CELLS[1:])]
    assert read_csv(cells).header == tuple(CELLS[0])


def laid_out(options: dict[str, bool], lay_out: Callable[[xlsxwriter.Workbook, Worksheet], object]) -> RawTable:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True} | options) as book:
        lay_out(book, book.add_worksheet("会議"))
    (table,) = read_tables("川越市_2024-05.xlsx", stream.getvalue(), contracts())
    return table


@pytest.mark.parametrize("since_1904", [False, True])
def test_a_date_cell_is_its_date_also_in_workbooks_that_count_from_1904(since_1904: bool) -> None:
    def lay_out(book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write_row(0, 0, CELLS[0])
        sheet.write_datetime(1, 1, datetime(2024, 5, 9), book.add_format({"num_format": "yyyy/m/d"}))  # noqa: DTZ001

    assert laid_out({"date_1904": since_1904}, lay_out).columns[1][0] == "2024-05-09"


def test_hidden_rows_are_read_and_noted() -> None:
    def lay_out(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        for at, row in enumerate(CELLS):
            sheet.write_row(at, 0, row)
        sheet.set_row(2, None, None, {"hidden": True})

    table = laid_out({}, lay_out)
    assert [number for number, _ in rows_of(table)] == [2, 3, 4]
    assert table.notes == ("hidden_rows",)


def test_a_header_of_merged_cells_is_a_header() -> None:
    def lay_out(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.merge_range(0, 0, 0, 3, "会議の一覧")
        for column, label in enumerate(CELLS[0]):
            sheet.merge_range(1, column, 2, column, label)
        sheet.write_row(3, 0, CELLS[1])

    table = laid_out({}, lay_out)
    assert table.header == tuple(CELLS[0])
    assert rows_of(table) == [(4, tuple(CELLS[1]))]


def test_a_header_over_two_rows_is_one_header() -> None:
    """Labels merged downwards keep their text in the first row, those under a common heading stand in the second."""
    upper = [*CELLS[0][:3], "件数", *[""] * 3, *CELLS[0][7:]]
    lower = [*[""] * 3, *CELLS[0][3:7], *[""] * (len(CELLS[0]) - 7)]
    for table in (read_csv([upper, lower, *CELLS[1:]]), read_csv([["会議の一覧"], upper, lower, *CELLS[1:]])):
        assert table.header == tuple(CELLS[0])
        assert [cells for _, cells in rows_of(table)] == [tuple(row) for row in CELLS[1:]]


def test_a_title_over_an_empty_column_heads_nothing() -> None:
    table = read_csv([["会議の一覧"], *(["", *row] for row in CELLS)])
    assert table.header == ("", *CELLS[0])
    assert (match_header(table.header, MEETING).unknown, table.unheaded) == ((), frozenset())


def test_what_stands_under_no_header_is_told() -> None:
    numbered = [[str(at) if at else "", *row] for at, row in enumerate(CELLS)]
    assert read_csv(numbered).unheaded == {0}
    (table,) = read_tables(
        "a.xlsx", as_xlsx({"会議": [CELLS[0], *([*row, "", "x"] for row in CELLS[1:])]}), contracts()
    )
    assert table.unheaded == {len(CELLS[0]) + 1}
    with_a_comma = read_csv([*CELLS[:2], [*CELLS[2], "234"]])
    assert (with_a_comma.unheaded, with_a_comma.short_rows) == (frozenset(), frozenset({3}))
