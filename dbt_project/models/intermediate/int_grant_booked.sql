-- Grain: one municipality × component × month of the grid: what the books of its fiscal year say by then.
with booked as (
    select
        grid_month.period,
        grant_row.municipality_code,
        grant_row.component,
        component.field,
        grant_row.stage,
        -- Latest = greatest of these.
        row(grant_row.dated_on, stage_code.sort, grant_row.seq) as place_in_time,
        grant_row.national_share + grant_row.prefectural_share as amount_yen,
        grant_row.prefectural_share
    from {{ ref('int_month') }} as grid_month
    inner join {{ ref('stg_grant') }} as grant_row
        on
            {{ fiscal_year_start('grid_month.period') }} = grant_row.period
            and {{ is_booked_by('grant_row.dated_on', 'grid_month.period') }}
    inner join {{ ref('stg_grant_component') }} as component on grant_row.component = component.component
    inner join {{ ref('stg_code') }} as stage_code
        on grant_row.stage = stage_code.code and stage_code.code_list = 'grant_stage'
)

select
    municipality_code,
    period,
    component,
    field,
    max_by(amount_yen, place_in_time) filter (where stage in ('decision', 'change')) as decided_yen,
    max_by(amount_yen, place_in_time) filter (where stage = 'final') as final_yen,
    coalesce(sum(amount_yen) filter (where stage = 'advance'), 0) as advanced_yen,
    coalesce(sum(prefectural_share) filter (where stage = 'advance'), 0) as advanced_prefectural_yen
from booked
group by municipality_code, period, component, field
