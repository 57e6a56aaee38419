"""Files written by hand, put into an inbox, taken in for real: what counts, what is said, and what is never kept."""

from __future__ import annotations

import json
import logging
import os
import shutil
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from expectations.contract import load_contracts
from pipelines.intake.manifest import Manifest, ManifestError
from pipelines.intake.process import IntakeSummary, pending_files, process_inbox
from pipelines.intake.submissions import KnownSubmission
from pipelines.settings import TIME_ZONE, Settings

CONTRACTS = load_contracts()
NOW = datetime(2024, 6, 10, 9, tzinfo=TIME_ZONE)
CONSULTATION = {
    "consultation_no": "U-001",
    "received_ym": "2024-05",
    "referral_route": "1",
    "window_field": "elderly",
    "age_band": "00-17",
    "household_type": "1",
    "issue_flags": "01",
    "is_complex": "無",
    "gap_need": "無",
    "screening_result": "1",
}
SETUP = {
    "as_of": "2024-04-01",
    "implementation_status": "未実施",
    "one_stop_window": "有",
    "coordination_team": "無",
    "operator": "直営",
    "plan_published": "無",
}


class Office:
    """A home and the people who put files into its inbox and read its receipts."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        settings.inbox_dir.mkdir(parents=True)

    def put(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.settings.inbox_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    def run(self, now: datetime = NOW, **changes: Any) -> IntakeSummary:
        return process_inbox(self.settings.model_copy(update=changes), now=now)

    def waiting(self) -> list[str]:
        """Files that a run would read."""
        return [file.path for file in pending_files(self.settings)]

    def submissions(self) -> dict[str, KnownSubmission]:
        """The newest submission of each file."""
        with Manifest(self.settings.manifest_db) as manifest:
            return {one.file_name: one for one in manifest.known_at(None)}

    def receipt(self, name: str) -> dict[str, Any]:
        path = self.settings.receipts_dir / self.submissions()[name].receipt
        return json.loads(path.read_text(encoding="utf-8"))

    def counting(self, form: str) -> list[tuple[str, int]]:
        """Sender and row number of every row that counts."""
        files = self.settings.lake_dir / form / "*.parquet"
        if not list(files.parent.glob(files.name)):
            return []
        held = duckdb.execute(f"select submission_id, sender_code, row_number from '{files}'").fetchall()
        with Manifest(self.settings.manifest_db) as manifest:
            counts = {one.submission_id for one in manifest.known_at(None) if one.counts}
        return sorted((sender, row) for submission_id, sender, row in held if submission_id in counts)


@pytest.fixture
def office(settings: Settings) -> Office:
    return Office(settings)


def table(form: str, *rows: dict[str, str]) -> str:
    columns = CONTRACTS[form].columns
    lines = [[column.label_ja for column in columns], *([row.get(column.id, "") for column in columns] for row in rows)]
    return "".join(",".join(line) + "\n" for line in lines)


def consultations(count: int, **change: str) -> str:
    """So many good rows; a change applies to the last one."""
    rows = [CONSULTATION | {"consultation_no": f"U-{at:03d}"} for at in range(count)]
    rows[-1] |= change
    return table("consultation", *rows)


def test_good_files_are_accepted_whatever_they_look_like(office: Office) -> None:
    office.put("川越市_consultation_2024-05.csv", consultations(3))
    office.put("sub/112020_相談受付_令和6年5月.csv", consultations(2), encoding="cp932")
    tabbed = "埼玉県の様式\n\n" + consultations(2, received_ym="Ｒ６．５").replace(",", "\t") + "合計\t2\n"
    office.put("川口市_相談受付_202405_v2.tsv", tabbed, encoding="utf-16")
    summary = office.run()
    assert summary.by_status == {"accepted": 3} and summary.rows_accepted == 7
    assert summary.periods == {"consultation": [date(2024, 5, 1)]}
    assert [row for row in office.counting("consultation") if row[0] == "112038"] == [("112038", 4), ("112038", 5)]
    assert {note["note"] for note in office.receipt("川口市_相談受付_202405_v2.tsv")["notes"]} >= {
        "title_rows",
        "total_row",
    }


def test_numbers_are_rekeyed_and_never_stored(office: Office) -> None:
    office.put("川越市_consultation_2024-05.csv", consultations(3, consultation_no="KASANE-PLANTED-1"))
    office.run()
    assert files_with(office.settings.root, "PLANTED") == {"inbox/川越市_consultation_2024-05.csv"}
    assert office.settings.rekey_secret.stat().st_mode & 0o777 == 0o600


def test_a_broken_date_costs_one_row(office: Office) -> None:
    office.put("川越市_consultation_2024-05.csv", consultations(4, received_ym="令和6年13月"))
    summary = office.run()
    assert summary.by_status == {"accepted_with_errors": 1} and summary.rows_accepted == 3
    sent = office.submissions()["川越市_consultation_2024-05.csv"]
    assert (sent.rows_total, sent.rows_accepted, sent.rows_rejected, sent.error_codes) == (4, 3, 1, ("unread",))
    (error,) = office.receipt(sent.file_name)["errors"]
    assert (error["row"], error["column_label"], error["found"]) == (5, "受付年月", "〔7文字〕")
    assert office.counting("consultation") == [("112011", 2), ("112011", 3), ("112011", 4)]
    assert files_with(office.settings.root, "13月") == {"inbox/川越市_consultation_2024-05.csv"}


RETURNED = [
    ("川越市_知らない様式_2024-05.csv", consultations(2), "unknown_form", "どの様式か"),
    ("謎市_consultation_2024-05.csv", consultations(2), "unknown_sender", "どの市町村"),
    ("川越市_consultation_いつか.csv", consultations(2), "unknown_period", "いつの分か"),
    ("川越市_consultation_2024年度.csv", consultations(2), "other_cadence", "年月"),
    ("埼玉県_consultation_2024-05.csv", consultations(2), "wrong_sender", "市町村が提出"),
    ("川越市_consultation_2024-07.csv", consultations(2), "future_period", "未来の期間"),
    ("川越市_consultation_2024-04.csv", consultations(2), "too_many_errors", "半数を超えて"),
    ("川越市_setup_2024年度.csv", table("setup"), "no_rows", "見出しだけ"),
    (
        "川越市_consultation_2024-05.csv",
        consultations(2).replace("受付年月", "なにか"),
        "missing_column",
        "「受付年月」",
    ),
    ("川越市_case_2024-05.csv", b"\x00\x01\x02" * 50, "nul_bytes", "文字ではない"),
    ("川越市_case_2024-05.pdf", b"%PDF-1.7 x", "pdf", "PDF"),
    ("川越市_meeting_2024-05.csv", consultations(2)[:-8] + '"', "cut_off", "途中で切れて"),
    ("川越市_meeting_2024-03.csv", "", "empty_file", "空のファイル"),
]


def test_files_that_cannot_count_are_returned_with_a_reason_and_disturb_nothing(office: Office) -> None:
    for name, content, _, _ in RETURNED:
        office.put(name, content)
    office.put("熊谷市_consultation_2024-05.csv", consultations(3))
    summary = office.run()
    assert summary.by_status == {"returned": len(RETURNED), "accepted": 1}
    assert office.counting("consultation") == [("112020", row) for row in (2, 3, 4)]
    found = office.submissions()
    for name, _, reason, says in RETURNED:
        expected = "other_period" if name == "川越市_consultation_2024-04.csv" else reason
        assert (found[name].status, found[name].error_codes[0]) == ("returned", expected), name
        receipt = office.receipt(name)
        assert receipt["rows_accepted"] == 0 and receipt["rows_total"] == receipt["rows_rejected"]
        assert expected != reason or says in receipt["messages"][0]


def test_a_file_cut_in_the_middle_of_a_row_rejects_that_row(office: Office) -> None:
    office.put("川越市_consultation_2024-05.csv", consultations(4)[:-12])
    office.run()
    sent = office.submissions()["川越市_consultation_2024-05.csv"]
    assert (sent.status, sent.rows_accepted, sent.rows_rejected) == ("accepted_with_errors", 3, 1)
    assert "row_cut" in sent.error_codes
    assert office.receipt(sent.file_name)["errors"][0]["row"] == 5


def test_more_than_half_in_error_returns_the_whole_file(office: Office) -> None:
    good, bad = CONSULTATION, CONSULTATION | {"gap_need": "有"}
    rows = [row | {"consultation_no": f"U-{at}"} for at, row in enumerate([good, good, bad, bad])]
    office.put("川越市_consultation_2024-05.csv", table("consultation", *rows))
    office.put("熊谷市_consultation_2024-05.csv", table("consultation", *rows[1:]))
    office.run()
    assert office.submissions()["川越市_consultation_2024-05.csv"].status == "accepted_with_errors"
    returned = office.submissions()["熊谷市_consultation_2024-05.csv"]
    assert (returned.status, returned.rows_rejected) == ("returned", 3)
    assert returned.error_codes == ("too_many_errors", "required_iff")
    assert [error["row"] for error in office.receipt(returned.file_name)["errors"]] == [3, 4]


def test_a_later_file_replaces_the_earlier_one_whole(office: Office) -> None:
    office.put("川越市_consultation_2024-05.csv", consultations(5))
    office.run()
    office.put("川越市_consultation_2024-05_訂正.csv", consultations(3))
    office.run(NOW + timedelta(days=1))
    assert office.counting("consultation") == [("112011", row) for row in (2, 3, 4)]
    assert "2行減ります" in office.receipt("川越市_consultation_2024-05_訂正.csv")["messages"][0]
    office.put("川越市_consultation_2024-05_訂正2.csv", "これは表ではありません")
    office.run(NOW + timedelta(days=2))
    assert len(office.counting("consultation")) == 3  # a returned file replaces nothing
    office.put("川越市_consultation_2024-05_訂正3.csv", table("consultation"))
    office.run(NOW + timedelta(days=3))
    assert office.counting("consultation") == []


def test_the_same_bytes_again_are_a_duplicate_only_while_they_count(office: Office) -> None:
    first, second = consultations(3), consultations(2)
    for at, (name, content, status) in enumerate(
        [
            ("川越市_consultation_2024-05.csv", first, "accepted"),
            ("川越市_consultation_2024-05_再送.csv", first, "duplicate"),
            ("川越市_consultation_2024-05_差替.csv", second, "accepted"),
            ("川越市_consultation_2024-05_戻す.csv", first, "accepted"),
            ("熊谷市_consultation_2024-05.csv", first, "accepted"),
        ]
    ):
        office.put(name, content)
        assert office.run(NOW + timedelta(hours=at)).by_status == {status: 1}, name
    assert [row for row in office.counting("consultation") if row[0] == "112011"] == [
        ("112011", row) for row in (2, 3, 4)
    ]
    duplicate = office.submissions()["川越市_consultation_2024-05_再送.csv"]
    assert (duplicate.rows_total, duplicate.rows_accepted) == (0, 0)


def test_within_one_run_modification_time_decides(office: Office) -> None:
    newer = office.put("川越市_consultation_2024-05_a.csv", consultations(2))
    older = office.put("川越市_consultation_2024-05_b.csv", consultations(4))
    os.utime(newer, (2_000_000_000, 2_000_000_000))
    os.utime(older, (1_000_000_000, 1_000_000_000))
    office.run()
    assert len(office.counting("consultation")) == 2
    assert "arrival_order" in {note["note"] for note in office.receipt(newer.name)["notes"]}


def test_an_empty_event_file_states_zero(office: Office) -> None:
    office.put("川越市_consultation_2024-05.csv", table("consultation"))
    office.put("川越市_case_2024-05.csv", table("case"))
    assert office.run().by_status == {"accepted": 2}
    assert all(one.counts and one.rows_total == 0 for one in office.submissions().values())


def test_setup_rows_accumulate(office: Office) -> None:
    office.put("川越市_setup_2024年度.csv", table("setup", SETUP))
    office.put("川越市_setup_2024年度_10月.csv", table("setup", SETUP | {"as_of": "R6.10.1"}))
    assert office.run().by_status == {"accepted": 2}
    assert len(office.counting("setup")) == 2


PLANTED = "090-8765-4321"


@pytest.mark.parametrize(
    "content",
    [
        consultations(2, consultation_no=PLANTED),
        consultations(2).replace("相談経路", "氏名").replace("U-001", "X-4321"),
        f"担当 {PLANTED}\n" + consultations(2),
    ],
    ids=["in a cell", "a column", "in a title"],
)
def test_nothing_of_a_refused_file_is_kept(office: Office, content: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    path = office.put("川越市_consultation_2024-05.csv", content)
    assert office.run().by_status == {"refused_personal_data": 1}
    assert not path.exists()
    for word in ("4321", "U-000", "氏名"):
        assert files_with(office.settings.root, word) == set()
    assert "4321" not in caplog.text
    receipt = office.receipt(path.name)
    assert receipt["status"] == "refused_personal_data" and receipt["findings"][0]["column_number"] >= 1
    office.put(path.name, content)
    assert office.run().by_status == {"refused_personal_data": 1}
    assert not path.exists()  # the same file again is refused and removed again


def test_a_refused_file_of_an_unknown_form_is_refused_too(office: Office) -> None:
    office.put("誰か_なにか.csv", f"番号,連絡先\n1,{PLANTED}\n")
    assert office.run().by_status == {"refused_personal_data": 1}


def test_an_inbox_that_is_not_ours_is_never_touched(office: Office, tmp_path: Path) -> None:
    inbox = tmp_path / "elsewhere"
    inbox.mkdir()
    content = consultations(2, consultation_no=PLANTED)
    (inbox / "川越市_consultation_2024-05.csv").write_text(content, encoding="utf-8")
    settings = Settings(home=office.settings.home, inbox=inbox)
    assert process_inbox(settings, now=NOW).by_status == {"refused_personal_data": 1}
    assert (inbox / "川越市_consultation_2024-05.csv").read_text(encoding="utf-8") == content
    assert list(pending_files(settings)) == []


def test_a_workbook_of_several_forms_is_several_submissions(office: Office) -> None:
    path = office.settings.inbox_dir / "川越市_2024-05.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, text in (
            ("相談受付", consultations(3)),
            ("case", table("case")),
            ("記入要領", "よく,読んで\n下,さい\n"),
        ):
            sheet = book.add_worksheet(name)
            for row, line in enumerate(text.splitlines()):
                sheet.write_row(row, 0, line.split(","))
    summary = office.run()
    assert summary.by_status == {"accepted": 2} and summary.new_files == 1
    assert sorted(summary.periods) == ["case", "consultation"]
    assert len(office.counting("consultation")) == 3
    assert "ignored_sheet" in {note["note"] for note in office.receipt(path.name)["notes"]}


@pytest.mark.parametrize("sheet", ["R6.5", "令和6年5月分"])
def test_a_sheet_or_a_header_may_tell_the_month(office: Office, sheet: str) -> None:
    path = office.settings.inbox_dir / "川越市_consultation.xlsx"
    rows = [line.split(",") for line in consultations(3).splitlines()]
    with xlsxwriter.Workbook(path) as book:
        for at, row in enumerate(rows):
            (book.get_worksheet_by_name(sheet) or book.add_worksheet(sheet)).write_row(at, 0, row)
    header, *lines = consultations(3).splitlines()
    office.put("熊谷市_consultation.csv", "\n".join([f"{header},2024年5月分", *(f"{line}," for line in lines), ""]))
    assert office.run().by_status == {"accepted": 2}
    assert {one.period for one in office.submissions().values()} == {date(2024, 5, 1)}


def test_an_archive_named_xlsx_is_returned(office: Office) -> None:
    path = office.settings.inbox_dir / "川越市_consultation_2024-05.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("川越市.csv", consultations(2))
    office.run()
    assert office.submissions()[path.name].error_codes == ("zip",)


def test_a_file_beyond_the_limit_is_returned_unread(office: Office) -> None:
    office.put("川越市_consultation_2024-05.csv", consultations(20))
    assert office.run(max_file_bytes=100).by_status == {"returned": 1}
    assert office.submissions()["川越市_consultation_2024-05.csv"].error_codes == ("too_large",)


def test_a_second_run_reads_nothing(office: Office) -> None:
    path = office.put("川越市_consultation_2024-05.csv", consultations(3))
    office.put("川越市_case_2024-05.csv", "壊れた")
    assert sorted(office.waiting()) == ["川越市_case_2024-05.csv", path.name]
    office.run()
    assert office.waiting() == []
    path.chmod(0)  # reading it would be noticed even where permissions bind
    lake = {file: file.stat().st_mtime_ns for file in office.settings.lake_dir.rglob("*.parquet")}
    summary = office.run(NOW + timedelta(days=1))
    assert (summary.new_files, summary.unchanged_files, summary.by_status) == (0, 2, {})
    assert lake == {file: file.stat().st_mtime_ns for file in office.settings.lake_dir.rglob("*.parquet")}
    path.chmod(0o644)
    os.utime(path)  # touched, not changed
    assert office.waiting() == [path.name]
    assert office.run(NOW + timedelta(days=2)).by_status == {}
    assert office.waiting() == []


def test_a_lost_receipt_is_written_by_the_next_run(office: Office) -> None:
    office.put("川越市_consultation_2024-05.csv", consultations(3))
    office.run()
    before = office.receipt("川越市_consultation_2024-05.csv")
    shutil.rmtree(office.settings.receipts_dir)
    office.run()
    assert office.receipt("川越市_consultation_2024-05.csv") == before


def test_batches_do_not_change_the_outcome(office: Office, tmp_path: Path) -> None:
    other = Office(Settings(home=tmp_path / "other", gate_batch_rows=4))
    for one in (office, other):
        for code in ("112011", "112020", "112038"):
            one.put(f"{code}_consultation_2024-05.csv", consultations(3, gap_need="有"))
        one.run()
    assert office.counting("consultation") == other.counting("consultation") != []
    facts = [
        {name: (sent.submission_id, sent.status) for name, sent in one.submissions().items()} for one in (office, other)
    ]
    assert facts[0] == facts[1]


def test_links_and_litter_are_no_submissions(office: Office, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(consultations(3), encoding="utf-8")
    (office.settings.inbox_dir / "川越市_consultation_2024-05.csv").symlink_to(outside)
    (office.settings.inbox_dir / "folder").symlink_to(tmp_path, target_is_directory=True)
    for name in (".DS_Store", "~$川越市_case_2024-05.xlsx", "Thumbs.db", ".git/config"):
        office.put(name, "x")
    summary = office.run()
    assert (summary.new_files, summary.by_status) == (0, {})


def test_a_synthetic_inbox_brings_its_arrivals_and_municipalities(office: Office) -> None:
    office.put("kasane_synthetic.json", '{"origin": "synthetic"}')
    header = office.settings.reference("municipalities.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    town = {"municipality_code": "999997", "lg_code5": "99999", "name": "架空町", "kind": "町村", "county": "夢郡"}
    office.put("municipalities.csv", ",".join(header) + "\n" + ",".join(town.get(name, "") for name in header) + "\n")
    office.put("arrivals.csv", "file,arrived_at\na/架空町_consultation_2024-05.csv,2024-06-03T10:00:00+09:00\n")
    office.put("a/架空町_consultation_2024-05.csv", consultations(2))
    assert office.run(datetime(2030, 1, 1, tzinfo=TIME_ZONE)).by_status == {"accepted": 1}
    (sent,) = office.submissions().values()
    assert (sent.sender_code, sent.received_at) == ("999997", datetime(2024, 6, 3, 10, tzinfo=TIME_ZONE))
    (office.settings.inbox_dir / "kasane_synthetic.json").unlink()
    with pytest.raises(ManifestError, match="合成データ"):
        office.run()


def test_another_secret_stops_the_intake_before_anything_is_read(office: Office) -> None:
    office.put("川越市_consultation_2024-05.csv", consultations(2))
    office.run()
    office.settings.rekey_secret.unlink()
    office.put("川越市_consultation_2024-05_訂正.csv", consultations(3))
    with pytest.raises(ManifestError, match="鍵"):
        office.run()
    assert len(office.counting("consultation")) == 2


def files_with(folder: Path, word: str) -> set[str]:
    """Every file under the folder that holds the word in its bytes, in any encoding a text here may be in."""
    needles = [word.encode(encoding) for encoding in ("utf-8", "cp932", "utf-16-le")]
    needles.append(json.dumps(word).strip('"').encode())
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    }
