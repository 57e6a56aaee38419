"""What the senders of a world sent of a form: the newest for each period, or only where it was sent once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from pipelines.simulate.model import Submission, World, month_of


def newest(world: World, form: str) -> dict[tuple[str, date], Submission]:
    """Sender and period → what it sent last of a form for it."""
    return {(s.sender_code, s.period): s for s in world.submissions if s.form == form}


def sent_once(world: World, *forms: str) -> Iterator[tuple[str, date, list[list[Any]]]]:
    """Sender, month and rows of each form, of months in which it sent each of the forms exactly once.

    Not of the last months: a second version may be under way.
    """
    times = Counter((s.form, s.sender_code, s.period) for s in world.submissions)
    found = {form: newest(world, form) for form in forms}
    for sender, period in found[forms[0]]:
        is_settled = month_of(period) <= world.spec.last - 4
        if is_settled and all(times[form, sender, period] == 1 for form in forms):
            yield sender, period, [list(found[form][sender, period].rows) for form in forms]
