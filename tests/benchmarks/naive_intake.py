"""The script one would write first: decode every file, put the rows of a form in one stream, let DuckDB read it.

What `make bench-nation` sets the intake beside; no validation, no receipts, no part of the product. It loads what it needs
itself and nothing else.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import duckdb


def main(folder: Path) -> None:
    """Read everything below `folder/inbox` once; print rows, and CPU seconds in all and before the first file."""
    started = cpu_seconds()
    streams: dict[str, Any] = {}
    for path in sorted((folder / "inbox").rglob("*_*_*.csv")):
        code, _, rest = path.stem.partition("_")
        form = rest.rpartition("_")[0]
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
    print(json.dumps({"rows": rows, "started": started, "cpu": cpu_seconds()}))


def cpu_seconds() -> float:
    """Of this process so far, all threads, user and system."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(Path(sys.argv[1]))
