"""The sample home: synthetic submissions that `make demo`, and `make run` without real files, work on."""

from __future__ import annotations

import shutil

from pipelines.settings import PROJECT_DIR, Settings
from pipelines.simulate.files import MARKER, write_submissions
from pipelines.simulate.world import WorldSpec, make_world

DEMO_HOME = PROJECT_DIR / "data" / "demo"
SAMPLE = WorldSpec(seed=7, municipalities=63, months=36)
MESSY_SHARE = 0.1


class InboxTaken(RuntimeError):
    """The inbox holds files that are not the sample; the message is in Japanese, for the person at the keyboard."""


def make_sample(settings: Settings) -> bool:
    """Write the sample submissions unless they are there, beside the inbox and then by one rename.

    Returns whether files were written. Raises InboxTaken when the inbox holds something else.
    """
    inbox = settings.inbox_dir
    if (inbox / MARKER).exists():
        return False
    if inbox.exists() and any(inbox.iterdir()):
        raise InboxTaken(
            f"{inbox} に見本ではないファイルがあるので、見本を作りません。"
            "見本は、空の KASANE_HOME を指定して作ってください。提出ファイルなら `kasane run` で処理します。"
        )
    building = inbox.with_name(f"{inbox.name}.building")
    shutil.rmtree(building, ignore_errors=True)  # what an interrupted start left
    building.mkdir(parents=True)
    write_submissions(make_world(SAMPLE), building, messy=MESSY_SHARE)
    building.replace(inbox)
    return True
