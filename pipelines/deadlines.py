"""Who has not sent what: what is expected is read from the published build, what came and when from the manifest.

The rule of what is expected is dbt's; it is not worked out again here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from expectations.contract import Cadence, load_contracts
from pipelines.builds import current_build_id
from pipelines.intake.manifest import Manifest
from pipelines.intake.naming import period_label
from pipelines.publish import published_rows
from pipelines.settings import TIME_ZONE, Settings

Timeliness = Literal["missing", "on_time", "late"]

_TIMELINESS_JA: Mapping[Timeliness, str] = {"missing": "未提出", "on_time": "期限内", "late": "期限後"}


DUE_COLUMNS = (
    "municipality_code", "municipality", "form", "form_label", "period",
    "deadline", "timeliness", "timeliness_label", "first_accepted_at",
)  # fmt: skip


class NotKnown(LookupError):
    """The published build cannot tell; the message is in Japanese, for the person at the keyboard."""


@dataclass(frozen=True)
class Due:
    """One expected submission: sender × form × period. `first_accepted_at` is that of its first version that stands."""

    sender_code: str
    sender: str
    form: str
    form_label: str
    period: date
    deadline: date
    first_accepted_at: datetime | None

    @property
    def timeliness(self) -> Timeliness:
        """Whether it came, and by the end of the day of its deadline."""
        if self.first_accepted_at is None:
            return "missing"
        return "on_time" if self.first_accepted_at.date() <= self.deadline else "late"

    def as_row(self) -> dict[str, str]:
        """The line of the list people get."""
        return {
            "municipality_code": self.sender_code,
            "municipality": self.sender,
            "form": self.form,
            "form_label": self.form_label,
            "period": period_label(self.period, load_contracts()[self.form].cadence),
            "deadline": self.deadline.isoformat(),
            "timeliness": self.timeliness,
            "timeliness_label": _TIMELINESS_JA[self.timeliness],
            "first_accepted_at": self.first_accepted_at.isoformat(timespec="seconds") if self.first_accepted_at else "",
        }


def deadline(settings: Settings, cadence: Cadence, period: date) -> date:
    """The last day (in Japan) on which a submission of the period is on time. `period` is its first day."""
    if cadence == "fiscal_year":
        return date(period.year, *settings.fiscal_year_deadline_on)
    next_month = date(period.year + period.month // 12, period.month % 12 + 1, 1)
    return next_month.replace(day=settings.monthly_deadline_day)


def due_in(settings: Settings, month: date) -> list[Due]:
    """All that is expected for a month (its first day), with the forms of its fiscal year; by sender, then form.

    Of a month that is over and of which nothing has come, what was expected of the last one in the build is expected.
    Raises NotKnown before the first build and for any other month it does not cover.
    """
    build = current_build_id(settings)
    if build is None:
        raise NotKnown("公開された版がまだありません。`kasane run` を実行してください。")
    fiscal_year = date(month.year - (month.month < 4), 4, 1)
    (first_month, last_month) = published_rows(settings, build, "select min(period), max(period) from dim_month", [])[0]
    this_month = datetime.now(TIME_ZONE).date().replace(day=1)
    if month < first_month or month >= max(this_month, last_month + timedelta(days=1)):
        raise NotKnown(
            f"{month:%Y-%m} は表示中の版の期間にありません。どの市町村からも月次の提出を受け付けていない月です。"
        )
    rows = published_rows(settings, build, _EXPECTED, [month, min(month, last_month), fiscal_year])
    first = _first_accepted(settings)
    return [
        Due(
            sender,
            sender_ja,
            form,
            form_ja,
            period,
            deadline(settings, cadence, period),
            first.get((sender, form, period)),
        )
        for sender, sender_ja, form, form_ja, cadence, period in rows
    ]


_EXPECTED = """
    select
        s.sender_code, a.label_ja, s.form, f.label_ja, f.cadence,
        case f.cadence when 'monthly' then cast(? as date) else s.period end
    from submission_status as s
    inner join form_label as f on s.form = f.form
    inner join dim_area as a on s.sender_code = a.area_code
    where s.expected and s.period = case f.cadence when 'monthly' then ? else ? end
    order by a.sort, s.sender_code, f.cadence desc, f.form
"""


def _first_accepted(settings: Settings) -> dict[tuple[str | None, str | None, date | None], datetime]:
    """Arrival of the first accepted version of each three that nobody took back."""
    with Manifest.reading(settings.manifest_db) as manifest:
        standing = [one for one in manifest.submissions() if one.is_accepted and one.withdrawn_at is None]
    return {one.three: one.received_at for one in reversed(standing)}
