"""The manifest commits whole or not at all, and knows what counted when."""

from __future__ import annotations

import random
import sqlite3
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.intake.manifest import Build, Manifest, ManifestError
from pipelines.intake.submissions import FileStamp, Submission
from pipelines.settings import TIME_ZONE

NOON = datetime(2024, 6, 10, 12, tzinfo=TIME_ZONE)
MAY = date(2024, 5, 1)


def submission(order: int, **changes: Any) -> Submission:
    facts: dict[str, Any] = {
        "submission_id": f"id-{order}",
        "file_name": f"{order}.csv",
        "content_sha256": f"sha-{order}",
        "size": 10,
        "sender_code": "112011",
        "form": "case",
        "period": MAY,
        "status": "accepted",
        "rows_total": 4,
        "rows_accepted": 4,
        "rows_rejected": 0,
        "warnings": 0,
        "error_codes": (),
        "received_at": NOON + timedelta(hours=order),
        "arrival_order": order,
        "receipt": f"112011/{order}.json",
    }
    return Submission(**(facts | changes))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "manifest.sqlite"


def test_what_is_committed_comes_back(path: Path) -> None:
    whole = submission(
        1, error_codes=("in_period", "unread"), status="accepted_with_errors", rows_total=5, rows_rejected=1
    )
    unknown = submission(2, sender_code=None, form=None, period=None, status="returned", rows_accepted=0, rows_total=0)
    stamp = FileStamp("1.csv", 10, 123, "sha-1")
    with Manifest(path) as manifest:
        manifest.commit([whole, unknown], [stamp], {"id-1": "{}"})
    with Manifest(path) as manifest:
        assert manifest.submissions() == [whole, unknown]
        assert manifest.has_read("1.csv", 10, 123)
        assert not any(
            manifest.has_read(*other) for other in [("1.csv", 11, 123), ("1.csv", 10, 124), ("2.csv", 10, 123)]
        )
        assert manifest.receipt("id-1") == "{}"


@pytest.mark.parametrize(
    "bad",
    [
        submission(2, rows_rejected=1),  # 4 ≠ 4 + 1
        submission(2, status="lost"),
        submission(2, form=None),  # accepted, but of no form
        submission(2, submission_id="id-1"),
        submission(2, arrival_order=1),
    ],
)
def test_a_commit_is_everything_or_nothing(path: Path, bad: Submission) -> None:
    with Manifest(path) as manifest:
        with pytest.raises(sqlite3.IntegrityError):
            manifest.commit([submission(1), bad], [FileStamp("1.csv", 1, 1, "x")])
        assert manifest.submissions() == [] and not manifest.has_read("1.csv", 1, 1)
        manifest.commit([submission(1)])
        assert len(manifest.submissions()) == 1


def test_the_newest_accepted_of_the_same_three_is_current(path: Path) -> None:
    with Manifest(path) as manifest:
        manifest.commit(
            [
                submission(1),
                submission(2),
                submission(3, status="returned", rows_accepted=0, rows_rejected=4),
                submission(4, period=date(2024, 4, 1)),
                submission(5, received_at=NOON),  # came first, was read last
            ]
        )
        known = {one.submission_id: (one.is_current, one.counts) for one in manifest.known_at(None)}
        assert {key for key, marks in known.items() if marks == (True, True)} == {"id-2", "id-4"}
        assert set(known.values()) == {(True, True), (False, False)}
        standing = manifest.standing(("112011", "case", MAY))
        assert standing is not None and standing.submission_id == "id-2"
        assert manifest.standing(("112020", "case", MAY)) is None


def test_all_accepted_of_a_form_that_accumulates_count(path: Path) -> None:
    with Manifest(path) as manifest:
        manifest.commit([submission(order, form="setup", period=date(2024, 4, 1)) for order in (1, 2)])
        assert [(one.is_current, one.counts) for one in manifest.known_at(None)] == [(False, True), (True, True)]


def test_as_known_at_a_time(path: Path) -> None:
    with Manifest(path) as manifest:
        manifest.commit([submission(1), submission(2)])
        then = manifest.known_at(NOON + timedelta(hours=1))
        assert [(one.submission_id, one.is_current) for one in then] == [("id-1", True)]
        assert manifest.known_at(NOON) == []


def test_a_withdrawn_submission_lets_the_one_before_count_again(path: Path) -> None:
    withdrawn_at = NOON + timedelta(hours=5)
    with Manifest(path) as manifest:
        manifest.commit([submission(1), submission(2)])
        manifest.withdraw("id-2", "誤送信", withdrawn_at)
        assert [one.submission_id for one in manifest.known_at(None) if one.is_current] == ["id-1"]
        before = manifest.known_at(withdrawn_at - timedelta(minutes=1))
        assert [one.submission_id for one in before if one.is_current] == ["id-2"]
        assert manifest.submissions()[1].withdrawn_reason == "誤送信"
        for impossible in ("id-2", "id-9"):
            with pytest.raises(ManifestError):
                manifest.withdraw(impossible, "もう一度", withdrawn_at)


def test_a_home_keeps_its_origin_and_its_secret(path: Path) -> None:
    with Manifest(path) as manifest:
        assert manifest.origin() == "real"
        manifest.claim_origin("synthetic")
        manifest.claim_origin("synthetic")
        manifest.claim_rekey_fingerprint("aa")
    with Manifest(path) as manifest:
        assert manifest.origin() == "synthetic"
        with pytest.raises(ManifestError, match="合成データ"):
            manifest.claim_origin("real")
        with pytest.raises(ManifestError, match="rekey"):
            manifest.claim_rekey_fingerprint("bb")


def test_builds_are_kept_once_and_in_order(path: Path) -> None:
    builds = [
        Build(f"b{at}", NOON + timedelta(days=at), MAY, "real", NOON if at else None, "f", "p") for at in range(2)
    ]
    with Manifest(path) as manifest:
        for build in (builds[1], builds[0], builds[1]):
            manifest.record_build(build, [])
        assert manifest.builds() == builds


def test_a_build_keeps_exactly_which_submissions_it_counted(path: Path) -> None:
    sent = [submission(order) for order in range(1, 9)]
    first, second, old = (Build(build, NOON, MAY, "real", None, "f", build) for build in ("first", "second", "old"))
    with Manifest(path) as manifest:
        manifest.commit(sent)
        manifest.record_build(first, [sent[at] for at in (6, 0, 1, 2, 4)])
        manifest.record_build(second, sent)
        manifest.record_build(first, sent[3:])  # again, when more is known: what it counted stays what it was
        manifest.record_build(old, [])
    with Manifest(path) as manifest:
        assert manifest.counted_by("first") == [sent[at] for at in (0, 1, 2, 4, 6)]
        assert manifest.counted_by("second") == sent
        assert manifest.counted_by("old") is None


@pytest.mark.parametrize("seed", range(5))
def test_what_counts_is_the_same_however_it_is_asked(path: Path, seed: int) -> None:
    """All at once as known at a time, or of one file of the lake, of some senders, of one three."""
    chance = random.Random(seed)  # noqa: S311 - the same submissions each time
    senders, forms, periods = ("112011", "112020"), ("case", "setup"), (MAY, date(2024, 4, 1))
    sent = [
        submission(
            order,
            sender_code=chance.choice(senders),
            form=chance.choice(forms),  # a form whose submissions accumulate among them
            period=chance.choice(periods),
            status=chance.choice(("accepted", "accepted_with_errors", "duplicate")),
            received_at=NOON + timedelta(seconds=chance.choice((0, 1, 1.5))),
        )
        for order in range(1, 41)
    ]
    with Manifest(path) as manifest:
        manifest.commit(sent)
        accepted = [one.submission_id for one in sent if one.is_accepted]
        for one in chance.sample(accepted, 6):
            manifest.withdraw(one, "誤送信", NOON)
        manifest.purge(chance.sample(accepted, 3), {}, NOON)
        known = manifest.known_at(None)
        counting = {
            (one.submission_id, one.sender_code, one.form, one.period, one.arrival) for one in known if one.counts
        }
        assert {tuple(one) for form in forms for at in periods for one in manifest.counting_in(form, at)} == counting
        assert {tuple(one) for form in forms for one in manifest.counting_of(form, senders)} == counting
        assert {tuple(one) for one in manifest.counted(sorted(one[0] for one in counting))} == counting
        for three in {one.three for one in known}:
            current = [one.submission_id for one in known if one.three == three and one.is_current]
            standing = manifest.standing(three)
            assert ([standing.submission_id] if standing else []) == current
        kept = {one.submission_id: one.rows_accepted for one in known if one.is_accepted}
        for one in manifest.purged():
            del kept[one]
        assert {one: rows for _, _, held in manifest.promised_rows() for one, rows in held.items()} == kept
