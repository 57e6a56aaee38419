"""The intake's one way through: all that is new in the inbox → rows in the lake, lines in the manifest, receipts.

Order matters: the lake is renamed into place first, the manifest is committed second, receipts are written last. Very many
files are committed in portions, in order of arrival. A run that dies in between is finished by the next one. Deciding about
one file is in `opening.py`, about rows in `judging.py`.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from pipelines.intake.crew import Crew
from pipelines.intake.inbox import InboxFile, adopt_municipalities, list_files, origin_of, recorded_arrivals
from pipelines.intake.manifest import Manifest
from pipelines.intake.receipts import write_missing
from pipelines.intake.submissions import FileStamp, Submission
from pipelines.settings import TIME_ZONE, Settings

log = logging.getLogger(__name__)

WORTH_SHARING = 2_000
"""New files from which on other processes pay: a prefecture sends a few hundred a month."""
_FILES_AT_ONCE = 64
_FILES_A_COMMIT = 50_000
"""What is said of a file is held until it is committed, some kilobytes each; a first run over years may bring a million."""


@dataclass(frozen=True)
class IntakeSummary:
    """What a run of the intake did. `periods`: first days of the months or years with a new accepted submission, by form.

    `by_status` counts submissions, of which a workbook may hold several.
    """

    new_files: int
    unchanged_files: int
    by_status: dict[str, int]
    rows_accepted: int
    periods: dict[str, list[date]]


class _Tally:
    """What comes of the submissions of a run, none of which is held: a first run may bring a million."""

    def __init__(self) -> None:
        self._by_status: Counter[str] = Counter()
        self._rows_accepted = 0
        self._periods: defaultdict[str, set[date]] = defaultdict(set)

    def add(self, submission: Submission) -> None:
        self._by_status[submission.status] += 1
        self._rows_accepted += submission.rows_accepted
        if submission.is_accepted and submission.form and submission.period:
            self._periods[submission.form].add(submission.period)

    def summary(self, *, new_files: int, unchanged_files: int) -> IntakeSummary:
        periods = {form: sorted(found) for form, found in sorted(self._periods.items())}
        return IntakeSummary(new_files, unchanged_files, dict(self._by_status), self._rows_accepted, periods)


def pending_files(settings: Settings) -> list[InboxFile]:
    """The files that a run would read. Costs a stat a file."""
    with Manifest.reading(settings.manifest_db) as manifest:
        return _waiting(settings, manifest)[0]


def process_inbox(
    settings: Settings, *, now: datetime, on_progress: Callable[[str, int, int], None] | None = None
) -> IntakeSummary:
    """Take in all that is new. `now` (with time zone) is the arrival of files whose arrival nobody recorded.

    `on_progress` is told the file, how many are done and how many there are. Raises ManifestError when the inbox is of the
    other origin or the secret is another one than before.
    """
    with Manifest(settings.manifest_db) as manifest:
        changed, unchanged = _waiting(settings, manifest)
        if changed or unchanged:
            manifest.claim_origin(origin_of(settings.inbox_dir))
            adopt_municipalities(settings)
        waiting = _at_rest(changed, settings.settle_seconds)
        with Crew(shares=len(waiting) >= WORTH_SHARING) as crew:
            arrived = _by_arrival(settings, waiting, now)
            tell = _teller(on_progress, len(arrived))
            tally, before = _Tally(), manifest.last_order()
            for start in range(0, len(arrived), _FILES_A_COMMIT):
                portion = arrived[start : start + _FILES_A_COMMIT]
                for submission in _take_in(settings, manifest, crew, portion, now, before, tell):
                    tally.add(submission)
            _rejudge(settings, manifest)
            write_missing(settings.receipts_dir, manifest, crew)
        return tally.summary(new_files=len(waiting), unchanged_files=unchanged + len(changed) - len(waiting))


def _waiting(settings: Settings, manifest: Manifest) -> tuple[list[InboxFile], int]:
    """The files that do not look as they did when they were read, and how many do. Years of those are looked at, not held."""
    waiting, unchanged = [], 0
    for file in list_files(settings.inbox_dir):
        if manifest.has_read(file.path, file.size, file.mtime_ns):
            unchanged += 1
        else:
            waiting.append(file)
    return waiting, unchanged


def _at_rest(files: list[InboxFile], seconds: float) -> list[InboxFile]:
    """Without those that somebody is still writing: what changed a moment ago is looked at again after a pause."""
    recent = {file for file in files if time.time_ns() - file.mtime_ns < seconds * 1e9}
    if recent:
        time.sleep(seconds)
    growing = {file for file in recent if not file.is_unchanged()}
    for file in growing:
        log.warning("still being written, left for the next run: %s", file.path)
    return [file for file in files if file not in growing]


def _by_arrival(settings: Settings, files: list[InboxFile], now: datetime) -> list[tuple[datetime, InboxFile]]:
    """Files with their arrival, first come first; what came together in order of modification time and name."""
    recorded = recorded_arrivals(settings.inbox_dir)
    arrived = [(recorded.get(file.path, now.astimezone(TIME_ZONE)), file) for file in files]
    return sorted(arrived, key=lambda item: (item[0], item[1].mtime_ns, item[1].path.rpartition("/")[2], item[1].path))


def _teller(on_progress: Callable[[str, int, int], None] | None, total: int) -> Callable[[str], None]:
    """Tells of one more file that is done."""
    done = count(1)
    return lambda path: on_progress(path, next(done), total) if on_progress else None


def _take_in(
    settings: Settings,
    manifest: Manifest,
    crew: Crew,
    arrived: list[tuple[datetime, InboxFile]],
    now: datetime,
    before: int,
    tell: Callable[[str], None],
) -> list[Submission]:
    """Read, judge, lake, commit; returns the new submissions in order of arrival. `before`: the last number before this run."""
    from pipelines.intake.reading import Arrival
    from pipelines.intake.reception import Reception  # judging rows takes seconds to import

    settled = manifest.settled(file.path for _, file in arrived)
    reception = Reception(settings, manifest, crew, now, before)
    arrivals = [Arrival(file, received_at, settled.get(file.path)) for received_at, file in arrived]
    stamps: list[FileStamp] = []
    for reading in crew.map(reception.reader.read, arrivals, chunk=_FILES_AT_ONCE):
        path = reading.arrival.file.path
        if reading.stamp is None:
            log.warning("%s, left for the next run: %s", reading.reason, path)
        else:
            stamps.append(reading.stamp)
            reception.receive(reading.stamp, reading.opened, reading.arrival.received_at)
        tell(path)
    decided, retold = reception.close()
    submissions = [one.submission for one in decided]
    refused = _to_remove(settings, submissions)
    # A file to be removed leaves no stamp: should it come again, it is refused again.
    staying = [stamp for stamp in stamps if stamp.path not in refused]
    receipts = {one.submission.submission_id: one.receipt for one in decided}
    manifest.commit(submissions, staying, receipts, [one.judgement for one in decided], retold)
    for _, file in arrived:
        if file.path in refused and file.is_unchanged():
            file.absolute.unlink()
    return submissions


def _rejudge(settings: Settings, manifest: Manifest) -> None:
    """What files say of each other, over all that counts now."""
    if settings.lake_dir.exists():
        from pipelines.intake.rejudging import rejudge  # reads Parquet, which takes a second to import

        rejudge(settings, manifest)


def _to_remove(settings: Settings, submissions: Iterable[Submission]) -> set[str]:
    """Refused files of the inbox Kasane owns; nobody else's inbox is ever touched."""
    if settings.inbox_dir != settings.root / "inbox":
        return set()
    return {submission.file_name for submission in submissions if submission.status == "refused_personal_data"}
