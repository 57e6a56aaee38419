"""Two processes want to write in one home: the second waits, and says so; nothing of either is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.exclusive import only_writer
from pipelines.intake.manifest import Manifest
from pipelines.progress import Silent
from pipelines.run import RunFailed, refresh
from pipelines.settings import Settings
from tests.factories.building import as_csv, changed, contracts
from tests.integration.test_command_line import KASANE

WAITING = "ほかの処理が終わるのを待っています"
# A process that takes the home and dies with it.
KILLED_HOLDER = """
import os, signal, sys
from pathlib import Path
from pipelines.exclusive import only_writer
from pipelines.settings import Settings
with only_writer(Settings(home=Path(sys.argv[1])), print):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_command_waits_its_turn(small_home: Settings) -> None:
    with Manifest(small_home.manifest_db) as manifest:
        accepted = next(one for one in manifest.submissions() if one.is_accepted)
        command = [KASANE, "submissions", "withdraw", accepted.submission_id, "--reason", "誤送"]
        environment = {**os.environ, "KASANE_HOME": str(small_home.root)}
        with only_writer(small_home, on_wait=lambda: None):
            child = subprocess.Popen(command, env=environment, text=True, stderr=subprocess.PIPE)
            assert child.stderr is not None and WAITING in child.stderr.readline()
            assert all(one.withdrawn_at is None for one in manifest.submissions())
        assert child.wait() == 0
        assert [one.submission_id for one in manifest.submissions() if one.withdrawn_at] == [accepted.submission_id]


class _Told(Silent):
    """Notices when it is told to wait."""

    def __init__(self) -> None:
        self.waits = threading.Event()

    def stage(self, name_ja: str) -> None:
        if name_ja == WAITING:
            self.waits.set()


def test_a_run_waits_before_it_takes_anything_in(tmp_path: Path, make_home: Callable[..., Settings]) -> None:
    settings, told = make_home(tmp_path / "home"), _Told()
    settings.inbox_dir.mkdir(parents=True)
    (settings.inbox_dir / "112011_setup_FY2024.csv").write_bytes(as_csv(changed(contracts()["setup"])))

    def run() -> None:
        with pytest.raises(RunFailed, match="月次のファイルがまだありません"):
            refresh(settings, progress=told)

    thread = threading.Thread(target=run)
    with only_writer(settings, on_wait=lambda: None):
        thread.start()
        assert told.waits.wait(timeout=120)
        assert not settings.manifest_db.exists()
    thread.join()
    with Manifest(settings.manifest_db) as manifest:
        assert [one.form for one in manifest.submissions()] == ["setup"]
    waited: list[bool] = []
    with only_writer(settings, on_wait=lambda: waited.append(True)):
        assert waited == [], "a run that failed has let go of the home"


def test_the_home_is_free_again_when_its_holder_is_killed(settings: Settings) -> None:
    child = subprocess.run([sys.executable, "-c", KILLED_HOLDER, str(settings.root)], check=False)
    assert child.returncode == -9
    waited: list[bool] = []
    with only_writer(settings, on_wait=lambda: waited.append(True)):
        assert waited == []
