"""The stamp of a document, from the edition it is made of."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards import data
from dashboards.access import AUDIENCES
from dashboards.data import Edition, EditionError
from dashboards.frames import rows_of
from dashboards.labels import wareki_date, wareki_month
from dashboards.reports.context import Stamp

NO_SUPPRESSION = "この版には秘匿した値がありません。庁内だけで使ってください。"


def stamp_of(edition: Edition, month: date) -> Stamp:
    """Raises EditionError when the edition does not cover the month."""
    months = [row.period.date() for row in rows_of(data.months(edition))]
    if month not in months:
        raise EditionError(
            f"{wareki_month(month)}は版 {edition.build_id} にありません。"
            f"この版にあるのは{wareki_month(months[-1])}から{wareki_month(months[0])}までです。"
        )
    known = pd.Timestamp(data.builds(edition)["known_at"].iloc[0])
    return Stamp.model_validate(
        {
            "build_id": edition.build_id,
            "audience": edition.audience,
            "audience_ja": AUDIENCES[edition.audience],
            "origin": edition.origin,
            "prefecture_code": edition.prefecture_code,
            "prefecture_name": edition.prefecture_name,
            "month": month,
            "data_month": edition.data_month,
            "known_at": f"{wareki_date(known.date())} {known:%H:%M}",
            "suppression_ja": edition.suppression_ja or NO_SUPPRESSION,
        }
    )
