"""Which submissions count now, asked of the manifest by form, sender or three: nothing here lists all there ever were.

What counted at another time is `Manifest.known_at`'s to say; a test holds the two against each other.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from expectations.contract import load_contracts
from pipelines.intake.submissions import Counted, day, moment

# All that is asked of a form, in the order in which it is asked: years of submissions are read through, not looked up.
SCHEMA = """
create index if not exists submission_three on submission (
  form, period, sender_code, received_at desc, arrival_order desc, status, withdrawn_at, rows_accepted
);
create index if not exists submission_file on submission (file_name);
"""

_FACTS = "submission_id, sender_code, form, period, received_at, arrival_order"
_STANDS = """
    status like 'accepted%' and withdrawn_at is null
    and not exists (select 1 from purged where purged.submission_id = submission.submission_id)
"""
# Times are all of one zone, so that their texts stand in their order.
_COUNTING = f"""
    select {_FACTS} from (
      select {_FACTS}, row_number() over (
        partition by form, period, sender_code order by received_at desc, arrival_order desc) as age
      from submission where {{these}} and {_STANDS})
    where age = 1 or form in (select value from json_each(?))
"""


def standing(db: sqlite3.Connection, three: tuple[str | None, str | None, date | None]) -> str | None:
    """The id of the newest accepted submission of a sender, form and period that is neither withdrawn nor purged."""
    query = f"""
        select submission_id from submission where sender_code = ? and form = ? and period = ? and {_STANDS}
        order by received_at desc, arrival_order desc limit 1
    """
    sender, form, period = three
    row = db.execute(query, (sender, form, period and period.isoformat())).fetchone()
    return row[0] if row else None


def in_file(db: sqlite3.Connection, form: str, period: date) -> list[Counted]:
    """Those whose rows enter from one file of the lake."""
    return _counting(db, "form = ? and period = ?", form, period.isoformat())


def of_senders(db: sqlite3.Connection, form: str, senders: Iterable[str]) -> list[Counted]:
    """Those of a form from these senders."""
    return _counting(
        db, "form = ? and sender_code in (select value from json_each(?))", form, json.dumps(list(senders))
    )


def counted(db: sqlite3.Connection, submission_ids: Iterable[str]) -> list[Counted]:
    """Those of these ids, which are known to count."""
    query = f"select {_FACTS} from json_each(?) cross join submission on submission_id = value"
    return [_counted(row) for row in db.execute(query, [json.dumps(list(submission_ids))])]


def periods(db: sqlite3.Connection, form: str) -> list[date]:
    """Every period of which anything of a form was accepted."""
    query = "select distinct period from submission where form = ? and status like 'accepted%'"
    return [day(row[0]) for row in db.execute(query, (form,))]


def accepted(db: sqlite3.Connection, form: str, period: date) -> set[str]:
    """Ids of all that was ever accepted for one file of the lake."""
    query = "select submission_id from submission where form = ? and period = ? and status like 'accepted%'"
    return {row[0] for row in db.execute(query, (form, period.isoformat()))}


def promised_rows(db: sqlite3.Connection) -> Iterator[tuple[str, date, dict[str, int]]]:
    """How many rows each file of the lake must hold of each submission, where it must hold any: form, period, rows by id."""
    query = """
        select form, period, submission_id, rows_accepted from submission
        where form is not null and status like 'accepted%' and rows_accepted > 0
          and not exists (select 1 from purged where purged.submission_id = submission.submission_id)
        order by form, period
    """
    for (form, period), rows in groupby(db.execute(query), key=lambda row: (row[0], row[1])):
        yield form, day(period), {row[2]: row[3] for row in rows}


def _counting(db: sqlite3.Connection, these: str, *values: str) -> list[Counted]:
    accumulating = json.dumps([one.form for one in load_contracts().values() if one.accumulates_by])
    rows = db.execute(_COUNTING.format(these=these), [*values, accumulating])
    return [_counted(row) for row in rows]


def _counted(row: sqlite3.Row) -> Counted:
    submission_id, sender_code, form, period, received_at, arrival_order = row
    return Counted(submission_id, sender_code, form, day(period), (moment(received_at), arrival_order))
