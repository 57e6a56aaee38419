"""The builds that were published, as their manifest.json tells them, and how the figures of two of them differ."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import pandas as pd

from dashboards.data.door import Edition, ask_both


@dataclass(frozen=True)
class Warned:
    """A check that found something and did not stop the build: how often, and why it need not."""

    label_ja: str
    reason_ja: str
    failures: int


@dataclass(frozen=True)
class Build:
    """One build under `published/`. `as_of` is set where it replays what was known then."""

    build_id: str
    published_at: datetime
    data_month: date
    as_of: str | None
    checks_passed: int
    warned: tuple[Warned, ...]


def published_builds(edition: Edition) -> tuple[Build, ...]:
    """All builds of the home of an edition, newest first. One whose manifest cannot be read is left out, and what a
    killed run left half-published: its folder has another name than its build."""
    manifests = (edition.home / "published").glob("*/manifest.json")
    found = [_build(path, path.stat().st_mtime_ns) for path in manifests]
    return tuple(sorted((one for one in found if one), key=lambda one: (one.published_at, one.build_id), reverse=True))


@lru_cache(maxsize=256)
def _build(manifest: Path, _changed: int) -> Build | None:
    try:
        facts = json.loads(manifest.read_text(encoding="utf-8"))
        if facts["build_id"] != manifest.parent.name:
            return None
        checks = facts.get("checks") or {}
        return Build(
            build_id=str(facts["build_id"]),
            published_at=datetime.fromisoformat(facts["published_at"]),
            data_month=date.fromisoformat(facts["data_month"]),
            as_of=facts.get("as_of"),
            checks_passed=int(checks.get("passed", 0)),
            warned=tuple(
                Warned(str(one["label_ja"]), str(one["reason_ja"]), int(one["failures"]))
                for one in checks.get("warned", [])
            ),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def kpi_differences(before: Edition, edition: Edition) -> pd.DataFrame:
    """1 row = cell of `kpi_monthly` that two builds do not have alike, by KPI, area, month: kpi_id, kpi_label_ja, kind, what
    {new, gone, changed}, area_level, area_code, area_label_ja, period, and before_/after_ numerator, denominator (Int64),
    value, mark."""
    return ask_both(
        before,
        edition,
        """
        select coalesce(a.kpi_id, b.kpi_id) as kpi_id, coalesce(c.label_ja, d.label_ja, a.kpi_id, b.kpi_id) as kpi_label_ja,
            coalesce(c.kind, d.kind) as kind,
            case when b.kpi_id is null then 'new' when a.kpi_id is null then 'gone' else 'changed' end as what,
            coalesce(a.area_level, b.area_level) as area_level, coalesce(a.area_code, b.area_code) as area_code,
            coalesce(n.label_ja, a.area_code, b.area_code) as area_label_ja, coalesce(a.period, b.period) as period,
            b.numerator as before_numerator, b.denominator as before_denominator, b.value as before_value,
            b.mark as before_mark, a.numerator as after_numerator, a.denominator as after_denominator,
            a.value as after_value, a.mark as after_mark
        from kpi_monthly as a
        full join earlier.main.kpi_monthly as b
            on b.kpi_id = a.kpi_id and b.period = a.period and b.area_level = a.area_level and b.area_code = a.area_code
        left join kpi_catalogue as c on c.kpi_id = a.kpi_id
        left join earlier.main.kpi_catalogue as d on d.kpi_id = b.kpi_id
        left join dim_area as n
            on n.area_level = coalesce(a.area_level, b.area_level) and n.area_code = coalesce(a.area_code, b.area_code)
        where a.kpi_id is null or b.kpi_id is null or a.numerator is distinct from b.numerator
            or a.denominator is distinct from b.denominator or a.value is distinct from b.value
            or a.mark is distinct from b.mark
        order by coalesce(c.sort, d.sort), 1, 8 desc, coalesce(a.area_level, b.area_level) = 'municipality', n.sort, 6
        """,
    )
