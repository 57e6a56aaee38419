"""How far municipalities have come in setting up: windows and teams, goals, function checks."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.data.door import Edition, ask, ask_part

SETUP_KPI = "window_rate"


def without_window(edition: Edition, period: date) -> pd.DataFrame:
    """1 row = one municipality with neither window nor team at the end of the month.

    Columns: area_code, area_label_ja, region_label_ja, known (False: no report has ever come), as_of (date of its newest
    report), status_label_ja.
    """
    return ask(
        edition,
        """
        with newest as (
            select municipality_code, as_of, implementation_status from setup_history
            where as_of <= last_day($1::date)
            qualify row_number() over (partition by municipality_code order by as_of desc) = 1
        )
        select k.area_code, m.name as area_label_ja, r.label_ja as region_label_ja,
            newest.as_of is not null as known, newest.as_of, l.label_ja as status_label_ja
        from kpi_monthly as k
        join dim_municipality as m on m.municipality_code = k.area_code
        left join dim_area as r on r.area_level = 'region' and r.area_code = m.region_code
        left join newest on newest.municipality_code = k.area_code
        left join code_label as l on l.code_list = 'implementation_status' and l.code = newest.implementation_status
        where k.kpi_id = $2 and k.area_level = 'municipality' and k.period = $1 and k.numerator = 0
        order by k.area_code
        """,
        period,
        SETUP_KPI,
    )


def setup_history(edition: Edition, code: str) -> pd.DataFrame:
    """1 row = one report of a municipality, oldest first: as_of, status_label_ja, one_stop_window, window_since,
    coordination_team, team_since, operator_label_ja, planned_start_fy, plan_published."""
    return ask_part(
        edition,
        code,
        """
        select s.municipality_code as part, s.as_of, l.label_ja as status_label_ja, s.one_stop_window, s.window_since,
            s.coordination_team, s.team_since, o.label_ja as operator_label_ja, s.planned_start_fy, s.plan_published
        from setup_history as s
        left join code_label as l on l.code_list = 'implementation_status' and l.code = s.implementation_status
        left join code_label as o on o.code_list = 'operator' and o.code = s.operator
        order by s.as_of
        """,
    )


def setup_newest(edition: Edition, period: date) -> pd.DataFrame:
    """1 row = one municipality's newest report not after the end of the month: area_code, as_of, status_label_ja, status."""
    return ask(
        edition,
        """
        select s.municipality_code as area_code, s.as_of, l.label_ja as status_label_ja, s.implementation_status as status
        from setup_history as s
        left join code_label as l on l.code_list = 'implementation_status' and l.code = s.implementation_status
        where s.as_of <= last_day($1::date)
        qualify row_number() over (partition by s.municipality_code order by s.as_of desc) = 1
        order by s.municipality_code
        """,
        period,
    )


def goals(edition: Edition, code: str, fiscal_year: int) -> pd.DataFrame:
    """1 row = one goal of a municipality, in its own order: goal_order, indicator_label_ja, target_value, due_ym,
    measured_kpi_label_ja, measured_value, is_reached (null: not measured or not due), mark (x: hidden from this audience)."""
    return ask_part(
        edition,
        code,
        """
        select g.municipality_code as part, g.goal_order, l.label_ja as indicator_label_ja, g.target_value, g.due_ym,
            c.label_ja as measured_kpi_label_ja, g.measured_value, g.is_reached,
            case when c.counts_persons and (select audience from build) <> 'internal' then 'x' end as mark
        from goal as g
        left join code_label as l on l.code_list = 'goal_indicator' and l.code = g.goal_indicator
        left join kpi_catalogue as c on c.kpi_id = g.measured_kpi
        where g.fiscal_year = $1 order by g.goal_order
        """,
        fiscal_year,
    )


def function_profile(edition: Edition, code: str, fiscal_year: int) -> pd.DataFrame:
    """1 row = one function area of a municipality's own check: function_area_label_ja, items, rating (mean of 0–3),
    with_evidence (items)."""
    return ask_part(
        edition,
        code,
        """
        select f.municipality_code as part, l.label_ja as function_area_label_ja, count(*) as items, avg(f.self_rating) as rating,
            count(*) filter (where f.has_evidence) as with_evidence
        from function_profile as f
        left join code_label as l on l.code_list = 'function_area' and l.code = f.function_area
        where f.fiscal_year = $1 group by f.municipality_code, l.label_ja, l.sort order by l.sort
        """,
        fiscal_year,
    )


def window_projection(edition: Edition) -> pd.DataFrame:
    """1 row = one month from the data month to the target date: period, municipalities, lower_80, upper_80, lower_95,
    upper_95, method."""
    return ask(
        edition,
        """
        select period, municipalities, lower_80, upper_80, lower_95, upper_95, method
        from window_projection order by period
        """,
    )
