"""`python -m dashboards --port 8501 --audience internal`: serve the dashboard on this machine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dashboards.access import AUDIENCES
from dashboards.home import home_from_environment
from dashboards.serve import ServeError, serve


def main() -> int:
    """Parse, serve, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m dashboards", description=__doc__)
    parser.add_argument("--port", type=int, default=8501, help="the next free one is taken if it is in use")
    parser.add_argument("--audience", choices=list(AUDIENCES), default="internal")
    parser.add_argument("--home", type=Path, default=None, help="default: KASANE_HOME, or data/ of the project")
    options = parser.parse_args()
    try:
        return serve(options.port, options.audience, options.home or home_from_environment())
    except ServeError as trouble:
        print(trouble, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
