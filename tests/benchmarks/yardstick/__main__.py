"""Run the scripts of this folder in order: `python -m tests.benchmarks.yardstick FOLDER UNTIL CODES DEADLINE_DAY MEMORY_LIMIT`.

Imports nothing of the project, so that what the process costs is what the scripts cost.
"""

import sys
from pathlib import Path

import duckdb


def main(folder: str, until: str, codes: str, deadline_day: str, memory_limit: str) -> None:
    """Makes `plain.duckdb` in the folder anew."""
    target = Path(folder, "plain.duckdb")
    target.unlink(missing_ok=True)
    with duckdb.connect(target, config={"memory_limit": memory_limit}) as con:
        con.execute(f"set variable folder = '{folder}'")
        con.execute(f"set variable until = date '{until}'")
        con.execute(f"set variable codes = '{codes}'")
        con.execute(f"set variable deadline_day = {deadline_day}")
        for script in sorted(Path(__file__).parent.glob("*.sql")):
            con.execute(script.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(*sys.argv[1:])
