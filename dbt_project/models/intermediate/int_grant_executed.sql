-- Grain: one municipality × component × month of the grid, where both a final and a decided amount are known by then.
with known as (
    select
        grid_month.period,
        grant_row.municipality_code,
        grant_row.component,
        component.field,
        case when grant_row.stage = 'final' then 'final' else 'decided' end as amount_kind,
        grant_row.dated_on,
        stage_code.sort as stage_order,
        grant_row.seq,
        grant_row.national_share + grant_row.prefectural_share as amount_yen
    from {{ ref('int_month') }} as grid_month
    inner join {{ ref('stg_grant') }} as grant_row
        on {{ fiscal_year_start('grid_month.period') }} = grant_row.period
    inner join {{ ref('stg_grant_component') }} as component on grant_row.component = component.component
    inner join {{ ref('stg_code') }} as stage_code
        on grant_row.stage = stage_code.code and stage_code.code_list = 'grant_stage'
    where
        grant_row.stage in ('decision', 'change', 'final')
        -- The books of a year stay open after March (出納整理期間): its row uses all of the year that is known.
        and (grant_row.dated_on <= last_day(grid_month.period) or extract(month from grid_month.period) = 3)
),

latest as (
    select * from known
    qualify row_number() over (
        partition by period, municipality_code, component, amount_kind
        order by dated_on desc, stage_order desc, seq desc
    ) = 1
)

select
    final.municipality_code,
    final.period,
    final.component,
    final.field,
    final.amount_yen as final_yen,
    decided.amount_yen as decided_yen
from latest as final
inner join latest as decided
    on
        final.period = decided.period
        and final.municipality_code = decided.municipality_code
        and final.component = decided.component
        and decided.amount_kind = 'decided'
where final.amount_kind = 'final'
