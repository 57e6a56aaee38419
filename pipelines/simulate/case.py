"""One case: what happens to it, and how its ledger row looks at the end of any month.

When things happen is `flow`'s to draw; how a ledger is sent is `sending`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from pipelines.simulate.model import Month, first_day
from pipelines.simulate.people import Person
from pipelines.simulate.rows import CaseRow


@dataclass
class Case:
    """A case as it unfolds. Months stay None until they happen."""

    case_no: str
    consultation_no: str | None
    service: str
    accepted: Month
    referred_from: str
    person: Person
    reopened_from: str | None
    consents: list[tuple[Month, str]] = field(default_factory=list)
    """Since when which consent status; not_yet before the first."""
    responses: list[tuple[Month, str]] = field(default_factory=list)
    """Since when which answer to a gap need; none_yet before the first."""
    replanned: list[Month] = field(default_factory=list)
    assessed: Month | None = None
    planned: Month | None = None
    conferenced: Month | None = None
    started: Month | None = None
    returned: Month | None = None
    closed: Month | None = None
    closure_type: str | None = None
    lead_agency_after: str | None = None
    evaluation_changes: tuple[str, ...] = ()
    accepted_as_first_written: Month | None = None
    """What ledgers before `mended_from` say of the month of acceptance, if a clerk got it wrong at first."""
    mended_from: Month | None = None
    forgotten_from: Month | None = None
    """From this month on the ledgers do not list it any more, though nothing ended it."""
    listed_until: Month | None = None
    """Ledgers go on listing it until then, though it ended before."""
    open_again_from: Month | None = None
    """From this month on the ledgers list it under its old number as if it had never ended."""

    @property
    def left(self) -> Month | None:
        """The month it was returned or closed."""
        return self.closed if self.closed is not None else self.returned

    def is_listed(self, month: Month) -> bool:
        """Whether the ledger of a month lists it: alive at some time in it, and not forgotten."""
        forgotten = self.forgotten_from is not None and self.forgotten_from <= month
        last = self.left if self.listed_until is None else self.listed_until
        is_over = last is not None and last < month and not self._is_open_again(month)
        return self.accepted <= month and not is_over and not forgotten

    def _is_open_again(self, month: Month) -> bool:
        return self.open_again_from is not None and self.open_again_from <= month

    def row(self, month: Month) -> CaseRow:
        """The case as it stands at the end of a month."""
        closed = self.closed is not None and self.closed <= month and not self._is_open_again(month)
        gap = self.person.gap_reason is not None
        consent, consent_month = self._consent(month)
        return CaseRow(
            case_no=self.case_no,
            consultation_no=self.consultation_no,
            service=self.service,
            accepted_ym=first_day(self._accepted_as_written(month)),
            referred_from=self.referred_from,
            age_band=self.person.age_band,
            household_type=self.person.household_type,
            issue_flags=self.person.issue_flags,
            gap_need=gap,
            gap_reason=self.person.gap_reason,
            gap_response=_latest(self.responses, month, "none_yet") if gap else None,
            consent_status=consent,
            consent_ym=_day(consent_month, month),
            assessed_ym=_day(self.assessed, month),
            planned_ym=_day(self.planned, month),
            replan_count=sum(replanned <= month for replanned in self.replanned),
            conferenced_ym=_day(self.conferenced, month),
            started_ym=_day(self.started, month),
            returned_ym=_day(self.returned, month),
            closed_ym=_day(self.closed, month) if closed else None,
            closure_type=self.closure_type if closed else None,
            lead_agency_after=self.lead_agency_after if closed else None,
            evaluation_changes=self.evaluation_changes if closed else (),
            reopened_from=self.reopened_from,
        )

    def _accepted_as_written(self, month: Month) -> Month:
        if self.accepted_as_first_written is not None and self.mended_from is not None and month < self.mended_from:
            return self.accepted_as_first_written
        return self.accepted

    def _consent(self, month: Month) -> tuple[str, Month | None]:
        """The status at the end of a month, and since when it is granted, if it is."""
        known = [(since, status) for since, status in self.consents if since <= month]
        if not known:
            return "not_yet", None
        since, status = known[-1]
        return status, since if status == "granted" else None


def _latest(steps: list[tuple[Month, str]], month: Month, before: str) -> str:
    return next((what for since, what in reversed(steps) if since <= month), before)


def _day(happened: Month | None, month: Month) -> date | None:
    """The first day of the month something happened, if it had by the end of `month`."""
    return first_day(happened) if happened is not None and happened <= month else None
