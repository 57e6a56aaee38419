-- Grain: one municipality × fiscal year × component × stage.
-- The latest row of the stage; of advances the sum of the instalments.
with latest as (
    select
        *,
        sum(national_share) over every_row as national_total,
        sum(prefectural_share) over every_row as prefectural_total,
        sum(municipal_share) over every_row as municipal_total,
        count(*) over every_row as row_count
    from {{ ref('fct_grant') }}
    window every_row as (partition by municipality_code, fiscal_year, component, stage)
    qualify row_number() over (
        partition by municipality_code, fiscal_year, component, stage order by dated_on desc, seq desc
    ) = 1
)

select
    municipality_code,
    fiscal_year,
    component,
    stage,
    dated_on,
    cast(row_count as integer) as instalments,
    total_cost,
    other_income,
    base_amount,
    eligible_actual,
    greatest(least(base_amount, eligible_actual, total_cost - other_income), 0) as selected,
    cast(if(stage = 'advance', national_total, national_share) as bigint) as national_share,
    cast(if(stage = 'advance', prefectural_total, prefectural_share) as bigint) as prefectural_share,
    cast(if(stage = 'advance', municipal_total, municipal_share) as bigint) as municipal_share
from latest
