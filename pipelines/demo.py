"""The sample home: synthetic submissions that `make demo`, and `make run` without real files, work on."""

from __future__ import annotations

from pipelines.settings import PROJECT_DIR, Settings
from pipelines.simulate.files import MARKER, write_submissions
from pipelines.simulate.world import WorldSpec, make_world

DEMO_HOME = PROJECT_DIR / "data" / "demo"
SAMPLE = WorldSpec(seed=7, municipalities=63, months=36)
MESSY_SHARE = 0.1


def make_sample(settings: Settings) -> bool:
    """Write the sample submissions unless they are there; the marker comes last, so a half-written sample is made anew.

    Returns whether files were written. Raises FileExistsError when the inbox holds something else.
    """
    inbox = settings.inbox_dir
    if (inbox / MARKER).exists():
        return False
    if inbox.exists() and any(inbox.iterdir()):
        raise FileExistsError(inbox)
    inbox.parent.mkdir(parents=True, exist_ok=True)
    write_submissions(make_world(SAMPLE), inbox, messy=MESSY_SHARE)
    return True
