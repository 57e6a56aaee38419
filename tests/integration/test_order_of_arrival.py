"""Order and change: what stands after files come late, twice, renamed, out of order, from a municipality that changed.

The state is a matter of the order of arrival alone, however many of the arrivals one run takes in.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
import xlsxwriter

from pipelines.intake.changes import ChangesError
from pipelines.settings import TIME_ZONE, Settings
from tests.factories.clerks import NOW, Clerks, cases, consultations, outreach

ORIGINAL, CORRECTION = consultations("2024-05", "U-1", "U-2", "U-3"), consultations("2024-05", "U-1")
FILES = {"original": ORIGINAL, "duplicate": ORIGINAL, "correction": CORRECTION}
MAY = "川越市_consultation_2024-05.csv"


@pytest.fixture
def clerks(settings: Settings) -> Clerks:
    return Clerks(settings)


def name_of(event: str, city: str = "川越市") -> str:
    return f"{city}_consultation_2024-05_{event}.csv"


def expected_state(order: Sequence[str]) -> tuple[list[str], int]:
    """Statuses of the files in their order and the rows that count, said the way the rules say it: a stack of what stands."""
    standing: list[str] = []
    statuses: list[str] = []
    for event in order:
        if event == "withdrawal":
            standing = standing[:-1]
        elif standing and FILES[standing[-1]] == FILES[event]:
            statuses.append("duplicate")
        else:
            statuses.append("accepted")
            standing.append(event)
    return statuses, FILES[standing[-1]].count("\n") - 1 if standing else 0


def assert_states(clerks: Clerks, orders: Mapping[str, Sequence[str]], at: datetime) -> None:
    """Every municipality's order has led to its one state, now and as known at that time."""
    known, counting = clerks.known(), clerks.counting("consultation")
    assert counting == clerks.counting("consultation", as_of=at)
    for city, order in orders.items():
        files = [known[name_of(event, city)] for event in order if event != "withdrawal"]
        rows = [row for row in counting if row[0] == files[0].sender_code]
        assert ([one.status for one in files], len(rows)) == expected_state(order), order


def test_every_order_of_arrivals_and_withdrawals_has_one_state(clerks: Clerks) -> None:
    """Every order is one municipality's; a withdrawal takes back what stands there."""
    orders = dict(zip(cities(clerks), permutations([*FILES, "withdrawal"]), strict=False))
    assert len(orders) == 24
    for hour in range(4):
        at = NOW + timedelta(hours=hour)
        for city, order in orders.items():
            if order[hour] != "withdrawal":
                clerks.put(name_of(order[hour], city), FILES[order[hour]])
                continue
            files = [one for name, one in clerks.known().items() if name.startswith(city) and one.is_current]
            for one in files:
                clerks.withdraw(one.file_name, at)
        clerks.run(at)
        assert_states(
            clerks, {city: order[: hour + 1] for city, order in orders.items() if order[:1] != ("withdrawal",)}, at
        )
    assert_states(clerks, orders, NOW + timedelta(hours=3))


def test_arrivals_in_one_run_come_to_the_same_as_a_run_each(clerks: Clerks) -> None:
    orders = dict(zip(cities(clerks), permutations(FILES), strict=False))
    for city, order in orders.items():
        for second, event in enumerate(order):
            path = clerks.put(name_of(event, city), FILES[event])
            os.utime(path, (1_700_000_000 + second, 1_700_000_000 + second))
    clerks.run()
    assert_states(clerks, orders, NOW)


def cities(clerks: Clerks) -> Iterator[str]:
    with clerks.settings.reference("municipalities.csv").open(encoding="utf-8", newline="") as stream:
        yield from (row["name"] for row in csv.DictReader(stream))


def test_what_was_known_before_a_late_file_stays_known_then(clerks: Clerks) -> None:
    clerks.put(MAY, ORIGINAL)
    clerks.run()
    later = NOW + timedelta(days=90)
    clerks.put(name_of("late"), CORRECTION)
    clerks.run(later)
    assert len(clerks.counting("consultation")) == 1
    assert len(clerks.counting("consultation", as_of=later - timedelta(seconds=1))) == 3


def test_a_renamed_file_is_a_duplicate_and_new_content_under_an_old_name_replaces(clerks: Clerks) -> None:
    path = clerks.put(MAY, ORIGINAL)
    clerks.run()
    path.rename(path.with_name("112011_相談受付_R6.5.csv"))
    assert clerks.run(NOW + timedelta(days=1)).by_status == {"duplicate": 1}
    clerks.put(MAY, CORRECTION)
    assert clerks.run(NOW + timedelta(days=2)).by_status == {"accepted": 1}
    assert len(clerks.counting("consultation")) == 1


def test_a_touched_old_version_does_not_come_back(clerks: Clerks) -> None:
    old = clerks.put(MAY, ORIGINAL)
    clerks.run()
    clerks.put(name_of("correction"), CORRECTION)
    clerks.run(NOW + timedelta(days=1))
    os.utime(old, (2_000_000_000, 2_000_000_000))
    assert clerks.run(NOW + timedelta(days=2)).by_status == {}
    assert len(clerks.counting("consultation")) == 1


def test_a_future_month_is_returned_and_judged_again_when_it_is_put_in_again(clerks: Clerks) -> None:
    name, content = "川越市_consultation_2024-09.csv", consultations("2024-09", "U-1")
    clerks.put(name, content)
    assert clerks.run().by_status == {"returned": 1}
    assert clerks.known()[name].error_codes == ("future_period",)
    october = datetime(2024, 10, 1, tzinfo=TIME_ZONE)
    assert clerks.run(october).by_status == {}  # it lies there as it was; nobody has sent it again
    path = clerks.put(name, content)
    os.utime(path, (2_000_000_000, 2_000_000_000))
    assert clerks.run(october).by_status == {"accepted": 1}


def test_the_same_bytes_for_another_municipality_or_month_are_no_duplicate(clerks: Clerks) -> None:
    empty = ORIGINAL.splitlines()[0] + "\n"
    for name in (MAY, "熊谷市_consultation_2024-05.csv", "川越市_consultation_2024-06.csv"):
        clerks.put(name, empty)
    assert clerks.run().by_status == {"accepted": 3}


def workbook(path: Path, **sheets: str) -> None:
    with xlsxwriter.Workbook(path) as book:
        for name, text in sheets.items():
            sheet = book.add_worksheet(name)
            for row, line in enumerate(text.splitlines()):
                sheet.write_row(row, 0, line.split(","))


def test_a_workbook_and_single_files_overlap_form_by_form(clerks: Clerks) -> None:
    single = "川越市_outreach_2024-05.csv"
    clerks.put(single, outreach("K-1", "K-2"))
    clerks.run()
    book = clerks.settings.inbox_dir / "川越市_2024-05.xlsx"
    workbook(book, outreach=outreach("K-1"), consultation=ORIGINAL)
    clerks.run(NOW + timedelta(days=1))
    assert (len(clerks.counting("outreach")), len(clerks.counting("consultation"))) == (1, 3)
    clerks.put("川越市_outreach_2024-05_訂正.csv", outreach("K-1", "K-2", "K-3"))
    clerks.run(NOW + timedelta(days=2))
    assert (len(clerks.counting("outreach")), len(clerks.counting("consultation"))) == (3, 3)
    again = book.with_name("川越市_2024-05_再送.xlsx")
    again.write_bytes(book.read_bytes())
    # Its outreach was superseded and is judged anew, its consultations still stand.
    assert clerks.run(NOW + timedelta(days=3)).by_status == {"accepted": 1, "duplicate": 1}
    assert (len(clerks.counting("outreach")), len(clerks.counting("consultation"))) == (1, 3)


@pytest.fixture
def changed(settings: Settings) -> Clerks:
    """From 2024-06 on 伊奈町 (113018) is 伊奈市 (119999), and 三芳町 (113247) is part of 川越市."""
    own = settings.root / "reference"
    own.mkdir(parents=True)
    reference = settings.reference("municipalities.csv").read_text(encoding="utf-8")
    town = next(line for line in reference.splitlines() if line.startswith("113018,"))
    city = town.replace("113018,11301,伊奈町", "119999,11999,伊奈市").replace("北足立郡", "")
    (own / "municipalities.csv").write_text(reference.rstrip("\n") + "\n" + city + "\n", encoding="utf-8")
    write_changes(settings, "113018,119999,2024-06-01,recode,試験,no", "113247,112011,2024-06-01,merger,試験,no")
    return Clerks(settings)


def write_changes(settings: Settings, *lines: str) -> None:
    header = "old_code,new_code,changed_on,kind,source,verified"
    path = settings.root / "reference" / "municipality_changes.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def test_the_period_decides_which_code_a_file_counts_for(changed: Clerks) -> None:
    names = [
        "伊奈町_case_2024-05.csv",
        "113018_case_2024-06.csv",
        "伊奈市_case_2024-07.csv",
        "119999_consultation_2024-05.csv",
    ]
    for name in names[:3]:
        changed.put(name, cases("K-1"))
    changed.put(names[3], ORIGINAL)
    assert changed.run().by_status == {"accepted": 4}
    known = changed.known()
    assert [known[name].sender_code for name in names] == ["113018", "119999", "119999", "113018"]
    noted = [{note["note"] for note in changed.receipt(name)["notes"]} for name in names]
    assert ["recoded" in notes for notes in noted] == [False, True, False, True]


def test_numbers_and_histories_go_on_across_a_new_code(changed: Clerks) -> None:
    changed.put("伊奈町_consultation_2024-05.csv", consultations("2024-05", "U-1"))
    changed.put("伊奈町_case_2024-05.csv", cases("K-1", "K-2"))
    changed.put("伊奈市_case_2024-06.csv", cases("K-1", consultation_no="U-1"))
    changed.run()
    assert changed.told("伊奈市_case_2024-06.csv") == [("vanished_key", None)]  # K-2 alone; U-1 is found


def test_a_merged_municipality_is_told_to_send_with_the_other_one(changed: Clerks) -> None:
    changed.put("三芳町_case_2024-05.csv", cases("K-1"))
    changed.put("三芳町_case_2024-06.csv", cases("K-1"))
    changed.put("川越市_case_2024-06.csv", cases("K-1", "K-2"))
    assert changed.run().by_status == {"accepted": 2, "returned": 1}
    returned = changed.known()["三芳町_case_2024-06.csv"]
    assert returned.error_codes == ("merged_away",)
    assert "合併" in changed.receipt("三芳町_case_2024-06.csv")["messages"][0]
    assert {(sender, month) for sender, month, _ in changed.counting("case")} == {
        ("113247", "2024-05-01"),
        ("112011", "2024-06-01"),
    }
    assert changed.findings() == []  # the ledger of what was merged ends; its keys did not vanish


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["113018,119999,2024-06-01,rename,x,no"], "2行目: kind"),
        (["113018,119999,令和6年6月,recode,x,no"], "2行目: changed_on"),
        (["113018,119999,2024-06-01,recode,x,no", "113018,112011,2024-06-01,merger,x,no"], "3行目: 同じ"),
        (["113018,119999,2024-06-01,recode,x,no", "119999,113018,2024-07-01,recode,x,no"], "3行目: recode"),
        (["113018,113018,2024-06-01,recode,x,no"], "2行目: recode"),
    ],
)
def test_a_table_of_changes_that_cannot_be_is_refused_by_line(changed: Clerks, lines: list[str], says: str) -> None:
    write_changes(changed.settings, *lines)
    changed.put(MAY, ORIGINAL)
    with pytest.raises(ChangesError, match=says):
        changed.run()
