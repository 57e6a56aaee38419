"""Taking a file back: who counts afterwards, what the record says, and what cannot be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipelines.intake.manifest import Manifest, ManifestError
from pipelines.intake.process import process_inbox
from pipelines.intake.submissions import KnownSubmission
from pipelines.intake.withdrawal import REASON_AT_MOST, withdraw
from pipelines.listing import receipts_of
from pipelines.settings import TIME_ZONE, Settings
from tests.factories.building import as_csv, as_xlsx, contracts, good_rows, grid, name_of

NOW = datetime(2025, 6, 10, 9, tzinfo=TIME_ZONE)
LATER = NOW + timedelta(days=1)
CASE, SUMMARY = contracts()["case"], contracts()["monthly_summary"]
NAME = name_of(CASE)


class Office:
    """A home whose inbox files are put into one by one."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._clock = NOW

    def send(self, name: str, data: bytes) -> None:
        path = self.settings.inbox_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self._clock += timedelta(minutes=1)
        process_inbox(self.settings, now=self._clock)

    def known(self, as_of: datetime | None = None) -> list[KnownSubmission]:
        with Manifest(self.settings.manifest_db) as manifest:
            return manifest.known_at(as_of)

    def current(self, as_of: datetime | None = None) -> list[str]:
        return sorted(known.file_name for known in self.known(as_of) if known.is_current)


@pytest.fixture
def office(settings: Settings) -> Office:
    return Office(settings)


def cases(count: int) -> bytes:
    return as_csv(grid(CASE, good_rows(CASE)[:count]))


def test_the_one_before_counts_again(office: Office) -> None:
    office.send(NAME, cases(3))
    office.send(f"v2/{NAME}", cases(2))
    assert office.current() == [f"v2/{NAME}"]
    (taken,) = withdraw(office.settings, f"v2/{NAME}", "別の月の台帳でした", LATER)
    assert taken.counts_again is not None and taken.counts_again.file_name == NAME
    assert office.current() == [NAME]
    assert office.current(as_of=LATER - timedelta(hours=1)) == [f"v2/{NAME}"], "what was known before stays so"
    (receipt,) = receipts_of(office.settings, f"v2/{NAME}")
    assert receipt["withdrawn_reason"] == "別の月の台帳でした" and receipt["withdrawn_at"].startswith("2025-06-11")


def test_the_only_one_leaves_nothing_and_the_inbox_is_as_it_was(office: Office) -> None:
    office.send(NAME, cases(3))
    (taken,) = withdraw(office.settings, NAME, "誤送", LATER)
    assert taken.counts_again is None and office.current() == []
    assert (office.settings.inbox_dir / NAME).read_bytes() == cases(3)
    process_inbox(office.settings, now=LATER)
    assert office.current() == [], "the file that lies there still is not taken in again"


def test_the_same_bytes_sent_again_count_again(office: Office) -> None:
    office.send(NAME, cases(3))
    withdraw(office.settings, NAME, "確認のため", LATER)
    office.send(f"again/{NAME}", cases(3))
    assert office.current() == [f"again/{NAME}"]
    assert [known.status for known in office.known()] == ["accepted", "accepted"]


def test_all_forms_of_a_workbook_are_taken_back_together(office: Office) -> None:
    sheets = {form.label_ja: grid(form, good_rows(form)) for form in (CASE, SUMMARY)}
    office.send("112011_2024-05.xlsx", as_xlsx(sheets))
    assert len(office.current()) == 2
    taken = withdraw(office.settings, "112011_2024-05.xlsx", "差し替えます", LATER)
    assert {one.submission.form for one in taken} == {"case", "monthly_summary"} and office.current() == []


def test_a_name_used_twice_means_the_last_and_a_number_means_that_one(office: Office) -> None:
    office.send(NAME, cases(3))
    office.send(NAME, cases(2))
    first, last = office.known()
    (taken,) = withdraw(office.settings, NAME, "誤送", LATER)
    assert taken.submission.submission_id == last.submission_id
    with pytest.raises(ManifestError, match="すでに取り下げ"):
        withdraw(office.settings, NAME, "もう一度", LATER)
    (taken,) = withdraw(office.settings, first.submission_id, "こちらも誤り", LATER)
    assert taken.submission.submission_id == first.submission_id and office.current() == []


def test_what_cannot_be_taken_back_is_said(office: Office) -> None:
    with pytest.raises(ManifestError, match="という提出はありません"):
        withdraw(office.settings, NAME, "誤送", LATER)
    assert not office.settings.manifest_db.exists(), "asking makes no home"
    office.send(NAME, cases(3))
    office.send(f"a/b_{NAME}", b"nothing like a form")
    office.send(f"b/{NAME}", cases(2))
    with pytest.raises(ManifestError, match="という提出はありません"):
        withdraw(office.settings, "other.csv", "誤送", LATER)
    with pytest.raises(ManifestError, match="受理されていない"):
        withdraw(office.settings, f"b_{NAME}", "誤送", LATER)
    with pytest.raises(ManifestError, match=f"2つのフォルダ(?s:.*){NAME}\nb/{NAME}"):
        withdraw(office.settings, Path(NAME).name, "誤送", LATER)
    assert office.current() == [f"b/{NAME}"]


@pytest.mark.parametrize("reason", ["", "  \n", "長" * (REASON_AT_MOST + 1), "電話 049-224-8811 に確認"])
def test_a_reason_is_needed_and_holds_no_personal_data(office: Office, reason: str) -> None:
    office.send(NAME, cases(3))
    with pytest.raises(ManifestError, match="取り下げの理由") as error:
        withdraw(office.settings, NAME, reason, LATER)
    assert "8811" not in str(error.value) and office.current() == [NAME]
