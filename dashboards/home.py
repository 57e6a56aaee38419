"""Which home this process shows, and where the project stands. Nothing heavy is imported here: the start command needs it
before anything else."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
STATIC = PROJECT / "dashboards" / "static"  # what Streamlit serves as it is; built, not committed


def home_from_environment() -> Path:
    """The home named by KASANE_HOME, default `data/` of the project."""
    return Path(os.environ.get("KASANE_HOME") or PROJECT / "data").expanduser().resolve()
