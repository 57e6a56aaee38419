"""A file of the inbox as read: its stamp, and what it holds. Reads the inbox, writes nothing, may run in any process."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from pipelines.intake.inbox import InboxFile
from pipelines.intake.opening import Opened, Opener
from pipelines.intake.submissions import FileStamp


@dataclass(frozen=True)
class Arrival:
    """A file that is new. `settled_sha256`: the content it had when all was said about it, if that was ever so."""

    file: InboxFile
    received_at: datetime
    settled_sha256: str | None


@dataclass(frozen=True)
class Reading:
    """No stamp when it could not be read (`reason`, for the log); nothing in `opened` when it was only touched."""

    arrival: Arrival
    stamp: FileStamp | None = None
    opened: tuple[Opened, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Reader:
    """Reads the files of one run, each once."""

    opener: Opener
    max_bytes: int

    def read(self, arrival: Arrival) -> Reading:
        """The file, unless it is gone, unreadable or still being written."""
        file = arrival.file
        try:
            with file.absolute.open("rb") as stream:
                data = stream.read() if file.size <= self.max_bytes else None
                digest = hashlib.sha256(data) if data is not None else hashlib.file_digest(stream, "sha256")
        except OSError as error:
            return Reading(arrival, reason=f"cannot be read ({error.strerror})")
        if not file.is_unchanged():
            return Reading(arrival, reason="still being written")
        stamp = FileStamp(file.path, file.size, file.mtime_ns, digest.hexdigest())
        if stamp.content_sha256 == arrival.settled_sha256:
            return Reading(arrival, stamp)
        if file.is_nameless:
            return Reading(arrival, stamp, tuple(self.opener.called_after_somebody(file.name)))
        if data is None:
            return Reading(arrival, stamp, tuple(self.opener.too_large(file.name)))
        return Reading(arrival, stamp, tuple(self.opener.open(file.name, data, arrival.received_at.date())))
