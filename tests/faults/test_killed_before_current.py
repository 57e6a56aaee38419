"""The process dies at the worst moment: everything is built, CURRENT not yet moved."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pipelines.builds import build_id, current_build_id, published_builds, read_build_manifest
from pipelines.intake.manifest import Manifest
from pipelines.intake.process import process_inbox
from pipelines.progress import Silent
from pipelines.run import nothing_new, refresh
from pipelines.settings import TIME_ZONE, Settings
from pipelines.simulate.files import write_submissions
from pipelines.simulate.world import WorldSpec, make_world
from tests.factories.rows_in_lake import rows_in_lake

# The child runs the real job; only the named function is replaced, by a real SIGKILL.
KILLED_RUN = """
import importlib, os, signal, sys
from pathlib import Path
from pipelines.progress import Silent
from pipelines.run import refresh
from pipelines.settings import Settings
home, module, path = sys.argv[1:]
*owners, name = path.split(".")
victim = importlib.import_module(module)
for owner in owners:
    victim = getattr(victim, owner)
assert callable(getattr(victim, name))
setattr(victim, name, lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL))
refresh(Settings(home=Path(home)), progress=Silent())
"""


def killed_run(settings: Settings, module: str, function: str) -> None:
    """Run the pipeline in a child that is killed when it reaches a function."""
    command = [sys.executable, "-c", KILLED_RUN, str(settings.root), module, function]
    child = subprocess.run(command, capture_output=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()[-2000:]


def test_the_old_build_is_served_and_the_next_run_completes(small_home: Settings) -> None:
    settings = small_home
    old = current_build_id(settings)
    late = max(settings.inbox_dir.rglob("*consultation*.csv"))
    late.with_stem(late.stem + "_訂正").write_bytes(late.read_bytes() + b"\r\n")
    killed_run(settings, "pipelines.assets.publish", "point_current_at")
    assert current_build_id(settings) == old
    assert old is not None and read_build_manifest(settings, old)["build_id"] == old

    refresh(settings, progress=Silent())
    new = current_build_id(settings)
    assert new != old
    assert nothing_new(settings)
    assert {build.build_id for build in published_builds(settings)} == {old, new}


def test_rows_written_but_not_committed_do_not_count_twice(tmp_path: Path, make_home: Callable[..., Settings]) -> None:
    """Killed between the lake and the manifest: the lake holds rows nobody committed."""
    killed, whole = make_home(tmp_path / "killed"), Settings(home=tmp_path / "whole")
    world = make_world(WorldSpec(seed=3, municipalities=4, months=3))
    for settings in (killed, whole):
        write_submissions(world, settings.inbox_dir)
    killed_run(killed, "pipelines.intake.manifest", "Manifest.commit")
    assert list(killed.lake_dir.rglob("*.parquet")), "the child died before it wrote the lake"
    with Manifest(killed.manifest_db) as manifest:
        assert manifest.submissions() == []

    for settings in (killed, whole):
        process_inbox(settings, now=datetime.now(TIME_ZONE))
    assert rows_in_lake(killed.lake_dir) == rows_in_lake(whole.lake_dir) != {}
    known = []
    for settings in (killed, whole):
        with Manifest(settings.manifest_db) as manifest:
            known.append(manifest.known_at(None))
    assert known[0] == known[1]
    assert build_id(killed, known[0], "synthetic") == build_id(whole, known[1], "synthetic")
