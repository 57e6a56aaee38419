"""What was known at a time stays known then: replays, corrections, and what a build says of the one before it."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from pipelines.build_diff import diff_builds, print_diff
from pipelines.builds import (
    Replay,
    UnknownBuild,
    build_id,
    current_build_id,
    go_back_to,
    newest_build_id,
    point_current_at,
    prune,
    published_builds,
)
from pipelines.intake.manifest import Manifest
from pipelines.progress import Silent
from pipelines.run import nothing_new, refresh
from pipelines.settings import Settings
from pipelines.simulate.world import make_world
from tests.conftest import SMALL_WORLD
from tests.oracle.test_every_cell_equals_the_truth import differences


def replay_of(settings: Settings, as_of: datetime) -> str:
    (replay,) = [build.build_id for build in published_builds(settings) if build.as_of == as_of]
    return replay


def correct(settings: Settings, form: str) -> Path:
    """A clerk sends one month of a municipality again, without its last three rows."""
    sent = next(path for path in sorted(settings.inbox_dir.rglob(f"*_{form}_*.csv")))
    correction = sent.with_name(f"{sent.stem}_訂正.csv")
    correction.write_text("".join(sent.read_text(encoding="utf-8").splitlines(keepends=True)[:-3]), encoding="utf-8")
    return correction


def test_a_correction_changes_todays_build_and_not_yesterdays_replay(small_home: Settings, tmp_path: Path) -> None:
    settings = small_home
    yesterdays = str(current_build_id(settings))
    with Manifest(settings.manifest_db) as manifest:
        arrivals = sorted(submission.received_at for submission in manifest.submissions())
    correction = correct(settings, "consultation")
    assert not nothing_new(settings)
    refresh(settings, progress=Silent())
    todays = str(current_build_id(settings))
    assert todays != yesterdays and nothing_new(settings)
    assert_one_can_go_back(settings, yesterdays, todays)

    then = arrivals[len(arrivals) * 2 // 3] + timedelta(seconds=1)
    refresh(settings, progress=Silent(), as_of=then)
    replay = replay_of(settings, then)
    assert replay not in {yesterdays, todays} and current_build_id(settings) == todays
    with pytest.raises(Replay):
        go_back_to(settings, replay)
    point_current_at(settings, replay)
    assert differences(settings, make_world(SMALL_WORLD), tmp_path, as_of=then) == [], "the correction was not known"
    assert_the_correction_is_all(settings, yesterdays, todays, correction)


def assert_one_can_go_back(settings: Settings, first: str, second: str) -> None:
    """The pointer moves to builds that are there and to no other; what is in force is never pruned."""
    go_back_to(settings, first)
    with pytest.raises(UnknownBuild):
        go_back_to(settings, "202306-000000000000")
    assert current_build_id(settings) == first and nothing_new(settings), "a run without anything new leaves it there"
    kept = settings.model_copy(update={"keep_builds": 1})
    assert prune(kept) == []  # the newer one is within the number to keep, the older one is in force
    go_back_to(settings, second)
    assert newest_build_id(settings) == second
    away = Path(shutil.copytree(settings.published_dir / first, settings.root / "kept"))
    assert prune(kept) == [first]
    shutil.move(away, settings.published_dir / first)


def assert_the_correction_is_all(settings: Settings, before: str, after: str, correction: Path) -> None:
    """The diff names the cells of that municipality's month and what holds it, and the two files."""
    diff = diff_builds(settings, before, after)
    assert diff.cells and diff.submissions and diff.other_inputs == [] and diff.unexplained == 0
    name = str(correction.relative_to(settings.inbox_dir))
    assert [(row["change"], row["reason"], row["file"]) for row in diff.submissions] == [
        ("外れた", "差し替え", name.replace("_訂正", "")),
        ("加わった", "差し替え", name),
    ]
    sender, period = diff.submissions[0]["municipality_code"], diff.submissions[0]["period"]
    assert {(cell["period"], cell["area_level"]) for cell in diff.cells} == {
        (period, level) for level in ("municipality", "region", "prefecture")
    }
    assert {cell["area_code"] for cell in diff.cells if cell["area_level"] == "municipality"} == {sender}
    (whole,) = [
        c for c in diff.cells if (c["kpi_id"], c["area_code"]) == ("new_consultations", settings.prefecture_code)
    ]
    assert whole["after_numerator"] == whole["before_numerator"] - 3
    assert whole["caused_by"] == [row["file"] for row in diff.submissions]
    assert {cell["kpi_id"] for cell in diff.cells} & {"closures", "window_rate"} == set()
    for form in ("table", "csv", "json"):
        printed = StringIO()
        print_diff(diff, form, printed)
        assert name in printed.getvalue() and "new_consultations" in printed.getvalue()

    assert diff_builds(settings, after, after).cells == []
    shutil.rmtree(settings.published_dir / before)  # as pruning does
    pruned = diff_builds(settings, before, after)
    assert pruned.cells is None and pruned.submissions == diff.submissions
    with pytest.raises(UnknownBuild, match="202405-nothing"):
        diff_builds(settings, "202405-nothing", after)


def test_a_replay_of_all_that_is_known_is_another_build_than_todays(small_home: Settings) -> None:
    """Its files say that they are a replay; were it the same build, one of the two would be in force under a false label."""
    settings = small_home
    with Manifest(settings.manifest_db) as manifest:
        known, origin = manifest.known_at(None), manifest.origin()
    latest = max(submission.received_at for submission in known)
    assert build_id(settings, known, origin) == current_build_id(settings)
    assert build_id(settings, known, origin, latest) != current_build_id(settings)
    assert build_id(settings, known, origin, latest) == build_id(settings, known, origin, latest)
