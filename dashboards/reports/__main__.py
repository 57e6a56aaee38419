"""`python -m dashboards.reports monthly|briefing …`: make documents of one published build.

Answers on stdout in JSON lines: `{"done", "total"}` as it goes, at last `{"documents": […]}`. A trouble that trying again
will not mend is one Japanese sentence on stderr and exit code 3; of any other it tells on stderr where it happened. The
pipeline starts it as a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from types import TracebackType

from dashboards import data
from dashboards.access import AUDIENCES
from dashboards.data import Edition, EditionError
from dashboards.frames import rows_of
from dashboards.reports.make import Made, Order, Workshop
from dashboards.reports.typeset import CannotTypeset

TOLD = 3  # exit code of a trouble told in a sentence
ALONE = 4  # so few briefings are not worth starting helpers for


def main() -> int:
    """Parse, make, tell."""
    options = _parser().parse_args()
    try:
        edition = _edition(options)
        orders = [Order(edition, options.month, code) for code in _subjects(options, edition)]
        made = []
        for one in _make(orders, options.out, options.charts):
            made.append(one)
            _say({"done": len(made), "total": len(orders)})
    except (EditionError, CannotTypeset) as trouble:
        print(trouble, file=sys.stderr)
        return TOLD
    except OSError as trouble:
        print(f"{trouble.filename} に書けません: {trouble.strerror}", file=sys.stderr)
        return TOLD
    _say({"documents": [asdict(one) for one in made]})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dashboards.reports", description=__doc__)
    parser.add_argument("what", choices=["monthly", "briefing"])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--month", type=lambda text: date.fromisoformat(text + "-01"), required=True)
    parser.add_argument("--audience", choices=list(AUDIENCES), required=True)
    parser.add_argument("--build", default=None, help="default: the one in force")
    parser.add_argument("--municipality", default=None, help="one code; default: every municipality")
    parser.add_argument("--charts", type=Path, required=True, help="where drawn charts are kept")
    return parser


def _edition(options: argparse.Namespace) -> Edition:
    if options.build:
        return data.edition_of_build(options.build, options.audience, options.home)
    return data.current_edition(options.audience, options.home)


def _subjects(options: argparse.Namespace, edition: Edition) -> list[str | None]:
    if options.what == "monthly":
        return [None]
    return (
        [options.municipality]
        if options.municipality
        else [str(tile.area_code) for tile in rows_of(data.tiles(edition))]
    )


def _make(orders: list[Order], out: Path, charts: Path) -> Iterator[Made]:
    """What stands already first, then the rest, in several processes where it is worth it."""
    lacking = []
    for order in orders:
        if made := _workshop(out, charts).standing(order):
            yield made
        else:
            lacking.append(order)
    if len(lacking) <= ALONE:
        yield from (_workshop(out, charts).make(order) for order in lacking)
        return
    with ProcessPoolExecutor(max_workers=os.cpu_count() or 1) as helpers:
        asked = [helpers.submit(_make_one, out, charts, order) for order in lacking]
        yield from (answer.result() for answer in asked)


@cache
def _workshop(out: Path, charts: Path) -> Workshop:
    return Workshop(out, charts)  # one a process: starting the compiler costs more than using it


def _make_one(out: Path, charts: Path, order: Order) -> Made:
    return _workshop(out, charts).make(order)


def tell_where(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    """Where it broke, in helpers too, and by what; what an exception says may quote figures, and stays unsaid."""
    told = "".join(traceback.format_exception(kind, error, at))
    places = re.findall(r'^ *File ".+", line \d+, in .+$', told, re.MULTILINE)
    print("\n".join([*places, kind.__qualname__]), file=sys.stderr)


def _say(message: dict[str, object]) -> None:
    print(json.dumps(message, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.excepthook = tell_where
    sys.exit(main())
