"""`make bench-nation`: the nation's month through the intake, beside a script that does no more than read the same bytes.

1,741 municipalities send their eight monthly forms as CP932 CSV, ~14,000 files in all. The floor is what a hand-written
script needs to decode them, put them in one stream per form and let DuckDB read those, with no validation at all. Both run in
processes of their own; what is printed are CPU seconds, their ratio with and without what each spends before its first file,
and where the intake's own time goes. Great Expectations, its import and its validations, is told apart. Nothing here passes
or fails. No file is deleted before the end: Linux's ext4 is many times slower at making files where some were just deleted.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from expectations.contract import load_contracts
from pipelines.intake import judging, lake, opening, process, reception, rejudging
from pipelines.settings import TIME_ZONE, Settings
from pipelines.simulate.files import write_submissions
from pipelines.simulate.world import WorldSpec, make_world
from tests.benchmarks.naive_intake import cpu_seconds

MONTH = date(2023, 4, 1)
NATION = 1741
ROWS_OF_A_TOWN = 258  # 450,000 consultations a month in 1,741 municipalities
_GX = ("GX import", "GX validation")


def main() -> None:
    """Make the files once, then run floor and intake in turn, twice each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--municipalities", type=int, default=NATION)
    parser.add_argument(
        "--intake", type=Path, help="a folder with files already made: the intake alone, figures as JSON"
    )
    arguments = parser.parse_args()
    if arguments.intake:
        print(json.dumps(intake(arguments.intake)))
        return
    with tempfile.TemporaryDirectory(prefix="kasane-nation-") as folder:
        files, rows = write_nation(Path(folder), arguments.municipalities)
        print(f"{files:,} files, {rows:,} consultation rows, CP932 CSV", flush=True)
        for attempt in (1, 2):
            floor = _in_a_process("tests.benchmarks.naive_intake", folder)
            _print(attempt, floor, _in_a_process("tests.benchmarks.nation", "--intake", folder))


def write_nation(folder: Path, municipalities: int) -> tuple[int, int]:
    """Files of one month under `folder/inbox`; the contents of 63 simulated towns serve for all. Returns files and rows."""
    world = make_world(WorldSpec(seed=7, municipalities=63, months=1, first_month=MONTH))
    write_submissions(world, folder / "prefecture")
    nation = make_world(WorldSpec(seed=7, municipalities=municipalities, months=1, first_month=MONTH))
    codes = sorted({submission.sender_code for submission in nation.submissions})
    (folder / "inbox").mkdir()
    write_submissions(replace(nation, submissions=()), folder / "inbox")  # the tables beside the submissions
    written = rows = 0
    for contract in load_contracts().values():
        if contract.cadence != "monthly" or contract.sender != "municipality":
            continue
        pool = _contents(folder / "prefecture", contract.form)
        for at, code in enumerate(codes if pool else []):
            text = pool[at % len(pool)]
            path = folder / "inbox" / code / f"{code}_{contract.form}_{MONTH:%Y-%m}.csv"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode("cp932").replace(b"\n", b"\r\n"))
            written += 1
            rows += text.count("\n") - 1 if contract.form == "consultation" else 0
    return written, rows


def _contents(folder: Path, form: str) -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob(f"*_{form}_*.csv"))]
    if form != "consultation":
        return texts
    # Towns of a size that gives the nation's number of rows on the whole.
    return sorted(texts, key=lambda text: abs(text.count("\n") - ROWS_OF_A_TOWN))[:8]


def intake(folder: Path) -> dict[str, Any]:
    """The real intake in one process, with the CPU seconds of its parts."""
    started = cpu_seconds()
    process.WORTH_SHARING = sys.maxsize
    parts: defaultdict[str, float] = defaultdict(float)
    with _clock(parts, "GX import"):
        import great_expectations  # noqa: F401 - what the first validation would do
    _timed(parts, "GX validation", judging.gate, "validate")
    _timed(parts, "own rules", judging.gate, "with_predicates")
    _timed(parts, "read tables", opening, "read_tables")
    _timed(parts, "personal data", opening, "scan")
    _timed(parts, "type cells", judging, "normalise")
    _timed(parts, "write lake", lake, "append")
    _timed(parts, "receipts' contents", reception.receipts, "content")
    _timed(parts, "judge between files", rejudging, "rejudge")
    _timed(parts, "receipts' files", process, "write_missing")
    home = tempfile.mkdtemp(dir=folder, prefix="home-")
    settings = Settings(home=Path(home), inbox=folder / "inbox")
    summary = process.process_inbox(settings, now=datetime(2023, 5, 8, tzinfo=TIME_ZONE))
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    facts = {"rows": summary.rows_accepted, "by_status": summary.by_status, "parts": dict(parts)}
    return {**facts, "started": started, "cpu": cpu_seconds(), "mib": mib}


def _timed(parts: defaultdict[str, float], name: str, module: Any, function: str) -> None:
    original: Callable[..., Any] = getattr(module, function)

    def timed(*args: Any, **kwargs: Any) -> Any:
        with _clock(parts, name):
            return original(*args, **kwargs)

    setattr(module, function, timed)


@contextmanager
def _clock(parts: defaultdict[str, float], name: str) -> Iterator[None]:
    began = time.process_time()
    yield
    parts[name] += time.process_time() - began


def _in_a_process(module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _print(attempt: int, floor: dict[str, Any], taken: dict[str, Any]) -> None:
    parts: dict[str, float] = taken["parts"]
    own = taken["cpu"] - sum(parts[name] for name in _GX)
    work = floor["cpu"] - floor["started"]
    print(
        f"run {attempt}: floor {floor['cpu']:.1f} CPU s, {floor['started']:.1f} before its first file ({floor['rows']:,} rows)"
    )
    print(f"  intake {taken['cpu']:.1f} CPU s, peak {taken['mib']:,.0f} MiB  {taken['by_status']}")
    print(f"  without GX {own:.1f} = {own / floor['cpu']:.2f} × the floor", end="")
    print(
        f"; from the first file on {own - taken['started']:.1f} = {(own - taken['started']) / work:.2f} × the floor's"
    )
    rest = taken["cpu"] - taken["started"] - sum(parts.values())
    for part, seconds in [("start", taken["started"]), *parts.items(), ("everything else", rest)]:
        print(f"    {part:<20} {seconds:6.1f} s  {seconds / taken['cpu']:4.0%}", flush=True)


if __name__ == "__main__":
    main()
