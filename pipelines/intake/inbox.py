"""The inbox as a folder: which files lie in it, which of them are new, when they arrived, whether they are synthetic.

Looks at names and times, never at what a submission holds. Reading one belongs to `opening.py`.
"""

from __future__ import annotations

import csv
import logging
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.intake.personal_data import is_personal_name
from pipelines.settings import TIME_ZONE, Settings

MARKER, MUNICIPALITIES, ARRIVALS = "kasane_synthetic.json", "municipalities.csv", "arrivals.csv"
_NO_SUBMISSIONS = frozenset({MARKER, MUNICIPALITIES, ARRIVALS})
# What file systems and Office leave beside the files people put there.
_LITTER = frozenset({"thumbs.db", "desktop.ini"})

_NAMELESS = "名前に個人情報のあるファイル_"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file of an inbox that may be a submission. `name` is its path below the inbox, with `/`.

    `path` is what may be kept of it: the same, unless it holds personal data. Then `name` goes nowhere but to the reader.
    """

    inbox: Path
    name: str
    path: str
    size: int
    mtime_ns: int

    @property
    def absolute(self) -> Path:
        """Where it lies."""
        return self.inbox / self.name

    @property
    def is_nameless(self) -> bool:
        """Whether its own name may not be kept."""
        return self.path != self.name

    def is_unchanged(self) -> bool:
        """Whether it still looks as it did when it was listed: nobody is writing it, nobody took it away."""
        try:
            now = self.absolute.stat()
        except OSError:
            return False
        return (self.size, self.mtime_ns) == (now.st_size, now.st_mtime_ns)


def list_files(inbox: Path) -> Iterator[InboxFile]:
    """Every file that may be a submission, in any folder of the inbox. Links are not followed: they lead elsewhere."""
    if not inbox.is_dir():
        return
    for folder, folders, names in os.walk(inbox, onerror=_log_passed_over):
        within = Path(folder)
        at_top = within == inbox
        below = "" if at_top else f"{within.relative_to(inbox).as_posix()}/"
        folders[:] = [name for name in folders if not name.startswith(".")]
        linked = [name for name in folders if (within / name).is_symlink()]
        for name in (*linked, *names):
            if name.startswith((".", "~$")) or name.casefold() in _LITTER or (at_top and name in _NO_SUBMISSIONS):
                continue
            submitted_as = below + name
            try:
                facts = os.lstat(f"{folder}/{name}")  # a path's own lstat takes twice as long, for years of files
            except OSError as error:
                _log_passed_over(error)
                continue
            path = _to_keep(submitted_as, facts.st_mtime_ns)
            if stat.S_ISREG(facts.st_mode):
                yield InboxFile(inbox, submitted_as, path, facts.st_size, facts.st_mtime_ns)
            else:
                log.warning("not a plain file, skipped: %s", path)


def _to_keep(name: str, mtime_ns: int) -> str:
    """What logs, manifest and receipts may call a file; the time tells those apart that are not called by their names."""
    return f"{_NAMELESS}{mtime_ns}" if is_personal_name(name) else name


def _log_passed_over(error: OSError) -> None:
    """A folder nobody may read, or a file that went away while the inbox was listed."""
    named = "" if is_personal_name(str(error.filename)) else error.filename
    log.warning("cannot be read, left for the next run (%s): %s", error.strerror, named)


def origin_of(inbox: Path) -> str:
    """`synthetic` when the simulator's marker lies in it, else `real`."""
    return "synthetic" if (inbox / MARKER).is_file() else "real"


def adopt_municipalities(settings: Settings) -> None:
    """A synthetic home takes over the municipality reference its world was made with, once."""
    supplied, own = settings.inbox_dir / MUNICIPALITIES, settings.root / "reference" / MUNICIPALITIES
    if supplied.is_file() and not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(supplied, own)


def recorded_arrivals(inbox: Path) -> Mapping[str, datetime]:
    """When the simulated files arrived, by path; empty for a real inbox."""
    table = inbox / ARRIVALS
    if origin_of(inbox) != "synthetic" or not table.is_file():
        return {}
    with table.open(encoding="utf-8", newline="") as stream:
        return {
            row["file"]: datetime.fromisoformat(row["arrived_at"]).astimezone(TIME_ZONE)
            for row in csv.DictReader(stream)
        }
