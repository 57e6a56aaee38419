"""A submission as a record, and the line of the manifest it is kept in. What is asked of those lines is in `manifest.py`."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from sys import intern
from typing import Any, Literal, NamedTuple

Status = Literal["accepted", "accepted_with_errors", "returned", "refused_personal_data", "duplicate"]
ACCEPTED: frozenset[str] = frozenset({"accepted", "accepted_with_errors"})


@dataclass(frozen=True)
class Submission:
    """One form in one file. `file_name` is the path in the inbox, `receipt` the path under the receipts' folder.

    `sender_code`, `form` and `period` (first day of month or fiscal year) are None where the file did not tell.
    """

    submission_id: str
    file_name: str
    content_sha256: str
    size: int
    sender_code: str | None
    form: str | None
    period: date | None
    status: Status
    rows_total: int
    rows_accepted: int
    rows_rejected: int
    warnings: int
    error_codes: tuple[str, ...]
    received_at: datetime
    arrival_order: int
    receipt: str
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether rows of it may count, now or once: superseded and withdrawn ones are accepted too."""
        return self.status in ACCEPTED

    @property
    def three(self) -> tuple[str | None, str | None, date | None]:
        """What a file states the whole of: sender, form and period."""
        return self.sender_code, self.form, self.period

    @property
    def arrival(self) -> tuple[datetime, int]:
        """The order in which submissions came in."""
        return self.received_at, self.arrival_order


@dataclass(frozen=True)
class KnownSubmission(Submission):
    """A submission as known at some time. `stands`: accepted, and neither withdrawn nor purged.

    `is_current`: the newest of its three that stands. `counts`: its rows enter; for a form that accumulates, those of
    every submission that stands do.
    """

    stands: bool = False
    is_current: bool = False
    counts: bool = False


class Counted(NamedTuple):
    """Of a submission whose rows enter: no more than judging files against each other asks."""

    submission_id: str
    sender_code: str
    form: str
    period: date
    arrival: tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class FileStamp:
    """A file of the inbox as it was when it was read; the same size and time again means it need not be read again."""

    path: str
    size: int
    mtime_ns: int
    content_sha256: str


_NAMES = tuple(item.name for item in fields(Submission))
COLUMNS = ", ".join(_NAMES)
PLACES = ", ".join("?" * len(_NAMES))


def _facts(submission: Submission) -> dict[str, Any]:
    return {name: getattr(submission, name) for name in _NAMES}


def to_row(submission: Submission) -> tuple[Any, ...]:
    """Its values in the order of `COLUMNS`."""
    facts = _facts(submission) | {"error_codes": json.dumps(submission.error_codes)}
    return tuple(value.isoformat() if isinstance(value, date) else value for value in facts.values())


def from_row(row: sqlite3.Row) -> dict[str, Any]:
    """What a `Submission` is made of."""
    facts = dict(row)
    facts["error_codes"] = _codes(facts["error_codes"])
    for name in ("sender_code", "form", "status"):
        facts[name] = facts[name] and intern(facts[name])
    facts["period"] = day(facts["period"]) if facts["period"] else None
    for name in ("received_at", "withdrawn_at"):
        facts[name] = moment(facts[name]) if facts[name] else None
    return facts


# Years of submissions share what they say of themselves; what is the same is read, and held, once.
_codes = lru_cache(maxsize=1024)(lambda text: tuple(json.loads(text)))
day = lru_cache(maxsize=1024)(date.fromisoformat)
moment = lru_cache(maxsize=1024)(datetime.fromisoformat)
