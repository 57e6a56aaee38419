"""`make bench-nation`: the nation's month through the intake, beside a script that does no more than read the same bytes.

1,741 municipalities send their eight monthly forms as CP932 CSV, ~14,000 files in all. The floor is what a hand-written
script needs to decode them, put them in one stream per form and let DuckDB read those, with no validation at all. Both run in
processes of their own; what is printed are CPU seconds, their ratio, and where the intake's own time goes. Nothing here
passes or fails.
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
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.contract import load_contracts
from pipelines.intake import judging, lake, opening, process, reception
from pipelines.settings import TIME_ZONE, Settings
from pipelines.simulate.files import write_submissions
from pipelines.simulate.world import WorldSpec, make_world

MONTH = date(2023, 4, 1)
NATION = 1741
ROWS_OF_A_TOWN = 258  # 450,000 consultations a month in 1,741 municipalities


def main() -> None:
    """Make the files once, then run floor and intake in turn, twice each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--municipalities", type=int, default=NATION)
    parser.add_argument("--only", choices=["floor", "intake"])
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    if arguments.only:
        figures = floor(arguments.folder) if arguments.only == "floor" else intake(arguments.folder)
        print(json.dumps(figures))
        return
    with tempfile.TemporaryDirectory(prefix="kasane-nation-") as folder:
        files, rows = write_nation(Path(folder), arguments.municipalities)
        print(f"{files:,} files, {rows:,} consultation rows, CP932 CSV")
        for attempt in (1, 2):
            results = {name: _in_a_process(name, Path(folder)) for name in ("floor", "intake")}
            _print(attempt, results["floor"], results["intake"])


def write_nation(folder: Path, municipalities: int) -> tuple[int, int]:
    """Files of one month under `folder/inbox`; the contents of 63 simulated towns serve for all. Returns files and rows."""
    world = make_world(WorldSpec(seed=7, municipalities=63, months=1, first_month=MONTH))
    write_submissions(world, folder / "prefecture")
    nation = make_world(WorldSpec(seed=7, municipalities=municipalities, months=1, first_month=MONTH))
    write_submissions(nation, folder / "inbox")
    codes = sorted(path.name for path in (folder / "inbox").iterdir() if path.is_dir())
    for path in (folder / "inbox").rglob("*_*.csv"):
        path.unlink()
    written = rows = 0
    for contract in load_contracts().values():
        if contract.cadence != "monthly" or contract.sender != "municipality":
            continue
        pool = _contents(folder / "prefecture", contract.form)
        for at, code in enumerate(codes if pool else []):
            text = pool[at % len(pool)]
            (folder / "inbox" / code / f"{code}_{contract.form}_{MONTH:%Y-%m}.csv").write_bytes(
                text.encode("cp932").replace(b"\n", b"\r\n")
            )
            written += 1
            rows += text.count("\n") - 1 if contract.form == "consultation" else 0
    (folder / "inbox" / "arrivals.csv").write_text("file,arrived_at\n", encoding="utf-8")
    return written, rows


def _contents(folder: Path, form: str) -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob(f"*_{form}_*.csv"))]
    if form != "consultation":
        return texts
    # Towns of a size that gives the nation's number of rows on the whole.
    return sorted(texts, key=lambda text: abs(text.count("\n") - ROWS_OF_A_TOWN))[:8]


def floor(folder: Path) -> dict[str, Any]:
    """Decode, strip the header, append to one stream per form, let DuckDB read each."""
    streams: dict[str, Any] = {}
    for path in sorted((folder / "inbox").rglob("*_*_*.csv")):
        code, form, _ = path.stem.split("_", 2) if path.stem.count("_") == 2 else (*_split(path.stem), "")
        header, _, body = path.read_bytes().decode("cp932").replace("\r\n", "\n").partition("\n")
        if form not in streams:
            streams[form] = (folder / f"floor-{form}.csv").open("w", encoding="utf-8")
            streams[form].write(f"municipality_code,{header}\n")
        streams[form].writelines(f"{code},{line}\n" for line in body.splitlines())
    rows = 0
    with duckdb.connect(config={"threads": 1}) as con:
        for form, stream in streams.items():
            stream.close()
            con.execute(f"create table \"{form}\" as select * from read_csv('{stream.name}', all_varchar = true)")
            rows += con.execute(f'select count(*) from "{form}"').fetchall()[0][0]
    return {"rows": rows, **_used()}


def _split(stem: str) -> tuple[str, str]:
    code, _, rest = stem.partition("_")
    return code, rest.rpartition("_")[0]


def intake(folder: Path) -> dict[str, Any]:
    """The real intake in one process, with the CPU seconds of its parts."""
    process.WORTH_SHARING = sys.maxsize
    parts: defaultdict[str, float] = defaultdict(float)
    _timed(parts, "read tables", opening, "read_tables")
    _timed(parts, "personal data", opening, "scan")
    _timed(parts, "type cells", judging, "normalise")
    _timed(parts, "GX gate", judging.gate, "check")
    _timed(parts, "write lake", lake, "append")
    _timed(parts, "receipts' contents", reception.receipts, "content")
    with tempfile.TemporaryDirectory(dir=folder) as home:
        settings = Settings(home=Path(home), inbox=folder / "inbox")
        summary = process.process_inbox(settings, now=datetime(2023, 5, 8, tzinfo=TIME_ZONE))
        return {"rows": summary.rows_accepted, "by_status": summary.by_status, "parts": dict(parts), **_used()}


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


def _used() -> dict[str, float]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu": usage.ru_utime + usage.ru_stime, "mib": usage.ru_maxrss / 1024}


def _in_a_process(name: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.nation", "--only", name, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _print(attempt: int, floor_figures: dict[str, Any], intake_figures: dict[str, Any]) -> None:
    gate = intake_figures["parts"]["GX gate"]
    without = intake_figures["cpu"] - gate
    print(f"run {attempt}: floor {floor_figures['cpu']:.1f} CPU s ({floor_figures['rows']:,} rows)")
    print(
        f"  intake {intake_figures['cpu']:.1f} CPU s, of which GX {gate:.1f}; without GX {without:.1f}"
        f" = {without / floor_figures['cpu']:.2f} × the floor; peak {intake_figures['mib']:,.0f} MiB"
    )
    rest = intake_figures["cpu"]
    for part, seconds in sorted(intake_figures["parts"].items(), key=lambda item: -item[1]):
        print(f"    {part:<20} {seconds:6.1f} s  {seconds / intake_figures['cpu']:4.0%}")
        rest -= seconds
    print(
        f"    {'everything else':<20} {rest:6.1f} s  {rest / intake_figures['cpu']:4.0%}  {intake_figures['by_status']}"
    )


if __name__ == "__main__":
    main()
