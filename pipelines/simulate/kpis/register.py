"""KPIs of the submissions themselves: who sent what is due, when, how many rows were in error, and what adds up."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.simulate.known import Known, Standing, is_on_time, monthly_municipal_forms
from pipelines.simulate.kpis.base import KPIS, Part, kpi
from pipelines.simulate.model import Month, first_day
from pipelines.simulate.rows import MonthlySummary

_COUNTED_BY = {
    "declared_consultations": "new_consultations",
    "declared_new_cases": "new_cases",
    "declared_active_cases": "active_cases",
    "declared_closures": "closures",
    "declared_jusou_meetings": "jusou_meetings",
    "declared_support_meetings": "support_meetings",
}


def _expected_forms(known: Known, municipality: str, month: Month) -> list[str]:
    return [form for form in monthly_municipal_forms() if known.standing(form, municipality, month).expected]


def _register(known: Known, municipality: str, month: Month) -> Standing:
    """The record of submissions is always there; it has something to say of whoever owes a form."""
    owes = bool(_expected_forms(known, municipality, month))
    return Standing("complete", 1, 1) if owes else Standing("not_applicable", 0, 0)


@kpi(*monthly_municipal_forms(), kind="share", adds=True, standing=_register)
def submission_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    for form in _expected_forms(known, municipality, month):
        yield Part(known.standing(form, municipality, month).submitted)


@kpi(*monthly_municipal_forms(), kind="share", adds=True, standing=_register)
def submission_on_time_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    for form in _expected_forms(known, municipality, month):
        yield Part(int(is_on_time(known, form, municipality, month)))


def _accepted(known: Known, municipality: str, month: Month) -> Standing:
    standings = [known.standing(form, municipality, month) for form in monthly_municipal_forms()]
    is_accepted, is_expected = any(each.submitted for each in standings), any(each.expected for each in standings)
    if not is_accepted:
        completeness = "missing" if is_expected else "not_applicable"
    else:
        completeness = "complete" if all(each.submitted for each in standings if each.expected) else "partial"
    return Standing(completeness, int(is_accepted), int(is_expected))


@kpi(*monthly_municipal_forms(), kind="share", adds=True, standing=_accepted)
def row_error_rate(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    for form in monthly_municipal_forms():
        submission = known.current.get((form, municipality, first_day(month)))
        if submission is not None:
            yield Part(len(submission.faults), len(submission.rows))


@kpi("monthly_summary", "consultation", "case", "meeting", adds=True)
def balance_gap(known: Known, municipality: str, month: Month) -> Iterator[Part]:
    for declared in known.rows("monthly_summary", municipality, month, MonthlySummary):
        for column, kpi_id in _COUNTED_BY.items():
            yield Part(abs(getattr(declared, column) - KPIS[kpi_id].numerator(known, municipality, month)))
