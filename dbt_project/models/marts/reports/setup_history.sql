-- Grain: one municipality and date (as_of).
select
    municipality_code,
    as_of,
    implementation_status,
    one_stop_window,
    window_since,
    coordination_team,
    team_since,
    operator,
    planned_start_fy,
    plan_published
from {{ ref('fct_setup') }}
