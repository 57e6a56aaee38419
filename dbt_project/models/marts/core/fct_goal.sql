-- Grain: one goal of a municipality and fiscal year.
select
    municipality_code,
    {{ fiscal_year('period') }} as fiscal_year,
    goal_no,
    goal_indicator,
    target_value,
    due_ym,
    evaluation_ym
from {{ ref('stg_goal') }}
