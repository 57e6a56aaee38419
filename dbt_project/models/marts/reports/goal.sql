-- Grain: one goal of a municipality and fiscal year, in the order in which they are due.
select
    municipality_code,
    fiscal_year,
    cast(row_number() over (
        partition by municipality_code, fiscal_year order by due_ym, goal_indicator, target_value, goal_no
    ) as integer) as goal_order,
    goal_indicator,
    target_value,
    due_ym,
    evaluation_ym,
    measured_kpi,
    measured_value,
    is_reached
from {{ ref('fct_goal') }}
