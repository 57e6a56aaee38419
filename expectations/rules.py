"""The cross-field rules by name: each is a predicate over a whole frame of one form, true where the rule is kept.

A rule says nothing about a row in which one of its columns was not understood; that cell is an error of its own.
Which rules bind a form is the contract's to say, which severity they have too. Rules between files (`reference_exists`,
`key_continues`) cannot be judged on one file and are not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from expectations.contract import Contract
from expectations.rates import rates_of_year

# Stages at which the shares must be what the rate gives. 概算払 pays a part and 精算 the difference, so they are left out.
_STAGES_AT_RATE = ("decision", "change", "report", "final")
_DECISIONS = ("decision", "change")  # in the order in which they take effect on one day
_ONE_COMPONENT = ["submission_id", "municipality_code", "component"]


@dataclass(frozen=True)
class Judged:
    """What a predicate may look at: typed rows (`pipelines.intake.normalise`), their contract, the grant's rates."""

    frame: pd.DataFrame
    contract: Contract
    grant_components: Sequence[Mapping[str, str]]

    @property
    def period_end(self) -> pd.Series:
        """The first day after each row's period."""
        months = 1 if self.contract.cadence == "monthly" else 12
        return self.frame["period"] + pd.DateOffset(months=months)


Predicate = Callable[[Judged, str, Mapping[str, Any]], pd.Series]


def kept(rule: str, judged: Judged, column: str, params: Mapping[str, Any]) -> pd.Series:
    """Per row, whether the rule is kept or cannot be judged. bool."""
    unread = judged.frame[[f"{name}__unread" for name in _columns_read(column, params)]].any(axis="columns")
    return PREDICATES[rule](judged, column, params).astype("bool") | unread


def _columns_read(column: str, params: Mapping[str, Any]) -> list[str]:
    single = [params[name] for name in ("other", "by") if name in params]
    conditions = [params[name]["column"] for name in ("when", "unless") if name in params]
    return list(dict.fromkeys([column, *single, *params.get("others", ()), *conditions]))


def _required(judged: Judged, column: str, _: Mapping[str, Any]) -> pd.Series:
    return judged.frame[column].notna()


def _multiple_of(judged: Judged, column: str, params: Mapping[str, Any]) -> pd.Series:
    return _true_or_null(judged.frame[column] % params["limit"] == 0)


def _in_period(judged: Judged, column: str, _: Mapping[str, Any]) -> pd.Series:
    values = judged.frame[column]
    return values.isna() | ((values >= judged.frame["period"]) & (values < judged.period_end))


def _not_after_period(judged: Judged, column: str, _: Mapping[str, Any]) -> pd.Series:
    values = judged.frame[column]
    return values.isna() | (values < judged.period_end)


def _not_before(judged: Judged, column: str, params: Mapping[str, Any]) -> pd.Series:
    values, other = judged.frame[column], judged.frame[params["other"]]
    return values.isna() | other.isna() | (values >= other)


def _not_both(judged: Judged, column: str, params: Mapping[str, Any]) -> pd.Series:
    return judged.frame[column].isna() | judged.frame[params["other"]].isna()


def _required_iff(judged: Judged, column: str, params: Mapping[str, Any]) -> pd.Series:
    return judged.frame[column].notna() == _holds(judged.frame, params["when"])


def _required_when(judged: Judged, column: str, params: Mapping[str, Any]) -> pd.Series:
    due = _holds(judged.frame, params["when"])
    if "unless" in params:
        due &= ~_holds(judged.frame, params["unless"])
    return ~due | judged.frame[column].notna()


def _only_when(judged: Judged, column: str, params: Mapping[str, Any]) -> pd.Series:
    return judged.frame[column].isna() | _holds(judged.frame, params["when"])


def _differs(judged: Judged, column: str, params: Mapping[str, Any]) -> pd.Series:
    return judged.frame[column].isna() | (judged.frame[column] != judged.frame[params["other"]])


def _reached_by(judged: Judged, column: str, params: Mapping[str, Any]) -> pd.Series:
    values, by = judged.frame[column], judged.frame[params["by"]]
    return by.isna() | (values.notna() & (values <= by))


def _at_least(judged: Judged, column: str, params: Mapping[str, Any]) -> pd.Series:
    highest = judged.frame[list(params["others"])].max(axis="columns")
    return _true_or_null(judged.frame[column] >= highest)


def _only_value(judged: Judged, column: str, params: Mapping[str, Any]) -> pd.Series:
    return ~_holds(judged.frame, params["when"]) | (judged.frame[column] == params["value"])


def _not_value(judged: Judged, column: str, params: Mapping[str, Any]) -> pd.Series:
    return ~_holds(judged.frame, params["when"]) | (judged.frame[column] != params["value"])


def _single_row(judged: Judged, _column: str, _: Mapping[str, Any]) -> pd.Series:
    return judged.frame.groupby("submission_id")["row_number"].transform("size") == 1


def _share_matches_rate(judged: Judged, column: str, _: Mapping[str, Any]) -> pd.Series:
    """Yen: share = selected × rate of the row's fiscal year, floored to 1,000; for components whose rate is verified."""
    frame = judged.frame
    rates = _verified_rates(judged, column.removesuffix("_share") + "_rate")
    available = frame["total_cost"] - frame["other_income"]
    amounts = pd.concat([frame["base_amount"], frame["eligible_actual"], available], axis="columns")
    selected = amounts.min(axis="columns", skipna=False).clip(lower=0)
    numerator = pd.Series([rate and rate[0] for rate in rates], index=frame.index, dtype="Int64")
    denominator = pd.Series([rate and rate[1] for rate in rates], index=frame.index, dtype="Int64")
    expected = (selected * numerator) // (denominator * 1000) * 1000
    return ~frame["stage"].isin(_STAGES_AT_RATE) | _true_or_null(frame[column] == expected)


def _verified_rates(judged: Judged, column: str) -> list[tuple[int, int] | None]:
    """Of each row, numerator and denominator of the rate of its component in its fiscal year, if it is verified."""
    years = judged.frame["period"].dt.year - (judged.frame["period"].dt.month < 4)
    by_year = {
        year: {
            component: Fraction(row[column]).as_integer_ratio()
            for component, row in rates_of_year(judged.grant_components, year).items()
            if row["verified"] == "yes"
        }
        for year in years.unique()
    }
    return [by_year[year].get(component) for year, component in zip(years, judged.frame["component"], strict=True)]


def _report_within_decision(judged: Judged, column: str, _: Mapping[str, Any]) -> pd.Series:
    """Yen: what is reported is no more than the latest decision of the same file, municipality and component."""
    frame = judged.frame[[*_ONE_COMPONENT, "stage", "dated_on", "seq", column]]
    decided = frame[frame["stage"].isin(_DECISIONS)]
    decided = decided.assign(order=decided["stage"].map({stage: at for at, stage in enumerate(_DECISIONS)}))
    latest = (
        decided.sort_values(["dated_on", "order", "seq"], na_position="first").groupby(_ONE_COMPONENT)[column].last()
    )
    rows = pd.MultiIndex.from_frame(frame[_ONE_COMPONENT])
    ceiling = pd.Series(latest.reindex(rows).array, index=frame.index)
    return (frame["stage"] != "report") | _true_or_null(frame[column] <= ceiling)


def _holds(frame: pd.DataFrame, condition: Mapping[str, Any]) -> pd.Series:
    values = frame[condition["column"]]
    if "present" in condition:
        return values.notna() == condition["present"]
    allowed: Iterable[Any] = condition["in"] if "in" in condition else [condition["equals"]]
    return values.isin(list(allowed)).astype("bool")


def _true_or_null(condition: pd.Series) -> pd.Series:
    """Nullable booleans: a null compared with anything is no breach of this rule."""
    return condition.fillna(True).astype("bool")


PREDICATES: Mapping[str, Predicate] = {
    "required": _required,
    "multiple_of": _multiple_of,
    "in_period": _in_period,
    "not_after_period": _not_after_period,
    "not_before": _not_before,
    "not_both": _not_both,
    "required_iff": _required_iff,
    "required_when": _required_when,
    "only_when": _only_when,
    "differs": _differs,
    "reached_by": _reached_by,
    "at_least": _at_least,
    "only_value": _only_value,
    "not_value": _not_value,
    "single_row": _single_row,
    "share_matches_rate": _share_matches_rate,
    "report_within_decision": _report_within_decision,
}
