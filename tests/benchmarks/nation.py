"""`make bench-nation`: the nation's month through the intake, beside a script that does no more than read the same bytes.

1,741 municipalities send their eight monthly forms as CP932 CSV, ~14,000 files in all. The floor is what a hand-written
script needs to decode them, put them in one stream per form and let DuckDB read those, with no validation at all. Both run in
processes of their own; what is printed are CPU seconds, their ratio with and without what each spends before its first file,
and where the intake's own time goes. Great Expectations, its import and its validations, is told apart. With `--months` the
files come month after month first, a process each, then all at once: what a month costs, and the memory, as history grows.
Nothing here passes or fails. No file is deleted before the end: Linux's ext4 is many times slower at making files where some
were just deleted.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from expectations.contract import load_contracts
from pipelines.intake import judging, lake, opening, process, reception, rejudging
from pipelines.settings import TIME_ZONE, Settings
from pipelines.simulate.files import write_submissions
from pipelines.simulate.model import Submission, World
from pipelines.simulate.world import WorldSpec, make_world
from tests.benchmarks.naive_intake import cpu_seconds

FIRST_MONTH = date(2023, 4, 1)
NATION = 1741
ROWS_OF_A_TOWN = 258  # 450,000 consultations a month in 1,741 municipalities
_GX = ("GX import", "GX validation")


def main() -> None:
    """Make the files once; one month by floor and intake in turn, twice each; more of them as they come, then as a whole."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--municipalities", type=int, default=NATION)
    parser.add_argument("--months", type=int, default=1)
    parser.add_argument(
        "--intake", nargs=3, help="folder with the inbox, home in it, month of the run: figures as JSON"
    )
    arguments = parser.parse_args()
    if arguments.intake:
        folder, home, month = arguments.intake
        print(json.dumps(intake(Path(folder), home, date.fromisoformat(month))))
        return
    with tempfile.TemporaryDirectory(prefix="kasane-nation-") as folder:
        # In a process of its own: whoever starts another one hands its peak of memory on.
        with ProcessPoolExecutor(1, get_context("spawn")) as writer:
            months = writer.submit(write_nation, Path(folder), arguments.municipalities, arguments.months).result()
        for month in months:
            (Path(folder) / f"{month:%Y-%m}").rename(Path(folder) / "inbox" / f"{month:%Y-%m}")
            if len(months) > 1:
                _print_month(month, _take_in(folder, "home-growing", month))
        for attempt in (1, 2) if len(months) == 1 else (1,):
            floor = _in_a_process("tests.benchmarks.naive_intake", folder)
            _print(attempt, floor, _take_in(folder, f"home-{attempt}", months[-1]))


def write_nation(folder: Path, municipalities: int, months: int) -> list[date]:
    """Each month's files under `folder/<month>`, and `folder/inbox` without any; tells how many, returns the months."""
    world = make_world(WorldSpec(seed=7, municipalities=NATION, months=months, first_month=FIRST_MONTH))
    towns = _towns(world)
    (folder / "inbox").mkdir()
    write_submissions(replace(world, submissions=()), folder / "inbox")  # the tables beside the submissions
    write_submissions(replace(world, submissions=tuple(one for sent in towns for one in sent)), folder / "towns")
    rows: Counter[str] = Counter()
    for at, municipality in enumerate(world.municipalities[:municipalities]):
        for one in towns[at % len(towns)]:
            what = f"{one.form}_{one.period:%Y-%m}.csv"
            text = (folder / "towns" / one.sender_code / f"{one.sender_code}_{what}").read_text(encoding="utf-8")
            path = folder / f"{one.period:%Y-%m}" / municipality.code / f"{municipality.code}_{what}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("cp932").replace(b"\n", b"\r\n"))
            rows[one.form] += len(one.rows)
    print(
        f"{municipalities:,} municipalities, {months} months: {rows.total():,} rows, {rows['consultation']:,} consultations"
    )
    return sorted({one.period for one in towns[0]})


def _towns(world: World) -> list[list[Submission]]:
    """What those sent whose files serve for all: of the towns with every form in every month the largest.

    They are as many as give the nation's number of consultations on the whole. All forms of a municipality are one town's,
    since their numbers refer to each other.
    """
    forms = {one.form for one in load_contracts().values() if one.cadence == "monthly" and one.sender == "municipality"}
    sent: defaultdict[str, list[Submission]] = defaultdict(list)
    for one in world.submissions:
        if one.form in forms and one.version == 1:
            sent[one.sender_code].append(one)
    whole = [files for files in sent.values() if len(files) == len(forms) * world.spec.months]
    largest = sorted(whole, key=_consultations, reverse=True)
    sums = accumulate(map(_consultations, largest))
    wanted = ROWS_OF_A_TOWN * world.spec.months
    _, towns = min((abs(total / towns - wanted), towns) for towns, total in enumerate(sums, start=1))
    return largest[:towns]


def _consultations(sent: Iterable[Submission]) -> int:
    return sum(len(one.rows) for one in sent if one.form == "consultation")


def intake(folder: Path, home: str, month: date) -> dict[str, Any]:
    """The real intake in one process, in the month after that one, with the CPU seconds of its parts."""
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
    settings = Settings(home=folder / home, inbox=folder / "inbox")
    now = datetime.combine(month + timedelta(days=38), datetime.min.time(), TIME_ZONE)
    summary = process.process_inbox(settings, now=now)
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    facts = {"files": summary.new_files, "by_status": summary.by_status, "parts": dict(parts)}
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


def _take_in(folder: str, home: str, month: date) -> dict[str, Any]:
    return _in_a_process("tests.benchmarks.nation", "--intake", folder, home, month.isoformat())


def _in_a_process(module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _without_gx(taken: Mapping[str, Any]) -> float:
    return taken["cpu"] - sum(taken["parts"][name] for name in _GX)


def _print_month(month: date, taken: Mapping[str, Any]) -> None:
    files, own, between = taken["files"], _without_gx(taken), taken["parts"]["judge between files"]
    print(f"{month:%Y-%m}: {files:,} new files, {taken['cpu']:.1f} CPU s, peak {taken['mib']:,.0f} MiB")
    print(f"  without GX {own:.1f} = {1000 * own / files:.2f} ms a file, {between:.1f} of it between files", flush=True)


def _print(attempt: int, floor: dict[str, Any], taken: dict[str, Any]) -> None:
    parts: dict[str, float] = taken["parts"]
    own = _without_gx(taken)
    work = floor["cpu"] - floor["started"]
    print(
        f"run {attempt}: floor {floor['cpu']:.1f} CPU s, {floor['started']:.1f} before its first file ({floor['rows']:,} rows)"
    )
    print(
        f"  intake {taken['cpu']:.1f} CPU s, peak {taken['mib']:,.0f} MiB  {taken['files']:,} files {taken['by_status']}"
    )
    print(f"  without GX {own:.1f} = {own / floor['cpu']:.2f} × the floor", end="")
    print(
        f"; from the first file on {own - taken['started']:.1f} = {(own - taken['started']) / work:.2f} × the floor's"
    )
    rest = taken["cpu"] - taken["started"] - sum(parts.values())
    for part, seconds in [("start", taken["started"]), *parts.items(), ("everything else", rest)]:
        print(f"    {part:<20} {seconds:6.1f} s  {seconds / taken['cpu']:4.0%}", flush=True)


if __name__ == "__main__":
    main()
