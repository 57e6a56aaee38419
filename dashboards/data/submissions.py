"""Which forms came, from whom, in what state."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.data.door import Edition, ask


def submission_status(edition: Edition, first: date, last: date) -> pd.DataFrame:
    """1 row = sender × form × period from `first` to `last`: sender_code, sender_label_ja, form, form_label_ja, cadence,
    period, expected, status, completeness, rows_total, rows_accepted, rows_rejected (Int64, null outside the internal
    file), received_at, is_on_time."""
    return ask(
        edition,
        """
        select s.sender_code, a.label_ja as sender_label_ja, s.form, f.label_ja as form_label_ja, f.cadence, s.period,
            s.expected, s.status, s.completeness, s.rows_total, s.rows_accepted, s.rows_rejected, s.received_at, s.is_on_time
        from submission_status as s
        join dim_area as a on a.area_code = s.sender_code
        join form_label as f on f.form = s.form
        where s.period between $1 and $2 order by a.area_level = 'prefecture', a.sort, s.sender_code, s.period, s.form
        """,
        first,
        last,
    )
