"""When files are sent: in order, again, late, not at all, empty, spoilt."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from expectations.contract import load_contracts
from pipelines.settings import TIME_ZONE
from pipelines.simulate.model import PREFECTURE_CODE, Submission, World, first_day, month_of

CONTRACTS = load_contracts()


def test_arrivals_are_unique_and_ordered(prefecture: World) -> None:
    moments = [submission.arrived_at for submission in prefecture.submissions]
    assert moments == sorted(set(moments))
    assert all(moment.tzinfo is TIME_ZONE for moment in moments)


def test_versions_arrive_one_after_the_other_and_differ(prefecture: World) -> None:
    versions: dict[tuple[str, str, date], list[Submission]] = {}
    for submission in prefecture.submissions:
        versions.setdefault((submission.sender_code, submission.form, submission.period), []).append(submission)
    several = [group for group in versions.values() if len(group) > 1]
    assert len(several) > 20
    for group in versions.values():
        assert [submission.version for submission in group] == list(range(1, len(group) + 1))
    taken = [[version for version in group if not version.is_returned] for group in several]
    assert all(a.rows != b.rows for group in taken for a, b in pairwise(group) if a.form in {"case", "consultation"})


def test_no_month_is_sent_before_it_is_over(prefecture: World) -> None:
    for submission in prefecture.submissions:
        if CONTRACTS[submission.form].cadence == "monthly":
            assert submission.arrived_at.date() > first_day(month_of(submission.period) + 1)


def test_some_files_are_missing_late_empty_and_spoilt(prefecture: World) -> None:
    monthly = [s for s in prefecture.submissions if CONTRACTS[s.form].cadence == "monthly"]
    assert any(not submission.rows for submission in monthly)
    spoilt = [submission for submission in prefecture.submissions if submission.faults and not submission.is_returned]
    assert 0.003 < len(spoilt) / len(prefecture.submissions) < 0.03
    assert all(1 <= len(s.faults) <= 3 and 4 * len(s.faults) <= len(s.rows) for s in spoilt)
    late = [s for s in monthly if (s.arrived_at.date() - first_day(month_of(s.period) + 1)).days > 10]
    assert 0.02 < len(late) / len(monthly) < 0.2
    ledgers = {(s.sender_code, s.period) for s in monthly if s.form == "case"}
    meetings = {(s.sender_code, s.period) for s in monthly if s.form == "meeting"}
    assert ledgers - meetings, "no meeting file was forgotten"


def test_who_sends_what(prefecture: World) -> None:
    everyone = {municipality.code for municipality in prefecture.municipalities}
    senders: dict[str, set[str]] = {}
    for submission in prefecture.submissions:
        senders.setdefault(submission.form, set()).add(submission.sender_code)
    for form in ("outreach", "participation", "place", "resource_need"):
        assert senders[form] <= senders["case"] and len(senders[form]) > 10
    assert senders["goal"] <= senders["case"] and senders["function_check"] <= senders["case"]
    assert senders["case"] < senders["monthly_summary"] <= senders["consultation"] < everyone
    of_prefecture = {form for form, contract in CONTRACTS.items() if contract.sender == "prefecture"}
    assert {form for form, who in senders.items() if who == {PREFECTURE_CODE}} == of_prefecture
