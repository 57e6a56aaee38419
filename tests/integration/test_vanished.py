"""The history of a ledger's keys: vanished, open again, corrected in an old month. Ordered by month, not by arrival."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipelines.settings import Settings
from tests.factories.clerks import NOW, Clerks, cases, table

MAY, JUNE, JULY = (f"川越市_case_2024-{month}.csv" for month in ("05", "06", "07"))


@pytest.fixture
def clerks(settings: Settings) -> Clerks:
    return Clerks(settings)


def test_an_open_key_absent_from_the_next_ledger_is_told_with_its_earlier_place(clerks: Clerks) -> None:
    clerks.put(MAY, cases("K-1", "K-2"))
    clerks.put(JUNE, cases("K-1"))
    clerks.run()
    assert clerks.told(MAY) == [] and clerks.told(JUNE) == [("vanished_key", None)]
    (line,) = clerks.receipt(JUNE)["cross_file"]
    assert f"{MAY} の3行目" in line["message"] and "K-2" not in line["message"]


def test_a_key_that_ended_may_be_absent(clerks: Clerks) -> None:
    clerks.put(MAY, cases("K-1", "K-2", closed_ym="2024-05", closure_type="C4"))
    clerks.put(JUNE, cases("K-1"))
    clerks.put("熊谷市_case_2024-05.csv", cases("K-1", "K-2", returned_ym="2024-05"))
    clerks.put("熊谷市_case_2024-06.csv", cases("K-1"))
    assert clerks.run().by_status == {"accepted": 4}
    assert clerks.findings() == []


def test_the_next_ledger_is_the_next_accepted_one_and_an_empty_one_says_that_all_are_gone(clerks: Clerks) -> None:
    clerks.put(MAY, cases("K-1"))
    clerks.put(JUNE, "壊れた")
    clerks.put(JULY, table("case"))
    clerks.run()
    assert clerks.told(JULY) == [("vanished_key", None)]
    clerks.put(JUNE, cases("K-1"))
    clerks.run(NOW + timedelta(days=1))
    (line,) = clerks.receipt(JULY)["cross_file"]
    assert JUNE in line["message"]


def test_a_correction_that_lists_the_key_takes_the_warning_away(clerks: Clerks) -> None:
    clerks.put(MAY, cases("K-1", "K-2"))
    clerks.put(JUNE, cases("K-1"))
    clerks.run()
    corrected = JUNE.replace(".csv", "_訂正.csv")
    clerks.put(corrected, cases("K-1", "K-2"))
    clerks.run(NOW + timedelta(days=1))
    assert clerks.findings() == [] and clerks.told(JUNE) == clerks.told(corrected) == []


def test_a_key_open_again_under_its_old_number_is_told_in_its_own_row(clerks: Clerks) -> None:
    clerks.put(MAY, cases("K-1", "K-2", returned_ym="2024-05"))
    clerks.put(JUNE, cases("K-1"))
    clerks.put(JULY, cases("K-1", "K-2"))
    clerks.run()
    assert clerks.told(JULY) == [("reopened_key", 3)]
    assert f"{MAY} の3行目" in clerks.receipt(JULY)["cross_file"][0]["message"]


def test_the_order_of_arrival_does_not_matter_for_what_vanished(clerks: Clerks) -> None:
    clerks.put(JUNE, cases("K-1"))
    clerks.run()
    clerks.put(MAY, cases("K-1", "K-2"))
    clerks.run(NOW + timedelta(days=1))
    assert clerks.told(JUNE) == [("vanished_key", None)]


def test_correcting_an_old_ledger_says_how_many_keys_a_later_one_decides(clerks: Clerks) -> None:
    clerks.put(MAY, cases("K-1", "K-2", "K-3"))
    clerks.put(JUNE, cases("K-1", "K-2", "K-3"))
    clerks.run()
    assert clerks.findings() == []
    corrected = MAY.replace(".csv", "_訂正.csv")
    clerks.put(corrected, cases("K-1", "K-2", "K-9", closed_ym="2024-05", closure_type="C4"))
    clerks.run(NOW + timedelta(days=1))
    assert clerks.told(corrected) == [("listed_later", None)]
    assert "2件は" in clerks.receipt(corrected)["cross_file"][0]["message"]
    assert clerks.told(JUNE) == []


@pytest.mark.parametrize(
    ("form", "row", "ended"),
    [
        (
            "place",
            {
                "place_no": "B-1",
                "base_scheme": "child",
                "opened_ym": "2024-04",
                "is_open_to_all": "有",
                "open_days": "3",
            }
            | {"visitors": "9"},
            {"closed_ym": "2024-05"},
        ),
        (
            "resource_need",
            {"need_no": "N-1", "raised_ym": "2024-04", "resource_type": "work", "gap_reason": "age"}
            | {"raised_at": "jusou", "need_status": "identified"},
            {"need_status": "dropped"},
        ),
        (
            "participation",
            {"match_no": "M-1", "case_no": "K-1", "matched_ym": "2024-04", "resource_type": "work"}
            | {"resource_origin": "new", "match_status": "following", "followups": "0"},
            {"match_status": "ended", "ended_ym": "2024-05"},
        ),
    ],
    ids=["place", "resource_need", "participation"],
)
def test_every_ledger_says_by_its_contract_when_a_row_has_ended(
    clerks: Clerks, form: str, row: dict[str, str], ended: dict[str, str]
) -> None:
    for city, last in (("川越市", row), ("熊谷市", row | ended)):
        clerks.put(f"{city}_case_2024-05.csv", cases("K-1"))
        clerks.put(f"{city}_{form}_2024-05.csv", table(form, last))
        clerks.put(f"{city}_{form}_2024-06.csv", table(form))
    assert clerks.run().by_status == {"accepted": 6}
    assert clerks.told(f"川越市_{form}_2024-06.csv") == [("vanished_key", None)]
    assert clerks.told(f"熊谷市_{form}_2024-06.csv") == []
