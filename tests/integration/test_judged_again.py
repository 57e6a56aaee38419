"""Judging only what may have changed comes to what judging everything comes to, whatever came, went and came again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from pipelines.intake import rejudging, retention
from pipelines.intake.cross_findings import CrossFinding
from pipelines.intake.manifest import Manifest
from pipelines.settings import Settings
from tests.factories.clerks import NOW, Clerks, cases, consultations, outreach

CITIES = ("川越市", "熊谷市")
MONTHS = ("2024-03", "2024-04", "2024-05", "2024-06")
RUNS = 16


@pytest.fixture
def clerks(settings: Settings) -> Clerks:
    return Clerks(settings)


def sent(chance: random.Random, form: str, month: str) -> str:
    """A file of few numbers, so that files refer to each other, contradict each other and mend each other."""
    numbers = chance.sample(range(1, 6), chance.randint(1, 4))
    if form == "consultation":
        return consultations(month, *(f"U-{number}" for number in numbers))
    if form == "outreach":
        return outreach(*(f"K-{number}" for number in numbers))
    change = {"consultation_no": f"U-{chance.randint(1, 5)}"} if chance.random() < 0.6 else {}
    ended = {"returned_ym": month} if chance.random() < 0.6 else {}
    return cases(*(f"K-{number}" for number in numbers), **change, **ended)


def happen(clerks: Clerks, chance: random.Random, at: datetime) -> None:
    """A file comes, in any order of the months; or one that was accepted is taken back; or the first month's time is over."""
    kind = chance.random()
    standing = [one for one in clerks.known().values() if one.stands] if clerks.settings.manifest_db.exists() else []
    if kind < 0.15 and standing:
        clerks.withdraw(chance.choice(standing).file_name, at)
    elif kind < 0.18:
        retention.purge(clerks.settings, retention.plan(clerks.settings, date(2024, 4, 1)), at)
    else:
        form, month = chance.choice(("consultation", "case", "case", "outreach")), chance.choice(MONTHS)
        clerks.put(f"{chance.choice(CITIES)}_{form}_{month}_{at:%d%H}.csv", sent(chance, form, month))


def findings(clerks: Clerks) -> tuple[list[CrossFinding], dict[str, str]]:
    """What is kept of them, and the digests that spare a telling."""
    with Manifest(clerks.settings.manifest_db) as manifest:
        return manifest.cross_findings(), manifest.cross_digests([one.submission_id for one in manifest.submissions()])


def judged(clerks: Clerks, seed: int) -> Iterator[list[CrossFinding]]:
    """After every few events what the run found, compared with what judging everything anew finds."""
    chance = random.Random(seed)  # noqa: S311 - the same events each time
    for hour in range(RUNS):
        at = NOW + timedelta(hours=hour)
        for _ in range(chance.randint(1, 4)):
            happen(clerks, chance, at)
        clerks.run(at)
        found = findings(clerks)
        with Manifest(clerks.settings.manifest_db) as manifest:
            assert not manifest.due_rows()
            manifest.judge_anew_unless("rules that were never in force")
            rejudging.rejudge(clerks.settings, manifest)
        assert findings(clerks) == found, (seed, hour)
        yield found[0]


@pytest.mark.parametrize("seed", range(3))
def test_what_changed_is_all_that_has_to_be_judged(clerks: Clerks, seed: int) -> None:
    told = Counter(finding.rule for found in judged(clerks, seed) for finding in found)
    assert told.keys() == {"reference_exists", "vanished_key", "reopened_key", "listed_later"}


def test_groups_of_municipalities_come_to_what_all_at_once_come_to(
    clerks: Clerks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejudging, "_ROWS_AT_ONCE", 1)
    grouped = [*judged(clerks, 7)]
    monkeypatch.undo()
    with Manifest(clerks.settings.manifest_db) as manifest:
        manifest.judge_anew_unless("rules that were never in force")
        rejudging.rejudge(clerks.settings, manifest)
    assert findings(clerks)[0] == grouped[-1] != []
