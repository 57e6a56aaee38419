"""References between files: warnings that come and go with the other file, never errors."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from pipelines.intake.manifest import Manifest
from pipelines.settings import Settings
from tests.factories.clerks import NOW, Clerks, cases, consultations, outreach, table

CASE, CONSULTATION = "川越市_case_2024-05.csv", "川越市_consultation_2024-04.csv"


@pytest.fixture
def clerks(settings: Settings) -> Clerks:
    return Clerks(settings)


def test_a_reference_that_leads_nowhere_is_a_warning_and_its_row_counts(clerks: Clerks) -> None:
    clerks.put(CASE, cases("K-1", "K-2", consultation_no="U-2"))
    assert clerks.run().by_status == {"accepted": 1}
    assert [row for _, _, row in clerks.counting("case")] == [2, 3]
    receipt = clerks.receipt(CASE)
    (line,) = receipt["cross_file"]
    assert (line["rule"], line["row"], line["column"]) == ("reference_exists", 3, "consultation_no")
    assert "「相談受付」" in line["message"] and "U-2" not in json.dumps(receipt, ensure_ascii=False)
    (finding,) = clerks.findings()
    assert (finding.submission_id, finding.row) == (clerks.known()[CASE].submission_id, 3)


def test_it_disappears_when_the_other_file_comes_and_returns_when_that_is_withdrawn(clerks: Clerks) -> None:
    clerks.put(CASE, cases("K-1", consultation_no="U-2"))
    clerks.run()
    clerks.put(CONSULTATION, consultations("2024-04", "U-1", "U-2"))
    clerks.run(NOW + timedelta(days=1))
    assert clerks.findings() == []
    assert clerks.receipt(CASE)["cross_file"] == [] and clerks.receipt(CASE)["cross_file_total"] == 0
    clerks.withdraw(CONSULTATION, NOW + timedelta(days=2))
    clerks.run(NOW + timedelta(days=3))
    assert clerks.told(CASE) == [("reference_exists", 2)]


def test_a_number_of_another_municipality_or_kind_is_not_the_one_meant(clerks: Clerks) -> None:
    clerks.put(CASE, cases("U-1", consultation_no="U-2"))
    clerks.put("熊谷市_consultation_2024-04.csv", consultations("2024-04", "U-2"))
    clerks.put("川越市_outreach_2024-05.csv", outreach("U-1", "U-2"))
    clerks.run()
    assert clerks.told(CASE) == [("reference_exists", 2)]
    assert clerks.told("川越市_outreach_2024-05.csv") == [("reference_exists", 3)]


def test_actions_refer_to_dispatches_and_rows_of_a_superseded_file_are_forgotten(clerks: Clerks) -> None:
    action = {"action_no": "T-1", "dispatch_no": "H-1", "municipality_code": "112011"}
    action |= {"advice_topic": "intra_office", "due_on": "2024-09-01", "action_status": "open"}
    first, second = "埼玉県_dispatch_action_2024-05.csv", "埼玉県_dispatch_action_2024-05_訂正.csv"
    clerks.put(first, table("dispatch_action", action))
    assert clerks.run().by_status == {"accepted": 1}
    assert clerks.told(first) == [("reference_exists", 2)]
    clerks.put(second, table("dispatch_action"))
    clerks.run(NOW + timedelta(days=1))
    assert clerks.findings() == [] and clerks.told(first) == []


def test_nothing_is_said_of_numbers_whose_rows_were_purged(clerks: Clerks) -> None:
    clerks.put(CONSULTATION, consultations("2024-04", "U-1"))
    clerks.put(CASE, cases("K-1", consultation_no="U-1"))
    clerks.put("熊谷市_case_2024-05.csv", cases("K-1", consultation_no="U-1"))
    clerks.run()
    with Manifest(clerks.settings.manifest_db) as manifest:
        manifest.purge([clerks.known()[CONSULTATION].submission_id], {}, NOW)
    clerks.run(NOW + timedelta(days=1))
    assert clerks.told(CASE) == [] and clerks.told("熊谷市_case_2024-05.csv") == [("reference_exists", 2)]


def test_what_a_manifest_older_than_digests_holds_is_told_anew(clerks: Clerks) -> None:
    clerks.put(CASE, cases("K-1", "K-2", consultation_no="U-2"))
    clerks.put("熊谷市_case_2024-05.csv", cases("K-1", consultation_no="U-9"))
    clerks.run()
    with closing(sqlite3.connect(clerks.settings.manifest_db)) as db, db:
        db.execute("delete from cross_digest")
    clerks.put(CONSULTATION, consultations("2024-04", "U-2"))
    clerks.run(NOW + timedelta(days=1))
    assert clerks.told(CASE) == []
    (finding,) = clerks.findings()
    assert finding.submission_id == clerks.known()["熊谷市_case_2024-05.csv"].submission_id


def test_a_run_in_which_nothing_changes_writes_no_receipt_again(clerks: Clerks) -> None:
    clerks.put(CASE, cases("K-1", consultation_no="U-2"))
    clerks.run()
    path = clerks.settings.receipts_dir / clerks.known()[CASE].receipt
    before = path.stat().st_mtime_ns, path.read_bytes()
    clerks.run(NOW + timedelta(days=1))
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


def test_the_copy_says_what_the_manifest_says(clerks: Clerks) -> None:
    clerks.put(CASE, cases("K-1", consultation_no="U-2"))
    clerks.run()
    clerks.put(CONSULTATION, consultations("2024-04", "U-2"))
    clerks.run(NOW + timedelta(days=1))
    known = clerks.known()[CASE]
    with Manifest(clerks.settings.manifest_db) as manifest:
        assert json.loads(manifest.receipt(known.submission_id)) == clerks.receipt(CASE)
