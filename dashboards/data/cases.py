"""Tables about cases and consultations, aggregates only: needs no scheme takes, the flow of support, meetings, referrals."""

from __future__ import annotations

import pandas as pd

from dashboards.data.door import Edition, ask_part


def gap_need_cross(edition: Edition, fiscal_year: int, area_code: str) -> pd.DataFrame:
    """1 row = reason × age band of one area and fiscal year, in code order: gap_reason, reason_label_ja, age_band,
    age_label_ja, consultations (Int64), completeness, mark."""
    return ask_part(
        edition,
        area_code,
        """
        select g.area_code as part, g.gap_reason, r.label_ja as reason_label_ja, g.age_band, a.label_ja as age_label_ja,
            g.consultations, g.completeness, g.mark
        from gap_need_cross as g
        left join code_label as r on r.code_list = 'gap_reason' and r.code = g.gap_reason
        left join code_label as a on a.code_list = 'age_band' and a.code = g.age_band
        where g.fiscal_year = $1 order by r.sort, a.sort
        """,
        fiscal_year,
    )


def support_flow(edition: Edition, fiscal_year: int, area_code: str) -> pd.DataFrame:
    """1 row = step between two stages of one area and fiscal year: from_stage, from_label_ja, from_sort, to_stage,
    to_label_ja, to_sort, cases (Int64), completeness, mark."""
    return ask_part(
        edition,
        area_code,
        """
        select f.area_code as part, f.from_stage, s.label_ja as from_label_ja, s.sort as from_sort, f.to_stage,
            t.label_ja as to_label_ja, t.sort as to_sort, f.cases, f.completeness, f.mark
        from support_flow as f
        left join code_label as s on s.code_list = 'support_stage' and s.code = f.from_stage
        left join code_label as t on t.code_list = 'support_stage' and t.code = f.to_stage
        where f.fiscal_year = $1 order by s.sort, t.sort
        """,
        fiscal_year,
    )


def support_duration(edition: Edition, area_code: str) -> pd.DataFrame:
    """1 row = months since acceptance (Kaplan–Meier, as of the data month): months, at_risk, events, censored (Int64),
    survival, lower_95, upper_95, mark. No row where an area has too few cases."""
    return ask_part(
        edition,
        area_code,
        """
        select area_code as part, months, at_risk, events, censored, survival, lower_95, upper_95, mark
        from support_duration order by months
        """,
    )


def meeting_presence(edition: Edition, fiscal_year: int, area_code: str) -> pd.DataFrame:
    """1 row = group of agencies in one area and fiscal year: agency_group, label_ja, meetings (attended), of_meetings
    (Int64), completeness, mark. 重層的支援会議."""
    return ask_part(
        edition,
        area_code,
        """
        select p.area_code as part, p.agency_group, coalesce(l.label_ja, p.agency_group) as label_ja, p.meetings, p.of_meetings,
            p.completeness, p.mark
        from meeting_presence as p
        left join code_label as l on l.code_list = 'agency_group' and l.code = p.agency_group
        where p.fiscal_year = $1 order by l.sort, p.agency_group
        """,
        fiscal_year,
    )


def referral_source(edition: Edition, fiscal_year: int, area_code: str) -> pd.DataFrame:
    """1 row = kind of agency in one area and fiscal year: agency_type, label_ja, cases (Int64), completeness, mark."""
    return ask_part(
        edition,
        area_code,
        """
        select s.area_code as part, s.agency_type, coalesce(l.label_ja, s.agency_type) as label_ja, s.cases,
            s.completeness, s.mark
        from referral_source as s
        left join code_label as l on l.code_list = 'agency_type' and l.code = s.agency_type
        where s.fiscal_year = $1 order by l.sort, s.agency_type
        """,
        fiscal_year,
    )
