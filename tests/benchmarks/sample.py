"""`make bench`: the sample prefecture (63 municipalities × 36 months) through the pipeline, and where the time goes.

Prints seconds and each stage's share of the whole, a second run with nothing new, and what the command line's start costs
beside a bare Python. Shares and ratios come from one run on one machine; nothing here passes or fails.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipelines.builds import published_builds
from pipelines.demo import MESSY_SHARE, SAMPLE
from pipelines.reporting import Kind, make_documents
from pipelines.run import nothing_new, refresh
from pipelines.settings import Settings
from pipelines.simulate.files import write_submissions
from pipelines.simulate.world import make_world
from tests.benchmarks.disclosure import whole_release


class Stopwatch:
    """A Progress that keeps the seconds of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._name = ""
        self._began = 0.0

    def stage(self, name_ja: str) -> None:
        """Close the stage before, begin this one."""
        now = time.perf_counter()
        if self._name:
            self.seconds[self._name] = now - self._began
        self._name, self._began = name_ja, now

    def advance(self, done: int, total: int) -> None:
        """Counts are of no interest here."""


def main() -> None:
    """Run and print."""
    with tempfile.TemporaryDirectory(prefix="kasane-bench-") as folder:
        settings = Settings(home=Path(folder) / "home", inbox=Path(folder) / "inbox")
        began = time.perf_counter()
        files = write_submissions(make_world(SAMPLE), settings.inbox_dir, messy=MESSY_SHARE)
        print(f"simulate            {time.perf_counter() - began:6.1f} s  {files:,} files")
        for name in ("first run (cold dbt parse)", "all again from files (warm)"):
            _forget(settings)
            watch = Stopwatch()
            began = time.perf_counter()
            refresh(settings, progress=watch)
            watch.stage("")
            whole = time.perf_counter() - began
            print(f"{name}: {whole:.1f} s")
            for stage, seconds in watch.seconds.items():
                print(f"  {stage:<16} {seconds:6.1f} s  {seconds / whole:4.0%}")
        began = time.perf_counter()
        assert nothing_new(settings)
        print(f"nothing new (check) {time.perf_counter() - began:6.2f} s")
        whole_release(settings)
        _documents(settings)
        command = [str(Path(sys.executable).with_name("kasane"))]
        bare = _seconds([sys.executable, "-c", "pass"])
        for arguments in (["--help"], ["submissions"], ["run", "--inbox", str(settings.inbox_dir)]):
            seconds = _seconds([*command, *arguments], home=settings.root)
            print(f"kasane {arguments[0]:<12} {seconds:6.2f} s  {seconds / bare:4.0f} × a bare Python")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"peak memory {peak:,.0f} MiB (this process), {child:,.0f} MiB (largest child)")


def _documents(settings: Settings) -> None:
    """The month's report, and every briefing, then the same again with nothing changed: seconds, and CPU of all processes."""
    month = next(build.data_month for build in published_builds(settings) if build.is_current)
    kinds: dict[str, Kind] = {"monthly report": "monthly", "briefings": "briefing"}
    for again in ("", ", unchanged"):
        for name, kind in kinds.items():
            began, used = time.perf_counter(), _cpu_of_children()
            _, documents = make_documents(settings, kind, month=month, audience="internal")
            seconds, cpu = time.perf_counter() - began, _cpu_of_children() - used
            print(f"{len(documents):3} {name + again:<25}{seconds:6.1f} s  CPU {cpu:6.1f} s")


def _cpu_of_children() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


def _forget(settings: Settings) -> None:
    """Drop all state but dbt's parsed manifest, so that the second run reads every file again."""
    for path in (settings.lake_dir, settings.receipts_dir, settings.published_dir):
        shutil.rmtree(path, ignore_errors=True)
    for path in settings.root.glob("manifest.sqlite*"):
        path.unlink()


def _seconds(command: list[str], home: Path | None = None) -> float:
    """The best of three, so that a busy moment of the machine is not counted."""
    environment = {**os.environ, **({"KASANE_HOME": str(home)} if home else {})}
    times = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return min(times)


if __name__ == "__main__":
    main()
